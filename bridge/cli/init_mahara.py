"""What ``init`` asks where the owner's site is a Mahara: to bring its export, or to let keepfolio log in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import UsageError
from bridge.cli.asking import asked, confirmed, password_that_works
from bridge.cli.common import interactive, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.setup import Answers
    from connectors.http import Http
    from connectors.mahara.probe import Site


def way_out(answers: Answers, site: Site, user: str | None, *, no_login: bool) -> Answers:
    """
    Return the answers with the way that the owner chose; ``url`` is set already.

    Raises:
        UsageError: The export that was named is not one of a Mahara.
    """
    from bridge import setup_words

    say(setup_words.what_mahara_is(site, answers.url))
    by_file = replace(answers, url=site.wwwroot.rstrip("/"), export_type="mahara-export")  # as its exports call it
    if answers.export:
        return with_its_export(answers, by_file, "a Mahara")
    if no_login or not (user or interactive()):
        return by_file
    if not user:
        say(setup_words.WAYS_OUT_OF_MAHARA)
        if export := _export():
            return replace(by_file, export=export)
        if site.password_works:
            user = asked("Your user name there (empty: you log in on a page of your institution, or not now)")
    if user and site.password_works:
        return replace(answers, kind="mahara", user=user)
    if not site.password_works:
        say("This Mahara lets you in only through a page of your institution.")
    takes_over = user or confirmed(
        "Shall keepfolio take over the login of your browser? (No: you bring the export file later.)"
    )
    return replace(answers, kind="mahara", sso=True) if takes_over else by_file


def password(answers: Answers, held: str, http: Callable[[str], Http]) -> str:
    """Return a password that was typed and worked; ``""`` for later, or where the one that is ``held`` worked."""
    if held:
        _try(answers, held, http)
        return ""

    def works(typed: str) -> str:
        _try(answers, typed, http)
        return typed

    return password_that_works(answers.site_name, works, "Going on without a password. When you have one:")


def _try(answers: Answers, typed: str, http: Callable[[str], Http]) -> None:
    from bridge import setup_login

    session = http(answers.url)
    try:
        say(f"Logged in as {setup_login.try_at_mahara(answers.url, answers.user, typed, session).who}.")
    finally:
        session.close()


def with_its_export(answers: Answers, by_file: Answers, what: str) -> Answers:
    """
    Return ``by_file`` where the export that was named is one of the system at the address.

    Raises:
        UsageError: It is another system's.
    """
    if answers.export_type == by_file.export_type:
        return by_file
    other = answers.export_type.removesuffix("-export").capitalize().replace("Wordpress", "WordPress")
    raise UsageError(
        f"The address is that of {what}, and the export is one of a {other}.",
        unchanged="Nothing was written.",
        mend="Name one of them now, and add the other in config.yaml later (config.example.yaml shows how).",
    )


def _export() -> Path | None:
    from bridge import setup_export

    while said := asked("The path of the export file, if you have it by now (empty: the second way, or later)"):
        try:
            kind = setup_export.look_at_export(Path(said))
        except UsageError as error:
            say(f"That did not work: {error.message}")
            continue
        if kind == "mahara-export":
            return Path(said)
        say("That is an export of another system, and none of a Mahara.")
    return None
