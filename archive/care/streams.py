"""New files on a disk, hashed while they are written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, cast

from archive.care.places import PIECE, Through
from archive.entry import Digest
from archive.filesystem import FileSystem


class Out:
    """A new file on a disk, hashed while it is written; it keeps an error that the sealing program swallows."""

    def __init__(self, disk: FileSystem, path: Path) -> None:
        self._disk = disk
        self._descriptor = disk.create(path)
        self._hash = hashlib.sha256()
        self._problem: BaseException | None = None

    @property
    def digest(self) -> Digest:
        return self._hash.hexdigest()

    def take(self, source: BinaryIO, seal: Through | None) -> None:
        try:
            if seal:
                seal(source, cast("BinaryIO", self))
            else:
                while piece := source.read(PIECE):
                    self.write(piece)
        finally:
            if self._problem:
                raise self._problem
        self._disk.sync(self._descriptor)

    def write(self, data: bytes) -> int:
        try:
            self._disk.write(self._descriptor, data)
        except BaseException as problem:
            self._problem = self._problem or problem
            raise
        self._hash.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        self._disk.close(self._descriptor)


def copy_stream(disk: FileSystem, source: BinaryIO, target: Path, *, sync: bool = False) -> Digest:
    """Write a stream as a new file and return its digest; without ``sync`` bringing it to the disk is still to do."""
    digest = hashlib.sha256()
    descriptor = disk.create(target)
    try:
        while piece := source.read(PIECE):
            digest.update(piece)
            disk.write(descriptor, piece)
        if sync:
            disk.sync(descriptor)
    finally:
        disk.close(descriptor)
    return digest.hexdigest()


def make_folders(disk: FileSystem, staged: Path, listed: Iterable[str]) -> list[Path]:
    """Make the folders of a part, each before those in it, and return them in that order."""
    above = {f"{staged}/{path}".rpartition("/")[0] for path in listed}
    wanted = {staged, *(p for name in above for p in (Path(name), *Path(name).parents) if staged in p.parents)}
    made = sorted(wanted, key=lambda path: len(path.parts))
    for folder in made:
        disk.mkdir(folder)
    return made
