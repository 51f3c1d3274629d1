"""Where exports lie, and how they are packed: found by what is in them."""

from __future__ import annotations

import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.errors import UsageError
from connectors.contract import SourceUnavailable
from connectors.mahara.leap2a_file import look, packages
from connectors.mahara.leap2a_package import Package
from tests.mahara import generated
from tests.mahara.leap_feeds import END, HEAD, file_entry, read
from tests.mahara.place import ALL, FIXTURES, LATER, LEAP_ONLY, OF_1910, OF_2004

FEED = '<feed xmlns:leap2="http://terms.leapspecs.org/"><id>a</id></feed>'
FILE = "34", "export_info/files/34-webinar-screenshot.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    spool = tmp_path / "spool"
    spool.mkdir()
    return spool


def bytes_of(package: Package, number: str, href: str) -> bytes:
    member = package.file(number, href)
    assert member
    with package.open(member) as stream:
        return stream.read()


def picture() -> bytes:
    with zipfile.ZipFile(FIXTURES / ALL) as packed:
        return packed.read(FILE[1])


def repacked(path: Path, before: str = "", feed: str = "leap2a.xml", only: str = "") -> Path:
    """Pack an export again: in a folder, with another name for the feed, or without its web pages."""
    with zipfile.ZipFile(FIXTURES / LEAP_ONLY) as packed, zipfile.ZipFile(path, "w") as out:
        for info in packed.infolist():
            if only in info.filename:
                out.writestr(before + info.filename.replace("leap2a.xml", feed), packed.read(info))
    return path


@pytest.mark.parametrize("name", [ALL, LATER, LEAP_ONLY])
def test_a_zip_as_mahara_gives_it(name: str, spool: Path) -> None:
    """With web pages beside it or without."""
    (package,) = packages(FIXTURES / name, spool)

    assert package.name == name
    assert bytes_of(package, *FILE) == picture()


@pytest.mark.parametrize(("name", "href"), [
    (OF_1910, "files/12-webinar-screenshot.png"), (OF_2004, "export_info/files/49-webinar-screenshot.png"),
])  # fmt: skip
def test_a_zip_as_mahara_gave_it_until_20_04(name: str, href: str, spool: Path) -> None:
    """With two slashes in names of which the XML has one."""
    (package,) = packages(FIXTURES / name, spool)

    assert bytes_of(package, "", href) == picture()
    assert package.counts() is (name == OF_1910)


def test_two_slashes_are_one_but_before_a_name_that_has_one(folder: Path, spool: Path) -> None:
    """Were there both, the one as it is written in the XML counts, in whatever order they lie there."""
    names = ["files//1-a.txt", "files/1-a.txt", "files/2-b.txt", "files///2-b.txt"]
    with zipfile.ZipFile(folder / "x.zip", "w") as out:
        out.writestr("leap2a.xml", FEED)
        for name in names:
            out.writestr(name, name)
    (package,) = packages(folder / "x.zip", spool)

    assert [bytes_of(package, "", f"files/{name}") for name in ("1-a.txt", "2-b.txt")] == [
        b"files/1-a.txt",
        b"files/2-b.txt",
    ]


def test_a_count_is_not_taken_for_the_number_of_a_file(tmp_path: Path) -> None:
    """Until 19.10: file 2 is the first, and not the third, whose name begins with a 2; the lost one stays lost.

    Numbers that are said are believed: an entry before them may be unreadable.
    """
    files = [(2, ""), (0, "files/1-b.txt"), (1, ""), (9, "files/3-lost.txt"), (3, ""), (6, "files/7-h.txt"), (5, "")]
    entries = "".join(file_entry(number, f"f{number}", href=href) for number, href in files)
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("leap2a.xml", HEAD + entries + END)
        for name in ("0-a.txt", "1-b.txt", "2-c.txt", "4-e.txt", "7-h.txt", "8-i.txt"):
            out.writestr(f"files//{name}", b"")

    found = read(path, tmp_path).survey.files

    assert {url.rpartition("=")[2]: member.name for url, member in found.items()} == {
        "2": "files/0-a.txt",
        "0": "files/1-b.txt",
        "1": "files/2-c.txt",
        "3": "files/4-e.txt",
        "6": "files/7-h.txt",
        "5": "files/8-i.txt",
    }


