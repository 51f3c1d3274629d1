"""Every kind of damage, in every class of file, is found and named."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import socket
from datetime import UTC
from pathlib import Path

import pytest

from archive.care import fixity, fixity_log
from archive.care.branches import join
from archive.care.branches import keep as keep_branch
from archive.care.fixity import verify
from archive.errors import ArchiveDamaged, NeedsOwner
from archive.filesystem import FileSystem
from archive.store import Archive
from tests.archive.make import FEED, keep, keep_with_file, picture, poorer, post

CLASSES = {
    "raw": "data/posts/*/*.json",
    "readable": "data/posts/*/*.html",
    "media": "data/media/*/*",
    "shared": "data/comments/*",
    "records": "data/records.jsonl",
    "run": "data/run.json",
    "manifest": "manifest-sha256.txt",
    "tag manifest": "tagmanifest-sha256.txt",
    "bag info": "bag-info.txt",
    "bagit": "bagit.txt",
}


@pytest.fixture
def filled(archive: Archive) -> Archive:
    """Three parts; the second refers to bytes of the first."""
    keep_with_file(archive, post(1, files=(picture(),)), b"some bytes of a picture")
    keep(archive, post(2), post(3, kind="comment", parent="wordpress:b.org/post/1"), poorer(post(1)), origin=FEED)
    keep(archive, post(4))
    return archive


def one(root: Path, pattern: str) -> Path:
    return min((root / "segments").glob(f"*/{pattern}"))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def link(path: Path) -> None:
    copy = Path(str(path) + ".moved")
    path.rename(copy)
    path.symlink_to(copy)


@pytest.mark.parametrize("harm", [flip, cut, zero, Path.unlink], ids=lambda h: h.__name__)
@pytest.mark.parametrize("pattern", CLASSES.values(), ids=CLASSES.keys())
@pytest.mark.parametrize("level", ["full", "deep"])
def test_damage_is_found_and_named(filled, damage, pattern, harm, level):
    """A flipped bit, a cut, zeroed or deleted file: not ok, and the finding names the file."""
    path = one(damage(filled), pattern)
    harm(path)
    report = verify(filled, level)
    assert not report.ok
    assert path.relative_to(filled.root).as_posix() in {f.path for f in report.findings}


@pytest.mark.parametrize("harm", [cut, Path.unlink], ids=lambda h: h.__name__)
def test_quick_sees_what_names_and_sizes_show(filled, damage, harm):
    harm(one(damage(filled), "data/posts/*/*.json"))
    assert not verify(filled, "quick").ok


def test_an_intact_archive_is_ok_at_every_level(filled):
    for level in ("quick", "full", "deep"):
        report = verify(filled, level)
        assert (report.ok, report.findings) == (True, ())
    sealed = [p for p in (filled.root / "segments").glob("*/data/**/*") if p.is_file()]
    size = sum(p.stat().st_size for p in sealed)
    assert report.checked == {"segments": 3, "files": len(sealed), "bytes": size}


def test_no_archive_content_is_ok_too(archive):
    assert verify(archive).checked == {"segments": 0, "files": 0, "bytes": 0}
    assert verify(archive).ok


def test_it_works_without_index_and_state(filled):
    """A stranger with only the folder can check it."""
    assert verify(filled.root).ok


@pytest.mark.parametrize("number", [0, 1])
def test_a_part_missing_in_the_middle_breaks_the_chain(filled, damage, number):
    parts = sorted((damage(filled) / "segments").iterdir())
    shutil.rmtree(parts[number])
    findings = verify(filled.root).findings
    assert "missing-segment" in {f.code for f in findings}


def test_the_newest_part_missing_is_noticed_by_the_remembered_head(filled, damage):
    """The files alone look whole; what this machine remembers does not fit."""
    head = filled.head
    shutil.rmtree(max((damage(filled) / "segments").iterdir()))
    assert verify(filled.root).ok
    [finding] = verify(filled).findings
    assert (finding.code, finding.expected) == ("missing-segment", head)


def test_bytes_that_a_later_part_refers_to_are_followed(filled, damage):
    """When the part that holds a picture is replaced by another valid one, the reference to it is found broken."""
    first = min((damage(filled) / "segments").iterdir())
    other = Archive.create(filled.root.parent / "other", filled.root.parent / "state")
    keep(other, post(9))
    other.close()
    shutil.rmtree(first)
    shutil.copytree(next((other.root / "segments").iterdir()), first)
    assert "missing-reference" in {f.code for f in verify(filled.root).findings}


@pytest.mark.parametrize(
    "path",
    [
        ".DS_Store",
        "segments/Thumbs.db",
        "segments/{bag}/.DS_Store",
        "segments/{bag}/bag-info (conflicted copy).txt",
        "segments/{bag}/data/.DS_Store",
        "segments/{bag}/data/posts/2024/photo (1).jpg",
        "segments/{bag} (conflicted copy)/data/x",
    ],
)
def test_strays_are_no_damage(filled, damage, path):
    """What a synchronised folder or a file manager leaves is named, and the archive is still ok."""
    bag = min((damage(filled) / "segments").iterdir()).name
    stray = filled.root / path.format(bag=bag)
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"x")
    report = verify(filled)
    assert report.ok
    [finding] = report.findings
    assert finding.code == "stray"
    assert stray.relative_to(filled.root).as_posix().startswith(finding.path)


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_a_folder_that_others_may_enter_is_named(filled):
    filled.root.chmod(0o755)
    report = verify(filled)
    assert report.ok
    assert [(f.code, f.found) for f in report.findings] == [("permissions", "0755")]


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_everything_is_private(filled):
    """Folders 0700, files 0600, whatever the umask was."""
    for path in filled.root.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("name", ["README.txt", "archive.json", "context.jsonld"])
def test_the_frame_is_looked_at(filled, damage, name):
    (damage(filled) / name).unlink()
    assert not verify(filled).ok


@pytest.mark.parametrize("name", ["README.txt", "archive.json", "context.jsonld"])
def test_a_frame_that_changed_is_found(filled, damage, name):
    """One more blank changes no meaning, and is named all the same."""
    path = damage(filled) / name
    path.write_bytes(path.read_bytes() + b" ")
    assert [(f.code, f.path) for f in verify(filled).findings] == [("damaged", name)]


def test_a_link_in_place_of_a_file_is_damage(filled, damage):
    link(one(damage(filled), "data/media/*/*"))
    assert not verify(filled).ok


def test_a_sample_reads_some_files(filled, damage, monkeypatch):
    """Nought per cent reads none, a hundred all."""
    flip(one(damage(filled), "data/media/*/*"))
    assert verify(filled, sample=0).ok
    assert not verify(filled, sample=100).ok


def test_a_bag_that_lies_about_its_names(filled, damage):
    """A name that leads outside is never opened, and is named."""
    bag = max((damage(filled) / "segments").iterdir())
    manifest = bag / "manifest-sha256.txt"
    manifest.write_text(manifest.read_text() + f"{'0' * 64}  ../../../archive.json\n")
    found = list(fixity.segment.check(bag))
    assert {"manifest-sha256.txt"} <= {f.path for f in found}
    assert "unsafe-name" in {f.code for f in verify(filled).findings}


def test_two_machines_make_a_fork_and_the_owner_chooses(filled, shelf, tmp_path):
    """Both branches are kept and nothing is written, until the owner chooses to go on from both."""
    other = tmp_path / "other"
    shutil.copytree(filled.root, other)
    there = Archive.open(other, tmp_path / "other-state")
    keep(there, post(20))
    keep(filled, post(21))
    there.close()
    new = max((other / "segments").iterdir())
    shutil.copytree(new, filled.root / "segments" / new.name)
    here = shelf.reopen(filled)
    report = verify(here)
    assert report.ok
    assert [f.code for f in report.findings] == ["fork"]
    assert {s.entry.native_id for s in here.entries()} == {"1", "2", "3", "4", "20", "21"}
    before = sorted(p.name for p in (here.root / "segments").iterdir())
    with pytest.raises(NeedsOwner) as problem:
        keep(here, post(22))
    assert problem.value.code == "fork"
    assert sorted(p.name for p in (here.root / "segments").iterdir()) == before
    join(here)
    keep(here, post(22))
    assert verify(here).findings == ()
    assert len(here.tips()) == 1
    dump = here.index.dump()
    here.reindex()
    assert here.index.dump() == dump


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
@pytest.mark.parametrize("pattern", [*CLASSES.values(), "data/stray"])
@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
@pytest.mark.parametrize("level", ["quick", "deep"])
def test_what_is_no_file_is_never_waited_for(filled, damage, pattern, kind, level):
    """A pipe in a file's place would never end: it is named as damage; a stray one as a stray."""
    root = damage(filled)
    if stray := pattern == "data/stray":
        path = one(root, "data") / "stray"
    else:
        path = one(root, pattern)
        path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as made:  # a long path is no socket's name
            made.bind(path.name)
    else:
        path.mkdir()
    for archive in (filled, filled.root):
        report = verify(archive, level)
        assert report.ok is stray
        if not (stray and kind == "folder"):
            assert path.relative_to(root).as_posix() in {f.path for f in report.findings}


