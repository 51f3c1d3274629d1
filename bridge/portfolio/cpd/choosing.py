"""Which entries of the CPD record: those of a window, of a theme, those without a reflection. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bridge.portfolio.cpd.record import Activity

Window = tuple[date | None, date | None]
"""The first and the last day; None leaves that side open."""

EVERY_DAY: Window = (None, None)


def by_id(activities: Iterable[Activity]) -> dict[str, Activity]:
    """Return entries by id, and by the ids of those that were joined to them."""
    found = list(activities)
    former = {name: one for one in found for name in one.seen}
    return former | {one.id: one for one in found}


def within(activities: Iterable[Activity], window: Window) -> tuple[Activity, ...]:
    """Return what took place on a day of the window at least; its first and last day are part of it."""
    first, last = window
    return tuple(
        one
        for one in activities
        if (first is None or (one.until or one.on) >= first) and (last is None or one.on <= last)
    )


def done(activities: Iterable[Activity]) -> tuple[Activity, ...]:
    """Return what took place: neither planned only nor dropped."""
    return tuple(one for one in activities if one.status == "done")


def unreflected(activities: Iterable[Activity]) -> tuple[Activity, ...]:
    """Return what took place and has no reflection yet."""
    return tuple(one for one in done(activities) if not one.reflection)


def in_order(activities: Iterable[Activity]) -> tuple[Activity, ...]:
    """Return entries by their day; those of one day stay in the order of the file."""
    return tuple(sorted(activities, key=lambda one: one.on))


def chosen(
    activities: Iterable[Activity],
    *,
    window: Window = EVERY_DAY,
    themes: Sequence[str] = (),
    types: Sequence[str] = (),
    statuses: Sequence[str] = (),
) -> tuple[Activity, ...]:
    """Return the entries that fit all that is asked for, by their day; several themes, types or statuses mean any."""
    wanted = [{word.casefold() for word in words} for words in (themes, types, statuses)]
    return in_order(
        one
        for one in within(activities, window)
        if (not wanted[0] or any(theme.casefold() in wanted[0] for theme in one.themes))
        and (not wanted[1] or one.type.casefold() in wanted[1])
        and (not wanted[2] or one.status in wanted[2])
    )
