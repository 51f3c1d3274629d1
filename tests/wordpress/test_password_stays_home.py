"""The password goes to the host that the owner wrote, whatever an answer names as the place to log in."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_httpserver import HTTPServer

from connectors.contract import FileGone, SourceUnavailable
from connectors.http import Http
from connectors.http_address import same_site
from connectors.wordpress import page
from connectors.wordpress.account import capabilities
from connectors.wordpress.probe import probe
from connectors.wordpress.site import source
from connectors.wordpress.xmlrpc_calls import Calls
from tests.contract.shelf import Shelf
from tests.contract.suite import context
from tests.publish.samples import Publisher, release

SECRET = "abcd efgh ijkl"
REST = '<link rel="https://api.w.org/" href="{base}/wp-json/" />'
RSD = '<link rel="EditURI" type="application/rsd+xml" href="{base}/xmlrpc.php?rsd" />'
RSS = '<link rel="alternate" type="application/rss+xml" href="{base}/feed/" />'


@pytest.fixture
def theirs() -> Iterator[HTTPServer]:
    """Somebody's server, which would like to have the password."""
    with HTTPServer() as server:
        server.expect_request("/wp-json/").respond_with_json({"name": "B", "home": server.url_for("/")})
        server.expect_request("/wp-json/wp/v2/users/me").respond_with_json({"id": 1, "slug": "jane"})
        server.expect_request("/xmlrpc.php").respond_with_data("XML-RPC server accepts POST requests only.", 405)
        yield server


def tampered(server: HTTPServer, theirs: HTTPServer, links: str) -> str:
    """Serve a front page, as plain http lets anybody rewrite it."""
    head = links.format(base=theirs.url_for("").rstrip("/"))
    server.expect_request("/").respond_with_data(f"<html><head>{head}</head></html>", content_type="text/html")
    return server.url_for("/")


def knowing(*servers: HTTPServer) -> Http:
    """A session to which each of these is some source or target of the owner's."""
    return Http(attempts=1, configured=[urlsplit(server.url_for("")).netloc for server in servers])


def got_nothing_secret(server: HTTPServer) -> bool:
    return not any("Authorization" in request.headers or request.method == "POST" for request, _ in server.log)


@pytest.mark.parametrize("links", [REST, RSD], ids=["rest", "xmlrpc"])
def test_a_source_sends_no_password_to_a_host_that_the_page_names(httpserver, theirs, links):
    """Not even where that host is the address of another source."""
    url = tampered(httpserver, theirs, links)
    here = source("blog", {"url": url, "user": "jane"}, context(knowing(httpserver, theirs), secret=SECRET))
    with pytest.raises(SourceUnavailable) as caught:
        Shelf().harvest(here)
    assert caught.value.code == "moved"
    assert theirs.url_for("").rstrip("/") in caught.value.mend
    assert got_nothing_secret(theirs)


def test_a_target_sends_no_password_to_a_host_that_the_page_names(httpserver, theirs):
    """Nothing is written there either."""
    options = {"url": tampered(httpserver, theirs, REST), "user": "jane", "page": "p"}
    here = page.target("site", options, context(knowing(httpserver, theirs), secret=SECRET))
    with pytest.raises(SourceUnavailable) as caught:
        Publisher(here).publish(release())
    assert caught.value.code == "moved"
    assert got_nothing_secret(theirs)


@pytest.mark.parametrize("way", ["rest", "xmlrpc"])
def test_a_first_login_sends_no_password_there(httpserver, theirs, monkeypatch, way):
    """As ``init`` and ``login`` do it, with the address that the probe gave; on the web no guard stops them."""
    monkeypatch.setattr("connectors.http_wire.guard", lambda url: None)
    http = knowing(httpserver)
    found = probe(tampered(httpserver, theirs, REST if way == "rest" else RSD), http)
    doors = {
        "rest": lambda: capabilities(found.api, http, ("jane", SECRET)),
        "xmlrpc": lambda: Calls(found.xmlrpc, "jane", SECRET, http).login(),
    }
    with pytest.raises(SourceUnavailable) as caught:
        doors[way]()
    assert caught.value.code == "moved"
    assert got_nothing_secret(theirs)


def test_a_remembered_address_is_forgotten_with_the_url(httpserver, theirs):
    """The owner wrote another url into config.yaml: the old site gets no password, and is not read."""
    httpserver.expect_request("/").respond_with_data("<html>no blog</html>", content_type="text/html")
    shelf = Shelf()
    api = theirs.url_for("/wp-json/")
    shelf.cursor = {"way": "rest", "found": {"kind": "rest", "home": theirs.url_for("/"), "api": api}}
    options = {"url": httpserver.url_for("/"), "user": "jane"}
    with pytest.raises(SourceUnavailable):
        shelf.harvest(source("blog", options, context(knowing(httpserver, theirs), secret=SECRET)))
    assert theirs.log == []


@pytest.mark.parametrize("links", [REST, RSS], ids=["rest", "feed"])
def test_an_address_that_an_answer_gave_is_guarded(httpserver, theirs, links):
    """A page must not make us ask a machine of the owner's own network."""
    here = source("blog", {"url": tampered(httpserver, theirs, links)}, context(knowing(httpserver)))
    with pytest.raises(SourceUnavailable) as caught:
        Shelf().harvest(here)
    assert caught.value.code == "private-address"
    assert theirs.log == []


def test_a_home_that_the_api_names_is_guarded_too(httpserver, theirs):
    """``home`` is a word of the answer: its files are fetched as discovered ones."""
    from archive.entry import MediaFile

    httpserver.expect_request("/wp-json/").respond_with_json({"name": "B", "home": theirs.url_for("/")})
    url = tampered(httpserver, httpserver, REST)
    here = source("blog", {"url": url}, context(knowing(httpserver)))
    with pytest.raises(SourceUnavailable) as caught:
        here.open(MediaFile(name="a.txt", url=theirs.url_for("/a.txt"), media_type="text/plain"))
    assert caught.value.code == "private-address"
    with pytest.raises(FileGone):
        here.open(MediaFile(name="a.txt", url=_missing(httpserver), media_type="text/plain"))


def _missing(server: HTTPServer) -> str:
    server.expect_request("/a.txt").respond_with_data("", 404)
    return server.url_for("/a.txt")


@pytest.mark.parametrize(
    ("written", "named", "same"),
    [
        ("https://blog.example.org", "https://blog.example.org/wp-json/", True),
        ("http://blog.example.org", "https://www.blog.example.org/wp-json/", True),
        ("www.example.org", "https://example.org:443/", True),
        ("http://127.0.0.1:8081/", "http://127.0.0.1:8081/index.php?rest_route=/", True),
        ("http://127.0.0.1:8081/", "http://127.0.0.1:8082/", False),
        ("https://example.org", "https://blog.example.org", False),
        ("https://example.org", "https://example.org.evil.example", False),
        ("https://example.org", "", False),
        ("", "", False),
    ],
)
def test_what_is_the_same_site(written, named, same):
    """``www.`` and https make no other site; anything else does."""
    assert same_site(written, named) is same
