"""
Which sights show one thing, and whether a sight is news. Pure: values in, values out.

An entry is the one stored under any of its keys. What a source shows makes a new version only if it differs and is seen
at least as richly as what is held; a poorer sight adds keys, missing files and its source's name, and nothing else.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from archive.entry import Digest, Entry, Fidelity, Key, MediaFile, fingerprint


class Change(StrEnum):
    """What a sight means for the archive."""

    CREATED = "created"
    UPDATED = "updated"
    COMPLETED = "completed"  # same version: keys, files or a source were added
    RESTORED = "restored"  # the source had deleted it, and shows it again
    UNCHANGED = "unchanged"
    FORGOTTEN = "forgotten"  # the owner had it removed for good: it is not kept again


@dataclass(frozen=True)
class Sight:
    """How one source saw an entry last."""

    fidelity: Fidelity
    scope: str
    stamp: str
    fingerprint: Digest


@dataclass(frozen=True, kw_only=True)
class Held:
    """What is held of an entry. ``entry`` may lack its content: the fingerprint stands for it."""

    id: str
    entry: Entry
    fingerprint: Digest
    version: int
    origin: str  # the source whose sight is the newest version
    sights: Mapping[str, Sight] = field(default_factory=dict)
    deleted_by: str = ""  # the source that proved the deletion; "" while it lives
    first_seen: datetime


@dataclass(frozen=True)
class Verdict:
    """
    What to keep from now on. ``entry`` is the incoming one where ``fresh``, else the held one with what was added.

    ``new_version`` without ``fresh``: only the bytes of a file changed.
    """

    change: Change
    entry: Entry
    new_version: bool = False
    fresh: bool = False


def entry_id(key: Key) -> str:
    """Return the id of the entry whose first stored key this is: the same on every machine."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, key)}"


def sight_of(entry: Entry) -> Sight:
    """Return what is remembered of a sight."""
    return Sight(entry.fidelity, entry.scope, entry.stamp, fingerprint(entry))


def judge(incoming: Entry, source: str, held: Held | None, sight: Sight | None = None) -> Verdict:
    """Return what an incoming sight by a source means; ``sight`` is its fingerprinted self where the caller has it."""
    if held is None:
        return Verdict(Change.CREATED, incoming, new_version=True, fresh=True)
    now = sight or sight_of(incoming)
    before = held.sights.get(source)
    keys = held.entry.keys + tuple(k for k in dict.fromkeys(incoming.keys) if k not in held.entry.keys)
    differs = now.fingerprint != held.fingerprint
    changed = _bytes_changed(incoming, held)
    news = changed or (differs and not _said_before(now, before))
    fresh = news and _may_replace(incoming, source, held)
    files, added = _files(incoming, held, fresh=fresh)
    entry = replace(incoming if fresh else _enriched(held.entry, incoming, differs=differs), keys=keys, files=files)
    back = bool(held.deleted_by) and not (source != held.deleted_by and _said_before(now, before))
    if back:
        return Verdict(Change.RESTORED, entry, new_version=fresh or changed, fresh=fresh)
    if fresh or changed:
        return Verdict(Change.UPDATED, entry, new_version=True, fresh=fresh)
    if added or keys != held.entry.keys or before is None:
        return Verdict(Change.COMPLETED, entry)
    return Verdict(Change.UNCHANGED, held.entry)


def _may_replace(incoming: Entry, source: str, held: Held) -> bool:
    """At least as rich; and another source's sight must not be older than what is held."""
    richness = max(
        [held.entry.fidelity, *(s.fidelity for s in held.sights.values() if s.fingerprint == held.fingerprint)]
    )
    if incoming.fidelity < richness:
        return False
    before, now = held.entry.updated, incoming.updated
    own_word = source == held.origin or incoming.fidelity > richness
    return own_word or before is None or now is None or now >= before


def _enriched(held: Entry, incoming: Entry, *, differs: bool) -> Entry:
    """Where both show the same version, what has no part in the fingerprint comes from the richer sight."""
    if differs or incoming.fidelity <= held.fidelity:
        return held
    return replace(held, fidelity=incoming.fidelity, extra={**held.extra, **incoming.extra})


def _said_before(now: Sight, before: Sight | None) -> bool:
    """A source that shows what it showed last time brings no news: two sources that differ never take turns."""
    return before is not None and before.fingerprint == now.fingerprint and before.fidelity >= now.fidelity


def _bytes_changed(incoming: Entry, held: Held) -> bool:
    """Whether a file that is held arrived with other bytes."""
    known = {f.url: f.sha256 for f in held.entry.files}
    return any(f.sha256 and known.get(f.url) not in {None, "", f.sha256} for f in incoming.files)


def _files(incoming: Entry, held: Held, *, fresh: bool) -> tuple[tuple[MediaFile, ...], bool]:
    """Return the files to keep, and whether that adds one or brings bytes that were missing."""
    known = {f.url: f for f in held.entry.files}
    if fresh:
        return tuple(_keeping(f, known.get(f.url)) for f in incoming.files), True
    offered = {f.url: f for f in incoming.files}
    kept = tuple(_taking(f, offered.get(f.url)) for f in held.entry.files)
    new = tuple(f for f in incoming.files if f.url not in known)
    return kept + new, bool(new) or kept != held.entry.files


def _keeping(offered: MediaFile, known: MediaFile | None) -> MediaFile:
    """In a new version, a file that did not travel again keeps its digest if its stamp says that it is the same."""
    if known is None or offered.sha256 or offered.stamp != known.stamp:
        return offered
    return replace(offered, sha256=known.sha256, size=offered.size if offered.size is not None else known.size)


def _taking(known: MediaFile, offered: MediaFile | None) -> MediaFile:
    """In a held version, bytes that arrived bring their stamp and size; without bytes nothing moves."""
    if offered is None or not offered.sha256 or offered.sha256 == known.sha256:
        return known
    return replace(known, sha256=offered.sha256, stamp=offered.stamp, size=offered.size)


def joined(one: Held, other: Held) -> Held:
    """
    Return two entries that turned out to be one: the older id and its keys first, the richer and later content.

    The version grows if the content is not that of the entry whose id stays.
    """
    elder, younger = sorted((one, other), key=lambda h: (h.first_seen, h.id))
    better = max((elder, younger), key=lambda h: (not h.deleted_by, h.entry.fidelity, _moment(h.entry)))
    moved = better is not elder and better.fingerprint != elder.fingerprint
    keys = tuple(dict.fromkeys((*elder.entry.keys, *younger.entry.keys)))
    mine = {f.url for f in better.entry.files}
    poorer = elder if better is younger else younger
    files = better.entry.files + tuple(f for f in poorer.entry.files if f.url not in mine)
    return Held(
        id=elder.id,
        entry=replace(better.entry, keys=keys, files=files),
        fingerprint=better.fingerprint,
        version=elder.version + moved,
        origin=better.origin,
        sights={**younger.sights, **elder.sights},
        deleted_by=better.deleted_by,
        first_seen=elder.first_seen,
    )


def _moment(entry: Entry) -> float:
    moment = entry.updated or entry.published
    return moment.timestamp() if moment else 0.0
