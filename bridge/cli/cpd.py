"""``cpd``: the record of professional development. Its commands are imported when they are used."""

from __future__ import annotations

import click

from bridge.cli.common import shared_options
from bridge.cli.group import Group

COMMANDS: dict[str, tuple[str, str]] = {
    "add": ("bridge.cli.cpd_write:add", "Note something down, in one line."),
    "list": ("bridge.cli.cpd_read:list_", "List the record, or a part of it."),
    "show": ("bridge.cli.cpd_read:show", "Show one entry whole."),
    "change": ("bridge.cli.cpd_write:change", "Change what entries say, or who may see them."),
    "reflect": ("bridge.cli.cpd_later:reflect", "Write down what you make of something, at any later day."),
    "done": ("bridge.cli.cpd_later:done", "Say that something planned took place."),
    "drop": ("bridge.cli.cpd_later:drop", "Say that something did not take place, or does not belong here."),
    "join": ("bridge.cli.cpd_later:join", "Make one entry of several that are the same event."),
    "import": ("bridge.cli.cpd_import:import_", "Take entries from a calendar, a table, or your tagged posts."),
    "export": ("bridge.cli.cpd_import:export", "Write the record for a spreadsheet or a calendar."),
    "summary": ("bridge.cli.cpd_read:summary", "Count entries and hours by type, year, theme and place of work."),
}


@shared_options
@click.command("cpd", cls=Group, members=COMMANDS, invoke_without_command=True)
@click.pass_context
def cpd(ctx: click.Context) -> None:
    """
    Keep the record of your professional development (CPD).

    It is one plain file, portfolio/cpd.csv, which you may also edit in a spreadsheet. Without a command the record is
    listed.
    """
    if ctx.invoked_subcommand is None:
        from bridge.cli.cpd_read import list_

        ctx.invoke(list_)
