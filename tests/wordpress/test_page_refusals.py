"""What a site says no with, and what the owner reads then; against a small server that answers as recorded ones did."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime

import pytest
from werkzeug import Response

from archive.errors import KeepfolioError
from connectors.contract import Context, SourceRefused, SourceUnavailable, TargetRefused
from connectors.http import Http
from connectors.wordpress import page
from tests.publish.samples import PICTURE, Publisher, release

EDITOR = {"id": 1, "slug": "jane", "username": "jane", "email": "j@e.org", "roles": ["editor"]}
MAY = {"edit_pages": True, "publish_pages": True, "upload_files": True}


class Site:
    """A WordPress of four routes; ``says`` replaces the answer of one."""

    def __init__(self, httpserver, tmp_path):
        self.server = httpserver
        self.posts: list[tuple[str, bytes, dict[str, str]]] = []
        self.answers: dict[tuple[str, str], Response] = {}
        link = {"Link": f'<{httpserver.url_for("/wp-json/")}>; rel="https://api.w.org/"'}
        self.says("GET", "/", Response("<html></html>", headers=link, content_type="text/html"))
        self.says("GET", "/wp-json/", {"name": "Blog", "home": httpserver.url_for("/"), "authentication": {}})
        self.says("GET", "/wp-json/wp/v2/users/me", {**EDITOR, "capabilities": MAY})
        self.says("GET", "/wp-json/wp/v2/pages", [])
        self.says("GET", "/wp-json/wp/v2/media", [])
        httpserver.expect_request("/").respond_with_handler(self._answer)
        httpserver.expect_request(re.compile("/wp-json/.*")).respond_with_handler(self._answer)
        context = Context(
            Http(attempts=1), lambda what: "abcd efgh", tmp_path, lambda: datetime.now(UTC), lambda: False
        )
        self.target = page.target("site", {"url": httpserver.url_for("/"), "user": "jane", "page": "p"}, context)

    def says(self, method, path, answer, status=200):
        if not isinstance(answer, Response):
            answer = Response(json.dumps(answer), status, content_type="application/json")
        self.answers[method, path] = answer

    def _answer(self, request):
        if request.method == "POST":
            self.posts.append((request.path, request.get_data(), dict(request.headers)))
        return self.answers.get((request.method, request.path)) or Response("no such thing", 404)


@pytest.fixture
def site(httpserver, tmp_path):
    return Site(httpserver, tmp_path)


def refused(site, wanted=None) -> KeepfolioError:
    with pytest.raises(KeepfolioError) as stop:
        Publisher(site.target).publish(wanted or release())
    return stop.value


def test_too_large_is_said_so(site):
    """The web server's own 413 is HTML; nothing is offered again in another form."""
    site.says("POST", "/wp-json/wp/v2/media", Response("<html><h1>413 Request Entity Too Large</h1></html>", 413))
    said = refused(site)
    assert isinstance(said, TargetRefused)
    assert said.code == "too-large"
    assert said.unchanged
    assert said.mend
    assert len(site.posts) == 1


def test_a_file_goes_with_its_digest_and_without_a_type(site):
    """The site checks the digest; a type would let WordPress take a JSON file for parameters."""
    site.says("POST", "/wp-json/wp/v2/media", {"code": "rest_upload_hash_mismatch", "message": "Content hash"}, 412)
    assert refused(site).code == "rest-upload-hash-mismatch"
    _, body, headers = site.posts[0]
    assert headers["Content-Md5"] == hashlib.md5(body).hexdigest()
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == f'attachment; filename="{PICTURE.name}"'


@pytest.mark.parametrize(
    "words",
    [
        "The uploaded file could not be moved to wp-content/uploads/2026/11.",
        "Unable to create directory wp-content/uploads/2026/11. Is its parent directory writable by the server?",
        "You have reached your storage quota.",
    ],
)
def test_a_full_disk_is_no_refused_type(site, words):
    """WordPress gives it the same code. The file is no less wanted in the next publish, and a person reads why."""
    site.says("POST", "/wp-json/wp/v2/media", {"code": "rest_upload_sideload_error", "message": words}, 500)
    said = refused(site)
    assert isinstance(said, TargetRefused)
    assert words in said.message
    assert "keepfolio publish site" in said.mend
    assert len(site.posts) == 1


