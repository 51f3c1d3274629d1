"""The badges in words and as JSON: what each is worth as evidence today, and what the owner can do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from archive.entry import Json, format_time
from bridge.badges import Row
from connectors.contract import Finding

EMAILS_MEND = "Write all your e-mail addresses, former ones too, under emails: in config.yaml."
CHECK_MEND = "While its site still answers, run: keepfolio badges --check"
FETCH_AGAIN = "Download the badge again from the site that issued it, and bring that file in."

_ANSWERS = {
    "revoked": ("badge-revoked", "warning"),
    "gone": ("badge-gone", "warning"),
    "other": ("badge-not-confirmed", "warning"),
    "no-assertion": ("badge-not-confirmed", "warning"),
    "expired": ("badge-expired", "note"),
    "unreachable": ("badge-not-reached", "note"),
    "not-asked": ("badge-not-asked", "note"),
}


def standing(row: Row, now: datetime) -> str:
    """
    Return what a badge is worth as evidence, in one word.

    ``confirmed`` by its issuer, now or on a day that is sealed; ``expired``; ``revoked``; ``not-confirmed`` (the issuer
    was asked and says something else); ``claimed`` (it says so itself, and nobody was asked); ``picture``.
    """
    if row.badge is None:
        return "picture"
    state = row.answer.state if row.answer else ""
    if state == "other":
        return "not-confirmed"
    proof = row.proof.state if row.proof else ""
    if "revoked" in {state, proof}:
        return "revoked"
    if not proof:
        return "not-confirmed" if state in {"gone", "no-assertion"} else "claimed"
    over = row.badge.expires is not None and row.badge.expires < now
    return "expired" if over or (state or proof) == "expired" else "confirmed"


def in_words(row: Row, now: datetime) -> str:
    """Return the standing as a person reads it, with the day and the site that confirmed it."""
    word = standing(row, now)
    if word == "picture":
        return "a picture only" if row.baked == "nothing" else "cannot be read"
    if word in {"confirmed", "expired"} and row.proof:
        seen = f"confirmed by {urlsplit(row.url).netloc} on {row.proof.last:%d %B %Y}"
        return f"{seen}; expired" if word == "expired" else seen
    unasked = {"signed": "signed, signature not checked", "credential": "Open Badges 3.0, not checked here"}
    if word == "claimed":
        return unasked.get(row.badge.form if row.badge else "", "claimed, not confirmed yet")
    return {"revoked": "revoked, or not known any more", "not-confirmed": "not confirmed by its issuer"}[word]


def findings(rows: Iterable[Row], emails: Iterable[str], now: datetime) -> tuple[Finding, ...]:
    """Return what the owner should know or do, badge by badge."""
    known = [email for email in emails if email]
    found: list[Finding] = []
    unknown = 0
    for row in rows:
        found += _of(row, now)
        unknown += row.mine is None and not known and row.badge is not None
    if unknown:
        found.append(
            Finding("no-emails", "note", "Whether these badges were given to you cannot be told.", EMAILS_MEND)
        )
    return tuple(found)


def _of(row: Row, now: datetime) -> Iterator[Finding]:
    name = f"“{row.name}”"
    if row.badge is None:
        plain = row.baked == "nothing"
        code = "badge-picture-only" if plain else "badge-damaged"
        message = f"{name}: {row.why}" + ("; nobody can check it." if plain else ".")
        yield Finding(code, "note" if plain else "warning", message, FETCH_AGAIN)
        return
    if row.mine is False:
        message = f"{name} was not given to any of your e-mail addresses."
        yield Finding("badge-of-somebody-else", "warning", message, EMAILS_MEND)
    if row.answer and row.answer.state in _ANSWERS:
        code, severity = _ANSWERS[row.answer.state]
        message = f"{name}: {row.answer.why}"
        yield Finding(code, "warning" if severity == "warning" else "note", message)
    elif row.url and row.proof is None and row.answer is None:
        host = urlsplit(row.url).netloc
        yield Finding("badge-unproved", "warning", f"{name} is confirmed only while {host} answers.", CHECK_MEND)
    elif row.badge.expires and row.badge.expires < now:
        yield Finding("badge-expired", "note", f"{name} expired on {row.badge.expires:%d %B %Y}.")


def to_json(rows: Iterable[Row], found: Iterable[Finding], now: datetime) -> Json:
    """Return the shape of ``keepfolio badges --json``."""
    return {
        "badges": [_row(row, now) for row in rows],
        "findings": [
            {"code": f.code, "section": f.section, "severity": f.severity, "message": f.message, "mend": f.mend}
            for f in found
        ],
    }


def _row(row: Row, now: datetime) -> Json:
    badge, answer, proof = row.badge, row.answer, row.proof
    to = badge.recipient if badge else None
    return {
        "entry": row.stored.id,
        "also": list(row.also),
        "name": row.name,
        "issuer": row.issuer,
        "issued": format_time(badge.issued) if badge and badge.issued else None,
        "expires": format_time(badge.expires) if badge and badge.expires else None,
        "baked": row.baked,
        "standing": standing(row, now),
        "recipient": {"kind": to.kind if to else None, "mine": row.mine},
        "url": row.url,
        "answer": {"state": answer.state, "why": answer.why, "seen": format_time(answer.seen)} if answer else None,
        "proof": {
            "entry": proof.entry,
            "state": proof.state,
            "first_seen": format_time(proof.first),
            "last_seen": format_time(proof.last),
            "files": [{"name": file.name, "sha256": file.sha256} for file in proof.files],
        }
        if proof
        else None,
    }
