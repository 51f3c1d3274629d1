"""``init``: from nothing to a folder that can harvest."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.errors import KeepfolioError, UsageError
from bridge.cli import init_mahara, init_vle
from bridge.cli.asking import asked, chosen, closing, confirmed
from bridge.cli.common import command, interactive, result, say, settings
from bridge.cli.login import approval

if TYPE_CHECKING:
    from bridge.setup import Answers, Written
    from bridge.setup_login import Login
    from bridge.setup_site import Place
    from connectors.http import Http
    from connectors.wordpress.probe import Probe

PATHWAYS = ("associate", "cmalt", "senior")
TRIES = 3


@dataclass(frozen=True)
class Entered:
    """A password that was typed and worked (``""``: none was typed), or its token; where one is kept, in words."""

    password: str = ""
    kept: str = ""
    what: str = "password"


@command("init")
@click.argument("folder", type=click.Path(path_type=Path), default="my-portfolio")
@click.option("--url", help="The address of your blog, Mahara, Moodle or Blackboard.")
@click.option("--export", type=click.Path(path_type=Path), help="An export file of one, in its place or beside it.")
@click.option("--user", help="Your user name there. Without it, only what is public of a blog is kept.")
@click.option("--no-login", is_flag=True, help="Work with what is public, or with an export.")
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

    Nothing is published and nothing is sent but the reading of your site. Passwords are asked for without
    being shown, and kept in this computer's keyring.
    """
    from bridge import setup, setup_export, setup_login

    folder = (settings().workspace or folder).expanduser().absolute()
    setup.refuse_existing(folder)
    warnings = setup.place_warnings(folder)
    for warning in warnings:
        say(f"Careful: {warning}\n")
    export_type = setup_export.look_at_export(export, url or "") if export else "wordpress-export"
    answers = setup.Answers(
        owner=owner if owner is not None else asked("Your name, as it stands on the portfolio"),
        export=export,
        export_type=export_type,
        timezone=setup.local_timezone(),
    )
    answers, entered = _site(answers, folder, url, user, no_login=no_login)
    answers = replace(
        answers,
        renewal=confirmed("Is this the three-year renewal of a portfolio that you have?", value=renewal),
        pathway=pathway or chosen("Which CMALT", PATHWAYS, "cmalt"),
        closes=closes.date() if closes else closing(),
    )
    written = setup.write(answers, folder, today=datetime.now(UTC).date())
    kept = entered.kept
    if entered.password:
        config = setup.configuration(answers, folder)
        kept = setup_login.keep_password(answers.site_name, entered.what, entered.password, config, None)
    _end(answers, written, kept, warnings)


# --- the site -------------------------------------------------------------------------------------------------------


def _site(
    answers: Answers, folder: Path, url: str | None, user: str | None, *, no_login: bool
) -> tuple[Answers, Entered]:
    """Find out what the owner's site is, and log in there if the owner wants to."""
    from bridge import setup_site
    from connectors.mahara.probe import Site
    from connectors.wordpress.probe import Probe

    if not url and not answers.export and not interactive():
        raise UsageError(
            "Nobody can be asked here, and no blog was named.",
            unchanged="Nothing was written.",
            mend="Name it: keepfolio init FOLDER --url https://blog.example.org   (or --export FILE)",
        )
    looked = _looked_at(answers, url)
    if not isinstance(looked, tuple):
        return looked, Entered()
    url, found = looked
    if isinstance(found, Probe):
        return _blog(answers, folder, url, found, user, no_login=no_login)
    answers = replace(answers, url=url)
    if isinstance(found, Site):
        answers = init_mahara.way_out(answers, found, user, no_login=no_login)
        return answers, _mahara_password(answers, folder) if answers.user else Entered()
    if isinstance(found, setup_site.Blackboard):
        return init_vle.out_of_blackboard(answers, user, no_login=no_login), Entered()
    answers = init_vle.out_of_moodle(answers, found, user, no_login=no_login)
    return answers, _moodle_token(answers, folder) if answers.kind == "moodle" else Entered()


def _moodle_token(answers: Answers, folder: Path) -> Entered:
    from bridge import secrets, setup

    held = secrets.lookup(setup.VLE, "token", setup.configuration(answers, folder))
    token = "" if held or not answers.user else init_vle.token(answers, _session)
    return Entered(token, held.where if held else "", "token")


def _mahara_password(answers: Answers, folder: Path) -> Entered:
    from bridge import secrets, setup

    held = secrets.lookup(setup.MAHARA, "password", setup.configuration(answers, folder))
    typed = init_mahara.password(answers, held.reveal() if held else "", _session)
    return Entered(typed, held.where if held else "")


