"""
Copies of PDF documents that may leave: without author, program or dates, and smaller where there is little room.

The original stays in the archive. A copy is cached as pictures are (see ``pictures``). A document that is signed or
locked, that cannot be read, or that is huge, has no copy: changing it would break what it proves, or the computer.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.entry import Digest

if TYPE_CHECKING:
    from PIL import Image
    from pypdf import PdfReader, PdfWriter

_VERSION = 1
"""Names what was done to a document; raise it when the code does it differently."""
_NOTES = {"/Text", "/FreeText", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Ink", "/Stamp", "/Popup"}
"""Annotations by readers: ``/T`` is the name of who wrote them (in others it is the name of a field)."""
_RUNS = ("/OpenAction", "/AA")
MOST_BYTES = 100_000_000
"""A larger document is not copied: reading one takes several times its size of memory."""
_LEAST_PIXELS = 200 * 200  # smaller pictures in a document are icons
_MOST_PIXELS = 60_000_000


@dataclass(frozen=True)
class Document:
    """A copy of a document; ``size`` in bytes."""

    path: Path
    sha256: Digest
    size: int


def cleaned(original: Path, digest: Digest, cache: Path) -> Document | None:
    """
    Return a copy of a PDF that does not say who made it; None for one that cannot be copied.

    What is on its pages stays as it is. Gone are author, title, dates and program, the names at comments, and what
    would run when it is opened.

    Args:
        original: The file in the archive.

        digest: Its SHA-256.

        cache: A folder that may be deleted at any time.
    """
    return _made(original, cache / f"{digest}-{_VERSION}-clean.pdf", None)


def smaller(original: Path, digest: Digest, cache: Path, longest_side: int, quality: int) -> Document | None:
    """Do the same, with the pictures on its pages at most so many pixels long, as JPEG of a quality of 100."""
    name = f"{digest}-{_VERSION}-{longest_side}-{quality}.pdf"
    return _made(original, cache / name, lambda writer: _shrink(writer, longest_side, quality))


def says_who(path: Path) -> bool:
    """Say whether a PDF still names its author or program, or cannot be asked."""
    if path.stat().st_size > MOST_BYTES:
        return True
    try:
        with _quietly(path) as reader:
            return bool(reader.metadata) or "/Metadata" in reader.root_object
    except Exception:  # noqa: BLE001 - whatever a hostile file makes the parser raise, it was not asked
        return True


def _made(original: Path, place: Path, change: Callable[[PdfWriter], None] | None) -> Document | None:
    if not place.exists():
        if original.stat().st_size > MOST_BYTES:
            return None
        try:
            data = _rewritten(original, change)
        except Exception:  # noqa: BLE001 - whatever a hostile file makes the parser raise, there is no copy of it
            return None
        if data is None:
            return None
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = place.with_name(f".{place.name}.part")
        part.write_bytes(data)
        part.replace(place)
    with place.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Document(place, digest, place.stat().st_size)


def _rewritten(original: Path, change: Callable[[PdfWriter], None] | None) -> bytes | None:
    from pypdf import PdfWriter

    with _quietly(original) as reader:
        if reader.is_encrypted or _signed(reader):
            return None
        writer = PdfWriter(clone_from=reader)
    _clean(writer)
    if change is not None:
        change(writer)
    writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _quietly(path: Path) -> PdfReader:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of each oddity of a file that it mends
    return PdfReader(path)


def _signed(reader: PdfReader) -> bool:
    root: Any = reader.root_object
    form = root.get("/AcroForm") or {}  # the library resolves what it refers to
    return bool(int(form.get("/SigFlags", 0)) & 1) or "/Perms" in root


def _clean(writer: PdfWriter) -> None:
    from pypdf.generic import DictionaryObject

    writer.metadata = None
    writer._ID = None  # noqa: SLF001 - it is made of the hour and the path of who saved it; pypdf has no other way
    root: Any = writer.root_object
    for key in ("/Metadata", "/PieceInfo", *_RUNS):
        root.pop(key, None)
    names = root.get("/Names")
    if names is not None:
        names.get_object().pop("/JavaScript", None)
    for page in writer.pages:
        for key in ("/Metadata", "/PieceInfo", "/LastModified", "/AA"):
            page.pop(key, None)
        notes: Any = page.get("/Annots")
        for note in notes.get_object() if notes is not None else ():
            drawn = note.get_object()
            for key in ("/M", "/CreationDate", *(("/T",) if drawn.get("/Subtype") in _NOTES else ())):
                drawn.pop(key, None)
    for thing in writer._objects:  # noqa: SLF001 - pictures and fonts have metadata of their own
        if isinstance(thing, DictionaryObject) and thing.get("/Type") == "/XObject":
            for key in ("/Metadata", "/PieceInfo", "/LastModified"):
                thing.pop(key, None)


def _shrink(writer: PdfWriter, longest_side: int, quality: int) -> None:
    for inside in _pictures(writer):
        image: Image.Image = inside.image
        if max(image.size) > longest_side or quality < 80:
            small = image.convert("RGB")
            small.thumbnail((longest_side, longest_side))
            inside.replace(small, quality=quality)


def _pictures(writer: PdfWriter) -> Iterator[Any]:
    """Yield the pictures that can be made smaller, each once: those in full colour or grey that nothing masks."""
    seen: set[int] = set()
    for page in writer.pages:
        for inside in page.images:
            reference = inside.indirect_reference
            if reference is None or reference.idnum in seen:
                continue
            seen.add(reference.idnum)
            drawn: Any = reference.get_object()
            pixels = int(drawn.get("/Width", 0)) * int(drawn.get("/Height", 0))
            plain = not any(key in drawn for key in ("/SMask", "/Mask", "/ImageMask", "/Decode"))
            if plain and drawn.get("/BitsPerComponent") == 8 and _LEAST_PIXELS < pixels < _MOST_PIXELS:
                yield inside
