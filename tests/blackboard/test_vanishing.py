"""Links to what a VLE holds are found in what is held, and fetched while they still answer."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from archive.entry import Entry, MediaFile
from archive.store import Archive, Origin, Stored
from bridge.vanishing import Link, addresses, findings, shape, vanishing
from bridge.vanishing_fetch import fetch
from connectors.http import Http

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ELP = "https://elp.northshire.example"


def stored(number: int, html: str = "", *, url: str = "", files: tuple[str, ...] = (), kind: str = "post") -> Stored:
    held = tuple(MediaFile(name="f", url=file, sha256="0" * 64) for file in files)
    entry = Entry(keys=(f"x:{number}",), kind=kind, native_id=str(number), title=f"Post {number}", url=url,
                  content_html=html, files=held)  # fmt: skip
    return Stored(f"urn:{number}", entry, 1, ("blog",), deleted=False, first_seen=NOW, changed=NOW, source="blog")


def urls(*entries: Stored) -> list[str]:
    return [link.url for link in vanishing(entries)]


@pytest.mark.parametrize(
    ("url", "system", "what"),
    [
        (f"{ELP}/bbcswebdav/users/jane/plan.docx", "Blackboard", "file"),
        (f"{ELP}/bbcswebdav/pid-1-dt-content-rid-2_1/xid-2_1", "Blackboard", "file"),
        (f"{ELP}/bbcswebdav/orgs/ORG1/", "Blackboard", "page"),
        (f"{ELP}/ultra/courses/_1_1/outline", "Blackboard", "page"),
        (f"{ELP}/webapps/blackboard/content/listContent.jsp?course_id=_1_1", "Blackboard", "page"),
        ("https://vle.example/pluginfile.php/12/mod_forum/post/3/a.pdf", "Moodle", "file"),
        ("https://vle.example/sub/webservice/pluginfile.php/1/a/b/c.pdf", "Moodle", "file"),
        ("https://vle.example/mod/forum/discuss.php?d=4#p10", "Moodle", "page"),
        ("https://vle.example/course/view.php?id=7", "Moodle", "page"),
        ("https://mahara.example/artefact/file/download.php?file=84&view=5", "Mahara", "file"),
        ("https://mahara.example/view/view.php?id=9", "Mahara", "page"),
        ("https://canvas.example/courses/4/files/77/download?wrap=1", "Canvas", "file"),
        ("https://canvas.example/courses/4/discussion_topics/5", "Canvas", "page"),
    ],
)
def test_each_system_is_recognised_by_the_shape_of_its_addresses(url: str, system: str, what: str):
    """Whichever institution's it is."""
    assert shape(url) == (system, what)


@pytest.mark.parametrize(
    "url",
    ["https://example.org/files/2024/plan.pdf", "https://example.org/model/view.php", "https://alt.ac.uk/mod/",
     "https://github.com/moodle/moodle", "https://example.org/?page=/bbcswebdav"],
)  # fmt: skip
def test_other_addresses_are_left_alone(url: str):
    """A warning for nothing is read once, and never again."""
    assert shape(url) is None


def test_links_pictures_words_and_relative_addresses(tmp_path: Path):
    """Wherever in a text an address stands."""
    html = f"""<a href="{ELP}/bbcswebdav/a&amp;b.pdf">x</a> <img src='/bbcswebdav/me.png'> see
    {ELP}/bbcswebdav/users/jane/words.txt, and <a href="https://[bad/bbcswebdav/">y</a>"""
    assert list(addresses(html, f"{ELP}/ultra/x")) == [
        f"{ELP}/bbcswebdav/a&b.pdf", f"{ELP}/bbcswebdav/me.png", f"{ELP}/bbcswebdav/users/jane/words.txt",
    ]  # fmt: skip


def test_a_link_is_told_once_with_all_that_link_to_it():
    """Tokens are left out of the address, and do not make another one of it."""
    first = stored(1, '<a href="https://vle.example/pluginfile.php/1/x/a%20b.pdf?forcedownload=1">x</a>')
    second = stored(2, '<a href="https://vle.example/webservice/pluginfile.php/1/x/a b.pdf?token=abc">x</a>')
    (link,) = vanishing([first, second])
    assert (link.url, link.linked_from) == ("https://vle.example/pluginfile.php/1/x/a%20b.pdf", ("urn:1", "urn:2"))
    assert "abc" not in repr(link)


