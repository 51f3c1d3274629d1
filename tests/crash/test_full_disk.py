"""The disk refuses at every single call, one after the other: a clear error, nothing lost, the next run completes."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest

from archive.entry import with_digests
from archive.errors import KeepfolioError
from archive.fixity import verify
from archive.store import Archive
from tests.archive.make import BLOG, picture, post
from tests.archive.readers import assert_valid_for_others
from tests.crash.model import NoSync

CALLS = ("create", "write", "sync", "mkdir", "rename", "sync_folder")


class Refusing(NoSync):
    """Refuses the n-th call from when it is told to, and every later one of a disk that stays full."""

    def __init__(self) -> None:
        super().__init__()
        self.left = -1
        self.code = 0

    def refuse(self, after: int, code: int) -> None:
        self.left, self.code = after, code

    def __getattribute__(self, name: str):
        if name in CALLS:
            left = object.__getattribute__(self, "left")
            if left == 0:
                code = object.__getattribute__(self, "code")
                raise OSError(code, os.strerror(code))
            if left > 0:
                object.__setattr__(self, "left", left - 1)
        return object.__getattribute__(self, name)


def harvest(archive: Archive) -> None:
    with archive.append(BLOG) as writer:
        for number in range(3):
            file = picture(f"{number}.jpg")
            digest = writer.add_file(io.BytesIO(b"%d" % number * 100), name=file.name)
            writer.put(with_digests(post(number, files=(file,)), {file.url: digest}), b"{}")
            if number == 1:
                writer.seal({"at": number})
        writer.seal({"at": "end"})


def told_by(archive: Archive) -> KeepfolioError | None:
    try:
        harvest(archive)
    except KeepfolioError as problem:
        return problem
    return None


@pytest.mark.parametrize(
    ("code", "named"), [(errno.ENOSPC, "disk-full"), (errno.EIO, "disk-error")], ids=["full", "failing"]
)
def test_every_call_may_fail(tmp_path: Path, code: int, named: str):
    """Before the last call that matters: a KeepfolioError with its code and mend; afterwards the same run completes."""
    failed = 0
    for after in range(2000):
        disk = Refusing()
        root = tmp_path / f"archive-{after}"
        archive = Archive.create(root, tmp_path / "state", disk=disk)
        with archive.append(BLOG) as writer:
            writer.put(post(50), b"{}")
            writer.seal()
        disk.refuse(after, code)
        problem = told_by(archive)
        archive.close()
        if problem is None:
            break
        failed += 1
        assert problem.code == named
        assert problem.unchanged
        assert problem.mend
        with Archive.open(root, tmp_path / "state", disk=NoSync()) as again:
            assert verify(again).findings == ()
            assert again.by_key(post(50).keys[0])
            harvest(again)
            assert {s.entry.native_id for s in again.entries()} == {"0", "1", "2", "50"}
            assert verify(again).findings == ()
            if after % 10 == 0:
                assert_valid_for_others(root)
    assert failed > 40


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
