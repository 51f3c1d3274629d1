"""Comments on the owner's things: the owner's own, and other people's, marked as theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from archive.entry import Entry, Key
from connectors.contract import Yield
from connectors.moodle import identity, text
from connectors.moodle.api import Call
from connectors.moodle.export_keys import Saying
from connectors.moodle.reading import Reading, found

FUNCTION = "core_comment_get_comments"
_WRAPPED = re.compile(r'^<div class="(?:no-overflow|text_to_html)">(.*)</div>$', re.DOTALL)


@dataclass(frozen=True)
class Place:
    """
    Where comments stand: the words in which Moodle asks for them, and the entry that they belong to.

    ``said_below`` is the key of that entry by which a data request knows it too; ``""`` where there is none.
    """

    level: str
    instance: int
    component: str
    item: int
    area: str
    parent: Key
    title: str
    url: str
    said_below: Key = ""

    def call(self, page: int = 0) -> Call:
        return Call(
            FUNCTION,
            {
                "contextlevel": self.level,
                "instanceid": self.instance,
                "component": self.component,
                "itemid": self.item,
                "area": self.area,
                "page": page,
            },
        )


def comments(reading: Reading, places: Sequence[Place], what: str) -> Iterator[Yield]:
    """Yield the comments of all these places; the first pages are asked for together."""
    if not places or not reading.offers("Comments", FUNCTION):
        return
    first = reading.each([place.call() for place in places], what)
    for place, page in zip(places, first, strict=True):
        if page is None:
            continue
        rows = list(page.get("comments") or ())
        pages = -(-int(page.get("count") or 0) // max(int(page.get("perpage") or 15), 1))
        for more in reading.each([place.call(number) for number in range(1, pages)], what) if pages > 1 else ():
            rows += more.get("comments") or () if more else ()
        saying = Saying(reading.who.site, place.said_below)
        # oldest first: a new comment that says what an older one says must not take its place
        for _, row in sorted({int(one["id"]): one for one in rows}.items()):
            yield found(_comment(reading, place, row, saying), _kept(row))


def _comment(reading: Reading, place: Place, row: Any, saying: Saying) -> Entry:
    words = _words(text.as_html(row.get("content")))
    # a data request has no numbers of comments, only what they say
    by_words = (saying.key(words, own=reading.mine(row)),) if place.said_below else ()
    return Entry(
        keys=(identity.comment(reading.who.site, row["id"]), *by_words),
        kind="comment",
        native_id=str(row["id"]),
        title=f"Comment on {place.title}",
        url=place.url,
        creator=str(row.get("fullname") or ""),
        author="own" if reading.mine(row) else "others",
        published=text.moment(row.get("timecreated")),
        content_html=words,
        parent=place.parent,
        scope=reading.scope("comments"),
        stamp=str(row.get("timecreated") or ""),
    )


def _words(content: str) -> str:
    """Return a comment without the boxes that Moodle draws around it, in every mode."""
    while inside := _WRAPPED.match(content.strip()):
        content = inside[1]
    return content


def _kept(row: Any) -> dict[str, Any]:
    return {name: row.get(name) for name in ("id", "userid", "content", "format", "timecreated")}
