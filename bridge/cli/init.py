"""``init`` and ``login``: from nothing to a folder that can harvest, and passwords that nobody sees."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.errors import KeepfolioError, UsageError
from bridge.cli.common import command, interactive, result, say, settings

if TYPE_CHECKING:
    from bridge.setup import Answers, Login, Written
    from connectors.http import Http
    from connectors.wordpress.probe import Probe

PATHWAYS = ("associate", "cmalt", "senior")
TRIES = 3


@dataclass(frozen=True)
class Entered:
    """A password that was typed and worked (``""``: none was typed), and where one is kept, in words."""

    password: str = ""
    kept: str = ""


@command("init")
@click.argument("folder", type=click.Path(path_type=Path), default="my-portfolio")
@click.option("--url", help="The address of your blog.")
@click.option("--export", type=click.Path(path_type=Path), help="An export file, in the place of a blog or beside it.")
@click.option("--user", help="Your user name on the blog. Without it, only what is public is kept.")
@click.option("--no-login", is_flag=True, help="Work with what is public.")
@click.option("--renewal/--first", default=None, help="The three-year renewal, or a first portfolio.")
@click.option("--pathway", type=click.Choice(PATHWAYS), help="Which CMALT you are going for (or hold).")
@click.option(
    "--closes", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day on which that account closes."
)
@click.option("--owner", help="Your name, as it stands on the portfolio.")
def init(
    folder: Path,
    url: str | None,
    export: Path | None,
    user: str | None,
    no_login: bool,
    renewal: bool | None,
    pathway: str | None,
    closes: datetime | None,
    owner: str | None,
) -> None:
    """
    Set up FOLDER (my-portfolio) for your portfolio: a few questions, each with an option for scripts.

    Nothing is published and nothing is sent but the reading of your blog. Passwords are asked for without being shown,
    and kept in this computer's keyring.
    """
    from bridge import setup

    folder = (settings().workspace or folder).expanduser().absolute()
    setup.refuse_existing(folder)
    warnings = setup.place_warnings(folder)
    for warning in warnings:
        say(f"Careful: {warning}\n")
    if export:
        setup.look_at_export(export)
    answers = setup.Answers(
        owner=owner if owner is not None else _asked("Your name, as it stands on the portfolio", ""),
        export=export,
        timezone=setup.local_timezone(),
    )
    answers, entered = _site(answers, folder, url, user, no_login=no_login)
    answers = replace(
        answers,
        renewal=_confirmed("Is this the three-year renewal of a portfolio that you have?", value=renewal),
        pathway=pathway or _chosen("Which CMALT", PATHWAYS, "cmalt"),
        closes=closes.date() if closes else _closing(),
    )
    written = setup.write(answers, folder, today=datetime.now(UTC).date())
    kept = entered.kept
    if entered.password:
        kept = setup.keep_password(setup.BLOG, "password", entered.password, setup.configuration(answers, folder), None)
    _end(answers, written, kept, warnings)


@command("login")
@click.argument("name")
@click.option("--token", "what", flag_value="token", help="Store a token; the default is a password.")
@click.option("--no-test", is_flag=True, help="Store it without trying it.")
@click.option("--forget", is_flag=True, help="Remove what is stored.")
def login(name: str, what: str | None, no_test: bool, forget: bool) -> None:
    """
    Store the password of the source or target NAME, or of `messages`; it is tried first, once.

    It is asked for without being shown, or read from standard input when that is no terminal.
    """
    from bridge import secrets, setup
    from bridge.cli.opened import opened

    session = opened()
    kind = what or "password"
    if forget:
        gone = secrets.forget(name, kind, session.config)
        words = f"The {kind} of {name} is forgotten." if gone else f"No {kind} of {name} was stored."
        result({"ok": True, "forgotten": gone}, words)
        return
    who = ""
    if name == secrets.MESSAGES:
        value = _secret(f"Password of your mail account ({secrets.account_of(name, session.config)})")
    else:
        url, user = setup.needs_login(name, session.config)
        say(f"{name}: {user} at {url}")
        if kind == "password" and not no_test:
            _offer_approval(url, session.http)
        value = _secret(f"{'Application password' if kind == 'password' else 'Token'} of {user}")
        if kind == "password" and not no_test:
            who = setup.try_password(url, user, value, session.http).who
    where = setup.keep_password(name, kind, value, session.config, session.workspace)
    told = f"Logged in as {who}. " if who else ""
    result({"ok": True, "account": who, "stored": where}, f"{told}The {kind} is kept in {where}.")


# --- the blog -------------------------------------------------------------------------------------------------------


def _site(
    answers: Answers, folder: Path, url: str | None, user: str | None, *, no_login: bool
) -> tuple[Answers, Entered]:
    """Find out what the owner's site is, and log in there if the owner wants to."""
    from bridge import setup, setup_words

    if not url and not answers.export and not interactive():
        raise UsageError(
            "Nobody can be asked here, and no blog was named.",
            unchanged="Nothing was written.",
            mend="Name it: keepfolio init FOLDER --url https://blog.example.org   (or --export FILE)",
        )
    looked = _looked_at(answers, url)
    if isinstance(looked, Path):
        return replace(answers, export=looked), Entered()
    if looked is None:
        return answers, Entered()
    url, found = looked
    say(setup_words.what_it_is(found, url))
    for finding in found.findings:
        if finding.severity in ("warning", "error"):
            say(f"  {finding.message} {finding.mend}".rstrip())
    answers = _export_instead(answers, found)
    if found.kind in ("none", "wordpress.com") and not found.feed:
        if answers.export:
            return answers, Entered()
        raise setup.give_up(found, url)
    if found.kind in ("feed", "wordpress.com"):
        return replace(answers, url=found.feed, kind="feed"), Entered()
    answers = replace(answers, url=url, kind="wordpress")
    name = "" if no_login else user or _asked("Your user name there (empty: only what is public)", "")
    if not name:
        return answers, Entered()
    answers = replace(answers, user=name, writable=found.kind == "rest")
    try:
        setup.refuse_without_passwords(found)
    except KeepfolioError as error:
        if not interactive():
            raise
        say(f"{error.message}\nYour ways: {error.mend}\nGoing on with what is public.")
        return replace(answers, user="", writable=False), Entered()
    login, entered = _password(answers, folder, found)
    if answers.writable and login and not login.writes_pages:
        say("That account may not make pages on the site, so the portfolio is made on this computer alone;")
        say("`keepfolio build --paste` gives it in a form that you, or an editor of the site, can paste there.")
        answers = replace(answers, writable=False)
    return answers, entered


