"""
What leaves an archive whole, in forms that have a standard: ``bagit`` and ``ocfl``.

Both are written by ``Tree``: streaming, private, and on the disk when they are said to be done.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from archive import naming
from archive.entry import Digest
from archive.filesystem import FileSystem, explained

_PIECE = 1 << 20
_WAITING = 4 << 20
_TOGETHER = 512


@dataclass(frozen=True)
class Written:
    """What was exported, in numbers: entries with anything told of them, different files, and all bytes."""

    path: Path
    entries: int
    files: int
    bytes: int


@dataclass
class _Grown:
    """A file that is written a piece at a time."""

    size: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    waiting: bytearray = field(default_factory=bytearray)
    is_made: bool = False


class Tree:
    """A folder in the making. Every file is hashed on its way; ``finish`` returns when all of it is on the disk."""

    def __init__(self, root: Path, disk: FileSystem) -> None:
        self.root = root
        self.bytes = 0
        self._disk = disk
        self._folders: dict[str, None] = {}
        self._grown: dict[str, _Grown] = {}
        self._waiting = 0
        self._unsynced: list[str] = []
        self._names: dict[str, int] = {}

    def free_name(self, path: str) -> str:
        """Return the path, or with a number if it was given before; two calls never give the same."""
        number = self._names[path] = self._names.get(path, 0) + 1
        return path if number == 1 else self.free_name(naming.numbered(path, number))

    def write(self, path: str, data: bytes) -> Digest:
        """Make a file."""
        self.folder(path.rpartition("/")[0])
        self._disk.write_file(self.root / path, data, sync=False)
        self._written(path, len(data))
        return hashlib.sha256(data).hexdigest()

    def copy(self, path: str, stream: BinaryIO) -> Digest:
        """Make a file of what a stream gives; returns its digest, which the caller compares."""
        self.folder(path.rpartition("/")[0])
        digest, size = hashlib.sha256(), 0
        descriptor = self._disk.create(self.root / path)
        try:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                self._disk.write(descriptor, piece)
        finally:
            self._disk.close(descriptor)
        self._written(path, size)
        return digest.hexdigest()

    def append(self, path: str, data: bytes) -> int:
        """Add to a file that grows, and return where that begins; ``grown`` gives its digest in the end."""
        file = self._grown.setdefault(path, _Grown())
        begins = file.size
        file.digest.update(data)
        file.waiting += data
        file.size += len(data)
        self._waiting += len(data)
        if self._waiting >= _WAITING:
            self._flush()
        return begins

    def grown(self) -> dict[str, Digest]:
        """Return the files that were appended to, and their digests so far."""
        self._flush()
        return {path: file.digest.hexdigest() for path, file in self._grown.items()}

    def folder(self, path: str) -> None:
        """Make a folder, and those above it, once."""
        if path in self._folders or not path:
            return
        self.folder(path.rpartition("/")[0])
        self._disk.mkdir(self.root / path)
        self._folders[path] = None

    def finish(self) -> None:
        """Return when everything is on the disk; the deepest folders first."""
        self._flush()
        self._sync_files()
        deepest_first = sorted(self._folders, key=lambda f: -f.count("/"))
        with ThreadPoolExecutor(8, thread_name_prefix="sync") as pool:
            for _ in pool.map(lambda folder: self._disk.sync_folder(self.root / folder), deepest_first):
                pass  # an error of any is raised here
        self._disk.sync_folder(self.root)
        self._disk.sync_folder(self.root.parent)

    def _flush(self) -> None:
        for path, file in self._grown.items():
            if not file.is_made:
                self.write(path, bytes(file.waiting))
                file.is_made = True
            elif file.waiting:
                descriptor = os.open(self.root / path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
                try:
                    self._disk.write(descriptor, bytes(file.waiting))
                finally:
                    self._disk.close(descriptor)
                self._written(path, len(file.waiting))
            file.waiting.clear()
        self._waiting = 0

    def _written(self, path: str, size: int) -> None:
        self.bytes += size
        self._unsynced.append(f"{self.root}/{path}")
        if len(self._unsynced) >= _TOGETHER:
            self._sync_files()

    def _sync_files(self) -> None:
        waiting, self._unsynced = dict.fromkeys(self._unsynced), []
        self._disk.sync_files(waiting)


@contextmanager
def growing(out: Path, disk: FileSystem) -> Iterator[Tree]:
    """
    Give a tree in a folder that is empty or does not exist; what is not finished is removed.

    Raises:
        KeepfolioError: The disk is full, or does not let us.
    """
    with explained(out):
        was_there = out.exists()
        if not was_there:
            out.parent.mkdir(parents=True, exist_ok=True)
            disk.mkdir(out)
        try:
            tree = Tree(out, disk)
            yield tree
            tree.finish()
        except BaseException:
            with suppress(OSError):
                _clear(out, disk, itself=not was_there)
            raise


def _clear(out: Path, disk: FileSystem, *, itself: bool) -> None:
    for item in [out] if itself else list(out.iterdir()):
        if item.is_dir():
            disk.remove_tree(item)
        else:
            disk.remove(item)
