"""``renew theme``: the file of a theme, with its owner's own sentences from then beside what is empty."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from archive.entry import Entry
from archive.errors import UsageError
from bridge import owner, renewing
from bridge.building import Desk
from bridge.portfolio import ownerfile
from bridge.portfolio.generation import Generation
from bridge.portfolio.model import Held
from bridge.portfolio.ownwords import own_words
from bridge.portfolio.renewal import memories, theme
from bridge.portfolio.renewal.journey import Depth
from bridge.portfolio.renewal.memories import Memory
from bridge.portfolio.renewal.theme import Theme
from bridge.render import sanitise


@dataclass(frozen=True)
class ThemeMade:
    """A theme's file, whether it was made just now, and what its owner wrote then, as it stands in a new file."""

    theme: Theme
    anew: bool
    from_then: tuple[str, ...]


def make_theme(desk: Desk, title: str, reason: str = "") -> ThemeMade:
    """
    Make a theme's file with the owner's own sentences from then beside what is empty; one that is there stays.

    Raises:
        UsageError: The generation's framework does not go into depth.
    """
    wanted = _depth(desk)
    known = renewing.themes(desk, wanted)
    found = next((one for one in known if one.title.casefold() == title.casefold()), None)
    anew = found is None
    remembered = _memories(desk, found or Theme(theme.slug(title), title), wanted)
    if found is None:
        path = _free(desk.generation.folder / theme.FOLDER, theme.slug(title))
        text = theme.scaffold(title, reason, len(known) + 1, wanted.columns, wanted.section.parts, remembered)
        ownerfile.save(path, text)
        owner.keep(desk.session.archive, desk.workspace)
        found = next(one for one in renewing.themes(desk, wanted) if one.path == path)
    lines = dict.fromkeys(line for listed in remembered.values() for line in listed)
    return ThemeMade(found, anew, tuple(lines))


def _depth(desk: Desk) -> Depth:
    wanted = renewing.depth(desk)
    if wanted is None:
        raise UsageError(
            f"{desk.framework.title} asks for no themes.",
            code="no-themes",
            unchanged="Nothing was changed.",
            mend="Begin a review first: keepfolio renew",
        )
    return wanted


def _free(folder: Path, stem: str) -> Path:
    names = (stem, *(f"{stem}-{n}" for n in range(2, 1000)))
    return next(path for name in names if not (path := folder / f"{name}.md").exists())


def _memories(desk: Desk, one: Theme, wanted: Depth) -> dict[str, list[str]]:
    """Return the owner's own sentences from then, by column: of CPD entries, and of posts that belong to the theme."""
    activities = one.activities(desk.record, desk.generation.window)
    linked = {entry for activity in activities for entry in activity.evidence}
    posts = (
        Memory(held.entry.published.date(), held.entry.title, _said(desk.entries[held.id].entry), apart=True)
        for held in desk.entries.all_light()
        if _belongs(held, one, linked, desk.generation) and held.entry.published
    )
    return memories.beside(wanted.columns, [*memories.of_record(activities), *posts])


def _belongs(held: Held, one: Theme, linked: set[str], review: Generation) -> bool:
    entry = held.entry
    if held.deleted or entry.status == "trash" or entry.author != "own" or entry.published is None:
        return False
    first, last = review.window or (date.min, date.max)
    tagged = any(theme.slug(tag) == theme.slug(one.title) for tag in entry.tags)
    return held.id in linked or (tagged and first <= entry.published.date() <= last)


def _said(entry: Entry) -> str:
    """Return the words of a text by its paragraphs, without its headings."""
    blocks = _BLOCK_ENDS.split(sanitise.prose(own_words(entry)))
    return "\n\n".join(text for block in blocks if not _HEADING.search(block) and (text := sanitise.text(block)))


_BLOCK_ENDS = re.compile(r"(?<=</p>)|(?<=</li>)|(?<=</h[1-6]>)|(?<=</td>)|(?<=</blockquote>)")
_HEADING = re.compile(r"<h[1-6]>")
