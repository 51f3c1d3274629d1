"""What ``keepfolio check`` tells about a WordPress: what is reached, what will be missed, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from connectors.contract import Finding, SourceRefused, SourceUnavailable
from connectors.http_address import is_loopback
from connectors.wordpress.account import STRANGER, Account, limits, log_in
from connectors.wordpress.api import Api, server_time
from connectors.wordpress.probe import Probe

_SKEW = timedelta(minutes=5)


def passwords_off(found: Probe) -> Finding | None:
    """Return why a WordPress gives no application passwords, and the ways out; None where it does, or hides it."""
    hidden = any(f.code == "rest-closed" for f in found.findings)
    if found.kind != "rest" or found.application_passwords_url or hidden:
        return None
    others = (
        "or bring the site's export (Tools > Export) as a source of type wordpress-export; or leave `user` out, and "
        "only what is public is kept."
    )
    if urlsplit(found.api).scheme == "http":
        return Finding(
            "application-passwords-off",
            "error",
            "This site is reached by http, and WordPress gives application passwords only over https.",
            f"Ask the site's host for a certificate (most give one free), and write https:// in its address; {others}",
        )
    return Finding(
        "application-passwords-off",
        "error",
        "Application passwords are off on this site: a security plugin (such as Wordfence) or the host did it.",
        "Switch them on there (Wordfence: All Options > Disable application passwords), or ask the site's "
        f"administrator; {others}",
    )


def findings(api: Api, found: Probe, user: str, *, only_me: bool, now: datetime) -> Iterator[Finding]:
    """Yield what a person should know. Sends only GET; asks with the password once."""
    yield from found.findings
    if urlsplit(api.root).scheme == "http" and not is_loopback(api.root):
        yield Finding(
            "no-tls",
            "warning",
            "The site is reached without TLS: everything, also a password, can be read on the way.",
            "Ask the site's host for a certificate (most give one free), then write https:// in config.yaml.",
        )
    account = STRANGER
    if api.auth is not None:
        account_or_finding = _login(api, user)
        if isinstance(account_or_finding, Finding):
            off = passwords_off(found)
            yield replace(account_or_finding, mend="") if off else account_or_finding
            yield from [off] if off else _ways_out(found, account_or_finding)
            return
        account = account_or_finding
        yield Finding("login", "ok", f"Logged in as {account.name} ({', '.join(account.roles) or 'no role here'}).")
    yield from limits(account, only_me=only_me)
    yield from _missed(api, account)
    yield from _clock(api, now)
    if api.noise:
        yield Finding(
            "noise",
            "note",
            f"The site prints text in front of its data: {api.noise}",
            "Set WP_DEBUG_DISPLAY to false in wp-config.php.",
        )


def _login(api: Api, user: str) -> Account | Finding:
    try:
        return log_in(api, user)
    except SourceRefused as error:
        return Finding(error.code, "error", error.message, error.mend)
    except SourceUnavailable as error:
        return Finding(error.code, "error", error.message, error.mend)


def _ways_out(found: Probe, refused: Finding) -> Iterator[Finding]:
    """Name each cause of a silent refusal, most likely first, with what mends it."""
    if refused.code != "not-logged-in":
        return
    yield Finding(
        "wrong-password",
        "note",
        "Is it an application password (24 letters and digits), not the one you log in with?",
        f"Make one at {found.application_passwords_url or 'Users > Profile in WordPress'}",
    )
    yield Finding("wrong-user", "note", "Is it your user name or e-mail, not the name of the application password?")
    yield Finding(
        "stripped-authorization",
        "note",
        "If both are right, the web server drops the Authorization header before WordPress sees it.",
        'Apache: add to .htaccess  SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1',
    )


def _missed(api: Api, account: Account) -> Iterator[Finding]:
    """Count what there is, as far as this account is told."""
    if not account.known:
        return
    try:
        shown = api.page("wp/v2/posts", {"per_page": 1, "_fields": "id"}).total
        mine = api.page("wp/v2/posts", {"per_page": 1, "_fields": "id", "author": account.number}).total
    except SourceUnavailable as error:
        yield Finding(error.code, "error", error.message, error.mend)
        return
    if "edit_others_posts" not in account.can and shown > mine and "edit_posts" in account.can:
        yield Finding(
            "others-posts",
            "note",
            f"Of {shown} published posts {mine} are yours; the other {shown - mine} are not kept.",
        )


def _clock(api: Api, now: datetime) -> Iterator[Finding]:
    there = server_time(api.http.head(api.root, discovered=True))
    if there is not None and abs(there - now) > _SKEW:
        minutes = round((now - there).total_seconds() / 60)
        yield Finding(
            "clock",
            "note",
            f"This computer's clock and the site's differ by {abs(minutes)} minutes.",
            "Switch automatic time on, on whichever of them is wrong.",
        )
