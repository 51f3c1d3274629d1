"""
The one seam between the archive and a disk: every call that changes a file or folder goes through here.

A crash test puts a recording file system in its place; nothing else of the archive writes.
Folders are made 0700 and files 0600: the archive is its owner's.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

from archive.errors import KeepfolioError

Place: TypeAlias = str | os.PathLike[str]

_CANNOT_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}
_RENAME_TRIES = 10
_SYNCS_AT_ONCE = 8


class FileSystem:
    """The real disk. ``synced`` turns false when the disk does not know how to sync: noted in what is sealed there."""

    def __init__(self) -> None:
        self.synced = True

    def create(self, path: Place) -> int:
        """Make a new file for writing and return its descriptor; an existing one is an error."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)

    def write(self, descriptor: int, data: bytes | memoryview) -> None:
        """Write all of it."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        """Return when the bytes are on the disk. An error means that they are lost: never try the same file again."""
        try:
            _full_sync(descriptor)
        except OSError as problem:
            self._tolerate(problem)

    def sync_file(self, path: Place) -> None:
        """Return when a file that was written and closed is on the disk."""
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))  # Windows syncs only what may be written
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def sync_files(self, paths: Iterable[Place]) -> None:
        """Return when all these files are on the disk. Several at once: it writes many at nearly the price of one."""
        with ThreadPoolExecutor(_SYNCS_AT_ONCE, thread_name_prefix="sync") as pool:
            for _ in pool.map(self.sync_file, paths):
                pass  # an error of any is raised here

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def mkdir(self, path: Place) -> None:
        Path(path).mkdir(0o700)

    def rename(self, source: Place, target: Place) -> None:
        """
        Move a file or folder to a name that is free.

        On Windows a virus scanner or indexer may hold what was just written: tried again for about five seconds.
        """
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        self._rename(source, target)

    def replace(self, source: Place, target: Place) -> None:
        """Move a file over another one."""
        self._rename(source, target)

    def sync_folder(self, path: Place) -> None:
        """Return when the names in the folder are on the disk. Windows does so by itself."""
        if os.name == "nt":
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, path: Place) -> None:
        Path(path).unlink()

    def remove_tree(self, path: Place) -> None:
        shutil.rmtree(path)

    def write_file(self, path: Place, data: bytes, *, sync: bool = True) -> None:
        """Make a file with these bytes, and return when they are on the disk; without ``sync`` that is still to do."""
        descriptor = self.create(path)
        try:
            self.write(descriptor, data)
            if sync:
                self.sync(descriptor)
        finally:
            self.close(descriptor)

    def write_over(self, path: Path, data: bytes) -> None:
        """Put these bytes in a file's place, so that a crash leaves the old or the new ones."""
        beside = path.with_name(f"{path.name}.{os.getpid()}.new")
        with contextlib.suppress(FileNotFoundError):
            self.remove(beside)
        self.write_file(beside, data)
        self.replace(beside, path)
        self.sync_folder(path.parent)

    def _rename(self, source: Place, target: Place) -> None:
        for attempt in range(1, _RENAME_TRIES + 1):
            try:
                Path(source).replace(target)
            except PermissionError:
                if os.name != "nt" or attempt == _RENAME_TRIES:
                    raise
                time.sleep(0.1 * attempt)
            else:
                return

    def _tolerate(self, problem: OSError) -> None:
        if problem.errno not in _CANNOT_SYNC:
            raise problem
        self.synced = False


def _full_sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        # fsync there hands the bytes to the drive and does not wait for it
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


@contextlib.contextmanager
def explained(where: Path) -> Iterator[None]:
    """Turn the disk's own errors into words for the owner; ``where`` is the folder that was being written."""
    try:
        yield
    except OSError as problem:
        raise explanation(problem, where) from problem


def explanation(problem: OSError, where: Path) -> KeepfolioError:
    """Return the error that tells the owner what the disk said."""
    unchanged = "Everything that was in your archive before is as it was."
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return KeepfolioError(
            f"The disk is full: {where} could not be written.",
            code="disk-full",
            unchanged=unchanged,
            mend="Make room on that disk, then run the same command again.",
        )
    if problem.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return KeepfolioError(
            f"The folder {problem.filename or where} may not be written: {problem.strerror}.",
            code="read-only",
            unchanged=unchanged,
            mend=f"Allow writing to {where}, or choose another folder with --workspace.",
        )
    return KeepfolioError(
        f"The disk failed while {where} was being written: {problem.strerror or problem}.",
        code="disk-error",
        unchanged=unchanged,
        mend="Check the disk, run `keepfolio verify`, then the same command again.",
    )
