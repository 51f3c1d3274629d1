"""``new``: another portfolio from the same archive, or the first one."""

from __future__ import annotations

import re
from datetime import datetime

import click

from bridge.cli.common import command, printable, result

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@command("new")
@click.argument("name")
@click.option(
    "--framework", help="cmalt, cmalt-review, psf-2023, or a YAML file of your own (default: your first one's)."
)
@click.option("--pathway", help="Which way through the framework, where it has several.")
@click.option(
    "--since", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="The first day whose CPD counts; else today."
)
@click.option("--title", default="", help="The heading of its page; without it, one is made from your name.")
def new(name: str, framework: str | None, pathway: str | None, since: datetime | None, title: str) -> None:
    """
    Begin another portfolio from the same archive, with all headings and prompts.

    NAME becomes its folder in portfolio/, such as fellowship. The first portfolio stays the one that every command
    means; this one is meant with --generation NAME.
    """
    from archive.errors import UsageError
    from bridge import beginning
    from bridge.cli.opened import opened

    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a portfolio's folder.",
            code="invalid-name",
            unchanged="Nothing was written.",
            mend="Use small letters, digits and hyphens, such as fellowship-2027",
        )
    first = since.date() if since else None
    begun = beginning.another(opened(), name, framework or "", pathway or "", title, first)
    value = {
        "ok": True,
        "name": name,
        "framework": begun.framework.id,
        "pathway": begun.generation.pathway,
        "separate": begun.generation.separate,
        "folder": str(begun.generation.folder),
        "files": [str(path) for path in begun.files],
    }

    def words() -> str:
        from bridge import views

        option = f" --generation {name}" if begun.generation.separate else ""
        which = begun.framework.pathway_title(begun.generation.pathway)
        return "\n".join(
            [
                f"Begun: {printable(title or which)}, {views.counted(len(begun.files), 'section')} with prompts.",
                f"  {begun.generation.folder}",
                f"  What it lacks: keepfolio gaps{option}",
            ]
        )

    result(value, words)
