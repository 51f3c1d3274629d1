"""Moodle's texts as HTML that stands alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.entry import MediaFile
from connectors.moodle import activities, assignments, files, text

ROOT = "https://vle.example.ac.uk"
TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("given", "form", "wanted"),
    [
        ("<p>a &amp; b</p>", 1, "<p>a &amp; b</p>"),
        ("a < b & c\nd\n\ne", 2, "<p>a &lt; b &amp; c<br>d</p><p>e</p>"),
        ("# Not a heading", 4, "<p># Not a heading</p>"),
        ("one\ntwo", 0, "<p>one<br>two</p>"),
        ("<b>one</b>\ntwo", 0, "<b>one</b>\ntwo"),
        (None, 1, ""),
        ("x\r\ny", 1, "x\ny"),
        ("<b>x</b>", None, "<b>x</b>"),
    ],
)
def test_each_format_becomes_html(given: object, form: object, wanted: str):
    """Moodle's own, HTML, plain, Markdown."""
    assert text.as_html(given, form) == wanted


def test_addresses_lose_their_keys():
    """The way of the app, and the way with a key in the path, become the way of a browser."""
    assert (
        text.clean(f'<img src="{ROOT}/webservice/pluginfile.php/1/a.png">')
        == f'<img src="{ROOT}/pluginfile.php/1/a.png">'
    )
    assert text.clean(f"{ROOT}/tokenpluginfile.php/52e3505aef3b/1/a.png") == f"{ROOT}/pluginfile.php/1/a.png"


def test_an_address_that_the_owner_wrote_is_left_alone():
    """It may well have a token of its own."""
    words = '<a href="https://doc.example/view?token=abc&amp;sesskey=x">my document</a>'
    assert text.as_html(words) == words


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("inline%20diagram.png", True),
        ("inline%20diagram.png?time=5", True),
        ("folder/inline%20diagram.png", True),
        ("notes%20%26%20queries.txt", True),
        ("gone.png", False),
    ],
)
def test_what_stands_for_an_address_is_replaced(name: str, found: bool):
    """Also where Moodle cleaned the name; a link that leads nowhere stays, and is told."""
    known = [
        MediaFile(name="inline diagram.png", url=f"{ROOT}/1"),
        MediaFile(name="notes  queries.txt", url=f"{ROOT}/2"),
    ]
    words, lost = text.placed(f'<img src="@@PLUGINFILE@@/{name}" alt="x">', known)
    assert (ROOT in words) == found
    assert bool(lost) != found


def test_no_time_is_no_time():
    """Moodle writes 0 for never."""
    assert text.moment(0) is text.moment(None) is text.moment("") is None
    assert text.moment("1710374400") == datetime(2024, 3, 14, tzinfo=UTC)


def test_furniture_and_keys_are_scrubbed():
    """At any depth."""
    kept = text.scrubbed({"id": 1, "token": "t", "urls": {"x": 1}, "rows": [{"html": "x", "a": "b?sesskey=AbC&c"}]})
    assert kept == {"id": 1, "rows": [{"a": "b?&c"}]}


def test_small_twins_and_folders_are_no_files():
    """A file whose name only begins so is one."""
    listing = [
        {"filename": "a.jpg", "filesize": 1, "fileurl": f"{ROOT}/a.jpg?forcedownload=1"},
        {"filename": "thumb_a.jpg", "filesize": 9, "fileurl": f"{ROOT}/thumb_a.jpg"},
        {"filename": "thumb_of_war.jpg", "filesize": 9, "fileurl": f"{ROOT}/thumb_of_war.jpg"},
        {"filename": "folder", "isdir": True},
    ]
    assert [(one.name, one.url) for one in files.media(listing)] == [
        ("a.jpg", f"{ROOT}/a.jpg"),
        ("thumb_of_war.jpg", f"{ROOT}/thumb_of_war.jpg"),
    ]


