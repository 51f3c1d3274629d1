"""The files of an exported blog: below ``uploads/`` as WordPress keeps them, each under an address to fetch it from."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from archive import naming
from archive.entry import Digest, MediaFile
from archive.errors import ArchiveDamaged

if TYPE_CHECKING:
    from archive.store import Archive

NOWHERE = "https://keepfolio.invalid/uploads"
"""Stands for an address where there is none yet; the name never exists."""

_MONTH = re.compile(r"/(\d{4}/(?:0[1-9]|1[0-2]))/[^/]*\Z")
_PLAIN = re.compile(r'[^\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]+(?<![. ])\Z')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)
_LONGEST = 120  # bytes: with the folder above it stays within what every file system takes
_CHUNK = 1 << 20


@dataclass
class Uploads:
    """
    Puts files in place. ``at`` is the address of the folder once it is on a web server, ``""`` if it will not be.

    ``files`` and ``bytes`` count what was written; ``absent`` what is not held, ``homeless`` what has no address.
    """

    folder: Path
    archive: Archive
    at: str = ""
    files: int = 0
    bytes: int = 0
    absent: int = 0
    homeless: int = 0
    damaged: list[str] = field(default_factory=list)
    _taken: dict[str, Digest] = field(default_factory=dict)  # path as a careless file system sees it -> what lies there

    def put(self, file: MediaFile, month: str, *, public: bool) -> tuple[str, str]:
        """
        Return (address, path below the uploads) of a file, which lies there now if it is held.

        ``month`` is for a file whose address tells none; ``public``: its own address is one that a stranger may ask.
        """
        path = self._free(_path_of(file, month), file.sha256)
        held = bool(file.sha256) and self._copied(file, path)
        if held and self.at:
            return f"{self.at.rstrip('/')}/{_quoted(path)}", path
        if not held:
            self.absent += 1
        if public and urlsplit(file.url).scheme in {"http", "https"}:
            return file.url, path
        self.homeless += 1
        return f"{NOWHERE}/{_quoted(path)}", path

    def _copied(self, file: MediaFile, path: str) -> bool:
        if self.archive.path_of(file.sha256) is None:
            return False
        place = self.folder / path
        if place.exists():
            return True
        make_private(place.parent, self.folder.parent)
        try:
            size = self._copy(file.sha256, place)
        except ArchiveDamaged:
            place.unlink(missing_ok=True)
            self.damaged.append(file.name)
            return False
        self.files += 1
        self.bytes += size
        return True

    def _copy(self, digest: Digest, place: Path) -> int:
        seen = hashlib.sha256()
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out, self.archive.read(digest) as stream:
            for chunk in iter(lambda: stream.read(_CHUNK), b""):
                seen.update(chunk)
                out.write(chunk)
            size = out.tell()
        if seen.hexdigest() != digest:
            raise ArchiveDamaged("A file is not what was sealed.", mend="Run: keepfolio verify")
        return size

    def _free(self, path: str, digest: Digest) -> str:
        wanted, number = path, 1
        while self._taken.setdefault(_seen(wanted), digest) != digest:
            number += 1
            wanted = naming.numbered(path, number)
        return wanted


def make_private(folder: Path, inside: Path) -> None:
    """Make a folder that lies in another, and those between the two, the owner's alone."""
    if folder != inside:
        make_private(folder.parent, inside)
    folder.mkdir(exist_ok=True, mode=0o700)


def size_of(folder: Path) -> int:
    """Return how many bytes the files of a folder have."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _path_of(file: MediaFile, month: str) -> str:
    """Return ``2026/03/name.png``: as the site had it, where that is a good name everywhere."""
    address = unquote(urlsplit(file.url).path)
    found = _MONTH.search(address)
    return f"{found[1] if found else month}/{safe_name(file.name or address.rpartition('/')[2], file.sha256)}"


def safe_name(name: str, digest: Digest) -> str:
    """Return the name if every file system takes it, else a plain one that tells the bytes."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    good = _PLAIN.match(last) and not last.startswith(".") and not _RESERVED.match(last)
    if good and len(last.encode()) <= _LONGEST:
        return last
    stem, _, ending = last.rpartition(".")
    words = naming.slug(stem or last)
    tail = f".{naming.slug(ending, 8)}" if stem and naming.slug(ending, 8) else ""
    return f"{words or 'file'}-{digest[:8] or naming.short_hash(name)}{tail}"


def _quoted(path: str) -> str:
    """Return a path for an address. Letters of any script stay: the importer takes the name from it as it stands."""
    return re.sub(r"[\x00-\x7f]+", lambda plain: quote(plain[0]), path)


def _seen(path: str) -> str:
    """Return the path as a file system sees it that knows neither capitals nor ways of writing an accent."""
    return unicodedata.normalize("NFKC", path).casefold()
