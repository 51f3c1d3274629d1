"""Logging in to a VLE: a Moodle's token by password, browser or cookie; a Blackboard's password. Each is tried once."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from archive.errors import UsageError
from connectors.contract import SourceRefused, SourceUnavailable

if TYPE_CHECKING:
    from connectors.contract import Finding
    from connectors.http import Http
    from connectors.moodle.handover import Handover
    from connectors.moodle.probe import Probe

_PAGE_CAP = 4 * 2**20
"""Bytes of a page that a browser saved."""


def moodle_at(url: str, http: Http) -> Probe:
    """
    Return the Moodle at an address, as one that gives tokens.

    Raises:
        SourceUnavailable: There is none, it is another host's, or it gives no tokens; no secret was sent.
    """
    from connectors.http_address import same_site
    from connectors.moodle import faults
    from connectors.moodle.probe import moved, probe, root_of

    found = probe(url, http)
    if not same_site(root_of(url), found.root):
        raise moved(root_of(url), found.root)
    if not (found.web_services and found.mobile):
        raise faults.services_off()
    return found


def token_for_password(url: str, user: str, password: str, http: Http) -> str:
    """
    Return the token that a Moodle gives for a password; the private one, which opens a browser's session, is let go.

    Raises:
        SourceRefused: The user name and password were not accepted. They were sent once.

        SourceUnavailable: As ``moodle_at``.
    """
    from connectors.moodle import token as tokens
    from connectors.moodle.probe import root_of

    http.redact(password)
    moodle_at(url, http)
    return tokens.by_password(http, root_of(url), user, password).value


def ask_browser(site: Probe) -> Handover:
    """Return the question that the owner's browser puts to the site; its passport is for this run alone."""
    from connectors.http_address import same_site
    from connectors.moodle import handover

    return handover.begin(site.root, site.launch if same_site(site.root, site.launch) else "")


def token_from_browser(brought: str, url: str, site: Probe, question: Handover, http: Http) -> str:
    """
    Return the token in what the owner brought: the link, the file of the saved page, or the cookie of the session.

    Raises:
        UsageError: There is no token in it, or one of another site or an older question.

        SourceRefused: The cookie is that of a session that has ended.

        SourceUnavailable: As ``moodle_at``.
    """
    from connectors.moodle import handover
    from connectors.moodle import token as tokens
    from connectors.moodle.probe import root_of

    text = brought.strip().strip("\"'")
    if text.startswith("MoodleSession"):
        return tokens.by_cookie(http, root_of(url), text).value
    if not text.startswith(handover.SCHEME) and _is_file(text):
        with Path(text).expanduser().open("rb") as page:
            text = page.read(_PAGE_CAP).decode("utf-8", "replace")
    return tokens.parse(handover.accept(text, site.root, question.passport), http).value


def _is_file(text: str) -> bool:
    try:
        return Path(text).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):  # too long for a name, or none at all
        return False


def owner_of_token(url: str, text: str, http: Http) -> tuple[str, str]:
    """
    Try a token with the one question of whose it is; return it as it is kept, and the name.

    Raises:
        SourceRefused: It is none, or opens nothing.

        SourceUnavailable: The site does not answer.
    """
    from connectors.moodle import token as tokens
    from connectors.moodle.api import Api
    from connectors.moodle.probe import root_of

    token = tokens.parse(text, http)
    info = Api(http, root_of(url), token.value).info()
    return token.value, str(info.get("fullname") or info.get("username") or "")


def try_at_blackboard(url: str, user: str, path: str, password: str, http: Http) -> str:
    """
    Look into the owner's folder once, with a password; return what was found, in words.

    Raises:
        SourceRefused: The password was refused.

        SourceUnavailable: The folder cannot be had by WebDAV; the message says why, and the mend what else to do.
    """
    from datetime import UTC, datetime

    from connectors.blackboard.site import source
    from connectors.contract import Context

    http.redact(password)
    with TemporaryDirectory() as spool:
        context = Context(http, lambda _: password, Path(spool), lambda: datetime.now(UTC), lambda: False)
        findings = list(source("blackboard", {"url": url, "user": user, "path": path}, context).check())
    wrong = next((one for one in findings if one.severity == "error"), None)
    if wrong:
        raise _error_of(wrong)
    return f"{user}. {next(one.message for one in findings if one.severity == 'ok')}"


def _error_of(finding: Finding) -> SourceRefused | SourceUnavailable:
    kind = SourceRefused if finding.code == "refused" else SourceUnavailable
    return kind(finding.message, code=finding.code, unchanged="Nothing was stored.", mend=finding.mend)


def refuse_untried() -> UsageError:
    """Return the error for a password of a Moodle that is not to be tried: it would be of no use."""
    return UsageError(
        "A Moodle's password is not kept: it is exchanged for a token, and for that it has to be sent.",
        code="not-tried",
        unchanged="Nothing was sent, and nothing was stored.",
        mend="Leave --no-test out; or store a token that you have, with --token --no-test.",
    )
