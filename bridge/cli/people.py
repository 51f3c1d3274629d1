"""``people``: whom the portfolio names, and whether they agreed."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.common import printable, result, shared_options

if TYPE_CHECKING:
    from bridge.portfolio.people import Person


@click.group("people", invoke_without_command=True)
@shared_options
@click.pass_context
def people(ctx: click.Context) -> None:
    """
    Whom your portfolio names, and whether they agreed.

    The list is portfolio/people.yaml, which you may edit by hand. Somebody who has not agreed keeps the public page
    from going live while a text still names them.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@people.command("add")
@click.argument("name")
@click.option("--role", help="What they did with you; stands behind their name in the acknowledgements.")
@click.option("--permission", type=click.Choice(["yes", "no", "asked", "not-needed"]), help="What they said.")
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="When they said it (default: today).")
@click.option("--shown", help="How the page may call them, such as “a colleague in the library”.")
@click.option("--also", multiple=True, metavar="FORM", help="Another form of their name to look for.")
@click.option("--acknowledge/--no-acknowledge", default=None, help="Thank them by name at the end of the page.")
@shared_options
def add(
    name: str,
    role: str | None,
    permission: str | None,
    on: datetime | None,
    shown: str | None,
    also: tuple[str, ...],
    acknowledge: bool | None,
) -> None:
    """Write somebody down, or what is new about them; what you do not say stays as it was."""
    from archive.errors import UsageError
    from bridge.cli.opened import opened
    from bridge.portfolio import people as book

    name = " ".join(name.split())
    if not name:
        raise UsageError("Somebody needs a name.", unchanged="Nothing was written.")
    session = opened()
    path = session.workspace.portfolio / book.FILE_NAME
    known = book.of_name(name, book.read(path)) or book.Person(name)
    today = session.today
    said: dict[str, Any] = {
        "role": role,
        "permission": permission,
        "on": on.date() if on else today if permission in ("yes", "no", "asked") else None,
        "shown": shown,
        "also": (*known.also, *(form for form in also if form not in known.also)) if also else None,
        "acknowledge": acknowledge,
    }
    person = replace(known, **{key: value for key, value in said.items() if value is not None})
    book.write_down(path, person)
    hints = [f"{person.on.isoformat()} is still to come."] if person.on and person.on > today else []
    lines = [printable(_in_words(person)), *(f"  {hint}" for hint in hints), f"  {path}"]
    result({"ok": True, **asdict(person), "hints": hints}, "\n".join(lines))


@people.command("list")
@shared_options
def list_() -> None:
    """List them, with what they said and when."""
    from bridge.cli.opened import opened
    from bridge.portfolio import people as book

    listed = book.read(opened().workspace.portfolio / book.FILE_NAME)
    nobody = 'Nobody is written down yet. For example: keepfolio people add "Sam Taylor" --permission asked'
    lines = [printable(_in_words(person)) for person in listed] or [nobody]
    result({"people": [asdict(person) for person in listed]}, "\n".join(lines))


_SAID = {
    "yes": "agreed",
    "no": "said no",
    "asked": "was asked",
    "not-needed": "need not be asked",
    "": "was not asked yet",
}


def _in_words(person: Person) -> str:
    when = f" on {person.on.isoformat()}" if person.on and person.permission else ""
    parts = [
        f"{person.name} {_SAID[person.permission]}{when}",
        f"shown as “{person.shown}”" if person.shown else "",
        person.role,
        "is thanked on the page" if person.acknowledge and person.permission == "yes" else "",
        "is to be thanked once they agree" if person.acknowledge and person.permission != "yes" else "",
    ]
    return "; ".join(part for part in parts if part) + "."
