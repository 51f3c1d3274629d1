"""Files as Moodle lists them, without a token in their addresses."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable
from typing import Any

from archive.entry import FileRole, MediaFile
from connectors.moodle.text import clean

Listing = Any
"""One file in an answer: ``filename, filesize, timemodified`` and ``fileurl`` or ``url``."""


def media(files: Iterable[Listing] | None, role: FileRole = "attachment", alt: str = "") -> tuple[MediaFile, ...]:
    """Return the files of a listing; folders, links to elsewhere, and the small twins of pictures are none."""
    found = [one for one in files or () if isinstance(one, dict) and not one.get("isdir")]
    names = {str(one.get("filename")) for one in found}
    return tuple(
        _file(one, role, alt)
        for one in found
        if not one.get("isexternalfile") and not _is_twin(str(one.get("filename")), names)
    )


def stamp(one: Listing) -> str:
    """Return what changes when the bytes do: size and time of change."""
    return f"{one.get('filesize')}-{one.get('timemodified')}"


def _file(one: Listing, role: FileRole, alt: str) -> MediaFile:
    name = str(one.get("filename"))
    size = one.get("filesize")
    licence = str(one.get("license") or "")
    return MediaFile(
        name=name,
        url=address(str(one.get("fileurl") or one.get("url") or "")),
        media_type=str(one.get("mimetype") or mimetypes.guess_type(name)[0] or ""),
        size=size if isinstance(size, int) else None,
        stamp=stamp(one),
        role=role,
        alt=alt,
        licence="" if licence == "unknown" else licence,
    )


def address(url: str) -> str:
    """Return the address of a file as a browser asks for it, without its wish to be downloaded."""
    return clean(url).partition("?")[0]


def _is_twin(name: str, names: set[str]) -> bool:
    """The database activity keeps a small copy of each picture."""
    return name.startswith("thumb_") and name.removeprefix("thumb_") in names


def unique(files: Iterable[MediaFile]) -> tuple[MediaFile, ...]:
    """Return each file once, by its address."""
    return tuple({file.url: file for file in files}.values())
