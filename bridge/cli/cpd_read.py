"""``cpd list``, ``cpd show`` and ``cpd summary``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bridge.cli.common import command, printable, result, table
from bridge.cli.cpd_words import in_json, line, listed, whole, window, window_options

if TYPE_CHECKING:
    from bridge.portfolio.cpd.counting import Count
    from bridge.portfolio.cpd.record import Activity
    from bridge.session import Session

USUAL = ("type", "year", "theme", "workplace")
BY = (*USUAL, "provider", "criterion", "principle")


@command("list")
@window_options
@click.option("--theme", "themes", multiple=True, help="Only of this theme; may be given several times.")
@click.option("--type", "types", multiple=True, help="Only of this type; may be given several times.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(["planned", "done", "dropped"]),
    help="Only of this status; without it all but what was dropped.",
)
@click.option("--unreflected", is_flag=True, help="Only what took place and has no reflection yet.")
def list_(
    first: str | None,
    last: str | None,
    themes: tuple[str, ...],
    types: tuple[str, ...],
    statuses: tuple[str, ...],
    unreflected: bool,
) -> None:
    """
    List the record, or a part of it.

    The numbers can be used as ITEM by the other cpd commands, and so can ids and words of the title.
    """
    from bridge import cpd, cpd_slips, views
    from bridge.building import Desk
    from bridge.cli.opened import opened
    from bridge.portfolio.cpd import choosing

    session = opened()
    record = cpd.record(session)
    found = choosing.chosen(
        record,
        window=window(session, first, last),
        themes=themes,
        types=types,
        statuses=statuses or ("planned", "done"),
    )
    found = choosing.unreflected(found) if unreflected else found
    cpd.remember_list(session, found)
    dropped = 0 if statuses else sum(one.status == "dropped" for one in record)
    slips = list(cpd_slips.found(Desk(session), record))

    def words() -> str:
        unseen = f" ({dropped} dropped, not shown: keepfolio cpd list --status dropped)" if dropped else ""
        told = ["", *slips] if slips else []
        if not found:
            nothing = 'Nothing of that kind is in your record. To add something: keepfolio cpd add "TITLE"'
            return "\n".join([nothing + unseen, *told])
        return "\n".join([f"{listed(found)}\n\n{views.counted(len(found), 'entry')}{unseen}", *told])

    entries = [in_json(one, session.config.roles) for one in found]
    result({"ok": True, "entries": entries, "dropped": dropped, "hints": slips}, words)


@command("show")
@click.argument("item")
def show(item: str) -> None:
    """Show one entry whole, with its evidence and what is like it."""
    from bridge import cpd
    from bridge.cli.opened import opened
    from bridge.portfolio.cpd import related

    session = opened()
    record = cpd.record(session)
    one = cpd.find(session, record, item)
    akin = related.to(one, record)
    posts = session.config.roles
    value = {"ok": True, "entry": in_json(one, posts), "related": [other.id for other in akin]}

    def words() -> str:
        text = whole(one, posts, _evidence(session, one))
        return "\n".join([text, *(["", "Related:"] if akin else []), *(f"  {o.id}: {line(o)}" for o in akin)])

    result(value, words)


def _evidence(session: Session, one: Activity) -> list[str]:
    """Return the titles of evidence that is held, and the addresses of the rest."""
    found = []
    for name in one.evidence:
        stored = session.archive.entry(name) if session.has_archive() and name.startswith("urn:") else None
        found.append(printable(f"{stored.entry.title or stored.entry.native_id}  {name}") if stored else name)
    return found


@command("summary")
@window_options
@click.option(
    "--by",
    "by",
    default=",".join(USUAL),
    show_default=True,
    help=f"What to count by: one or more of {', '.join(BY)}. With exactly two: a table of one against the other.",
)
def summary(first: str | None, last: str | None, by: str) -> None:
    """
    Count entries and hours by type, year, theme and place of work.

    An entry with two themes counts in both, and once in the total. Only what took place is counted.
    """
    from archive.errors import UsageError
    from bridge import cpd
    from bridge.cli.opened import opened
    from bridge.portfolio.cpd import choosing, counting

    session = opened()
    wanted = [word.strip() for word in by.split(",") if word.strip()]
    if not wanted or (unknown := [word for word in wanted if word not in BY]):
        said = ", ".join(unknown) if wanted else "nothing"
        raise UsageError(f"The record cannot be counted by {said}.", mend=f"Use: {', '.join(BY)}")
    days = window(session, first, last)
    every = choosing.within(cpd.record(session), days)
    found = choosing.done(every)
    planned = sum(one.status == "planned" for one in every)
    counts = {
        name: {label: counting.total(inside) for label, inside in _grouped(found, name, session).items()}
        for name in wanted
    }
    whole_count = counting.total(found)
    value: dict[str, object] = {
        "ok": True,
        "from": days[0],
        "to": days[1],
        **_number(whole_count),
        "planned": planned,
        "by": {name: [{"name": label, **_number(c)} for label, c in counts[name].items()] for name in wanted},
    }
    if len(wanted) == 2:
        value["cells"] = _cells(found, wanted, session)

    def words() -> str:
        lines = [_total_in_words(whole_count, planned), ""]
        if len(wanted) == 2:
            return "\n".join([*lines, _crossed(found, wanted, session)])
        for name, counted in counts.items():
            rows = [[label or f"no {name}", str(c.entries), _hours(c)] for label, c in counted.items()]
            lines += [table([f"by {name}", "entries", "hours"], rows, give_way=(0,)), ""]
        return "\n".join(lines).rstrip()

    result(value, words)


def _total_in_words(count: Count, planned: int) -> str:
    from bridge import views

    ahead = f"; {planned} more planned" if planned else ""
    hours = f", {_hours(count)} hours noted" if count.hours else ""
    return f"{views.counted(count.entries, 'entry')}{hours}{ahead}."


def _hours(count: Count) -> str:
    from bridge.portfolio.cpd import cells

    return str(cells.plain(count.hours)) if count.hours else ""


def _number(count: Count) -> dict[str, object]:
    return {"entries": count.entries, "hours": float(count.hours)}


def _cells(found: tuple[Activity, ...], wanted: list[str], session: Session) -> list[dict[str, object]]:
    """Return the count of each pair of groups that have entries in common."""
    from bridge.portfolio.cpd import counting

    cells: list[dict[str, object]] = []
    for column, inside in _grouped(found, wanted[0], session).items():
        for row, both in _grouped(inside, wanted[1], session).items():
            cells.append({wanted[0]: column, wanted[1]: row, **_number(counting.total(both))})
    return cells


def _both(cell: dict[str, object]) -> str:
    """Return the entries of a cell and their hours, where any are noted: ``3 (4.5)``."""
    return f"{cell['entries']} ({cell['hours']:g})" if cell["hours"] else str(cell["entries"])


def _grouped(found: tuple[Activity, ...], by: str, session: Session) -> dict[str, tuple[Activity, ...]]:
    from bridge.portfolio.cpd import counting

    return counting.counted(found, counting.groups(session.config.roles)[by])


def _crossed(found: tuple[Activity, ...], wanted: list[str], session: Session) -> str:
    """Return a table with a column for each group of the first, the earliest first, a row for each of the second."""
    from bridge.portfolio.cpd import counting

    cells = {(str(c[wanted[0]]), str(c[wanted[1]])): _both(c) for c in _cells(found, wanted, session)}
    first = {column: min(one.on for one in inside) for column, inside in _grouped(found, wanted[0], session).items()}
    columns = sorted(first, key=lambda column: (column == counting.NONE_SAID, first[column]))
    rows = list(_grouped(found, wanted[1], session))
    head = ["entries (hours)", *(column or f"no {wanted[0]}" for column in columns)]
    body = [[row or f"no {wanted[1]}", *(cells.get((column, row), "") for column in columns)] for row in rows]
    return table(head, body, give_way=(0,))
