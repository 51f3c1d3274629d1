"""Exports that are damaged, that lie, or that somebody made to do harm."""

from __future__ import annotations

import json
import os
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from archive.entry import MediaFile
from archive.errors import UsageError
from connectors.contract import FileGone, SourceUnavailable
from connectors.moodle import export_tree
from connectors.moodle.export_find import DOWNLOAD_AGAIN, look
from connectors.moodle.export_tree import Tree, parted
from tests.moodle.export_place import FIXTURES, REQUEST, USER, Saved, rewritten, with_more

BLOG = f"{USER}/Blog/Blog entries"
POST = {"subject": "S", "summary": "<p>x</p>", "publishstate": "x", "created": "-", "lastmodified": "-"}


def test_half_a_download_is_an_error(tmp_path: Path) -> None:
    """Nothing is taken, and the way to a whole one is told."""
    (tmp_path / "export.zip").write_bytes(REQUEST.read_bytes()[:300_000])
    with pytest.raises(SourceUnavailable) as caught:
        Saved(tmp_path / "s", tmp_path / "export.zip").harvest()
    assert caught.value.code == "export-damaged"
    assert caught.value.mend


def test_a_damaged_zip_beside_a_whole_one_is_told(tmp_path: Path) -> None:
    """All of the whole one arrives."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.zip").write_bytes(REQUEST.read_bytes()[:300_000])
    (folder / "b.zip").write_bytes(REQUEST.read_bytes())
    saved = Saved(tmp_path / "s", folder)
    report = saved.harvest()
    assert [one.what for one in report.failed] == ["a.zip"]
    assert saved.held()["forum-post"] == 16
    assert "export-damaged" in [finding.code for finding in saved.check()]


@pytest.mark.parametrize("name", ["gdpr-export.zip", "leap2a-forum.zip", "badges.zip"])
def test_a_damaged_zip_names_the_clicks_of_moodle(tmp_path: Path, name: str) -> None:
    """Half of it, or one bit of it: a new one comes from Moodle, and from nowhere else."""
    data = bytearray((FIXTURES / name).read_bytes())
    (tmp_path / "half.zip").write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceUnavailable) as half:
        look(tmp_path / "half.zip")
    at = data.index(b"PK\x01\x02")
    while at >= 0:
        data[at + 16] ^= 0xFF  # the checksum of each member
        at = data.find(b"PK\x01\x02", at + 1)
    (tmp_path / "bits.zip").write_bytes(data)
    (pack,) = look(tmp_path / "bits.zip").packs()
    member = next(iter(sorted(pack.names())))
    with pytest.raises(FileGone) as file, pack.open(member) as stream:
        stream.read()
    with pytest.raises(SourceUnavailable) as text, pack.text(member) as stream:
        stream.read()
    assert {caught.value.mend for caught in (half, file, text)} == {DOWNLOAD_AGAIN}
    assert "Moodle" in DOWNLOAD_AGAIN


def test_a_file_of_an_unpacked_export_that_vanished_names_the_clicks_of_moodle(tmp_path: Path) -> None:
    """It is taken away between the look and the reading."""
    with zipfile.ZipFile(FIXTURES / "leap2a-data.zip") as packed:
        packed.extractall(tmp_path / "in")
    (pack,) = look(tmp_path / "in").packs()
    (tmp_path / "in" / "leap2a.xml").unlink()
    with pytest.raises(FileGone) as caught:
        pack.open("leap2a.xml")
    assert caught.value.mend == DOWNLOAD_AGAIN


def test_a_bomb_is_not_read(tmp_path: Path) -> None:
    """What unpacks to far more than an export can hold."""
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("System _.1/data.json", b" " * (64 * 2**20))
    with pytest.raises(SourceUnavailable) as caught:
        look(tmp_path / "export.zip")
    assert caught.value.code == "too-large"


def test_a_locked_leap2a_zip_is_told(tmp_path: Path) -> None:
    """By its name, beside what can be read."""
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(FIXTURES / "badges.zip", folder)
    data = bytearray((FIXTURES / "leap2a-forum.zip").read_bytes())
    at = data.index(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1  # "locked with a password"
        at = data.find(b"PK\x01\x02", at + 1)
    (folder / "locked.zip").write_bytes(data)
    saved = Saved(tmp_path / "s", folder)
    report = saved.harvest()
    assert [one.what for one in report.failed] == ["locked.zip"]
    assert saved.held() == {"badge": 2}


def test_names_that_leave_their_place_are_not_there(tmp_path: Path) -> None:
    """Nor what only links to elsewhere."""
    link = zipfile.ZipInfo(f"{USER}/Private files/_files/private/link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = with_more(tmp_path / "x.zip", {f"{USER}/Private files/_files/private/../../up.txt": b"evil",
                                          f"/{USER}/Private files/_files/private/abs.txt": b"evil"})  # fmt: skip
    with zipfile.ZipFile(path, "a") as out:
        out.writestr(link, "/etc/passwd")
    saved = Saved(tmp_path / "s", path)
    saved.harvest()
    assert saved.held()["file"] == 7


def test_links_and_pipes_on_the_disk_are_left_alone(tmp_path: Path) -> None:
    """In an unpacked export, and beside it; a pipe would be waited for for ever."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "in" / "export"
    with zipfile.ZipFile(REQUEST) as packed:
        packed.extractall(folder)
    private = folder / USER / "Private files" / "_files" / "private"
    (private / "mine.txt").symlink_to(tmp_path / "secret.txt")
    (private / "all").symlink_to(tmp_path)
    os.mkfifo(private / "pipe")
    os.mkfifo(folder.parent / "pipe.zip")
    (tmp_path / "theirs").mkdir()
    shutil.copy(FIXTURES / "gdpr-export.zip", tmp_path / "theirs")
    with zipfile.ZipFile(FIXTURES / "leap2a-data.zip") as packed:
        packed.extractall(tmp_path / "theirs")
    (folder.parent / "elsewhere").symlink_to(tmp_path / "theirs")
    saved = Saved(tmp_path / "s", folder.parent)
    report = saved.harvest()
    assert report.failed == []
    assert saved.held()["file"] == 7
    assert "secret" not in saved.kept()
    told = {finding.code: finding.message for finding in saved.check()}
    assert "elsewhere, pipe.zip" in told["other-files"]


