"""How much CPD a framework asks for in a time, and how much of it the record holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bridge.portfolio.cpd.record import Activity
from bridge.portfolio.schema import Quota

NOUNS = {"hours": ("hour", "hours"), "points": ("point", "points"), "entries": ("entry", "entries")}


@dataclass(frozen=True)
class Standing:
    """
    Where the record stands against one quota.

    Attributes:
        first: The first day that counts; ``last`` the last one.

        amount: What counts of it, in the quota's unit.

        silent: Entries that would count and do not say how many hours they took.

        thin: Years of the window that do not reach the quota's floor, by their first day, with what they have.
    """

    quota: Quota
    first: date
    last: date
    amount: Decimal
    silent: int
    thin: tuple[tuple[date, Decimal], ...]

    @property
    def short(self) -> Decimal:
        """Return how much is wanted still."""
        return max(self.quota.at_least - self.amount, Decimal(0))

    @property
    def met(self) -> bool:
        """Return whether nothing is wanted any more."""
        return not self.short and not self.thin

    @property
    def in_words(self) -> str:
        """Return it in a sentence: ``27.5 of 35 hours since 1 April 2024``."""
        one, many = NOUNS[self.quota.unit]
        wanted = self.quota.at_least
        said = f"{said_number(self.amount)} of {said_number(wanted)} {one if wanted == 1 else many}"
        return f"{self.quota.title}: {said} from {self.first.isoformat()} to {self.last.isoformat()}"


def standings(
    quotas: Iterable[Quota], pathway: str, activities: Sequence[Activity], begins: date | None, today: date
) -> tuple[Standing, ...]:
    """
    Return where the record stands against each quota of a pathway.

    Args:
        quotas: Of the framework.

        pathway: The pathway; quotas that name others are left out.

        activities: The record. Only what is done counts, on the day of its event.

        begins: The first day since the last portfolio, if it is known. A fixed window begins there, a rolling one
            ends today; where it is not known, a fixed window is looked at like a rolling one.

        today: The owner's day.
    """
    wanted = [quota for quota in quotas if not quota.pathways or pathway in quota.pathways]
    return tuple(_standing(quota, activities, begins, today) for quota in wanted)


def _standing(quota: Quota, activities: Sequence[Activity], begins: date | None, today: date) -> Standing:
    years = quota.window.years
    if quota.window.kind == "fixed" and begins is not None:
        first = begins
    else:
        first = _years_later(today, -years) + timedelta(days=1)
    last = _years_later(first, years) - timedelta(days=1)
    counting = [a for a in activities if a.status == "done" and first <= a.on <= last and _counts(quota, a)]
    amounts, thin = [], []
    for begin in (_years_later(first, n) for n in range(years)):
        end = _years_later(begin, 1)
        amount = sum((_worth(quota, a) for a in counting if begin <= a.on < end), Decimal(0))
        over = end <= today + timedelta(days=1)  # a year that is not over yet may still fill
        if quota.least_each_year is not None and over and amount < quota.least_each_year:
            thin.append((begin, amount))
        amounts.append(amount if quota.most_each_year is None else min(amount, quota.most_each_year))
    silent = sum(a.hours is None for a in counting) if _by_hours(quota) else 0
    return Standing(quota, first, last, sum(amounts, Decimal(0)), silent, tuple(thin))


def _counts(quota: Quota, activity: Activity) -> bool:
    named = not quota.types or activity.type in quota.types
    return named and activity.type not in quota.except_types and (not quota.points or _points(quota, activity) > 0)


def _by_hours(quota: Quota) -> bool:
    return quota.unit == "hours" or (quota.unit == "points" and quota.points_for == "hour")


def _worth(quota: Quota, activity: Activity) -> Decimal:
    if quota.unit == "entries":
        return Decimal(1)
    hours = (activity.hours or Decimal(0)) if _by_hours(quota) else Decimal(1)
    return hours * (_points(quota, activity) if quota.unit == "points" else 1)


def _points(quota: Quota, activity: Activity) -> Decimal:
    return quota.points.get(activity.type, quota.points.get("other", Decimal(0)))


def in_words(standing: Standing) -> Iterator[str]:
    """Yield what a quota still wants, in sentences; nothing when it is met."""
    _, many = NOUNS[standing.quota.unit]
    if standing.short:
        yield f"{standing.in_words}; {said_number(standing.short)} more {many} are wanted."
    for begin, amount in standing.thin:
        floor = said_number(standing.quota.least_each_year or Decimal(0))
        yield f"{standing.quota.title}: {said_number(amount)} of {floor} {many} in the year from {begin.isoformat()}."
    if standing.silent and standing.short:
        which = "1 entry says" if standing.silent == 1 else f"{standing.silent} entries say"
        yield f"{standing.quota.title}: {which} nothing of hours, and could count."


def said_number(amount: Decimal) -> str:
    """Return a number without needless zeros: ``35``, ``27.5``."""
    return f"{amount.normalize():f}"


def _years_later(day: date, years: int) -> date:
    """Return the same day of another year; 29 February becomes 28 where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
