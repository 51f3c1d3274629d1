"""What an address turns out to be, and what a person is told."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from connectors.contract import SourceRefused, SourceUnavailable
from connectors.http import Http
from connectors.wordpress.account import capabilities, log_in
from connectors.wordpress.api import Api
from connectors.wordpress.probe import Probe, probe, remembered, to_json
from tests.contract.shelf import Shelf
from tests.servers.site import Site
from tests.wordpress.rest_lab import blog, session

HEAD = '<html lang="en-GB"><head><title>{title}</title>{links}</head><body><link rel="https://api.w.org/" href="/no"/>'


@pytest.fixture
def http() -> Http:
    return session()


def home(server: HTTPServer, links: str = "", title: str = "A blog", **more) -> str:
    """Serve a front page with these links; ``{base}`` in them is the server."""
    page = HEAD.format(title=title, links=links.format(base=server.url_for("").rstrip("/")))
    server.expect_request("/").respond_with_data(page, content_type="text/html", **more)
    return server.url_for("/")


def codes(found: Probe) -> dict[str, str]:
    return {finding.code: finding.severity for finding in found.findings}


REST = '<link rel="https://api.w.org/" title="JSON" href="{base}/wp-json/" />'
RSD = '<link rel="EditURI" type="application/rsd+xml" href="{base}/xmlrpc.php?rsd" />'
RSS = '<link rel="alternate" type="application/rss+xml" href="{base}/feed/" />'
INDEX = {"name": "Jane&#8217;s", "home": "https://b.org", "authentication": [], "timezone_string": "Europe/London"}


def test_rest_is_found_by_the_page(httpserver: HTTPServer, http: Http):
    """7.1 adds a title to the link; only links of the head count, and application passwords may be off."""
    httpserver.expect_request("/wp-json/").respond_with_json(INDEX)
    found = probe(home(httpserver, REST + RSS), http)
    assert (found.kind, found.home, found.name) == ("rest", "https://b.org", "Jane’s")
    assert found.api == httpserver.url_for("/wp-json/")
    assert (found.language, found.zone) == ("en-GB", "Europe/London")
    assert codes(found) == {"rest": "ok", "application-passwords-off": "warning"}
    assert remembered(to_json(found)) == Probe(**to_json(found))


def test_a_warning_in_front_is_told(httpserver: HTTPServer, http: Http):
    body = "<b>Warning</b>: Undefined variable [x]\n" + json.dumps(INDEX)
    httpserver.expect_request("/wp-json/").respond_with_data(body, content_type="application/json")
    assert codes(probe(home(httpserver, REST), http))["noise"] == "note"


def test_rest_closed_by_a_plugin_still_works_with_a_login(httpserver: HTTPServer, http: Http):
    """A plugin's 401 with a code of its own, on everything."""
    httpserver.expect_request("/wp-json/").respond_with_json({"code": "rest_disabled", "message": "no"}, status=401)
    found = probe(home(httpserver, REST), http)
    assert found.kind == "rest"
    assert codes(found) == {"rest-closed": "note"}


def test_html_in_the_api_s_place_leads_to_the_next_way(httpserver: HTTPServer, http: Http):
    """200 with a page of HTML: what ``/wp-json/`` gives with plain permalinks, and some firewalls."""
    httpserver.expect_request("/wp-json/").respond_with_data("<title>Home</title>", content_type="text/html")
    found = probe(home(httpserver, REST + RSS), http)
    assert (found.kind, found.feed) == ("feed", httpserver.url_for("/feed/"))
    assert codes(found) == {"rest-broken": "error", "feed": "warning"}


@pytest.mark.parametrize(("status", "kind"), [(405, "xmlrpc"), (403, "feed"), (404, "feed")])
def test_xmlrpc_where_it_answers(httpserver: HTTPServer, http: Http, status: int, kind: str):
    """A GET is answered 405 by WordPress itself; a host that closed it says 403 or 404."""
    httpserver.expect_request("/xmlrpc.php").respond_with_data("XML-RPC server accepts POST requests only.", status)
    assert probe(home(httpserver, RSD + RSS), http).kind == kind


