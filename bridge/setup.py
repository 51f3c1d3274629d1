"""
What ``keepfolio init`` and ``keepfolio login`` do, without asking: discover a site, try a password, write a workspace.

Nothing is sent but reading requests to the address that the owner gave, and nothing is written before all is known.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from archive.errors import KeepfolioError, UsageError
from bridge.place import place_warnings as place_warnings  # noqa: PLC0414 - `check` asks for it here, too
from bridge.setup_words import config_text
from bridge.workspace import Workspace
from connectors.contract import SourceUnavailable
from connectors.http_address import same_site

if TYPE_CHECKING:
    from bridge.config import Config
    from connectors.http import Http
    from connectors.wordpress.probe import Probe

BLOG = "blog"
"""The name of the first source."""

APP_ID = uuid5(NAMESPACE_URL, "https://github.com/keepfolio/keepfolio")
"""WordPress shows an application's passwords under one id; it asks for a UUID that stays."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """
    What the owner said, and what was found out.

    Attributes:
        url: The site's front page; ``""`` when there is only an export.

        kind: How the site is read: ``wordpress`` or ``feed``; ``""`` without a site.

        writable: A portfolio page can be put there with the user's login.

        export: An export file or a folder of them.

        closes: The day on which the account closes.
    """

    owner: str = ""
    url: str = ""
    kind: str = ""
    user: str = ""
    writable: bool = False
    export: Path | None = None
    renewal: bool = False
    pathway: str = "cmalt"
    closes: date | None = None
    language: str = "en-GB"
    timezone: str = "Europe/London"


@dataclass(frozen=True)
class Written:
    """What was made: the workspace, every new file in it, and files copied into it from elsewhere."""

    workspace: Workspace
    files: tuple[Path, ...]
    copied: tuple[Path, ...]


@dataclass(frozen=True)
class Login:
    """A login that worked: who that is, in words, and whether that account may put a page on the site."""

    who: str
    writes_pages: bool


# --- the site -------------------------------------------------------------------------------------------------------


def discover(address: str, http: Callable[[str], Http]) -> tuple[str, Probe]:
    """
    Return the site's address, whole, and what it is.

    Args:
        address: As a person types it, with or without ``https://``.

        http: Makes a session that knows the address as the owner's own.

    Raises:
        UsageError: It is no address.

        SourceUnavailable: Nothing answers there.
    """
    from connectors.wordpress.probe import probe

    failure: SourceUnavailable | None = None
    for url in _spelled_out(address):
        session = http(url)
        try:
            found = probe(url, session)
        except SourceUnavailable as error:
            failure = failure or error
        else:
            return url, found
        finally:
            session.close()
    assert failure is not None
    raise SourceUnavailable(
        failure.message,
        code=failure.code,
        unchanged="Nothing was written.",
        mend="Write the address as your browser shows it when the site is open; or bring an export (--export FILE).",
    ) from failure


def _spelled_out(address: str) -> list[str]:
    """A password needs https, so that is tried first when the owner did not say."""
    text = address.strip()
    spellings = [text] if "://" in text else [f"https://{text}", f"http://{text}"]
    parts = urlsplit(spellings[0])
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
        raise UsageError(
            f'"{address}" is not the address of a website.',
            code="bad-address",
            unchanged="Nothing was written.",
            mend="Write it as your browser shows it, such as https://blog.example.org",
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "An address must not hold a password.",
            code="bad-address",
            unchanged="Nothing was written, and nothing was sent.",
            mend="Leave it out; you are asked for it later, without it being shown.",
        )
    return spellings


def approve_page(found: Probe, url: str) -> str:
    """
    Return WordPress's own page for allowing keepfolio a password of its own; ``""`` where it names none to trust.

    It is opened in the owner's browser, so it has to be a page of the web at the very host that she typed.
    """
    page = found.application_passwords_url
    if not _is_page_at(url, page):
        return ""
    joint = "&" if "?" in page else "?"
    return f"{page}{joint}app_name={quote('keepfolio')}&app_id={APP_ID}"


def _is_page_at(url: str, page: str) -> bool:
    try:
        parts = urlsplit(page)
        of_the_web = parts.scheme in ("http", "https") and parts.username is None
        return of_the_web and same_site(url, page) and page.isprintable() and " " not in page
    except ValueError:  # no address at all
        return False


def try_password(url: str, user: str, password: str, http: Http) -> Login:
    """
    Log in once with a password, and return who WordPress says that is.

    Raises:
        SourceRefused: The user name or the password is not right. It was tried once, by one way.

        SourceUnavailable: The site cannot be reached, or offers no way to log in.
    """
    from connectors.wordpress.probe import probe

    http.redact(password)
    found = probe(url, http)
    refuse_without_passwords(found)
    if found.kind == "rest":
        from connectors.wordpress.account import capabilities

        account = capabilities(found.api, http, (user, password), user)
        roles = ", ".join(account.roles) or "no role"
        return Login(f"{account.name or user} ({roles})", {"edit_pages", "upload_files"} <= account.can)
    if found.kind == "xmlrpc":
        from connectors.wordpress.xmlrpc_calls import Calls

        blog = Calls(found.xmlrpc, user, password, http).login()
        return Login(f"{user} at {blog.title}", writes_pages=False)
    raise SourceUnavailable(
        f"{url} offers keepfolio no way to log in, so the password was not sent.",
        code="no-login",
        mend="Bring the site's export instead (Tools > Export), as a source of type wordpress-export.",
    )


def refuse_without_passwords(found: Probe) -> None:
    """
    Make sure that the site gives application passwords before one is asked for, or sent.

    Raises:
        SourceUnavailable: It gives none; the message says why, and what the ways out are.
    """
    from connectors.wordpress.checking import passwords_off

    off = passwords_off(found)
    if off is not None:
        raise SourceUnavailable(off.message, code=off.code, unchanged="No password was sent.", mend=off.mend)


def look_at_export(path: Path) -> None:
    """
    Make sure that a file, or a folder of them, is an export that can be read.

    Raises:
        UsageError: It is not there, or it is something else.
    """
    from connectors.wordpress.wxr_file import parts
    from connectors.wordpress.wxr_read import survey

    place = path.expanduser()
    if not place.exists():
        raise _no_export(path)
    try:
        survey(parts(place), "")
    except (UsageError, SourceUnavailable) as error:
        raise UsageError(
            error.message,
            code="no-export",
            unchanged="Nothing was written.",
            mend="In WordPress choose Tools > Export > All content, and name the file that it gives you.",
        ) from error


def _no_export(path: Path) -> UsageError:
    return UsageError(
        f"There is no file {path}.",
        code="no-export",
        unchanged="Nothing was written.",
        mend="Look where your browser put the download, and name that file with --export.",
    )


# --- the folder -----------------------------------------------------------------------------------------------------


def refuse_existing(folder: Path) -> None:
    """
    Make sure that there is no workspace yet.

    Raises:
        UsageError: There is one, or the rest of one.
    """
    quoted = shlex.quote(str(folder))
    if (folder / "config.yaml").exists():
        raise UsageError(
            f"{folder} is a portfolio's folder already.",
            code="workspace-exists",
            unchanged="It is as it was.",
            mend=f"keepfolio status --workspace {quoted}   shows it; for a new one, name another folder.",
        )
    if (folder / "archive").exists() or (folder / "portfolio").exists():
        raise UsageError(
            f"{folder} has no config.yaml, but it holds an archive or a portfolio.",
            code="workspace-exists",
            unchanged="It is as it was.",
            mend=f"If its config.yaml was lost: keepfolio restore --workspace {quoted}   Else name another folder.",
        )
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder.", code="workspace-exists", mend="Name another folder.")


def configuration(answers: Answers, folder: Path) -> Config:
    """Return the configuration that ``write`` writes into the folder; nothing is written."""
    from bridge.config import parse

    return parse(config_text(_within(answers)), "config.yaml", folder)


def write(answers: Answers, folder: Path, *, today: date) -> Written:
    """
    Write the workspace: configuration, section files, folders; readable by their owner alone.

    An export file is copied in, so that the folder is whole; a folder of exports stays where it is.

    Raises:
        UsageError: There is a workspace already, or the export is not there.
    """
    from bridge.portfolio import framework, generation, narrative

    refuse_existing(folder)
    if answers.export and not answers.export.exists():
        raise _no_export(answers.export)
    settings = configuration(answers, folder).portfolio  # a mistake in it shows before anything is written
    workspace = Workspace(folder)
    for place in (folder, workspace.portfolio):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    copied = _copy_in(answers, folder)
    made = generation.new(
        workspace.portfolio / ("review-1" if answers.renewal else "original"),
        settings.framework,
        settings.pathway,
        started=today,
    )
    files = [generation.write(made), *narrative.scaffold(made.folder, framework.load(made.framework), made.pathway)]
    # the configuration comes last: a folder with one is a whole workspace
    _write_private(workspace.config, config_text(_within(answers)))
    return Written(workspace, (workspace.config, *files), copied)


def _within(answers: Answers) -> Answers:
    """Return the answers with the export where the configuration will find it."""
    if answers.export is None:
        return answers
    export = answers.export.expanduser()
    return replace(answers, export=export.resolve() if export.is_dir() else Path("exports") / export.name)


def _copy_in(answers: Answers, folder: Path) -> tuple[Path, ...]:
    if answers.export is None or answers.export.expanduser().is_dir():
        return ()
    place = folder / "exports" / answers.export.name
    place.parent.mkdir(exist_ok=True, mode=0o700)
    shutil.copyfile(answers.export.expanduser(), place)
    place.chmod(0o600)
    return (place,)


def _write_private(path: Path, text: str) -> None:
    with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
        out.write(text)


def local_timezone() -> str:
    """Return this computer's time zone by name, or London's: the framework's country."""
    from zoneinfo import ZoneInfo

    place = Path("/etc/localtime")
    named = [
        os.environ.get("TZ", "").lstrip(":"),
        str(place.resolve()).partition("zoneinfo/")[2] if place.exists() else "",
    ]
    for name in named:
        try:
            if name:
                return ZoneInfo(name).key
        except (KeyError, ValueError, OSError):
            continue
    return "Europe/London"


