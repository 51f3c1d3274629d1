"""Finds the headings of a framework in pasted text: with numbers before them, slips in them, or broken in two."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher

from bridge.portfolio.framework import Section
from bridge.portfolio.submission.scheme import Scheme, plain

ALIKE = 0.88
"""A line is a heading where it is this like one: a pasted heading may have lost a letter or a comma."""
_BEFORE_HEADING = re.compile(
    r"^(?:[-•●*]\s*)?(?:section\s+|criterion\s+)?(?:\d{0,2}[a-z]?[.):]\s+|\d[a-z]?\s+)+", re.IGNORECASE
)


class Headings:
    """Finds the section or principle that a line names, and what stands behind its name on the same line."""

    def __init__(
        self, sections: Iterable[Section], scheme: Scheme, titles: Mapping[str, str], is_mark: Callable[[str], bool]
    ) -> None:
        self.is_mark = is_mark
        sections = tuple(sections)
        self.ids = {s.id.casefold(): s.id for s in sections}
        self.principles = {one.id for one in scheme.principles}
        known = [(s.title, s.id) for s in sections] + [(one.title, one.id) for one in scheme.principles]
        known += [(title, section) for section, title in titles.items() if title]
        self.own = {plain(title) for title in titles.values() if title}
        self.names = sorted(((plain(title), name) for title, name in known), key=lambda one: -len(one[0]))

    def find(self, line: str) -> tuple[str, str] | None:
        """Return the id that a line names and the rest of the line, or None."""
        for candidate in dict.fromkeys((line, _BEFORE_HEADING.sub("", line))):
            if found := self._by_name(candidate):
                return found
        return self._by_id(line)

    def begins(self, line: str) -> bool:
        """Say whether a line may be the first half of a heading that was broken in two."""
        half = plain(_BEFORE_HEADING.sub("", line))
        return len(half.split()) > 1 and any(name != half and name.startswith(half) for name, _ in self.names)

    def _by_name(self, line: str) -> tuple[str, str] | None:
        """A sentence may begin with the words of a heading: behind a heading stands nothing, a mark, or a colon."""
        words = line.split()
        for same in (_equal, _alike):
            for name, target in self.names:
                size = len(name.split())
                for taken in (size, size - 1, size + 1):
                    head, rest = " ".join(words[:taken]), " ".join(words[taken:])
                    if not 0 < taken <= len(words) or not same(plain(head), name):
                        continue
                    if not rest or head[-1] in ":–|-" or rest[0] in ":–|-" or self.is_mark(rest):
                        rest = rest.lstrip(" :-–|")
                        return target, "" if plain(rest) in self.own else rest
        return None

    def _by_id(self, line: str) -> tuple[str, str] | None:
        found = re.match(r"^(?:section\s+|core area\s+|criterion\s+)?(\d[a-z])\b[\s.:)|–-]*(.*)$", line, re.IGNORECASE)
        if found is None or found[1].casefold() not in self.ids:
            return None
        return self.ids[found[1].casefold()], found[2]


def _equal(one: str, other: str) -> bool:
    return one == other


def _alike(one: str, other: str) -> bool:
    """Say whether a line is a heading with a slip in it; "Specialist Area 2" is no slip for the first."""
    numbers = re.findall(r"\d+", one) == re.findall(r"\d+", other)
    if not numbers or len(other) <= 8:
        return False
    matcher = SequenceMatcher(None, one, other)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
