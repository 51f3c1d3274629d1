"""
The vocabulary: one harvested thing, its files, who may see it, and how well it was seen.

Values only: frozen, typed, JSON-able, no input or output. Connectors make entries, the store keeps them,
the bridge reads them; this is the only module that all three rooms share (with ``archive.errors``).

Times are aware and in UTC. Sizes are bytes. Digests are SHA-256 in lower-case hex.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import urlsplit

Key: TypeAlias = str
"""A durable name of a thing, such as ``guid:https://b.org/?p=5`` or ``wordpress:b.org/post/5``. Holds no secret."""

Digest: TypeAlias = str
JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
Json: TypeAlias = dict[str, JsonValue]


class Visibility(StrEnum):
    """Who may see it. ``ASSESSOR`` comes only from the owner, never from a source."""

    PRIVATE = "private"
    ASSESSOR = "assessor"
    PUBLIC = "public"

    @property
    def openness(self) -> int:
        """0 for private, 1 for assessor, 2 for public: an item appears in editions up to its own openness."""
        return list(Visibility).index(self)


class Fidelity(IntEnum):
    """How richly a route sees a thing; a poorer sight never replaces a richer one."""

    FEED = 1
    VIEW = 2
    XMLRPC = 3
    EXPORT = 4
    FULL = 5


FileRole: TypeAlias = Literal["original", "attachment", "feedback", "proof"]
Authorship: TypeAlias = Literal["own", "others", "about-me"]


@dataclass(frozen=True, kw_only=True)
class MediaFile:
    """
    Bytes of an entry. The store keeps each digest once, whoever refers to it.

    ``url`` is an address or an export's member, always without token. ``stamp`` changes when the bytes do (an ETag,
    a SHA-1, size and time); ``""`` means that the source cannot tell. ``sha256`` is set when the bytes are held.
    """

    name: str
    url: str
    media_type: str = ""
    size: int | None = None
    stamp: str = ""
    role: FileRole = "attachment"
    alt: str = ""
    caption: str = ""
    licence: str = ""
    credit: str = ""
    sha256: Digest = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """
    One thing as one route saw it.

    Attributes:
        keys: Most durable first; entries that share a key are one thing.

        kind: ``post``, ``page``, ``media``, ``comment``, ``term``, ``user``, ``settings``, ``release`` ...

        native_id: The system's own number or path.

        status: The system's own word: ``publish``, ``draft``, ``trash``.

        parent: The key of what it belongs to; None if it belongs to nothing. ``""`` if this sight cannot tell: what is
            held stays.

        content_html: Unsanitised, but free of what differs in every export (namespaces, nonces).

        terms: Keys of the terms; a term is an entry of its own, so that renaming it is one update. ``tags`` are their
            names as a person reads them, and no part of the fingerprint where ``terms`` are given.

        scope: The ``Listed`` that covers this entry.

        stamp: Changes when the thing does (modified time, ETag).

        extra: What has no field of its own. No part of the fingerprint.
    """

    keys: tuple[Key, ...]
    kind: str
    native_id: str
    title: str = ""
    url: str = ""
    creator: str = ""
    language: str = ""
    status: str = ""
    visibility: Visibility = Visibility.PRIVATE
    author: Authorship = "own"
    published: datetime | None = None
    updated: datetime | None = None
    content_html: str = ""
    files: tuple[MediaFile, ...] = ()
    parent: Key | None = None
    terms: tuple[Key, ...] = ()
    tags: tuple[str, ...] = ()
    fidelity: Fidelity = Fidelity.FULL
    scope: str = ""
    stamp: str = ""
    extra: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("an entry needs at least one key")
        for moment in (self.published, self.updated):
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"naive time {moment} in {self.keys[0]}: times are aware and in UTC")


NOT_IN_FINGERPRINT = frozenset({"keys", "stamp", "updated", "fidelity", "extra", "scope"})
"""What may differ between two sights of an unchanged thing: the route, and what moves without a change."""

_FILE_NOT_IN_FINGERPRINT = frozenset({"stamp", "size", "sha256"})


def fingerprint(entry: Entry) -> Digest:
    """
    Return the digest that decides whether two sights show the same version.

    Digests of files are no part of it: the store compares them on its own, so that a file that arrives late completes
    a version and does not make a new one.
    """
    value = to_json(entry)
    for name in NOT_IN_FINGERPRINT:
        value.pop(name, None)
    if entry.terms:
        value.pop("tags", None)
    value["files"] = [
        {k: v for k, v in cast("Json", f).items() if k not in _FILE_NOT_IN_FINGERPRINT}
        for f in cast("list[JsonValue]", value.get("files", []))
    ]
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical(value: JsonValue) -> bytes:
    """Return the one byte form of a JSON value: sorted keys, no spaces, UTF-8 (lone surrogates escaped)."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def to_json(entry: Entry) -> Json:
    """Return the entry as JSON, leaving out what is empty; ``from_json`` gives an equal entry back."""
    return cast("Json", _plain(entry))


def from_json(value: Mapping[str, Any]) -> Entry:
    """Return the entry that ``to_json`` wrote. Unknown fields are ignored: a later version may have more."""
    given = {name: value[name] for name in _NAMES[Entry] if name in value}
    for name in ("keys", "terms", "tags"):
        if name in given:
            given[name] = tuple(given[name])
    for name in ("published", "updated"):
        if given.get(name):
            given[name] = parse_time(given[name])
    if "visibility" in given:
        given["visibility"] = Visibility(given["visibility"])
    if "fidelity" in given:
        given["fidelity"] = Fidelity[given["fidelity"].upper()]
    given["files"] = tuple(file_from_json(f) for f in given.get("files", ()))
    return Entry(**{"kind": "", "native_id": "", **given})


def file_from_json(value: Mapping[str, Any]) -> MediaFile:
    """Return the media file that ``to_json`` wrote."""
    return MediaFile(**{"name": "", "url": "", **{name: value[name] for name in _NAMES[MediaFile] if name in value}})


_NAMES = {kind: tuple(f.name for f in fields(kind)) for kind in (Entry, MediaFile)}
"""Fields by class, looked up once: an archive of 20,000 entries asks for them as often."""


def _plain(value: object) -> JsonValue:
    if type(value) is str:  # most values are: this runs twice for every entry of every harvest
        return value
    if isinstance(value, (Entry, MediaFile)):
        given = ((name, getattr(value, name)) for name in _NAMES[type(value)])
        return {name: _plain(v) for name, v in given if v not in ("", None, (), {})}
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, Fidelity):
        return value.name.lower()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return cast("JsonValue", value)


def format_time(moment: datetime) -> str:
    """Return an aware time as ``2026-03-01T12:00:04Z`` (microseconds only where there are any)."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Return the aware UTC time that ``format_time`` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


def with_digests(entry: Entry, held: Mapping[str, Digest]) -> Entry:
    """Return the entry with the digests of those of its files that arrived, by their ``url``."""
    files = tuple(replace(f, sha256=held.get(f.url, f.sha256)) for f in entry.files)
    return replace(entry, files=files)


def site_of(address: str) -> str:
    """
    Return the part of an address that names a site in a key: host and path, no scheme, ``www.`` or usual port.

    A port that is not 80 or 443 stays: two sites on one machine are two sites.
    """
    parts = urlsplit(address if "//" in address else f"//{address}")
    host = (parts.hostname or "").removeprefix("www.")
    try:
        port = parts.port
    except ValueError:
        port = None
    where = f"{host}:{port}" if port not in (None, 80, 443) else host
    return f"{where}{parts.path.rstrip('/')}"
