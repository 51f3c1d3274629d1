"""The same event from several places, made one entry. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from archive.entry import Visibility
from bridge.portfolio.cpd import cells
from bridge.portfolio.cpd.record import Activity

_SINGLE = ("title", "on", "until", "type", "hours", "provider", "reflected", "viewed")
"""What an entry has one of; where two say different things, the first's stays and the note keeps the other."""

_NAMES = {"on": "date"}
_MANY = ("themes", "criteria", "principles", "people", "evidence")
_FURTHEST = ("dropped", "planned", "done")


def join(activities: Sequence[Activity], first: str, others: Sequence[str]) -> tuple[Activity, ...]:
    """
    Return the record with some entries made one: the first, at its place and under its id.

    Nothing is lost: lists and texts are put together, a gap of the first is filled by the next, and what the others
    said differently stands in the note, with their ids. The closest of their visibilities holds for all.

    Args:
        activities: The record.

        first: The id of the entry that stays.

        others: The ids of those that are joined to it.
    """
    known = {one.id: one for one in activities}
    whole = known[first]
    gone = [known[name] for name in dict.fromkeys(others) if name != first]
    for other in gone:
        whole = _both(whole, other)
    return tuple(whole if one.id == first else one for one in activities if one not in gone)


def _both(one: Activity, other: Activity) -> Activity:
    both: dict[str, Any] = {name: getattr(one, name) or getattr(other, name) for name in _SINGLE}
    if one.on != other.on:
        both["until"] = one.until  # the last day of another first day says nothing here
    differing = [
        f"{_NAMES.get(name, name)}: {_shown(value)}"
        for name in _SINGLE
        if (value := getattr(other, name)) and value != both[name]
    ]
    if other.visibility != one.visibility:
        differing.append(f"visibility: {max(one.visibility, other.visibility, key=_openness).value}")
    both |= {name: tuple(dict.fromkeys((*getattr(one, name), *getattr(other, name)))) for name in _MANY}
    remark = f"Joined from {other.id}" + (f" ({'; '.join(differing)})" if differing else "")
    return replace(
        one,
        **both,
        seen=tuple(dict.fromkeys((*one.seen, other.id, *other.seen))),
        note=_texts(one.note, other.note, remark),
        reflection=_texts(one.reflection, other.reflection),
        status=max(one.status, other.status, key=_FURTHEST.index),
        visibility=min(one.visibility, other.visibility, key=_openness),
    )


def _openness(visibility: Visibility) -> int:
    return visibility.openness


def _shown(value: str | date | Decimal) -> str:
    return str(cells.plain(value)) if isinstance(value, Decimal) else str(value)


def _texts(*texts: str) -> str:
    return "\n\n".join(dict.fromkeys(text for text in texts if text))


def alike(activities: Iterable[Activity]) -> Iterator[tuple[Activity, Activity]]:
    """Yield pairs that may be one event: the same day, and titles that share most of their words."""
    by_day: dict[date, list[Activity]] = {}
    for one in activities:
        for other in by_day.setdefault(one.on, []):
            mine, its = _words(one), _words(other)
            if mine and its and len(mine & its) * 2 >= min(len(mine), len(its)):
                yield other, one
        by_day[one.on].append(one)


def _words(activity: Activity) -> set[str]:
    return {word for word in activity.title.casefold().split() if len(word) > 3}