def test_what_is_in_quarantine_is_nobodys_business(filled):
    (filled.root / "quarantine" / "x").mkdir(parents=True)
    (filled.root / "quarantine" / "x" / "y").write_bytes(b"z")
    assert verify(filled).findings == ()


def test_each_verification_can_be_noted(filled):
    """A line for each, in a file of the year; what is noted is no finding, and a line that was hurt is left out."""
    assert fixity_log.history(filled.root) == ()
    assert fixity_log.last(filled.root) is None
    for level in ("quick", "full"):
        fixity_log.note(filled.root, verify(filled, level), level, filled.head)
    first, second = fixity_log.history(filled.root)
    assert (first.level, second.level, second.ok, second.findings) == ("quick", "full", True, 0)
    assert (second.segments, second.head, second.time.tzinfo) == (3, filled.head, UTC)
    assert fixity_log.last(filled.root).time == second.time
    [log] = (filled.root / "fixity").iterdir()
    assert log.name == f"{second.time.year}.jsonl"
    log.write_bytes(b"nonsense\n" + log.read_bytes())
    assert len(fixity_log.history(filled.root)) == 2
    assert verify(filled).findings == ()


def test_a_disk_that_cannot_be_written_is_verified_all_the_same(filled):
    """Noting fails there, and that is no error."""

    class ReadOnly(FileSystem):
        def create(self, path):
            raise OSError(errno.EROFS, "Read-only file system")

        def mkdir(self, path):
            raise OSError(errno.EROFS, "Read-only file system")

    fixity_log.note(filled.root, verify(filled), "full", disk=ReadOnly())
    assert fixity_log.history(filled.root) == ()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_gap_is_no_fork(filled, damage, shelf, number):
    """While a part is missing that another follows, that is said, nothing is chosen or written, and reading works."""
    keep(filled, post(5))
    parts = sorted((damage(filled) / "segments").iterdir())
    shutil.rmtree(parts[number])
    remembered = filled.remembered_head()
    here = shelf.reopen(filled)
    assert "missing-segment" in {f.code for f in verify(here).findings}
    assert "fork" not in {f.code for f in verify(here).findings}
    assert len(here.tips()) == 1
    for act in (join, lambda a: keep_branch(a, parts[3].name), lambda a: keep(a, post(6))):
        with pytest.raises(ArchiveDamaged) as problem:
            act(here)
        assert problem.value.code == "part-missing"
        assert f"number {number + 1}, which {parts[number + 1].name} follows" in problem.value.message
        assert "keepfolio repair --from COPY" in problem.value.mend
    assert here.by_key("wordpress:b.org/post/5")
    assert here.remembered_head() == remembered
    assert [p.name for p in sorted((here.root / "segments").iterdir())] == [p.name for p in parts if p.exists()]


