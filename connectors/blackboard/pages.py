"""A downloaded web page as an entry: its title and text, and which files of the package it shows."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

import lxml.html
from lxml import etree

MAX_PAGE = 8 * 2**20
"""Bytes; a larger page is kept as a file."""
ENDINGS = (".html", ".htm", ".xhtml")

_LINKS = ("src", "href", "data", "poster")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """``content``: the HTML of its body, links into the package replaced; ``shows``: the paths that they lead to."""

    title: str
    content: str
    shows: tuple[str, ...]


def read(data: bytes, path: str, address: Callable[[str], str | None]) -> Page | None:
    """
    Return a page; None where it has no text.

    Args:
        data: Its bytes.

        path: Where it lies in the package.

        address: Gives the address of a path of the package, percent-encoded, or None where there is no such file.
    """
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        root = lxml.html.document_fromstring(_decoded(data).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    body = root.find("body")
    if body is None:
        return None
    shows: dict[str, None] = {}
    for element in body.iter(etree.Element):
        for name in _LINKS:
            if target := _inside(element.get(name), path):
                place, fragment = target
                if new := address(place):
                    element.set(name, new + fragment)
                    shows[place] = None
    title = root.findtext("head/title") or body.findtext(".//h1") or ""
    content = html.escape(body.text or "") + "".join(lxml.html.tostring(part, encoding="unicode") for part in body)
    return Page(" ".join(title.split()), content.strip(), tuple(shows))


def _inside(link: str | None, path: str) -> tuple[str, str] | None:
    """Return where in the package a link leads, and its fragment; None for one that leads elsewhere."""
    try:
        parts = urlsplit((link or "").strip())
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return None
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path).replace("\\", "/")))
    if place.startswith(".."):
        return None
    return place, f"#{quote(parts.fragment, safe='%')}" if parts.fragment else ""


def _decoded(data: bytes) -> str:
    """Return the text: UTF-8 if it is, else what the page says of itself, else what Windows writes."""
    said = _CHARSET.search(data[:2048])
    for encoding in ("utf-8-sig", said[1].decode() if said else "cp1252", "cp1252"):
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):  # scripts write pages whose charset is ``undefined``
            continue
    return data.decode("latin-1")
