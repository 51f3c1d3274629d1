"""The disk refuses at every single call, one after the other: a clear error, nothing lost, the next run completes."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from archive.errors import KeepfolioError
from archive.store import Archive
from tests.archive.make import BLOG, post
from tests.crash.refusals import CODES, NoDisk, Refusing, at_every_call, fill, small_disk


@pytest.mark.parametrize("code", CODES, ids=CODES.values())
def test_every_call_may_fail(tmp_path: Path, code: int):
    """Before the last call that matters: a KeepfolioError with its code and mend; afterwards the same run completes."""
    found = list(at_every_call(tmp_path, code))
    assert len(found) > 40
    assert [wrong for wrong in found if wrong] == []


def test_a_real_disk_fills_up(tmp_path: Path):
    """On a real small file system: a clear error, a valid archive, and it goes on once there is room."""
    try:
        with small_disk(tmp_path, 3) as small:
            assert [wrong for wrong in fill(small / "archive", tmp_path / "state") if wrong] == []
    except NoDisk as why:
        pytest.skip(f"no small disk here: {why}")


def test_a_failed_run_writes_no_more(tmp_path: Path):
    """After the disk refused, the writer is closed: what comes next cannot be half of something."""
    disk = Refusing()
    archive = Archive.create(tmp_path / "archive", tmp_path / "state", disk=disk)
    with archive.append(BLOG) as writer:
        disk.refuse(1, errno.ENOSPC)
        with pytest.raises(KeepfolioError):
            writer.put(post(1), b"{}")
        disk.refuse(-1, 0)
        with pytest.raises(KeepfolioError, match="disk is full"):
            writer.put(post(2), b"{}")
        with pytest.raises(KeepfolioError, match="disk is full"):
            writer.seal()
    assert list((archive.root / "staging").iterdir()) == []
    archive.close()


def test_no_archive_is_begun_on_a_full_disk(tmp_path: Path):
    disk = Refusing()
    disk.refuse(3, errno.ENOSPC)
    with pytest.raises(KeepfolioError) as full:
        Archive.create(tmp_path / "archive", tmp_path / "state", disk=disk)
    assert full.value.code == "disk-full"
