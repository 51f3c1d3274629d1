"""
A piece of a WordPress export -> its fields. Pure: bytes in, values out.

Secrets and others' addresses are cut out of the bytes before anything is kept of them: what is kept of an item is what
WordPress wrote, with the post's password and the commenters' e-mail, address and agent emptied.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lxml import etree

from connectors import safe_xml
from connectors.cutting import MAX_ITEM, cut

_NAMESPACES = {
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "wp": "http://wordpress.org/export/1.2/",
}
_NOT_IN_XML = bytes(set(range(32)) - {9, 10, 13})
_CDATA = rb"<!\[CDATA\[.*?\]\]>"
_SECRET = re.compile(
    _CDATA
    + rb"|<!--.*?-->|<(wp:(?:post_password|comment_author_email|comment_author_IP|comment_agent|author_email))\s*>"
    + rb"(?:"
    + _CDATA
    + rb"|[^<])*</\1\s*>",
    re.DOTALL,
)
_COMMENT_META = ("wp:commentmeta",)  # spam filters keep whole requests there, with address and e-mail
_NO_TIME = "0000-00-00 00:00:00"


class NotWellFormedError(ValueError):
    """A piece of the export is not XML; the message says where, from the piece's own first line."""


@dataclass(frozen=True)
class Item:
    """One parsed piece: fields by name (``wp:post_id``), custom fields, terms as (taxonomy, slug, name)."""

    fields: Mapping[str, str]
    meta: tuple[tuple[str, str], ...]
    categories: tuple[tuple[str, str, str], ...]
    repaired: bool = False

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def number(self, name: str) -> int:
        text = self[name].strip()
        return int(text) if text.isdecimal() else 0

    def hidden(self, name: str) -> str:
        """Return the last custom field of that name, such as ``_thumbnail_id``."""
        return next((value for key, value in reversed(self.meta) if key == name), "")


def clean(data: bytes) -> bytes:
    """Return the bytes of a piece without post passwords and without commenters' e-mail, address and agent."""
    return _SECRET.sub(lambda m: b"<%b></%b>" % (m[1], m[1]) if m[1] else m[0], data)


def split(data: bytes) -> tuple[bytes, list[bytes]]:
    """Return an item without its comments, and its comments: each is an entry of its own."""
    rest: list[bytes] = []
    comments: list[bytes] = []
    for piece in cut(io.BytesIO(data), ("wp:comment",)):
        (comments if piece.name else rest).append(piece.data)
    without_meta = [
        b"".join(p.data for p in cut(io.BytesIO(comment), _COMMENT_META) if not p.name) for comment in comments
    ]
    return b"".join(rest), without_meta


class Parser:
    """Parses pieces in the namespaces that the head of the export declares."""

    def __init__(self, head: bytes) -> None:
        declaration = re.match(rb"\s*(?:\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)", head)
        self._start = declaration[1] if declaration else b'<?xml version="1.0" encoding="UTF-8"?>'
        rss = re.search(rb"<rss\b([^>]*)>", head)
        given = dict(re.findall(rb"""xmlns:([\w.-]+)\s*=\s*["']([^"'<>&]*)["']""", rss[1] if rss else b""))
        wanted = {k.encode(): v.encode() for k, v in _NAMESPACES.items()} | given
        self._start += b"<rss" + b"".join(b' xmlns:%b="%b"' % pair for pair in wanted.items()) + b">"

    def channel(self, head: bytes) -> Item:
        """Return the channel's own fields from the head of the file."""
        start = re.search(rb"<channel\b[^>]*>", head)
        return self.item(b"<channel>" + (head[start.end() :] if start else b"") + b"</channel>")

    def item(self, data: bytes) -> Item:
        """
        Return the fields of a piece.

        Raises:
            NotWellFormedError: It is no XML, even without the control characters that XML forbids.
        """
        allowed = self._as_declared(data.translate(None, _NOT_IN_XML))
        whole = self._start + allowed + b"</rss>"
        parser = safe_xml.parser(elements_only=True, huge=len(whole) <= 2 * MAX_ITEM)
        try:
            root = etree.fromstring(whole, parser)
        except etree.XMLSyntaxError as error:
            raise NotWellFormedError(error.msg) from error
        return _item(root[0], repaired=allowed != data)

    def _as_declared(self, data: bytes) -> bytes:
        """Return the bytes with U+FFFD for what is no UTF-8, where the file says that it is UTF-8."""
        if b"utf-8" not in self._start[:80].lower():
            return data
        return data.decode("utf-8", "replace").replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd").encode()


def _item(element: etree._Element, *, repaired: bool) -> Item:
    fields: dict[str, str] = {}
    meta: list[tuple[str, str]] = []
    categories: list[tuple[str, str, str]] = []
    for child in element:
        name = _name(child)
        if name in ("wp:postmeta", "wp:termmeta"):
            pair = {_name(part): part.text or "" for part in child}
            meta.append((pair.get("wp:meta_key", ""), pair.get("wp:meta_value", "")))
        elif name == "category":
            categories.append((child.get("domain") or "category", child.get("nicename") or "", child.text or ""))
        else:
            fields.setdefault(name, child.text or "")
    return Item(fields, tuple(meta), tuple(categories), repaired)


def _name(element: etree._Element) -> str:
    """Return ``wp:post_id`` whatever the version in the namespace (1.0, 1.1, 1.2)."""
    found = etree.QName(element)
    space = found.namespace or ""
    if space.startswith("http://wordpress.org/export/"):
        return f"{'excerpt' if space.rstrip('/').endswith('excerpt') else 'wp'}:{found.localname}"
    prefix = next((p for p, uri in _NAMESPACES.items() if uri == space), "")
    return f"{prefix}:{found.localname}" if prefix else found.localname


def moment(text: str) -> datetime | None:
    """Read one of WordPress's ``*_gmt`` times; None for none."""
    if not text or text == _NO_TIME:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def exported(text: str) -> datetime | None:
    """Read the channel's ``pubDate``."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
