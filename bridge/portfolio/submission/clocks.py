"""
The clocks of a portfolio: when something is due, and on which days its owner is told. Pure: the day is handed in.

A date that nobody knows is no date: it is shown as unknown, and nobody is reminded of it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["review", "membership", "registration", "milestone", "closing"]

LATE = 30
"""Days for which an own day that passed unseen is still worth a word."""


@dataclass(frozen=True)
class Clock:
    """
    Something that is due.

    Attributes:
        id: The same in every run: what was told is remembered by it.

        what: As a sentence begins with it: ``Portfolio review``.

        due: None where nobody knows.

        remind: Days before it on which its owner is told; ``()``: only in calendars.

        overdue: Whether it is told of every month once it is past.

        note: What else is worth knowing of it: where the date comes from, or why nobody is reminded.
    """

    id: str
    kind: Kind
    what: str
    due: date | None
    remind: tuple[int, ...] = ()
    overdue: bool = False
    note: str = ""


@dataclass(frozen=True)
class Reminder:
    """What is to be told of a clock; ``mark`` names it among those that the clock ever gives."""

    clock: Clock
    mark: str


def after(day: date, *, years: int = 0, months: int = 0) -> date:
    """Return the day so many years and months later; the last of the month where that month is too short."""
    index = day.month - 1 + months + 12 * years
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def months_between(first: date, last: date) -> int:
    """Return how many whole months lie between two days, the first being the earlier."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if after(first, months=months) <= last else months - 1


def standing(clock: Clock, today: date) -> str:
    """Return how a clock stands: ``unknown``, ``in 3 months``, ``today`` or ``overdue by 3 years 2 months``."""
    if clock.due is None:
        return "unknown"
    if clock.due == today:
        return "today"
    if clock.due > today:
        return f"in {_span(today, clock.due)}"
    if clock.kind == "closing":
        return f"closed {_span(clock.due, today)} ago"
    if clock.kind == "milestone":
        return f"{_span(clock.due, today)} ago"
    return f"overdue by {_span(clock.due, today)}"


def reminder(clock: Clock, today: date, told: Iterable[str]) -> Reminder | None:
    """
    Return what is to be told today: the newest reminder whose day has come, unless it was told.

    Those that were missed while the computer was off are not made up: the newest says all that they would.
    """
    if clock.due is None or not clock.remind:
        return None
    left = (clock.due - today).days
    if left >= 0:
        passed = [days for days in clock.remind if left <= days]
        mark = str(min(passed)) if passed else ""
    elif clock.overdue:
        mark = f"overdue-{months_between(clock.due, today)}"
    else:
        mark = "0" if 0 in clock.remind and left >= -LATE else ""
    return Reminder(clock, mark) if mark and mark not in set(told) else None


def words(told: Reminder, today: date) -> str:
    """Return a reminder as a sentence."""
    clock = told.clock
    assert clock.due is not None, "what has no date is never told"
    when = f"{clock.due.day} {clock.due:%B %Y}"
    if clock.kind == "milestone":
        return f"You set yourself a day, {when}: {clock.what}."
    if clock.due < today:
        return f"{clock.what}: {standing(clock, today)} (it was due on {when})."
    return f"{clock.what}: due on {when}, {standing(clock, today)}."


def _span(first: date, last: date) -> str:
    """Return the time between two days as a person says it: days up to two months, then months and years."""
    days, months = (last - first).days, months_between(first, last)
    if months < 2:
        return _counted(days, "day")
    years, rest = divmod(months, 12)
    return " ".join(_counted(n, noun) for n, noun in ((years, "year"), (rest, "month")) if n)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