@pytest.mark.parametrize(
    ("kind", "part", "wanted"),
    [
        ("date", {"content": "1710374400"}, "2024-03-14"),
        ("multimenu", {"content": "a##b & c"}, "a, b &amp; c"),
        ("checkbox", {"content": "##a##"}, "a"),
        ("url", {"content": "https://x.example/?a=1&b=2", "content1": "<Mine>"}, '<a href="https://x.example/?a=1&amp;b=2">&lt;Mine&gt;</a>'),
        ("latlong", {"content": "55.0", "content1": "-1.6"}, "55.0, -1.6"),
        ("textarea", {"content": "<b>x</b>", "content1": "1"}, "<b>x</b>"),
        ("textarea", {"content": "a<b", "content1": "2"}, "<p>a&lt;b</p>"),
        ("text", {"content": "<script>"}, "&lt;script&gt;"),
        ("number", {"content": None}, ""),
    ],
)  # fmt: skip
def test_each_kind_of_field_becomes_html(kind: str, part: dict, wanted: str):
    """What a field holds depends on its kind."""
    assert activities._value(kind, part) == wanted


class Who:
    """Of a reading, only whose it is."""

    @staticmethod
    def mine(one: dict, name: str = "userid") -> bool:
        return one.get(name) == 3


def attempts(status: dict) -> list[int]:
    return [one.submission["id"] for one in assignments._attempts(status, Who())]


WORDS = [{"type": "onlinetext", "editorfields": [{"text": "<p>x</p>", "format": 1}]}]


def test_which_attempts_are_the_owners():
    """By author number; an empty one is none; a team's work is, in answer to the owner's own question."""
    assert attempts({"gradingsummary": {"participantcount": 2}}) == []
    assert attempts({"lastattempt": {"submission": {"id": 1, "userid": 3, "status": "new", "plugins": []}}}) == []
    assert (
        attempts({"lastattempt": {"submission": {"id": 1, "userid": 4, "status": "submitted", "plugins": WORDS}}}) == []
    )
    team = {"id": 7, "userid": 0, "groupid": 2, "status": "submitted", "plugins": WORDS}
    assert attempts(
        {"lastattempt": {"teamsubmission": team, "submission": {"id": 1, "userid": 3, "status": "new"}}}
    ) == [7]
    draft = {"id": 1, "userid": 3, "status": "draft", "plugins": WORDS}
    earlier = [{"submission": {"id": 1, "userid": 3, "plugins": WORDS}}, {"submission": {"id": 2, "userid": 3}}]
    assert attempts({"lastattempt": {"submission": draft}, "previousattempts": earlier}) == [1, 2]


@pytest.mark.parametrize("seconds", [1700000000000, "9" * 20, "²", "-", "20240314000000000"])
def test_a_number_that_is_no_time_is_none(seconds: object):
    """Milliseconds, and what people type into a field for dates."""
    assert text.moment(seconds) is None


@pytest.mark.parametrize("way", ["?token=", "?forcedownload=1&amp;wstoken=", "?a=1&privatetoken="])
def test_a_token_in_an_address_is_not_kept(way: str):
    """Texts that were written in the app may carry it, and what was copied from a calendar its own."""
    assert TOKEN not in text.as_html(f'<img src="{ROOT}/pluginfile.php/1/a.png{way}{TOKEN}">')
    assert TOKEN not in str(text.scrubbed({"message": f"{ROOT}/webservice/pluginfile.php/1/a.png{way}{TOKEN}&x=1"}))
    assert TOKEN not in text.clean(f"{ROOT}/calendar/export_execute.php?userid=3&amp;authtoken={TOKEN}")


def test_who_reviewed_is_not_kept():
    """A rating names its reviewer with her address; what she said is the owner's to keep, who she is not."""
    kept = text.scrubbed({"grade": 2, "reviewerid": 77, "reviewer": {"fullname": "Ngozi", "email": "n@example.ac.uk"}})
    assert kept == {"grade": 2}


def test_open_brackets_without_end_are_words():
    """What others wrote is measured, too: the words of a text are found in one pass, whatever it is made of."""
    assert text.plain("a < b <i>and</i> < c") == "a < b and < c"
