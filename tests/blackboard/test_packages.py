"""Downloaded packages: everything in them that is the owner's arrives, and nothing else does."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.errors import UsageError
from archive.store import Archive, Origin
from bridge import harvest
from connectors.blackboard import course
from connectors.blackboard.pack import Member
from connectors.blackboard.site import source as by_webdav
from connectors.contract import FileGone, SourceUnavailable
from tests.blackboard.packing import COURSE, PORTFOLIO, pack, packages
from tests.blackboard.test_webdav import Nobody
from tests.blackboard.webdav_server import PASSWORD, USER, fill, serving
from tests.contract.shelf import Shelf
from tests.contract.suite import context


def harvested(path: Path, **options: object) -> Shelf:
    shelf = Shelf()
    shelf.harvest(packages(path, **options))
    return shelf


def places(shelf: Shelf) -> set[str]:
    return {entry.native_id for entry in shelf.entries.values()}


def said(path: Path, **options: object) -> str:
    return " ".join(Shelf().harvest(packages(path, **options)).notes)


# --- what is in them ------------------------------------------------------------------------------------------------


def test_files_folders_and_pages(tmp_path: Path):
    """Each file once, each folder, and web pages as pages."""
    shelf = Shelf()
    report = shelf.harvest(packages(pack(tmp_path / "My portfolio.zip", PORTFOLIO)))
    assert set(shelf.of("file")) == {"My portfolio/images/me.png", "My portfolio/evidence/plan #1.docx"}
    assert set(shelf.of("page")) == {"My portfolio/index.html", "My portfolio/more.html"}
    assert set(shelf.of("folder")) == {f"My portfolio/{f}" for f in ("images", "evidence", "evidence/empty")}
    assert report.promised == {"file": 2, "page": 2, "folder": 3}
    empty = shelf.of("folder")["My portfolio/evidence/empty"]
    assert empty.parent == shelf.of("folder")["My portfolio/evidence"].keys[0]


def test_a_page_has_its_text_and_what_it_shows(tmp_path: Path):
    """Title and body; links into the package lead to its files, links elsewhere stay."""
    vle = packages(pack(tmp_path / "My portfolio.zip", PORTFOLIO))
    shelf = Shelf()
    shelf.harvest(vle)
    page = shelf.of("page")["My portfolio/index.html"]
    assert page.title == "About my practice"
    assert page.content_html.startswith("Cyfarchion!")
    assert [file.name for file in page.files] == ["index.html", "plan #1.docx", "me.png"]
    for file in page.files[1:]:
        assert f'"{file.url}' in page.content_html
        with vle.open(file) as stream:
            assert stream.read() == PORTFOLIO[file.url.removeprefix("My%20portfolio/").replace("%20%23", " #")]
    assert f'href="{page.files[1].url}#top"' in page.content_html
    for untouched in ('"https://alt.ac.uk/"', '"../../outside.png"', '"gone.png"'):
        assert untouched in page.content_html
    assert shelf.of("page")["My portfolio/more.html"].content_html == "<p>More é</p>"


def test_dates_are_local_times_of_the_zone_that_is_given(tmp_path: Path):
    """A zip's times have no zone: the owner's is taken, in summer too; an extended time is UTC."""
    path = pack(tmp_path / "a.zip", PORTFOLIO)
    moment = {
        zone: harvested(path, timezone=zone).of("page")["a/index.html"].updated for zone in ("UTC", "Europe/London")
    }
    assert moment["UTC"] == datetime(2024, 6, 1, 12, 30, tzinfo=UTC)
    assert moment["Europe/London"] == datetime(2024, 6, 1, 11, 30, tzinfo=UTC)
    with zipfile.ZipFile(path, "a") as out:
        info = zipfile.ZipInfo("late.txt", (2024, 9, 1, 0, 0, 0))
        info.extra = b"UT\x05\x00\x01" + (1_700_000_000).to_bytes(4, "little")
        out.writestr(info, b"x")
    assert harvested(path).of("file")["a/late.txt"].updated == datetime.fromtimestamp(1_700_000_000, UTC)


def test_the_time_of_packing_is_no_date_of_a_file(tmp_path: Path):
    """A package made in one go says nothing of its files' dates, and the report says so."""
    path = pack(tmp_path / "a.zip", PORTFOLIO, spread=False)
    assert {entry.updated for entry in harvested(path).entries.values()} == {None}
    assert "dates in a.zip are those of its packing" in said(path)


