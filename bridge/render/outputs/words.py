"""
The portfolio as plain text, for forms that take nothing else.

A heading is a line of its own, an item of a list begins with ``-``, cells of a table stand between ``|``. A link is
followed by its address. Lines are not broken: a form does that itself.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from connectors.areas import cut

_LINES = frozenset({"p", "div", "figcaption", "caption", "tr", "pre", "blockquote", "dd", "dt", "summary"})
_AWAY = frozenset({"svg", "style", "script", "nav"})


def plain(document: str) -> str:
    """Return the text of a document of ours, without menus."""
    pieces = cut(document)
    reader = _Reader()
    reader.feed(pieces.head.partition("<body")[2].partition(">")[2])
    for area in pieces.areas:
        reader.feed(area)
    reader.close()
    text = "".join(reader.said)
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._away: list[str] = []
        self._as_it_is = False
        self._links: list[str] = []
        self._numbers: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        hidden = {"kf-back", "kf-skip"} & set((given.get("class") or "").split())
        if self._away or tag in _AWAY or hidden:
            if tag not in {"br", "img", "hr"}:
                self._away.append(tag)
            return
        match tag:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self.said.append("\n\n")
            case "ol" | "ul":
                self.said.append("\n")
                self._numbers.append(int(given.get("start") or 1) if tag == "ol" else 0)
            case "li":
                self.said.append(f"\n{'  ' * (len(self._numbers) - 1)}{self._mark()} ")
            case "br":
                self.said.append("\n")
            case "img":
                self.said.append(f"[Picture: {given.get('alt') or 'no description'}]\n")
            case "a":
                self._links.append(given.get("href") or "")
            case "pre":
                self.said.append("\n")
                self._as_it_is = True
            case "p" | "table" | "figure" | "blockquote":
                self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._away:
            if tag in self._away:
                while self._away.pop() != tag:
                    pass
            return
        match tag:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self.said.append("\n\n")
            case "ol" | "ul":
                self._numbers.pop()
                self.said.append("\n")
            case "td" | "th":
                self.said.append(" | ")
            case "a":
                address = self._links.pop() if self._links else ""
                if address.startswith(("http://", "https://")):
                    self.said.append(f" <{address}>")
            case _ if tag in _LINES:
                self._as_it_is = False
                if tag == "tr" and self.said[-1] == " | ":
                    self.said.pop()
                self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if self._away:
            return
        text = data if self._as_it_is else re.sub(r"\s+", " ", data)
        if text.strip() or not self.said or not self.said[-1].endswith(("\n", " ")):
            self.said.append(text)

    def _mark(self) -> str:
        if not self._numbers or not self._numbers[-1]:
            return "-"
        self._numbers[-1] += 1
        return f"{self._numbers[-1] - 1}."
