"""
What a page of a Mahara shows of other entries: their words, and files that lie in the account for themselves.

Mahara draws journal entries (by their tag, too), notes and plans into a page, and whoever opens the page opens them.
Looked for is what stands there, not what the page's settings name: a block may show less, or more, than it says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from archive.entry import Digest, Visibility
from bridge.portfolio.mapping import NEVER_EVIDENCE
from bridge.portfolio.marks import Marks
from bridge.portfolio.model import Entries, Held
from bridge.portfolio.ownwords import own_files, own_words
from bridge.portfolio.wording import FILE_KINDS
from bridge.render import sanitise

_DRAWS = "mahara:"
"""Systems, by their keys, whose pages show other entries."""

_TELLING = 16
"""Letters: a shorter text may stand anywhere by chance, and counts only with its title."""


def shown(held: Held, entries: Entries, among: Collection[str] | None = None) -> tuple[Held, ...]:
    """
    Return the other entries whose words stand in an entry's text, and whose files go along with it; oldest first. Pure.

    ``among``: the ids of the only ones that are looked for.
    """
    return tuple(_shown(held, entries, entries if among is None else among))


def closed(held: Held, entries: Entries, marks: Marks, edition: Visibility) -> Held | None:
    """
    Return an entry whose words stand in another's text, and which its owner closed to an edition by name; else None.

    Words cannot be cut out of a text again, so that the word on the one decides over the other.
    """
    among = narrowed(marks, edition)
    return next((one for one in _shown(held, entries, among) if one.entry.kind not in FILE_KINDS), None)


def closed_files(entries: Entries, marks: Marks, edition: Visibility) -> frozenset[Digest]:
    """Return the files that their owner closed to an edition by name: they go along with nothing."""
    named = map(entries.get, narrowed(marks, edition))
    files = [one for one in named if one is not None and one.entry.kind in FILE_KINDS]
    return frozenset(file.sha256 for one in files for file in own_files(one.entry) if file.sha256)


def stands(held: Held, html: str) -> bool:
    """Say whether an entry's words stand in some HTML."""
    return _stands(held, _bare(sanitise.text(html)))


def narrowed(marks: Marks, edition: Visibility) -> list[str]:
    """Return the ids of what the owner closed to an edition by name."""
    return [entry_id for entry_id, seen in marks.items() if seen.openness < edition.openness]


def _shown(held: Held, entries: Entries, among: Collection[str]) -> Iterator[Held]:
    key = held.entry.keys[0]
    if not key.startswith(_DRAWS) or held.entry.kind in FILE_KINDS:
        return
    site = key.rpartition("/")[0]
    nearby = [one for one in _light(entries, among) if one.entry.keys[0].rpartition("/")[0] == site]
    if not nearby:
        return
    text = _bare(sanitise.text(own_words(held.entry)))
    files = {file.sha256 for file in own_files(held.entry)}
    for light in sorted(nearby, key=lambda one: (one.entry.published is None, one.entry.published, one.id)):
        if light.id == held.id or light.entry.kind in NEVER_EVIDENCE or light.entry.author == "others":
            continue
        if light.entry.kind in FILE_KINDS:
            if files & {file.sha256 for file in own_files(light.entry)}:
                yield light
        elif text and _stands(entries[light.id], text):
            yield light


def _light(entries: Entries, among: Collection[str]) -> list[Held]:
    """Return some entries; going through all of them at once reads no text."""
    if among is entries:
        return list(entries.values())
    return [one for entry_id in among if (one := entries.get(entry_id)) is not None]


def _stands(held: Held, text: str) -> bool:
    words = _bare(sanitise.text(own_words(held.entry)))
    if len(words) < _TELLING:
        return bool(words) and _bare(held.entry.title) in text and words in text
    return words in text


def _bare(text: str) -> str:
    """Return words without their spaces: a page is set out in another way than what it shows."""
    return "".join(text.split())