def test_an_unpacked_package_is_the_same_as_the_zip(tmp_path: Path):
    """Same places, same bytes."""
    zipped = pack(tmp_path / "zips" / "mine.zip", PORTFOLIO)
    with zipfile.ZipFile(zipped) as opened:
        opened.extractall(tmp_path / "mine")
    folder = packages(tmp_path / "mine")
    shelf = Shelf()
    shelf.harvest(folder)
    assert places(shelf) == places(harvested(zipped))
    with folder.open(shelf.of("file")["mine/images/me.png"].files[0]) as stream:
        assert stream.read() == PORTFOLIO["images/me.png"]


@pytest.mark.parametrize("names", [("Content.zip", "Content (1).zip"), ("Content (1).zip", "Content.zip")])
def test_a_folder_of_zips_and_a_package_downloaded_again(tmp_path: Path, names: tuple[str, str]):
    """A browser's ``(1)`` is the same package: the newer one's files count, none stands twice."""
    pack(tmp_path / "in" / names[0], {"a.txt": b"old", "b.txt": b"b", "c.txt": b"c"})
    newer = pack(tmp_path / "in" / names[1], {"x": b"", "y": b"", "z": b"", "z1": b"", "a.txt": b"new"})
    pack(tmp_path / "in" / "Other.zip", {"a.txt": b"other"})
    vle, shelf = packages(tmp_path / "in"), Shelf()
    shelf.harvest(vle)
    assert {"Content/a.txt", "Content/b.txt", "Other/a.txt"} <= places(shelf)
    with vle.open(shelf.of("file")["Content/a.txt"].files[0]) as stream:
        assert stream.read() == b"new"
    again = Shelf()
    again.harvest(packages(newer))
    assert places(again) <= places(shelf)


def test_portfolios_that_differ_by_a_number_are_two(tmp_path: Path):
    """A course's number is no counter of a browser and no day."""
    pack(tmp_path / "in" / "EDU-100001.zip", {"index.html": b"<p>one</p>"})
    pack(tmp_path / "in" / "EDU-100002.zip", {"index.html": b"<p>two</p>"})
    shelf = Shelf()
    shelf.harvest(packages(tmp_path / "in"))
    assert places(shelf) == {"EDU-100001/index.html", "EDU-100002/index.html"}


def test_what_an_older_package_has_otherwise_is_told(tmp_path: Path):
    """Two portfolios that a browser saved under one name look like one that was downloaded again."""
    pack(tmp_path / "in" / "Portfolio.zip", {"index.html": b"<p>one</p>", "same.txt": b"s"})
    pack(tmp_path / "in" / "Portfolio (1).zip", {"index.html": b"<p>two</p>", "same.txt": b"s"})
    assert "1 file" in said(tmp_path / "in")
    assert "give the zips different names" in said(tmp_path / "in")
    assert "different names" not in said(tmp_path / "in" / "Portfolio.zip")


def test_a_user_name_in_other_letters_is_the_same_user(tmp_path: Path):
    """Blackboard makes no difference between them, and a zip may."""
    files = {"users/rashby/a.txt": b"a", "Users/somebody/b.txt": b"b"}
    shelf = Shelf()
    shelf.harvest(packages(pack(tmp_path / "p.zip", files), user="RAshby"))
    assert [key.rpartition("/")[2] for key in places(shelf)] == ["a.txt"]


def test_an_unchanged_package_is_not_read_again(tmp_path: Path):
    """Nothing but the promise; a copy with another date on the disk is the same."""
    path = pack(tmp_path / "a.zip", PORTFOLIO)
    shelf = harvested(path)
    os.utime(path, (1, 1))
    report = shelf.harvest(packages(path))
    assert (report.unchanged, report.stored, report.promised["file"]) == (0, [], 2)


def test_a_smaller_package_deletes_nothing(tmp_path: Path):
    """No package says that it is whole."""
    path = pack(tmp_path / "a.zip", PORTFOLIO)
    shelf = harvested(path)
    pack(path, {"index.html": b"<p>new</p>"})
    report = shelf.harvest(packages(path))
    assert (report.listed, report.gone) == ({}, [])
    assert len(shelf.entries) == 7


