"""
The command line: parse, call one function, render. Nothing else imports click.

Commands are found by name and imported when they run, so that ``keepfolio --help`` stays fast.
"""

from __future__ import annotations

import sys

import click

from bridge import __version__
from bridge.cli.common import Settings, fail, json_wanted, running, shared_options
from bridge.cli.group import Group

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("bridge.cli.init:init", "Set up a folder for your portfolio."),
    "demo": ("bridge.cli.demo:demo", "Show the whole way on a sample blog."),
    "login": ("bridge.cli.login:login", "Store the password or token of a source or target."),
    "check": ("bridge.cli.check:check", "Tell what can be reached, what will be missed, and what mends it."),
    "harvest": ("bridge.cli.harvest:harvest", "Take what is new into the archive."),
    "status": ("bridge.cli.status:status", "Tell what is held, what is at risk, and what comes next."),
    "list": ("bridge.cli.entries:list_", "List what is held."),
    "show": ("bridge.cli.entries:show", "Show one thing whole."),
    "log": ("bridge.cli.history:log", "Tell what was added to the archive, or what happened to one thing."),
    "diff": ("bridge.cli.history:diff", "Show what changed between two versions of one thing."),
    "browse": ("bridge.cli.browse:browse", "Make pages for reading everything that is held."),
    "map": ("bridge.cli.map:map_", "Connect your own tags with the sections of the portfolio."),
    "cite": ("bridge.cli.portfolio:cite", "Cite something as evidence for a section."),
    "mark": ("bridge.cli.portfolio:mark", "Say who may see something: private, assessor or public."),
    "people": ("bridge.cli.people:people", "Note whom your portfolio names, and whether they agreed."),
    "picture": ("bridge.cli.picture:picture", "Say who made a picture, and what others may do with it."),
    "cpd": ("bridge.cli.cpd:cpd", "Keep the record of your professional development (CPD)."),
    "adopt": ("bridge.cli.portfolio:adopt", "Take over a portfolio page made by hand, word for word."),
    "renew": ("bridge.cli.renew:renew", "Begin the review of your portfolio, or tell how far it is."),
    "new": ("bridge.cli.new:new", "Begin another portfolio from the same archive."),
    "worksheet": ("bridge.cli.worksheet:worksheet", "Give one section on a sheet, for a session of writing."),
    "gaps": ("bridge.cli.gaps:gaps", "Name what each section still lacks."),
    "preflight": ("bridge.cli.preflight:preflight", "Look at the portfolio as a triage does, links and all."),
    "build": ("bridge.cli.build:build", "Make the portfolio page, on this computer only."),
    "plan": ("bridge.cli.publish:plan", "Show what publishing would do; nothing is written."),
    "publish": ("bridge.cli.publish:publish", "Put the portfolio where the plan says."),
    "withdraw": ("bridge.cli.publish:withdraw", "Take the portfolio back from a target, files included."),
    "rollback": ("bridge.cli.publish:rollback", "Publish an earlier version again."),
    "submit": ("bridge.cli.submit:submit", "Hand the portfolio in: what assessors read is left alone."),
    "result": ("bridge.cli.result:result_", "Note what the assessors decided, with their comments."),
    "answered": ("bridge.cli.result:answered", "Tie a comment to the passage that answers it."),
    "due": ("bridge.cli.due:due", "Tell when reviews, membership and your own days are due."),
    "run": ("bridge.cli.run:run", "Harvest and publish on the schedule of the configuration."),
    "schedule": ("bridge.cli.run:schedule", "Install, show or remove the timer of this computer."),
    "verify": ("bridge.cli.archive:verify", "Check that every byte in the archive is what was stored."),
    "repair": ("bridge.cli.copies:repair", "Mend the archive from copies, byte for byte."),
    "replicate": ("bridge.cli.copies:replicate", "Bring a copy of the archive up to date on another disk."),
    "export": ("bridge.cli.export:export", "Write what is held in a form that other programs read."),
    "import": ("bridge.cli.importing:import_", "Bring in what was exported, or another archive, with its history."),
    "badges": ("bridge.cli.badges:badges", "List your badges, and who confirms them."),
    "restore": ("bridge.cli.archive:restore", "Give back what the archive holds: your own files, or one entry."),
    "purge": ("bridge.cli.purge:purge", "Remove something for good, everywhere within reach."),
    "accept": ("bridge.cli.archive:accept", "Accept that something cannot be had, so that it is not reported again."),
}


@click.command(
    cls=Group,
    members=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "-V", "--version", message="keepfolio %(version)s")
@shared_options
@click.pass_context
def keepfolio(ctx: click.Context) -> None:
    """
    Keep your professional evidence, and make a portfolio of it.

    Without a command: what is held, what is at risk, and the next step.
    """
    if ctx.invoked_subcommand is None:
        from bridge.cli.status import door

        ctx.invoke(door)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; exit codes are those of ``docs/reference/exit-codes.md``."""
    settings = Settings()
    running(settings)
    try:
        code = keepfolio.main(arguments, prog_name="keepfolio", standalone_mode=False, obj=settings)
    except BaseException as error:  # noqa: BLE001 - the one place where every error becomes words and an exit code
        settings.json = settings.json or json_wanted(sys.argv[1:] if arguments is None else arguments)
        code = fail(error, settings)
    sys.exit(code if isinstance(code, int) else 0)
