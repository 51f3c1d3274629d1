"""A large file over a line that breaks: whole and right, or an error and nothing on the disk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
from werkzeug import Request, Response

from connectors.contract import FileGone, SourceUnavailable
from connectors.http import Http, Opened
from connectors.http_download import download

DATA = bytes(range(256)) * 4000


class Shop:
    """A server's handler: hands out a file, and breaks off as often and where it is told to."""

    def __init__(self) -> None:
        self.data = DATA
        self.cuts: list[int] = []
        self.ranges = True
        self.missing = 0
        self.marks = {"ETag": '"one"'}
        self.then: tuple[dict[str, str], bytes] | None = None
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Response:
        wish = request.headers.get("Range", "")
        self.asked.append(wish)
        start, status, headers = 0, 200, dict(self.marks)
        same = request.headers.get("If-Range") in self.marks.values()
        if wish and self.ranges and same:
            found = re.fullmatch(r"bytes=(\d+)-", wish)
            assert found is not None
            start, status = int(found[1]), 206
            headers["Content-Range"] = f"bytes {start}-{len(self.data) - 1}/{len(self.data)}"
        rest = self.data[start : len(self.data) - (self.missing if start else 0)]
        answer = Response(
            iter([rest[: self.cuts.pop(0)] if self.cuts else rest]), status, headers, content_type="application/zip"
        )
        answer.headers["Content-Length"] = str(len(rest))
        if self.then:
            self.marks, self.data = self.then
        return answer


def _asked(http: Http, url: str, headers: Mapping[str, str]) -> Opened:
    return http.stream(url, headers=headers)


@pytest.fixture
def shop(httpserver) -> Shop:
    shop = Shop()
    httpserver.expect_request("/a.zip").respond_with_handler(shop)
    return shop


@pytest.fixture
def bring(http, httpserver, tmp_path):
    target = tmp_path / "a.zip"

    def bring(path: str = "/a.zip", **more) -> Path:
        for _ in download(partial(_asked, http, httpserver.url_for(path)), target, **more):
            pass
        return target

    bring.target = target
    return bring


def refusal(bring, path: str = "/a.zip") -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        bring(path)
    assert not bring.target.exists()
    return caught.value


def test_a_file_arrives(shop, bring):
    """In one piece, byte for byte."""
    assert bring().read_bytes() == DATA
    assert shop.asked == [""]


def test_a_cut_one_goes_on_where_it_was(shop, bring):
    """Only the rest is sent, and only when it is still the same file."""
    shop.cuts = [300_000, 400_000]
    assert bring().read_bytes() == DATA
    assert len(shop.asked) == 3
    assert re.fullmatch("bytes=[1-9][0-9]+-", shop.asked[1])


@pytest.mark.parametrize("marks", [{"Last-Modified": "Sat, 21 Nov 2026 23:52:38 GMT"}])
def test_a_date_will_do(shop, bring, marks):
    """Mahara gives no ETag."""
    shop.cuts, shop.marks = [300_000], marks
    assert bring().read_bytes() == DATA
    assert shop.asked[1].startswith("bytes=")


@pytest.mark.parametrize("marks", [{}, {"ETag": 'W/"weak"'}])
def test_without_a_mark_it_begins_anew(shop, bring, marks):
    """Nothing proves that the rest would belong to what is there."""
    shop.cuts, shop.marks = [300_000], marks
    assert bring().read_bytes() == DATA
    assert shop.asked == ["", ""]


def test_a_server_that_knows_no_ranges_begins_anew(shop, bring):
    """It sends all of it again, which is whole."""
    shop.cuts, shop.ranges = [300_000], False
    assert bring().read_bytes() == DATA


def test_a_file_that_changes_meanwhile_is_an_error(shop, bring):
    """Half of one and half of another would be nobody's file."""
    shop.cuts = [300_000]
    shop.then = ({"ETag": '"two"'}, DATA[::-1])
    assert refusal(bring).code == "changed"


def test_a_rest_of_another_length_is_an_error(shop, bring):
    """Though the server calls it by the same name."""
    shop.cuts = [300_000]
    shop.then = (shop.marks, DATA + b"more")
    assert refusal(bring).code == "changed"


def test_a_rest_that_is_too_short_is_an_error(shop, bring):
    """The server ends it as if that were all."""
    shop.cuts, shop.missing = [300_000], 10
    assert refusal(bring).code == "wrong-length"


def test_a_web_page_in_its_place_is_an_error(http, httpserver, bring):
    """A login page answered with 200 is no file."""
    httpserver.expect_request("/page").respond_with_data("<html>Log in</html>", content_type="text/html")
    assert refusal(bring, "/page").code == "not-the-file"


def test_a_web_page_that_is_handed_out_is_a_file(http, httpserver, bring):
    """People upload pages too: the server says that it is to be saved."""
    head = {"Content-Disposition": 'attachment; filename="page.html"'}
    httpserver.expect_request("/page").respond_with_data("<html>", content_type="text/html", headers=head)
    assert bring("/page").read_bytes() == b"<html>"


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_gone_is_told_as_one(httpserver, bring, status):
    """Not as a passing failure."""
    httpserver.expect_request("/gone").respond_with_data("no", status=status)
    with pytest.raises(FileGone):
        bring("/gone")


def test_another_status_is_an_error(httpserver, bring):
    """What stands in it is no file."""
    httpserver.expect_request("/ill").respond_with_data("ill", status=500)
    assert refusal(bring, "/ill").code == "status-500"


def test_it_is_not_tried_for_ever(shop, bring):
    """The line is too bad, and the owner hears of it."""
    shop.cuts = [1] * 50
    assert refusal(bring).code == "cut"
    assert len(shop.asked) == 6


def test_whoever_stops_taking_pieces_leaves_nothing(shop, http, httpserver, bring):
    """Half a file is no file."""
    pieces = download(partial(_asked, http, httpserver.url_for("/a.zip")), bring.target)
    have, size = next(pieces)
    assert 0 < have < size == len(DATA)
    assert bring.target.exists()
    pieces.close()
    assert not bring.target.exists()


def test_connections_are_given_back(shop, http, httpserver, bring):
    """After a cut, a page in the wrong place, and a refusal: a host has only two."""
    httpserver.expect_request("/page").respond_with_data("<html>", content_type="text/html")
    shop.cuts = [1, 1, 1]
    for _ in range(3):
        refusal(bring, "/page")
    assert bring().read_bytes() == DATA
