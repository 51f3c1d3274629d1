"""
The data of the search: which words stand in which entries, in files small enough to be loaded one by one.

Entries come in parts of a thousand, in the order in which they arrived: what is new touches only the last part. Each
part has a file for every initial of a word, and one that says how its entries are shown. They are scripts because a
page opened from a disk may load nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from string import ascii_lowercase

from archive import naming
from archive.entry import Visibility
from archive.errors import ArchiveDamaged
from archive.store import Archive
from bridge.browse.catalogue import SAID, UNLISTED, Row
from bridge.browse.folder import Made, Task
from bridge.browse.texts import plain_text
from bridge.browse.words import initial, words

PER_PART = 1000
INITIALS = ("0", *ascii_lowercase, "other")
_SUMMARY = 160


def tasks(archive: Archive, rows: Iterable[Row], day: Callable[[Row], str], layout: str) -> list[Task]:
    """Return what makes the data. ``day``: the date of an entry in words."""
    found = sorted((row for row in rows if row.kind not in UNLISTED), key=_arrival)
    parts = [found[begin : begin + PER_PART] for begin in range(0, len(found), PER_PART)]
    made = [_part(archive, number, part, day, layout) for number, part in enumerate(parts)]
    return [*made, _index(len(parts), layout)]


def _index(parts: int, layout: str) -> Task:
    name = "search/parts.js"
    return Task(name, f"{layout} {parts}", (name,), lambda: Made({name: call("parts", [parts])}))


def _part(archive: Archive, number: int, rows: list[Row], day: Callable[[Row], str], layout: str) -> Task:
    base = f"search/{number:03d}"
    names = {letter: f"{base}/{letter}.js" for letter in INITIALS}
    stamp = naming.short_hash("\n".join((layout, *(f"{row.stamp} {row.shown}" for row in rows))), 16)

    def make() -> Made:
        found: dict[str, dict[str, list[int]]] = {letter: {} for letter in INITIALS}
        shown, whole = [], True
        for place, row in enumerate(rows):
            text, read = _text(archive, row)
            whole = whole and read
            for word in set(words(f"{row.title} {' '.join(row.tags)} {row.creator} {text}")):
                found[initial(word)].setdefault(word, []).append(place)
            shown.append([row.page, row.title, _meta(row, day), _summary(text), _weight(row), _number(row)])
        files = {names[letter]: call("words", [number, letter, sorted(held.items())]) for letter, held in found.items()}
        return Made({**files, f"{base}/shown.js": call("shown", [number, shown])}, whole=whole)

    return Task(base, stamp, (*names.values(), f"{base}/shown.js"), make)


def _arrival(row: Row) -> tuple[datetime, str]:
    return row.first_seen, row.id


def _weight(row: Row) -> int:
    """Say how much a word in the title counts: the title of a comment is that of the post above it."""
    return 0 if row.kind in SAID else 1


def _number(row: Row) -> int:
    """Return the day of publication as a number, for sorting; 0 for none."""
    return row.published.toordinal() if row.published else 0


def _summary(text: str) -> str:
    """Return the beginning of a text, ended at a word."""
    if len(text) <= _SUMMARY:
        return text
    return f"{text[:_SUMMARY].rpartition(' ')[0] or text[:_SUMMARY]} …"


def _text(archive: Archive, row: Row) -> tuple[str, bool]:
    """Return the words of an entry, and whether they could be read."""
    try:
        stored = archive.entry(row.id)
    except ArchiveDamaged:
        return "", False
    assert stored is not None  # it was listed in this run
    names = " ".join(file.name for file in stored.entry.files)
    return f"{plain_text(stored.entry.content_html)} {names}".strip(), True


def _meta(row: Row, day: Callable[[Row], str]) -> str:
    seen = {Visibility.PRIVATE: "Private", Visibility.ASSESSOR: "For assessors", Visibility.PUBLIC: ""}[row.seen]
    gone = "Deleted at its source" if row.deleted else ""
    return " · ".join(part for part in (row.what, day(row), seen, gone) if part)


def call(name: str, arguments: list[object]) -> str:
    """Return a script that hands plain values over; whatever they hold, they stay strings in it."""
    value = json.dumps([name, *arguments], ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return f"keepfolio({value});\n"
