"""Recorded items of WordPress 7.1 -> entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.entry import Fidelity, Visibility
from connectors.http_json import cut_items
from connectors.wordpress import items
from connectors.wordpress.account import STRANGER, Route, routes
from connectors.wordpress.items import Site

RECORDED = Path(__file__).parents[1] / "fixtures" / "wordpress" / "rest"
LATER = datetime(2030, 1, 1, tzinfo=UTC)
POSTS = Route("post", "wp/v2/posts", edit=True, taxonomies={"categories": "category", "tags": "post_tag"})
MEDIA = Route("media", "wp/v2/media", edit=True)


def recorded(name: str) -> list[dict]:
    rows = cut_items((RECORDED / f"7.1-{name}.json").read_bytes())
    assert rows is not None
    return [item for item, _ in rows]


@pytest.fixture
def site() -> Site:
    return Site("127.0.0.1:8208", me=1, people={1: "admin"})


def test_posts_in_edit_context(site: Site):
    """Raw text and titles, times in UTC, number and guid as keys."""
    entries = [items.post(item, site, POSTS, LATER) for item in recorded("posts-edit-1")]
    assert entries
    for entry in entries:
        assert entry.fidelity is Fidelity.FULL
        assert entry.keys[0].startswith("guid:http://127.0.0.1:8208/")
        assert entry.keys[1] == f"wordpress:127.0.0.1:8208/post/{entry.native_id}"
        assert entry.updated is not None
        assert 'class="wp-block-paragraph"' not in entry.content_html  # 7.1 adds it when it renders


def test_what_has_no_page_of_its_own_is_private(site: Site):
    """A published post of a type that strangers cannot open; and so are its files."""
    closed = replace(POSTS, viewable=False)
    item = next(item for item in recorded("posts-edit-1") if item["status"] == "publish")
    assert items.post(item, site, closed, LATER).visibility is Visibility.PRIVATE
    site.saw(item, closed)
    assert site.shown[item["id"]] is False


@pytest.mark.parametrize(
    ("slug", "about", "viewable"),
    [
        ("post", {"viewable": True}, True),
        ("wp_block", {"viewable": False}, False),
        ("event", {"viewable": True}, True),
        ("order", {"viewable": False, "has_archive": True}, False),
        ("post", {"has_archive": False}, True),
        ("wp_block", {"has_archive": False}, False),
        ("event", {"has_archive": "events"}, True),
        ("order", {}, False),
    ],
)
def test_which_types_strangers_can_open(slug: str, about: dict, viewable: bool):
    """WordPress says so to those who edit; to others only of types with an archive."""
    (route,) = routes({slug: {"rest_base": "x", **about}}, STRANGER, {}, only_me=False)
    assert route.viewable is viewable


def test_what_is_said_below_a_file_is_private(site: Site):
    """As by every route."""
    item = recorded("media-edit-1")[0]
    site.saw(item, MEDIA)
    assert site.shown[item["id"]] is False
    assert site.parent(item["id"]) == f"wordpress:127.0.0.1:8208/media/{item['id']}"


def test_posts_in_view_context_are_a_poorer_sight(site: Site):
    """The same posts have the same keys."""
    edit = {i["id"]: items.post(i, site, POSTS, LATER) for i in recorded("posts-edit-1")}
    view = {i["id"]: items.post(i, site, POSTS, LATER) for i in recorded("posts-view-1")}
    both = edit.keys() & view.keys()
    assert both
    for number in both:
        assert view[number].fidelity is Fidelity.VIEW
        assert view[number].keys == edit[number].keys
        assert view[number].published == edit[number].published


def test_titles_in_view_context_are_text_not_html(site: Site):
    """Entities are undone; what the theme's typography did to quotes cannot be."""
    item = {"id": 1, "title": {"rendered": "Protected: Research &#038; scholarship &#8211; 2"}}
    assert items.post(item, site, POSTS, LATER).title == "Research & scholarship – 2"


def test_media_are_the_originals(site: Site):
    """7.1 tells more of its sizes; the original is the one that was uploaded."""
    entries = [items.media(item, site, MEDIA, LATER) for item in recorded("media-edit-1")]
    large = [entry for entry in entries if "wide-photo" in entry.files[0].name]
    assert [entry.files[0].name for entry in large] == ["wide-photo.jpg"]
    assert {entry.visibility for entry in entries} == {Visibility.PRIVATE}  # no post shows them, as far as is known


def test_comments_leave_their_writers_address_behind(site: Site):
    """The recording holds e-mail, address and agent, as a careless server sends them: none is kept."""
    for item in recorded("comments"):
        entry = items.comment(item, site)
        kept = repr(entry).encode() + items.safe(item, b"unused" if "author_email" not in item else b"")
        for name in ("author_email", "author_ip", "author_user_agent"):
            if item.get(name):
                assert str(item[name]).encode() not in kept


def test_what_changed_a_moment_ago_is_read_again():
    """WordPress's times have whole seconds: a second change in the same one would look like none."""
    item = {"modified_gmt": "2026-03-01T12:00:00", "status": "publish"}
    at = datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC)
    assert items.stamp(item, at) != items.stamp(item, LATER)
    assert items.stamp(item, LATER) == "2026-03-01T12:00:00|publish"


def test_secrets_that_a_server_sends_unasked_are_cut():
    item = {"id": 1, "password": "hush"}
    assert items.safe(item, b'{"id":1,"password":"hush"}') == b'{"id": 1}'
