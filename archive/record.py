"""
One line of ``records.jsonl``: everything that is known of an entry after an event.

The last line about an id is its state, so the archive alone gives everything back. A path lies in the bag of its line,
unless ``segment`` beside it names an earlier bag.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive.entry import Digest, Entry, Fidelity, Json, format_time, from_json, parse_time, to_json
from archive.identity import Held, Sight
from archive.values import Failure, Stored, Version

MARK = "<!-- keepfolio:content -->\n"
_HEAD = (
    '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src file: data:">\n'
    "</head>\n<body>\n" + MARK
)


@dataclass(frozen=True)
class Line:
    """A line as the index keeps it, with the bag that it stands in."""

    value: Mapping[str, Any]
    segment: str

    @property
    def readable(self) -> Json | None:
        return self._placed("readable")

    @property
    def raw(self) -> Json | None:
        return self._placed("raw")

    def _placed(self, name: str) -> Json | None:
        where = self.value.get(name)
        return {"segment": self.segment, **where} if where else None

    def entry(self) -> Entry:
        """Return the entry, without the content where that lies in a readable file."""
        return from_json(self.value["entry"])

    def held(self) -> Held:
        value, entry = self.value, self.entry()
        return Held(
            id=value["id"],
            entry=entry,
            fingerprint=value["fingerprint"],
            version=value["version"],
            origin=value["madeBy"],
            sights={name: _sight(given, entry, value["fingerprint"]) for name, given in value["seenBy"].items()},
            deleted_by=value.get("deletedBy", ""),
            first_seen=parse_time(value["firstSeen"]),
        )

    def stored(self) -> Stored:
        value = self.value
        return Stored(
            id=value["id"],
            entry=self.entry(),
            version=value["version"],
            seen_by=tuple(value["seenBy"]),
            deleted="deletedBy" in value,
            first_seen=parse_time(value["firstSeen"]),
            changed=parse_time(value["changed"]),
            source=value["madeBy"],
        )

    def version(self) -> Version:
        value = self.value
        return Version(
            number=value["version"],
            event=value["event"],
            when=parse_time(value["eventTime"]),
            source=value["origin"],
            title=value["entry"].get("title", ""),
            fingerprint=value["fingerprint"],
            why=value.get("why", ""),
        )


def line(
    held: Held,
    *,
    event: str,
    when: datetime,
    changed: datetime,
    origin: str,
    segment: str,
    raw: Json | None,
    readable: Json | None,
    files: Iterable[Json],
    joins: Iterable[str] = (),
    why: str = "",
) -> Json:
    """Return the line for what is held from now on; places in this very bag lose their ``segment``."""
    entry = replace(held.entry, content_html="") if readable and readable.get("whole", True) else held.entry
    value: Json = {
        "event": event,
        "eventTime": format_time(when),
        "id": held.id,
        "version": held.version,
        "origin": origin,
        "madeBy": held.origin,
        "firstSeen": format_time(held.first_seen),
        "changed": format_time(changed),
        "fingerprint": held.fingerprint,
        "seenBy": {name: _short(sight, entry, held.fingerprint) for name, sight in held.sights.items()},
    }
    optional: Json = {
        "raw": _local(raw, segment) if raw else None,
        "readable": _local(readable, segment) if readable else None,
        "files": [_local(f, segment) for f in files],
        "joins": list(joins),
        "deletedBy": held.deleted_by,
        "why": why,
    }
    value |= {k: v for k, v in optional.items() if v}
    value["entry"] = to_json(entry)
    return value


def failure_line(failure: Failure, when: datetime, *, cleared: bool) -> Json:
    """Return the line for a failure that began or ended."""
    value: Json = {
        "event": "failure-cleared" if cleared else "failure",
        "eventTime": format_time(when),
        "origin": failure.source,
        "what": failure.what,
    }
    if not cleared:
        value |= {"why": failure.why, "mend": failure.mend, "key": failure.key, "transient": failure.transient}
        value["since"] = format_time(failure.since or when)
    return value


def page(entry: Entry) -> tuple[bytes, bool]:
    """Return the readable page of an entry, and whether it holds the content exactly (a lone surrogate it cannot)."""
    text = _HEAD.format(title=html.escape(entry.title)) + entry.content_html
    try:
        return text.encode(), True
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace"), False


def content(page_bytes: bytes) -> str:
    """Return the content that ``page`` wrapped."""
    return page_bytes.decode("utf-8").partition(MARK)[2]


def _local(place: Json, segment: str) -> Json:
    return {k: v for k, v in place.items() if k != "segment" or v != segment}


def _short(sight: Sight, entry: Entry, digest: Digest) -> Json:
    """Leave out what the entry itself says: most entries have one source."""
    given: Json = {}
    if sight.fidelity != entry.fidelity:
        given["fidelity"] = sight.fidelity.name.lower()
    if sight.scope != entry.scope:
        given["scope"] = sight.scope
    if sight.stamp != entry.stamp:
        given["stamp"] = sight.stamp
    if sight.fingerprint != digest:
        given["fingerprint"] = sight.fingerprint
    return given


def _sight(given: Mapping[str, str], entry: Entry, digest: Digest) -> Sight:
    return Sight(
        fidelity=Fidelity[given["fidelity"].upper()] if "fidelity" in given else entry.fidelity,
        scope=given.get("scope", entry.scope),
        stamp=given.get("stamp", entry.stamp),
        fingerprint=given.get("fingerprint", digest),
    )
