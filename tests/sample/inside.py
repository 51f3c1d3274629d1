"""Everything that can be read out of the files of an output: names, bytes, zip members, streams, metadata."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import StreamObject

_DATA = re.compile(rb"data:[a-z0-9.+/-]+(?:;[a-z0-9=-]+)*(;base64)?,([^\"')\s>]+)", re.IGNORECASE)


def files(place: Path) -> dict[str, bytes]:
    """Return the files below a folder (or one file) by their names, in order."""
    if place.is_file():
        return {place.name: place.read_bytes()}
    return {str(p.relative_to(place)): p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file()}


def everything(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Yield every text that a file gives away, with where it stands."""
    yield name, name
    yield name, data.decode("latin-1")
    yield name, data.decode("utf-8", "replace")
    yield name, data.decode("utf-16-be", "replace")
    yield name, data[1:].decode("utf-16-be", "replace")
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            yield f"{name}: comment", packed.comment.decode("latin-1")
            for member in packed.infolist():
                yield from everything(f"{name}/{member.filename}", packed.read(member))
    elif data.startswith(b"%PDF"):
        yield from _document(name, data)
    elif data.startswith((b"\x89PNG", b"\xff\xd8", b"RIFF", b"GIF8")):
        yield from _picture(name, data)
    else:
        for number, found in enumerate(_DATA.finditer(data)):
            inner = base64.b64decode(found[2]) if found[1] else unquote_to_bytes(found[2])
            yield from everything(f"{name}: data {number}", inner)


def found(words: Iterable[str], contents: Mapping[str, bytes]) -> list[str]:
    """Return which of these words can be read anywhere in these files, and where."""
    wanted = {word: word.casefold() for word in words}
    said: dict[str, None] = {}
    for name, data in contents.items():
        for where, text in everything(name, data):
            folded = text.casefold()
            said.update({f"{word} in {where}": None for word, lower in wanted.items() if lower in folded})
    return list(said)


def _document(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    reader = PdfReader(io.BytesIO(data))
    yield f"{name}: metadata", repr(dict(reader.metadata or {}))
    for number, page in enumerate(reader.pages, 1):
        yield f"{name}: page {number}", page.extract_text()
    for attached, versions in reader.attachments.items():
        for version in versions:
            yield from everything(f"{name}/{attached}", version)
    for number in reader.xref_objStm.keys() | {n for table in reader.xref.values() for n in table}:
        thing = reader.get_object(number)
        yield f"{name}: object {number}", repr(thing)
        if isinstance(thing, StreamObject):
            try:
                yield f"{name}: stream {number}", thing.get_data().decode("latin-1")
            except (PyPdfError, NotImplementedError, ValueError):  # pictures in forms that pypdf doesn't unpack
                continue


def _picture(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        yield f"{name}: metadata", repr(picture.info)
        yield f"{name}: EXIF", repr(dict(picture.getexif()))
