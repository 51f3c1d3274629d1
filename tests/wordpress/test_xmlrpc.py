"""XML-RPC as a way into WordPress: on a real site, and against a small fake for what a real one does on a bad day."""

from __future__ import annotations

import xmlrpc.client
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from werkzeug import Response

from archive.entry import Visibility
from connectors.contract import SourceRefused, SourceUnavailable
from connectors.http import Http
from connectors.wordpress import site
from connectors.wordpress import xmlrpc as route
from connectors.wordpress.xmlrpc_calls import _structs
from tests.wordpress.wxr_samples import FIXTURES, context, taken

# --- a real site ----------------------------------------------------------------------------------------------------


@pytest.fixture
def account(wordpress):
    """Return the route for a role of the live site."""

    def of(role, password=None):
        http = Http(attempts=1, configured=[urlsplit(wordpress.url).netloc])
        made = route.XmlrpcRoute(f"{wordpress.url}/xmlrpc.php", role, password or wordpress.password(role), http)
        made.http = http
        return made

    return of


@pytest.mark.server
def test_every_status_arrives_and_the_scheduled_post_is_not_public(account):
    """WordPress gives a scheduled post out as published: only asking for the scheduled ones tells."""
    got = taken(account("admin"))
    assert {e.status for e in got.of("post")} == {"publish", "future", "draft", "pending", "private", "trash"}
    scheduled = got.one("A scheduled post")
    assert (scheduled.status, scheduled.visibility) == ("future", Visibility.PRIVATE)
    assert all(e.visibility is Visibility.PRIVATE for e in got.of("post") if e.status != "publish")


@pytest.mark.server
def test_an_administrator_gets_complete_lists(account, wordpress):
    """All that the database has, and what is promised is what is there."""
    got = taken(account("admin"))
    for kind, count in (("post", "post"), ("page", "page"), ("media", "attachment")):
        ((number,),) = wordpress.sql(
            f"select count(*) from wp_posts where post_type='{count}' and post_status <> 'auto-draft'"
        )
        assert len(got.of(kind)) == got.promised[kind] == int(number)
    assert {scope.rpartition("/")[2] for scope in got.listed} == {"post", "page", "media", "comment"}


@pytest.mark.server
@pytest.mark.parametrize("role", ["author", "contributor", "subscriber"])
def test_a_lesser_account_sees_less_and_proves_nothing(account, role):
    """Others' posts are left out of its lists without a word: no list is complete, and nothing is deleted."""
    got = taken(account(role))
    assert got.listed == {}
    assert got.failed == []
    assert all(e.author == "own" for e in got.of("post"))
    assert "own-posts-only" in [finding.code for finding in account(role).check()]


@pytest.mark.server
def test_a_deleted_thing_is_proved_gone_by_its_number(account):
    """Fault 404 under a login of this run; without one nothing is said."""
    here = account("admin")
    got = taken(here)
    site = got.one("Hello world!").keys[1].removesuffix("/post/1")
    assert here.exists(f"{site}/post/1") == "unlisted"
    assert here.exists(got.one("A post in the bin").keys[1]) == "unlisted"
    assert here.exists(f"{site}/post/999999") == "gone"
    assert here.exists(f"{site}/media/999999") == "gone"
    assert here.exists(f"{site}/comment/999999") == "gone"
    assert here.exists(f"{site}/term/999999") == "unknown"
    assert account("admin").exists(f"{site}/post/999999") == "unknown"


@pytest.mark.server
def test_a_wrong_password_is_tried_once(account, wordpress):
    """Hosts lock accounts after a few."""
    here = account("admin", "wrong wrong wrong")
    with pytest.raises(SourceRefused) as raised:
        taken(here)
    assert "keepfolio login" in raised.value.mend
    assert here.http.sent.requests == 2  # which methods there are, without a password; and the login


@pytest.mark.server
def test_files_are_streamed_as_they_are_served(account, wordpress):
    """The original, not the scaled copy."""
    here = account("admin")
    (photo,) = taken(here).one("wide-photo").files
    path = wordpress.docroot / photo.url.partition("/wp-content/")[2]
    with here.open(photo) as stream:
        assert stream.read() == (wordpress.docroot / "wp-content" / path.relative_to(wordpress.docroot)).read_bytes()


# --- a fake ---------------------------------------------------------------------------------------------------------

OK = [
    {
        "isAdmin": True,
        "url": "http://b.example/",
        "blogid": "1",
        "blogName": "B",
        "xmlrpc": "http://b.example/xmlrpc.php",
    }
]
METHODS = [
    "wp.getUsersBlogs", "wp.getPosts", "wp.getPost", "wp.getPostTypes", "wp.getMediaLibrary", "wp.getComments",
    "wp.getTaxonomies", "wp.getAuthors", "wp.getProfile",
]  # fmt: skip


