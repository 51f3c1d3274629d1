"""Which entries of the CPD record belong together: seen from each of them, so the connection shows both ways. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.portfolio.cpd.record import Activity


def to(activity: Activity, activities: Iterable[Activity]) -> tuple[Activity, ...]:
    """
    Return the entries that share evidence with one, or name its id among their evidence or it theirs; in their order.

    Two events with one output are related by it, and so is an event with what came of it.
    """
    mine = {*activity.evidence, activity.id, *activity.seen}
    return tuple(one for one in activities if one.id != activity.id and mine & {*one.evidence, one.id, *one.seen})
