"""
The showcase: what the owner made and wants to be looked at, each with its picture. Pure.

It is evidence for no section. So it brings no text along that the page would not show anyway, and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime

from markupsafe import Markup

from bridge.portfolio import editions
from bridge.portfolio.editions import Edition
from bridge.portfolio.making import MakePanel
from bridge.portfolio.mapping import CONTAINERS
from bridge.portfolio.model import Evidence, Held, LeftOut, PageSection, Panel, Shown
from bridge.portfolio.narrative import Cited
from bridge.portfolio.ownwords import own_words
from bridge.portfolio.tagnames import plain
from bridge.render import markdown, sanitise
from bridge.render.uploads import titled

TAGS = frozenset({"showcase", "cmalt-showcase"})
PANEL = "showcase"
_NEVER = datetime.min.replace(tzinfo=UTC)


def chosen(entries: Iterable[Held], copies: Mapping[str, str]) -> tuple[str, ...]:
    """
    Return the ids of what carries the tag, newest first.

    ``entries`` may be light; ``copies``: the original of each copy, which stands for it.
    """
    tagged = [
        held
        for held in entries
        if held.entry.author == "own" and held.entry.kind not in CONTAINERS and TAGS & set(map(plain, held.entry.tags))
    ]
    newest = sorted(tagged, key=lambda held: (held.entry.published or _NEVER, held.id), reverse=True)
    return tuple(dict.fromkeys(copies.get(held.id, held.id) for held in newest))


def make(ids: Sequence[str]) -> MakePanel:
    """Return what makes the heading; None where an edition may show none of these."""

    def made(_sections: Sequence[PageSection], shelf: Edition) -> Panel | None:
        shown = [item for entry_id in ids if (item := _item(entry_id, shelf)) is not None]
        if not shown:
            return None
        html = Markup("\n").join(_html(item, shelf) for item in shown)
        return Panel(PANEL, "Showcase", str(html), shows=tuple(item.entry_id for item in shown))

    return made


def _item(entry_id: str, shelf: Edition) -> Evidence | None:
    """Return an entry as a piece of evidence would stand there; None, with a note, for what may not be shown."""
    held = shelf.entries.get(entry_id)
    if held is None:
        return None
    if why := shelf.why_not(entry_id, None):
        if all(left.id != entry_id for left in shelf.left_out):
            shelf.left_out.append(LeftOut(entry_id, why, title=held.entry.title))
        return None
    aside = copy(shelf)
    aside.kept, aside.pictures, aside.left_out = {}, {}, []  # what evidence brings along is evidence's alone
    item = editions.evidence(held, Cited(entry_id, caption=held.entry.title or "Untitled"), aside)
    return replace(item, figures=item.figures[:1] or _in_its_text(held, aside))


def _in_its_text(held: Held, shelf: Edition) -> tuple[Shown, ...]:
    """Return the first picture of a text that the edition may show, if there is one: a blog keeps them apart."""
    for address in markdown.pictures_in(sanitise.prose(own_words(held.entry))):
        if shelf.picture(address):
            return (shelf.pictures[address],)
    return ()


def _html(item: Evidence, shelf: Edition) -> Markup:
    address = item.url or _in_full(item.entry_id, shelf)
    words = titled(item.title, address)
    name = Markup('<a href="{}">{}</a>').format(address, words) if address else Markup("{}").format(words)
    lang = Markup(' lang="{}"').format(item.language) if item.language else ""
    about = " · ".join(part for part in (item.kind, item.date) if part)
    said = Markup('<h3{}>{}</h3>\n<p class="kf-meta">{}</p>').format(lang, name, about)
    return Markup("\n").join([said, *(_picture(item, figure, shelf) for figure in item.figures)])


def _picture(item: Evidence, figure: Shown, shelf: Edition) -> Markup:
    """Return its picture, without a caption: its title stands right above."""
    address = f"{item.entry_id}#{PANEL}"
    shelf.pictures[address] = replace(figure, alt=figure.described or item.title, caption="")
    return Markup('<p><img src="{}" alt=""></p>').format(address)


def _in_full(entry_id: str, shelf: Edition) -> str:
    """Return where on this page its text stands, because a section cites it; else ""."""
    kept = list(shelf.kept)
    return f"#kf-item-{kept.index(entry_id) + 1}" if entry_id in kept else ""
