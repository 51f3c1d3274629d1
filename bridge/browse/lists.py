"""The lists: by date, tag, source, kind and section, of titles from A to Z, and by the words of titles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from sys import intern
from zoneinfo import ZoneInfo

from archive import naming
from bridge.browse.catalogue import SAID, Row
from bridge.browse.words import plain, words
from bridge.portfolio import wording

PER_PAGE = 250
"""Lines on a page of a list. The first page has what is left over, so that a new line changes that one alone."""

_SMALL = frozenset(
    words(
        "a an and are as at be by for from has have how i in is it its my of on or our that the their this to was we "
        "what with you your"
    )
)


@dataclass
class Listing:
    """One list: its file without the ending, its name, and its lines, each under a heading (``""`` for none)."""

    base: str
    title: str
    label: str
    lines: list[tuple[str, Row]] = field(default_factory=list)

    @property
    def pages(self) -> int:
        return max(1, (len(self.lines) + PER_PAGE // 2) // PER_PAGE)

    def name(self, page: int) -> str:
        """Return the file of a page of it, the first being 1."""
        return f"{self.base}.html" if page == 1 else f"{self.base}-p{page}.html"

    def on(self, page: int) -> Iterator[tuple[str, list[Row]]]:
        """Yield headings with their lines, as they stand on a page."""
        end = len(self.lines) - (self.pages - page) * PER_PAGE
        begin = 0 if page == 1 else end - PER_PAGE
        for heading, lines in groupby(self.lines[begin:end], key=lambda line: line[0]):
            yield heading, [row for _, row in lines]


@dataclass(frozen=True)
class Way:
    """One way to look through everything: a folder with an index of its lists."""

    folder: str
    title: str
    about: str
    lists: list[Listing]


def tag_page(tag: str) -> str:
    return f"{_named('tags', tag)}.html"


def kind_page(what: str) -> str:
    return f"{_named('kinds', what)}.html"


def source_page(source: str) -> str:
    return f"{_named('sources', source)}.html"


def section_page(section: str) -> str:
    return f"{_named('sections', section)}.html"


def ways(rows: Iterable[Row], zone: ZoneInfo, sections: Mapping[str, str]) -> list[Way]:
    """Return all lists. ``sections``: titles by id, in the order of the portfolio."""
    everything = list(rows)
    live = [row for row in everything if row.listed]
    kept = [row for row in everything if not row.deleted]
    titled = [row for row in live if row.kind not in SAID]
    cited = {section: _of("sections", section, title, title) for section, title in sections.items()}
    for row in everything:
        for section in row.sections:
            if section in cited:
                cited[section].lines.append(("", row))
    return [
        Way("dates", "Dates", "By year and month, the newest first.", _by_date(live, zone)),
        Way("titles", "Titles", "All titles from A to Z.", _by_title(titled)),
        Way("words", "Words", "Every title under each of its words, for finding without a script.", _by_word(titled)),
        Way("tags", "Tags", "What carries each tag or category.", _by_tag(live, zone)),
        Way("kinds", "Kinds", "Posts, pages, pictures, comments and all the rest.", _by_kind(kept, zone)),
        Way("sources", "Sources", "Where each thing came from.", _by_source(kept, zone)),
        Way(
            "sections",
            "Sections",
            "What each section of the portfolio cites.",
            [listing for listing in cited.values() if listing.lines],
        ),
        Way(
            "deleted",
            "Deleted",
            "What its source has deleted. Your archive kept it.",
            _deleted([row for row in everything if row.deleted], zone),
        ),
    ]


def _by_date(rows: list[Row], zone: ZoneInfo) -> list[Listing]:
    found: dict[str, Listing] = {}
    for row in reversed(rows):
        year, month = _when(row, zone)
        place = found.get(year) or found.setdefault(year, Listing(f"dates/{year.lower()}", year, year))
        place.lines.append((month, row))
    return sorted(found.values(), key=lambda listing: (listing.label.isdigit(), listing.label), reverse=True)


def _by_title(rows: list[Row]) -> list[Listing]:
    found: dict[str, list[tuple[str, Row]]] = {}
    for row in rows:
        sorted_by = plain(row.title).strip()
        found.setdefault(_initial(sorted_by), []).append((sorted_by, row))
    return [
        Listing(f"titles/{naming.slug(letter)}", f"Titles: {letter}", letter, [("", row) for _, row in _sorted(lines)])
        for letter, lines in sorted(found.items())
    ]


def _by_word(rows: list[Row]) -> list[Listing]:
    found: dict[str, list[tuple[str, Row]]] = {}
    for row in rows:
        for word in dict.fromkeys(words(row.title)):
            if word not in _SMALL:
                found.setdefault(_initial(word), []).append((intern(word), row))
    return [
        Listing(f"words/{naming.slug(letter)}", f"Words of titles: {letter}", letter, _sorted(lines))
        for letter, lines in sorted(found.items())
    ]


def _by_tag(rows: list[Row], zone: ZoneInfo) -> list[Listing]:
    found: dict[str, Listing] = {}
    for row in reversed(rows):
        for tag in dict.fromkeys(row.tags):
            place = found.get(tag) or found.setdefault(tag, _of("tags", tag, f"Tag: {tag}", tag))
            place.lines.append((_when(row, zone)[0], row))
    return sorted(found.values(), key=lambda listing: plain(listing.label))


def _by_kind(rows: list[Row], zone: ZoneInfo) -> list[Listing]:
    found: dict[str, Listing] = {}
    for row in reversed(rows):
        place = found.get(row.what) or found.setdefault(row.what, _of("kinds", row.what, row.what, row.what))
        place.lines.append((_when(row, zone)[0], row))
    return sorted(found.values(), key=lambda listing: listing.label)


def _by_source(rows: list[Row], zone: ZoneInfo) -> list[Listing]:
    found: dict[str, Listing] = {}
    for row in reversed(rows):
        for name in row.sources:
            place = found.get(name) or found.setdefault(name, _of("sources", name, f"Source: {name}", name))
            place.lines.append((_when(row, zone)[0], row))
    return sorted(found.values(), key=lambda listing: listing.label)


def _deleted(rows: list[Row], zone: ZoneInfo) -> list[Listing]:
    if not rows:
        return []
    lines = [(_when(row, zone)[0], row) for row in reversed(rows)]
    return [Listing("deleted/all", "Deleted at the source, kept here", "All of them", lines)]


def _of(folder: str, name: str, title: str, label: str) -> Listing:
    return Listing(_named(folder, name), title, label)


def _named(folder: str, name: str) -> str:
    """Return a file for a name from outside: readable, and its own whatever the name is."""
    return f"{folder}/{'-'.join(part for part in (naming.slug(name), naming.short_hash(name)) if part)}"


def _when(row: Row, zone: ZoneInfo) -> tuple[str, str]:
    if row.published is None:
        return "Undated", ""
    _, month, year = wording.day(row.published, zone).split()
    return intern(year), intern(month)  # a few dozen strings, shared by all lines


def _initial(text: str) -> str:
    first = text[:1]
    if re.fullmatch(r"[a-z]", first):
        return first.upper()
    return "0-9" if re.fullmatch(r"[0-9]", first) else "Others"


def _sorted(lines: list[tuple[str, Row]]) -> list[tuple[str, Row]]:
    return sorted(lines, key=lambda line: (line[0], line[1].title, line[1].id))