@pytest.mark.parametrize(
    "words",
    [
        "Sorry, you are not allowed to upload this file type.",
        "Sorry, this file type is not permitted for security reasons.",
        "Du bist leider nicht berechtigt, diesen Dateityp hochzuladen.",
    ],
)
def test_a_refused_type_is_offered_in_another_form(site, words):
    """In the site's own language; then the page is published without the file, and says so."""
    site.says("POST", "/wp-json/wp/v2/media", {"code": "rest_upload_sideload_error", "message": words}, 500)
    site.says("POST", "/wp-json/wp/v2/pages", {"code": "rest_cannot_create", "message": "enough seen"}, 403)
    refused(site)
    names = [headers["Content-Disposition"].rpartition(".")[2] for path, _, headers in site.posts if "media" in path]
    assert names == ['png"', 'txt"', 'txt"', 'zip"']


def test_a_contributor_may_not_upload(site):
    said_by_wordpress = {"code": "rest_cannot_create", "message": "Sorry, you are not allowed to upload media."}
    site.says("POST", "/wp-json/wp/v2/media", said_by_wordpress, 403)
    said = refused(site)
    assert said.code == "may-not-write"
    assert "build --paste" in said.mend


@pytest.mark.parametrize(
    "answer",
    [
        Response("<html><title>Just a moment...</title></html>", 200, content_type="text/html"),
        Response("<h1>Error establishing a database connection</h1>", 500, content_type="text/html"),
        Response("", 200, content_type="application/json"),
    ],
    ids=["challenge", "database", "empty"],
)
@pytest.mark.parametrize("path", ["users/me", "pages", "media"])
def test_what_is_no_answer_is_never_taken_for_an_empty_site(site, answer, path):
    """Nothing is written when the look at the site failed."""
    site.says("GET", f"/wp-json/wp/v2/{path}", answer)
    assert isinstance(refused(site), SourceUnavailable)
    assert site.posts == []


def test_a_warning_in_front_of_the_data_is_no_obstacle(site):
    """PHP prints warnings before JSON on badly kept sites."""
    text = "<br />\n<b>Warning</b>: x in <b>y</b>\n[]"
    site.says("GET", "/wp-json/wp/v2/pages", Response(text, 200, content_type="application/json"))
    assert len(Publisher(site.target).plan(release()).actions) == 3


def test_a_stranger_is_recognised(site):
    """A stripped Authorization header or a wrong password: WordPress says 401 here, and nothing elsewhere."""
    site.says("GET", "/wp-json/wp/v2/users/me", {"code": "rest_not_logged_in", "message": "no"}, 401)
    said = refused(site)
    assert isinstance(said, SourceRefused)
    assert said.code == "not-logged-in"
    assert [f.code for f in site.target.check()] == ["not-logged-in"]
    assert site.posts == []


def test_another_account_is_recognised(site):
    """The password belongs to somebody else: nothing is written in their name."""
    site.says(
        "GET",
        "/wp-json/wp/v2/users/me",
        {**EDITOR, "slug": "joe", "username": "joe", "email": "x@e.org", "capabilities": MAY},
    )
    said = refused(site)
    assert isinstance(said, SourceRefused)
    assert said.code == "wrong-user"
    assert site.posts == []


def test_the_e_mail_address_is_a_name_too(site):
    """WordPress takes either to log in."""
    site.target._desk._auth = ("J@e.org", "abcd efgh")
    assert Publisher(site.target).plan(release()).actions


@pytest.mark.parametrize(
    ("title", "code"), [("Just a moment...", "challenge"), ("A shop", "none")], ids=["challenge", "no WordPress"]
)
def test_a_site_without_the_interface_is_said_so(site, title, code):
    """Nothing is guessed and nothing sent; there is always the way by hand."""
    site.says("GET", "/", Response(f"<html><title>{title}</title></html>", content_type="text/html"))
    said = refused(site)
    assert said.code == code
    assert "build --paste" in said.mend
    assert [f.code for f in site.target.check()] == [code]


def test_check_names_a_missing_parent(site):
    """A mistake in the configuration is a finding, not a crash."""
    site.target._path = "me/p"
    assert [f.code for f in site.target.check()] == ["login", "no-parent"]


def test_the_secret_is_in_no_error(site):
    """Whatever fails, the password stays out of what a person or a log reads."""
    for answer in (Response("x", 500), Response("{", 200)):
        site.says("POST", "/wp-json/wp/v2/media", answer)
        said = refused(site)
        assert "abcd" not in repr(said) + str(said) + said.mend + said.unchanged


def test_pasting_by_hand_names_the_files_and_leaves_places_for_the_pictures():
    """Block markup without any address that does not exist, and the list of what to upload."""
    text, files = page.paste(release())
    assert files == release().uploads
    assert "keepfolio:" not in text
    assert '<figure class="wp-block-image"><img alt="A chart" />' in text
    assert "minutes.txt (kf-" in text
