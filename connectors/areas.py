"""Where the parts of a page of ours begin and end, so that it can be cut without changing a byte of its text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_TAG = re.compile(r"<[^>]*>")
_HEADING = re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')


@dataclass
class Element:
    """An element by its place in the text: ``start`` to ``end`` with its tags, ``inner`` to ``close`` without them."""

    tag: str
    attributes: dict[str, str]
    start: int
    inner: int
    close: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


@dataclass(frozen=True)
class Cut:
    """
    A document in pieces.

    ``head`` ends with the start tag of its main part and ``tail`` begins with the end tag; between them are
    ``contents`` (the menu) and ``areas``: each a heading of the second level with all that belongs to it.
    """

    head: str
    contents: str
    areas: tuple[str, ...]
    tail: str


def cut(document: str) -> Cut:
    """Return a document of ours in pieces."""
    main = _parsed(document)
    contents, areas, before = "", [""], main.inner
    for child in main.children:
        piece = document[before : child.end]
        before = child.end
        if "kf-contents" in child.classes:
            contents = piece
        elif child.tag == "section" and "kf-level-2" in child.classes:
            areas.append(piece)
        else:
            areas[-1] += piece
    areas[-1] += document[before : main.close]
    return Cut(document[: main.inner], contents, tuple(a for a in areas if a.strip()), document[main.close :])


def ids(html: str) -> list[str]:
    """Return the places in a piece that links can lead to."""
    return _ID.findall(html)


def heading(html: str) -> str:
    """Return the first heading of a piece as safe HTML text; "" where it has none."""
    found = _HEADING.search(html)
    return " ".join(_TAG.sub("", found[1]).split()) if found else ""


def _parsed(document: str) -> Element:
    """Return the main part of a document."""
    parser = _Parser(document)
    parser.feed(document)
    parser.close()
    return parser.main


class _Parser(HTMLParser):
    """Notes each element with its offsets. What comes in is well-formed: our templates and nh3 wrote it."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0]
        for line in document.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._document = document
        self.main = root = Element("", {}, 0, 0)
        self._open = [root]

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._offset()
        element = Element(tag, {k: v or "" for k, v in attrs}, start, start + len(self.get_starttag_text() or ""))
        element.close = element.end = element.inner
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)
        if tag == "main" and not self.main.tag:
            self.main = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._offset()
        inner = start + len(self.get_starttag_text() or "")
        self._open[-1].children.append(Element(tag, {k: v or "" for k, v in attrs}, start, inner, inner, inner))

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1:
            element = self._open.pop()
            element.close = self._offset()
            element.end = element.close
            if element.tag == tag:
                element.end = self._document.index(">", element.close) + 1
                return
