"""Exports that are damaged, that lie, or that somebody made to do harm."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from connectors.contract import FileGone, SourceUnavailable
from connectors.mahara import leap2a_pack
from connectors.mahara.leap2a_file import look, packages
from connectors.mahara.leap2a_package import Package
from tests.mahara.place import ALL, FIXTURES, LEAP_ONLY, Place

FEED = '<feed xmlns:leap2="http://terms.leapspecs.org/"><id>a</id></feed>'
FOLDER = "export_info/files"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


def made(path: Path, *members: tuple[str, bytes], feed: str = FEED) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("leap2a.xml", feed)
        for name, data in members:
            out.writestr(name, data)
    return path


def read(package: Package, number: str, href: str = "") -> bytes:
    member = package.file(number, href)
    assert member
    with package.open(member) as stream:
        return stream.read()


def only(path: Path) -> Package:
    (package,) = packages(path, path.parent)
    return package


@pytest.mark.parametrize(
    "name", [f"/{FOLDER}/1-a.txt", f"{FOLDER}/../{FOLDER}/1-a.txt", f"{FOLDER}/../../1-a.txt", "\\1-a.txt"]
)
def test_a_name_that_leaves_its_place_is_not_there(folder: Path, name: str) -> None:
    """Neither by its name nor by its number."""
    package = only(made(folder / "x.zip", (name, b"evil")))

    assert package.file("1", name) is None


def test_dots_in_a_name_are_letters(folder: Path) -> None:
    """Mahara leaves backslashes in titles; they lead nowhere here."""
    package = only(made(folder / "x.zip", (f"{FOLDER}/130-..\\..\\evil.txt", b"a title")))

    assert read(package, "130") == b"a title"


def test_a_link_in_a_zip_is_not_followed(folder: Path) -> None:
    """Nor does it stand for a file."""
    link = zipfile.ZipInfo(f"{FOLDER}/1-a.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(made(folder / "x.zip"), "a") as out:
        out.writestr(link, "/etc/passwd")

    assert only(folder / "x.zip").file("1", f"{FOLDER}/1-a.txt") is None


def test_links_and_pipes_on_the_disk_are_left_alone(folder: Path, tmp_path: Path) -> None:
    """A file, a folder, an export that only points elsewhere; a pipe would be waited for for ever."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "1-a.txt").write_text("secret")
    (folder / "leap2a.xml").write_text(FEED)
    (folder / FOLDER).mkdir(parents=True)
    (folder / FOLDER / "1-a.txt").symlink_to(tmp_path / "secret" / "1-a.txt")
    (folder / FOLDER / "sub").symlink_to(tmp_path / "secret")
    (folder / "link.zip").symlink_to(FIXTURES / ALL)
    os.mkfifo(folder / "pipe.zip")
    os.mkfifo(folder / FOLDER / "2-pipe.txt")
    (folder / "more").symlink_to(tmp_path)

    found = look(folder, tmp_path)

    (package,) = found.packages
    assert [package.file(n, f"{FOLDER}/{n}-a.txt") for n in "12"] == [None, None]
    assert [name for name, _ in found.others] == ["link.zip", "more", "pipe.zip"]


def test_a_file_that_became_a_link_is_not_opened(folder: Path, tmp_path: Path) -> None:
    """Between the look and the reading."""
    (folder / "leap2a.xml").write_text(FEED)
    (folder / "files").mkdir()
    (folder / "files" / "1-a.txt").write_text("mine")
    (tmp_path / "secret").write_text("secret")
    package = only(folder)
    member = package.file("1", "files/1-a.txt")
    assert member
    (folder / "files" / "1-a.txt").unlink()
    (folder / "files" / "1-a.txt").symlink_to(tmp_path / "secret")

    with pytest.raises(FileGone):
        package.open(member)


