"""
What ``keepfolio badges`` tells: every badge that is held, what it claims, and whether its issuer says so.

A badge is a claim. What is baked into its picture says to whom it was given and where its issuer confirms it; only the
issuer's answer is a confirmation, and it ends with the issuer's site. So an answer is sealed with its date, as an entry
of kind ``badge-proof`` below the badge. A picture into which nothing is baked is a picture.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from archive.entry import Digest, Entry, Json, MediaFile, canonical, format_time, parse_time, site_of
from archive.errors import KeepfolioError
from archive.store import Archive, Origin, Stored
from archive.writer import Writer
from connectors.badges import assertion, baked, hosted
from connectors.badges.assertion import Badge
from connectors.badges.hosted import Hosted
from connectors.http import Http

if TYPE_CHECKING:
    from bridge.config import Config

KIND = "badge-proof"
_ORIGIN = Origin(name=KIND, type=KIND)
_NOT_LOOKED_AT = frozenset({"release", "receipt", "workspace", KIND})
_PICTURES = {"image/png": ".png", "image/svg+xml": ".svg"}
_SEALED = frozenset({"valid", "expired", "revoked"})

BakedIn: TypeAlias = Literal["assertion", "signed", "address", "credential", "nothing", "unreadable", "not-held"]


@dataclass(frozen=True)
class Proof:
    """The issuer's answer as it was last sealed. ``first`` and ``last`` are when it was seen confirmed; UTC."""

    state: str
    first: datetime
    last: datetime
    entry: str = ""
    files: tuple[MediaFile, ...] = ()


@dataclass(frozen=True)
class Row:
    """
    One badge.

    Attributes:
        stored: The entry that stands for it; ``also``: ids of others that hold the same badge.

        baked: What is baked into its picture; ``why``: what is wrong with that, in words.

        badge: What it claims, as far as it says.

        mine: Whether it was given to one of the owner's e-mail addresses; None where that cannot be told.

        proof: What was sealed of the issuer's answer; ``answer``: what the issuer says now, if it was asked.
    """

    stored: Stored
    baked: BakedIn
    why: str = ""
    badge: Badge | None = None
    mine: bool | None = None
    also: tuple[str, ...] = ()
    proof: Proof | None = None
    answer: Hosted | None = None

    @property
    def name(self) -> str:
        said = self.answer.badge.name if self.answer and self.answer.badge else ""
        return (self.badge.name if self.badge else "") or said or self.stored.entry.title or "(no name)"

    @property
    def issuer(self) -> str:
        said = self.answer.badge.issuer if self.answer and self.answer.badge else ""
        return (self.badge.issuer if self.badge else "") or said or self.stored.entry.creator

    @property
    def url(self) -> str:
        """Where its issuer confirms it; ``""`` where that cannot be asked."""
        return self.badge.hosted if self.badge else ""


def addresses(config: Config) -> tuple[str, ...]:
    """Return all e-mail addresses that the configuration knows of the owner, former ones too."""
    return tuple(filter(None, (*config.emails, config.messages.email)))


# --- looking --------------------------------------------------------------------------------------------------------


def look(archive: Archive, emails: Iterable[str]) -> tuple[Row, ...]:
    """
    Return every badge that is held, once each: entries of kind ``badge``, and pictures into which a badge is baked.

    Sends nothing. ``emails``: all addresses of the owner, former ones too.
    """
    known = tuple(emails)
    proofs = {stored.entry.native_id: _proof(stored) for stored in archive.entries(source=KIND, kind=KIND)}
    seen: dict[Digest, tuple[BakedIn, str, Badge | None]] = {}
    found: dict[str, Row] = {}
    for stored in archive.entries():
        if stored.entry.kind in _NOT_LOOKED_AT or stored.entry.author == "others":
            continue
        row = _row(archive, stored, seen)
        if row is None:
            continue
        row = replace(row, mine=_mine(row, known), proof=proofs.get(row.url) or _harvested_proof(stored))
        same = _identity(row)
        found[same] = _joined(found[same], row) if same in found else row
    return tuple(found.values())


def _row(archive: Archive, stored: Stored, seen: dict[Digest, tuple[BakedIn, str, Badge | None]]) -> Row | None:
    """Return the row of an entry: its first picture with something baked in; None for what is no badge."""
    is_badge = stored.entry.kind == "badge"
    rows: list[Row] = []
    for file in filter(_is_picture, stored.entry.files):
        if not file.sha256:
            rows.append(Row(stored, "not-held", f"its picture {file.name} did not arrive"))
            continue
        if file.sha256 not in seen:
            seen[file.sha256] = _read(archive, file.sha256)
        rows.append(Row(stored, *seen[file.sha256]))
    best = next((row for row in rows if row.badge), None)
    if best or not is_badge:
        return best
    return next(iter(rows), None) or Row(stored, "not-held", "no picture of it is held")


def _read(archive: Archive, digest: Digest) -> tuple[BakedIn, str, Badge | None]:
    try:
        with archive.read(digest) as stream:
            found = baked.baked_in(stream)
        if found is None:
            return "nothing", "nothing is baked into its picture", None
        badge = assertion.read(found)
    except (baked.UnreadableError, assertion.NoAssertionError) as error:
        return "unreadable", f"what is baked into its picture cannot be read: {error}", None
    except (KeepfolioError, OSError, KeyError) as error:
        return "not-held", f"its picture cannot be read: {error}", None
    return badge.form, "", badge