# --- what does not come out -----------------------------------------------------------------------------------------


def test_of_an_archived_course_only_the_owners_own_files_are_taken(tmp_path: Path):
    """By what the archive says of each file's origin; people, grades and others' work stay inside."""
    path = pack(tmp_path / "ArchiveFile_EDU101.zip", COURSE)
    vle, shelf = packages(path, user=USER), Shelf()
    report = shelf.harvest(vle)
    assert set(shelf.of("file")) == {f"ArchiveFile_EDU101/users/{USER}/Essays/plan.docx"}
    with vle.open(next(iter(shelf.of("file").values())).files[0]) as stream:
        assert stream.read() == b"my plan"
    assert "archive of a whole course" in report.notes[0]
    everything = repr(shelf.entries) + repr(report.raw)
    assert not any(word in everything for word in ("somebody", "slides", "silent", "res00007"))


def test_whose_a_file_of_a_course_is_its_sidecar_says():
    """The owner's name in any case; nobody else's, no course's, none without a word."""
    members = [Member(name, 1, "", None, lambda data=data: io.BytesIO(data)) for name, data in COURSE.items()]
    for user in ("rashby", "RASHBY"):
        assert [member.path for member in course.own_files(members, user)] == ["users/rashby/Essays/plan.docx"]
    assert list(course.own_files(members, "")) == []


def test_without_a_user_name_nothing_of_a_course_is_taken(tmp_path: Path):
    """And the report says what is missing."""
    path = pack(tmp_path / "ArchiveFile_EDU101.zip", COURSE)
    assert harvested(path).entries == {}
    assert "write your Blackboard user name" in said(path)


def test_an_archived_course_inside_of_a_package_is_one_too(tmp_path: Path):
    """What lies beside it is taken."""
    inner = {f"backup/EDU101/{name}": data for name, data in COURSE.items() if name != "imsmanifest.xml"}
    shelf = harvested(pack(tmp_path / "all.zip", {"mine.txt": b"mine", **inner}))
    assert set(shelf.of("file")) == {"all/mine.txt"}


def test_an_archived_course_beside_other_files_is_not_kept_as_a_file(tmp_path: Path):
    """One note beside it makes of a folder of zips a folder of files; a whole class's work is still not the owner's."""
    pack(tmp_path / "in" / "ArchiveFile_EDU101.zip", COURSE)
    pack(tmp_path / "in" / "my own.zip", {"plan.txt": b"x"})
    (tmp_path / "in" / "read me.txt").write_text("hello")
    shelf = Shelf()
    report = shelf.harvest(packages(tmp_path / "in", user="rashby"))
    assert places(shelf) == {"in/my own.zip", "in/read me.txt"}
    assert "ArchiveFile_EDU101.zip is the archive of a whole course" in " ".join(report.notes)


def test_other_peoples_folders_are_not_taken(tmp_path: Path):
    """A package of a shared tree: only the owner's own home."""
    path = pack(tmp_path / "p.zip", {f"users/{USER}/a.txt": b"a", "users/somebody/b.txt": b"b"})
    shelf = harvested(path, user=USER)
    assert places(shelf) == {f"p/users/{USER}/a.txt"}
    assert "1 file of other people's folders" in said(path, user=USER)


@pytest.mark.parametrize("name", ["../../up.txt", "/etc/cron.d/x", "C:\\x.txt", "a/../../b", "..\\..\\up.txt"])
def test_names_that_lead_out_are_left_out_and_named(tmp_path: Path, name: str):
    """Permanently: the next harvest of the same package says it again, and does nothing."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(zipfile.ZipInfo("good.txt"), b"good")
        info = zipfile.ZipInfo("x")
        info.filename = name
        out.writestr(info, b"bad")
    shelf = Shelf()
    report = shelf.harvest(packages(path))
    assert places(shelf) == {"a/good.txt"}
    assert [failed.transient for failed in report.failed] == [False]


def test_links_are_left_out(tmp_path: Path):
    """In a zip and in a folder: neither leads anywhere."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        out.writestr(info, b"/etc/passwd")
    report = Shelf().harvest(packages(path))
    assert "link" in report.failed[0].why
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / "ok.txt").write_text("ok")
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "dir").symlink_to("/etc")
    shelf = Shelf()
    report = shelf.harvest(packages(folder))
    assert places(shelf) == {"unpacked/ok.txt"}
    assert len(report.failed) == 2


