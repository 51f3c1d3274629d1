"""Entries for tests, as a connector would make them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from archive.entry import Entry, Fidelity, MediaFile, with_digests
from archive.store import Archive, Change, Origin

BLOG = Origin("blog", "wordpress", "https://b.org", "jane")
FEED = Origin("feed", "feed", "https://b.org/feed/")


def post(number: int = 1, **given: Any) -> Entry:
    values: dict[str, Any] = {
        "keys": (f"guid:https://b.org/?p={number}", f"wordpress:b.org/post/{number}"),
        "kind": "post",
        "native_id": str(number),
        "title": f"Post {number}",
        "url": f"https://b.org/{number}/",
        "status": "publish",
        "published": datetime(2024, 3, number % 28 + 1, 9, 30, tzinfo=UTC),
        "content_html": f"<p>Words of post {number}: naïve café 🎓</p>\r\n",
        "scope": "posts",
        "stamp": "2024-03-04T10:00:00",
    }
    return Entry(**{**values, **given})


def picture(name: str = "photo.jpg", **given: Any) -> MediaFile:
    return MediaFile(**{"name": name, "url": f"https://b.org/uploads/{name}", "media_type": "image/jpeg", **given})


def keep(archive: Archive, *entries: Entry, origin: Origin = BLOG, cursor: Any = None) -> list[Change]:
    """Put entries as one harvest, sealed."""
    with archive.append(origin) as writer:
        changes = [writer.put(entry, raw_of(entry)) for entry in entries]
        writer.seal(cursor)
    return changes


def keep_with_file(archive: Archive, entry: Entry, data: bytes, origin: Origin = BLOG) -> tuple[Change, str]:
    """Put an entry whose one file has these bytes."""
    with archive.append(origin) as writer:
        digest = writer.add_file(io.BytesIO(data), name=entry.files[0].name)
        change = writer.put(with_digests(entry, {entry.files[0].url: digest}), raw_of(entry))
        writer.seal()
    return change, digest


def raw_of(entry: Entry) -> bytes:
    return f'{{"id": "{entry.native_id}", "title": "{entry.title}"}}'.encode()


def poorer(entry: Entry, **given: Any) -> Entry:
    from dataclasses import replace

    return replace(entry, **{"fidelity": Fidelity.FEED, "content_html": "<p>A teaser</p>", **given})
