"""A copy that Moodle made of a post on the owner's own site."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.entry import Entry, Visibility
from archive.store import Origin
from tests.moodle.place import Place

PERMALINK = "https://rowan.example.org/2024/07/open-badges/"


def original(guid: str) -> Entry:
    return Entry(
        keys=(f"guid:{guid}", "wordpress:rowan.example.org/post/7"),
        kind="post",
        native_id="7",
        title="Open badges at work",
        url=PERMALINK,
        status="publish",
        visibility=Visibility.PUBLIC,
        published=datetime(2024, 7, 1, tzinfo=UTC),
        content_html="<p>All of it, with a picture.</p>",
        scope="wordpress:rowan.example.org/post",
    )


def keep(place: Place, entry: Entry) -> None:
    with place.archive.append(Origin("blog", "wordpress")) as writer:
        writer.put(entry, b"{}", "json")
        writer.seal()


@pytest.mark.parametrize("first", ["blog", "vle"])
def test_a_guid_that_is_the_permalink_joins_them(place: Place, first: str):
    """One entry, seen by both, with the words of the site; whichever came first."""
    if first == "vle":
        place.harvest()
    keep(place, original(PERMALINK))
    place.harvest()
    stored = place.archive.by_key("wordpress:rowan.example.org/post/7")
    copy = place.archive.by_key(f"moodle:{place.site}/blog/50")
    assert stored
    assert copy
    assert stored.id == copy.id
    entry = next(s.entry for s in place.archive.entries(content=True) if s.id == stored.id)
    assert entry.content_html == "<p>All of it, with a picture.</p>"
    assert entry.visibility is Visibility.PUBLIC
    assert {"blog", "vle"} <= set(stored.seen_by)


def test_another_guid_leaves_a_copy_that_names_its_original(place: Place):
    """Most sites of WordPress have ``?p=7`` there; the copy says whose it is."""
    keep(place, original("https://rowan.example.org/?p=7"))
    place.harvest()
    copy = place.entry("blog/50")
    assert copy.extra["copy_of"] == PERMALINK == copy.url
    assert len([e for e in place.entries("post") if e.title == "Open badges at work"]) == 2
