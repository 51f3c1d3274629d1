"""
Bytes of a Leap2A file -> its head and its entries, one at a time.

The file is cut into entries before anything is parsed, and each is parsed alone: without entities, document type or
network, in a root of our own that declares what the feed declared. So one broken entry is one broken entry, and memory
holds one at a time. Elements are known by their local names: Mahara has written three generations of namespaces, other
systems a fourth (2009-03), and some elements of Mahara's stand in the wrong one.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html.entities import html5
from typing import IO
from urllib.parse import urlsplit

from lxml import etree

from connectors import safe_xml
from connectors.contract import SourceUnavailable
from connectors.cutting import Piece, cut
from connectors.mahara import leap2a_html
from connectors.mahara.leap2a_items import Item, Link, Names, item, moment
from connectors.mahara.leap2a_package import EXPORT_AGAIN

__all__ = ["Broken", "Ended", "Head", "Item", "Link", "head", "items"]

_LONGEST_ID = 500
_ENTRY = ("entry", "atom:entry", "a:entry")
_NOT_IN_XML = bytes(set(range(32)) - {9, 10, 13})
_FEED = re.compile(rb"<(?:[\w.-]+:)?feed\b([^<>]*)>")
_DECLARED = re.compile(rb"""\b(xmlns(?::[\w.-]+)?)\s*=\s*("[^"<>]*"|'[^'<>]*')""")
_ENTITY = re.compile(rb"&(#[0-9]{1,8}|#x[0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
_ID = re.compile(rb"<(?:[\w.-]+:)?id>([^<]{1,500})</")
_END = re.compile(rb"</(?:[\w.-]+:)?feed\s*>")
_USUAL = {b"xmlns": b'"http://www.w3.org/2005/Atom"', b"xmlns:rdf": b'"http://www.w3.org/1999/02/22-rdf-syntax-ns#"'}


@dataclass(frozen=True)
class Head:
    """
    Whose export it is and when it was made.

    ``wwwroot`` is the site's address without a slash at its end, ``user`` the number of the account there (``""`` where
    another system made the file), ``person`` the owner's name, ``exported`` aware and in UTC.
    """

    wwwroot: str
    user: str
    person: str
    exported: datetime | None
    generator: str


@dataclass(frozen=True)
class Broken:
    """An entry that cannot be read. ``id`` is its own where it could be seen, ``mark`` a digest of its bytes."""

    line: int
    why: str
    id: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Ended:
    """The file stops in the middle, at this line: what came before it was read. Always the last."""

    line: int


def head(feed: IO[bytes], again: str = EXPORT_AGAIN) -> Head:
    """
    Return whose export it is; ``again`` says how to get a whole one from the system that wrote it.

    Raises:
        SourceUnavailable: It is no Leap2A file (code ``not-leap2a``).
    """
    return _Parser(next(cut(feed, _ENTRY, mend=again), Piece("", b"", 1)).data, again).head()


def items(feed: IO[bytes], again: str = EXPORT_AGAIN) -> Iterator[Item | Broken | Ended]:
    """
    Yield the entries in the order of the file; ``again`` as for ``head``.

    Raises:
        SourceUnavailable: It is no Leap2A file (code ``not-leap2a``).
    """
    parser: _Parser | None = None
    last = Piece("", b"", 1)
    for piece in cut(feed, _ENTRY, mend=again):
        if parser is None:
            parser = _Parser(piece.data, again)
        if piece.name and piece.whole:
            yield parser.entry(piece)
        elif not piece.name and b"<entry" in piece.data:  # a tag too long to be seen as one
            yield _broken(piece, "Its first tag is longer than any is", parser.names)
        last = piece
    if parser is None:
        raise _no_leap2a(again)
    if not _END.search(last.data[-4096:]):
        yield Ended(last.line + last.data.count(b"\n"))


class _Parser:
    """Parses pieces with the namespaces that the feed declares."""

    def __init__(self, start: bytes, again: str) -> None:
        self._again = again
        tag = _FEED.search(start)
        if tag is None:
            raise _no_leap2a(again)
        declared = {name.decode(): uri for name, uri in _DECLARED.findall(tag[1])}
        spaces = {name: html.unescape(uri[1:-1].decode("utf-8", "replace")) for name, uri in declared.items()}
        if not any("leap" in uri.lower() for uri in spaces.values()):
            raise _no_leap2a(again)
        self.names = Names({name.removeprefix("xmlns:"): uri for name, uri in spaces.items() if name != "xmlns"})
        self._head = _END.split(start[tag.end() :], maxsplit=1)[0]
        self._utf8 = _declares_utf8(start[:200])
        self._declaration = _declaration(start[:200])
        root = _USUAL | {name.encode(): uri for name, uri in declared.items()}
        self._root = b"<feed" + b"".join(b" %b=%b" % pair for pair in root.items()) + b">"

    def head(self) -> Head:
        try:
            root, _ = self._parsed(self._head)
        except etree.XMLSyntaxError:
            raise _no_leap2a(self._again) from None
        said = {etree.QName(child).localname: child for child in root.iterchildren(etree.Element)}

        def text(name: str) -> str:
            return leap2a_html.inner(said[name]).strip() if name in said else ""

        about = said["author"].iterchildren(etree.Element) if "author" in said else ()
        person = next((leap2a_html.inner(n).strip() for n in about if etree.QName(n).localname == "name"), "")
        wwwroot, user = _whose(text("id"))
        return Head(wwwroot, user, person, moment(text("updated")), text("generator"))

    def entry(self, piece: Piece) -> Item | Broken:
        try:
            root, repaired = self._parsed(piece.data)
            if len(root) != 1:
                return _broken(piece, "It is not one element", self.names)
            found = item(root[0], self.names, piece.data, piece.line, repaired=repaired)
        except etree.XMLSyntaxError as error:
            return _broken(piece, f"It is not well-formed XML: {error.msg}", self.names)
        except (etree.LxmlError, ValueError, RecursionError, AssertionError) as error:
            return _broken(piece, f"It cannot be read: {error}", self.names)
        if not 0 < len(found.id) <= _LONGEST_ID:
            return _broken(piece, "It has no id, or one that is none", self.names)
        return found

    def _parsed(self, data: bytes) -> tuple[etree._Element, bool]:
        """Return the root around a piece, and whether characters had to be left out."""
        allowed = data.translate(None, _NOT_IN_XML)
        if self._utf8:
            allowed = (
                allowed.decode("utf-8", "replace").replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd").encode()
            )
        try:
            return self._tree(allowed), allowed != data
        except etree.XMLSyntaxError:
            mended = _ENTITY.sub(_known, allowed)
            if mended == allowed:
                raise
            return self._tree(mended), True

    def _tree(self, data: bytes) -> etree._Element:
        return etree.fromstring(self._declaration + self._root + data + b"</feed>", safe_xml.parser(elements_only=True))


def _declaration(start: bytes) -> bytes:
    found = re.match(rb"\s*(?:\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)", start)
    return found[1] if found else b'<?xml version="1.0" encoding="UTF-8"?>'


def _declares_utf8(start: bytes) -> bool:
    declaration = _declaration(start).lower()
    return b"encoding" not in declaration or b"utf-8" in declaration


def _known(found: re.Match[bytes]) -> bytes:
    """Return what an entity stands for that HTML knows and XML does not; nothing for a character that XML forbids."""
    name = found[1]
    if name in _OF_XML:
        return found[0]
    if not name.startswith(b"#"):
        letters = html5.get(f"{name.decode()};")
        return found[0] if letters is None else "".join(f"&#{ord(letter)};" for letter in letters).encode()
    number = int(b"0" + name[1:], 0) if name[1:2] == b"x" else int(name[1:])
    good = number in {9, 10, 13} or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0xFFFF < number < 0x110000
    return found[0] if good else b""


def _whose(feed_id: str) -> tuple[str, str]:
    """Return site and account from the id of a feed, in Mahara ``https://site/export/2/1795304247``; else the site."""
    ours = re.fullmatch(r"(https?://.+?)/export/(?:leap/)?(\d+)/\d+/?", feed_id)
    if ours:
        return ours[1], ours[2]
    try:
        parts = urlsplit(feed_id)
    except ValueError:
        return "", ""
    return (f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else ""), ""


def _broken(piece: Piece, why: str, names: Names) -> Broken:
    found = _ID.search(piece.data, max(0, piece.data.find(b"<entry")))
    name = names.thing(found[1].decode("utf-8", "replace").strip()) if found else ""
    return Broken(piece.line, f"{why}.", name, hashlib.sha256(piece.data).hexdigest()[:16])


def _no_leap2a(again: str) -> SourceUnavailable:
    return SourceUnavailable(
        "This is not a Leap2A file.",
        code="not-leap2a",
        unchanged="Nothing was taken from it.",
        mend=again,
    )
