"""A Content Collection by WebDAV, against a real server and what institutions put before it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.entry import MediaFile
from archive.errors import UsageError
from archive.store import Archive, Origin
from bridge import harvest
from connectors.blackboard.site import BlackboardSource, source
from connectors.contract import SourceRefused, SourceUnavailable
from tests.blackboard.webdav_server import HARD_NAMES, PASSWORD, USER, Server, fill, serving
from tests.contract.shelf import Shelf
from tests.contract.suite import context

LOGIN_PAGE = b"<html><head><title>Northshire sign-in</title></head><body><form></form></body></html>"
HTML = [("Content-Type", "text/html; charset=utf-8")]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    fill(tmp_path / "collection")
    with serving(tmp_path / "collection") as server:
        yield server


def blackboard(server: Server, secret: str = PASSWORD, **options: object) -> BlackboardSource:
    given = {"url": server.url, "user": USER, **options}
    return source("vle", given, context(server.http(), secret=secret))


def test_every_name_arrives_with_its_bytes(server: Server):
    """Names with ``#``, ``?``, ``%``, ``+``, ``&``, Welsh, emoji; two that differ in case; an empty file."""
    shelf, vle = Shelf(), blackboard(server)
    report = shelf.harvest(vle)
    files = {entry.title: entry for entry in shelf.of("file").values()}
    assert set(files) == set(HARD_NAMES)
    assert report.promised == {"file": len(HARD_NAMES), "folder": 3}
    for name, entry in files.items():
        with vle.open(entry.files[0]) as stream:
            assert stream.read() == (server.folder / entry.native_id).read_bytes(), name


def test_folders_are_parents_and_nobody_elses_are_asked_for(server: Server):
    """The way down is kept; ``users/somebody`` is never touched."""
    shelf = Shelf()
    shelf.harvest(blackboard(server))
    by_key = {entry.keys[0]: entry for entry in shelf.entries.values()}
    deep = shelf.of("file")[f"users/{USER}/CPD 2024/ALT-C # 2?/what now?.txt"]
    folder = by_key[deep.parent]
    assert (folder.title, by_key[folder.parent].title) == ("ALT-C # 2?", "CPD 2024")
    assert by_key[folder.parent].parent is None
    assert {path for _, path in server.asked if "somebody" in path} == set()


def test_an_unchanged_collection_costs_one_request_for_each_folder(server: Server):
    """The second harvest: PROPFIND only, nothing stored."""
    shelf = Shelf()
    shelf.harvest(blackboard(server))
    server.asked.clear()
    again = shelf.harvest(blackboard(server))
    assert (again.stored, again.unchanged) == ([], 0)  # what has its known stamp is not even offered
    assert (server.count("PROPFIND"), len(server.asked)) == (4, 4)


def test_changes_deletions_and_new_files(server: Server):
    """A changed file has another stamp, a removed one is proved gone, a new one is new."""
    own = server.folder / "users" / USER
    shelf = Shelf()
    shelf.harvest(blackboard(server))
    before = shelf.of("file")[f"users/{USER}/plan #1.docx"].files[0].stamp
    (own / "plan #1.docx").write_bytes(b"changed")
    os.utime(own / "plan #1.docx", (1_700_000_000, 1_700_000_000))
    (own / "100% attendance.pdf").unlink()
    (own / "new.txt").write_text("new")
    report = shelf.harvest(blackboard(server))
    assert [entry.title for entry in report.gone] == ["100% attendance.pdf"]
    assert [entry.title for entry in report.created] == ["new.txt"]
    changed = shelf.of("file")[f"users/{USER}/plan #1.docx"].files[0]
    assert changed.stamp != before
    assert changed.size == 7


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("", f"users/{USER}"),
        ("users/rashby/CPD 2024", f"users/{USER}/CPD 2024"),
        ("/users/rashby/CPD%202024/", "users"),
    ],
)
def test_the_folder_can_be_chosen(server: Server, path: str, root: str):
    """As a person writes it, or as a browser shows it."""
    shelf = Shelf()
    shelf.harvest(blackboard(server, path=path))
    assert shelf.entries
    assert all(entry.native_id.startswith(root) for entry in shelf.entries.values())


def test_an_address_copied_from_the_browser_is_understood(server: Server):
    """The address of the folder itself, or of any page of that Blackboard."""
    for url in (f"{server.url}/ultra/", f"{server.url}/bbcswebdav/users/{USER}/"):
        shelf = Shelf()
        shelf.harvest(blackboard(server, url=url))
        assert len(shelf.of("file")) == len(HARD_NAMES)


