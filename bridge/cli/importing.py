"""``import``: bring in an archive that was handed over, or another one of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import command, leave, printable, result

if TYPE_CHECKING:
    from archive.importing.taking import Report

_SHOWN = 20


@command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be taken; nothing is written.")
def import_(path: Path, dry_run: bool) -> None:
    """
    Bring in what keepfolio exported, or another archive, with its whole history.

    PATH is a folder: a bag or an OCFL root that `keepfolio export` wrote, or another archive. What is here already is
    not taken twice, and what you had removed does not come back. Nothing is taken of what is damaged.

    An export of WordPress or Mahara is no archive: add it to config.yaml as a source, and harvest it.
    """
    from bridge import importing
    from bridge.cli.opened import opened
    from bridge.stopping import stoppable

    session = opened()
    with stoppable() as stop:
        report = importing.bring_in(session, path, dry_run=dry_run, stop=stop)
    result(importing.to_json(report, dry_run=dry_run), lambda: _in_words(report, dry_run=dry_run))
    leave(130 if report.stopped else 0)


def _in_words(report: Report, *, dry_run: bool) -> str:
    from bridge import views

    numbers = {
        " new": views.counted(report.created, "entry") if report.created else "",
        " with more than you had": views.counted(report.updated, "entry") if report.updated else "",
        f" ({views.size(report.bytes)})": views.counted(report.files, "file") if report.files else "",
    }
    taken = ", ".join(number + what for what, number in numbers.items() if number) or "notes about the sources"
    lines = [f"{'Would be taken' if dry_run else 'Taken'}: {taken}." if report.events else "Nothing new."]
    if report.unchanged:
        lines.append(f"{views.counted(report.unchanged, 'entry')} here already.")
    if report.refused:
        lines.append(f"{views.counted(len(report.refused), 'entry')} not taken:")
        lines += [f"  {printable(item.title or item.id)}: {item.why}" for item in report.refused[:_SHOWN]]
        if len(report.refused) > _SHOWN:
            lines.append(f"  and {len(report.refused) - _SHOWN} more")
    lines += [printable(note) for note in report.notes]
    if report.stopped:
        lines.append("Stopped as you asked. What was complete is safe; the same command goes on from here.")
    return "\n".join(lines)
