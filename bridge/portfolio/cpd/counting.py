"""How much of what: entries and hours of the CPD record by type, year, theme, place of work. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from bridge.portfolio.cpd.record import Activity


class Post(Protocol):
    """What is asked of a post that the owner held; ``config.Role`` is one."""

    @property
    def title(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def end(self) -> date | None: ...


@dataclass(frozen=True)
class Count:
    """How many entries there are, and how many hours those of them that name any."""

    entries: int = 0
    hours: Decimal = Decimal(0)


def places(activity: Activity, posts: Iterable[Post]) -> tuple[str, ...]:
    """Return where the owner worked when it took place; of posts that overlap each one's place, once."""
    last = activity.until or activity.on
    held = (one for one in posts if one.start <= last and (one.end is None or activity.on <= one.end))
    return tuple(dict.fromkeys(one.place or one.title for one in held))


def groups(posts: Sequence[Post]) -> Mapping[str, Callable[[Activity], tuple[str, ...]]]:
    """Return by what the record can be counted; an entry may belong to several groups, or to none."""
    return {
        "type": lambda one: (one.type,) if one.type else (),
        "year": lambda one: (str(one.on.year),),
        "theme": lambda one: one.themes,
        "workplace": lambda one: places(one, posts),
        "provider": lambda one: (one.provider,) if one.provider else (),
        "criterion": lambda one: one.criteria,
        "principle": lambda one: one.principles,
    }


NONE_SAID = ""
"""The group of entries that belong to no other."""


def total(activities: Iterable[Activity]) -> Count:
    """Return the count of all of them."""
    found = list(activities)
    return Count(len(found), sum((one.hours or Decimal(0) for one in found), Decimal(0)))


def counted(
    activities: Iterable[Activity], group: Callable[[Activity], tuple[str, ...]]
) -> dict[str, tuple[Activity, ...]]:
    """Return the entries of each group by its name; years in their order, others by size; last those of no group."""
    found: dict[str, list[Activity]] = {}
    for one in activities:
        for name in group(one) or (NONE_SAID,):
            found.setdefault(name, []).append(one)

    def rank(name: str) -> tuple[bool, int, str]:
        return name == NONE_SAID, 0 if name.isdigit() else -len(found[name]), name.casefold()

    return {name: tuple(found[name]) for name in sorted(found, key=rank)}