def test_a_wrong_checksum_costs_one_file(tmp_path: Path) -> None:
    """All others arrive, and it is said which one did not."""
    place = Place(tmp_path)
    data = bytearray((FIXTURES / LEAP_ONLY).read_bytes())
    with zipfile.ZipFile(FIXTURES / LEAP_ONLY) as packed:
        info = packed.getinfo(f"{FOLDER}/42-fellowship-letter.pdf")
    at = data.find(info.CRC.to_bytes(4, "little"), data.find(b"PK\x01\x02"))
    data[at] ^= 0xFF
    (place.folder / "x.zip").write_bytes(data)

    report = place.harvest()

    assert {one.what.partition(" of ")[0] for one in report.failed} == {"file fellowship-letter.pdf"}
    assert not any(one.transient for one in report.failed)
    assert len([s for s in place.archive.entries(kind="file") if s.entry.files[0].sha256]) == 18


@pytest.mark.parametrize("size", [-7, 7])
def test_a_file_of_another_size_than_it_says(folder: Path, size: int) -> None:
    """Neither cut nor too long: such bytes are not stored."""
    data = os.urandom(200_000)
    path = made(folder / "x.zip", (f"{FOLDER}/1-a.bin", data))
    raw = path.read_bytes()
    path.write_bytes(raw.replace(len(data).to_bytes(4, "little"), (len(data) + size).to_bytes(4, "little")))

    with pytest.raises(FileGone):
        read(only(path), "1")


def test_a_file_that_lies_outside_of_its_zip(folder: Path) -> None:
    """A place before the first byte: no zip's, and no disk's fault."""
    path = made(folder / "x.zip", (f"{FOLDER}/1-a.txt", b"here"), (f"{FOLDER}/2-b.txt", b"there"))
    data = bytearray(path.read_bytes())
    end = data.rfind(b"PK\x05\x06")
    _add(data, end + 16, 9)  # everything seems to begin nine bytes earlier ...
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        _add(data, at + 42, 9)  # ... and is moved back
        at = data.find(b"PK\x01\x02", at + 1)
    second = data.rfind(f"{FOLDER}/2-b.txt".encode()) - 46
    data[second + 42 : second + 46] = bytes(4)
    path.write_bytes(data)

    with pytest.raises(FileGone):
        read(only(path), "2")


def test_a_locked_file_is_told(folder: Path) -> None:
    """The rest is read; the feed itself must be open."""
    path = made(folder / "x.zip", (f"{FOLDER}/1-a.txt", b"locked" * 100), (f"{FOLDER}/2-b.txt", b"open"))
    _lock(path, f"{FOLDER}/1-a.txt")
    package = only(path)

    with pytest.raises(FileGone, match="password"):
        read(package, "1")
    assert read(package, "2") == b"open"
    _lock(path, "leap2a.xml")
    with pytest.raises(SourceUnavailable) as caught:
        packages(path, folder)
    assert caught.value.code == "encrypted"


def test_a_bomb_in_the_files_is_not_unpacked(folder: Path) -> None:
    """Far more than files hold, from a few bytes: the whole zip is refused before anything comes out."""
    path = made(folder / "x.zip", (f"{FOLDER}/1-a.txt", bytes(64 * 2**20)))

    with pytest.raises(SourceUnavailable) as caught:
        packages(path, folder)

    assert caught.value.code == "too-large"


def test_one_file_that_is_a_bomb_among_others(folder: Path) -> None:
    """It is told; the others are read."""
    path = made(folder / "x.zip", (f"{FOLDER}/1-a.txt", bytes(40 * 2**20)), (f"{FOLDER}/2-b.bin", os.urandom(2**20)))
    package = only(path)

    with pytest.raises(FileGone, match="far more"):
        read(package, "1")
    assert len(read(package, "2")) == 2**20


