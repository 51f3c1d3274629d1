"""
What a badge claims: an Open Badges assertion as a value, and whether it names the owner.

Read leniently, because issuers write leniently: 0.5 to 2.0 (Moodle writes ``verify``, the word of 1.0, into assertions
of 2.0), JSON, a signed text (JWS; it is read, its signature is *not* checked), or only the address of the assertion.
A credential of 3.0 is recognised and read as far as it goes, and is *not* checked here.

A claim is nothing but a claim: see ``connectors.badges.hosted`` for what its issuer says.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from archive.entry import Json
from connectors.badges.baked import Baked

Form: TypeAlias = Literal["assertion", "signed", "address", "credential"]

_LONGEST = 4096
"""Letters of an address: servers take no longer ones."""
_NESTED = 64  # brackets inside brackets; assertions have five


@dataclass(frozen=True)
class Recipient:
    """Whom a badge was given to: by a hash of the e-mail address (``sha256$...``, with a salt), or in the open."""

    kind: str = "email"
    identity: str = ""
    hashed: bool = False
    salt: str = ""


@dataclass(frozen=True, kw_only=True)
class Badge:
    """
    What was baked in, as a value; empty where it does not say.

    Attributes:
        form: How it was baked in: as an ``assertion``, ``signed``, only its ``address``, or as a 3.0 ``credential``.

        hosted: The address at which the issuer says that the badge is valid.

        badge_class, issuer_profile: The addresses of what describes the badge and its issuer.

        issued, expires: Aware, UTC; a date without a zone is taken as UTC.

        assertion: All of it, as JSON.
    """

    form: Form
    id: str = ""
    name: str = ""
    description: str = ""
    criteria: str = ""
    issuer: str = ""
    issued: datetime | None = None
    expires: datetime | None = None
    recipient: Recipient | None = None
    hosted: str = ""
    badge_class: str = ""
    issuer_profile: str = ""
    evidence: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    assertion: Json | None = None


class NoAssertionError(ValueError):
    """What was baked in is nothing that Open Badges knows; the message says what is wrong."""


def read(baked: Baked) -> Badge:
    """
    Return what was baked in as a value.

    Raises:
        NoAssertionError: It is neither JSON, nor a signed text, nor an address.
    """
    text = baked.text.strip().lstrip("\ufeff")
    if _is_address(text):
        return Badge(form="address", id=text, hosted=text)
    signed = not text.startswith("{")
    value = _json(_payload(text) if signed else text)
    return of_json(value, signed=signed, credential=baked.standard == "openbadgecredential")


def of_json(value: Json, *, signed: bool = False, credential: bool = False) -> Badge:
    """Return an assertion, or a credential of 3.0, as a value; of whatever form, nothing of it is believed or asked."""
    inner = value.get("vc")  # a credential inside of a JWT
    if isinstance(inner, dict) or credential or "VerifiableCredential" in _words(value.get("type")):
        return _credential(inner if isinstance(inner, dict) else value)
    return _assertion(value, signed=signed)


def is_for(badge: Badge, emails: Iterable[str]) -> bool | None:
    """Tell whether a badge was given to one of these e-mail addresses; None where it does not say, or none is given."""
    known = [email.strip() for email in emails if email.strip()]
    to = badge.recipient
    if to is None or not to.identity or not known or to.kind not in {"email", "emailAddress"}:
        return None
    if not to.hashed and "$" not in to.identity:
        plain = to.identity.removeprefix("mailto:").casefold()
        return plain in {email.casefold() for email in known}
    algorithm, _, wanted = to.identity.partition("$")
    if algorithm not in {"sha256", "md5"}:
        return None
    forms = {form for email in known for form in (email, email.lower())}
    return any(_hash(algorithm, form + to.salt) == wanted.lower() for form in forms)


# --- 0.5 to 2.0 -----------------------------------------------------------------------------------------------------


def _assertion(value: Json, *, signed: bool) -> Badge:
    badge, verification = _mapping(value.get("badge")), _mapping(value.get("verification") or value.get("verify"))
    issuer = _mapping(badge.get("issuer"))
    own = _text(value.get("id"))
    hosted = _text(verification.get("url")) or (own if _text(verification.get("type")).startswith("Hosted") else "")
    if _text(verification.get("type")).lower().startswith("signed"):
        signed, hosted = True, ""
    return Badge(
        form="signed" if signed else "assertion",
        id=own or _text(value.get("uid")),
        name=_text(badge.get("name")),
        description=_text(badge.get("description")),
        criteria=_criteria(badge.get("criteria")),
        issuer=_text(issuer.get("name")),
        issued=_time(value.get("issuedOn") or value.get("issued_on")),
        expires=_time(value.get("expires")),
        recipient=_recipient(value),
        hosted=hosted if _is_address(hosted) else "",
        badge_class=_address_of(value.get("badge")),
        issuer_profile=_address_of(badge.get("issuer")),
        evidence=tuple(filter(None, map(_address_of, _many(value.get("evidence"))))),
        tags=tuple(_text(tag) for tag in _many(badge.get("tags")) if _text(tag)),
        assertion=value,
    )


def _recipient(value: Json) -> Recipient | None:
    given = value.get("recipient")
    if isinstance(given, str):  # 0.5: the identity itself, the salt beside it
        return Recipient("email", given, "$" in given, _text(value.get("salt")))
    if not isinstance(given, dict):
        return None
    return Recipient(
        _text(given.get("type")) or "email",
        _text(given.get("identity")),
        given.get("hashed") is True,
        _text(given.get("salt")),
    )


# --- 3.0 ------------------------------------------------------------------------------------------------------------


def _credential(value: Json) -> Badge:
    subject = _mapping(value.get("credentialSubject"))
    achievement, issuer = _mapping(subject.get("achievement")), _mapping(value.get("issuer"))
    named = _mapping(next(iter(_many(subject.get("identifier"))), None))
    return Badge(
        form="credential",
        id=_text(value.get("id")),
        name=_text(achievement.get("name")) or _text(value.get("name")),
        description=_text(achievement.get("description")),
        criteria=_criteria(achievement.get("criteria")),
        issuer=_text(issuer.get("name")) or _text(value.get("issuer")) or _text(issuer.get("id")),
        issued=_time(value.get("validFrom") or value.get("issuanceDate")),
        expires=_time(value.get("validUntil") or value.get("expirationDate")),
        recipient=Recipient(
            _text(named.get("identityType")),
            _text(named.get("identityHash")),
            named.get("hashed") is True,
            _text(named.get("salt")),
        )
        if named
        else None,
        badge_class=_address_of(subject.get("achievement")),
        issuer_profile=_address_of(value.get("issuer")),
        assertion=value,
    )


# --- small parts ----------------------------------------------------------------------------------------------------


def _json(text: str) -> Json:
    if text.count("[") + text.count("{") > _NESTED * 100:
        raise NoAssertionError("it is no assertion: too many parts")
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise NoAssertionError("it is neither JSON, nor a signed text, nor an address") from error
    if not isinstance(value, dict):
        raise NoAssertionError("it is JSON, but not an assertion")
    return value


def _payload(text: str) -> str:
    """Return the payload of a JWS in its compact form; who signed it, and whether at all, is not looked at."""
    parts = text.split(".")
    try:
        if len(parts) == 3 and "alg" in json.loads(_decoded(parts[0])):
            return _decoded(parts[1])
    except (ValueError, TypeError, RecursionError):
        pass
    raise NoAssertionError("it is neither JSON, nor a signed text, nor an address")


def _decoded(part: str) -> str:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")


def _hash(algorithm: str, text: str) -> str:
    return hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest()


def _is_address(text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for one that no machine has
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(c.isspace() for c in text)


def _address_of(value: object) -> str:
    """Return the address of a thing that is given by its address, or whole with its address as ``id``."""
    address = value if isinstance(value, str) else _text(_mapping(value).get("id"))
    return address if _is_address(address) else ""


def _criteria(value: object) -> str:
    return _text(_mapping(value).get("narrative")) or _text(value) or _text(_mapping(value).get("id"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _many(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _words(value: object) -> list[str]:
    return [_text(one) for one in _many(value)]


def _text(value: object) -> str:
    # JSON can hold half a character, which nothing can write down
    return value.encode("utf-8", "replace").decode().strip() if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    """Return a time of any of the standard's versions: ISO 8601, a date, or seconds since 1970."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        text = _text(value)
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
