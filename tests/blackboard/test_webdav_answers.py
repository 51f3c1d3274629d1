"""What servers write into a listing is read as meant, and what they should not write does no harm."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer

from connectors.blackboard.webdav import Thing, listing
from connectors.contract import SourceUnavailable
from connectors.http import Http

AUTH = ("rashby", "secret")
FOLDER = "/bbcswebdav/users/rashby/"

APACHE = """<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:">
<D:response xmlns:lp1="DAV:" xmlns:g0="DAV:"><D:href>/bbcswebdav/users/rashby/</D:href>
<D:propstat><D:prop><lp1:resourcetype><D:collection/></lp1:resourcetype></D:prop>
<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
<D:response xmlns:lp1="DAV:"><D:href>/bbcswebdav/users/rashby/party%20%f0%9f%8e%89%20%231.png</D:href>
<D:propstat><D:prop>
<lp1:resourcetype/><lp1:creationdate>2026-11-22T08:43:24Z</lp1:creationdate>
<lp1:getlastmodified>Sun, 22 Nov 2026 09:43:24 GMT</lp1:getlastmodified>
<lp1:getcontentlength>80</lp1:getcontentlength><lp1:getetag>W/"50-660d"</lp1:getetag></D:prop>
<D:status>HTTP/1.1 200 OK</D:status></D:propstat>
<D:propstat><D:prop><lp1:getcontentlength>99</lp1:getcontentlength></D:prop>
<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>
</D:multistatus>"""


def answer(*hrefs: str, more: str = "", head: str = "") -> str:
    """Return a listing with these addresses; those with a slash at the end are folders."""
    parts = (
        f"<response><href>{href}</href><propstat><prop><resourcetype>"
        f"{'<collection/>' if href.endswith('/') else ''}</resourcetype></prop><status>HTTP/1.1 200 OK</status>"
        f"</propstat>{more}</response>"
        for href in hrefs
    )
    return f'<?xml version="1.0"?>{head}<multistatus xmlns="DAV:">{"".join(parts)}</multistatus>'


@pytest.fixture
def things(httpserver: HTTPServer):
    def ask(text: str) -> dict[str, Thing]:
        httpserver.expect_request(FOLDER, method="PROPFIND").respond_with_data(
            text.encode(), status=207, content_type="text/xml"
        )
        found = listing(Http(attempts=1), httpserver.url_for(FOLDER), AUTH)
        assert isinstance(found, tuple)
        return {thing.name: thing for thing in found}

    return ask


def test_what_is_asked_for(things, httpserver: HTTPServer):
    """Depth 1, five named properties, and the password for this host."""
    things(answer(FOLDER))
    request = httpserver.log[0][0]
    assert (request.headers["Depth"], request.authorization.username) == ("1", "rashby")
    assert [request.data.count(b"<D:" + name) for name in (b"prop>", b"get", b"allprop")] == [1, 3, 0]


def test_apaches_own_prefixes_and_lower_case_escapes(things):
    """Recorded from mod_dav: any prefix, a weak ETag, properties that are not there in a part of their own."""
    (thing,) = things(APACHE).values()
    assert thing.name == "party%20%F0%9F%8E%89%20%231.png"
    assert (thing.size, thing.etag, thing.folder) == (80, "50-660d", False)
    assert thing.created == datetime(2026, 11, 22, 8, 43, 24, tzinfo=UTC)
    assert thing.modified == datetime(2026, 11, 22, 9, 43, 24, tzinfo=UTC)
    assert thing.raw.startswith(b"<D:response")
    assert thing.raw.endswith(b"</D:response>")


@pytest.mark.parametrize(
    "begin",
    [FOLDER, "https://inside.example:8443" + FOLDER, "/content/users/rashby/", "/bbcswebdav/users/Rashby/", ""],
)
def test_the_folder_is_known_by_whatever_address_the_server_has_for_it(things, begin: str):
    """Behind a proxy, absolute or relative: names are what counts, and the folder itself is none of them."""
    folder = begin or FOLDER
    assert sorted(things(answer(folder, f"{begin}a.txt", f"{begin}b%20c/"))) == ["a.txt", "b%20c"]


def test_names_that_servers_forget_to_escape(things):
    """A ``#`` or ``?`` ends no name; a lone ``%`` is one."""
    hrefs = (f"{FOLDER}a#b?.txt", f"{FOLDER}100% sure.txt", f"{FOLDER}caf%E9.txt")
    assert set(things(answer(FOLDER, *hrefs))) == {"a%23b%3F.txt", "100%25%20sure.txt", "caf%E9.txt"}


def test_names_that_lead_up_are_not_taken(things):
    """A folder that holds ``..`` would never end."""
    assert set(things(answer(FOLDER, f"{FOLDER}../", f"{FOLDER}%2e%2e/", f"{FOLDER}./", f"{FOLDER}ok/"))) == {"ok"}


def test_a_name_that_stands_twice_is_one(things):
    """The last one counts."""
    assert set(things(answer(FOLDER, f"{FOLDER}a", f"{FOLDER}%61"))) == {"a"}


def test_a_server_that_lists_deeper_than_asked_for(things):
    """Only what lies in the folder itself is taken; deeper things are asked for one by one."""
    assert set(things(answer(FOLDER, f"{FOLDER}a/", f"{FOLDER}a/b.txt"))) == {"a"}


def test_an_empty_folder_is_a_listing_of_itself(things):
    """Nothing, and no error."""
    assert things(answer(FOLDER)) == {}


def test_a_thing_that_the_server_will_not_tell_of(things):
    """Its own status, inside of the listing."""
    found = things(answer(FOLDER, more="").replace("</multistatus>", f"<response><href>{FOLDER}shut.txt</href>"
                   "<status>HTTP/1.1 403 Forbidden</status></response></multistatus>"))  # fmt: skip
    assert found["shut.txt"].denied == 403


@pytest.mark.parametrize(
    "text",
    [
        "",
        answer(),
        answer("/somewhere/else/", "/somewhere/else/x"),
        answer(FOLDER, "/etc/passwd"),
        answer(FOLDER)[:-20],
        '<multistatus xmlns="urn:other"/>',
        "<html><body>Log in</body></html>",
        answer(FOLDER, head='<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>').replace(FOLDER, "&b;"),
    ],
)
def test_what_is_no_listing_of_this_folder_is_an_error(things, text: str):
    """Never an empty folder."""
    with pytest.raises(SourceUnavailable):
        things(text)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2026-11-22T08:43:24+01:00", 7),
        ("2026-11-22T08:43:24Z", 8),
        ("Sun, 22 Nov 2026 08:43:24 GMT", 8),
        ("soon", None),
    ],
)
def test_times_in_any_form(things, written: str, told: int | None):
    """Aware, UTC; None for what is no time."""
    text = APACHE.replace("2026-11-22T08:43:24Z", written)
    (thing,) = things(text).values()
    assert (thing.created.hour if thing.created else None) == told
