"""A feed as a source, against recorded feeds of real sites (6.1 and 7.1) served by a real server on this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from werkzeug import Response

from archive.entry import Fidelity, Visibility
from connectors.contract import SourceUnavailable
from connectors.feed import source
from connectors.http import Http
from tests.wordpress.wxr_samples import FIXTURES, Holds, context, taken

MODIFIED = "Sun, 22 Nov 2026 00:17:10 GMT"


@pytest.fixture(params=["6.1", "7.1"])
def recorded(request):
    return FIXTURES / "feeds" / request.param


@pytest.fixture
def pages():
    """What the site serves at the moment, page by page; a test may change it."""
    return {}


@pytest.fixture
def here(httpserver, pages):
    """The source of a feed that answers as WordPress does: conditional requests, 404 with a feed beyond the end."""
    asked = []

    def answer(request):
        asked.append(request)
        number = parse_qs(request.query_string.decode()).get("paged", ["1"])[0]
        if number == "1" and request.headers.get("If-Modified-Since") == MODIFIED:
            return Response(status=304)
        if number not in pages:
            return Response(pages.get("beyond", b""), status=404, content_type="application/rss+xml; charset=UTF-8")
        served = pages[number]
        pages.pop("then", lambda: None)()
        kind = pages.get("type", "application/rss+xml; charset=UTF-8")
        return Response(served, content_type=kind, headers={"Last-Modified": MODIFIED, "ETag": 'W/"x"'})

    httpserver.expect_request("/feed/").respond_with_handler(answer)
    result = source("feed", {"url": httpserver.url_for("/feed/")}, context(Http(attempts=1)))
    result.asked = asked
    return result


@pytest.fixture
def wordpress_pages(pages, recorded):
    pages["1"] = (recorded / "feed.xml").read_bytes()
    pages["2"] = (recorded / "feed-page-2.xml").read_bytes()
    pages["beyond"] = (recorded / "page-beyond.html").read_bytes()


def test_all_pages_of_a_wordpress_are_read(here, wordpress_pages):
    """Ten posts a page, until the one that is not there; each post once."""
    got = taken(here)
    assert len(got.of("post")) == 20
    assert len({e.keys for e in got.entries}) == 20
    assert {e.fidelity for e in got.entries} == {Fidelity.FEED}


def test_a_feed_lists_nothing_and_proves_nothing(here, wordpress_pages):
    """What left a feed may well be there still."""
    got = taken(here)
    assert (got.listed, got.promised) == ({}, {})
    assert here.exists(got.entries[0].keys[0]) == "unknown"


def test_the_guid_is_the_only_key(here, wordpress_pages):
    """REST and the export know it too; the number in ``?p=`` may be that of a blog left long ago."""
    hello = taken(here).one("Hello world!")
    assert len(hello.keys) == 1
    assert hello.keys[0].startswith("guid:http://127.0.0.1:8")
    assert hello.keys[0].endswith("/?p=1")


def test_times_come_with_their_offset(here, pages):
    """``+0100`` is an hour before, and a name of a zone counts too."""
    pages["1"] = rss(entry("a", "Mon, 01 Jun 2026 12:00:00 +0100"), entry("b", "Mon, 01 Jun 2026 12:00:00 GMT"))
    got = taken(here)
    assert [e.published for e in got.entries] == [
        datetime(2026, 6, 1, 11, tzinfo=UTC),
        datetime(2026, 6, 1, 12, tzinfo=UTC),
    ]


def test_a_time_of_change_is_not_invented(here, pages):
    """RSS has none."""
    pages["1"] = rss(entry("a", "Mon, 01 Jun 2026 12:00:00 +0100"))
    assert taken(here).entries[0].updated is None


def test_content_is_whole_and_unsanitised(here, wordpress_pages, pages):
    """It is cleaned when it is shown; what was embedded belongs to what was said."""
    pages["1"] = rss(entry("a", content='<p data-x="1">See <iframe src="https://v.example/1"></iframe></p>'))
    (one,) = taken(here).of("post")[:1]
    assert one.content_html == '<p data-x="1">See <iframe src="https://v.example/1"></iframe></p>'


def test_what_is_kept_of_a_post_is_its_own_bytes(here, wordpress_pages, pages):
    """Cut out of the page."""
    got = taken(here)
    assert all(one.raw.startswith(b"<item>") and one.raw.endswith(b"</item>") for one in got.found)
    assert got.raw("Hello world!") in pages["1"]


def test_a_protected_post_comes_without_its_password_form(here, pages):
    """The form is not what somebody wrote; and the post is no public one."""
    form = '<form action="/wp-login.php?action=postpass" class="post-password-form" method="post"></form>'
    pages["1"] = rss(entry("Protected: Mine", content=form))
    (one,) = taken(here).entries
    assert (one.title, one.content_html, one.visibility) == ("Mine", "", Visibility.PRIVATE)
    assert one.extra["protected"] is True


def test_atom_is_read_too(here, pages, recorded):
    """With the time of change, and the same guid."""
    pages["1"] = (recorded / "atom.xml").read_bytes()
    pages["type"] = "application/atom+xml; charset=UTF-8"
    got = taken(here)
    assert len(got.of("post")) == 10
    assert got.one("Hello world!").keys[0].endswith("/?p=1")
    assert all(e.updated for e in got.entries)
    assert got.raw("Hello world!").startswith(b"<entry>")


def test_a_304_means_that_nothing_changed(here, wordpress_pages):
    """One request, with the date alone: beside the ETag, which compression spoils, it would never be a 304."""
    first = taken(here)
    here.asked.clear()
    second = taken(here, first.holds())
    assert (second.found, second.failed) == ([], [])
    (request,) = here.asked
    assert request.headers["If-Modified-Since"] == MODIFIED
    assert "If-None-Match" not in request.headers


def test_another_feed_is_not_asked_by_the_date_of_the_first(here, wordpress_pages):
    """The owner corrects the address; the new feed may be older, and is whole all the same."""
    first = taken(here)
    first.cursor["url"] = "https://elsewhere.example/feed/"
    assert len(taken(here, Holds(first.cursor)).entries) == 20


def test_a_full_harvest_offers_everything_again(here, wordpress_pages, httpserver):
    """The site says that nothing is new, and is not asked."""
    first = taken(here)
    again = taken(source("x", {"url": httpserver.url_for("/feed/"), "full": True}, context()), first.holds())
    assert again.entries == first.entries


def test_a_second_harvest_without_304_yields_nothing_known(here, pages):
    """Servers that know no conditional request are read again, and nothing of it is new."""
    pages["1"] = rss(entry("a"), entry("b"))
    first = taken(here)
    holds = first.holds()
    holds.cursor = {}
    assert taken(here, holds).found == []


def test_what_failed_is_asked_for_in_spite_of_a_304(here, wordpress_pages):
    """Otherwise an enclosure that failed once would never be tried again."""
    first = taken(here)
    key = first.entries[3].keys[0]
    again = taken(here, Holds(first.cursor, frozenset({key}), first.holds().stamps))
    assert [e.keys[0] for e in again.entries] == [key]


def test_a_post_that_moves_to_a_page_already_read_is_found(here, pages):
    """A post is deleted while the pages are read, and all later ones move up by one."""
    names = [f"post {n}" for n in range(6)]
    serve(pages, names)
    pages["then"] = lambda: serve(pages, names[1:])  # once page 1 is served
    assert {e.title for e in taken(here).entries} == set(names)


def test_another_feed_is_one_page(here, pages):
    """Only WordPress knows ``?paged=``; others give page one again and again."""
    pages["1"] = rss(entry("a"), generator="Hugo")
    assert len(taken(here).entries) == 1
    assert len(here.asked) == 1


def test_a_server_that_gives_page_one_for_ever_is_left(here, pages):
    """A cache that ignores the query."""
    pages.update({str(n): rss(entry("a"), entry("b")) for n in range(1, 50)})
    assert len(taken(here).entries) == 2
    assert len(here.asked) < 5


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!doctype html><html><title>Log in</title><form></form></html>", "text/html"),
        (b"<!doctype html><html><title>Just a moment</title></html>", "application/rss+xml"),
        (b"", "application/rss+xml"),
        (b'{"code":"rest_no_route"}', "application/json"),
    ],
)
def test_what_is_no_feed_is_not_content(here, pages, body, kind):
    """A login or challenge page answered with 200."""
    pages.update({"1": body, "type": kind})
    with pytest.raises(SourceUnavailable, match="where its feed should be"):
        taken(here)
    assert [finding.severity for finding in here.check()] == ["error"]


def test_the_blogs_own_address_is_answered_with_that_of_its_feed(here, pages):
    """The mend names it."""
    pages["1"] = b'<html><link rel="alternate" type="application/rss+xml" href="/blog/feed/"></html>'
    pages["type"] = "text/html"
    with pytest.raises(SourceUnavailable) as raised:
        taken(here)
    assert "/blog/feed/ " in raised.value.mend.replace(":", " ")


def test_a_feed_that_breaks_off_keeps_what_was_read(here, wordpress_pages, pages):
    """Page two is a login page: page one stays, and its cursor is not that of a whole feed."""
    pages["2"] = b"<html>log in</html>"
    got = taken(here, catching=SourceUnavailable)
    assert len(got.entries) == 10
    assert got.error is not None
    assert got.cursor == {}


def test_a_control_character_costs_nothing(here, pages):
    """WordPress writes it as it is, and strict readers refuse the whole feed."""
    pages["1"] = rss(entry("a", content="<p>one\x08</p>"), entry("b"))
    got = taken(here)
    assert [e.title for e in got.entries] == ["a", "b"]
    assert got.entries[0].content_html == "<p>one</p>"


def test_an_enclosure_is_a_file(here, pages, httpserver):
    """A podcast's sound, with its type and length."""
    url = httpserver.url_for("/talk.mp3")
    httpserver.expect_request("/talk.mp3").respond_with_data(b"sound")
    pages["1"] = rss(entry("a", more=f'<enclosure url="{url}" length="5" type="audio/mpeg"/>'))
    (file,) = taken(here).entries[0].files
    assert (file.name, file.size, file.media_type) == ("talk.mp3", 5, "audio/mpeg")
    with here.open(file) as stream:
        assert stream.read() == b"sound"