def test_a_wrong_checksum_costs_one_file(tmp_path: Path) -> None:
    """All others arrive, and it is said which one did not."""
    data = bytearray(REQUEST.read_bytes())
    with zipfile.ZipFile(REQUEST) as packed:
        (name,) = [n for n in packed.namelist() if n.endswith("/_files/attachment/_7/mentoring log.csv")]
        info = packed.getinfo(name)
    at = data.index(b"PK\x01\x02", data.rindex(name.encode()) - 60)
    assert data[at + 16 : at + 20] == info.CRC.to_bytes(4, "little")
    data[at + 16] ^= 0xFF
    (tmp_path / "x.zip").write_bytes(data)
    saved = Saved(tmp_path / "s", tmp_path / "x.zip")
    report = saved.harvest()
    assert [one.what.partition(" of ")[0] for one in report.failed] == ["file mentoring log.csv"]
    assert saved.held()["post"] == 18


@pytest.mark.parametrize(
    "value",
    [
        {**POST, "summary": ["a"], "uniquehash": {"a": 1}, "created": {"x": 1}},
        {**POST, "publishstate": {"a": []}, "subject": None},
        {"name": "x", "url": [], "created_or_modified_by_you": 1, "competencies": 7},
        {"name": {}, "status": [], "duedate": {}, "competencies": [1, None]},
        {"idnumber": 1, "name": [], "rating": 5, "evidence": 3},
        {"issued": {"unique_hash": {"a": "b"}, "issued_on": [3]}, "alignment": "x", "course": []},
        [[[[]]]],
        "words",
        None,
    ],
    ids=lambda value: json.dumps(value)[:20],
)
def test_a_document_of_another_shape_costs_at_most_itself(tmp_path: Path, value: object) -> None:
    """Whatever stands where something else should."""
    saved = Saved(tmp_path / "s", with_more(tmp_path / "x.zip", {f"{BLOG}/Odd (999)/data.json": value}))
    report = saved.harvest()
    assert len(report.failed) <= 1
    assert saved.held()["forum-post"] == 16
    assert saved.entry("blog/2")


@pytest.mark.parametrize(
    "where", ["Comments/data.json", "tags.json"], ids=["comments", "tags"]
)  # fmt: skip
@pytest.mark.parametrize("value", [{"comments": [1, None, {"content": []}]}, {"comments": 3}, [1, {}], 5])
def test_odd_things_beside_an_entry(tmp_path: Path, where: str, value: object) -> None:
    """The entry itself stays."""
    name = f"{BLOG}/Peer observation (9)/{where}"
    saved = Saved(tmp_path / "s", with_more(tmp_path / "x.zip", {name: value}))
    saved.harvest()
    assert saved.entry("blog/9").title == "Peer observation"
    assert saved.entry("blog/2")


