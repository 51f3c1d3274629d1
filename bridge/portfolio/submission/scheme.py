"""What a framework says of marks, outcomes and dates: the scheme that a portfolio is judged by, as plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from archive.errors import UsageError
from bridge.portfolio import framework
from bridge.portfolio.framework import Framework
from bridge.portfolio.schema import Grading, Mark, Principle, PrinciplesRef

Verdict = Literal["passed", "referred", "failed"]

REMINDERS = (365, 180, 90, 30, 7)
"""Days before a review is due on which its owner is told, where the framework says nothing else."""


@dataclass(frozen=True)
class Grade:
    """One mark of the scale, or one outcome."""

    id: str
    title: str
    meaning: str = ""
    resubmit: bool = False

    @property
    def verdict(self) -> Verdict:
        """What an outcome makes of a portfolio. A framework says which ask for another try; a fail says so itself."""
        if self.resubmit:
            return "referred"
        return "failed" if self.title.casefold().startswith(("fail", "not passed", "unsuccessful")) else "passed"


@dataclass(frozen=True)
class Scheme:
    """
    How a framework's portfolios are judged, and for how long a pass holds.

    Attributes:
        former: Marks of earlier years, which old transcripts still show.

        principles: Ids and sentences that are marked over the whole portfolio.

        years: How long a pass holds; None where nobody says.

        registered_for: Years in which a registered candidate hands in; None where nobody says.

        assessors: How many mark a portfolio.
    """

    scale: tuple[Grade, ...] = ()
    former: tuple[Grade, ...] = ()
    outcomes: tuple[Grade, ...] = ()
    principles: tuple[Grade, ...] = ()
    years: int | None = None
    registered_for: int | None = None
    reminders: tuple[int, ...] = REMINDERS
    assessors: int = 2

    @property
    def marks(self) -> tuple[Grade, ...]:
        """All marks that may stand on a transcript, of today and of earlier."""
        known = {plain(mark.title) for mark in self.scale}
        return (*self.scale, *(mark for mark in self.former if plain(mark.title) not in known))

    def mark(self, said: str) -> Grade | None:
        """Return the mark that somebody wrote: ``Strong``, ``strong``, ``N/A``; None for another word."""
        wanted = {"n a": "na", "incomplete": "incomplete missing", "missing": "incomplete missing"}
        word = plain(said)
        names = {name: mark for mark in self.marks for name in (mark.id, plain(mark.title))}
        return names.get(word) or names.get(wanted.get(word, ""))

    def outcome(self, said: str) -> Grade:
        """
        Return the outcome of that id or title.

        Raises:
            UsageError: The framework knows no such outcome; the nearest is named.
        """
        names = {name: one for one in self.outcomes for name in (one.id, plain(one.title))}
        if found := names.get(said) or names.get(plain(said)):
            return found
        near = get_close_matches(plain(said), names, n=1, cutoff=0.5)
        hint = f" Did you mean {names[near[0]].id}?" if near else ""
        known = "; ".join(f"{one.id} ({one.title})" for one in self.outcomes)
        raise UsageError(
            f"There is no outcome {said!r} in this framework.{hint}",
            code="unknown-outcome",
            unchanged="Nothing was written.",
            mend=f"Say one of: {known}" if known else "Its framework names no outcomes; say passed, referred or failed",
        )

    def nearly(self, said: str) -> Grade | None:
        """Return the one outcome that words such as ``Minor revisions`` or ``Distinction`` can mean, or None."""
        wanted = _gist(said)
        gists = {one.id: _gist(one.title) for one in self.outcomes}
        same = [one for one in self.outcomes if gists[one.id] == wanted]
        found = same or [one for one in self.outcomes if wanted <= gists[one.id]]
        return found[0] if wanted and len(found) == 1 else None

    def title(self, mark_id: str) -> str:
        """Return what a mark or an outcome is called, or the id where it is not known."""
        found = {one.id: one.title for one in (*self.outcomes, *self.marks)}
        return found.get(mark_id, mark_id)


PLAIN_OUTCOMES = (
    Grade("passed", "Passed"),
    Grade("referred", "Referred", resubmit=True),
    Grade("failed", "Failed"),
)
"""For a framework that names no outcomes of its own."""


def of(chosen: Framework) -> Scheme:
    """
    Return the scheme of a framework, with what it takes over from another.

    Raises:
        UsageError: It refers to a framework that is not there.
    """
    spec = chosen.spec
    grading = _grading(chosen)
    cycle, validity = spec.cycle, spec.validity
    return Scheme(
        scale=tuple(map(_grade, grading.scale)) if grading else (),
        former=tuple(_former(grading)),
        outcomes=(tuple(map(_grade, grading.outcomes)) if grading else ()) or PLAIN_OUTCOMES,
        principles=tuple(Grade(one.id, one.title) for one in _principles(chosen)),
        years=cycle.years if cycle else validity.years if validity else None,
        registered_for=spec.registration.valid_years if spec.registration else None,
        reminders=tuple(sorted((cycle.reminders_days_before if cycle else ()) or REMINDERS, reverse=True)),
        assessors=(spec.submission.assessors.count if spec.submission and spec.submission.assessors else 0) or 2,
    )


def _grading(chosen: Framework, seen: frozenset[str] = frozenset()) -> Grading | None:
    found = chosen.spec.grading
    if found is None or found.scale or found.outcomes or not found.ref or chosen.id in seen:
        return found
    return _grading(framework.load(found.ref), seen | {chosen.id})


def _principles(chosen: Framework, seen: frozenset[str] = frozenset()) -> Iterable[Principle]:
    found = chosen.spec.principles
    if not isinstance(found, PrinciplesRef):
        return found
    return () if chosen.id in seen else _principles(framework.load(found.ref), seen | {chosen.id})


def _former(grading: Grading | None) -> Iterator[Grade]:
    for title in grading.former_scale.values if grading and grading.former_scale else ():
        yield Grade(plain(title).replace(" ", "-"), title)


def _grade(mark: Mark) -> Grade:
    return Grade(mark.id, mark.title, mark.meaning, mark.resubmit)


_BESIDE = frozenset({"referral", "referred", "required", "needed", "with", "a"})
"""Words that an outcome is said with or without."""
_SAME = {"passed": "pass", "failed": "fail", "revision": "revisions"}


def _gist(text: str) -> frozenset[str]:
    return frozenset(_SAME.get(word, word) for word in plain(text).split()) - _BESIDE


def plain(text: str) -> str:
    """Return a title as it is compared: small letters and numbers, one space between words."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
