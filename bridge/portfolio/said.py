"""Everything that a reader of an edition can read: not its texts alone, but captions, alternative texts and names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote, urlsplit

from bridge.portfolio.model import Evidence, KeptText, Portfolio, Shown
from bridge.render import sanitise

_SPOKEN = re.compile(r"""\b(?:alt|title|aria-label)=(?:"([^"]*)"|'([^']*)')""")
_HREF = re.compile(r"""\bhref=(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True)
class Said:
    """
    Words on a page.

    ``section``: the section's id, ``""`` beside the sections. ``where`` says it to a person: "a caption". ``joined``:
    a file's name or an address, whose words stand together.
    """

    section: str
    where: str
    text: str
    joined: bool = False


def everything(portfolio: Portfolio) -> Iterator[Said]:
    """Yield all words of an edition, in the order of its page; a text that it brings along, where it is cited."""
    kept = {text.entry_id: text for text in portfolio.kept}
    yield Said("", "the title", f"{portfolio.title} {portfolio.subtitle}")
    for section in portfolio.sections:
        yield Said(section.id, "its heading", section.title)
        for part in section.parts:
            yield Said(section.id, "a heading of its text", part.title)
            yield from _html(section.id, "its text", part.html)
        for item in section.evidence:
            yield from _evidence(section.id, item)
            if item.entry_id in kept:
                yield from _kept(section.id, kept[item.entry_id])
    for shown in portfolio.pictures.values():
        yield from _file("", shown)
    for panel in portfolio.panels:
        yield from _html("", panel.title, panel.html)
    cited = {item.entry_id for section in portfolio.sections for item in section.evidence}
    for text in portfolio.kept:
        if text.entry_id not in cited:  # a panel brings it along
            yield from _kept("", text)
    yield Said("", "the licence", portfolio.licence)


def _kept(section: str, text: KeptText) -> Iterator[Said]:
    yield Said(section, "the title of its evidence", text.title)
    yield from _html(section, f"the text of “{text.title}”", text.html)


def _evidence(section: str, item: Evidence) -> Iterator[Said]:
    yield Said(section, "the title of its evidence", item.title)
    yield Said(section, "why something is evidence", item.why)
    yield from _address(section, item.url)
    for figure in item.figures:
        yield from _file(section, figure)
    for file in item.files:
        yield from _file(section, file)


def _file(section: str, shown: Shown) -> Iterator[Said]:
    yield Said(section, "a caption", shown.caption)
    yield Said(section, "an alternative text", shown.alt)
    yield Said(section, "the credit of a picture", f"{shown.credit} {shown.licence}".strip())
    yield Said(section, "the name of a file", shown.name, joined=True)


def _html(section: str, where: str, html: str) -> Iterator[Said]:
    yield Said(section, where, sanitise.text(html))
    for found in _SPOKEN.finditer(html):
        yield Said(section, "an alternative text", unescape(found[1] or found[2] or ""))
    for found in _HREF.finditer(html):
        yield from _address(section, unescape(found[1] or found[2] or ""))


def _address(section: str, url: str) -> Iterator[Said]:
    """Yield what an address tells: a mail address or telephone number, and the words at the end of its path."""
    parts = urlsplit(url)
    if parts.password:
        yield Said(section, "the address of a link", url)
    if parts.scheme in ("mailto", "tel"):
        yield Said(section, "a link", unquote(parts.path), joined=True)
    elif parts.path.strip("/"):
        yield Said(section, "the address of a link", unquote(parts.path), joined=True)
