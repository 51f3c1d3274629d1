"""
A whole Senior CMALT with its first renewal, of an invented person: her folder, as if she had worked in it for years.

``content/`` is what she wrote; pictures, documents and the export of her blog are made when they are asked for.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import time_machine

from bridge.cli import main
from bridge.portfolio import licences, marks
from bridge.workspace import Workspace
from tests.sample import blog

CONTENT = Path(__file__).parent / "content"

HANDED_IN = datetime(2023, 3, 20, 10, tzinfo=UTC)
PASSED = datetime(2023, 5, 12, 10, tzinfo=UTC)
TODAY = datetime(2026, 6, 1, 12, tzinfo=UTC)

ORIGINAL = """\
portfolio: 5f2d1c64-9d0b-4e6e-8a37-3b8f0a4f9c01
framework: "cmalt"
pathway: "senior"
title: "Nerys Calloway: Senior CMALT portfolio"
state: draft
started: 2022-05-03
"""


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Sample:
    """The folder of Nerys Calloway, and a state of its own beside it."""

    root: Path
    state: Path

    @property
    def workspace(self) -> Workspace:
        """The folder, as the program sees it."""
        return Workspace(self.root)

    @property
    def ids(self) -> dict[str, str]:
        """The ids of all that is on the blog, by slug."""
        return blog.load(CONTENT / "blog.yaml").ids

    def run(self, *words: str, at: datetime = TODAY, typed: str = "") -> Said:
        """Run a command in the folder as its owner, at a moment, and return what it said."""
        out, err, keys = _stream(), _stream(), _stream(typed)
        with (
            time_machine.travel(at, tick=False),
            mock.patch.dict(os.environ, {"KEEPFOLIO_STATE": str(self.state)}),
            mock.patch("sys.stdin", keys),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main(["--workspace", str(self.root), *words])
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 0
        return Said(code, _text(out), _text(err))

    def done(self, *words: str, at: datetime = TODAY, typed: str = "") -> Said:
        """Do the same with a command that must succeed."""
        said = self.run(*words, at=at, typed=typed)
        assert said.code == 0, f"keepfolio {' '.join(words)}: code {said.code}\n{said.out}\n{said.err}"
        return said

    def copy(self, folder: Path) -> Sample:
        """Return the same in another folder, to be changed there."""
        shutil.copytree(self.root, folder / "calloway", symlinks=True)
        return Sample(folder / "calloway", folder / "calloway-state")

    @contextlib.contextmanager
    def here(self, at: datetime = TODAY) -> Iterator[Workspace]:
        """Call the program's own functions at a moment."""
        with time_machine.travel(at, tick=False), mock.patch.dict(os.environ, {"KEEPFOLIO_STATE": str(self.state)}):
            yield self.workspace


def _stream(text: str = "") -> io.TextIOWrapper:
    """Return what stands in for a terminal: text with bytes below it, as click expects."""
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode()


@functools.cache
def ready() -> Sample:
    """Return the sample, made once in a process; read it, and change a ``copy``."""
    folder = Path(tempfile.mkdtemp(prefix="sample-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return prepare(folder)


def prepare(folder: Path) -> Sample:
    """Return the folder as it is on the day of the renewal: original passed in 2023, review written and ready."""
    return review(passed(original(folder)))


def original(folder: Path) -> Sample:
    """Return the folder as it was when the first portfolio was ready to be handed in."""
    sample = Sample(folder / "calloway", folder / "calloway-state")
    (sample.root / "portfolio" / "original").mkdir(parents=True)
    (sample.root / "exports").mkdir()
    shutil.copyfile(CONTENT / "config.yaml", sample.root / "config.yaml")
    shutil.copyfile(CONTENT / "people.yaml", sample.root / "portfolio" / "people.yaml")
    (sample.root / "portfolio" / "original" / "generation.yaml").write_text(ORIGINAL, encoding="utf-8")
    _write(sample, "original")
    _export(sample, HANDED_IN)
    sample.done("harvest", at=HANDED_IN)
    _mark(sample)
    return sample


def passed(sample: Sample) -> Sample:
    """Hand the first portfolio in, and let it pass."""
    sample.done("publish", "assessors", "--yes", at=HANDED_IN)
    sample.done("submit", "--to", "assessors", at=HANDED_IN)
    sample.done("result", "--comment", "2b", "Swithinbank did this, too: compare.", "--by", "A mentor", at=HANDED_IN)
    sample.done("result", "pass", at=PASSED)
    return sample


def review(sample: Sample) -> Sample:
    """Let three years pass, renew, and write the review."""
    _export(sample, TODAY)
    sample.done("harvest")
    _mark(sample)
    sample.done("renew")
    _write(sample, "review-1")
    record = (CONTENT / "cpd.csv").read_text(encoding="utf-8")
    (sample.root / "portfolio" / "cpd.csv").write_text(_named(record, sample.ids), encoding="utf-8")
    return sample


def _export(sample: Sample, at: datetime) -> None:
    """Export the blog as it was then."""
    written = blog.load(CONTENT / "blog.yaml").made(at.replace(tzinfo=None))
    blog.write(written, sample.root / "exports", at)


def _mark(sample: Sample) -> None:
    """Say of each file who may see it and who made it: both are open questions until she answers them."""
    seen, made = [], ["pictures:"]
    for one in blog.load(CONTENT / "blog.yaml").things:
        entry = sample.ids[one["slug"]]
        if "mark" in one:
            seen.append(f"{entry}: {one['mark']}    # {one['title']}")
        if one["type"] == "attachment" and one["kind"] != "pdf":
            said = f'credit: "{one["credit"]}"' if "credit" in one else "mine: true"
            made += [f"  - entry: {entry}    # {one['title']}", f"    {said}"]
    for name, lines in ((marks.FILE_NAME, seen), (licences.FILE_NAME, made)):
        (sample.root / "portfolio" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write(sample: Sample, generation: str) -> None:
    """Put her section files and themes into the folder, in place of what a command laid out for her."""
    ids = sample.ids
    for source in sorted((CONTENT / generation).rglob("*.md")):
        target = sample.root / "portfolio" / generation / source.relative_to(CONTENT / generation)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_named(source.read_text(encoding="utf-8"), ids), encoding="utf-8")


def _named(text: str, ids: dict[str, str]) -> str:
    """Return a text with the ids of things in the place of their slugs: ``@exit-test``."""
    return re.sub(r"@([a-z][a-z0-9-]+)", lambda found: ids[found[1]], text)
