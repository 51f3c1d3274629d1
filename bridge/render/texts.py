"""
Safe texts as a page shows them: pictures with their sizes, tables that scroll and say what they show, drawings.

A page places each text once, in reading order: tables and drawings are numbered by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from html import escape

from markupsafe import Markup

from bridge.portfolio.model import Shown
from bridge.render import markdown, sanitise
from bridge.render.uploads import Offered


@dataclass
class Texts:
    """
    The texts of one page.

    Attributes:
        pictures: The pictures inside texts, by the address that the text gives them.

        offer: Brings a picture along; None for one that cannot be shown.

        figure: Draws a picture that stands alone.
    """

    pictures: Mapping[str, Shown]
    offer: Callable[[Shown], Offered | None]
    figure: Callable[[Offered], str]
    drawings: list[str] = field(default_factory=list)
    tables: int = 0

    def __call__(self, html: str) -> Markup:
        html = _FIGURE_OF_TABLE.sub(_own_caption, _PICTURE.sub(self._picture, html))
        return Markup(_TABLE.sub(self._table, html))  # noqa: S704 - sanitised text, changed in safe ways only

    def drawing(self, svg: str) -> Markup:
        """
        Return a mark for the place of a drawing, "" for none.

        A WordPress takes no SVG, so the fragment is made without; ``placed`` and ``without`` say what becomes of marks.
        No text can hold such a mark: texts come without classes.
        """
        safe = sanitise.drawing(svg) if svg else ""
        if not safe:
            return Markup()
        self.drawings.append(safe)
        return Markup('<hr class="kf-drawing-{}">').format(len(self.drawings))

    def placed(self, html: str) -> str:
        """Return a page with its drawings, each in a region that scrolls where the window is narrow."""
        return _MARK.sub(self._place, html)

    def _place(self, found: re.Match[str]) -> str:
        number = int(found[1])
        label = f'role="region" tabindex="0" aria-label="Drawing {number}"'
        return f'<div class="kf-scroll kf-drawn" {label}>{self.drawings[number - 1]}</div>'

    def _offered(self, attributes: str) -> Offered | None:
        shown = self.pictures.get(markdown.attribute(attributes, "src"))
        if shown is None:
            return None
        given = replace(
            shown,
            alt=markdown.attribute(attributes, "alt") or shown.alt,
            caption=markdown.attribute(attributes, "title") or shown.caption,
        )
        return self.offer(given)

    def _picture(self, found: re.Match[str]) -> str:
        """A picture in a paragraph of its own is a figure; one among words, or in a figure already, stays there."""
        offered = self._offered(found["alone"] or found["inside"] or "")
        if offered is None:
            return ""
        if found["alone"] is not None:
            return self.figure(offered)
        size = f'width="{offered.width}" height="{offered.height}"'
        return f'<img src="{offered.address}" alt="{escape(offered.alt)}" {size}>'

    def _table(self, found: re.Match[str]) -> str:
        """Wide tables scroll inside a region that the keyboard reaches: the page itself must not at 320 px."""
        self.tables += 1
        name = f"kf-table-{self.tables}"
        table = _ROW.sub(_with_scopes, found[0])
        if "<caption>" in table:
            table = table.replace("<caption>", f'<caption id="{name}-caption">', 1)
            label = f'aria-labelledby="{name}-caption"'
        else:
            label = f'aria-label="Table {self.tables}"'
        return f'<div class="kf-scroll" id="{name}" role="region" tabindex="0" {label}>{table}</div>'


def without(html: str) -> str:
    """Return a page without the marks for drawings."""
    return _MARK.sub("", html)


_PICTURE = re.compile(r"<p>\s*<img\b(?P<alone>[^>]*)>\s*</p>|<img\b(?P<inside>[^>]*)>")
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_FIGURE_OF_TABLE = re.compile(
    r"<figure>\s*<table>(?P<rows>(?:(?!<table>).)*)</table>\s*(?:<figcaption>(?P<words>(?:(?!<figcaption>).)*)</figcaption>)?"
    r"\s*</figure>",
    re.DOTALL,
)
_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_HEAD = re.compile(r"<th(?P<attributes>[^>]*)>(?P<words>.*?)</th>", re.DOTALL)
_MARK = re.compile(r'<hr class="kf-drawing-(\d+)">\n?')


def _own_caption(found: re.Match[str]) -> str:
    """WordPress puts a table into a figure; what the figure says is the table's caption."""
    caption = f"<caption>{found['words']}</caption>" if found["words"] and "<caption>" not in found["rows"] else ""
    return f"<table>{caption}{found['rows']}</table>"


def _with_scopes(row: re.Match[str]) -> str:
    """A heading beside cells heads its row, one among headings its column; an empty one is a cell."""
    scope = "row" if "<td" in row[0] else "col"

    def head(found: re.Match[str]) -> str:
        attributes, words = found["attributes"], found["words"]
        if not words.strip():
            return "<td></td>"
        said = attributes if "scope=" in attributes else f'{attributes} scope="{scope}"'
        return f"<th{said}>{words}</th>"

    return _HEAD.sub(head, row[0])
