"""
When a job is due: pure arithmetic on the owner's calendar.

A job has one **slot** for each day on which it should run, and is done at most once for it, whatever the clock does:
on the October night a time comes twice, on the March night not at all, and the slot is still one. A slot that was slept
through stays due until it is done, or until the next one replaces it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from bridge.config import When

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ONE_DAY = timedelta(days=1)
LONGEST_GAP = 62  # days between two slots at most: monthly on the last day, with room


@dataclass(frozen=True)
class Rhythm:
    """Which days, and at what time of day in the owner's zone."""

    on: Callable[[date], bool]
    clock: time
    zone: ZoneInfo

    def latest(self, now: datetime) -> date:
        """Return the newest slot whose time has come."""
        return next(day for day in self._days(now, -1) if self.instant(day) <= now)

    def next(self, now: datetime) -> datetime:
        """Return when the next slot begins; UTC."""
        return next(at for at in map(self.instant, self._days(now, +1)) if at > now)

    def after(self, day: date) -> datetime:
        """Return when the first slot after that day begins; UTC."""
        return next(self.instant(d) for d in _run(day + ONE_DAY, +1) if self.on(d))

    def instant(self, day: date) -> datetime:
        """Return a slot's moment in UTC: the first of two; just after the gap where the time is left out."""
        return datetime.combine(day, self.clock, self.zone).astimezone(UTC)

    def is_due(self, now: datetime, done: date | None) -> bool:
        """
        Tell whether there is a slot to do, after the one that was done last.

        One that lies in the future was noted by a clock that went wrong, and does not count.
        """
        today = now.astimezone(self.zone).date()
        return done is None or done < self.latest(now) or done > today

    def _days(self, now: datetime, step: int) -> Iterator[date]:
        today = now.astimezone(self.zone).date()
        return (day for day in _run(today - step * ONE_DAY, step) if self.on(day))


def rhythm_of(when: When, zone: ZoneInfo) -> Rhythm:
    """Return the rhythm that the configuration words."""
    if when.daily:
        return Rhythm(lambda _: True, time.fromisoformat(when.daily), zone)
    named, _, clock = (when.weekly or when.monthly or "").partition(" ")
    if when.weekly:
        weekday = WEEKDAYS.index(named)
        return Rhythm(lambda day: day.weekday() == weekday, time.fromisoformat(clock), zone)
    if named == "last":
        return Rhythm(lambda day: (day + ONE_DAY).day == 1, time.fromisoformat(clock), zone)
    return Rhythm(lambda day: day.day == int(named), time.fromisoformat(clock), zone)


def _run(start: date, step: int) -> Iterator[date]:
    return (start + n * step * ONE_DAY for n in range(LONGEST_GAP))