def test_more_than_a_disk_holds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum of all files has a limit."""
    monkeypatch.setattr(leap2a_pack, "MAX_TOTAL", 10_000)
    path = made(folder / "x.zip", *((f"{FOLDER}/{n}-a.bin", os.urandom(3_000)) for n in range(4)))

    with pytest.raises(SourceUnavailable) as caught:
        packages(path, folder)

    assert caught.value.code == "too-large"


def test_a_hundred_thousand_files(folder: Path) -> None:
    """Each is found by its number."""
    path = made(folder / "x.zip", *((f"{FOLDER}/{n}-a.txt", b"%d" % n) for n in range(100_000)))

    assert read(only(path), "99999") == b"99999"


def test_two_members_of_one_name(folder: Path) -> None:
    """The last counts, as for every other program."""
    with pytest.warns(UserWarning, match="Duplicate"):
        path = made(folder / "x.zip", (f"{FOLDER}/1-a.txt", b"first"), (f"{FOLDER}/1-a.txt", b"second"))

    assert read(only(path), "1") == b"second"


@pytest.mark.parametrize("share", [0.0001, 0.3, 0.99])
def test_half_a_download(tmp_path: Path, share: float) -> None:
    """A zip without its end is no export; it says so, and what to do. Beside a whole one it is told every time."""
    place = Place(tmp_path)
    data = (FIXTURES / ALL).read_bytes()
    (place.folder / "half.zip").write_bytes(data[: max(4, int(len(data) * share))])
    with pytest.raises(SourceUnavailable) as caught:
        packages(place.folder / "half.zip", tmp_path)
    assert "xport again" in caught.value.mend
    place.drop(LEAP_ONLY)

    for _ in range(2):
        report = place.harvest()
        told = [one.what for one in report.failed]
        assert told == ["the export half.zip"]
    assert place.held()["journal-entry"] == 14


@pytest.mark.parametrize("name", ["mahara-export.zip", "leap2a.xml"])
def test_a_login_page_that_was_saved_as_an_export(folder: Path, name: str) -> None:
    """Mahara answers 200 to who is logged out."""
    (folder / name).write_text("<!DOCTYPE html>\n<html><head><title>Log in to Mahara</title></head></html>")

    for path in (folder, folder / name):
        with pytest.raises(SourceUnavailable) as caught:
            packages(path, folder)
        assert caught.value.code == "login-page"


def test_a_feed_that_denies_access(folder: Path) -> None:
    """Nor is this one an export."""
    (folder / "leap2a.xml").write_text(
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Access denied</title></feed>'
    )

    with pytest.raises(SourceUnavailable, match="access is denied") as caught:
        packages(folder, folder)

    assert caught.value.code == "not-leap2a"


def test_the_web_pages_alone_are_not_enough(folder: Path) -> None:
    """Until 19.10 Mahara asked for the format, and many took HTML."""
    with zipfile.ZipFile(folder / "x.zip", "w") as out:
        out.writestr("HTML/index.html", "<html/>")

    with pytest.raises(SourceUnavailable, match="web pages only"):
        packages(folder, folder)


def test_a_zip_in_a_zip_in_a_zip_is_not_looked_into(folder: Path) -> None:
    """An administrator packs once."""
    made(folder / "1.zip")
    for n in (1, 2):
        with zipfile.ZipFile(folder / f"{n + 1}.zip", "w") as out:
            out.write(folder / f"{n}.zip", f"users/{n}.zip")

    with pytest.raises(SourceUnavailable):
        packages(folder / "3.zip", folder)
    assert len(packages(folder / "2.zip", folder)) == 1


def _lock(path: Path, name: str) -> None:
    """Set the bit that says: encrypted."""
    data = bytearray(path.read_bytes())
    at = -1
    while (at := data.find(name.encode(), at + 1)) >= 0:
        head = data.rfind(b"PK", 0, at)
        data[head + (6 if data[head + 2] == 3 else 8)] |= 1
    path.write_bytes(data)


def _add(data: bytearray, at: int, more: int) -> None:
    data[at : at + 4] = (int.from_bytes(data[at : at + 4], "little") + more).to_bytes(4, "little")
