"""
What is baked into a picture: an assertion in a text chunk of a PNG, or in an element of an SVG.

A picture is hostile input. No pixel is decoded, no entity or DTD of an SVG is read, and what may be taken out of
a picture is capped.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Literal, TypeAlias

from lxml import etree
from PIL import PngImagePlugin

from connectors import safe_xml

Standard: TypeAlias = Literal["openbadges", "openbadgecredential"]

MAX_SVG = 16 * 2**20
"""Bytes of an SVG that is looked at; a badge has some thousands."""
MAX_BAKED = 4 * 2**20
"""Bytes of what is baked in; Moodle's assertions have up to 20,000, a picture inside included."""
_MAX_CHUNKS = 100_000

_PNG = b"\x89PNG\r\n\x1a\n"
_TEXTS = frozenset({b"iTXt", b"tEXt", b"zTXt"})
_KEYWORDS: dict[str, Standard] = {"openbadges": "openbadges", "openbadgecredential": "openbadgecredential"}
_ELEMENTS: dict[str, Standard] = {
    "{http://openbadges.org}assertion": "openbadges",
    "{https://purl.imsglobal.org/ob/v3p0}credential": "openbadgecredential",
}


@dataclass(frozen=True)
class Baked:
    """What was baked in, as it stands there, and by which generation of the standard (2.0 and before, or 3.0)."""

    text: str
    standard: Standard


class UnreadableError(ValueError):
    """The picture is damaged, or holds more than a badge can; its message says which."""


def baked_in(stream: BinaryIO) -> Baked | None:
    """
    Return what is baked into a picture; None where it is no PNG or SVG, or nothing is.

    Args:
        stream: The picture from its first byte, seekable.

    Raises:
        UnreadableError: The picture breaks off or is damaged, or what is baked in is too large.
    """
    begin = stream.read(1024)
    stream.seek(0)
    if begin.startswith(_PNG):
        return _in_png(stream)
    if b"<svg" in begin or begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<!DOCTYPE svg", b"<!--")):
        return _in_svg(stream)
    return None


def _in_png(stream: BinaryIO) -> Baked | None:
    """Walk the chunks by Pillow's own reader, which caps what a text may unpack to; pictures are jumped over."""
    stream.seek(len(_PNG))
    chunks = PngImagePlugin.PngStream(stream)
    texts: dict[str, str | PngImagePlugin.iTXt] = {}
    try:
        for _ in range(_MAX_CHUNKS):
            name, start, length = chunks.read()
            if name == b"IEND":
                break
            if name not in _TEXTS:
                stream.seek(length + 4, 1)  # four bytes of checksum
                continue
            _within_cap(length)
            chunks.crc(name, chunks.call(name, start, length))
            # those whose checksum is right
            texts = {word: chunks.im_text[word] for word in _KEYWORDS if word in chunks.im_text}
    except UnreadableError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        if not texts:
            raise UnreadableError("it is damaged, or breaks off") from error
    finally:
        chunks.close()
    for keyword, standard in _KEYWORDS.items():
        if text := _decoded(texts.get(keyword, "")).strip():
            return Baked(text, standard)
    return None


def _within_cap(length: int) -> None:
    if length > MAX_BAKED:
        raise UnreadableError(f"it holds a text of {length:,} bytes, which no badge has")


def _decoded(text: str | PngImagePlugin.iTXt) -> str:
    """Return a text as it was meant: tEXt and zTXt are Latin-1 by the book, and bakers put UTF-8 into them."""
    if isinstance(text, PngImagePlugin.iTXt):
        return str(text)
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _in_svg(stream: BinaryIO) -> Baked | None:
    data = stream.read(MAX_SVG + 1)
    if len(data) > MAX_SVG:
        return None
    try:
        root = etree.fromstring(data, safe_xml.parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        if any(name.partition("}")[2].encode() in data for name in _ELEMENTS):
            raise UnreadableError(f"it is not well-formed: {error}") from error
        return None
    for name, standard in _ELEMENTS.items():
        for element in root.iter(name):
            text = "".join(map(str, element.itertext())).strip() or element.get("verify", "").strip()
            _within_cap(len(text))
            if text:
                return Baked(text, standard)
    return None
