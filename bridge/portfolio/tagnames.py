"""The tags that a framework itself gives a meaning: ``cmalt-1a`` names a section, ``cmalt-principle-current`` more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import cached_property

from bridge.portfolio.schema import FrameworkFile, SectionSpec, every


class TagNames:
    """
    The tags of one framework.

    Args:
        spec: The framework.

        principles: Ids of the principles that it is judged by, which may be another framework's.
    """

    def __init__(self, spec: FrameworkFile, principles: Iterable[str]) -> None:
        self._spec = spec
        self._principles = tuple(principles)

    def section(self, tag: str) -> str | None:
        """Return the section that a tag names; see ``Framework.section_for_tag``."""
        for rest in self._rests(tag):
            if rest in self._names:
                return self._names[rest]
            stem, _, number = rest.rpartition("-")
            if number.isdigit() and int(number) > 0 and self._names.get(stem) in self._repeated:
                return f"{self._names[stem]}-{int(number)}"
        return None

    def principle(self, tag: str) -> str | None:
        """Return the id of the principle that a tag names; None for any other tag."""
        return next((self._principle_names[rest] for rest in self._rests(tag) if rest in self._principle_names), None)

    def looks_like_one(self, tag: str) -> bool:
        """Say whether a tag seems to name something of the framework and names nothing: ``cmalt-1d``, ``cmlat-1a``."""
        if self.section(tag) is not None or self.principle(tag) is not None:
            return False
        names = (*self._names, *self._principle_names)
        rests = list(self._rests(tag))
        if any(re.fullmatch(r"[a-z]?\d{1,2}[a-z]?", rest) or _near(rest, names) for rest in rests):
            return True
        head, _, rest = plain(tag).partition("-")
        return not rests and rest in names and _near(head, self._prefixes)

    def _rests(self, tag: str) -> Iterator[str]:
        """Yield what remains of a tag behind each of the framework's prefixes; nothing when it has none of them."""
        whole = plain(tag)
        for prefix in self._prefixes:
            rest = whole.removeprefix(prefix)
            if rest not in (whole, "") and (rest[0] == "-" or rest[0].isdigit()):
                yield rest.lstrip("-")

    @cached_property
    def _prefixes(self) -> tuple[str, ...]:
        return tuple(sorted(map(plain, self._spec.tag_prefixes or (self._spec.id,)), key=len, reverse=True))

    @cached_property
    def _repeated(self) -> frozenset[str]:
        return frozenset(s.id for s in every(self._spec.sections) if s.repeat)

    @cached_property
    def _names(self) -> dict[str, str]:
        names = {}
        for section in every(self._spec.sections):
            target = section.children[0].id if len(section.children) == 1 and gathers(section) else section.id
            for name in (section.id, *section.aliases):
                names[plain(name)] = target
        for move in self._spec.moved:
            names.setdefault(plain(move.old), names[plain(move.new)])
        return names

    @cached_property
    def _principle_names(self) -> dict[str, str]:
        return {plain(f"{word}-{name}"): name for word in self._spec.principle_tags for name in self._principles}


def gathers(spec: SectionSpec) -> bool:
    """Say whether a heading only holds others: one with a prompt of its own is written in, too."""
    return bool(spec.repeat or (spec.children and not spec.prompt))


def plain(tag: str) -> str:
    """Return a tag as it is compared: ``CMALT 1a``, ``#cmalt_1a`` and ``cmalt: 1A`` are ``cmalt-1a``."""
    return re.sub(r"[^a-z0-9]+", "-", tag.casefold()).strip("-")


def _near(word: str, names: Iterable[str]) -> bool:
    """Say whether a word is one slip away from a name of more than three letters."""
    return any(len(name) > 3 and SequenceMatcher(None, word, name).ratio() >= 0.8 for name in names)
