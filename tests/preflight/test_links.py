"""Links: asked once, without a login; what an answer means; and what they answered over time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from bridge.preflight import history, links
from bridge.preflight.links import Seen
from bridge.workspace import Workspace
from connectors.http import Http

PAGE = "<html><head><title>A page</title></head><body>" + "<p>Words of a page. </p>" * 80 + "</body></html>"
LOGIN = "<html><title>Log in to the site</title><form><input type='password' name=p></form></html>"


@pytest.fixture
def http(httpserver: HTTPServer) -> Http:
    """A session to whose owner the test's server belongs: else loopback is nobody's to ask."""
    return Http(configured={f"{httpserver.host}:{httpserver.port}"}, attempts=1)


def seen(http: Http, url: str) -> str:
    return links.look(http, url).state


@pytest.mark.parametrize(
    ("status", "page", "state"),
    [
        (200, PAGE, "works"),
        (404, PAGE, "gone"),
        (410, "", "gone"),
        (401, "", "login"),
        (500, "", "unsure"),
        (429, "", "unsure"),
        (200, LOGIN, "login"),
        (200, "<form><input type=password></form>", "login"),
        (200, PAGE.replace("A page", "Page not found - Northshire"), "gone"),
        (200, PAGE.replace("A page", "Nothing was not foundered"), "works"),
        (200, PAGE.replace("<p>", "<form><input type=password></form><p>", 1), "works"),
    ],
)
def test_what_an_answer_means(http: Http, httpserver: HTTPServer, status: int, page: str, state: str) -> None:
    """A page to log in is not what was linked, nor is "not found" with a 200; a blog with a log-in box is fine."""
    httpserver.expect_request("/x").respond_with_data(page, status=status, content_type="text/html")
    assert seen(http, httpserver.url_for("/x")) == state
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("place", "state"),
    [("/login/index.php", "login"), ("/idp/profile/SAML2/Redirect/SSO", "login"), ("/", "elsewhere"), ("/y/", "works")],
)
def test_where_a_redirect_leads(http: Http, httpserver: HTTPServer, place: str, state: str) -> None:
    """To a place to log in, to the front page, or to where the page is now."""
    httpserver.expect_request("/x").respond_with_response(Response(status=302, headers={"Location": place}))
    httpserver.expect_request(place).respond_with_data(PAGE, content_type="text/html")
    assert seen(http, httpserver.url_for("/x")) == state


def test_an_address_inside_a_network_is_never_asked(httpserver: HTTPServer) -> None:
    """It was only found on a page, and nobody else could reach it."""
    assert seen(Http(attempts=1), httpserver.url_for("/x")) == "private"
    assert httpserver.log == []


def test_a_redirect_into_a_network_is_not_followed(http: Http, httpserver: HTTPServer) -> None:
    """A page on the web may not lead inside either."""
    httpserver.expect_request("/x").respond_with_response(
        Response(status=302, headers={"Location": "http://127.0.0.1:9/admin"})
    )
    assert seen(http, httpserver.url_for("/x")) == "private"


def test_no_login_of_the_owner_goes_along(http: Http, httpserver: HTTPServer) -> None:
    """Neither a password nor a cookie: it is asked as a stranger would."""
    httpserver.expect_request("/x").respond_with_data(PAGE, content_type="text/html")
    links.look(http, httpserver.url_for("/x"))
    [(request, _)] = httpserver.log
    assert request.method == "GET"
    assert "Authorization" not in request.headers
    assert "Cookie" not in request.headers


def test_a_file_is_not_read(http: Http, httpserver: HTTPServer) -> None:
    """Its status is enough, whatever stands in it."""
    httpserver.expect_request("/x").respond_with_data(LOGIN, content_type="application/pdf")
    assert seen(http, httpserver.url_for("/x")) == "works"


def test_a_computer_that_is_not_connected_says_nothing_of_links(http: Http) -> None:
    """Nobody answers at several hosts: that is no news of them. One answer, or few hosts, and it is."""
    dead = [links.look(http, f"http://{name}.invalid/") for name in "abc"]
    assert [one.state for one in dead] == ["gone"] * 3
    assert links.unconnected(dead)
    assert not links.unconnected(dead[:2])
    assert not links.unconnected([*dead, Seen(URL, "works")])
    assert [one.state for one in links.settled(dead[:2])] == ["unsure", "unsure"]
    assert [one.state for one in links.settled([dead[0], Seen(URL, "works")])] == ["gone", "works"]


# --- history ----------------------------------------------------------------------------------------------------------

URL = "https://example.org/a"


def test_how_long_an_address_works(tmp_path: Path) -> None:
    """The stretches of days in which it answered alike are kept, and said."""
    known: history.History = {}
    for day, state in ((1, "works"), (9, "works"), (12, "gone"), (15, "works"), (20, "works")):
        known = history.noted(known, [Seen(URL, state)], date(2026, 3, day))
    assert [(s.state, s.first.day, s.last.day) for s in known[URL]] == [
        ("works", 1, 9),
        ("gone", 12, 12),
        ("works", 15, 20),
    ]
    assert history.in_words(known[URL]) == "works since 15 March 2026; last failed on 12 March 2026"
    workspace = Workspace(tmp_path)
    history.write(workspace, known)
    assert history.read(workspace) == known


def test_how_long_an_address_fails() -> None:
    """And when it worked last, if it ever did."""
    known = history.noted({}, [Seen(URL, "works")], date(2026, 3, 1))
    known = history.noted(known, [Seen(URL, "gone", "404")], date(2026, 4, 1))
    assert history.in_words(known[URL]) == "failing since 1 April 2026; last worked on 1 March 2026"


@pytest.mark.parametrize("text", ["", "[]", '{"links": 1}', '{"links": {"x": [{"state": "works"}]}}'])
def test_a_history_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    """It may be forgotten at any time."""
    workspace = Workspace(tmp_path)
    workspace.state.mkdir(parents=True)
    (workspace.state / history.FILE_NAME).write_text(text)
    assert history.read(workspace) == {}


def test_an_address_with_a_password_is_never_asked() -> None:
    """It would be the login of somebody; that it stands on the page is said as personal data."""
    from archive.entry import Visibility
    from bridge.portfolio import said
    from bridge.portfolio.narrative import Narrative, Passage
    from tests.portfolio.samples import assembled

    text = "[a](https://jane:geheim@site.example.org/x) [b](https://site.example.org/y)"
    words = Narrative("context", ready=True, visibility=Visibility.PUBLIC, passages=(Passage("", "", text),))
    portfolio = assembled([], {"context": words})
    assert list(links.addresses(portfolio)) == ["https://site.example.org/y"]
    assert any("geheim" in one.text for one in said.everything(portfolio))


@pytest.mark.parametrize("page", ["<title>", "<input ", "<input type", "<script", "<script>", "<head ", "<"])
def test_a_hostile_page_is_judged_at_once(page: str) -> None:
    """What is read of a page may hold one beginning a thousand times; the search must not grow with its square."""
    many = page * (links.ENOUGH // len(page))
    for text in (many, f"<input type=password>{many}"):
        links.judged("https://a.example/x", "https://a.example/x", 200, text)
