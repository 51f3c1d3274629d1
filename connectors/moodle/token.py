"""
The token: how it is written down, and how a password or a browser's cookie becomes one.

A token lives 12 weeks from its first day, whether it is used or not; a new login within that time gives the old one
back. So its age is counted from the day keepfolio first saw it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.entry import Json, format_time, parse_time
from connectors.contract import SourceRefused
from connectors.http import Http, SecretHeaders
from connectors.http_errors import unavailable
from connectors.moodle import faults, handover
from connectors.moodle.api import GUARDED, insist_here, insist_open
from connectors.moodle.handover import Handover

SERVICE = "moodle_mobile_app"
LIFE = timedelta(weeks=12)
WARNED = timedelta(weeks=10)
_TOKEN = re.compile(r"[0-9a-fA-F]{32}")


@dataclass(frozen=True)
class Token:
    """A token, and the private one that comes with it on https (it opens a browser's session; not used here)."""

    value: str = field(repr=False)
    private: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """What is kept among the secrets: ``TOKEN`` or ``TOKEN:PRIVATETOKEN``."""
        return f"{self.value}:{self.private}" if self.private else self.value

    @property
    def mark(self) -> str:
        """What tells one token from another and opens nothing."""
        return hashlib.sha256(self.value.encode()).hexdigest()[:12]


def parse(text: str, http: Http) -> Token:
    """
    Return the token of a text, and hide it from every log.

    Raises:
        SourceRefused: It is none; such as the whole link of a hand-over, which has to be checked first.
    """
    value, _, private = text.strip().partition(":")
    for secret in (text.strip(), value, private):
        http.redact(secret)
    if not _TOKEN.fullmatch(value):
        raise SourceRefused(
            "What is kept as this site's token is no token of Moodle: that is 32 letters and digits.",
            code="wrong-token",
            unchanged="Nothing was asked of the site.",
            mend="Run: keepfolio login   (it takes the whole link that the browser shows)",
        )
    return Token(value, private)


def by_password(http: Http, root: str, user: str, password: str) -> Token:
    """
    Return the token for a user name and password; asked once.

    Raises:
        SourceRefused: They were not accepted; the message names the three reasons, which Moodle does not tell apart.

        SourceUnavailable: The site gives no tokens, or not now.
    """
    http.redact(password)
    answer = http.post(
        f"{root}/login/token.php",
        auth=GUARDED,
        data={"username": user, "password": password, "service": SERVICE},
        timeout=60,
    )
    insist_here(root, answer)
    insist_open(answer)
    if answer.status == 403 and not answer.body.strip():
        raise faults.services_off()
    value = answer.json()
    said = faults.refusal(value, "login/token.php")
    if said is not None:
        fault = faults.fault_of(said)
        if fault is faults.UNKNOWN or fault.then in {faults.Then.TELL, faults.Then.PASS}:
            raise SourceRefused(
                f"Moodle gives {user} no token. It says: {said.message or said.code}",
                code="wrong-password",
                unchanged=faults.NOTHING_LOST,
                mend="Log in with a browser and look whether something is asked of you there.",
            )
        raise faults.error_of(fault)
    if not isinstance(value, dict) or not isinstance(value.get("token"), str):
        raise answer.not_json()
    private = value.get("privatetoken")
    return parse(f"{value['token']}:{private}" if private else str(value["token"]), http)


def by_cookie(http: Http, root: str, cookie: str) -> Token:
    """
    Return the token for a browser's session: the value of its cookie ``MoodleSession``.

    Raises:
        SourceRefused: The session has ended, or gives no token now.

        SourceUnavailable: There was no answer, or not Moodle's.
    """
    cookie = cookie.strip().rstrip(";").rpartition("=")[2]
    ask = handover.begin(root)
    answer = http.get(
        handover.launch_page(root),
        {"service": SERVICE, "passport": ask.passport, "urlscheme": handover.SCHEME},
        auth=SecretHeaders({"Cookie": f"MoodleSession={cookie}"}),
        follow=False,
    )
    http.redact(cookie)
    target = answer.headers.get("Location", "")
    if target.startswith(f"{handover.SCHEME}://"):
        return parse(handover.accept(target, root, ask.passport), http)
    if answer.status == 404:
        raise SourceRefused(
            "This site hands a token over only right after a login.",
            code="not-handed-over",
            unchanged="Nothing was changed.",
            mend="Log out in the browser, log in again, and take the cookie before you open another page.",
        )
    if 300 <= answer.status < 400:
        raise SourceRefused(
            "The session of that cookie has ended: the site asks for a login.",
            code="not-logged-in",
            unchanged="Nothing was changed.",
            mend="Log in with the browser and take the cookie MoodleSession anew.",
        )
    raise unavailable(f"{root} handed no token over ({answer.status}).", code="not-handed-over")


class Age:
    """How long keepfolio has known a token; kept in the cursor as its mark and its first day."""

    def __init__(self, remembered: object, token: Token, now: datetime) -> None:
        known = remembered if isinstance(remembered, dict) else {}
        self._mark = token.mark
        self._since = parse_time(str(known["since"])) if known.get("mark") == token.mark else now
        self._now = now

    @property
    def weeks(self) -> int:
        return (self._now - self._since) // timedelta(weeks=1)

    def to_json(self) -> Json:
        return {"mark": self._mark, "since": format_time(self._since)}

    def warning(self) -> str:
        """Return what the owner should know of it, from its tenth week on; ``""`` before."""
        if self._now - self._since < WARNED:
            return ""
        ends = (self._since + LIFE).date()
        return (
            f"keepfolio has used this token for {self.weeks} weeks. Moodle ends a token 12 weeks after its first day, "
            f"so on {ends.day} {ends:%B %Y} at the latest. Run keepfolio login soon after that to get the next one."
        )


__all__ = ["Age", "Handover", "Token", "by_cookie", "by_password", "parse"]
