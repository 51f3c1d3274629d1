"""Invented posts and pictures of the usual sizes: 4.2 KB of text in a post, 155 KB in a picture."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

PICTURE = 155_600
PARAGRAPHS = 7
_WORDS = ("students", "staff", "course", "module", "feedback", "lecture", "captions", "access", "tutor", "workshop")
_BEGIN = datetime(2016, 1, 4, 9, 30, tzinfo=UTC)


def text(number: int) -> str:
    """Return the words of a post; each one's are its own, and the same each time."""
    chance = random.Random(number)
    paragraphs = (" ".join(chance.choices(_WORDS, k=65)) for _ in range(PARAGRAPHS))
    return "\n\n".join(f"<!-- wp:paragraph -->\n<p>{words}</p>\n<!-- /wp:paragraph -->" for words in paragraphs)


def picture(number: int) -> bytes:
    """Return bytes that nothing can make smaller."""
    return random.Random(number).randbytes(PICTURE)


def moment(number: int) -> datetime:
    return _BEGIN + timedelta(hours=4 * number)


def post(number: int, kind: str = "post", **given: Any) -> tuple[Any, bytes]:
    """Return an entry as the WordPress connector makes it, and its bytes."""
    from archive.entry import Entry, Fidelity, Visibility, format_time

    content, stamp = text(number), format_time(moment(number))
    values = {
        "keys": (f"guid:https://blog.example.org/?p={number}", f"wordpress:blog.example.org/{kind}/{number}"),
        "kind": kind,
        "native_id": str(number),
        "title": f"What we learnt in week {number}",
        "url": f"https://blog.example.org/{number}/",
        "creator": "Jane Example",
        "status": "publish",
        "visibility": Visibility.PUBLIC,
        "published": moment(number),
        "updated": moment(number),
        "content_html": content,
        "terms": (f"wordpress:blog.example.org/term/{number % 40}",),
        "tags": (f"tag {number % 40}",),
        "fidelity": Fidelity.FULL,
        "scope": f"wordpress:blog.example.org/{kind}",
        "stamp": f"{stamp}|publish",
        "extra": {"slug": f"what-we-learnt-in-week-{number}"},
    }
    raw = json.dumps({"id": number, "date_gmt": stamp, "status": "publish", "content": {"raw": content}})
    return Entry(**{**values, **given}), raw.encode()
