"""Where a page finds the bytes of files: in the archive beside it, or in copies that the site brings along."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from archive import naming
from archive.entry import Digest
from archive.errors import ArchiveDamaged
from archive.segment import digest_of
from archive.store import Archive
from bridge.browse.folder import Made, Task
from bridge.browse.places import Places
from bridge.render.page import OFFERED

_PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "ico"})
_SHOWN = _PICTURES | {"svg"}
"""Endings of what ``<img>`` shows; a drawing runs no script there, but would as a page of its own."""

_LINKED = OFFERED | _PICTURES | {"tif", "tiff", "heic", "heif", "json", "jsonl", "yaml", "yml", "odg", "tex", "flac"}
"""Endings of files that a browser shows or saves, and never runs."""


class Shelf:
    """
    The files of a site.

    ``beside``: the site lies in the archive's own folder and links into it. Elsewhere every file is copied, so that the
    folder stands alone. All addresses are from the site's folder on.
    """

    def __init__(self, archive: Archive, places: Places, *, beside: bool) -> None:
        self.beside = beside
        self._archive = archive
        self._places = places

    def place(self, digest: Digest) -> str:
        """Return where the bytes lie, from the archive's folder on; ``""`` when they are not held."""
        path = self._path(digest)
        return path.relative_to(self._archive.root).as_posix() if path else ""

    def link(self, digest: Digest) -> str:
        """Return the address to open a file by; ``""`` for one that a browser might run, or that is not held."""
        address = self._address(digest)
        return address if _ending(address) in _LINKED else ""

    def may_run(self, place: str) -> bool:
        """Say whether a browser might run a file of the archive, by its path in it."""
        return _ending(place) not in _LINKED

    def picture(self, digest: Digest) -> str:
        """Return the address to show a picture by; ``""`` for what is none."""
        address = self._address(digest)
        return address if _ending(address) in _SHOWN else ""

    def raw(self, place: str) -> str:
        """Return the address of a file of the archive by its path in it; ``""`` where it cannot be linked."""
        return f"../{place}" if self.beside and _ending(place) in {"json", "jsonl", "txt"} else ""

    def readable(self, place: str) -> str:
        """Return the address of a readable page of the archive: it runs nothing by its own head."""
        return f"../{place}" if self.beside and _ending(place) == "html" else ""

    def copies(self) -> list[Task]:
        """Return what must be copied for the folder to stand alone."""
        if self.beside:
            return []
        return [self._copy(digest, name) for digest in self._places.held if (name := self._address(digest))]

    def _copy(self, digest: Digest, name: str) -> Task:
        def make() -> Made:
            path = self._path(digest)
            found = path is not None and path.is_file() and digest_of(str(path)) == digest
            return Made({name: path} if path and found else {}, whole=found)

        return Task(name, "copy", (name,), make)

    def _address(self, digest: Digest) -> str:
        if self.beside:
            place = self.place(digest)
            return f"../{place}" if place else ""
        if digest not in self._places.held:  # a file of an earlier version: it stays in the archive
            return ""
        path = PurePosixPath(self._places.held[digest].replace("\\", "/"))
        ending = naming.slug(path.suffix, 8)
        if ending not in _LINKED | _SHOWN:
            ending = f"{ending}.txt" if ending else "bin"  # as text it can be read, and nothing runs it
        words = "-".join(word for word in (naming.slug(path.stem), digest[:12]) if word)
        return f"files/{digest[:2]}/{words}.{ending}"

    def _path(self, digest: Digest) -> Path | None:
        try:
            return self._archive.path_of(digest)
        except ArchiveDamaged:
            return None


def _ending(address: str) -> str:
    return PurePosixPath(address).suffix.lower().lstrip(".")
