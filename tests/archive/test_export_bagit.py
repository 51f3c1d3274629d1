"""One bag with everything: valid for others, readable by hand, the same whenever it is made."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import bagit as bagit_python
import pytest

from archive.errors import ArchiveDamaged, KeepfolioError
from archive.export import bagit
from archive.filesystem import FileSystem
from archive.store import Archive, Origin
from tests.archive.conftest import Shelf
from tests.archive.histories import eventful, payload
from tests.archive.make import keep, keep_with_file, picture, post


def test_bagit_python_finds_it_valid(archive: Archive, tmp_path: Path) -> None:
    """Manifests, size and all: by a tool that is not ours."""
    bag = bagit_python.Bag(str(bagit.write(eventful(archive), tmp_path / "bag", owner="Jane Example").path))
    bag.validate(processes=1)
    assert bag.info["External-Identifier"] == archive.id
    assert bag.info["Source-Organization"] == "Jane Example"
    assert {"Bagging-Date", "Payload-Oxum", "Internal-Sender-Description"} <= bag.info.keys()


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs coreutils")
def test_the_readmes_own_command_finds_it_clean(archive: Archive, tmp_path: Path) -> None:
    """The line that README.txt gives is run as it stands."""
    bag = bagit.write(eventful(archive), tmp_path / "bag").path
    (command,) = [line for line in (bag / "README.txt").read_text().splitlines() if "sha256sum" in line]
    done = subprocess.run(command.strip(), shell=True, cwd=bag, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_stranger_reads_it_with_plain_python(archive: Archive, tmp_path: Path) -> None:
    """By the ten rules of README.txt, every live and deleted entry, its content, raw form and files are found."""
    bag = bagit.write(eventful(archive), tmp_path / "bag").path
    state: dict[str, dict[str, Any]] = {}
    same: dict[str, str] = {}
    for text in (bag / "data/records.jsonl").read_bytes().splitlines():
        line = json.loads(text)
        if "entry" in line:
            state[same.get(line["id"], line["id"])] = line
            for other in line.get("joins", ()):
                same[other] = line["id"]
                state.pop(other)
    kinds = ("", "workspace")
    held = [s for k in kinds for d in (False, True) for s in archive.entries(kind=k, deleted=d, content=True)]
    assert {s.id for s in held} == state.keys()
    for stored in held:
        line = state[stored.id]
        assert ("deletedBy" in line) == stored.deleted
        page = (bag / line["readable"]["path"]).read_bytes().decode() if "readable" in line else ""
        if line.get("readable", {}).get("whole", "readable" in line):
            assert page.partition("<!-- keepfolio:content -->\n")[2] == stored.entry.content_html
        raw = (bag / line["raw"]["path"]).read_bytes()[line["raw"].get("offset", 0) :][: line["raw"]["size"]]
        assert raw == archive.raw(stored.id)
        for file in line.get("files", ()):
            assert hashlib.sha256((bag / file["path"]).read_bytes()).hexdigest() == file["sha256"]


def test_names_are_readable_and_each_file_is_there_once(archive: Archive, tmp_path: Path) -> None:
    """Versions lie beside each other under the title and date; a file that two entries show is one file."""
    keep_with_file(archive, post(1, files=(picture(),)), b"bytes")
    keep_with_file(archive, post(2, files=(picture(),)), b"bytes")
    keep(archive, post(1, files=(picture(),), content_html="<p>again</p>"))
    names = set(payload(bagit.write(archive, tmp_path / "bag").path))
    assert {"data/posts/2024/2024-03-02-post-1-1.html", "data/posts/2024/2024-03-02-post-1-1-2.html"} <= names
    assert len([name for name in names if name.startswith("data/media/")]) == 1


def test_the_same_archive_gives_the_same_bag(archive: Archive, tmp_path: Path) -> None:
    """Every byte but the date."""
    eventful(archive)
    one, other = (bagit.write(archive, tmp_path / name).path for name in ("one", "other"))
    both = [{p.relative_to(b): p.read_bytes() for p in b.rglob("*") if p.is_file()} for b in (one, other)]
    assert both[0] == both[1]


def test_what_was_removed_is_not_in_it_and_that_it_was_is(archive: Archive, tmp_path: Path) -> None:
    """A decision whose bytes are not all gone from the archive yet keeps them out of what leaves it."""
    keep_with_file(archive, post(1, title="A secret title", files=(picture("secret.jpg"),)), b"secret bytes")
    with archive.append(Origin("owner", "owner")) as writer:
        writer.redact(archive.index.id_of("wordpress:b.org/post/1") or "", for_good=True)
        writer.seal()
    files = payload(bagit.write(archive, tmp_path / "bag").path)
    assert not any(b"secret" in data or "secret" in name for name, data in files.items())
    assert b'"redaction"' in files["data/records.jsonl"]


def test_everything_is_private(archive: Archive, tmp_path: Path) -> None:
    """Folders 0700, files 0600."""
    bag = bagit.write(eventful(archive), tmp_path / "bag").path
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (bag, *bag.rglob("*")) if p.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(p.stat().st_mode) for p in bag.rglob("*") if p.is_file()} == {0o600}


def test_an_archive_in_which_nothing_is_gives_a_valid_bag(archive: Archive, tmp_path: Path) -> None:
    """Empty is not broken."""
    bagit_python.Bag(str(bagit.write(archive, tmp_path / "bag").path)).validate(processes=1)


@pytest.mark.parametrize("was_there", [True, False])
@pytest.mark.parametrize("kind", ["*.html", "*.json", "*photo*"])
def test_of_a_damaged_archive_nothing_is_written(
    archive: Archive, tmp_path: Path, request: pytest.FixtureRequest, kind: str, was_there: bool
) -> None:
    """Damage is named, and no half a bag stays behind that looks like one."""
    request.applymarker("damages")
    keep_with_file(archive, post(1, files=(picture(),)), b"bytes")
    damaged = next(p for p in archive.root.glob(f"segments/*/data/**/{kind}") if p.name != "run.json")
    damaged.write_bytes(damaged.read_bytes().replace(b"1", b"2") + b"x")
    out = tmp_path / "bag"
    if was_there:
        out.mkdir()
    with pytest.raises(ArchiveDamaged, match=r"is not what was stored"):
        bagit.write(archive, out)
    assert list(out.iterdir()) == [] if was_there else not out.exists()


class Full(FileSystem):
    """A disk with room for so many files."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def create(self, path: str | os.PathLike[str]) -> int:
        self.room -= 1
        if self.room < 0:
            raise OSError(28, "No space left on device")
        return super().create(path)


