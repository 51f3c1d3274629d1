"""
Disks that refuse: at every single call one after the other, and a real small file system that fills up.

Everything here yields ``""`` for a refusal after which all is as it must be, and else what is wrong.
"""

from __future__ import annotations

import errno
import io
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.care.fixity import verify
from archive.entry import with_digests
from archive.errors import KeepfolioError
from archive.store import Archive
from tests.archive.make import BLOG, picture, post
from tests.crash.model import NoSync

CALLS = ("create", "write", "sync", "mkdir", "rename", "replace", "sync_folder")
CODES = {errno.ENOSPC: "disk-full", errno.EIO: "disk-error"}


class NoDisk(Exception):
    """This machine gives no small disk; why."""


class Refusing(NoSync):
    """Refuses the n-th call from when it is told to, and every later one: a disk that stays full."""

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


def at_every_call(base: Path, code: int) -> Iterator[str]:
    """Refuse the first call of a run, then the second one, and so on, until a run gets through."""
    for after in range(2000):
        root = base / "archive"
        disk = Refusing()
        archive = Archive.create(root, base / "state", disk=disk)
        with archive.append(BLOG) as writer:
            writer.put(post(50), b"{}")
            writer.seal()
        disk.refuse(after, code)
        problem = _told_by(archive)
        archive.close()
        if problem is None:
            return
        yield next(_wrong_words(problem, code), "") or next(_wrong_after(base), "")
        shutil.rmtree(root)
        shutil.rmtree(base / "state")
    yield "it never got through"


def fill(root: Path, state: Path) -> Iterator[str]:
    """Add to an archive on a real disk until that is full; make room, and go on."""
    chance = random.Random(5)
    ballast = root.parent / "ballast"
    ballast.write_bytes(bytes(1 << 19))
    kept: set[str] = set()
    with Archive.create(root, state) as archive:
        try:
            for number in range(10_000):
                with archive.append(BLOG) as writer:
                    file = picture(f"{number}.jpg")
                    digest = writer.add_file(io.BytesIO(chance.randbytes(chance.randrange(60_000))), name=file.name)
                    writer.put(with_digests(post(number, files=(file,)), {file.url: digest}), b"{}")
                    writer.seal()
                kept.add(str(number))
        except KeepfolioError as problem:
            if problem.code != "disk-full":
                yield f"not said to be full: {problem}"
    ballast.unlink()
    with Archive.open(root, state) as archive:
        yield "".join(f"{f.code} {f.path}; " for f in verify(archive, "deep").findings)
        lost = kept - {s.entry.native_id for s in archive.entries()}
        yield f"lost: {sorted(lost)}" if lost else ""
        with archive.append(BLOG) as writer:
            writer.put(post(99_999), b"{}")
            yield "" if writer.seal() else "cannot go on"


@contextmanager
def small_disk(base: Path, megabytes: int) -> Iterator[Path]:
    """
    Give a folder on a real ext4 of that size.

    Raises:
        NoDisk: This machine gives none.
    """
    image, small = base / "disk.img", base / "small"
    small.mkdir()
    with image.open("wb") as disk:
        disk.truncate(megabytes << 20)
    for command in (["mkfs.ext4", "-q", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(small)]):
        if not shutil.which(command[0]):
            raise NoDisk(f"no {command[0]}")
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise NoDisk(done.stderr.strip())
    try:
        yield small
    finally:
        subprocess.run(["umount", str(small)], check=True)


def _harvest(archive: Archive) -> None:
    with archive.append(BLOG) as writer:
        for number in range(3):
            file = picture(f"{number}.jpg")
            digest = writer.add_file(io.BytesIO(b"%d" % number * 100), name=file.name)
            writer.put(with_digests(post(number, files=(file,)), {file.url: digest}), b"{}")
            if number == 1:
                writer.seal({"at": number})
        writer.seal({"at": "end"})


def _told_by(archive: Archive) -> KeepfolioError | None:
    try:
        _harvest(archive)
    except KeepfolioError as problem:
        return problem
    return None


def _wrong_words(problem: KeepfolioError, code: int) -> Iterator[str]:
    if problem.code != CODES[code]:
        yield f"called {problem.code}: {problem}"
    if not problem.unchanged or not problem.mend:
        yield f"says not what is unchanged, or what mends it: {problem}"


def _wrong_after(base: Path) -> Iterator[str]:
    """Nothing was lost, and the same run completes."""
    with Archive.open(base / "archive", base / "state", disk=NoSync()) as again:
        yield from (f"visible and wrong: {finding}" for finding in verify(again).findings)
        if not again.by_key(post(50).keys[0]):
            yield "acknowledged and lost"
        _harvest(again)
        if {s.entry.native_id for s in again.entries()} != {"0", "1", "2", "50"}:
            yield "the next run did not complete it"
        yield from (f"wrong after the next run: {finding}" for finding in verify(again).findings)
