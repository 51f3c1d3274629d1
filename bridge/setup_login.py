"""Logging in: tried once, and kept where nobody sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import UsageError
from bridge.workspace import Workspace
from connectors.contract import SourceUnavailable

if TYPE_CHECKING:
    from bridge.config import Config
    from connectors.http import Http
    from connectors.wordpress.probe import Probe


@dataclass(frozen=True)
class Login:
    """A login that worked: who that is, in words, and whether that account may put a page on the site."""

    who: str
    writes_pages: bool


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


def try_at_mahara(url: str, user: str, password: str, http: Http) -> Login:
    """
    Log in once to a Mahara with its own password.

    Raises:
        SourceRefused: The user name or the password is not right. Five wrong ones lock an account there.

        SourceUnavailable: The site cannot be reached, or is no Mahara.
    """
    from connectors.mahara.probe import probe
    from connectors.mahara.session import Session

    http.redact(password)
    site = probe(url, http)
    Session(http, site).log_in(user, password)
    return Login(f"{user} at {site.name or url}", writes_pages=False)


def take_over(url: str, token: str, http: Http) -> Login:
    """
    Try a browser's login that was handed over (``handover.pack``), with one page that changes nothing.

    Raises:
        SourceRefused: The site does not know it.

        SourceUnavailable: The site cannot be reached, or is no Mahara.
    """
    from connectors.mahara import handover
    from connectors.mahara.probe import probe
    from connectors.mahara.session import Session

    http.redact(token)
    site = probe(url, http)
    Session(http, site).take_over(handover.unpack(token))
    return Login(site.name or url, writes_pages=False)


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


def keep_password(name: str, what: str, value: str, config: Config, workspace: Workspace | None) -> str:
    """
    Store a secret and let the sources and targets of that account be asked again; return where it is, in words.

    Raises:
        KeepfolioError: It could not be stored.
    """
    from bridge import secrets

    where = secrets.store(name, what, value, config)
    if workspace:
        from bridge.runs import let_be_asked
        from bridge.session import Session

        session = Session(workspace)
        for one in secrets.names_of(secrets.account_of(name, config), config):
            if one != secrets.MESSAGES:
                let_be_asked(session, one)
    return where


@dataclass(frozen=True)
class Account:
    """
    What a source or target logs in to; ``type`` is the configured one.

    ``what`` is kept of it: ``password``, or ``token`` with ``sso`` and at a Moodle, where a password only gets one.
    """

    url: str
    user: str
    type: str = ""
    sso: bool = False

    @property
    def what(self) -> str:
        return "token" if self.sso or self.type == "moodle" else "password"


def needs_login(name: str, config: Config) -> Account:
    """
    Return the account of a source or target that takes a login.

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
    account = Account(getattr(part, "url", ""), getattr(part, "user", ""), part.type, getattr(part, "sso", False))
    is_file = part.type.endswith("-export")
    if is_file or not (account.url and (account.user or account.what == "token")):
        may_log_in = hasattr(part, "user") and not is_file
        raise UsageError(
            f"{name} takes no login.",
            code="no-login",
            mend=f"If it should log in, add `user:` to {name} in config.yaml." if may_log_in else "",
        )
    return account
