"""What happened to entries, with where the bytes of each version lie: read for many entries in one go."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import record, segment
from archive.entry import Json, MediaFile, file_from_json, parse_time
from archive.errors import ArchiveDamaged
from archive.record import Line
from archive.store import Archive


@dataclass(frozen=True)
class Bytes:
    """Where bytes lie: ``path`` from the archive's folder on; in a file that several share, from ``offset`` on."""

    path: str
    sha256: str = ""
    size: int = 0
    offset: int | None = None


@dataclass(frozen=True)
class Event:
    """One event of an entry's history, and the version that it left."""

    number: int
    event: str
    when: datetime
    source: str
    why: str
    title: str
    seen: str
    raw: Bytes | None
    readable: Bytes | None
    text: str
    """The content, where it lies in the record itself."""
    files: tuple[MediaFile, ...]


def histories(archive: Archive, ids: Collection[str]) -> dict[str, list[Event]]:
    """
    Return the events of entries, oldest first. One walk over the parts that speak of them, whatever their number.

    Raises:
        ArchiveDamaged: Such a part cannot be read.
    """
    found: dict[str, list[Event]] = {entry_id: [] for entry_id in ids}
    current: dict[str, str] = {}
    for name in sorted({name for entry_id in ids for name in archive.index.segments_of(entry_id)}):
        folder = archive.root / "segments" / name
        try:
            for line in segment.records(folder):
                value = json.loads(line)
                if "entry" not in value:
                    continue
                said = value["id"]
                entry_id = current.setdefault(said, archive.index.current(said)) if said not in found else said
                if entry_id in found:
                    found[entry_id].append(_event(Line(value, name)))
        except (OSError, ValueError, KeyError) as problem:
            raise ArchiveDamaged(
                f"A part of your archive cannot be read: {name}.",
                unchanged="Nothing was changed.",
                mend="Run: keepfolio verify",
            ) from problem
    return found


def content(archive: Archive, event: Event) -> str:
    """
    Return the content of a version.

    Raises:
        ArchiveDamaged: The file that holds it is missing or damaged.
    """
    if event.readable is None:
        return event.text
    path: Path = archive.root / event.readable.path
    try:
        return record.content(path.read_bytes())
    except (OSError, UnicodeDecodeError) as problem:
        raise ArchiveDamaged(f"A file of your archive is missing or damaged: {path}.") from problem


def _event(line: Line) -> Event:
    value, entry = line.value, line.value["entry"]
    version = line.version()
    readable = line.readable
    whole = readable is not None and readable.get("whole") is not False
    return Event(
        number=version.number,
        event=version.event,
        when=parse_time(value["eventTime"]),
        source=version.source,
        why=version.why,
        title=version.title,
        seen=str(entry.get("visibility", "")),
        raw=_bytes(line.raw),
        readable=_bytes(readable) if whole else None,
        text=str(entry.get("content_html", "")),
        files=tuple(file_from_json(file) for file in entry.get("files", ())),
    )


def _bytes(place: Json | None) -> Bytes | None:
    """Return a place, if it is one inside the archive: a record cannot lead outside."""
    given: Any = place
    if not given or not segment.is_name(str(given["segment"])) or not segment.is_inside(str(given["path"])):
        return None
    path = f"segments/{given['segment']}/{given['path']}"
    return Bytes(path, str(given.get("sha256", "")), int(given.get("size", 0)), given.get("offset"))