def _looked_at(answers: Answers, url: str | None) -> tuple[str, Probe] | Path | None:
    """Return the site's address and what it is, or an export file; on a terminal a slip is asked for again."""
    from bridge import setup

    if not url and answers.export:
        return None
    while True:
        said = url or str(click.prompt("The address of your blog, or the path of an export file", err=True))
        try:
            place = Path(said).expanduser()
            if not url and place.exists():
                setup.look_at_export(place)
                return place
            say(f"Looking at {said} ...")
            address, found = setup.discover(said, _session)
            if found.kind == "none" and not found.feed and not answers.export and interactive():
                raise setup.give_up(found, address)
        except KeepfolioError as error:
            if not interactive():
                raise
            say(f"That did not work: {error.message}\n  {error.mend}")
            url = None
        else:
            return address, found


def _export_instead(answers: Answers, found: Probe) -> Answers:
    """Where no login is possible, ask for the export, and say where it is."""
    from bridge import setup

    if answers.export or found.kind in ("rest", "xmlrpc"):
        return answers
    say(setup.where_the_export_is(found))
    while said := _asked("The path of the export file, if you have it by now (empty: later)", ""):
        try:
            setup.look_at_export(Path(said))
        except UsageError as error:
            say(f"That did not work: {error.message}")
        else:
            return replace(answers, export=Path(said).expanduser())
    return answers