def test_a_file_that_became_a_link_is_not_followed(tmp_path: Path):
    """Between the list and the reading."""
    (tmp_path / "u").mkdir()
    (tmp_path / "u" / "a.txt").write_text("a")
    vle, shelf = packages(tmp_path / "u"), Shelf()
    shelf.harvest(vle)
    (tmp_path / "u" / "a.txt").unlink()
    (tmp_path / "u" / "a.txt").symlink_to("/etc/passwd")
    with pytest.raises(SourceUnavailable):
        vle.open(shelf.of("file")["u/a.txt"].files[0])


def test_bombs_are_refused(tmp_path: Path):
    """One file that unpacks to a thousand times its size is left out; a package of them is not read at all."""
    bomb = pack(tmp_path / "bomb.zip", {"a.txt": b"a", "zeros": bytes(300 * 2**20)})
    with pytest.raises(SourceUnavailable, match="far more than an export can hold"):
        harvested(bomb)
    mixed = pack(tmp_path / "mixed.zip", {"noise.bin": os.urandom(2 * 2**20), "zeros": bytes(300 * 2**20)})
    report = Shelf().harvest(packages(mixed))
    assert "far more" in report.failed[0].why


def test_a_size_that_lies_is_found_out(tmp_path: Path):
    """What comes out is counted, whatever the zip says of itself."""
    path = pack(tmp_path / "a.zip", {"a.txt": b"hello world"})
    data = path.read_bytes()
    at = data.rindex(b"PK\x01\x02") + 24
    path.write_bytes(data[:at] + (5).to_bytes(4, "little") + data[at + 4 :])
    vle, shelf = packages(path), Shelf()
    shelf.harvest(vle)
    with pytest.raises(SourceUnavailable), vle.open(shelf.of("file")["a/a.txt"].files[0]) as stream:
        stream.read()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_twins_and_names_that_differ_in_case(tmp_path: Path):
    """The same twice is one; another file of the same name gets a number; ``A`` and ``a`` are two."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        for name, data in [("n.txt", b"1"), ("n.txt", b"1"), ("n.txt", b"2"), ("N.TXT", b"3"), ("n.txt/x", b"4")]:
            out.writestr(zipfile.ZipInfo(name), data)
    files = {entry.native_id for entry in harvested(path).of("file").values()}
    assert files == {"a/n (2).txt", "a/n (3).txt", "a/N.TXT", "a/n.txt/x"}


def test_names_in_utf8_without_the_flag(tmp_path: Path):
    """Packers forget it; what was never UTF-8 stays as it is read."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("plain.txt", b"x")
    data = path.read_bytes().replace(b"plain.txt", "ŵŵŵŵ.".encode())
    path.write_bytes(data)
    assert places(harvested(path)) == {"a/ŵŵŵŵ."}


def test_what_operating_systems_leave_is_not_evidence(tmp_path: Path):
    """Shadows of files, thumbnails."""
    path = pack(tmp_path / "a.zip", {"__MACOSX/._a.txt": b"x", ".DS_Store": b"x", "b/Thumbs.db": b"x", "a.txt": b"a"})
    assert set(harvested(path).of("file")) == {"a/a.txt"}


def test_a_locked_file_is_named(tmp_path: Path):
    """Its bytes cannot be had without a password."""
    path = pack(tmp_path / "a.zip", {"a.txt": b"a"})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    assert "password" in Shelf().harvest(packages(path)).failed[0].why


def test_a_damaged_zip_among_others_ends_nothing(tmp_path: Path):
    """It is named and offered again; alone it is an error; half a download, too."""
    whole = pack(tmp_path / "in" / "good.zip", PORTFOLIO)
    (tmp_path / "in" / "half.zip").write_bytes(whole.read_bytes()[:200])
    shelf = Shelf()
    report = shelf.harvest(packages(tmp_path / "in"))
    assert [failed.what for failed in report.failed] == ["half.zip"]
    assert len(shelf.entries) == 7
    with pytest.raises(SourceUnavailable, match="not a whole zip file"):
        harvested(tmp_path / "in" / "half.zip")


