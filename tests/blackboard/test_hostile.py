"""Whatever servers, packages and texts hold: an answer or the one error, and never a way out."""

from __future__ import annotations

import contextlib
from urllib.parse import quote
from xml.sax.saxutils import escape

from hypothesis import example, given
from hypothesis import strategies as st

from bridge.vanishing import addresses, cleaned, same_as, shape
from connectors.blackboard import identity, pages, webdav
from connectors.blackboard.pack import _safe
from connectors.contract import SourceUnavailable
from connectors.http_answer import Answer

FOLDER = "https://vle.example/bbcswebdav/users/jane/"
xml_text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
pieces = st.lists(st.sampled_from(["..", ".", "/", "\\", "%2e", "%2F", "a", "users", "jane", "C:", "#", "?", "é", " "]))


@given(st.lists(xml_text | pieces.map("".join), max_size=5))
def test_no_href_leads_out_of_the_folder(hrefs: list[str]):
    """Each thing lies right below the folder that was asked for, at its own host."""
    parts = "".join(f"<response><href>{escape(href)}</href></response>" for href in [FOLDER, *hrefs])
    body = f'<multistatus xmlns="DAV:">{parts}</multistatus>'.encode()
    with contextlib.suppress(SourceUnavailable):
        for thing in webdav._things(FOLDER, Answer(207, {}, body, FOLDER)):
            address = identity.address(FOLDER, f"users/jane/{thing.name}")
            assert thing.name not in {"", ".", ".."}
            assert "/" not in thing.name
            assert address.startswith(FOLDER)


@given(st.binary(max_size=400))
def test_no_bytes_are_taken_for_a_listing(body: bytes):
    """Nonsense is an error, and nothing else."""
    with contextlib.suppress(SourceUnavailable):
        assert webdav._things(FOLDER, Answer(207, {}, body, FOLDER)) == ()


@given(st.text() | pieces.map("".join))
def test_no_name_of_a_package_leads_out_of_it(name: str):
    """Plain parts, or no path at all."""
    path = _safe(name)
    if path:
        assert not path.startswith("/")
        assert {"", ".", ".."}.isdisjoint(path.split("/"))


@example(b"<img src='../../beside.png'>")
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"<p><a href='{text}'>".encode()))
def test_no_page_breaks_the_reader(data: bytes):
    """A page or none; what it shows lies in the package, whatever is there beside it."""
    page = pages.read(data, "a/b.html", lambda path: f"new/{quote(path)}")
    for place in page.shows if page else ():
        assert not place.startswith(("/", ".."))


def test_a_page_with_a_charset_that_is_none_keeps_its_words():
    """Scripts write ``undefined``, which Python knows as an encoding that always fails."""
    page = pages.read(b'<meta charset="undefined"><body><p>Caf\xe9</p></body>', "a.html", lambda path: path)
    assert page is not None
    assert page.content == "<p>Café</p>"


@given(st.text() | pieces.map(lambda parts: "https://h.example/bbcswebdav/" + "".join(parts)))
def test_no_address_breaks_the_search(text: str):
    """Harvested texts hold anything."""
    for url in addresses(f'/bbcswebdav/ <a href="{text}">{text}', text):
        shape(url)
        assert cleaned(cleaned(url, "file"), "file") == cleaned(url, "file")
        same_as(url)
    same_as(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_a_written_name_is_read_back(name: str):
    """The one way of writing loses nothing."""
    assert identity.plain(identity.written(quote(name, safe=""))) == name
    assert identity.written(identity.written(quote(name, safe=""))) == quote(name, safe="")
