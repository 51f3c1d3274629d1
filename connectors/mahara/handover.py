"""A browser's session, handed over where a site has no password form: the cookie, and the browser's exact name."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from connectors.contract import SourceRefused

STEPS = tuple(
    " ".join(step.split())
    for step in """
    Log in to your Mahara in a browser as usual, and leave that window open.

    Open the developer tools there: press F12 in Firefox, Chrome and Edge (on a Mac: Option-Command-I). In Safari first
    tick Settings > Advanced > Show features for web developers, then choose Develop > Show Web Inspector.

    Firefox and Safari: choose Storage, then Cookies. Chrome and Edge: choose Application, then Cookies below Storage.
    Then choose your Mahara's address.

    Find the cookie called mahara (some sites put letters in front of that name). Copy its name and its value, and
    write them like this: mahara=the-value

    Choose Console, type navigator.userAgent and press Enter. Copy all that it answers, without the quotation marks:
    it must be exact to the letter, or Mahara ends your session, in the browser too.

    Do not log out in the browser before the harvest is done: the cookie is good as long as that session.
    """.strip().split("\n\n")
)
"""What a person does to hand over her session, one sentence or two a step."""

_COOKIE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+=[^\s;,\"\\]+")
_DEFAULT_NAME = "mahara"
_WITHOUT_AGENT = (
    "The cookie alone is not enough: with another User-Agent than your browser's, the site would end your session in "
    "the browser too."
)


@dataclass(frozen=True)
class Handover:
    """``cookies`` by name, and the browser's exact User-Agent."""

    cookies: dict[str, str] = field(repr=False)
    user_agent: str


def pack(cookie: str, user_agent: str) -> str:
    """
    Return both as the one text that is kept as ``token``.

    Args:
        cookie: ``mahara=abc``, a whole Cookie header, or the value alone (then the cookie's name is taken to be
            ``mahara``).

        user_agent: The browser's own name, whole; quotation marks around it do not count.

    Raises:
        SourceRefused: One of them is missing or cannot be right.
    """
    agent = user_agent.strip().strip("\"'").strip()
    if not agent:
        raise _refused("no-user-agent", _WITHOUT_AGENT)
    if not agent.isprintable() or not agent.isascii() or len(agent) < 10:
        raise _refused("bad-user-agent", "That is no User-Agent of a browser.")
    return json.dumps({"cookies": _cookies(cookie), "user_agent": agent})


def unpack(text: str) -> Handover:
    """
    Return what ``pack`` put into a token.

    Raises:
        SourceRefused: There is none, or it is something else.
    """
    if not text:
        raise _refused("no-session", "There is no session to take over.")
    try:
        said = json.loads(text)
        cookies, agent = said["cookies"], said["user_agent"]
        found = Handover({str(name): str(value) for name, value in cookies.items()}, str(agent))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _refused("no-session", "What is stored is no session that was handed over.") from None
    if not found.user_agent:
        raise _refused("no-user-agent", _WITHOUT_AGENT)
    return found


def _cookies(given: str) -> dict[str, str]:
    text = re.sub(r"(?i)^\s*cookie:\s*", "", given).strip().strip("\"'")
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if len(parts) == 1 and "=" not in parts[0]:
        parts = [f"{_DEFAULT_NAME}={parts[0]}"]
    if not parts or not all(_COOKIE.fullmatch(part) for part in parts):
        raise _refused("bad-cookie", "That is no cookie: it is written as name=value.")
    return {name: value for name, _, value in (part.partition("=") for part in parts)}


def _refused(code: str, message: str) -> SourceRefused:
    return SourceRefused(
        message,
        code=code,
        unchanged="Nothing was asked of the site.",
        mend="Run keepfolio login for this source, and follow the steps it shows; or bring an export file instead.",
    )