def test_a_closed_xmlrpc_is_told(httpserver: HTTPServer, http: Http):
    httpserver.expect_request("/xmlrpc.php").respond_with_data("Forbidden", 403)
    assert codes(probe(home(httpserver, RSD + RSS), http))["xmlrpc-off"] == "note"


def test_an_api_that_moved_is_no_wrong_password(httpserver: HTTPServer, http: Http):
    """The password does not follow to another host; the stranger's 401 there must not park the source."""
    with HTTPServer() as other:
        http.configure(httpserver.url_for("/"))
        http.configure(other.url_for("/"))
        other.expect_request("/").respond_with_json({"code": "rest_not_logged_in"}, status=401)
        httpserver.expect_request("/wp-json/wp/v2/users/me").respond_with_response(
            Response(status=301, headers={"Location": other.url_for("/")})
        )
        with pytest.raises(SourceUnavailable) as caught:
            log_in(Api(http, httpserver.url_for("/wp-json/"), ("jane", "secret-word")), "jane")
    assert caught.value.code == "moved"


def test_an_address_of_a_feed_is_a_feed(httpserver: HTTPServer, http: Http):
    httpserver.expect_request("/f").respond_with_data('<?xml version="1.0"?><rss version="2.0"></rss>')
    found = probe(httpserver.url_for("/f"), http)
    assert (found.kind, found.feed) == ("feed", httpserver.url_for("/f"))


def test_a_security_check_is_named(httpserver: HTTPServer, http: Http):
    """A challenge page is no blog without posts."""
    found = probe(home(httpserver, REST, title="Just a moment...", status=403), http)
    assert found.kind == "none"
    assert codes(found) == {"challenge": "error"}


def test_any_other_page_is_nothing(httpserver: HTTPServer, http: Http):
    found = probe(home(httpserver), http)
    assert found.kind == "none"
    assert "A blog" in found.findings[0].message
    assert found.findings[0].mend


def test_wordpress_com_asks_for_the_export(httpserver: HTTPServer, http: Http):
    api = '<link rel="https://api.w.org/" href="https://public-api.wordpress.com/wp/v2/sites/jane.wordpress.com/" />'
    found = probe(home(httpserver, api), http)
    assert found.kind == "wordpress.com"
    assert "type: wordpress-export" in found.findings[0].mend


def test_nothing_to_harvest_is_an_error_with_its_mend(httpserver: HTTPServer):
    from connectors.wordpress.site import source
    from tests.wordpress.rest_lab import lab_context

    with pytest.raises(SourceUnavailable) as caught:
        list(source("blog", {"url": home(httpserver)}, lab_context()).harvest(Shelf()))
    assert caught.value.mend


@pytest.mark.server
class TestLive:
    def test_a_real_wordpress(self, wordpress: Site, http: Http):
        """Three requests at most, and the page that makes an application password."""
        found = probe(wordpress.url, http)
        assert (found.kind, found.home, found.zone) == ("rest", wordpress.url, "Europe/London")
        assert found.application_passwords_url.endswith("/wp-admin/authorize-application.php")
        assert found.xmlrpc == wordpress.url + "/xmlrpc.php"
        assert http.sent.requests == 2

    def test_who_may_do_what(self, wordpress: Site, http: Http):
        """For a target: an author may upload, and may not make a page."""
        http.configure(wordpress.url)
        author = capabilities(wordpress.info["rest"], http, ("author", wordpress.password("author")))
        assert "upload_files" in author.can
        assert "edit_pages" not in author.can

    @pytest.mark.parametrize(
        ("role", "expected"),
        [
            ("admin", {"rest": "ok", "login": "ok"}),
            ("author", {"own-only": "note", "no-pages": "warning", "comments": "note", "others-posts": "note"}),
            ("contributor", {"own-only": "note", "no-pages": "warning", "comments": "note"}),
            ("subscriber", {"subscriber": "warning"}),
            ("", {"anonymous": "warning"}),
        ],
    )
    def test_check_says_what_is_missed(self, wordpress: Site, role: str, expected: dict[str, str]):
        """Each role, in words, with what mends it."""
        findings = list(blog(wordpress, role).check())
        told = {finding.code: finding.severity for finding in findings}
        assert expected.items() <= told.items()
        assert "error" not in told.values()

    def test_check_names_the_causes_of_a_silent_refusal(self, wordpress: Site):
        """WordPress says only that nobody is logged in; a person needs the list of what it can be."""
        findings = list(blog(wordpress, password="aaaa bbbb cccc dddd eeee ffff").check())
        told = {finding.code for finding in findings}
        assert {"not-logged-in", "wrong-password", "wrong-user", "stripped-authorization"} <= told
        assert not any("aaaa" in finding.message + finding.mend for finding in findings)


