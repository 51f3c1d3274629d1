"""
What the issuer of a badge says of it today: the hosted assertion is fetched and compared.

The addresses stand in a picture that anybody may have made: they are asked as discovered ones (never inside a private
network), without any login, and for no more than an assertion has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from archive.entry import Json
from connectors.badges.assertion import Badge, of_json
from connectors.contract import SourceUnavailable
from connectors.http import Http
from connectors.http_address import same_site
from connectors.http_answer import Answer

State: TypeAlias = Literal["valid", "expired", "revoked", "gone", "other", "no-assertion", "not-asked", "unreachable"]

CAP = 2 * 2**20
"""Bytes of an answer: assertions carry their picture, which is small."""


@dataclass(frozen=True)
class Hosted:
    """
    What was answered, and when.

    Attributes:
        state: ``valid``; ``expired``; ``revoked`` (revoked, or not known any more: Moodle answers both alike);
            ``gone`` (404); ``other`` (another badge or another person's stands there, or it stands at another site
            than its issuer); ``no-assertion`` (a login page, or anything else); ``not-asked`` (no address, or one
            in a private network); ``unreachable`` (a passing failure).

        why: The same in words, for the owner.

        url: The address that was asked.

        seen: When; aware, UTC.

        assertion, badge_class, issuer: The bytes as they came, ``b""`` where there are none: the proof that outlives
            the site.

        badge: What the answered assertion claims.
    """

    state: State
    why: str
    url: str
    seen: datetime
    assertion: bytes = b""
    badge_class: bytes = b""
    issuer: bytes = b""
    badge: Badge | None = None


def ask(badge: Badge, http: Http, now: datetime) -> Hosted:
    """Ask the issuer's site whether a badge is valid; every failure is a state, none an error."""
    url = badge.hosted
    if not url:
        words = {
            "signed": "It is signed by its issuer; the signature is not checked here.",
            "credential": "It is an Open Badges 3.0 credential, which is not checked here.",
        }
        return Hosted("not-asked", words.get(badge.form, "It names no address at which it could be checked."), "", now)
    host = urlsplit(url).netloc
    try:
        answer = http.get(url, headers=_JSON, cap=CAP, discovered=True)
    except SourceUnavailable as error:
        refused = error.code in {"private-address", "bad-address", "insecure"}
        return Hosted("not-asked" if refused else "unreachable", error.message, url, now)
    value = _json_of(answer)
    if answer.status == 410 or (value is not None and value.get("revoked") is True):
        return Hosted("revoked", _revoked(value, host), url, now, assertion=answer.body if value else b"")
    if answer.status == 404:
        return Hosted("gone", f"{host} has nothing at the badge's address any more (404).", url, now)
    if answer.status in {429, 500, 502, 503, 504}:
        return Hosted("unreachable", f"{host} answered {answer.status}.", url, now)
    if not answer.ok or value is None:
        return Hosted("no-assertion", f"{host} gave no assertion ({answer.status}), perhaps a login page.", url, now)
    return _compared(badge, of_json(value), answer.body, http, now)


_JSON = {"Accept": "application/ld+json, application/json"}


def _compared(badge: Badge, said: Badge, body: bytes, http: Http, now: datetime) -> Hosted:
    """Say whether the assertion that came is the one that is baked in, and take what it refers to along."""
    host = urlsplit(badge.hosted).netloc
    badge_class = _fetched(said.badge_class, http)
    said = _completed(said, badge_class, "badge")
    issuer = _fetched(said.issuer_profile, http)
    said = _completed(said, issuer, "issuer")
    state, why = _verdict(badge, said, host, now)
    return Hosted(
        state,
        why,
        badge.hosted,
        now,
        body,
        badge_class.body if badge_class else b"",
        issuer.body if issuer else b"",
        said,
    )


def _verdict(badge: Badge, said: Badge, host: str, now: datetime) -> tuple[State, str]:
    if not (said.name or said.recipient):
        return "no-assertion", f"{host} gave JSON that is no assertion."
    if badge.form != "address" and (said.id or badge.hosted) not in {badge.id, badge.hosted}:
        return "other", f"At the badge's address {host} has another assertion."
    if badge.recipient and badge.recipient != said.recipient:
        return "other", f"{host} has this badge as another person's."
    for baked, told in ((badge.name, said.name), (badge.issuer, said.issuer)):
        if baked and told and baked != told:
            return "other", f"The picture says “{baked}”, and {host} says “{told}”."
    if said.issuer_profile and not same_site(badge.hosted, said.issuer_profile):
        return "other", f"{host} confirms it, but its issuer stands at {urlsplit(said.issuer_profile).netloc}."
    if said.expires and said.expires < now:
        return "expired", f"{host} confirms it; it expired on {said.expires:%d %B %Y}."
    return "valid", f"{host} confirms it."


def _completed(said: Badge, part: Answer | None, what: Literal["badge", "issuer"]) -> Badge:
    """Fill in what an assertion leaves to the badge class, or a badge class to the issuer's profile."""
    value = _json_of(part) if part else None
    if value is None:
        return said
    more = of_json({"badge": value} if what == "badge" else {"badge": {"issuer": value}})
    wanted = ("name", "description", "criteria", "issuer", "issuer_profile")
    return replace(said, **{name: getattr(said, name) or getattr(more, name) for name in wanted})


def _fetched(url: str, http: Http) -> Answer | None:
    if not url:
        return None
    try:
        answer = http.get(url, headers=_JSON, cap=CAP, discovered=True)
    except SourceUnavailable:
        return None
    return answer if answer.ok and _json_of(answer) else None


def _json_of(answer: Answer) -> Json | None:
    try:
        value = answer.json()
    except (SourceUnavailable, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _revoked(value: Json | None, host: str) -> str:
    reason = (value or {}).get("revocationReason")
    why = f" ({reason})" if isinstance(reason, str) and reason else ""
    return f"{host} does not confirm it: it was revoked{why}, or {host} does not know it any more."
