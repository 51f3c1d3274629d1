"""The files that a page brings along: how they are named, what they say of themselves, which may come at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from archive.entry import Digest
from bridge.portfolio import wording
from bridge.portfolio.model import Shown
from bridge.render import documents, pictures
from connectors.contract import Upload

_DOCUMENTS = {
    "pdf",
    "doc",
    "docx",
    "odt",
    "rtf",
    "txt",
    "md",
    "csv",
    "ppt",
    "pptx",
    "odp",
    "xls",
    "xlsx",
    "ods",
    "epub",
}
_RECORDINGS = {"mp3", "m4a", "ogg", "oga", "wav", "mp4", "m4v", "webm", "mov", "vtt", "srt"}
OFFERED = frozenset(_DOCUMENTS | _RECORDINGS | {"bib", "ics", "zip"})
"""
Endings of files that a page may bring along: nothing that a browser would run on the owner's own site, and no picture.
A picture goes up only as a reduced copy without its metadata. One that cannot be reduced (HEIC, a huge scan) stays:
its original may say where it was taken.
"""


@dataclass(frozen=True)
class Offered:
    """A file as the template shows it; ``width`` is 0 for one that is not shown as a picture."""

    address: str
    label: str
    original: str
    alt: str = ""
    caption: str = ""
    credit: str = ""
    licence: str = ""
    width: int = 0
    height: int = 0


@dataclass
class Bag:
    """The uploads of one page, each once."""

    files: Callable[[Digest], Path]
    cache: Path
    copies: pictures.Copies
    uploads: dict[str, Upload] = field(default_factory=dict)
    paths: dict[Digest, Path] = field(default_factory=dict)

    def picture(self, shown: Shown) -> Offered | None:
        """Return a picture for a figure; None when it is none that can be shown."""
        recipe = self.copies.certificates if shown.certificate else self.copies.pictures
        found = pictures.reduced(self.files(shown.sha256), shown.sha256, self.cache, recipe)
        if found is None:
            return None
        copy = replace(shown, sha256=found.sha256, media_type=found.media_type)
        name = self._add(copy, found.path, found.extension)
        return Offered(
            address=f"keepfolio:{name}",
            label=shown.caption or shown.name,
            original=shown.url,
            alt=_alt(shown),
            caption=shown.caption,
            credit=shown.credit,
            licence=shown.licence,
            width=found.width,
            height=found.height,
        )

    def file(self, shown: Shown) -> Offered | None:
        """
        Return a file for a link; None when a browser might run it.

        A PDF goes without its author and dates. A certificate goes as such a copy only: its original stays.
        """
        extension = ending(shown.name)
        if extension not in OFFERED:
            return None
        path = self.files(shown.sha256)
        clean = documents.cleaned(path, shown.sha256, self.cache) if extension == "pdf" else None
        if clean is not None:
            shown, path = replace(shown, sha256=clean.sha256), clean.path
        elif shown.certificate:
            return None
        name = self._add(shown, path, extension)
        return Offered(
            address=f"keepfolio:{name}",
            label=f"{shown.name} ({extension.upper()}, {wording.size(path.stat().st_size)})",
            original=shown.url,
        )

    def _add(self, shown: Shown, path: Path, extension: str) -> str:
        name = upload_name(shown.sha256, shown.name, extension)
        upload = Upload(
            name=name,
            sha256=shown.sha256,
            size=path.stat().st_size,
            media_type=_media_type(shown.media_type),
            title=shown.caption or shown.name,
            alt=_alt(shown),
            evidence=shown.entry_id,
        )
        self.uploads.setdefault(name, upload)
        self.paths[shown.sha256] = path
        return name


def upload_name(sha256: Digest, name: str, extension: str) -> str:
    """Return ``kf-<8 hex>-name.ext``: lower case, ASCII, and the same for the same bytes and name."""
    ascii_name = (
        unicodedata.normalize("NFKD", PurePosixPath(name.replace("\\", "/")).stem).encode("ascii", "ignore").decode()
    )
    stem = re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:60].strip("-")
    return f"kf-{sha256[:8]}-{stem or 'file'}.{extension}"


def _media_type(said: str) -> str:
    """Return a media type as its source says, if it is one that no browser runs; the unknown is saved as a file."""
    plain = said.strip().lower()
    return plain if _MEDIA_TYPE.fullmatch(plain) and not _RUNS.search(plain) else "application/octet-stream"


_MEDIA_TYPE = re.compile(r"(?:application|audio|image|text|video)/[a-z0-9][a-z0-9.+-]{0,99}")
_RUNS = re.compile(r"html|svg|script|[/+.]xml\b")


def ending(name: str) -> str:
    """Return the ending of a file's name in lower case, without its dot."""
    return PurePosixPath(name).suffix.lower().lstrip(".")


def titled(title: str, address: str) -> str:
    """Return the words of a link: with the format of a file that it leads to, where the title does not say it."""
    found = ending(urlsplit(address).path)
    named = found not in OFFERED or re.search(rf"\b{found}\b", title, re.IGNORECASE)
    return title if named else f"{title} ({found.upper()})"


def _alt(shown: Shown) -> str:
    """Return the text in place of a picture: the owner's, else the caption."""
    return shown.described or shown.caption
