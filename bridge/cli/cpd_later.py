"""``cpd reflect``, ``done``, ``drop`` and ``join``: what becomes of an entry later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from bridge.cli.common import command, interactive, printable, result
from bridge.cli.cpd_words import day, in_json, line, tell_changed


@command("reflect")
@click.argument("item")
@click.argument("text", required=False)
@click.option("--date", "on", metavar="DATE", help="The day of the reflection; without it today.")
@click.option("--replace", "anew", is_flag=True, help="In the place of what you wrote before; else below it.")
def reflect(item: str, text: str | None, on: str | None, anew: bool) -> None:
    """
    Write down what you make of something, at any later day.

    The day of the event and the day of the reflection are both kept.
    """
    from archive.errors import UsageError
    from bridge import cpd
    from bridge.cli.opened import opened

    session = opened()
    record = cpd.record(session)
    one = cpd.find(session, record, item)
    if text is None and interactive():
        text = str(click.prompt(f"“{printable(one.title)}”: what do you make of it", default="", err=True))
    if not (text or "").strip():
        raise UsageError(
            "There is nothing to write down.", unchanged="Nothing was written.", mend='keepfolio cpd reflect ITEM "..."'
        )
    when = day(session, on, "--date") or session.today
    written, note = str(text).strip(), one.note
    if one.reflection and not anew:
        written = f"{one.reflection}\n\n{written}"
        another_day = one.reflected is not None and one.reflected != when
        earlier = f"Reflected before on {one.reflected.isoformat()}." if one.reflected and another_day else ""
        note = "\n".join(part for part in (note, earlier if earlier not in note else "") if part)
    changed = replace(one, reflection=written, reflected=when, note=note)
    after = cpd.changed(session, [changed])
    kept = f"Your reflection of {when.isoformat()} is kept with it; to read it: keepfolio cpd show {one.id}"
    planned = f"It is only planned as yet. When it took place: keepfolio cpd done {one.id}"
    tell_changed(session, [one], after, [kept, *([planned] if one.status == "planned" else [])])


@command("done")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@click.option("--date", "on", metavar="DATE", help="The day on which it took place, if it was another.")
def done(items: tuple[str, ...], on: str | None) -> None:
    """Say that something planned took place."""
    _set_status(items, "done", on)


@command("drop")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
def drop(items: tuple[str, ...]) -> None:
    """
    Say that something did not take place, or does not belong here.

    It stays in the file, on no page, and is not offered again by an import.
    """
    _set_status(items, "dropped", None)


def _set_status(items: tuple[str, ...], status: Any, on: str | None) -> None:
    from bridge import cpd
    from bridge.cli.opened import opened

    session = opened()
    record = cpd.record(session)
    found = cpd.several(session, record, items)
    when = day(session, on, "--date")
    changed = [replace(one, status=status, on=when or one.on, until=None if when else one.until) for one in found]
    tell_changed(session, found, cpd.changed(session, changed))


@command("join")
@click.argument("items", nargs=-1, required=True, metavar="ITEM ITEM...")
def join(items: tuple[str, ...]) -> None:
    """
    Make one entry of several that are the same event.

    The first stays, under its id and at its place. Nothing is lost: what the others said differently stands in its
    note, and what they came from is remembered, so that no import makes them again.
    """
    from archive.errors import UsageError
    from bridge import cpd
    from bridge.cli.opened import opened
    from bridge.portfolio.cpd import joining

    session = opened()
    record = cpd.record(session)
    found = cpd.several(session, record, items)
    if len(found) < 2:
        raise UsageError("To join takes two entries.", unchanged="Nothing was written.", mend="Name both of them.")
    first, *others = (one.id for one in found)
    after = cpd.update(session, lambda before: joining.join(before, first, others))
    whole = next(one for one in after if one.id == first)
    value = {"ok": True, "entry": in_json(whole, session.config.roles), "joined": others}

    def words() -> str:
        lines = [f"{whole.id} now holds {', '.join(others)} as well: {printable(line(whole))}."]
        if len({one.visibility for one in found}) > 1:
            lines.append(f"  It is {whole.visibility.value}: the closest of them holds for all.")
        return "\n".join([*lines, f"  To look at it: keepfolio cpd show {whole.id}"])

    result(value, words)
