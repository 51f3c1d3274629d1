"""
Whether what a page links answers: each address is asked once, politely, as a stranger would, without any login.

A page that asks for a login is not reachable, even if it says 200; nor is one that says "not found" with a 200.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, Literal
from urllib.parse import urldefrag, urlsplit

from connectors.contract import SourceUnavailable

if TYPE_CHECKING:
    from bridge.portfolio.model import Portfolio
    from connectors.http import Http

ENOUGH = 65_536
"""Bytes of a page that are read: its title and a log-in form stand in them."""

State = Literal["works", "gone", "login", "private", "elsewhere", "unsure"]
"""
``works``; ``gone``: it says so, or there is no such site; ``login``: only with an account; ``private``: inside a
network; ``elsewhere``: it answers, with another page than was meant; ``unsure``: nobody can tell today.
"""


@dataclass(frozen=True)
class Seen:
    """
    What an address answered. ``detail`` says it to a person: "404", "asks for a login".

    ``answered`` is False where nobody was reached at all.
    """

    url: str
    state: State
    detail: str = ""
    answered: bool = True


def addresses(portfolio: Portfolio) -> dict[str, tuple[str, ...]]:
    """Return the web addresses of an edition, in the order of the page, each with the ids of its sections."""
    found: dict[str, dict[str, None]] = {}
    for section, url in _linked(portfolio):
        plain = urldefrag(url).url
        name_and_password = "@" in urlsplit(plain).netloc
        if plain.startswith(("http://", "https://")) and not name_and_password:
            found.setdefault(plain, {})[section] = None
    return {url: tuple(sections) for url, sections in found.items()}


def _linked(portfolio: Portfolio) -> Iterator[tuple[str, str]]:
    kept = {text.entry_id: text.html for text in portfolio.kept}
    for section in portfolio.sections:
        for part in section.parts:
            yield from ((section.id, url) for url in _in_html(part.html))
        for item in section.evidence:
            yield section.id, item.url
            yield from ((section.id, url) for url in _in_html(kept.get(item.entry_id, "")))
    for panel in portfolio.panels:
        yield from (("", url) for url in _in_html(panel.html))


_LINK = re.compile(r"""\bhref=(?:"([^"]*)"|'([^']*)')""")


def _in_html(html: str) -> Iterator[str]:
    yield from (unescape(found[1] or found[2] or "").strip() for found in _LINK.finditer(html))


def ask(http: Http, urls: Iterable[str]) -> Iterator[Seen]:
    """Yield what each address answers, in their order; at most two are asked at a time, of one host as it allows."""
    yield from http.ordered(partial(look, http, url) for url in urls)


def look(http: Http, url: str) -> Seen:
    """Ask for one address, with one request and the redirects that it asks for."""
    try:
        with http.stream(url, headers={"Accept": "text/html,*/*;q=0.8"}, discovered=True) as answer:
            page = b"" if answer.is_file or not 200 <= answer.status < 300 else answer.body.read(ENOUGH)
            status, at = answer.status, answer.url
    except SourceUnavailable as error:
        return Seen(url, *_without_answer(error.code, error.message), answered=error.code not in _NOBODY)
    return Seen(url, *judged(url, at, status, page.decode("utf-8", "replace")))


def settled(seen: Sequence[Seen]) -> list[Seen]:
    """Return what was seen; where nobody answered at all, a site that was not found may be there all the same."""
    if any(one.answered for one in seen):
        return list(seen)
    return [replace(one, state="unsure") for one in seen]


_NOBODY = frozenset({"name-not-found", "refused-connection", "time-out", "proxy"})
_FEW = 3


def unconnected(seen: Sequence[Seen]) -> bool:
    """Tell whether this computer is not connected: nobody answered, at several hosts."""
    hosts = {urlsplit(one.url).hostname for one in seen}
    return len(hosts) >= _FEW and not any(one.answered for one in seen)


def _without_answer(code: str, message: str) -> tuple[State, str]:
    if code == "private-address":
        return "private", "an address inside a network, which nobody else can reach"
    if code in {"name-not-found", "refused-connection", "bad-address", "redirect-loop"}:
        return "gone", message
    return "unsure", message


def judged(url: str, at: str, status: int, page: str) -> tuple[State, str]:
    """Return what an answer means: its ``status``, where it came from in the end, and the beginning of its page."""
    if status in {404, 410}:
        return "gone", str(status)
    if status in {401, 407}:
        return "login", f"{status}: it asks for a login"
    if status == 403 and _is_locked_system(at):
        return "login", "403: only for those who have an account there"
    if not 200 <= status < 300:
        return "unsure", f"it answers {status}" + (
            ", as some sites do to programs" if status in {403, 405, 429, 999} else ""
        )
    title = _title(page)
    if _asks_for_login(url, at, page, title):
        return "login", "it answers with a page to log in"
    if _SAYS_GONE.search(title):
        return "gone", f"it says “{title[:60]}”"
    if _path(url) and not _path(at) and at != url:
        return "elsewhere", f"it leads to the front page, {at}"
    return "works", ""


_LOGIN_PLACE = re.compile(
    r"/(?:login|log-in|signin|sign-in|sso|saml2?|shibboleth(?:\.sso)?|idp|cas|adfs|oauth2?|authorize|wp-login\.php|enrol|"
    r"servicelogin|openid-connect|accounts)(?:[/.?]|$)",
    re.IGNORECASE,
)
_LOGIN_HOST = re.compile(
    r"^(?:login|signin|sso|idp|auth|adfs|shib|shibboleth|wayf)\d*\.|^accounts\.google\.com$|^login\.microsoftonline\.com$",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"\b(?:log[ -]?in|log[ -]?on|sign[ -]?in|authentication required|access denied|anmelden|connexion)\b", re.IGNORECASE
)
_SAYS_GONE = re.compile(
    r"\b404\b|\b(?:page|file|content|site)\b.{0,20}\bnot (?:be )?found\b|^not found\b"
    r"|\bno longer (?:available|exists)\b|\bnicht gefunden\b|\bpage introuvable\b",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"""<input\b[^<>]*\btype\s*=\s*["']?password\b""", re.IGNORECASE)
_SHORT = 900
"""Characters of words: a page that holds a log-in form and no more than these is one to log in; a blog has more."""


def _asks_for_login(url: str, at: str, page: str, title: str) -> bool:
    moved = urldefrag(at).url != urldefrag(url).url
    if moved and (_LOGIN_HOST.search(urlsplit(at).hostname or "") or _LOGIN_PLACE.search(urlsplit(at).path)):
        return True
    if not _PASSWORD.search(page):
        return False
    return bool(_LOGIN_TITLE.search(title)) or len(_words(page)) < _SHORT


def _is_locked_system(url: str) -> bool:
    """Tell whether a refusal comes from a system that shows strangers nothing, by the shape of its address."""
    from bridge import vanishing

    return vanishing.shape(url) is not None


def _title(page: str) -> str:
    found = re.search(r"<title[^<>]*>([^<]*)", page, re.IGNORECASE)
    return " ".join(unescape(found[1]).split()) if found else ""


def _words(page: str) -> str:
    import nh3

    return " ".join(nh3.clean(page, tags=set(), clean_content_tags={"script", "style", "title"}).split())


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path.strip("/") + parts.query