@pytest.mark.parametrize(
    ("link", "held"),
    [
        (f"{ELP}/bbcswebdav/users/jane/plan%20%231.docx", f"{ELP}/bbcswebdav/users/jane/plan%20%231.docx"),
        (
            "http://elp.northshire.example/bbcswebdav/users/jane/pl%C3%A2n.docx",
            f"{ELP}/bbcswebdav/users/jane/plân.docx",
        ),
        (
            "https://m.example/artefact/file/download.php?file=84&view=5",
            "https://m.example/artefact/file/download.php?file=84",
        ),
        ("https://v.example/webservice/pluginfile.php/1/a.pdf?token=x", "https://v.example/pluginfile.php/1/a.pdf"),
    ],
)
def test_a_file_that_is_held_does_not_vanish(link: str, held: str):
    """However its address is written; another file's number is another file."""
    assert urls(stored(1, f'<a href="{link}">x</a>'), stored(2, files=(held,), kind="file")) == []
    assert urls(stored(1, f'<a href="{link}">x</a>'), stored(2, files=(held + "0",), kind="file")) != []


def test_a_page_that_is_held_as_an_entry_does_not_vanish():
    """A forum post of the owner's own; another post of the discussion does."""
    held = stored(2, url="https://vle.example/mod/forum/discuss.php?d=4#p10", kind="forum-post")
    links = '<a href="https://vle.example/mod/forum/discuss.php?d=4#p{}">x</a>'
    assert urls(stored(1, links.format(10)), held) == []
    assert urls(stored(1, links.format(11)), held) == ["https://vle.example/mod/forum/discuss.php?d=4#p11"]


def test_findings_name_the_file_and_count_the_pages():
    """A warning for each file; one note for all pages of a site."""
    paths = ("bbcswebdav/a.pdf", "ultra/courses/1", "ultra/courses/2")
    html = "".join(f'<a href="{ELP}/{path}">x</a>' for path in paths)
    file, pages = findings(vanishing([stored(1, html)]), "do this")
    assert (file.severity, file.mend) == ("warning", "do this")
    assert "“Post 1”" in file.message
    assert "2 pages of elp.northshire.example" in pages.message


def test_our_own_released_pages_are_not_searched():
    """They cite what was cited; the entry itself is searched."""
    assert urls(stored(1, f'<a href="{ELP}/bbcswebdav/a.pdf">a</a>', kind="release")) == []


# --- fetching -------------------------------------------------------------------------------------------------------


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive", tmp_path / "state")


@pytest.fixture
def post(archive: Archive, httpserver: HTTPServer):
    """Hold a post that links to some paths of the server, and return what vanishes."""

    def hold(*paths: str) -> tuple[Link, ...]:
        html = "".join(f'<a href="{httpserver.url_for(path)}">x</a>' for path in paths)
        with archive.append(Origin("blog", "wordpress")) as writer:
            writer.put(Entry(keys=("blog:1",), kind="post", native_id="1", title="Post", content_html=html), b"{}")
            writer.seal()
        return vanishing(archive.entries(content=True))

    return hold


def own(server: HTTPServer) -> Http:
    return Http(configured={f"{server.host}:{server.port}"}, attempts=1)


def test_a_file_that_still_answers_is_kept_and_does_not_vanish_any_more(archive: Archive, post, httpserver: HTTPServer):
    """Its bytes, private, with where it was found; the next look finds nothing, and nothing is asked twice."""
    httpserver.expect_request("/bbcswebdav/users/jane/plan #1.docx").respond_with_data(b"my plan", content_type="x/y")
    links = post("/bbcswebdav/users/jane/plan%20%231.docx")
    (done,) = fetch(archive, own(httpserver), links, NOW)
    kept = archive.entry(done.entry)
    assert kept
    assert (done.state, kept.entry.kind, kept.entry.visibility, kept.entry.title) == (
        "kept",
        "file",
        "private",
        "plan #1.docx",
    )
    with archive.read(kept.entry.files[0].sha256) as stream:
        assert stream.read() == b"my plan"
    assert "Authorization" not in httpserver.log[0][0].headers
    assert vanishing(archive.entries(content=True)) == ()