def test_one_damaged_page_ends_nothing(tmp_path: Path):
    """It has no text, and its bytes are a failure that the next run tries again."""
    path = pack(tmp_path / "a.zip", {"a.html": b"<p>" + os.urandom(5000), "b.html": b"<p>fine</p>"})
    data = bytearray(path.read_bytes())
    data[2000:2010] = bytes(10)
    path.write_bytes(data)
    vle, shelf = packages(path), Shelf()
    shelf.harvest(vle)
    assert shelf.of("page")["a/b.html"].content_html == "<p>fine</p>"
    with pytest.raises(SourceUnavailable, match="damaged"), vle.open(shelf.of("page")["a/a.html"].files[0]) as stream:
        stream.read()


def test_nothing_at_the_path(tmp_path: Path):
    """A configuration error, with the clicks; ``check`` says the same and does not fail."""
    (tmp_path / "in").mkdir()
    for path in (tmp_path / "none.zip", tmp_path / "in"):
        with pytest.raises(UsageError):
            harvested(path)
        assert next(iter(packages(path).check())).severity == "error"


def test_a_file_that_is_in_no_package_any_more_is_gone(tmp_path: Path):
    """Said of the file, not of its entry: the owner took the package away."""
    vle = packages(pack(tmp_path / "a.zip", {"a.txt": b"a"}))
    other = harvested(pack(tmp_path / "b.zip", {"b.txt": b"b"})).of("file")["b/b.txt"]
    with pytest.raises(FileGone):
        vle.open(other.files[0])


def test_check_tells_what_is_held_left_out_and_done_by_hand(tmp_path: Path):
    """With the institution's addresses where they are known."""
    path = pack(tmp_path / "a.zip", {**COURSE, "csfiles/home_dir/x": b"x"})
    found = list(packages(path, url="https://vle.northshire.example/ultra/", user=USER).check())
    assert [finding.code for finding in found[:2]] == ["packages", "package-note"]
    assert any("https://vle.northshire.example/ultra/" in finding.mend for finding in found)


def test_one_file_of_the_collection_in_two_packages_is_one_entry(tmp_path: Path):
    """The newer package's."""
    pack(tmp_path / "in" / "January.zip", {f"users/{USER}/a.txt": b"old"})
    pack(tmp_path / "in" / "Autumn.zip", {"b.txt": b"", "c.txt": b"", "d.txt": b"", f"users/{USER}/a.txt": b"new"})
    vle, shelf = packages(tmp_path / "in", url="https://vle.northshire.example", user=USER), Shelf()
    report = shelf.harvest(vle)
    assert report.promised["file"] == 4
    (entry,) = (entry for entry in shelf.entries.values() if entry.title == "a.txt")
    with vle.open(entry.files[0]) as stream:
        assert stream.read() == b"new"


# --- together with WebDAV -------------------------------------------------------------------------------------------


def test_package_and_webdav_of_one_account_are_one_set_of_entries(tmp_path: Path):
    """Where the path of the Content Collection is known, both ways see one thing, and its bytes are held once."""
    own = fill(tmp_path / "collection")
    archive = Archive.create(tmp_path / "archive", tmp_path / "state")

    def run(name: str, vle) -> harvest.Report:
        return harvest.harvest(
            archive, Origin(name, name), vle, report=harvest.Report(name), progress=Nobody(), stop=lambda: False
        )

    with serving(tmp_path / "collection") as server:
        files = {p.relative_to(own.parent.parent).as_posix(): p.read_bytes() for p in own.rglob("*") if p.is_file()}
        zipped = pack(tmp_path / "mine.zip", files)
        first = run("taken", packages(zipped, url=server.url, user=USER))
        second = run(
            "vle", by_webdav("vle", {"url": server.url, "user": USER}, context(server.http(), secret=PASSWORD))
        )
    assert first.created == 14
    assert second.created == 1  # the empty folder, which the package did not have
    kept = {stored.entry.native_id: stored for stored in archive.entries(kind="file")}
    assert len(kept) == len(files)
    assert all(stored.seen_by == ("taken", "vle") for stored in kept.values())
