"""
Reads an assessment transcript that was pasted as plain text: outcome, marks by heading and assessor, comments.

How such a text is laid out differs and is known only in outline, so it is read by what it must name: headings of the
framework, words of the scale, assessors by number. Nothing is lost: what is not understood comes back whole, line by
line, and the text itself is kept by whoever calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import SequenceMatcher

from bridge.portfolio.framework import Section
from bridge.portfolio.submission.scheme import Grade, Scheme

ALIKE = 0.88
"""A line is a heading where it is this like one: a pasted heading may have lost a letter or a comma."""


@dataclass(frozen=True)
class Said:
    """One comment: ``section`` is an id of a section or a principle, ``""`` for the whole; ``by`` an assessor."""

    section: str
    by: str
    text: str


@dataclass(frozen=True)
class Transcript:
    """
    What a transcript says, as far as it was understood.

    Attributes:
        outcome: The id of an outcome, or ``""``.

        on: The day that it names, if it names one.

        marks: Ids of marks by section, in the order of the assessors; ``principles`` likewise.

        unread: Lines that fit nowhere, as they stand.
    """

    outcome: str = ""
    on: date | None = None
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    principles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    comments: tuple[Said, ...] = ()
    unread: tuple[str, ...] = ()


def read(text: str, sections: Iterable[Section], scheme: Scheme, titles: Mapping[str, str]) -> Transcript:
    """
    Return what a transcript says.

    Args:
        text: As it was pasted.

        sections: Those of the pathway.

        scheme: Its marks, outcomes and principles.

        titles: What the owner calls areas that are the owner's to name.
    """
    reader = _Reader(sections, scheme, titles)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    while lines:
        lines = lines[reader.take(lines) :]
    return reader.done()


_WHOLE = re.compile(
    r"^(?:(?:general|overall|final|summary|additional|further)\s+(?:comments?|feedback|remarks?|statement)\b\s*:?"
    r"|feedback\s*:?$|(?:demonstrating )?(?:the )?(?:four )?core principles\b.*$)",
    re.IGNORECASE,
)
_ASSESSOR = re.compile(
    r"^(?:(?P<word>first|second|third)\s+assessor|assessor\s*(?P<number>[1-9A-C])(?!\w))\b(?P<rest>.*)$", re.IGNORECASE
)
_NUMBERS = {"first": 1, "second": 2, "third": 3, "a": 1, "b": 2, "c": 3}
_OUTCOME = re.compile(
    r"^(?:(?:overall|final|portfolio|assessment|the)\s+)*(?:outcome|result|decision|recommendation|grade)\b[\s:|–-]*",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?[ ./-]([A-Za-z]{3,9}|\d{1,2})[ ./-](\d{4})\b|\b(\d{4})-(\d{2})-(\d{2})\b"
)
_TICKED = re.compile(r"(?:☒|☑|✓|✔|\[\s*[xX]\s*\]|\([xX]\))\s*")
_BOX = re.compile(r"(?:☐|□|\[\s*\]|\(\s*\))\s*[^☐□☒☑✓✔\[(]*")
_FILLER = re.compile(
    r"\b(?:grade|grading|marks?|marked|rating|score|assessment|assessor|first|second|third|and|comments?|feedback|[1-3])\b"
    r"|[^\w]",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^(?:[-•*–·▪]|\d{1,2}[.)])\s+")
_COMMENT_WORD = re.compile(r"^(?:assessors?['’]?s?\s+)?(?:comments?|feedback)\s*:?\s*(?=\S|$)", re.IGNORECASE)
_BEFORE_HEADING = re.compile(
    r"^(?:[-•*]\s*)?(?:section\s+|criterion\s+)?(?:\d{0,2}[a-z]?[.):]\s+|\d[a-z]?\s+)+", re.IGNORECASE
)


class _Headings:
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
        self.own = {_plain(title) for title in titles.values() if title}
        self.names = sorted(((_plain(title), name) for title, name in known), key=lambda one: -len(one[0]))

    def find(self, line: str) -> tuple[str, str] | None:
        """Return the id that a line names and the rest of the line, or None."""
        for candidate in dict.fromkeys((line, _BEFORE_HEADING.sub("", line))):
            if found := self._by_name(candidate):
                return found
        return self._by_id(line)

    def begins(self, line: str) -> bool:
        """Say whether a line may be the first half of a heading that was broken in two."""
        plain = _plain(_BEFORE_HEADING.sub("", line))
        return len(plain.split()) > 1 and any(name != plain and name.startswith(plain) for name, _ in self.names)

    def _by_name(self, line: str) -> tuple[str, str] | None:
        """A sentence may begin with the words of a heading: behind a heading stands nothing, a mark, or a colon."""
        words = line.split()
        for name, target in self.names:
            size = len(name.split())
            for taken in (size, size - 1, size + 1):
                head, rest = " ".join(words[:taken]), " ".join(words[taken:])
                if not 0 < taken <= len(words) or not _alike(_plain(head), name):
                    continue
                if not rest or head[-1] in ":–|-" or rest[0] in ":–|-" or self.is_mark(rest):
                    rest = rest.lstrip(" :-–|")
                    return target, "" if _plain(rest) in self.own else rest
        return None

    def _by_id(self, line: str) -> tuple[str, str] | None:
        found = re.match(r"^(?:section\s+|core area\s+|criterion\s+)?(\d[a-z])\b[\s.:)|–-]*(.*)$", line, re.IGNORECASE)
        if found is None or found[1].casefold() not in self.ids:
            return None
        return self.ids[found[1].casefold()], found[2]


class _Reader:
    def __init__(self, sections: Iterable[Section], scheme: Scheme, titles: Mapping[str, str]) -> None:
        self.scheme = scheme
        self.headings = _Headings(sections, scheme, titles, lambda words: self._marks(words) is not None)
        self.section: str | None = None
        self.assessor = 0
        self.marks: dict[str, dict[int, str]] = {}
        self.blocks: list[list[str]] = []  # section, assessor's name, then lines
        self.outcome = ""
        self.on: date | None = None
        self.unread: list[str] = []
        self.begun = False  # whether the next line goes on with the last comment

    def take(self, lines: Sequence[str]) -> int:
        """Read the next line, with those after it that its heading goes on over; return how many were read."""
        line = lines[0]
        if not line:
            self.begun = False
            return 1
        for more in range(self._reach(lines), 0, -1):
            joined = " ".join(lines[:more])
            if found := self._whole(joined) or self.headings.find(joined):
                self._turn_to(found[0])
                self._rest(found[1])
                return more
        assessor = _ASSESSOR.match(line)
        if assessor and self.section is None:
            self.unread.append(line)
        elif assessor:
            said = (assessor["word"] or assessor["number"]).casefold()
            self.assessor, self.begun = _NUMBERS.get(said) or int(said), False
            self._rest(assessor["rest"].lstrip(" :-–|"))
        elif not self._outcome(line):
            self._rest(line)
        return 1

    def _reach(self, lines: Sequence[str]) -> int:
        """Return over how many lines a heading may go on: what was pasted from a PDF is broken in two or three."""
        more = 1
        while more < min(3, len(lines)) and lines[more] and self.headings.begins(" ".join(lines[:more])):
            more += 1
        return more

    def done(self) -> Transcript:
        """Return what was read."""
        width = max((n for given in self.marks.values() for n in given), default=0)
        marks = {name: tuple(given.get(n, "") for n in range(1, width + 1)) for name, given in self.marks.items()}
        principles = self.headings.principles
        return Transcript(
            self.outcome,
            self.on,
            {name: given for name, given in marks.items() if name not in principles},
            {name: given for name, given in marks.items() if name in principles},
            tuple(Said(section, by, " ".join(lines)) for section, by, *lines in self.blocks),
            tuple(self.unread),
        )

    def _whole(self, line: str) -> tuple[str, str] | None:
        found = _WHOLE.match(line)
        return ("", line[found.end() :].strip()) if found else None

    def _turn_to(self, section: str) -> None:
        self.section, self.assessor, self.begun = section, 0, False

    def _rest(self, line: str) -> None:
        """Read what stands on a line that is no heading: marks, or somebody's words."""
        if not line:
            return
        marks = self._marks(line)
        if marks is not None:
            self._mark(marks)
            return
        lead = self._leading_mark(line)
        if lead is not None:
            self._mark([lead[0]])
            line = lead[1]
        line = _COMMENT_WORD.sub("", line)
        if line:
            self._words(line)

    def _words(self, line: str) -> None:
        if self.section is None:
            self._day(line)
            self.unread.append(line)
            return
        bullet = _BULLET.match(line)
        by = f"Assessor {self.assessor}" if self.assessor else ""
        if not self.begun or bullet:
            self.blocks.append([self.section, by])
        self.blocks[-1].append(_BULLET.sub("", line))
        self.begun = True

    def _mark(self, marks: Sequence[Grade]) -> None:
        self.begun = False
        if self.section is None or not marks:
            return
        given = self.marks.setdefault(self.section, {})
        for mark in marks:
            place = self.assessor if self.assessor and self.assessor not in given else max(given, default=0) + 1
            given[place] = mark.id

    def _marks(self, line: str) -> list[Grade] | None:
        """Return the marks of a line that holds nothing else; [] for a line that only shows the scale; else None."""
        ticked = _TICKED.search(line) is not None
        if ticked or "☐" in line or "□" in line:
            line = _TICKED.sub("", _BOX.sub(" ", line))
        found: list[tuple[int, Grade]] = []
        rest = line
        for mark in sorted(self.scheme.marks, key=lambda mark: -len(mark.title)):
            pattern = _pattern(mark)
            found += [(one.start(), mark) for one in pattern.finditer(rest)]
            rest = pattern.sub(lambda one: " " * len(one[0]), rest)
        if _FILLER.sub("", rest) or (not found and not ticked and _FILLER.sub("", line)):
            return None
        if len({mark.id for _, mark in found}) >= max(3, len(self.scheme.scale) - 1):
            return []
        return [mark for _, mark in sorted(found, key=lambda one: one[0])]

    def _leading_mark(self, line: str) -> tuple[Grade, str] | None:
        """Return a mark that a line begins with, and its words behind it: ``Adequate: say more of your own part``."""
        for mark in sorted(self.scheme.marks, key=lambda mark: -len(mark.title)):
            found = _pattern(mark).match(line)
            if found and (rest := re.match(r"\s*[:|.–-]\s*(\S.*)$", line[found.end() :])):
                return mark, rest[1]
        return None

    def _outcome(self, line: str) -> bool:
        """Read a line that says an outcome and nothing else, alone, ticked, or behind a word such as ``Outcome:``."""
        said = _plain(_OUTCOME.sub("", _DATE.sub("", _TICKED.sub("", line))))
        for one in self.scheme.outcomes:
            title = _plain(one.title)
            if said in (title, title.removesuffix(" required")) and not _BOX.match(line):
                self.outcome = one.id
                self.section, self.begun = None, False
                self._day(line)
                return True
        return False

    def _day(self, line: str) -> None:
        if self.on is None:
            self.on = _date(line)


def _pattern(mark: Grade) -> re.Pattern[str]:
    words = [re.escape(word) for word in re.findall(r"\w+", mark.title)]
    also = "|n/a" if mark.id == "na" else ""
    title = r"[\s/-]*".join(words)
    return re.compile(rf"\b(?:{title}{also})\b", re.IGNORECASE)


def _date(line: str) -> date | None:
    found = _DATE.search(line)
    if found is None:
        return None
    try:
        if found[4]:
            return date(int(found[4]), int(found[5]), int(found[6]))
        if found[2].isdigit():
            return date(int(found[3]), int(found[2]), int(found[1]))
        return datetime.strptime(f"{found[1]} {found[2][:3]} {found[3]}", "%d %b %Y").date()  # noqa: DTZ007 - a day
    except ValueError:
        return None


def _alike(one: str, other: str) -> bool:
    return one == other or (len(other) > 8 and SequenceMatcher(None, one, other).ratio() >= ALIKE)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()