class Fake:
    """Answers calls as WordPress does; ``posts`` is what it holds, ``broken`` the numbers whose text is no XML."""

    def __init__(self):
        self.posts = []
        self.broken = set()
        self.faults = {}
        self.calls = []
        self.whole_answer = None

    def answer(self, request):
        arguments, method = xmlrpc.client.loads(request.get_data())
        self.calls.append((method, arguments))
        if self.whole_answer is not None and method != "mt.supportedMethods":
            return Response(self.whole_answer, content_type="text/xml")
        if method in self.faults:
            body = xmlrpc.client.dumps(self.faults[method], allow_none=True)
            return Response(body, content_type="text/xml")
        found = self.result(method, arguments)
        text = xmlrpc.client.dumps((found,), methodresponse=True, allow_none=True)
        if method == "wp.getPosts" and any("post_content" in p and p["post_id"] in self.broken for p in found):
            text = text.replace("</array>", "<b>Warning</b>: broken <in foo.php")
        return Response(text, content_type="text/xml")

    def result(self, method, arguments):
        if method == "mt.supportedMethods":
            return METHODS
        if method == "wp.getUsersBlogs":
            return OK
        if method == "wp.getPosts":
            wanted, fields = arguments[3], arguments[4]
            if wanted["post_type"] != "post" or wanted["post_status"] == ["future"]:
                return []
            window = self.posts[wanted["offset"] : wanted["offset"] + wanted["number"]]
            return [{k: v for k, v in p.items() if k == "post_id" or "post" in fields} for p in window]
        return {} if method in ("wp.getPostTypes", "wp.getProfile") else []


@pytest.fixture
def fake():
    return Fake()


@pytest.fixture
def here(fake, httpserver):
    httpserver.expect_request("/xmlrpc.php").respond_with_handler(fake.answer)
    return route.XmlrpcRoute(httpserver.url_for("/xmlrpc.php"), "jane", "pass word", own_session(httpserver))


def own_session(httpserver):
    return Http(attempts=1, configured=[urlsplit(httpserver.url_for("")).netloc])


def written(number, content="Text."):
    return {
        "post_id": str(number), "post_title": f"Post {number}", "post_type": "post", "post_status": "publish",
        "post_content": content, "guid": f"http://b.example/?p={number}", "post_password": "",
        "post_date_gmt": xmlrpc.client.DateTime("20260301T12:00:04"),
        "post_modified_gmt": xmlrpc.client.DateTime("20260301T12:00:04"),
    }  # fmt: skip


def test_one_broken_post_costs_one_post(here, fake):
    """A plugin's warning stands in the middle of the answer: the window is halved down to the post that does it."""
    fake.posts = [written(n) for n in range(1, 121)]
    fake.broken = {"77"}
    got = taken(here)
    assert {e.native_id for e in got.of("post")} == {str(n) for n in range(1, 121)} - {"77"}
    (failed,) = got.failed
    assert failed.key == "wordpress:b.example/post/77"
    assert got.listed == {}


def test_a_list_that_ends_as_promised_is_complete(here, fake):
    """Also when its last window is exactly full."""
    fake.posts = [written(n) for n in range(1, 101)]
    got = taken(here)
    assert len(got.of("post")) == 100
    assert len(got.listed["wordpress:b.example/post"]) == 200


def test_a_control_character_costs_nothing(here, fake):
    """It is left out, as everywhere."""
    fake.posts = [written(1, "one\x08 two")]
    assert taken(here).entries[0].content_html == "<p>one two</p>"


def test_times_are_aware_and_utc(here, fake):
    """The library gives naive ones."""
    fake.posts = [written(1)]
    (entry,) = taken(here).entries
    assert entry.published.isoformat() == "2026-03-01T12:00:04+00:00"


def test_a_fault_403_about_something_else_is_no_wrong_password(here, fake):
    """The library takes every 403 for a wrong password; the source would be parked for nothing."""
    fake.faults["wp.getPosts"] = xmlrpc.client.Fault(403, "Invalid post type.")
    got = taken(here)
    assert got.entries == []
    assert got.listed == {}


def test_xmlrpc_that_is_switched_off_says_so(here, fake):
    """Fault 405: the filter ``xmlrpc_enabled``."""
    fake.faults["wp.getUsersBlogs"] = xmlrpc.client.Fault(405, "XML-RPC services are disabled on this site.")
    with pytest.raises(SourceUnavailable) as raised:
        taken(here)
    assert raised.value.code == "xmlrpc-off"
    assert [finding.code for finding in here.check()] == ["xmlrpc-off"]


def test_a_host_that_closed_the_door_says_so(httpserver):
    """403 of the web server, with a page of HTML."""
    httpserver.expect_request("/xmlrpc.php").respond_with_data("<html>Forbidden</html>", status=403)
    closed = route.XmlrpcRoute(httpserver.url_for("/xmlrpc.php"), "jane", "pass word", own_session(httpserver))
    with pytest.raises(SourceUnavailable, match="403 where XML-RPC should be"):
        taken(closed)