def test_without_a_user_name_nothing_is_asked(server: Server):
    """A configuration error, before any request."""
    with pytest.raises(UsageError, match="user name"):
        blackboard(server, user="")
    assert server.asked == []


# --- what institutions put before it --------------------------------------------------------------------------------

REDIRECT = ("302 Found", [("Location", "https://login.northshire.example/saml"), *HTML], b"")
PAGE = ("200 OK", HTML, LOGIN_PAGE)


@pytest.mark.parametrize(("instead", "word"), [(REDIRECT, "login.northshire.example"), (PAGE, "Northshire sign-in")])
@pytest.mark.parametrize("from_request", [0, 2])
def test_single_sign_on_is_never_an_empty_folder(server: Server, instead, word: str, from_request: int):
    """A redirect or a page with 200, at once or half-way: an error with the right words, and nothing is lost."""
    shelf = Shelf()
    shelf.harvest(blackboard(server))
    before = shelf.state()
    server.asked.clear()
    server.before = lambda _m, _p: instead if len(server.asked) > from_request else None
    with pytest.raises(SourceUnavailable) as error:
        shelf.harvest(blackboard(server))
    assert error.value.code == "sso"
    assert word in error.value.message
    assert "blackboard-export" in error.value.mend
    assert shelf.state() == before


def test_another_address_of_the_same_folder_is_told(server: Server):
    """http to https, an old name: nothing is sent there before the owner wrote it down."""
    there = f"https://learn.northshire.example/bbcswebdav/users/{USER}"
    server.before = lambda _m, _p: ("301 Moved", [("Location", there)], b"")
    with pytest.raises(SourceUnavailable) as error:
        Shelf().harvest(blackboard(server))
    assert error.value.code == "moved"
    assert "url: https://learn.northshire.example" in error.value.mend
    for nonsense in ("", "http://[", "//"):
        server.before = lambda _m, _p, nonsense=nonsense: ("302 Found", [("Location", nonsense)], b"")
        with pytest.raises(SourceUnavailable):
            Shelf().harvest(blackboard(server))


def test_a_refused_password_is_sent_once(server: Server):
    """Accounts lock: one request, by one route, and the refusal names both reasons."""
    with pytest.raises(SourceRefused) as error:
        Shelf().harvest(blackboard(server, "wrong"))
    assert len(server.asked) == 1
    assert "institution" in error.value.message
    assert "wrong" not in str(error.value)


def test_a_server_that_wants_digest_is_told(server: Server):
    """The password is right, and the way of sending it is another."""
    server.before = lambda _m, _p: ("401 Unauthorized", [("WWW-Authenticate", 'Digest realm="x", nonce="y"')], b"")
    with pytest.raises(SourceRefused, match="Digest"):
        Shelf().harvest(blackboard(server))


@pytest.mark.parametrize(
    ("status", "code"),
    [("404 Not Found", "no-folder"), ("403 Forbidden", "forbidden"), ("405 Not Allowed", "no-webdav"),
     ("501 Not Implemented", "no-webdav"), ("500 Oops", "no-listing"), ("400 Bad", "no-listing")],
)  # fmt: skip
def test_each_refusal_has_its_words(server: Server, status: str, code: str):
    """And a next step."""
    server.before = lambda _m, _p: (status, HTML, b"<html>no</html>")
    with pytest.raises(SourceUnavailable) as error:
        Shelf().harvest(blackboard(server))
    assert error.value.code == code
    assert error.value.mend
    assert error.value.unchanged


def test_a_folder_that_is_closed_to_the_account_deletes_nothing(server: Server):
    """It is named, the rest arrives, and what it held before is not taken for deleted."""
    shelf = Shelf()
    shelf.harvest(blackboard(server))
    held = len(shelf.entries)
    server.before = lambda _m, path: ("403 Forbidden", HTML, b"no") if path.endswith("/CPD 2024/") else None
    report = shelf.harvest(blackboard(server))
    assert [failed.what for failed in report.failed] == [f"folder users/{USER}/CPD 2024/"]
    assert report.listed == {}
    assert len(shelf.entries) == held


def test_a_login_page_in_the_place_of_a_file_is_not_kept(server: Server):
    """Also for a web page of the owner: the length is another one."""
    (server.folder / "users" / USER / "page.html").write_text("<html>mine</html>")
    (server.folder / "users" / USER / "long.docx").write_bytes(bytes(5000))
    shelf = Shelf()
    shelf.harvest(blackboard(server))
    server.before = lambda method, _p: PAGE if method == "GET" else None
    for name in ("page.html", "plan #1.docx", "long.docx"):
        entry = shelf.of("file")[f"users/{USER}/{name}"]
        with pytest.raises(SourceUnavailable) as error, blackboard(server).open(entry.files[0]) as stream:
            stream.read()
        assert error.value.code == "not-the-file"