def _is_picture(file: MediaFile) -> bool:
    return file.media_type in _PICTURES or file.name.lower().endswith(tuple(_PICTURES.values()))


def _identity(row: Row) -> str:
    return (row.badge and (row.badge.hosted or row.badge.id)) or row.stored.id


def _joined(first: Row, second: Row) -> Row:
    """Return one row for one badge in two entries; an entry of kind ``badge`` stands for both."""
    if second.stored.entry.kind == "badge" and first.stored.entry.kind != "badge":
        first, second = second, first
    return replace(first, also=(*first.also, second.stored.id, *second.also))


def _mine(row: Row, emails: Iterable[str]) -> bool | None:
    told = assertion.is_for(row.badge, emails) if row.badge else None
    by_source = row.stored.entry.extra.get("recipient_is_owner")  # a VLE knows the address of the account
    return by_source if told is None and isinstance(by_source, bool) else told


def _harvested_proof(stored: Stored) -> Proof | None:
    """Return the proof that a source brought along with its badge (Moodle does), with the day on which it did."""
    day = stored.entry.extra.get("seen_valid")
    files = tuple(file for file in stored.entry.files if file.role == "proof" and file.sha256)
    try:
        seen = datetime.fromisoformat(day).replace(tzinfo=UTC) if isinstance(day, str) and files else None
    except ValueError:
        seen = None
    return Proof("valid", seen, seen, stored.id, files) if seen else None


def _proof(stored: Stored) -> Proof:
    entry = stored.entry
    first = entry.published or stored.first_seen
    last = entry.extra.get("seen_valid")
    return Proof(entry.status, first, parse_time(last) if isinstance(last, str) else first, stored.id, entry.files)


# --- asking ---------------------------------------------------------------------------------------------------------


def check(archive: Archive, http: Http, emails: Iterable[str], now: datetime) -> tuple[Row, ...]:
    """
    Ask the issuer of each badge, seal what they confirm, and return the rows with their answers.

    Every failure is in its row; none ends the run. ``now`` is aware.
    """
    rows = tuple(_asked(row, http, now) for row in look(archive, emails))
    news = [row for row in rows if _is_news(row)]
    if not news:
        return rows
    with archive.append(_ORIGIN) as writer:
        for row in news:
            _seal(writer, row)
        writer.seal()
    sealed = {stored.entry.native_id: _proof(stored) for stored in archive.entries(source=KIND, kind=KIND)}
    return tuple(replace(row, proof=sealed.get(row.url, row.proof)) for row in rows)


def _asked(row: Row, http: Http, now: datetime) -> Row:
    return replace(row, answer=hosted.ask(row.badge, http, now)) if row.badge else row


def _is_news(row: Row) -> bool:
    """Tell whether an answer is worth sealing: a confirmation on another day, or its end. A silence is not."""
    answer, before = row.answer, row.proof
    if answer is None or answer.state not in _SEALED:
        return False
    if before is None:
        return answer.state != "revoked"
    if answer.state == "revoked":
        return before.state != "revoked"
    return (before.state, before.last.date()) != (answer.state, answer.seen.date())


def _seal(writer: Writer, row: Row) -> None:
    answer, before = row.answer, row.proof
    assert answer is not None
    confirmed = answer.state != "revoked"
    last = answer.seen if confirmed or before is None else before.last
    first = before.first if before else answer.seen
    files = tuple(_files(writer, answer)) if confirmed or before is None else before.files
    host = urlsplit(row.url).netloc
    words = [f"{host} confirmed on {last:%d %B %Y} that this badge was given."]
    if answer.state != "valid":
        words.append(f"{answer.seen:%d %B %Y}: {answer.why}")
    entry = Entry(
        keys=(f"{KIND}:{site_of(row.url)}#{sha256(row.url.encode()).hexdigest()[:16]}",),
        kind=KIND,
        native_id=row.url,
        title=f"Confirmation of “{row.name}”",
        url=row.url,
        creator=row.issuer,
        status=answer.state,
        author="about-me",
        published=first,
        updated=answer.seen,
        content_html="".join(f"<p>{escape(one)}</p>" for one in words),
        files=files,
        parent=row.stored.entry.keys[0],
        scope=KIND,
        extra={"seen_valid": format_time(last)},
    )
    writer.put(entry, canonical(_raw(row, answer, files)), "json")


def _files(writer: Writer, answer: Hosted) -> Iterator[MediaFile]:
    said = answer.badge
    parts = (
        ("assertion.json", answer.url, answer.assertion),
        ("badge-class.json", said.badge_class if said else "", answer.badge_class),
        ("issuer.json", said.issuer_profile if said else "", answer.issuer),
    )
    for name, url, data in parts:
        if data:
            digest = writer.add_file(io.BytesIO(data), name=name, media_type="application/json")
            yield MediaFile(
                name=name, url=url, media_type="application/json", size=len(data), role="proof", sha256=digest
            )


def _raw(row: Row, answer: Hosted, files: Sequence[MediaFile]) -> Json:
    return {
        "format": "keepfolio-badge-proof/1",
        "badge": row.stored.id,
        "url": answer.url,
        "state": answer.state,
        "why": answer.why,
        "seen": format_time(answer.seen),
        "files": {file.name: file.sha256 for file in files},
    }
