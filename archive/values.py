"""What the archive gives and takes beside entries: plain values, times aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archive.entry import Digest, Entry, Json, Key


@dataclass(frozen=True)
class Origin:
    """Who writes: a source's name and type as configured; ``address`` and ``account`` without any secret."""

    name: str
    type: str
    address: str = ""
    account: str = ""
    agent: str = "keepfolio"


@dataclass(frozen=True)
class Stored:
    """
    The newest version of an entry, or the version asked for.

    ``source`` is the one whose sight made this version; ``changed`` is when the archive learned of it. ``deleted``:
    the source deleted it, the archive did not.
    """

    id: str
    entry: Entry
    version: int
    seen_by: tuple[str, ...]
    deleted: bool
    first_seen: datetime
    changed: datetime
    source: str


@dataclass(frozen=True)
class Version:
    """One line of an entry's history. ``event``: creation, update, completion, deletion, restoration."""

    number: int
    event: str
    when: datetime
    source: str
    title: str
    fingerprint: Digest
    why: str = ""


@dataclass(frozen=True)
class Failure:
    """One thing that did not arrive; ``since`` is set by the archive."""

    source: str
    what: str
    why: str
    mend: str = ""
    key: Key = ""
    transient: bool = True
    since: datetime | None = None


@dataclass(frozen=True)
class Summary:
    """The archive in numbers: live entries, digests held, and the bytes of everything sealed."""

    head: str
    segments: int
    entries: int
    files: int
    bytes: int


@dataclass(frozen=True)
class SourceState:
    """
    What is known of a source. ``promised`` and ``held`` count by kind; ``parked`` says why it is not asked, or ``""``;
    ``unfinished`` says why the last harvest did not get to its end, or ``""``.

    ``held`` counts live entries that this source has seen.
    """

    name: str
    last_harvest: datetime | None = None
    cursor: Json = field(default_factory=dict)
    promised: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    parked: str = ""
    unfinished: str = ""
