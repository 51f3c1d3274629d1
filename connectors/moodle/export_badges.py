"""Badges as pictures: what is baked into them makes them known, and the same as those that a token sees."""

from __future__ import annotations

import hashlib
import html
import io
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from archive.entry import Entry, Fidelity, Json, MediaFile, canonical
from connectors.badges.assertion import Badge, NoAssertionError, is_for, read
from connectors.badges.baked import UnreadableError, baked_in
from connectors.contract import FileGone, Found, SourceUnavailable
from connectors.moodle import export_keys, identity, text
from connectors.packs import Member, Pack

MAX_PICTURE = 32 * 2**20
_LONGEST = 4096  # letters of an address; whoever made the picture may write any number
_ASSERTION = re.compile(r"(https?://.+?)/badges/assertion\.php\?(?:.*&)?b=([0-9a-fA-F]{8,64})\b")
_CLASS = re.compile(r"/badges/badge_json\.php\?id=(\d+)")


@dataclass(frozen=True)
class Picture:
    """A picture and what is baked into it; of a Moodle's badge also its site and its hash there."""

    member: Member
    pack: Pack
    badge: Badge | None
    root: str = ""
    unique: str = ""
    digest: str = ""


def pictures(pack: Pack) -> Iterator[Picture]:
    """Yield the pictures of a pack. One that cannot be read is one without anything baked in."""
    for name in sorted(pack.names()):
        member = pack.get(name)
        if member is not None:
            yield look(pack, member)


def look(pack: Pack, member: Member) -> Picture:
    """Return a picture with what is baked into it."""
    data = b""
    badge = None
    try:
        with pack.open(member.name) as stream:
            data = stream.read(MAX_PICTURE + 1)
        baked = baked_in(io.BytesIO(data)) if len(data) <= MAX_PICTURE else None
        badge = read(baked) if baked else None
    except (FileGone, SourceUnavailable, UnreadableError, NoAssertionError):
        badge = None  # it stays a picture, and is never called more
    found = _ASSERTION.match((badge.hosted or badge.id)[:_LONGEST] if badge else "")
    digest = hashlib.sha256(data).hexdigest()[:20]
    return Picture(member, pack, badge, found[1] if found else "", found[2] if found else "", digest)


def found(one: Picture, site: str, person: int, emails: tuple[str, ...]) -> Found:
    """Return a picture as an entry. ``site`` and ``person`` name the scope; ``person`` 0 where it is not known."""
    unique, badge = one.unique, one.badge
    name = PurePosixPath(one.member.name).name
    identifier = (badge.hosted or badge.id) if badge else ""
    key = identity.badge(identity.site_key(one.root), unique) if unique else f"badge:{identifier or one.digest}"
    file = MediaFile(
        name=f"{unique}.png" if unique else name,
        url=address(one, person) if unique else f"{key}/{name}",
        media_type=mimetypes.guess_type(name)[0] or "",
        size=one.member.size,
        stamp=one.member.stamp,
        role="original",
        alt=badge.name if badge else "",
    )
    entry = Entry(
        keys=(key,),
        kind="badge",
        native_id=unique or key,
        title=(badge.name if badge else "") or PurePosixPath(name).stem,
        url=f"{one.root}/badges/badge.php?hash={unique}" if unique else "",
        creator=badge.issuer if badge else "",
        published=badge.issued if badge else None,
        content_html=words(badge),
        files=(file,),
        fidelity=Fidelity.EXPORT,
        scope=export_keys.scope(site, person, "badges"),
        extra=sayings(badge, emails),
    )
    return Found(entry, canonical({"name": name, "assertion": badge.assertion if badge else None}), "json")


def address(one: Picture, person: int) -> str:
    """Return where the site has the baked picture: a place of the person's own, so it has to be known whose."""
    number = _CLASS.search(one.badge.badge_class) if one.badge else None
    if person and number:
        return f"{one.root}/pluginfile.php/{person}/badges/userbadge/{number[1]}/{one.unique}"
    return f"{one.root}/badges/badge.php?hash={one.unique}&picture"


def words(badge: Badge | None) -> str:
    """Return what a person reads of a badge."""
    if badge is None:
        return ""
    rows = [("Issued by", html.escape(badge.issuer)), ("Expires", text.day(badge.expires))]
    return text.paragraphs(badge.description) + text.definitions(rows)


def sayings(badge: Badge | None, emails: tuple[str, ...]) -> Json:
    """Return what a picture says of itself. Nobody was asked whether it is true."""
    if badge is None:
        return {}
    owner = is_for(badge, emails)
    return {
        "issuer": badge.issuer,
        "issued": text.day(badge.issued),
        "expires": text.day(badge.expires),
        **({} if owner is None else {"recipient_is_owner": owner}),
    }
