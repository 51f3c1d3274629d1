"""
The portfolio with a page for each area, made of the one page.

``index.html`` has the contents; every other page one heading of the second level with all below it, the way to the
pages before and after, and the contents again, behind the text. The words of a section are the same to the byte.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from html import unescape
from importlib.resources import files as resources

from connectors.areas import Cut, cut, heading, ids

INDEX = "index.html"
_HERE = re.compile(r'href="#([^"]*)"')
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


def split(document: str) -> dict[str, str]:
    """Return the pages by file name, ``index.html`` first, then in reading order."""
    pieces = cut(document)
    if not pieces.areas:
        return {INDEX: document}
    names = _names(pieces.areas)
    titles = [heading(area) for area in pieces.areas]
    where = {place: name for name, area in zip(names, pieces.areas, strict=True) for place in ids(area)}
    pages = {INDEX: _page(pieces, INDEX, "", pieces.contents + _turn(names, titles, -1), where)}
    for at, (name, area) in enumerate(zip(names, pieces.areas, strict=True)):
        pages[name] = _page(pieces, name, titles[at], area + _turn(names, titles, at) + pieces.contents, where)
    return pages


def _page(pieces: Cut, name: str, title: str, main: str, where: Mapping[str, str]) -> str:
    head = pieces.head.replace("</style>", f"{_style()}</style>", 1)
    if title:
        head = _TITLE.sub(lambda found: f"<title>{title} – {found[1]}</title>", head, count=1)
    else:
        head = head.replace('<body class="', '<body class="kf-index ', 1)

    def lead(found: re.Match[str]) -> str:
        page = where.get(found[1], name)
        if page == name:
            return found[0]
        return f'href="{page}#{found[1]}"'

    main = _HERE.sub(lead, main)
    if title:  # in the contents, the first link to this page is the page itself
        before, menu, after = main.rpartition('<nav class="kf-contents"')
        own = next((place for place in ids(before) if f'href="#{place}"' in after), "")
        after = after.replace(f'<a href="#{own}"', f'<a aria-current="page" href="#{own}"', 1) if own else after
        main = before + menu + after
    return head + main + pieces.tail


def _turn(names: Sequence[str], titles: Sequence[str], at: int) -> str:
    """Return the way to the pages before and after."""
    ways = []
    if at > 0:
        ways.append(f'<li><a href="{names[at - 1]}" rel="prev">Previous: {titles[at - 1]}</a></li>')
    elif at == 0:
        ways.append(f'<li><a href="{INDEX}" rel="prev">Previous: Contents</a></li>')
    if at + 1 < len(names):
        ways.append(f'<li><a href="{names[at + 1]}" rel="next">Next: {titles[at + 1]}</a></li>')
    return '<nav class="kf-turn" aria-label="Previous and next page">\n<ul>\n' + "\n".join(ways) + "\n</ul>\n</nav>\n"


def _names(areas: Sequence[str]) -> list[str]:
    """Return a file name for each area: of its first place, which stays when its title changes."""
    names: list[str] = []
    for area in areas:
        first = slug(next(iter(ids(area)), "").removeprefix("kf-")) or slug(unescape(heading(area))) or "page"
        name, number = f"{first}.html", 1
        while name in names or name == INDEX:
            number += 1
            name = f"{first}-{number}.html"
        names.append(name)
    return names


def slug(text: str) -> str:
    """Return some words as part of a file's name: ``jane-example``."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:60].strip("-")


@cache
def _style() -> str:
    return resources("connectors").joinpath("pages.css").read_text(encoding="utf-8")