def test_check_says_when_there_are_only_summaries(here, pages):
    """With the setting that mends it."""
    pages["1"] = rss(entry("a", content=None))
    (found,) = [finding for finding in here.check() if finding.code == "summaries-only"]
    assert "Settings > Reading" in found.mend
    assert taken(here).entries[0].extra["partial"] == "summary"


def test_check_says_what_a_feed_misses(here, wordpress_pages):
    """Drafts and all the rest."""
    assert "feed-only" in [finding.code for finding in here.check()]


def rss(*entries, generator="https://wordpress.org/?v=6.1"):
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>B</title><link>https://b.example</link><generator>{generator}</generator>"
        + "".join(entries)
        + "</channel></rss>"
    ).encode()


def entry(title, date="Mon, 01 Jun 2026 12:00:00 +0000", content="<p>Text.</p>", more=""):
    whole = f"<content:encoded><![CDATA[{content}]]></content:encoded>" if content is not None else ""
    return (
        f"<item><title>{title}</title><link>https://b.example/{title.replace(' ', '-')}</link><pubDate>{date}</pubDate>"
        f"<guid>https://b.example/?p={title.replace(' ', '-')}</guid><description>Te…</description>{whole}{more}</item>"
    )


def serve(pages, names):
    """Serve the posts, two a page."""
    for n in [key for key in pages if key.isdigit()]:
        del pages[n]
    for at in range(0, len(names), 2):
        pages[str(at // 2 + 1)] = rss(*(entry(name) for name in names[at : at + 2]))
