"""What is remembered of copies, and what is said about where they lie."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from archive.care import fixity
from archive.errors import KeepfolioError, UsageError
from bridge import copies, copykeys
from bridge.cli import main
from bridge.copies import Keys
from bridge.session import Session
from bridge.workspace import Workspace
from tests.archive.make import keep, post


def ask(question: str, new: bool) -> str:
    return "correct horse"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    root = tmp_path / "jane"
    (root / "portfolio" / "original").mkdir(parents=True)
    (root / "config.yaml").write_text("{}\n")
    (root / "portfolio" / "original" / "1a.md").write_text("My own words.\n")
    session = Session(Workspace(root))
    keep(session.archive, post(1))
    return session


def own_words(folder: Path) -> bool:
    return any(b"My own words" in path.read_bytes() for path in folder.rglob("*.md") if path.is_file())


def test_the_owners_files_are_kept_first(session, tmp_path):
    """One copy brings all back, what was written since the last harvest included."""
    done = copies.replicate(session, tmp_path / "copy")
    assert done.whole
    assert own_words(tmp_path / "copy")
    back = copies.bring_back(tmp_path / "new" / "archive", tmp_path / "copy")
    assert back.ok


def test_a_copy_is_remembered_and_falls_behind(session, tmp_path):
    assert copies.known(session) == []
    assert copies.overview_line(session).startswith("Copies: none.")
    copies.replicate(session, tmp_path / "copy")
    [copy] = copies.known(session)
    assert (copy.place, copy.form, copies.behind(session, copy)) == (tmp_path / "copy", "folder", 0)
    assert "complete" in copies.overview_line(session)
    keep(session.archive, post(2))
    assert copies.behind(session, copy) == 1
    assert "1 part behind" in copies.overview_line(session)
    assert copies.known_beside(session.workspace.archive) == [copy]


def test_a_verification_is_remembered(session, tmp_path):
    place = tmp_path / "copy"
    copies.replicate(session, place)
    assert copies.known(session)[0].sound is None
    assert copies.verify(session, place, "full", None).ok
    [copy] = copies.known(session)
    assert copy.sound is True
    assert copy.verified is not None


@pytest.mark.parametrize("how", ["left", "moved away"])
def test_a_copy_that_was_found_damaged_is_mended_by_the_next_run(session, tmp_path, how):
    """As the how-to says: what the verification named is read, and written anew from the archive."""
    place = tmp_path / "copy"
    copies.replicate(session, place)
    hurt = min((place / "segments").glob("*/data/run.json"))
    good = hurt.read_bytes()
    hurt.write_bytes(b"X" + good[1:])
    report = copies.verify(session, place, "full", None)
    assert [f.path for f in report.findings] == [hurt.relative_to(place).as_posix()]
    if how == "moved away":
        hurt.rename(tmp_path / "away")
    done = copies.replicate(session, place)
    assert (done.whole, done.mended) == (True, [hurt.relative_to(place).as_posix()])
    assert hurt.read_bytes() == good
    assert copies.known(session)[0].sound is None
    assert copies.verify(session, place, "full", None).findings == ()


def test_a_known_copy_that_is_not_there_is_not_begun_anew(session, tmp_path):
    """The folder in which the disk appears is there; the disk is not."""
    place = tmp_path / "mount" / "keepfolio"
    place.parent.mkdir()
    copies.replicate(session, place)
    shutil.rmtree(place)
    with pytest.raises(KeepfolioError) as problem:
        copies.replicate(session, place)
    assert problem.value.code == "not-there"
    assert not place.exists()


def test_it_is_said_when_every_copy_lies_where_others_hold_the_key(tmp_path):
    """And no more, once one lies on a disk of her own."""
    root = tmp_path / "OneDrive - Northshire University" / "jane"
    root.mkdir(parents=True)
    (root / "config.yaml").write_text("{}\n")
    session = Session(Workspace(root))
    keep(session.archive, post(1))
    assert len(copies.risks(session)) == 1
    copies.replicate(session, root.parent / "copy", form="age", keys=Keys(ask=ask))
    assert len(copies.risks(session)) == 1
    copies.replicate(session, tmp_path / "own-disk")
    assert copies.risks(session) == []


def test_a_passphrase_is_asked_once_and_opens_it_on_another_computer(session, tmp_path):
    """What is remembered is the public key; the copy itself holds the locked one."""
    asked = []

    def asking(question: str, new: bool) -> str:
        asked.append(new)
        return "correct horse"

    place = tmp_path / "copy"
    copies.replicate(session, place, form="age", keys=Keys(ask=asking))
    keep(session.archive, post(2))
    copies.replicate(session, place, keys=Keys(ask=asking))
    assert asked == [True]
    shutil.rmtree(session.archive.state.parent)
    assert copies.bring_back(tmp_path / "new" / "archive", place, Keys(ask=asking)).ok
    assert asked == [True, False]


def test_a_copy_made_for_one_key_is_not_opened_by_another(session, tmp_path):
    private, public = copykeys.new_key()
    place, paper = tmp_path / "copy", tmp_path / "paper"
    copies.replicate(session, place, form="age", recipients=(public,))
    paper.write_text(copykeys.new_key()[0])
    with pytest.raises(UsageError) as problem:
        copies.verify(session, place, "full", None, Keys(file=paper))
    assert problem.value.code == "wrong-key"
    paper.write_text(private)
    assert copies.verify(session, place, "full", None, Keys(file=paper)).ok


@pytest.mark.parametrize("text", ["age1nonsense", "AGE-SECRET-KEY-1ABC", ""])
def test_what_is_no_public_key_is_refused_before_anything_is_written(session, tmp_path, text):
    with pytest.raises(UsageError) as problem:
        copies.replicate(session, tmp_path / "copy", form="age", recipients=(text,))
    assert problem.value.code == "bad-key"
    assert not (tmp_path / "copy").exists()


@pytest.mark.damages
def test_an_encrypted_file_that_was_changed_is_damage_not_a_wrong_key(session, tmp_path):
    private, public = copykeys.new_key()
    place, paper = tmp_path / "copy", tmp_path / "paper"
    paper.write_text(private)
    copies.replicate(session, place, form="age", recipients=(public,))
    hurt = min((place / "zips").iterdir())
    data = hurt.read_bytes()
    for bad in (data[:-1], data[:20], data[:-30] + bytes(30)):
        hurt.write_bytes(bad)
        report = copies.verify(session, place, "full", None, Keys(file=paper))
        assert [f.code for f in report.findings] == ["damaged"]


def test_an_archive_put_back_from_an_older_copy_goes_on(session, tmp_path):
    """What this computer remembers is newer: it is told, and no run is refused for it."""
    place, root = tmp_path / "copy", session.workspace.archive
    copies.replicate(session, place)
    keep(session.archive, post(2))
    session.archive.close()
    shutil.rmtree(root)
    copies.bring_back(root, place)
    again = Session(session.workspace)
    assert copies.forget_lost_head(again)
    keep(again.archive, post(3))
    assert not copies.forget_lost_head(again)
    again.archive.close()


def test_a_short_passphrase_is_refused(session, tmp_path):
    with pytest.raises(UsageError) as problem:
        copies.replicate(session, tmp_path / "copy", form="age", keys=Keys(ask=lambda *_: "abc"))
    assert problem.value.code == "weak-passphrase"
    assert not (tmp_path / "copy").exists()


def test_a_place_is_one_place_however_it_is_written(session, tmp_path, monkeypatch):
    monkeypatch.chdir(session.workspace.root)
    for place in (tmp_path / "copy", Path("../copy"), Path("portfolio/../../copy")):
        copies.replicate(session, place)
    assert [copy.place for copy in copies.known(session)] == [tmp_path / "copy"]


def test_bringing_back_goes_on_where_it_was_cut_off(session, tmp_path):
    """Before the frame was whole, and between two parts; and never over another archive or other files."""
    place, root = tmp_path / "copy", tmp_path / "new" / "archive"
    copies.replicate(session, place)
    (root / "segments").mkdir(parents=True)
    (root / "README.txt").write_text("begun")
    copies.bring_back(root, place)
    shutil.rmtree(max((root / "segments").iterdir()))
    back = copies.bring_back(root, place)
    assert (back.ok, len(back.brought)) == (True, 1)
    other = Session(Workspace(tmp_path / "other"))
    keep(other.archive, post(9))
    with pytest.raises(KeepfolioError) as problem:
        copies.bring_back(other.workspace.archive, place)
    assert problem.value.code == "other-archive"
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    with pytest.raises(UsageError) as problem:
        copies.bring_back(full, place)
    assert problem.value.code == "exists"
    assert [p.name for p in full.iterdir()] == ["mine.txt"]


def test_every_copy_within_reach_is_kept_up(session, tmp_path):
    """What is behind is brought up to date, what is away is left as it is, and nothing is said of what went well."""
    near, away = tmp_path / "near", tmp_path / "away"
    copies.replicate(session, near)
    copies.replicate(session, away)
    away.rename(tmp_path / "unplugged")
    keep(session.archive, post(2))
    assert [copy.place for copy in copies.attached(session)] == [near]
    assert copies.keep_up(session) == []
    assert {str(copy.place): copies.behind(session, copy) for copy in copies.known(session)} == {
        str(near): 0,
        str(away): 1,
    }
    assert fixity.verify(near).checked == fixity.verify(session.archive).checked


def test_a_copy_that_cannot_be_kept_up_is_named(session, tmp_path):
    copies.replicate(session, tmp_path / "copy")
    keep(session.archive, post(2))
    (tmp_path / "copy" / "archive.json").write_text("{}")
    [problem] = copies.keep_up(session)
    assert str(tmp_path / "copy") in problem


def test_the_command_without_a_place_does_all(session, tmp_path, capsys):
    """Exit code 3 while one of them is not connected."""
    copies.replicate(session, tmp_path / "near")
    copies.replicate(session, tmp_path / "away")
    (tmp_path / "away").rename(tmp_path / "unplugged")
    with pytest.raises(SystemExit) as end:
        main(["replicate", "--json", "--workspace", str(session.workspace.root)])
    told = json.loads(capsys.readouterr().out)
    assert end.value.code == 3
    assert [one["place"] for one in told["copies"]] == [str(tmp_path / "near")]
    assert told["away"] == [str(tmp_path / "away")]