def test_files_of_the_owners_beside_an_unpacked_export_are_no_old_ones(folder: Path, spool: Path) -> None:
    """She may well have a folder ``files`` where she unpacks."""
    with zipfile.ZipFile(FIXTURES / LEAP_ONLY) as packed:
        packed.extractall(folder)
    (folder / "files").mkdir()
    (folder / "files" / "1-letter.txt").write_text("mine")

    (package,) = packages(folder / "leap2a.xml", spool)

    assert not package.counts()


@pytest.mark.parametrize(("before", "feed"), [("mahara-export/", "leap2a.xml"), ("", "leap.xml"), ("x/", "leap2.xml")])
def test_a_zip_that_was_packed_again(folder: Path, spool: Path, before: str, feed: str) -> None:
    """People pack the folder instead of what is in it; older programs call the feed otherwise."""
    (package,) = packages(repacked(folder / "my portfolio.ZIP", before, feed), spool)

    assert package.feed().read(5) == b"<?xml"
    assert bytes_of(package, *FILE) == picture()


@pytest.mark.parametrize("name", ["leap2a.xml", "sam.xml", "portfolio (1).txt"])
def test_an_unpacked_export(folder: Path, spool: Path, name: str) -> None:
    """The folder is named, or the XML in it, whatever it is called; the files are found beside it."""
    with zipfile.ZipFile(FIXTURES / LEAP_ONLY) as packed:
        packed.extractall(folder)
    (folder / "leap2a.xml").rename(folder / name)

    for path in (folder, folder / name, folder.parent):
        (package,) = packages(path, spool)
        assert bytes_of(package, *FILE) == picture()


def test_a_bare_xml_has_no_files(folder: Path, spool: Path) -> None:
    """It is an export all the same."""
    with zipfile.ZipFile(FIXTURES / LEAP_ONLY) as packed:
        packed.extract("leap2a.xml", folder)

    (package,) = packages(folder / "leap2a.xml", spool)

    assert package.file(*FILE) is None


def test_an_administrators_zip_of_zips(folder: Path, spool: Path) -> None:
    """Each person's export in it is one; copies are made where we may, and are gone when it is closed."""
    generated.write(folder / "jo.zip", generated.Plan(entries=1, user=3))
    with zipfile.ZipFile(folder / "all.zip", "w") as out:
        out.writestr("usernames.csv", 'username,exportfile\nsam,mahara-export-leap-user2.zip\n"jo, b",other.zip\n')
        out.write(FIXTURES / LEAP_ONLY, "users/mahara-export-leap-user2.zip")
        out.write(folder / "jo.zip", "users/mahara-export-leap-user3.zip")

    found = look(folder / "all.zip", spool)

    assert found.administrators
    assert [p.name for p in found.packages] == [f"all.zip > users/mahara-export-leap-user{n}.zip" for n in (2, 3)]
    assert [p.username for p in found.packages] == ["sam", ""]
    assert bytes_of(found.packages[0], *FILE) == picture()
    assert len([path for path in spool.rglob("*") if path.is_file()]) == 1
    for package in found.packages:
        package.close()
    assert [path for path in spool.rglob("*") if path.is_file()] == []


def test_zips_in_somebodys_backup_are_not_copied_out(folder: Path, spool: Path) -> None:
    """Unless it was named, or looks like Mahara's: it may be large, and is not our business."""
    with zipfile.ZipFile(folder / "backup.zip", "w") as out:
        out.write(FIXTURES / LEAP_ONLY, "old/portfolio.zip")

    with pytest.raises(UsageError):
        packages(folder, spool)
    assert list(spool.iterdir()) == []
    assert len(packages(folder / "backup.zip", spool)) == 1


def test_a_folder_of_all_sorts(folder: Path, spool: Path) -> None:
    """Exports at any depth that a person makes; what else lies there is named and left alone."""
    shutil.copyfile(FIXTURES / ALL, folder / "november.zip")
    (folder / "2026" / "later").mkdir(parents=True)
    shutil.copyfile(FIXTURES / LATER, folder / "2026" / "later" / "x.zip")
    (folder / "notes.txt").write_text("where I put things")
    (folder / "blog.xml").write_text("<rss><channel/></rss>")
    with zipfile.ZipFile(folder / "essay.docx", "w") as out:
        out.writestr("word/document.xml", "<w/>")
    (folder / ".DS_Store").write_bytes(b"x")

    found = look(folder, spool)

    assert [package.name for package in found.packages] == ["november.zip", "2026/later/x.zip"]
    assert [name for name, _ in found.others] == ["blog.xml", "essay.docx", "notes.txt"]
    assert found.damaged == []


