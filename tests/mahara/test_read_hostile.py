"""Bytes of a file that came from outside: whatever they are, an entry is read or is one failed entry."""

from __future__ import annotations

import html
import io
import tracemalloc
from itertools import chain

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archive.entry import to_json
from connectors.contract import Failed, Found, SourceUnavailable
from connectors.mahara.leap2a_entries import things
from connectors.mahara.leap2a_items import Item
from connectors.mahara.leap2a_read import Broken, head, items
from connectors.mahara.leap2a_survey import survey
from tests.mahara.leap_feeds import END, HEAD, entry, items_of, made, real, xhtml


class Feed:
    """A package that is only a feed."""

    name = "made.xml"

    def __init__(self, data: bytes) -> None:
        self._data = data

    def feed(self) -> io.BytesIO:
        return io.BytesIO(self._data)

    def file(self, number: str, href: str) -> None:
        return None

    def counts(self) -> bool:
        return False


def through(data: bytes) -> list[Found | Failed]:
    package = Feed(data)
    return list(things(package, survey(package)))


@pytest.fixture(scope="module")
def real_entries(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    read = real("sam-all-2210.zip", tmp_path_factory.mktemp("spool"))
    return [found.raw for found in read.found.values()]


BOMB = (
    """<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>"""
)
OUTSIDE = '<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("doctype", "title"),
    [
        (BOMB, "&c;"),
        (OUTSIDE, "&x;"),
        ('<!DOCTYPE feed SYSTEM "http://127.0.0.1:9/x.dtd">', "&y;"),
    ],
)
def test_an_entity_of_the_files_own_is_nothing(tmp_path, doctype, title):
    """The entry that uses it has failed; the next is read, and nothing was opened."""
    head_ = HEAD.replace("?>\n", f"?>\n{doctype}\n", 1)
    one, two = items_of(entry("artefact1", title=title) + entry("artefact2"), head_)
    assert isinstance(one, Broken)
    assert (one.id, two.id) == ("artefact1", "artefact2")


@pytest.mark.parametrize(
    "text",
    [
        "<content>" + "<b>" * 1000 + "</b>" * 1000 + "</content>",
        f'<content x="{"y" * 50_000_000}"/>',
        "<content>" + "y" * 50_000_000 + "</content>",
        "<content><b></content>",
        "<x:content/>",
        "]]>",
        "<content>&unknown;</content>",
    ],
    ids=["nesting", "attribute", "text", "crossed", "unknown prefix", "end of cdata", "entity"],
)
def test_what_is_no_entry_is_one_failed_entry_and_not_the_end(tmp_path, text):
    """It is named by its own id and line, and the next entry is read."""
    read = made(entry("artefact1", content=text) + entry("artefact2"), tmp_path)
    (failed,) = read.failed
    assert failed.key == read.survey.key("artefact1")
    assert "line 8" in failed.what
    assert not failed.transient
    assert list(read.entries) == ["artefact2"]
    assert read.survey.unreadable == 1
    assert read.survey.key("artefact1") in read.survey.keys, "it exists, and must not be taken for deleted"


@pytest.mark.parametrize("before", ["", entry("artefact2")])
def test_a_first_tag_that_does_not_end_is_said(before):
    """It is longer than any tag, so that the file is not cut there; what stands in it is not silently lost."""
    data = before + f'<entry x="{"y" * 900_000}"><id>portfolio:artefact1</id></entry>' + entry("artefact3")
    found = items_of(data)
    assert [one.id for one in found if isinstance(one, Broken)] == ["artefact1"]
    assert "artefact3" in [one.id for one in found if isinstance(one, Item)]


@pytest.mark.parametrize("depth", [300, 5000])
def test_html_nested_without_end_is_read_or_fails(tmp_path, depth):
    """Recursion has no part in it."""
    nested = "&lt;div&gt;" * depth + "deep"
    read = made(entry("artefact1", content=f'<content type="html">{nested}</content>') + entry("artefact2"), tmp_path)
    assert set(read.entries) | {f.key.rpartition("/")[2] for f in read.failed} == {"artefact1", "artefact2"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01",
        b"<html><body>Log in</body></html>",
        b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Access denied</title></feed>',
        b'<?xml version="1.0"?><rss><channel/></rss>',
    ],
)
def test_what_is_no_leap2a_file_is_refused(data):
    """A login page, another feed, nothing."""
    for reading in (lambda: head(io.BytesIO(data)), lambda: list(items(io.BytesIO(data)))):
        with pytest.raises(SourceUnavailable) as error:
            reading()
        assert error.value.code == "not-leap2a"


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_a_damaged_entry_is_read_or_fails_and_its_neighbours_are_read(real_entries, data):
    """Bytes put in, taken out, and doubled anywhere in any entry of a real export."""
    raw = bytearray(data.draw(st.sampled_from(real_entries)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        length = data.draw(st.integers(0, 40))
        raw[at : at + length] = data.draw(
            st.binary(max_size=6)
            | st.sampled_from(
                [b"<", b"&", b"<b>", b"]]>", b"<![CDATA[", b"<!--", b'"', b"portfolio:", b"<entry>", b"\xff"]
            )
        )
    feed = HEAD.encode() + entry("artefact1001").encode() + bytes(raw) + END.encode()
    results = through(feed)
    assert any(isinstance(one, Found) and one.entry.native_id == "artefact1001" for one in results)
    for one in results:
        if isinstance(one, Found):
            to_json(one.entry)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200), st.sampled_from(["html", "blogpost", "plan", "cpds", "pseudo:book", "image", ""]))
