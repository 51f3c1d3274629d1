"""The folder that an export fills: safe names, each once; files copied once; what was written, counted."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from posixpath import relpath
from typing import TYPE_CHECKING, BinaryIO

from archive import naming
from archive.entry import Digest, Entry
from archive.errors import ArchiveDamaged

if TYPE_CHECKING:
    from archive.store import Archive

_LONGEST = 255  # bytes of a name, on every file system
_ODD = re.compile(r'[\x00-\x1f<>:"|?*\\]')


@dataclass
class Folder:
    """Files in folders only the owner may read. Places are relative, with ``/``."""

    root: Path
    archive: Archive
    media: int = 0
    bytes: int = 0
    damaged: set[Digest] = field(default_factory=set)
    _taken: set[str] = field(default_factory=lambda: {"index.md"})
    _media: dict[Digest, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def place_of(self, entry: Entry) -> str:
        """Take a place for an entry: ``posts/2024/2024-03-04-on-moodle-1042.md``."""
        stem = naming.entry_stem("", entry.kind, entry.published, entry.title, entry.native_id)
        return self._free(f"{stem.removeprefix('data/')}.md")

    def media_of(self, digest: Digest, name: str, moment: datetime) -> str:
        """Bring the bytes of a file and return its place; ``""`` where they are not held."""
        if digest not in self._media:
            self._media[digest] = self._brought(digest, name, moment)
        return self._media[digest]

    def put(self, place: str, text: str) -> None:
        """Write a text."""
        with self._opened(place) as out:
            self.bytes += out.write(text.encode("utf-8", "replace"))

    def copy(self, place: str, digest: Digest) -> None:
        """
        Write the bytes of a digest, as a stream.

        Raises:
            FileExistsError: There is something of that name.

            KeyError: They are not held.

            ArchiveDamaged: They are missing, or not what was stored; nothing is left of them, and it is noted.
        """
        try:
            source = self.archive.read(digest)
        except ArchiveDamaged:
            self.damaged.add(digest)
            raise
        with source, self._opened(place) as out:
            try:
                shutil.copyfileobj(source, out)
            except ArchiveDamaged:
                self.damaged.add(digest)
                (self.root / place).unlink()
                raise
            self.bytes += out.tell()
        self.media += 1

    def _brought(self, digest: Digest, name: str, moment: datetime) -> str:
        place = self._free(naming.file_path("", digest, name, moment).removeprefix("data/"))
        try:
            self.copy(place, digest)
        except (KeyError, ArchiveDamaged):
            return ""
        return place

    def _free(self, wanted: str) -> str:
        place, number = wanted, 1
        while place in self._taken:
            number += 1
            place = naming.numbered(wanted, number)
        self._taken.add(place)
        return place

    def _opened(self, place: str) -> BinaryIO:
        path = self.root.joinpath(*place.split("/"))
        for folder in reversed(path.parents[: len(PurePosixPath(place).parts) - 1]):
            folder.mkdir(exist_ok=True, mode=0o700)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def from_file(place: str, seen_from: str) -> str:
    """Return the relative link from one place to another."""
    return relpath(place, PurePosixPath(seen_from).parent.as_posix())


def is_plain(name: str) -> bool:
    """Tell whether a name from an archive may be written as it is: it leads nowhere but into the folder."""
    parts = name.split("/")
    fit = all(0 < len(part.encode("utf-8", "replace")) <= _LONGEST for part in parts)
    return fit and not _ODD.search(name) and not any(part.endswith((".", " ")) for part in parts)