def test_evidence_in_an_unpacked_export_is_no_export(folder: Path, spool: Path) -> None:
    """A zip that somebody uploaded to Mahara lies among the files; an export in it is evidence too."""
    with zipfile.ZipFile(FIXTURES / LEAP_ONLY) as packed:
        packed.extractall(folder)
    shutil.copyfile(FIXTURES / LATER, folder / "export_info" / "files" / "50-h5p-package.zip")

    found = look(folder, spool)

    assert len(found.packages) == 1
    assert found.others == []


def test_a_link_that_the_owner_named(folder: Path, spool: Path) -> None:
    """To a zip, a folder, or the XML in it."""
    with zipfile.ZipFile(FIXTURES / LEAP_ONLY) as packed:
        packed.extractall(folder)
    for number, real in enumerate((FIXTURES / LEAP_ONLY, folder, folder / "leap2a.xml")):
        link = spool / f"link{number}"
        link.symlink_to(real)
        (package,) = packages(link, spool)
        assert bytes_of(package, *FILE) == picture()


def test_the_same_export_twice_is_one(folder: Path, spool: Path) -> None:
    """Downloaded twice, and unpacked beside it: the one with the most files counts."""
    shutil.copyfile(FIXTURES / ALL, folder / "b.zip")
    shutil.copyfile(FIXTURES / ALL, folder / "b (1).zip")
    with zipfile.ZipFile(FIXTURES / ALL) as packed:
        (folder / "a.xml").write_bytes(packed.read("leap2a.xml"))

    (package,) = packages(folder, spool)

    assert bytes_of(package, *FILE) == picture()


def test_a_files_name_in_three_ways(folder: Path, spool: Path) -> None:
    """As the enclosure has it, before percent-decoded, before by its number; never a thumbnail."""
    with zipfile.ZipFile(folder / "x.zip", "w") as out:
        out.writestr("leap2a.xml", FEED)
        out.writestr("export_info/files/1-50% sure+.txt", b"decoded, of another file")
        out.writestr("export_info/files/1-50%25 sure+.txt", b"exact")
        out.writestr("export_info/files/2-naïve café.txt", b"decoded")
        out.writestr("export_info/files/3-maxwidth-24-boat.png", b"thumbnail")
        out.writestr("export_info/files/Deep/3-boat.png", b"in a folder")
        out.writestr("export_info/files/4-maxwidth-24-boat.png", b"thumbnail")
        out.writestr("HTML/5-page.html", b"a web page")
    (package,) = packages(folder, spool)

    assert bytes_of(package, "1", "export_info/files/1-50%25 sure+.txt") == b"exact"
    assert bytes_of(package, "2", "export_info/files/2-na%C3%AFve%20caf%C3%A9.txt") == b"decoded"
    assert bytes_of(package, "3", "") == b"in a folder"
    assert package.file("4", "") is None
    assert package.file("5", "export_info/files/5-page.html") is None


def test_two_threads_read_at_once(spool: Path) -> None:
    """Files of one zip, opened and read by turns: each gets its own bytes."""
    (package,) = packages(FIXTURES / ALL, spool)
    with zipfile.ZipFile(FIXTURES / ALL) as packed:
        numbers = ["37", "38", "39", "45", "46"]
        truth = {
            n: next(packed.read(m) for m in packed.namelist() if f"files/{n}-" in m and "-max" not in m)
            for n in numbers
        }

    def wrong(_: int) -> list[str]:
        return [n for n in numbers if bytes_of(package, n, "") != truth[n]]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(wrong, range(100))) == [[]] * 100


def test_a_closed_export_opens_again(spool: Path) -> None:
    """Exports of a whole institution are closed between two looks at them."""
    (package,) = packages(FIXTURES / ALL, spool)
    package.close()

    assert bytes_of(package, *FILE) == picture()


def test_nothing_there(folder: Path, spool: Path) -> None:
    """Says what to do: the clicks."""
    (folder / "notes.txt").write_text("nothing")
    for path in (folder, folder / "missing.zip"):
        with pytest.raises(UsageError) as caught:
            packages(path, spool)
        assert caught.value.code == "no-export"
        assert "Generate export" in caught.value.mend


def test_a_file_of_another_kind(folder: Path, spool: Path) -> None:
    """Named directly, it is an error that says what it is not."""
    (folder / "notes.txt").write_text("nothing")

    with pytest.raises(SourceUnavailable) as caught:
        packages(folder / "notes.txt", spool)

    assert caught.value.code == "not-leap2a"