@pytest.mark.server
def test_plain_permalinks_work(plain_wordpress: Site):
    """No ``/wp-json/`` there: it answers 200 with the front page. The API's address comes from the site itself."""
    found = probe(plain_wordpress.url, session())
    assert "rest_route=" in found.api
    assert codes(found)["plain-permalinks"] == "note"
    shelf = Shelf()
    report = shelf.harvest(blog(plain_wordpress))
    assert report.promised["post"] == len(shelf.of("post")) > 30
    assert shelf.harvest(blog(plain_wordpress)).stored == []


@pytest.mark.server
class TestOtherWays:
    @pytest.fixture
    def without_rest(self, plain_wordpress: Site) -> Iterator[Site]:
        """The site with a plugin that hides and closes REST, as owners do who were told that it is dangerous."""
        plugin = plain_wordpress.docroot / "wp-content" / "mu-plugins" / "no-rest.php"
        plugin.write_text(
            "<?php add_action('init', function () { remove_action('wp_head', 'rest_output_link_wp_head');"
            " remove_action('template_redirect', 'rest_output_link_header', 11); });"
        )
        yield plain_wordpress
        plugin.unlink()

    def test_xmlrpc_with_a_login_the_feed_without(self, without_rest: Site):
        """The next best way is taken, remembered, and gives the posts the same keys."""
        shelves = {}
        for role, way in (("admin", "xmlrpc"), ("", "feed")):
            shelves[way] = shelf = Shelf()
            shelf.harvest(blog(without_rest, role))
            assert shelf.cursor["way"] == way
            assert shelf.harvest(blog(without_rest, role)).stored == []
        guids = [{e.keys[0] for e in shelf.of("post").values()} for shelf in shelves.values()]
        assert guids[1] <= guids[0]
        assert guids[1]

    @pytest.fixture
    def closed_rest(self, plain_wordpress: Site) -> Iterator[Site]:
        """The site with a plugin that answers strangers 401 on everything of REST, with a code of its own."""
        plugin = plain_wordpress.docroot / "wp-content" / "mu-plugins" / "closed-rest.php"
        plugin.write_text(
            "<?php add_filter('rest_authentication_errors', function ($r) { is_user_logged_in(); return $r; }, 5);"
            "add_filter('rest_authentication_errors', fn($r) => is_wp_error($r) || is_user_logged_in() ? $r :"
            " new WP_Error('rest_closed_to_you', 'no', ['status' => 401]), 100);"
        )
        yield plain_wordpress
        plugin.unlink()

    def test_a_closed_rest_opens_with_a_login(self, closed_rest: Site):
        """With a password REST, without one the feed; and the plugin makes WordPress say what is wrong with a login."""
        for role, way in (("admin", "rest"), ("", "feed")):
            shelf = Shelf()
            shelf.harvest(blog(closed_rest, role))
            assert shelf.cursor["way"] == way
            assert shelf.of("post")
        for user, password, code in (
            ("admin", "aaaa bbbb cccc dddd eeee ffff", "wrong-password"),
            ("nobody", closed_rest.password("admin"), "wrong-user"),
        ):
            with pytest.raises(SourceRefused) as caught:
                Shelf().harvest(blog(closed_rest, user, password=password))
            assert caught.value.code == code

    def test_a_moved_api_is_found_again(self, plain_wordpress: Site):
        """The permalinks were changed since the last harvest: the remembered address gives the front page."""
        shelf = Shelf()
        shelf.harvest(blog(plain_wordpress))
        shelf.cursor["found"]["api"] = plain_wordpress.url + "/wp-json/"
        assert shelf.harvest(blog(plain_wordpress)).stored == []
        assert "rest_route=" in shelf.cursor["found"]["api"]
