"""Exports in zips and folders that are damaged, that lie, or that somebody made to do harm."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from archive.errors import KeepfolioError
from connectors import packs
from connectors.contract import FileGone, SourceUnavailable
from connectors.packs import FolderPack, Pack, ZipPack

AGAIN = "Ask the system for a new one."


def made(path: Path, *members: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members:
            out.writestr(name, data)
    return path


def zipped(path: Path) -> ZipPack:
    return ZipPack(path.name, lambda: path, AGAIN)


def read(pack: Pack, name: str) -> bytes:
    with pack.open(name) as stream:
        return stream.read()


@pytest.mark.parametrize("name", ["/a.txt", "in/../a.txt", "in/../../a.txt", "\\a.txt"])
def test_a_name_that_leaves_its_place_is_not_there(tmp_path: Path, name: str) -> None:
    """Neither under its name nor under another."""
    pack = zipped(made(tmp_path / "x.zip", (name, b"evil"), ("mine.txt", b"mine")))

    assert list(pack.names()) == ["mine.txt"]
    assert pack.get(name) is None


def test_dots_in_a_name_are_letters(tmp_path: Path) -> None:
    """People write backslashes in titles; they lead nowhere here."""
    name = "files/130-..\\..\\evil.txt"

    assert read(zipped(made(tmp_path / "x.zip", (name, b"a title"))), name) == b"a title"


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    """Nor does it stand for a file."""
    link = zipfile.ZipInfo("a.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as out:
        out.writestr(link, "/etc/passwd")

    assert zipped(tmp_path / "x.zip").get("a.txt") is None


def test_a_file_that_became_a_link_is_not_opened(tmp_path: Path) -> None:
    """Between the look and the reading."""
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "export"
    (folder / "files").mkdir(parents=True)
    (folder / "feed.xml").write_text("<feed/>")
    (folder / "files" / "a.txt").write_text("mine")
    pack = FolderPack("export", folder, "feed.xml", ("files",), AGAIN)
    assert sorted(pack.names()) == ["feed.xml", "files/a.txt"]
    (folder / "files" / "a.txt").unlink()
    (folder / "files" / "a.txt").symlink_to(tmp_path / "secret")

    with pytest.raises(FileGone) as caught:
        pack.open("files/a.txt")

    assert caught.value.mend == AGAIN


@pytest.mark.parametrize("size", [-7, 7])
def test_a_file_of_another_size_than_it_says(tmp_path: Path, size: int) -> None:
    """Neither cut nor too long: such bytes are not stored."""
    data = os.urandom(200_000)
    path = made(tmp_path / "x.zip", ("a.bin", data))
    raw = path.read_bytes()
    path.write_bytes(raw.replace(len(data).to_bytes(4, "little"), (len(data) + size).to_bytes(4, "little")))

    with pytest.raises(FileGone) as caught:
        read(zipped(path), "a.bin")

    assert caught.value.mend == AGAIN


def test_a_file_that_lies_outside_of_its_zip(tmp_path: Path) -> None:
    """A place before the first byte: no zip's, and no disk's fault."""
    path = made(tmp_path / "x.zip", ("a.txt", b"here"), ("b.txt", b"there"))
    data = bytearray(path.read_bytes())
    end = data.rfind(b"PK\x05\x06")
    _add(data, end + 16, 9)  # everything seems to begin nine bytes earlier ...
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        _add(data, at + 42, 9)  # ... and is moved back
        at = data.find(b"PK\x01\x02", at + 1)
    second = data.rfind(b"b.txt") - 46
    data[second + 42 : second + 46] = bytes(4)
    path.write_bytes(data)

    with pytest.raises(FileGone) as caught:
        read(zipped(path), "b.txt")

    assert caught.value.mend == AGAIN


def test_a_damaged_text_is_told_with_the_way_to_a_whole_one(tmp_path: Path) -> None:
    """Its checksum is not that of what came out."""
    path = made(tmp_path / "x.zip", ("feed.xml", b"<feed/>"))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 16] ^= 0xFF
    path.write_bytes(data)

    with pytest.raises(SourceUnavailable) as caught, zipped(path).text("feed.xml") as stream:
        stream.read()

    assert (caught.value.code, caught.value.mend) == ("export-damaged", AGAIN)


def test_half_a_zip_is_told_with_the_way_to_a_whole_one(tmp_path: Path) -> None:
    """Nothing is taken from it."""
    path = made(tmp_path / "x.zip", ("a.bin", os.urandom(2_000)))
    path.write_bytes(path.read_bytes()[:1_000])

    with pytest.raises(SourceUnavailable, match="not a whole zip") as caught:
        zipped(path).names()

    assert (caught.value.code, caught.value.mend) == ("export-damaged", AGAIN)


def test_a_zip_that_is_not_there_is_no_damaged_one(tmp_path: Path) -> None:
    """A disk that was taken away: a new export would not help."""
    with pytest.raises(SourceUnavailable) as caught:
        zipped(tmp_path / "x.zip").names()

    assert caught.value.code == "unreadable"


def test_a_locked_file_is_told(tmp_path: Path) -> None:
    """The rest is read; as a text and as a file."""
    path = made(tmp_path / "x.zip", ("a.txt", b"locked" * 100), ("b.txt", b"open"))
    _lock(path, "a.txt")
    pack = zipped(path)

    for opened, error in ((pack.open, FileGone), (pack.text, SourceUnavailable)):
        with pytest.raises(error, match="password") as caught:
            opened("a.txt")
        assert isinstance(caught.value, KeepfolioError)
        assert "Unpack the zip" in caught.value.mend
    assert read(pack, "b.txt") == b"open"


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """Far more than files hold, from a few bytes: the whole zip is refused before anything comes out."""
    pack = zipped(made(tmp_path / "x.zip", ("a.txt", bytes(64 * 2**20))))

    with pytest.raises(SourceUnavailable) as caught:
        pack.names()

    assert caught.value.code == "too-large"


def test_one_file_that_is_a_bomb_among_others(tmp_path: Path) -> None:
    """It is told; the others are read."""
    pack = zipped(made(tmp_path / "x.zip", ("a.txt", bytes(40 * 2**20)), ("b.bin", os.urandom(2**20))))

    with pytest.raises(FileGone, match="far more"):
        pack.open("a.txt")
    with pytest.raises(SourceUnavailable, match="far more"):
        pack.text("a.txt")
    assert len(read(pack, "b.bin")) == 2**20


def test_more_than_a_disk_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum of all files has a limit."""
    monkeypatch.setattr(packs, "MAX_TOTAL", 10_000)
    pack = zipped(made(tmp_path / "x.zip", *((f"{n}.bin", os.urandom(3_000)) for n in range(4))))

    with pytest.raises(SourceUnavailable) as caught:
        pack.names()

    assert caught.value.code == "too-large"


def test_two_members_of_one_name(tmp_path: Path) -> None:
    """The last counts, as for every other program."""
    with pytest.warns(UserWarning, match="Duplicate"):
        path = made(tmp_path / "x.zip", ("a.txt", b"first"), ("a.txt", b"second"))

    assert read(zipped(path), "a.txt") == b"second"


def test_a_pack_that_was_closed_is_opened_again(tmp_path: Path) -> None:
    """Its place is asked for anew, and given back each time."""
    path, dropped = made(tmp_path / "x.zip", ("a.txt", b"a")), []
    pack = ZipPack("x.zip", lambda: path, AGAIN, lambda: dropped.append(1))

    for _ in range(2):
        assert read(pack, "a.txt") == b"a"
        pack.close()

    assert len(dropped) == 2


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
