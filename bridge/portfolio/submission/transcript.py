"""
Reads an assessment transcript that was pasted as plain text: outcome, marks by heading and assessor, comments.

How such a text is laid out depends on where it was copied from, so it is read by what it must name: headings of the
framework, words of the scale, assessors by number. ALT's form of May 2026 was read from a PDF in three ways: lines as
they are seen, columns kept, and cells one below the other; headings are broken in two, with marks between the halves.
Nothing is lost: what is not understood comes back whole, line by line, and the text itself is kept by whoever calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from unicodedata import normalize

from bridge.portfolio.framework import Section
from bridge.portfolio.submission.headings import Headings
from bridge.portfolio.submission.scheme import Grade, Scheme, plain


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
    # a PDF has "fi" as one sign, and signs without width
    lines = [" ".join(_UNSEEN.sub("", normalize("NFKC", line)).split()) for line in text.splitlines()]
    while lines:
        lines = lines[reader.take(lines) :]
    return reader.done()


_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff]")
_LEGEND = re.compile(
    r"^(?:(?:assessment|marking|grading)\s+(?:grading|scale|criteria|grades?|marks?)"
    r"|.*\b(?:outcomes?|grades?|marks?) explained)$",
    re.IGNORECASE,
)
"""Begins what the form says of its own words: no mark and no outcome in it is somebody's."""
_OF_THE_FORM = re.compile(
    r"^(?:(?:senior )?(?:cmalt )?candidates? (?:must|are required)\b|below is a summary\b|complete$"
    r"|the candidate['’]?s? .{3,40} (?:is|are) not assessed\b)",
    re.IGNORECASE,
)
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
_OUTCOME_FOLLOWS = re.compile(
    r"^(?:(?:overall|final|portfolio|assessment)\s+(?:outcome|result|decision|recommendation|grade)|outcome)\s*:?$",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?[ ./-]([A-Za-z]{3,9}|\d{1,2})[ ./-](\d{4})\b|\b(\d{4})-(\d{2})-(\d{2})\b"
)
_TICKED = re.compile(r"(?:☒|☑|✓|✔|\[\s*[xX]\s*\]|\([xX]\))\s*")
_BOX = re.compile(r"(?:☐|□|\[\s*\]|\(\s*\))\s*[^☐□☒☑✓✔\[(]*")
_SIGN = re.compile(r"[☐□☒☑✓✔]|[\[(]\s*[xX]?\s*[\])]")
_FILLER = re.compile(
    r"\b(?:grade|grading|marks?|marked|rating|score|assessment|assessor|first|second|third|and|comments?|feedback|[1-3])\b"
    r"|[^\w]",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^(?:[-•●*–·▪]|\d{1,2}[.)])\s+")
_COMMENT_WORD = re.compile(r"^(?:assessors?['’]?s?\s+)?(?:comments?|feedback)\s*:?\s*(?=\S|$)", re.IGNORECASE)