def test_a_login_that_ends_between_list_and_file_is_a_refusal(server: Server):
    """The harvest stops there and parks the source: no further password is sent."""
    server.before = lambda method, _p: ("401 Unauthorized", [], b"") if method == "GET" else None
    shelf = Shelf()
    shelf.harvest(blackboard(server))
    with pytest.raises(SourceRefused):
        blackboard(server).open(next(iter(shelf.of("file").values())).files[0])


def test_no_file_is_asked_for_elsewhere(server: Server):
    """The password goes to the owner's folder and nowhere else."""
    with pytest.raises(SourceUnavailable, match="does not lie in your folder"):
        blackboard(server).open(MediaFile(name="x", url=f"{server.url}/bbcswebdav/users/somebody/theirs.txt"))
    assert server.asked == []


def test_gone_is_only_what_the_server_says_after_a_good_login(server: Server):
    """Before any good listing a 404 may be a stranger's; a login page proves nothing."""
    vle = blackboard(server)
    key = f"blackboard:{server.url.removeprefix('http://')}/bbcswebdav/users/{USER}/nothing.txt"
    assert vle.exists(key) == "unknown"
    shelf = Shelf()
    shelf.harvest(vle)
    assert vle.exists(key) == "gone"
    assert vle.exists(next(iter(shelf.of("file").values())).keys[0]) == "unlisted"
    for instead in (REDIRECT, PAGE, ("401 Unauthorized", [], b""), ("500 Oops", [], b"")):
        server.before = lambda _m, _p, instead=instead: instead
        assert vle.exists(key) == "unknown"


def test_check_says_what_is_reached_and_what_is_done_by_hand(server: Server):
    """With the institution's own addresses; also when WebDAV is closed."""
    found = list(blackboard(server).check())
    assert found[0].severity == "ok"
    assert any(f"{server.url}/ultra/" in finding.mend for finding in found)
    server.before = lambda _m, _p: REDIRECT
    found = list(blackboard(server).check())
    assert (found[0].code, found[0].severity) == ("sso", "error")
    assert [finding.code for finding in found].count("by-hand") == 4


# --- whole harvests -------------------------------------------------------------------------------------------------


class Nobody:
    def __getattr__(self, name: str):
        return lambda *_: None


def run(archive: Archive, vle: BlackboardSource) -> harvest.Report:
    return harvest.harvest(
        archive, Origin("vle", "blackboard"), vle, report=harvest.Report("vle"), progress=Nobody(), stop=lambda: False
    )


def test_into_the_archive_and_again(server: Server, tmp_path: Path):
    """Bytes as on the server's disk; the second harvest asks for no body and seals nothing; a cut one is made good."""
    archive = Archive.create(tmp_path / "archive", tmp_path / "state")
    cut = [0]

    def before(method: str, _path: str):
        cut[0] += method == "GET"
        return ("502 Bad Gateway", [], b"") if method == "GET" and cut[0] > 5 else None

    server.before = before
    assert run(archive, blackboard(server)).failed
    server.before = lambda _m, _p: None
    assert run(archive, blackboard(server)).failed == []
    for stored in archive.entries(kind="file"):
        with archive.read(stored.entry.files[0].sha256) as stream:
            assert stream.read() == (server.folder / stored.entry.native_id).read_bytes()
    server.asked.clear()
    again = run(archive, blackboard(server))
    assert (again.segments, server.count("GET")) == ([], 0)
    sealed = b"".join(path.read_bytes() for path in archive.root.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in sealed


@pytest.mark.slow
def test_five_thousand_files_in_three_hundred_folders(tmp_path: Path):
    """All of them, once; the second harvest costs one request for each folder."""
    own = tmp_path / "users" / USER
    for folder in range(300):
        place = own / f"{folder % 20:02}" / f"{folder % 7}" / f"{folder}"
        place.mkdir(parents=True)
        for number in range(17 if folder < 200 else 16):
            (place / f"file {number} #{folder}.txt").write_text(f"{folder} {number}")
    folders = sum(path.is_dir() for path in own.rglob("*"))
    with serving(tmp_path) as server:
        shelf = Shelf()
        report = shelf.harvest(blackboard(server))
        assert (len(shelf.of("file")), len(shelf.of("folder"))) == (5000, folders)
        assert report.promised == {"file": 5000, "folder": folders}
        assert server.count("PROPFIND") == folders + 1
        server.asked.clear()
        assert shelf.harvest(blackboard(server)).stored == []
        assert len(server.asked) == folders + 1