@pytest.mark.parametrize("room", [0, 3, 10])
def test_a_full_disk_leaves_nothing_behind(shelf: Shelf, archive: Archive, tmp_path: Path, room: int) -> None:
    """The error names the disk, and the room is free again."""
    eventful(archive)
    archive.disk = Full(room)
    with pytest.raises(KeepfolioError, match="The disk is full"):
        bagit.write(archive, tmp_path / "bag")
    assert not (tmp_path / "bag").exists()


class Counting(FileSystem):
    """Notes what was written and what was synced."""

    def __init__(self) -> None:
        super().__init__()
        self.made: set[str] = set()
        self.synced_files: set[str] = set()
        self.synced_folders: set[str] = set()

    def create(self, path: str | os.PathLike[str]) -> int:
        self.made.add(os.fspath(path))
        return super().create(path)

    def sync_file(self, path: str | os.PathLike[str]) -> None:
        self.synced_files.add(os.fspath(path))
        super().sync_file(path)

    def sync_folder(self, path: str | os.PathLike[str]) -> None:
        self.synced_folders.add(os.fspath(path))
        super().sync_folder(path)


def test_it_is_on_the_disk_when_it_is_said_to_be(archive: Archive, tmp_path: Path) -> None:
    """Every file and every folder was synced."""
    archive.disk = disk = Counting()
    bag = bagit.write(eventful(archive), tmp_path / "bag").path
    inside = {p for p in disk.made if p.startswith(str(bag))}
    assert inside == {str(p) for p in bag.rglob("*") if p.is_file()}
    assert inside <= disk.synced_files
    assert {str(p) for p in bag.rglob("*") if p.is_dir()} | {str(bag), str(bag.parent)} <= disk.synced_folders
