"""What stands above the text of an entry: all that is known of it, as YAML."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import yaml

from archive.entry import Entry, MediaFile, Visibility

if TYPE_CHECKING:
    from archive.store import Stored


def front(matter: dict[str, Any]) -> str:
    """Return front matter, with its two lines; what is empty is left out."""
    kept = {name: value for name, value in matter.items() if value not in ("", None, [], ())}
    return f"---\n{yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=1000)}---\n"


def of_entry(stored: Stored, visibility: Visibility, files: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is said of an entry. Times are UTC; ``visibility`` is as the owner decided it."""
    entry = stored.entry
    return {
        "id": stored.id,
        "kind": entry.kind,
        "title": entry.title,
        "date": _moment(entry.published),
        "updated": _moment(entry.updated),
        "url": entry.url,
        "status": entry.status,
        "visibility": visibility.value,
        "tags": list(entry.tags),
        "author": entry.creator,
        "by": "" if entry.author == "own" else entry.author,
        "language": entry.language,
        "source": stored.source,
        "about": entry.parent,
        "files": files,
        "keys": list(entry.keys),
    }


def of_remark(stored: Stored) -> dict[str, Any]:
    """Return what is said of a comment that stands below the text it is about."""
    entry = stored.entry
    said = {
        "id": stored.id,
        "kind": entry.kind,
        "author": entry.creator,
        "date": _moment(entry.published),
        "status": entry.status,
        "url": entry.url,
        "keys": list(entry.keys),
    }
    return {name: value for name, value in said.items() if value}


def of_file(file: MediaFile, path: str) -> dict[str, Any]:
    """Return what is said of a file; ``path`` leads to its copy, ``""`` where its bytes are not held."""
    said = {
        "path": path,
        "name": file.name,
        "type": file.media_type,
        "sha256": file.sha256,
        "url": file.url,
        "alt": file.alt,
        "caption": file.caption,
        "licence": file.licence,
        "credit": file.credit,
    }
    return {name: value for name, value in said.items() if value}


def title_of(entry: Entry) -> str:
    """Return what a list calls an entry."""
    return (
        entry.title or next((file.name for file in entry.files if file.name), "") or f"{entry.kind} {entry.native_id}"
    )


def _moment(moment: datetime | None) -> datetime | None:
    return moment.replace(microsecond=0) if moment else None
