"""``login``: passwords, tokens and a browser's login, kept where nobody sees them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from archive.errors import KeepfolioError
from bridge.cli.asking import line, secret
from bridge.cli.common import command, interactive, result, say

if TYPE_CHECKING:
    from bridge.setup_login import Account
    from connectors.http import Http


@command("login")
@click.argument("name")
@click.option("--token", "what", flag_value="token", help="Store a token; the default is what NAME needs.")
@click.option(
    "--browser", is_flag=True, help="At a Moodle: let the browser hand a token over, though you have a password."
)
@click.option("--no-test", is_flag=True, help="Store it without trying it.")
@click.option("--forget", is_flag=True, help="Remove what is stored.")
def login(name: str, what: str | None, browser: bool, no_test: bool, forget: bool) -> None:
    """
    Store the password of the source or target NAME, or of `messages`; it is tried first, once.

    It is asked for without being shown, or read from standard input when that is no terminal.

    For a Mahara with `sso: true` it takes over the login of your browser, and says how: standard input is then two
    lines, the cookie (mahara=...) and the browser's User-Agent.

    For a Moodle a token is kept and never the password. With `user:` the password gets it; without, or with --browser,
    your browser hands it over: keepfolio shows an address to open, and takes the link that comes of it. That link
    answers this one question, so a script reads the address from standard error first.
    """
    from bridge import runs, secrets, setup_login, views
    from bridge.cli import login_vle
    from bridge.cli.opened import opened

    session = opened()
    if name == secrets.MESSAGES:
        account = setup_login.Account("", secrets.account_of(name, session.config))
    else:
        account = setup_login.needs_login(name, session.config)
    kind = what or account.what
    if forget:
        gone = secrets.forget(name, kind, session.config)
        words = f"The {kind} of {name} is forgotten." if gone else f"No {kind} of {name} was stored."
        result({"ok": True, "forgotten": gone}, words)
        return
    runs.may_still_be_open(session, name)
    by_browser = kind == "token" and account.sso
    more = ""
    try:
        if name == secrets.MESSAGES:
            value, who = secret(f"Password of your mail account ({account.user})"), ""
        elif by_browser:
            value, who = _browser_login(account, session.http, tried=not no_test)
        elif account.type == "moodle":
            value, who = login_vle.moodle(
                name, account, session.http, browser=browser, given=what == "token", tried=not no_test
            )
            more = f" {login_vle.ENDS}"
        elif account.type == "blackboard":
            path = getattr(session.config.sources[name], "path", "")
            value, who = login_vle.blackboard(account, path, session.http, tried=not no_test)
        else:
            say(f"{name}: {account.user} at {account.url}")
            value, who = _password(account, kind, session.http, tried=not no_test and kind == "password")
    except KeepfolioError as error:
        error.mend = views.naming(error.mend, name)
        raise
    where = setup_login.keep_password(name, kind, value, session.config, session.workspace)
    if by_browser:
        told = f"{'It works: you are in at ' + who + '. ' if who else ''}Your browser's login is kept in {where}."
    else:
        told = f"{'Logged in as ' + who.removesuffix('.') + '. ' if who else ''}The {kind} is kept in {where}.{more}"
    result({"ok": True, "account": who, "stored": where}, told)


def _password(account: Account, kind: str, http: Http, *, tried: bool) -> tuple[str, str]:
    """Return what was typed, and who that is by the site's own word."""
    from bridge import setup_login

    if account.type == "mahara":
        value = secret(f"{'Password' if kind == 'password' else 'Token'} of {account.user}")
        return value, setup_login.try_at_mahara(account.url, account.user, value, http).who if tried else ""
    if tried:
        _offer_approval(account.url, http)
    value = secret(f"{'Application password' if kind == 'password' else 'Token'} of {account.user}")
    return value, setup_login.try_password(account.url, account.user, value, http).who if tried else ""


def _browser_login(account: Account, http: Http, *, tried: bool) -> tuple[str, str]:
    """Ask for a browser's login by its steps; return it as it is kept, and whose it is."""
    from bridge import setup_login
    from connectors.mahara import handover

    say(f"keepfolio can take over the login of your browser at {account.url}, for as long as that lasts.")
    for number, step in enumerate(handover.STEPS, 1):
        say(f"  {number}. {step}")
    cookie = secret("The cookie (mahara=...)")
    token = handover.pack(cookie, line("The User-Agent"))
    http.redact(cookie)
    return token, setup_login.take_over(account.url, token, http).who if tried else ""


def _offer_approval(url: str, http: Http) -> None:
    """Open WordPress's own page for a new application password, when somebody is there to use it."""
    from bridge import setup_login, setup_site
    from connectors.wordpress.probe import probe

    found = probe(url, http)
    setup_login.refuse_without_passwords(found)
    if interactive():
        approval(setup_site.approve_page(found, url), url)


def approval(page: str, url: str) -> None:
    """Say where an application password is made, and open that page where there is a browser."""
    if not page:
        say(f"Make an application password at {url} under Users > Profile > Application Passwords.")
        return
    say("WordPress now shows a page that asks whether keepfolio may have a password of its own. Say yes there, copy")
    say(f"the password that it shows once, and put it in here. Should no page open, go to:\n  {page}")
    if _has_browser():
        click.launch(page)


def _has_browser() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
