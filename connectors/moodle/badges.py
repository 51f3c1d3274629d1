"""
Badges: the baked picture, and what proves it as long as the site stands.

A badge of Moodle is *hosted*: whoever checks it asks the site. When the site or the account goes, it answers 410, the
same for revoked and for unknown ones. So the assertion, the class and the issuer are kept as files, with the day on
which the site still vouched for it.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any, Literal

from archive.entry import Entry, Json, Key, MediaFile
from connectors.badges.assertion import is_for, of_json
from connectors.contract import Promised, Yield
from connectors.http import Http
from connectors.http_json import find_json
from connectors.moodle import files, identity, text
from connectors.moodle.api import Api, Call
from connectors.moodle.faults import Refusal
from connectors.moodle.reading import Account, Reading, found

FUNCTION = "core_badges_get_user_badges"
FAMILY = "badges"


def first(who: Account) -> Call:
    """Return the question for all badges (``perpage`` 0: no pages)."""
    return Call(FUNCTION, {"userid": who.number, "courseid": 0, "page": 0, "perpage": 0})


def read(reading: Reading) -> Iterator[Yield]:
    """Yield badges that are new or changed, and which there are."""
    answer = reading.opening.get(FUNCTION)
    if answer is None:
        return
    # a site before 4.5 names no recipient; the question itself is for this user's
    rows = [one for one in answer.get("badges") or () if one.get("recipientid") in {None, reading.who.number}]
    yield Promised("badge", len(rows))
    for one in rows:
        key, stamp = identity.badge(reading.who.site, one["uniquehash"]), _stamp(one)
        if reading.full or reading.known.stamp(key) != stamp or key in reading.known.retry:
            vouched = _vouched(reading, one)
            if vouched is not None:
                yield found(_entry(one, key, stamp, vouched, reading), {**one, "email": None})
    yield reading.listed(FAMILY, {identity.badge(reading.who.site, one["uniquehash"]) for one in rows})


def exists(http: Http, api: Api, who: Account, unique: str) -> Literal["unlisted", "gone", "unknown"]:
    """Gone where the account does not list it and the site vouches for it no more."""
    reply = api.call(FUNCTION, **dict(first(who).arguments))
    if isinstance(reply, Refusal) or "badges" not in reply:
        return "unknown"
    if unique in {one.get("uniquehash") for one in reply["badges"]}:
        return "unlisted"
    return "gone" if http.get(assertion(who.root, unique)).status == 410 else "unlisted"


def assertion(root: str, unique: str) -> str:
    """Return the public address of what a badge asserts, in the words of Open Badges 2.0."""
    return f"{root}/badges/assertion.php?b={unique}&obversion=2"


def _stamp(one: Any) -> str:
    return "-".join(str(one.get(name)) for name in ("timemodified", "dateissued", "dateexpire", "visible"))


def _entry(one: Any, key: Key, stamp: str, vouched: Json, reading: Reading) -> Entry:
    who, unique, number = reading.who, str(one["uniquehash"]), one["id"]
    proofs = [
        ("assertion.json", assertion(who.root, unique)),
        ("badge-class.json", f"{who.root}/badges/badge_json.php?id={number}"),
        ("issuer.json", f"{who.root}/badges/issuer_json.php?id={number}"),
    ]
    extra: Json = {
        "issuer": str(one.get("issuername") or ""),
        "issuer_url": str(one.get("issuerurl") or ""),
        "issued": text.day(text.moment(one.get("dateissued"))),
        "expires": text.day(text.moment(one.get("dateexpire"))),
        "alignment": [text.scrubbed(aim) for aim in one.get("alignment") or ()],
        **(reading.course(one["courseid"]).extra if one.get("courseid") else {}),
        **vouched,
    }
    return Entry(
        keys=(key,),
        kind="badge",
        native_id=unique,
        title=str(one.get("name") or ""),
        url=f"{who.root}/badges/badge.php?hash={unique}",
        creator=str(one.get("issuername") or ""),
        published=text.moment(one.get("dateissued")),
        updated=text.moment(one.get("timemodified")),
        content_html=_words(one),
        files=(
            _picture(one, unique, stamp, who),
            *(_proof(name, url) for name, url in proofs if "seen_valid" in vouched),
        ),
        scope=reading.scope(FAMILY),
        stamp=stamp,
        extra=extra,
    )


def _words(one: Any) -> str:
    """What a person reads of a badge, in plain words: so that a new issuer or a new day is a new version."""
    return text.paragraphs(str(one.get("description") or "")) + text.definitions(
        [
            ("Issued by", html.escape(str(one.get("issuername") or ""))),
            ("Expires", text.day(text.moment(one.get("dateexpire")))),
        ]
    )


def _picture(one: Any, unique: str, stamp: str, who: Account) -> MediaFile:
    """The baked picture lies in the person's own context; where that is not known, the plain one has to do."""
    baked = f"{who.root}/pluginfile.php/{who.context}/badges/userbadge/{one['id']}/{unique}"
    plain = files.address(str(one.get("badgeurl") or ""))
    return MediaFile(
        name=f"{unique}.png",
        url=baked if who.context else plain,
        media_type="image/png",
        stamp=stamp,
        role="original",
        alt=str(one.get("name") or ""),
    )


def _proof(name: str, url: str) -> MediaFile:
    return MediaFile(name=name, url=url, media_type="application/json", role="proof")


def _vouched(reading: Reading, one: Any) -> Json | None:
    """
    Ask the site, as any stranger may, whether it vouches for the badge, and whether for this owner's.

    None where it gave no answer that can be kept: then the badge is not kept either, and asked about again. What is
    known of a badge stands beside its words, and would not be renewed by a later, better answer.
    """
    name, unique = str(one.get("name") or ""), str(one["uniquehash"])
    answer = reading.api.http.get(assertion(reading.who.root, unique))
    today = reading.now.date().isoformat()
    if answer.status == 410:
        reading.note(f"Badge “{name}”: the site does not vouch for it (revoked, or not known any more).")
        return {"revoked_or_unknown": today}
    if answer.status in {403, 404}:
        reading.note(f"Badge “{name}”: the site shows strangers no proof of it, so that only its picture is kept.")
        return {}
    said = find_json(answer.body)
    if not answer.ok or said is None or not isinstance(said.value, dict) or "recipient" not in said.value:
        reading.fail(f"Badge “{name}”", answer.not_json().message, identity.badge(reading.who.site, unique))
        return None
    owner = is_for(of_json(said.value), [str(one.get("email") or "")])
    return {"seen_valid": today, **({} if owner is None else {"recipient_is_owner": owner})}