@pytest.mark.parametrize(
    "body",
    [
        b"<html><title>Log in</title></html>",
        b"",
        b'<!DOCTYPE a [<!ENTITY b "c">]><methodResponse><params><param>&b;</param></params></methodResponse>',
    ],
)
def test_what_is_no_answer_is_not_content(here, fake, body):
    """A login page with 200, nothing, and XML that brings entities of its own."""
    fake.whole_answer = body
    with pytest.raises(SourceUnavailable):
        taken(here)


def test_a_password_is_not_sent_in_the_open():
    """It would stand in the body of every call."""
    http = Http(attempts=1, configured=["blog.example.org"])
    here = route.XmlrpcRoute("http://blog.example.org/xmlrpc.php", "jane", "pass word", http)
    with pytest.raises(SourceUnavailable) as raised:
        taken(here)
    assert raised.value.code == "insecure"
    assert http.sent.requests == 0


def test_a_password_does_not_follow_a_redirect_to_another_host(httpserver):
    """Nor does a call that carries none."""
    elsewhere = httpserver.url_for("/theirs.php").replace("127.0.0.1", "localhost")
    httpserver.expect_request("/xmlrpc.php").respond_with_data(status=307, headers={"Location": elsewhere})
    methods = xmlrpc.client.dumps((METHODS,), methodresponse=True)
    httpserver.expect_request("/theirs.php").respond_with_data(methods, content_type="text/xml")
    http = own_session(httpserver)
    http.configure(elsewhere)
    here = route.XmlrpcRoute(httpserver.url_for("/xmlrpc.php"), "jane", "pass word", http)
    with pytest.raises(SourceUnavailable, match="answered 307"):
        taken(here)
    assert len(httpserver.log) == 1
    assert not any(b"pass word" in request.get_data() for request, _ in httpserver.log)


def test_without_a_login_nothing_is_asked(httpserver):
    """XML-RPC tells strangers nothing."""
    options = {"endpoint": httpserver.url_for("/xmlrpc.php"), "user": "jane"}
    with pytest.raises(SourceRefused, match="no password"):
        route.source("blog", options, context())
    assert httpserver.log == []


def test_only_what_the_owner_wrote_is_taken_when_asked(fake, httpserver):
    """``author: me`` on a blog that several people write."""
    httpserver.expect_request("/xmlrpc.php").respond_with_handler(fake.answer)
    fake.posts = [{**written(1), "post_author": "7"}, {**written(2), "post_author": "8"}]
    answers = fake.result
    fake.result = lambda method, args: {"user_id": "7"} if method == "wp.getProfile" else answers(method, args)
    options = {"endpoint": httpserver.url_for("/xmlrpc.php"), "user": "jane", "author": "me"}
    mine = route.source("blog", options, replace(context(), secret=lambda _: "pass word"))
    assert [e.native_id for e in taken(mine).of("post")] == ["1"]


def test_author_me_reaches_xmlrpc_too(fake, httpserver):
    """``type: wordpress`` of a site without REST: the same option, and strangers' posts stay away."""
    link = f'<link rel="EditURI" type="application/rsd+xml" href="{httpserver.url_for("/xmlrpc.php")}?rsd" />'
    httpserver.expect_request("/").respond_with_data(f"<html><head>{link}</head></html>", content_type="text/html")
    closed = "XML-RPC server accepts POST requests only."
    httpserver.expect_request("/xmlrpc.php", method="GET").respond_with_data(closed, 405)
    httpserver.expect_request("/xmlrpc.php", method="POST").respond_with_handler(fake.answer)
    fake.posts = [{**written(1), "post_author": "7"}, {**written(2), "post_author": "8"}]
    answers = fake.result
    fake.result = lambda method, args: {"user_id": "7"} if method == "wp.getProfile" else answers(method, args)
    options = {"url": httpserver.url_for("/"), "user": "jane", "author": "me"}
    mine = site.source("blog", options, replace(context(), secret=lambda _: "pass word"))
    assert [e.native_id for e in taken(mine).of("post")] == ["1"]


def test_a_type_without_pages_is_private(here, fake):
    """XML-RPC does not say which types strangers can open: all but posts and pages count as closed."""
    fake.posts = [written(1), {**written(2), "post_type": "flamingo_inbound"}]
    seen = {e.native_id: e.visibility for e in taken(here).entries}
    assert seen == {"1": Visibility.PUBLIC, "2": Visibility.PRIVATE}


# --- recorded answers of 7.1 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count"), [("getPosts.xml", 10), ("getMediaLibrary.xml", 8), ("getUsersBlogs.xml", 1)]
)
def test_an_answer_is_cut_into_its_own_structs(name, count):
    """Each is an item's bytes; structs inside of it are part of it."""
    body = (FIXTURES / "xmlrpc" / name).read_bytes()
    cut = list(_structs(body))
    ((items,), _) = xmlrpc.client.loads(body)
    assert len(cut) == len(items) == count
    for data, struct in zip(cut, items, strict=True):
        ((again,), _) = xmlrpc.client.loads(b"<params><param><value>" + data + b"</value></param></params>")
        assert again == struct