# --- the password ---------------------------------------------------------------------------------------------------


def keep_password(name: str, what: str, value: str, config: Config, workspace: Workspace | None) -> str:
    """
    Store a secret and let the sources and targets of that account be asked again; return where it is, in words.

    Raises:
        KeepfolioError: It could not be stored.
    """
    from bridge import secrets

    where = secrets.store(name, what, value, config)
    if workspace and (workspace.archive / "archive.json").is_file():
        from bridge.runs import remembered_as
        from bridge.session import Session

        archive = Session(workspace).archive
        for one in secrets.names_of(secrets.account_of(name, config), config):
            if one != secrets.MESSAGES:
                archive.remember(remembered_as(one, config), parked="")
    return where


def needs_login(name: str, config: Config) -> tuple[str, str]:
    """
    Return address and user of a source or target that takes a login.

    Raises:
        UsageError: There is none of that name, or it takes no login.
    """
    part = config.sources.get(name) or config.targets.get(name)
    if part is None:
        have = ", ".join([*config.sources, *config.targets]) or "none"
        raise UsageError(
            f"There is no source or target called {name} in config.yaml; it has: {have}.",
            code="unknown-name",
            mend="Name one of those.",
        )
    url, user = getattr(part, "url", ""), getattr(part, "user", "")
    if not (url and user):
        raise UsageError(
            f"{name} takes no login.",
            code="no-login",
            mend=f"If it should log in, add `user:` to {name} in config.yaml." if hasattr(part, "user") else "",
        )
    return url, user


def where_the_export_is(found: Probe) -> str:
    """Return where a site's owner finds its export, in words."""
    if found.kind == "wordpress.com":
        return (
            "On WordPress.com: Tools > Export > Export all. You get a zip; the pictures come from "
            "Export media library on the same page."
        )
    return "In WordPress: Tools > Export > All content > Download Export File."


def give_up(found: Probe, url: str) -> KeepfolioError:
    """Return the error for an address at which nothing can be harvested."""
    said = " ".join(f.message for f in found.findings)
    return SourceUnavailable(
        f"At {url} there is no WordPress and no feed that keepfolio can read. {said}".strip(),
        code="nothing-found",
        unchanged="Nothing was written.",
        mend="Check the address; or bring an export: keepfolio init FOLDER --export FILE",
    )