def test_what_was_seen_is_not_forgotten_while_something_is_missing(filled, damage, shelf):
    """A newer part that arrives before the one it follows is not yet what this computer goes on from."""
    remembered = filled.remembered_head()
    keep(filled, post(5))
    keep(filled, post(6))
    lost = sorted((damage(filled) / "segments").iterdir())[3]
    shutil.move(lost, filled.root.parent / "lost")
    head = {"head": remembered[0], "name": remembered[1]}
    (filled.state / "head.json").write_text(json.dumps(head))
    here = shelf.reopen(filled)
    assert here.remembered_head() == remembered
    shutil.move(filled.root.parent / "lost", lost)
    here = shelf.reopen(here)
    assert here.remembered_head()[0] == here.head
    assert keep(here, post(7)) == ["created"]


def test_a_branch_is_not_chosen_while_the_newest_part_is_missing(filled, damage, shelf):
    """The memory of it would go with the choice."""
    (filled.state / "head.json").write_text(json.dumps({"head": "0" * 64, "name": "000009-20260101T000000Z-x-0000"}))
    damage(filled)
    for act in (join, lambda a: keep_branch(a, "x")):
        with pytest.raises(ArchiveDamaged) as problem:
            act(filled)
        assert problem.value.code == "newest-missing"


@pytest.mark.parametrize("harm", [flip, lambda path: path.write_bytes(path.read_bytes() + b"\n")])
@pytest.mark.parametrize("number", [0, 1])
def test_a_changed_tag_file_is_damage_and_no_fork(filled, damage, shelf, number, harm):
    """Its part has another id then: the damage is named, and no second branch made up."""
    part = sorted((damage(filled) / "segments").iterdir())[number]
    harm(part / "tagmanifest-sha256.txt")
    for archive in (filled, filled.root):
        findings = verify(archive).findings
        assert f"segments/{part.name}/tagmanifest-sha256.txt" in {f.path for f in findings}
        assert {f.code for f in findings} == {"damaged"}
    filled.close()
    shutil.rmtree(filled.state)
    again = shelf.reopen(filled)
    with pytest.raises(ArchiveDamaged) as problem:
        join(again)
    assert problem.value.code == "part-missing"


def test_a_sound_part_is_not_blamed_for_one_that_is_missing(filled, damage, tmp_path):
    """Of two branches one is here; of the other one only what follows it."""
    shutil.copytree(filled.root, tmp_path / "other")
    with Archive.open(tmp_path / "other", tmp_path / "other-state") as there:
        keep(there, post(20))
        keep(there, post(21))
    keep(filled, post(22))
    new = max((tmp_path / "other" / "segments").iterdir())
    shutil.copytree(new, damage(filled) / "segments" / new.name)
    assert [(f.code, f.path) for f in verify(filled).findings] == [("missing-segment", "segments")]
