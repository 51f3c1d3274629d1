"""Any history survives being handed over, and any two become one without a loss."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.chronicle import Kept
from archive.entry import Fidelity, with_digests
from archive.export import bagit, ocfl
from archive.identity import entry_id
from archive.importing.foreign import recognise
from archive.importing.taking import take
from archive.store import Archive, Failure
from tests.archive.histories import lines_of, told
from tests.archive.make import BLOG, FEED, picture, post, raw_of

NUMBERS = st.integers(1, 3)
PUTS = st.tuples(
    st.just("put"),
    st.sampled_from([BLOG, FEED]),
    NUMBERS,
    st.sampled_from([("a",), ("a", "b"), ("b",), ("b", "a")]),
    st.sampled_from(["One", "Two", "Three"]),
    st.sampled_from([b"", b"first bytes", b"other bytes"]),
    st.sampled_from([Fidelity.FULL, Fidelity.FEED]),
    st.sampled_from([None, 1, 2, 3]),
)
OTHERS = st.tuples(st.sampled_from(["delete", "redact", "forget", "fail", "clear", "file", "seal"]), NUMBERS)
STEPS = st.lists(st.one_of(PUTS, PUTS, OTHERS), max_size=10)


@contextmanager
def shelf() -> Iterator[Callable[[str], Archive]]:
    """Give a maker of archives whose folders are gone afterwards."""
    folder = Path(tempfile.mkdtemp())
    with ExitStack() as closing:
        closing.callback(shutil.rmtree, folder)
        yield lambda name: closing.enter_context(Archive.create(folder / name, folder / "state"))


def play(archive: Archive, steps: list[Any]) -> None:
    """Do what the steps say; those that make no sense do nothing."""
    for step in steps:
        with archive.append(step[1] if step[0] == "put" else BLOG) as writer:
            if step[0] == "put":
                _, _, number, tails, title, data, fidelity, day = step
                image = picture(f"{number}.jpg")
                updated = None if day is None else post(day).published
                entry = post(
                    number, keys=tuple(f"{tail}:{number}" for tail in tails), title=title, fidelity=fidelity,
                    files=(image,), updated=updated,
                )  # fmt: skip
                if data:
                    entry = with_digests(entry, {image.url: writer.add_file(io.BytesIO(data), name=image.name)})
                writer.put(entry, raw_of(entry))
            else:
                _other(archive, writer, *step)
            writer.seal()


def _other(archive: Archive, writer: Any, what: str, number: int) -> None:
    entry = archive.index.id_of(f"a:{number}") or archive.index.id_of(f"b:{number}")
    if what == "delete" and entry:
        writer.tombstone(entry, "404")
    elif what in {"redact", "forget"} and entry:
        writer.redact(entry, for_good=what == "forget")
    elif what == "fail":
        writer.fail(Failure("blog", f"file {number}", "404", key=f"a:{number}"))
    elif what == "clear":
        writer.clear(Failure("blog", f"file {number}", ""))
    elif what == "file":
        writer.add_file(io.BytesIO(b"nobody's %d" % number), name="nobody.bin")


@settings(max_examples=25)
@given(STEPS)
def test_any_history_is_handed_over_whole(steps: list[Any]) -> None:
    """As a bag, as objects, and as a folder: the copy tells what the archive told; once more changes nothing."""
    with shelf() as make:
        archive = make("archive")
        play(archive, steps)
        place = archive.root.parent
        forms = {
            "bag": bagit.write(archive, place / "bag").path,
            "ocfl": ocfl.write(archive, place / "ocfl").path,
            "folder": archive.root,
        }
        expected = told_of_kept(archive)
        for form, path in forms.items():
            copy = make(f"copy-{form}")
            take(copy, recognise(path))
            assert told_of_kept(copy) == expected, form
            before = lines_of(copy)
            take(copy, recognise(path))
            assert lines_of(copy) == before, form


@settings(max_examples=25)
@given(STEPS, STEPS)
def test_any_two_histories_become_one(mine_steps: list[Any], their_steps: list[Any]) -> None:
    """Every version and every file of both is there, but for what was removed; once more changes nothing."""
    with shelf() as make:
        mine, theirs = make("mine"), make("theirs")
        play(mine, mine_steps)
        play(theirs, their_steps)
        removed = {i for line in lines_of(mine) if line["event"] == "redaction" for i in line["ids"]}
        wanted = Held(mine).together(Held(theirs, removed))
        take(mine, recognise(theirs.root))
        after = Held(mine)
        assert wanted.fingerprints <= after.fingerprints
        assert wanted.digests <= after.digests
        assert all(mine.by_key(key) for key in wanted.keys)
        before, said = lines_of(mine), told(mine)
        take(mine, recognise(theirs.root))
        assert lines_of(mine) == before
        mine.reindex()
        assert told(mine) == said


def told_of_kept(archive: Archive) -> dict[str, Any]:
    """What an archive tells, without files that only what was removed needed: they are not handed over."""
    said = told(archive)
    needed = {f["sha256"] for line in _live_lines(archive) for f in line.get("files", ())}
    said["digests"] = [d for d in said["digests"] if d in needed]
    return said


def _live_lines(archive: Archive) -> list[dict[str, Any]]:
    return [dict(line.value) for line in Kept(archive.root).lines()]


class Held:
    """What may not be lost of an archive: versions, files and keys; without what was removed elsewhere."""

    def __init__(self, archive: Archive, removed: Collection[str] = ()) -> None:
        self.fingerprints: set[str] = set()
        self.digests: set[str] = set()
        self.keys: set[str] = set()
        for line in _live_lines(archive):
            ids = {line["id"], *map(entry_id, line["entry"]["keys"])} if "entry" in line else set()
            if ids and ids.isdisjoint(removed):
                self.fingerprints.add(line["fingerprint"])
                self.digests |= {f["sha256"] for f in line.get("files", ())}
                self.keys |= set(line["entry"]["keys"])

    def together(self, other: Held) -> Held:
        self.fingerprints |= other.fingerprints
        self.digests |= other.digests
        self.keys |= other.keys
        return self
