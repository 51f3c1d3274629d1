"""Questions to a person at a terminal; where nobody can be asked, the answer that was given or the usual one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date

import click

from archive.errors import KeepfolioError, UsageError
from bridge.cli.common import interactive, say

TRIES = 2
"""Passwords that may be typed where an institution locks an account after some wrong ones: a Mahara after five."""


def asked(question: str, otherwise: str = "") -> str:
    """Return what was typed."""
    if not interactive():
        return otherwise
    return str(click.prompt(question, default=otherwise, show_default=bool(otherwise), err=True)).strip()


def chosen(question: str, choices: tuple[str, ...], otherwise: str) -> str:
    """Return one of the choices."""
    if not interactive():
        return otherwise
    return str(click.prompt(question, type=click.Choice(choices), default=otherwise, err=True))


def confirmed(question: str, *, value: bool | None = None) -> bool:
    """Return yes or no; ``value`` is what an option said already."""
    if value is not None or not interactive():
        return bool(value)
    return click.confirm(question, default=False, err=True)


def closing() -> date | None:
    """Return the day on which the account closes, or None."""
    while said := asked("The day on which that account closes, such as 2027-07-31 (empty: it does not)"):
        try:
            return date.fromisoformat(said)
        except ValueError:
            say(f'"{said}" is not a date; write year-month-day.')
    return None


def secret(question: str) -> str:
    """Return a secret that is not shown while it is typed; from standard input, a line of it."""
    if interactive():
        return str(click.prompt(question, hide_input=True, err=True))
    return line(question)


def line(question: str) -> str:
    """Return something that may be seen; from standard input, a line of it."""
    if interactive():
        return str(click.prompt(question, err=True)).strip()
    value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise UsageError(
            f"Nothing came in for: {question}.",
            unchanged="Nothing was stored.",
            mend="Run it in a terminal, or pipe it in, one line for each question.",
        )
    return value


def password_that_works(name: str, use: Callable[[str], str], without: str) -> str:
    """
    Ask for the password of a source while it is set up; return what ``use`` makes of one that worked.

    Args:
        name: The source's.

        use: Tries a password; raises a KeepfolioError where it is refused.

        without: What is said, before the command that mends it, where none worked or ``""`` was typed.
    """
    later = f"keepfolio login {name}"
    if not interactive():
        say(f"No password was given. When you have one: {later}")
        return ""
    for _ in range(TRIES):
        question = "Your password there (empty: later)"
        typed = str(click.prompt(question, default="", hide_input=True, show_default=False, err=True))
        if not typed:
            break
        try:
            return use(typed)
        except KeepfolioError as error:
            say(f"That did not work: {error.message}")
    say(f"{without} {later}")
    return ""
