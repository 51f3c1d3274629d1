"""How entries of the CPD record are said: in JSON, in a line, and whole; and the options that name days and parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bridge.cli.common import printable, result, table

if TYPE_CHECKING:
    from bridge.portfolio.cpd.counting import Post
    from bridge.portfolio.cpd.record import Activity
    from bridge.session import Session

F = TypeVar("F", bound=Callable[..., Any])


def window_options(command: F) -> F:
    """Add ``--from`` and ``--to``."""
    to = click.option("--to", "last", metavar="DATE", help="The last day, such as 2026-12-31.")
    since = click.option("--from", "first", metavar="DATE", help="The first day, such as 2026-01-01.")
    return since(to(command))


def window(session: Session, first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """Return the days that the options name."""
    return day(session, first, "--from"), day(session, last, "--to")


def day(session: Session, said: str | None, option: str) -> date | None:
    """Return a day as a person says it: ``2026-03-01``, ``01/03/2026``, ``today``, ``yesterday``; None for none."""
    from archive.errors import UsageError
    from bridge.portfolio.cpd import cells

    if not said:
        return None
    back = {"today": 0, "yesterday": 1}.get(said.strip().lower())
    if back is not None:
        return session.today - timedelta(days=back)
    try:
        return cells.day(said, session.config.language)
    except ValueError as error:
        raise UsageError(f"{option}: {error}.", unchanged="Nothing was written.") from error


def in_json(activity: Activity, posts: Iterable[Post] = ()) -> dict[str, object]:
    """Return an entry by the names of the file's columns, with the places of work."""
    from bridge.portfolio.cpd import counting, file

    found: dict[str, object] = {}
    for column, field in file.COLUMNS.items():
        value = getattr(activity, field)
        if column == "people":
            value = [{"name": one.name, "role": one.role} for one in value]
        elif isinstance(value, date):
            value = value.isoformat()
        elif column == "hours" and value is not None:
            value = float(value)
        found[column] = list(value) if isinstance(value, tuple) else value
    return {**found, "workplaces": list(counting.places(activity, posts))}


def line(activity: Activity) -> str:
    """Return an entry in one line: title, days, type, hours."""
    said = [f"“{activity.title}”", days(activity), activity.type, hours(activity)]
    state = "" if activity.status == "done" else f" ({activity.status})"
    return ", ".join(part for part in said if part) + state


def days(activity: Activity) -> str:
    """Return its day, or its first and last one."""
    return activity.on.isoformat() + (f" to {activity.until.isoformat()}" if activity.until else "")


def hours(activity: Activity) -> str:
    from bridge.portfolio.cpd import cells

    return "" if activity.hours is None else f"{cells.plain(activity.hours)} h"


def listed(activities: Sequence[Activity]) -> str:
    """Return entries as a table, numbered from 1."""
    rows = [
        [str(number), one.id, _when(one), one.title, one.type, hours(one), ", ".join(one.themes), _lacks(one)]
        for number, one in enumerate(activities, 1)
    ]
    return table(["", "id", "date", "title", "type", "hours", "themes", ""], rows, give_way=(6, 4, 7, 5), wraps=3)


def _when(activity: Activity) -> str:
    """Return its first day, and how many there were: a list has little room."""
    several = f" ({(activity.until - activity.on).days + 1} d)" if activity.until else ""
    return activity.on.isoformat() + several


def _lacks(activity: Activity) -> str:
    if activity.status != "done":
        return activity.status
    return "" if activity.reflection else "no reflection"


def whole(activity: Activity, posts: Iterable[Post], evidence: Iterable[str]) -> str:
    """Return an entry with all that it says."""
    from bridge.portfolio.cpd import cells, counting

    people = "; ".join(map(cells.named, activity.people))
    reflected = f" (written {activity.reflected.isoformat()})" if activity.reflected else ""
    said = {
        "date": days(activity),
        "type": activity.type,
        "hours": hours(activity),
        "provider": activity.provider,
        "status": activity.status,
        "workplace": "; ".join(counting.places(activity, posts)),
        "themes": "; ".join(activity.themes),
        "criteria": ", ".join(activity.criteria),
        "principles": ", ".join(activity.principles),
        "people": people,
        "viewed": activity.viewed.isoformat() if activity.viewed else "",
        "visibility": activity.visibility.value,
        "from": "; ".join(activity.seen),
    }
    lines = [f"{activity.id}: {activity.title}", *(f"  {name:<11} {text}" for name, text in said.items() if text)]
    lines += [f"  {'evidence':<11} {one}" for one in evidence]
    texts = {"note": activity.note, f"reflection{reflected}": activity.reflection}
    return "\n".join([*lines, *(f"\n{name.capitalize()}:\n{text}" for name, text in texts.items() if text)])


def still_to_come(session: Session, activity: Activity) -> list[str]:
    """Return what might be a slip of the year: a day to come on which something is said to have happened."""
    today = session.today
    took_place = activity.on if activity.status == "done" else None
    said = {"took place": took_place, "was watched": activity.viewed, "was reflected on": activity.reflected}
    return [
        f"{activity.id} {what} on {on.isoformat()}, it says: that day is still to come."
        for what, on in said.items()
        if on is not None and on > today
    ]


def tell_changed(
    session: Session, before: Sequence[Activity], record: Iterable[Activity], hints: Sequence[str] = ()
) -> None:
    """Tell what entries say now, whether that is new, and what might be a slip."""
    ids = {one.id for one in before}
    after = [one for one in record if one.id in ids]
    same = after == [one for one in before if one.id in {a.id for a in after}]
    hints = [*hints, *(hint for one in after for hint in still_to_come(session, one))]
    entries = [in_json(one, session.config.roles) for one in after]
    value = {"ok": True, "changed": not same, "entries": entries, "hints": hints}
    lines = [f"{one.id}: {printable(line(one))}, {one.visibility.value}" for one in after]
    result(value, lambda: "\n".join([*lines, *(f"  {hint}" for hint in hints)]))