def test_each_failure_is_told_and_ends_nothing(archive: Archive, post, httpserver: HTTPServer):
    """A login page with 200, a refusal, a gap, a file without end; and the good one after them."""
    page = "<html><form><input type='password'></form></html>"
    for path, status, data, kind in (
        ("/bbcswebdav/login.docx", 200, page, "text/html"),
        ("/bbcswebdav/login.html", 200, page, "text/html"),
        ("/bbcswebdav/no.pdf", 403, "no", "text/plain"),
        ("/bbcswebdav/gone.pdf", 404, "no", "text/plain"),
        ("/bbcswebdav/huge.bin", 200, "x" * 5000, "application/octet-stream"),
        ("/bbcswebdav/good.html", 200, "<p>mine</p>", "text/html"),
        ("/bbcswebdav/good.txt", 200, "mine", "text/plain"),
    ):
        httpserver.expect_request(path).respond_with_data(data, status, content_type=kind)
    names = ("login.docx", "login.html", "no.pdf", "gone.pdf", "huge.bin", "good.html", "good.txt")
    done = fetch(archive, own(httpserver), post(*(f"/bbcswebdav/{name}" for name in names)), NOW, cap=1000)
    states = {one.link.url.rpartition("/")[2]: one.state for one in done}
    assert states == {"login.docx": "needs-login", "login.html": "needs-login", "no.pdf": "needs-login",
                      "gone.pdf": "gone", "huge.bin": "too-large", "good.html": "kept", "good.txt": "kept"}  # fmt: skip
    assert all(one.why for one in done if one.state != "kept")
    assert len(list(archive.entries(kind="file"))) == 2


def test_a_private_address_is_not_asked(archive: Archive, post, httpserver: HTTPServer):
    """What a text says must not make this computer ask its neighbours."""
    (done,) = fetch(archive, Http(attempts=1), post("/bbcswebdav/a.txt"), NOW)
    assert done.state == "not-asked"
    assert httpserver.log == []


def test_pages_are_left_alone(archive: Archive, post, httpserver: HTTPServer):
    """Only files are fetched."""
    assert fetch(archive, own(httpserver), post("/mod/forum/discuss.php?d=4"), NOW) == ()
    assert httpserver.log == []


def test_a_file_by_webdav_later_is_the_same_entry(archive: Archive, post, httpserver: HTTPServer):
    """The richer sight of the Content Collection joins what was fetched from a link."""
    httpserver.expect_request("/bbcswebdav/users/jane/a.txt").respond_with_data("a")
    (done,) = fetch(archive, own(httpserver), post("/bbcswebdav/users/jane/a.txt"), NOW)
    key = f"blackboard:{httpserver.host}:{httpserver.port}/bbcswebdav/users/jane/a.txt"
    with archive.append(Origin("vle", "blackboard")) as writer:
        digest = writer.add_file(io.BytesIO(b"a"), name="a.txt", media_type="text/plain")
        file = MediaFile(name="a.txt", url=done.link.url, sha256=digest)
        writer.put(Entry(keys=(key,), kind="file", native_id="users/jane/a.txt", files=(file,)), b"{}")
        writer.seal()
    found = archive.by_key(key)
    assert found
    assert (found.id, found.seen_by) == (done.entry, ("linked-files", "vle"))


def test_an_address_without_an_end_is_none():
    """Others may write it into a comment; no server takes it, and looking for its shape would not end in this life."""
    endless = f"{ELP}{'/bbcswebdav/' * 1000}x"
    assert list(addresses(f'<a href="{endless}">plan</a> {endless} <a href="{ELP}/bbcswebdav/b.pdf">')) == [
        f"{ELP}/bbcswebdav/b.pdf"
    ]