class _Reader:
    def __init__(self, sections: Iterable[Section], scheme: Scheme, titles: Mapping[str, str]) -> None:
        self.scheme = scheme
        self.headings = Headings(sections, scheme, titles, lambda words: self._marks(words) is not None)
        self.section: str | None = None
        self.assessor = 0
        self.marks: dict[str, dict[int, str]] = {}
        self.blocks: list[list[str]] = []  # section, assessor's name, then lines
        self.outcome = ""
        self.on: date | None = None
        self.unread: list[str] = []
        self.begun = False  # whether the next line goes on with the last paragraph
        self.left = False  # and that paragraph was not understood
        self.legend = False
        self.feedback = False
        self.outcome_next = False  # the line before says that the outcome follows

    def take(self, lines: Sequence[str]) -> int:
        """Read the next line, with those after it that its heading goes on over; return how many were read."""
        line = lines[0]
        if not line:
            self.begun = False
            return 1
        if read := self._heading(lines):
            return read
        assessor = _ASSESSOR.match(line)
        if _LEGEND.match(line):
            self.section, self.legend, self.begun = None, True, False
            self.unread.append(line)
        elif assessor and self.section is not None:
            said = (assessor["word"] or assessor["number"]).casefold()
            self.assessor, self.begun = _NUMBERS.get(said) or int(said), False
            self.section = "" if self.feedback else self.section
            self._rest(assessor["rest"].lstrip(" :-–|"))
        elif assessor or not self._outcome(line):
            self._rest(line, unread=assessor is not None)
        return 1

    def _heading(self, lines: Sequence[str]) -> int:
        """Read a heading, broken into as many as four lines, with marks behind any of them; return how many it was."""
        halves = [self._split(one) for one in lines[:4]]
        reach = 1
        while reach < len(halves) and lines[reach] and self.headings.begins(_joined(halves[:reach])):
            reach += 1
        for more in range(reach, 0, -1):
            text = _joined(halves[:more]) if more > 1 else lines[0]
            if found := self._whole(text) or self.headings.find(text):
                self._turn_to(found[0], feedback=found[0] == "" and "principles" not in text)
                self._mark([mark for _, marks in halves[:more] for mark in marks] if more > 1 else [])
                self._rest(found[1])
                return more
        return 0

    def _split(self, line: str) -> tuple[str, list[Grade]]:
        """Return a line without the marks at its end, and those."""
        marks: list[Grade] = []
        while found := next((m for m in self.scheme.marks if _pattern(m, at_end=True).search(line)), None):
            line = _pattern(found, at_end=True).sub("", line).rstrip(" |/")
            marks.insert(0, found)
        return line, marks

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

    def _turn_to(self, section: str, *, feedback: bool) -> None:
        if feedback or not self.feedback:  # in the feedback on the whole an assessor may go through the headings
            self.assessor = 0
        self.section, self.feedback, self.legend, self.begun = section, feedback or self.feedback, False, False

    def _rest(self, line: str, *, unread: bool = False) -> None:
        """Read what stands on a line that is no heading: marks, or somebody's words."""
        if not line:
            return
        if unread or self.legend or _OF_THE_FORM.match(line):
            self._leave(line)
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

    def _leave(self, line: str) -> None:
        """Keep a line as one that was not understood; the lines of its paragraph are not, either."""
        self._day(line)
        self.unread.append(line)
        self.begun, self.left = True, True

    def _words(self, line: str) -> None:
        if self.section is None or (self.begun and self.left):
            self._leave(line)
            return
        bullet = _BULLET.match(line)
        by = f"Assessor {self.assessor}" if self.assessor else ""
        if not self.begun or bullet:
            self.blocks.append([self.section, by])
        self.blocks[-1].append(_BULLET.sub("", line))
        self.begun, self.left = True, False

    def _mark(self, marks: Sequence[Grade]) -> None:
        if self.section is None or not marks:
            return
        self.begun = False
        given = self.marks.setdefault(self.section, {})
        for mark in marks:
            place = self.assessor if self.assessor and self.assessor not in given else max(given, default=0) + 1
            if place > max(self.assessor, self.scheme.assessors):  # cells of a table that came in another order
                self.unread.append(mark.title)
            else:
                given[place] = mark.id

    def _marks(self, line: str) -> list[Grade] | None:
        """Return the marks of a line that holds nothing else; [] for a line that only shows the scale; else None."""
        whole, _ = self._found(_SIGN.sub(" ", line))
        if _FILLER.sub("", whole):
            return None
        _, given = self._found(_BOX.sub(" ", line))  # of boxes only the ticked ones count
        if len({mark.id for mark in given}) >= max(3, len(self.scheme.scale) - 1):
            return []
        return given

    def _found(self, line: str) -> tuple[str, list[Grade]]:
        """Return a line without the marks that it names, and those in the order of the line."""
        found: list[tuple[int, Grade]] = []
        for mark in sorted(self.scheme.marks, key=lambda mark: -len(mark.title)):
            pattern = _pattern(mark)
            found += [(one.start(), mark) for one in pattern.finditer(line)]
            line = pattern.sub(lambda one: " " * len(one[0]), line)
        return line, [mark for _, mark in sorted(found, key=lambda one: one[0])]

    def _leading_mark(self, line: str) -> tuple[Grade, str] | None:
        """Return a mark that a line begins with, and its words behind it: ``Adequate: say more of your own part``."""
        for mark in sorted(self.scheme.marks, key=lambda mark: -len(mark.title)):
            found = _pattern(mark).match(line)
            if found and (rest := re.match(r"\s*[:|.–-]\s*(\S.*)$", line[found.end() :])):
                return mark, rest[1]
        return None

    def _outcome(self, line: str) -> bool:
        """
        Read a line that says an outcome and nothing else, alone, ticked, or behind a word such as ``Outcome:``.

        Behind such a word fewer words are enough, for few assessors write what the framework calls it.
        """
        follows, self.outcome_next = self.outcome_next, False
        label = _OUTCOME.match(line)
        said = plain(_OUTCOME.sub("", _DATE.sub("", _TICKED.sub("", line))))
        if _OUTCOME_FOLLOWS.match(line):
            self.section, self.legend, self.begun, self.outcome_next = None, False, False, True
            return True
        behind = follows or (label is not None and not label[0].casefold().startswith("grade"))
        meant = self.scheme.nearly(said) if behind else None
        for one in self.scheme.outcomes if not self.legend else ():
            title = plain(one.title)
            if (one is meant or said in (title, title.removesuffix(" required"))) and not _BOX.match(line):
                self.outcome = one.id if label or not self.outcome else self.outcome
                self.section, self.begun = None, False
                self._day(line)
                return True
        return False

    def _day(self, line: str) -> None:
        if self.on is None:
            self.on = _date(line)


@lru_cache(maxsize=64)
def _pattern(mark: Grade, *, at_end: bool = False) -> re.Pattern[str]:
    words = [re.escape(word) for word in re.findall(r"\w+", mark.title)]
    also = "|n/a" if mark.id == "na" else ""
    title = r"[\s/-]*".join(words)
    return re.compile(rf"\b(?:{title}{also})\b{'$' if at_end else ''}", re.IGNORECASE)


def _joined(halves: Sequence[tuple[str, Sequence[Grade]]]) -> str:
    return " ".join(text for text, _ in halves if text)


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
