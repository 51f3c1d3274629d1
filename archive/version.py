"""The files of one version: the bytes as the source sent them, and a page for reading."""

from __future__ import annotations

import hashlib
from typing import Literal, NamedTuple, TypeAlias

from archive import naming, record
from archive.entry import Entry, Json
from archive.segment import Staging

RawType: TypeAlias = Literal["json", "xml", "html", "txt"]

_SHARING = frozenset({"comment", "pingback", "term", "user", "settings"})
"""Kinds of small things: one file for each would be thousands of files that nobody opens."""


class Found(NamedTuple):
    """What was put: an entry and the bytes from which it was read."""

    entry: Entry
    raw: bytes
    raw_type: RawType


Places: TypeAlias = tuple[Json | None, Json | None]
"""Where the raw bytes and the readable page of a version lie."""


def write_version(staging: Staging, found: Found) -> tuple[Json, Json | None]:
    """Write the raw bytes and the readable page of a new version; return where they lie."""
    entry, raw, raw_type = found
    place: Json = {"segment": staging.name, "sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}
    if entry.kind in _SHARING and b"\n" not in raw:
        path = _shared_path(entry, raw_type)
        return place | {"path": path, "offset": staging.append_group(path, raw)}, None
    stem = naming.entry_stem(staging.name, entry.kind, entry.published, entry.title, entry.native_id)
    path = staging.free_name(f"{stem}.{raw_type if raw_type != 'html' else 'raw.html'}")
    staging.write(path, raw)
    place["path"] = path
    if not entry.content_html or entry.kind in _SHARING:
        return place, None
    return place, _write_page(staging, stem, entry)


def _write_page(staging: Staging, stem: str, entry: Entry) -> Json:
    page, whole = record.page(entry)
    path = staging.free_name(f"{stem}.html")
    staging.write(path, page)
    place: Json = {"segment": staging.name, "path": path}
    return place if whole else place | {"whole": False}


def _shared_path(entry: Entry, raw_type: RawType) -> str:
    """Return the file that an entry of this kind shares: comments by their post, terms by their taxonomy."""
    if entry.kind in {"comment", "pingback"}:
        shared, folder = (entry.parent or "").rstrip("/").rpartition("/")[2], "comments"
    else:
        shared, folder = str(entry.extra.get("taxonomy", "")), naming.folder_of(entry.kind)
    ending = "jsonl" if raw_type == "json" else raw_type
    return f"data/{folder}/{naming.slug(shared, 24) or 'all'}.{ending}"
