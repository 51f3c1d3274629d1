"""``submit``: hand the portfolio in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import command, result, say

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.submitting import Submitted

GENERATION = click.option("--generation", default="", metavar="NAME", help="Another portfolio than today's, by name.")


@command("submit")
@click.option("--to", default="", metavar="TARGET", help="Where the assessors read it, if that is a target of yours.")
@click.option("--edition", type=click.Choice(["assessor", "public"]), help="What you hand in (default: assessor).")
@click.option("--nominated", default="", metavar="NAME", help="The assessor you propose; stops if named inside.")
@click.option("--waive", multiple=True, metavar="CODE[:ITEM]", help="Let this kind of finding go, this once.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day you handed it in (default: today).")
@click.option(
    "--sheet", type=click.Path(path_type=Path, dir_okay=False), help="Only write a marking sheet, .html or .md."
)
@click.option("--take-back", is_flag=True, help="It was taken back before there was a result.")
@GENERATION
def submit(
    to: str,
    edition: str | None,
    nominated: str,
    waive: tuple[str, ...],
    day: date | None,
    sheet: Path | None,
    take_back: bool,
    generation: str,
) -> None:
    """
    Hand the portfolio in: it is sealed as it is, and what the assessors read is left alone until there is a result.

    keepfolio sends it to nobody. Give the assessors the address of the target, or the bundle.
    """
    from bridge import submitting
    from bridge.building import Desk
    from bridge.cli.opened import opened

    session = opened()
    desk = Desk(session, generation)
    if sheet:
        _sheet(desk, sheet)
        return
    on = _day(day) or session.today
    if take_back:
        after = submitting.take_back(desk, on=on)
        result({"ok": True, "state": after.state}, f"Taken back: it is {after.state} again, and may be published.")
        return
    chosen = submitting.edition_for(session, to, edition or "")
    done = submitting.submit(desk, on=on, to=to, edition=chosen, nominated=nominated, waived=waive)
    for conflict in done.conflicts:
        say(f"Think again about the assessor you propose: {conflict}.")
    result(_value(done), lambda: _words(done))


def _day(moment: date | None) -> date | None:
    """Click reads a day as a moment."""
    return date(moment.year, moment.month, moment.day) if moment else None


def _sheet(desk: Desk, place: Path) -> None:
    from bridge import results
    from bridge.portfolio.submission import scheme, sheet

    made = sheet.of(desk.framework, desk.generation, scheme.of(desk.framework), results.own_titles(desk))
    place.write_text(sheet.html(made) if place.suffix in {".html", ".htm"} else sheet.markdown(made), encoding="utf-8")
    result({"ok": True, "path": str(place)}, f"Written: {place}")


def _value(done: Submitted) -> dict[str, object]:
    return {
        "ok": True,
        "state": done.generation.state,
        "on": done.handed.on.isoformat(),
        "edition": done.handed.edition.value,
        "release": done.handed.release,
        "targets": list(done.held),
        "behind": list(done.behind),
        "conflicts": list(done.conflicts),
        "bundle": str(done.bundle.path),
        "notes": list(done.bundle.notes),
    }


def _words(done: Submitted) -> str:
    from bridge import views

    again = "again " if done.generation.state == "resubmitted" else ""
    what, day = done.handed.edition.value, views.plain_date(done.handed.on)
    lines = [f"Handed in {again}on {day}: the {what} edition, sealed as release {done.handed.release[:10]}."]
    lines.append(f"  The same in one file, if they want one ({views.size(done.bundle.size)}): {done.bundle.path}")
    lines += [f"    {note}" for note in done.bundle.notes]
    if done.held:
        lines.append(f"  Left alone until there is a result: {views.sentence(done.held)}.")
    lines += [f"  {name} shows an earlier version than the one that was sealed now." for name in done.behind]
    lines.append("  When they have decided: keepfolio result --transcript FILE   (or: keepfolio result pass)")
    return "\n".join(lines)
