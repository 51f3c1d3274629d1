"""The files that an export names and does not hold: from a folder of uploads beside it, or from the living site."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from archive.entry import MediaFile
from connectors.contract import FileGone, Finding, Found, SourceUnavailable

if TYPE_CHECKING:
    from connectors.http import Http

_SITE_OF_NETWORK = re.compile(r"sites/\d+/")
_MEND = "Put the uploads folder beside the export and name it with media: in config.yaml."


class Media:
    """
    Finds bytes by the address that they had on the site.

    Args:
        folder: Holds ``uploads/`` or what is in it, with or without ``wp-content/`` above; None for none.

        http: Asks the site.

        fetch: Whether the site is asked for what the folder does not have.
    """

    def __init__(self, folder: Path | None, http: Http, *, fetch: bool) -> None:
        self._folder = folder
        self._http = http
        self._fetch = fetch

    def open(self, file: MediaFile) -> BinaryIO:
        """
        Stream a file.

        Raises:
            FileGone: It is not in the folder, or the site says that it is gone.

            SourceUnavailable: The folder or the site cannot be reached.
        """
        path = self._find(file.url)
        if path is not None:
            return path.open("rb")
        if self._fetch:
            return self._from_the_site(file)
        if self._folder is None:
            raise SourceUnavailable(f"The export names {file.name} and does not hold it.", code="no-media", mend=_MEND)
        if not self._folder.is_dir():
            raise SourceUnavailable(f"There is no folder {self._folder}.", code="no-media", mend=_MEND)
        raise FileGone(
            f"{file.name} is not in {self._folder}.",
            mend=f"Copy it there, below {_below_uploads(file.url) or file.name}.",
        )

    def sized(self, found: Found) -> Found:
        """Return the entry with size and stamp of those of its files that lie in the folder."""
        if not found.entry.files or self._folder is None:
            return found
        return replace(found, entry=replace(found.entry, files=tuple(map(self._sized, found.entry.files))))

    def stamp(self) -> str:
        """Return what changes when a file of the folder does; ``""`` without a folder."""
        if self._folder is None or not self._folder.is_dir():
            return ""
        whole = hashlib.sha256()
        for path in sorted(p for p in self._folder.rglob("*") if p.is_file()):
            status = path.stat()
            whole.update(f"{path.relative_to(self._folder)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
        return whole.hexdigest()

    def check(self, promised: int) -> Iterable[Finding]:
        """Tell where the files come from."""
        if not promised:
            return
        if self._folder is not None and not self._folder.is_dir():
            yield Finding("no-media", "error", f"There is no folder {self._folder}.", _MEND)
        elif self._folder is not None:
            held = sum(p.is_file() for p in self._folder.rglob("*"))
            yield Finding(
                "media", "ok", f"The export names {promised} files; the media folder holds {held} in all sizes."
            )
        elif self._fetch:
            yield Finding(
                "media-by-http",
                "note",
                f"An export holds no files: its {promised} files are fetched from the site, while it is there.",
                _MEND,
            )
        else:
            yield Finding("no-media", "warning", f"An export holds no files: {promised} will be missing.", _MEND)

    def _from_the_site(self, file: MediaFile) -> BinaryIO:
        if urlsplit(file.url).scheme not in ("http", "https"):
            raise FileGone(f"The export gives no address for {file.name}.", mend=_MEND)
        try:
            return self._http.open(file.url, discovered=True)
        except SourceUnavailable as error:
            raise SourceUnavailable(error.message, code=error.code, mend=_MEND) from error

    def _sized(self, file: MediaFile) -> MediaFile:
        path = self._find(file.url)
        if path is None:
            return file
        status = path.stat()
        return replace(file, size=status.st_size, stamp=f"{status.st_size}-{status.st_mtime_ns}")

    def _find(self, url: str) -> Path | None:
        if self._folder is None:
            return None
        for place in _places(url):
            path = self._folder / place
            if path.is_file() and path.resolve().is_relative_to(self._folder.resolve()):
                return path
        return None


def _below_uploads(url: str) -> str:
    """Return the path below ``uploads/``, or the whole path where there is no such folder (WordPress.com)."""
    path = unquote(urlsplit(url).path)
    for mark in ("/wp-content/uploads/", "/uploads/"):
        if mark in path:
            return path.partition(mark)[2]
    return path.lstrip("/")


def _places(url: str) -> Iterator[str]:
    """Yield where a file may lie below the folder: as people unpack their uploads, and as macOS spells accents."""
    below = _below_uploads(url)
    if not below or ".." in below.split("/"):
        return
    own = _SITE_OF_NETWORK.sub("", below, count=1)  # one site of a network keeps its uploads in sites/N/
    for prefix in ("", "uploads/", "wp-content/uploads/"):
        for form in ("NFC", "NFD"):
            yield prefix + unicodedata.normalize(form, below)
            if own != below:
                yield prefix + unicodedata.normalize(form, own)