def test_broken_json_costs_one_document(tmp_path: Path) -> None:
    """Cut, nested beyond measure, or no text at all: named, and the rest arrives."""
    odd = {
        f"{BLOG}/Cut (901)/data.json": b'{"subject": "x',
        f"{BLOG}/Deep (902)/data.json": b"[" * 200_000,
        f"{BLOG}/Bytes (903)/data.json": b"\xff\xfe\x00",
    }
    saved = Saved(tmp_path / "s", with_more(tmp_path / "x.zip", odd))
    report = saved.harvest()
    assert {one.what.split("/")[2][:3] for one in report.failed} == {"Cut", "Dee", "Byt"}
    assert saved.held()["post"] == 18


def test_a_log_that_is_too_large_still_tells_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only its beginning is read; without the owner's number nothing of databases and notes could be kept."""
    monkeypatch.setattr(export_tree, "MAX_DOCUMENT", 30_000)
    with zipfile.ZipFile(REQUEST) as packed:
        (log,) = [info for info in packed.infolist() if info.filename.endswith("Logs/Standard log/data.json")]
    assert log.file_size > 30_000
    (pack,) = look(REQUEST).requests
    tree = Tree(pack)
    monkeypatch.setattr(export_tree, "_roles", lambda _: iter(()))
    assert tree.number == 3


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("System _.1/User A _.12/data.json", (("System _.1", "User A _.12"), ("data.json",))),
        ("out/System _.1/a/b _.5/c.json", (("System _.1",), ("a", "b _.5", "c.json"))),  # a subject that looks so
        ("js/data_index.js", None),
        ("System _.1", None),
        ("", None),
    ],
)
def test_contexts_stand_at_the_beginning(name: str, found: tuple[tuple[str, ...], tuple[str, ...]] | None) -> None:
    """What people call their posts is no context."""
    split = parted(name)
    assert (split and (split[0].path, split[1])) == found


def test_a_path_of_a_text_reaches_only_files_of_the_zip(tmp_path: Path) -> None:
    """A link that leads out, or nowhere, is left as it is and named."""
    text = '<a href="../../etc/_files/passwd">a</a><img src="System _.1/_files/post/_1/none.png">'
    odd = {f"{BLOG}/Odd (999)/data.json": {**POST, "summary": text}}
    saved = Saved(tmp_path / "s", with_more(tmp_path / "x.zip", odd))
    saved.harvest()
    entry = saved.entry("blog/999")
    assert entry.content_html == text
    assert entry.extra["lost_links"] == ["passwd", "none.png"]


def test_two_files_that_a_path_may_mean_are_neither(tmp_path: Path) -> None:
    """``1`` may be a folder ``1`` or ``_1``: what is not certain is not put right."""
    folder = f"{BLOG}/Odd (999)"
    odd = {
        f"{folder}/data.json": {**POST, "summary": f'<img src="{folder}/_files/post/999/1/a.png">'},
        f"{folder}/_files/post/_999/1/a.png": b"one",
        f"{folder}/_files/post/_999/_1/a.png": b"two",
    }
    saved = Saved(tmp_path / "s", with_more(tmp_path / "x.zip", odd))
    saved.harvest()
    assert saved.entry("blog/999").extra["lost_links"] == ["a.png"]


def test_a_file_that_no_export_has(tmp_path: Path) -> None:
    """An error that names it, for this one only."""
    source = Saved(tmp_path).source()
    with pytest.raises(FileGone):
        source.open(MediaFile(name="x", url="https://vle.northshire.example/pluginfile.php/1/x"))


def test_nothing_of_moodle(tmp_path: Path) -> None:
    """The error says what to do."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "holiday.txt").write_text("x")
    with pytest.raises(UsageError) as caught:
        Saved(tmp_path / "s", tmp_path / "in").harvest()
    assert "mydatarequests.php" in caught.value.mend


def test_a_request_that_says_of_nobody_whose_it_is(tmp_path: Path) -> None:
    """Nobody's things are taken for the owner's."""
    path = rewritten(tmp_path / "x.zip", lambda name, data: None if name == f"{USER}/data.json" else data)
    with pytest.raises(UsageError):
        Saved(tmp_path / "s", path).harvest()
