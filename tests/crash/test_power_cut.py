"""
Whatever moment the power goes, and whatever the disk forgets: the archive is valid and holds all that was acknowledged.

``KEEPFOLIO_CRASH_STATES`` sets how many states are drawn (a few hundred by default).
"""

from __future__ import annotations

import io
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.entry import with_digests
from archive.errors import KeepfolioError
from archive.fixity import verify
from archive.store import Archive
from tests.archive.make import BLOG, picture, post
from tests.crash.model import Call, Disk, NoSync, Recorder, lay_out

STATES = int(os.environ.get("KEEPFOLIO_CRASH_STATES", "400"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """What the real writer asks of a disk: an archive begun, and four parts with every kind of file."""
    base = tmp_path_factory.mktemp("recorded")
    disk = Recorder(base)
    archive = Archive.create(base / "archive", base / "state", disk=disk)
    disk.promise(frozenset({"archive"}))
    kept = {"archive"}
    with archive.append(BLOG) as writer:
        for round_ in range(4):
            file = picture(f"{round_}.jpg")
            digest = writer.add_file(io.BytesIO(b"bytes %d " % round_ * 50), name=file.name)
            entry = with_digests(post(round_, files=(file,)), {file.url: digest})
            comment = post(100 + round_, kind="comment", parent=entry.keys[0])
            again = post(0, title=f"Changed {round_}") if round_ == 2 else None
            for item in filter(None, (entry, comment, again)):
                writer.put(item, b'{"raw": "bytes"}' * 20)
                kept.add(item.keys[0])
            writer.seal({"round": round_})
            disk.promise(frozenset(kept))
    archive.close()
    return disk.calls


def explored(calls: list[Call], where: Path, states: int, ignore=lambda call: False) -> Iterator[str]:
    """Draw states at moments all along the recording; yield what is wrong with each, ``""`` for nothing."""
    chance = random.Random(20260301)
    each = -(-states // len(calls))
    share = states / (len(calls) * each)
    disk = Disk(ignore)
    for number, call in enumerate(calls):
        disk.run(call)
        if "archive" not in disk.promised or chance.random() > share:
            continue
        for _ in range(each):
            problem = look(disk, where, chance)
            yield f"after call {number} ({call.do} {call.path}): {problem}" if problem else ""


def look(disk: Disk, where: Path, chance: random.Random) -> str:
    """Open a drawn state as the next run would, and say what is wrong with it."""
    lay_out(disk.state(chance), where, chance)
    try:
        with Archive.open(where / "archive", where / "state", disk=NoSync()) as archive:
            report = verify(archive, "deep")
            if report.findings:
                return f"visible and wrong: {report.findings[0]}"
            missing = [k for k in disk.promised - {"archive"} if not _reads(archive, k)]
            if missing:
                return f"acknowledged and lost: {missing[0]}"
            if any((archive.root / "staging").iterdir()):
                return "left over in staging"
            with archive.append(BLOG) as writer:
                writer.put(post(77), b"{}")
                writer.seal()
            return "" if verify(archive).ok else "cannot go on"
    except KeepfolioError as problem:
        return f"{type(problem).__name__}: {problem}"
    finally:
        shutil.rmtree(where)


def _reads(archive: Archive, key: str) -> bool:
    stored = archive.by_key(key)
    if stored is None or not archive.raw(stored.id):
        return False
    return all(archive.read(f.sha256).read() for f in stored.entry.files if f.sha256)


@pytest.fixture
def drawn() -> Iterator[Path]:
    """Where states are laid out: in memory where that can be had, there are many."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder) / "drawn"


def test_no_power_cut_harms_the_archive(recorded, drawn):
    found = list(explored(recorded, drawn, STATES))
    assert len(found) >= STATES // 2
    assert [problem for problem in found if problem] == []


LEFT_OUT = {
    "files": lambda call: call.do == "sync" and "/staging/" in call.path,
    "the folders of a part": lambda call: call.do == "sync_folder" and "/staging/" in call.path,
    "the folder of all parts": lambda call: call.do == "sync_folder" and call.path.endswith("/segments"),
    "the new archive's folder": lambda call: call.do == "sync_folder" and call.path in {"archive", "."},
}


@pytest.mark.parametrize("left_out", LEFT_OUT)
def test_each_kind_of_sync_is_needed(recorded, drawn, left_out):
    """Leaving one kind out breaks something: the model bites."""
    assert any(explored(recorded, drawn, 2000, LEFT_OUT[left_out]))