def _blog(
    answers: Answers, folder: Path, url: str, found: Probe, user: str | None, *, no_login: bool
) -> tuple[Answers, Entered]:
    from bridge import setup_login, setup_site, setup_words

    say(setup_words.what_it_is(found, url))
    for finding in found.findings:
        if finding.severity in ("warning", "error"):
            say(f"  {finding.message} {finding.mend}".rstrip())
    answers = _export_instead(answers, found)
    if found.kind in ("none", "wordpress.com") and not found.feed:
        if answers.export:
            return answers, Entered()
        raise setup_site.give_up(found, url)
    if found.kind in ("feed", "wordpress.com"):
        return replace(answers, url=found.feed, kind="feed"), Entered()
    answers = replace(answers, url=url, kind="wordpress")
    name = "" if no_login else user or asked("Your user name there (empty: only what is public)")
    if not name:
        return answers, Entered()
    answers = replace(answers, user=name, writable=found.kind == "rest")
    try:
        setup_login.refuse_without_passwords(found)
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


def _looked_at(answers: Answers, url: str | None) -> tuple[str, Place] | Answers:
    """Return the site's address and what it is, or answers with an export; on a terminal a slip is asked for again."""
    from bridge import setup_export, setup_site
    from connectors.wordpress.probe import Probe

    if not url and answers.export:
        return answers
    while True:
        said = url or str(
            click.prompt("The address of your blog, Mahara or VLE, or the path of an export file", err=True)
        )
        try:
            place = Path(said).expanduser()
            if not url and place.exists():
                return replace(answers, export=place, export_type=setup_export.look_at_export(place))
            say(f"Looking at {said} ...")
            address, found = setup_site.discover(said, _session)
            nothing = isinstance(found, Probe) and found.kind == "none" and not found.feed
            if isinstance(found, Probe) and nothing and not answers.export and interactive():
                raise setup_site.give_up(found, address)
        except KeepfolioError as error:
            if not interactive():
                raise
            say(f"That did not work: {error.message}\n  {error.mend}")
            url = None
        else:
            return address, found


def _export_instead(answers: Answers, found: Probe) -> Answers:
    """Where no login is possible, ask for the export, and say where it is."""
    from bridge import setup_export, setup_site

    if answers.export or found.kind in ("rest", "xmlrpc"):
        return answers
    say(setup_site.where_the_export_is(found))
    while said := asked("The path of the export file, if you have it by now (empty: later)"):
        try:
            export_type = setup_export.look_at_export(Path(said))
        except UsageError as error:
            say(f"That did not work: {error.message}")
        else:
            return replace(answers, export=Path(said).expanduser(), export_type=export_type)
    return answers


def _password(answers: Answers, folder: Path, found: Probe) -> tuple[Login | None, Entered]:
    """Return a login that worked, or None for later; each password that is typed is tried once."""
    from bridge import secrets, setup, setup_site

    held = secrets.lookup(setup.BLOG, "password", setup.configuration(answers, folder))
    if held:
        return _try(answers, held.reveal()), Entered(kept=held.where)
    if not interactive():
        say("No password was given. When you have one: keepfolio login blog")
        return None, Entered()
    approval(setup_site.approve_page(found, answers.url), answers.url)
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
    from bridge import setup_login

    http = _session(answers.url)
    try:
        login = setup_login.try_password(answers.url, answers.user, password, http)
    finally:
        http.close()
    say(f"Logged in as {login.who}.")
    return login


def _session(url: str) -> Http:
    from connectors.http import Http
    from connectors.http_address import host_of

    return Http(configured={host_of(url)}, attempts=2)


def _end(answers: Answers, written: Written, kept: str, warnings: list[str]) -> None:
    from bridge import setup

    root = written.workspace.root
    steps = [f"cd {shlex.quote(str(root))}"]
    if answers.kind == "moodle" and not kept:
        way = "gets a token for your password" if answers.user else "your browser hands a token over"
        steps.append(f"keepfolio login {answers.site_name:<9} ({way})")
    elif answers.sso:
        steps.append("keepfolio login mahara    (takes over the login of your browser, step by step)")
    elif answers.user and not kept:
        what = "an application password" if answers.kind == "wordpress" else "the password at hand"
        steps.append(f"keepfolio login {answers.site_name:<9} (once you have {what})")
    if answers.is_put_beside and not answers.export:
        place = setup.folder_of_exports(answers).as_posix()
        steps.append(f"keepfolio check {answers.export_name:<9} (where the export is made; put it into {place}/)")
    steps += [
        "keepfolio harvest         (takes your texts and files into the archive)",
        "keepfolio gaps            (what each section still lacks)",
    ]
    texts = written.files[2:]
    login = " but your login to your own site" if kept else ""
    held = "your archive is still empty." if written.copied else "nothing of your site has been copied yet."
    lines = [
        f"Made {root}: config.yaml, and {len(texts)} files for your own words in {texts[0].parent.relative_to(root)}/.",
        *([f"Copied: {', '.join(p.name for p in written.copied)}."] if written.copied else []),
        *([f"The password is kept in {kept}."] if kept else []),
        f"Nothing was sent anywhere{login}, nothing was published, and {held}",
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