@example("<p =x><img src=\x7f href='//[>", "html")
@example("<a href='portfolio:'><svg:x/><o:p>", "html")
def test_any_words_in_any_kind_of_entry_are_read(text, kind):
    """Written as HTML, as words, or as neither."""
    words = html.escape("".join(c for c in text if c in "\t\n" or (ord(c) >= 32 and not 0xD800 <= ord(c) < 0xE000)))
    content = f'<content type="html">{words}</content><summary>{words}</summary>'
    feed = HEAD.encode() + entry("artefact1", type_=kind, content=content).encode("utf-8", "replace") + END.encode()
    for one in through(feed):
        assert isinstance(one, Found), one
        assert "\x00" not in one.entry.content_html


def test_settings_that_are_no_json_are_kept_as_they_are(tmp_path):
    """Numbers, nothing, lists of lists, and half a list."""
    block = "".join(
        f"<mahara:s{i}>{text}</mahara:s{i}>" for i, text in enumerate(["[1]", "", "[[[1]]]", "[1", "[" * 5000])
    )
    one = f'<mahara:blockinstance mahara:blocktype="text" mahara:positionx="a">{block}</mahara:blockinstance>'
    view = f'<mahara:view mahara:type="portfolio">{one}</mahara:view>'
    read = made(entry("view1", type_="", more=view, leap="selection"), tmp_path)
    (made_block,) = read.entries["view1"].extra["blocks"]
    assert made_block["settings"]["s0"] == 1
    assert made_block["settings"]["s3"] == "[1"


def test_the_same_entry_twice_is_one_key(tmp_path):
    read = made(entry("artefact1") + entry("artefact1", title="again"), tmp_path)
    assert len(read.survey.keys) == 1


def test_memory_does_not_grow_with_the_number_of_entries():
    """Eight hundred entries of 20 KB are sixteen megabytes; a few are held."""
    one = entry("artefact@", content=xhtml("<p>" + "word " * 4000 + "</p>")).encode()

    class Long(Feed):
        def feed(self) -> io.BufferedReader:
            entries = (one.replace(b"@", str(number).encode()) for number in range(800))
            return io.BufferedReader(_Pieces(chain([HEAD.encode()], entries, [END.encode()])))

    package = Long(b"")
    tracemalloc.start()
    count = sum(isinstance(thing, Found) for thing in things(package, survey(package)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 800
    assert peak < 8 * 2**20


class _Pieces(io.RawIOBase):
    def __init__(self, pieces):
        self._pieces, self._left = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if not self._left:
            self._left = next(self._pieces, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


@pytest.mark.parametrize(
    "hostile",
    [
        "&lt;" * 200_000,
        " " * 500_000,
        "/" * 500_000,
        "[" * 300_000,
        "\n" * 300_000,
        "A" * 3_000_000,
        "portfolio:" * 50_000,
    ],
    ids=["<", "space", "slash", "[", "line", "letters", "names"],
)
def test_no_run_of_one_character_takes_for_ever(tmp_path, hostile):
    """In a title, a text, a setting and an address; the test would not end."""
    setting = f'<mahara:text>["x{hostile}"]</mahara:text>'
    block = f'<mahara:blockinstance mahara:blocktype="text">{setting}</mahara:blockinstance>'
    address = f'<link rel="enclosure" href="x{hostile}y"/><link rel="related" href="x{hostile}"/>'
    content = f'<content type="html">x{hostile}</content><summary>x{hostile}</summary>'
    one = entry("artefact1", title=f"x{hostile}y", content=content, more=f"{address}<mahara:view>{block}</mahara:view>")
    assert "artefact1" in made(one + entry("artefact2", type_="image", more=address), tmp_path).entries
