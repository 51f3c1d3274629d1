"""Exports that are damaged, that lie, or that somebody made to do harm."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from connectors.contract import SourceUnavailable
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


def test_a_hundred_thousand_files(folder: Path) -> None:
    """Each is found by its number."""
    path = made(folder / "x.zip", *((f"{FOLDER}/{n}-a.txt", b"%d" % n) for n in range(100_000)))

    assert read(only(path), "99999") == b"99999"


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