def _password(answers: Answers, folder: Path, found: Probe) -> tuple[Login | None, Entered]:
    """Return a login that worked, or None for later; each password that is typed is tried once."""
    from bridge import secrets, setup

    held = secrets.lookup(setup.BLOG, "password", setup.configuration(answers, folder))
    if held:
        return _try(answers, held.reveal()), Entered(kept=held.where)
    if not interactive():
        say("No password was given. When you have one: keepfolio login blog")
        return None, Entered()
    _approval(setup.approve_page(found, answers.url), answers.url)
    for _ in range(TRIES):
        typed = click.prompt(
            "Application password (empty: later)", default="", hide_input=True, show_default=False, err=True
        )
        if not typed:
            break
        try:
            return _try(answers, typed), Entered(password=typed)
        except KeepfolioError as error:
            say(f"That did not work: {error.message} {error.mend}")
    say("Going on without a password. When you have one: keepfolio login blog")
    return None, Entered()


def _try(answers: Answers, password: str) -> Login:
    from bridge import setup

    http = _session(answers.url)
    try:
        login = setup.try_password(answers.url, answers.user, password, http)
    finally:
        http.close()
    say(f"Logged in as {login.who}.")
    return login


def _offer_approval(url: str, http: Http) -> None:
    """Open WordPress's own page for a new application password, when somebody is there to use it."""
    from bridge import setup
    from connectors.wordpress.probe import probe

    found = probe(url, http)
    setup.refuse_without_passwords(found)
    if interactive():
        _approval(setup.approve_page(found, url), url)


def _approval(page: str, url: str) -> None:
    if not page:
        say(f"Make an application password at {url} under Users > Profile > Application Passwords.")
        return
    say("WordPress now shows a page that asks whether keepfolio may have a password of its own. Say yes there, copy")
    say(f"the password that it shows once, and put it in here. Should no page open, go to:\n  {page}")
    if _has_browser():
        click.launch(page)


def _has_browser() -> bool:
    import os

    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _session(url: str) -> Http:
    from connectors.http import Http
    from connectors.http_address import host_of

    return Http(configured={host_of(url)}, attempts=2)


# --- asking ---------------------------------------------------------------------------------------------------------


def _asked(question: str, otherwise: str) -> str:
    if not interactive():
        return otherwise
    return str(click.prompt(question, default=otherwise, show_default=bool(otherwise), err=True)).strip()


def _chosen(question: str, choices: tuple[str, ...], otherwise: str) -> str:
    if not interactive():
        return otherwise
    return str(click.prompt(question, type=click.Choice(choices), default=otherwise, err=True))


def _confirmed(question: str, *, value: bool | None) -> bool:
    if value is not None or not interactive():
        return bool(value)
    return click.confirm(question, default=False, err=True)


def _closing() -> date | None:
    while said := _asked("The day on which that account closes, such as 2027-07-31 (empty: it does not)", ""):
        try:
            return date.fromisoformat(said)
        except ValueError:
            say(f'"{said}" is not a date; write year-month-day.')
    return None


def _secret(question: str) -> str:
    if interactive():
        return str(click.prompt(question, hide_input=True, err=True))
    value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise UsageError(
            "No password came in.",
            unchanged="Nothing was stored.",
            mend="Run it in a terminal, or pipe the password into it.",
        )
    return value


def _end(answers: Answers, written: Written, kept: str, warnings: list[str]) -> None:
    root = written.workspace.root
    steps = [f"cd {shlex.quote(str(root))}"]
    if answers.user and not kept:
        steps.append("keepfolio login blog      (once you have an application password)")
    steps += [
        "keepfolio harvest         (takes your posts and files into the archive)",
        "keepfolio gaps            (what each section still lacks)",
    ]
    texts = written.files[2:]
    login = " but your login to your own blog" if kept else ""
    lines = [
        f"Made {root}: config.yaml, and {len(texts)} files for your own words in {texts[0].parent.relative_to(root)}/.",
        *([f"Copied: {', '.join(p.name for p in written.copied)}."] if written.copied else []),
        *([f"The password is kept in {kept}."] if kept else []),
        f"Nothing was sent anywhere{login}, nothing was published, and nothing of your blog has been copied yet.",
        "",
        "Next:",
        *(f"  {step}" for step in steps),
    ]
    value = {
        "ok": True,
        "workspace": str(root),
        "files": [p.relative_to(root).as_posix() for p in written.files],
        "copied": [p.relative_to(root).as_posix() for p in written.copied],
        "password": kept,
        "warnings": warnings,
        "next": [step.split("  ")[0] for step in steps],
    }
    result(value, "\n".join(lines))
