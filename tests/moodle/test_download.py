"""Files: the right bytes or an error, the token in no address, and a cut line goes on where it broke."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from archive.entry import MediaFile
from connectors.contract import FileGone, SourceRefused, SourceUnavailable
from connectors.moodle import download
from tests.moodle.fake import TOKEN, FakeMoodle, Reply
from tests.moodle.place import Place

PATH = "/pluginfile.php/12/user/private/lecture.mp4"
BIG = bytes(range(256)) * 40


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PIECE", 1000)


def listed(fake: FakeMoodle, data: bytes, kind: str = "video/mp4", size: int | None = None) -> MediaFile:
    """A file on the site, and how it is listed."""
    fake.files[PATH] = (data, kind)
    return MediaFile(
        name="lecture.mp4", url=f"{fake.url}{PATH}", media_type=kind, size=len(data) if size is None else size
    )


def taken(place: Place, file: MediaFile) -> bytes:
    with place.source().open(file) as stream:
        return stream.read()


def on_files(fake: FakeMoodle, reply: Reply) -> None:
    fake.spoil = lambda _m, path, _f: reply if path.startswith("/webservice/pluginfile.php") else None


def test_the_token_stands_in_no_address(place: Place, fake: FakeMoodle):
    """Files and functions alike are asked for by POST."""
    place.harvest()
    assert fake.bodies
    assert [one for one in fake.addresses if TOKEN in one or "oken=" in one] == []


@pytest.mark.parametrize("data", [b"", b"x", BIG, BIG[:1000], BIG[:1001]], ids=["empty", "1", "10240", "1000", "1001"])
def test_bytes_arrive_as_they_are(place: Place, fake: FakeMoodle, small_pieces: None, data: bytes):
    """Empty, in one piece, in many, and just at the edge."""
    assert taken(place, listed(fake, data)) == data


def test_a_size_that_is_not_known_is_found_out(place: Place, fake: FakeMoodle, small_pieces: None):
    """Baked badges are in no listing."""
    assert taken(place, replace(listed(fake, BIG), size=None)) == BIG


def test_a_cut_piece_is_asked_for_again(place: Place, fake: FakeMoodle, small_pieces: None):
    """What came before it is not fetched twice."""
    file = listed(fake, BIG)
    count = 0

    def cut(_method: str, path: str, _function: str) -> Reply | None:
        nonlocal count
        count += path.endswith("lecture.mp4")
        etag = {"Etag": f'"{hashlib.sha1(BIG).hexdigest()}"', "Content-Range": f"bytes 3000-3999/{len(BIG)}"}
        return Reply(206, BIG[3000:4000], etag, cut=300) if count == 4 and path.endswith("lecture.mp4") else None

    fake.spoil = cut
    assert taken(place, file) == BIG
    assert count == 1 + len(BIG) // 1000 + 1


def test_a_large_file_of_a_server_without_range_is_streamed(place: Place, fake: FakeMoodle, small_pieces: None):
    """Only then the token stands in a question's address, and in no log."""
    fake.ranges = False
    assert taken(place, listed(fake, BIG)) == BIG


def test_no_log_shows_the_token_of_a_streamed_file(
    place: Place, fake: FakeMoodle, small_pieces: None, caplog: pytest.LogCaptureFixture
):
    """Not even where it stands in an address."""
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", logger="urllib3")  # the command line, used in other tests, keeps it quiet
    fake.ranges = False
    taken(place, listed(fake, BIG))
    assert any("lecture.mp4" in record.getMessage() for record in caplog.records)
    assert TOKEN not in caplog.text


def test_a_file_that_changes_between_two_pieces_is_refused(place: Place, fake: FakeMoodle, small_pieces: None):
    """A file is never put together from two."""
    file = listed(fake, BIG)

    def change(_method: str, path: str, _function: str) -> None:
        if len(fake.bodies) == 3:
            fake.files[PATH] = (BIG[::-1], "video/mp4")

    fake.spoil = change
    with pytest.raises(SourceUnavailable) as caught:
        taken(place, file)
    assert caught.value.code == "wrong-bytes"


@pytest.mark.parametrize("ranges", [True, False])
def test_a_length_that_was_not_listed_is_refused(place: Place, fake: FakeMoodle, small_pieces: None, ranges: bool):
    """Shorter or longer: not this file."""
    fake.ranges = ranges
    for size in (len(BIG) - 1, len(BIG) + 1):
        with pytest.raises(SourceUnavailable) as caught:
            taken(place, listed(fake, BIG, size=size))
        assert caught.value.code == "wrong-bytes"


@pytest.mark.parametrize("ranges", [True, False])
def test_bytes_of_another_checksum_are_refused(place: Place, fake: FakeMoodle, small_pieces: None, ranges: bool):
    """The ETag is the SHA-1 of what Moodle stored."""
    fake.ranges = ranges
    file = listed(fake, BIG)
    on_files(fake, Reply(200, BIG[:-1] + b"!", {"Etag": f'"{hashlib.sha1(BIG).hexdigest()}"'}))
    with pytest.raises(SourceUnavailable) as caught:
        taken(place, file)
    assert caught.value.code == "wrong-bytes"


def test_a_file_that_is_not_there_is_gone(place: Place, fake: FakeMoodle):
    """404 with JSON."""
    file = listed(fake, b"abc")
    del fake.files[PATH]
    with pytest.raises(FileGone):
        taken(place, file)


def test_json_in_the_place_of_a_file_is_its_error(place: Place, fake: FakeMoodle):
    """With status 200: a dead token, a closed account, anything else."""
    file = listed(fake, b"abc")
    for code, kind in {"invalidtoken": SourceRefused, "wsaccessusersuspended": SourceRefused}.items():
        said = json.dumps({"error": "x", "errorcode": code}).encode()
        on_files(fake, Reply(200, said, {"Content-Type": "application/json; charset=utf-8"}))
        with pytest.raises(kind):
            taken(place, file)
    said = b'{"error":"A required parameter (token) was missing","errorcode":"missingparam"}'
    on_files(fake, Reply(200, said, {"Content-Type": "application/json"}))
    with pytest.raises(SourceUnavailable) as caught:
        taken(place, file)
    assert "missing" in caught.value.message


def test_a_login_page_is_no_file(place: Place, fake: FakeMoodle):
    """Also where its length happens to be right."""
    page = b"<html><title>Log in</title></html>"
    file = listed(fake, page, kind="application/pdf")
    on_files(fake, Reply(200, page, {"Content-Type": "text/html"}))
    with pytest.raises(SourceUnavailable) as caught:
        taken(place, file)
    assert caught.value.code == "not-the-file"


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_the_owners_own_pages_and_data_are_files(place: Place, fake: FakeMoodle, kind: str):
    """A checksum tells them from the site's own answers."""
    data = b'{"error": "of mine", "errorcode": "x"}' if "json" in kind else b"<html><title>Mine</title></html>"
    assert taken(place, listed(fake, data, kind=kind)) == data


def test_no_file_is_asked_of_another_host(place: Place, fake: FakeMoodle):
    """A listing that names one gets neither token nor request: it leads to this very machine."""
    file = MediaFile(name="x", url="http://127.0.0.1:9/pluginfile.php/1/x", size=1)
    with pytest.raises(SourceUnavailable) as caught:
        taken(place, file)
    assert caught.value.code == "private-address"
