"""``due``: what is due when."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.common import command, result


@command("due")
@click.option("--ics", type=click.Path(path_type=Path, dir_okay=False), help="Also write a calendar file, with alarms.")
def due(ics: Path | None) -> None:
    """Tell when your next review is due, your membership, your own milestones, and which accounts close."""
    from bridge import reminding
    from bridge.cli.opened import opened

    session = opened()
    day = session.today
    found = reminding.every(session)
    value = {"clocks": [reminding.to_json(clock, day) for clock in found], "ics": str(ics) if ics else ""}
    if ics:
        from bridge.portfolio import generation
        from bridge.portfolio.submission import ics as calendar

        known = generation.every(session.workspace.portfolio)
        ics.write_bytes(calendar.of_clocks(found, known[0].portfolio if known else "", day))

    def words() -> str:
        lines = [reminding.line(clock, day) for clock in found] or [
            "Nothing is due that keepfolio knows of. A result gives the date of the next review: keepfolio result pass",
            "Own days stand under portfolio: in config.yaml: membership, registered, milestones.",
        ]
        return "\n".join([*lines, *([f"Written: {ics}"] if ics else [])])

    result(value, words)
