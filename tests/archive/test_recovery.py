"""What an interrupted run leaves is brought to an end by the next one; an index is only a convenience."""

from __future__ import annotations

import json
import shutil

import pytest

from archive.care.fixity import verify
from archive.errors import ArchiveDamaged, KeepfolioError
from archive.store import Archive
from tests.archive.make import BLOG, keep, keep_with_file, picture, post


def newest(archive):
    return max((archive.root / "segments").iterdir())


def back_to_staging(archive):
    """As after a crash between the last file and the rename."""
    part = newest(archive)
    target = archive.root / "staging" / part.name
    part.rename(target)
    (archive.state / "head.json").unlink()
    return target


@pytest.fixture
def filled(archive):
    keep_with_file(archive, post(1, files=(picture(),)), b"bytes")
    keep(archive, post(2))
    return archive


def test_a_finished_part_in_staging_is_rolled_forward(filled, shelf):
    back_to_staging(filled)
    again = shelf.reopen(filled)
    assert [s.entry.native_id for s in again.entries()] == ["1", "2"]
    assert verify(again).findings == ()


def test_a_finished_part_whose_parent_is_unknown_is_not(filled, shelf):
    """It may belong to something that is gone: rolling it forward would make a hole in the chain."""
    back_to_staging(filled)
    shutil.rmtree(newest(filled))
    again = shelf.reopen(filled)
    assert list(again.entries()) == []
    assert list((again.root / "staging").iterdir()) == []


@pytest.mark.parametrize("harm", ["data/records.jsonl", "tagmanifest-sha256.txt", "manifest-sha256.txt"])
def test_an_unfinished_part_is_removed(filled, shelf, harm):
    (back_to_staging(filled) / harm).unlink()
    again = shelf.reopen(filled)
    assert [s.entry.native_id for s in again.entries()] == ["1"]
    assert list((again.root / "staging").iterdir()) == []
    assert keep(again, post(2)) == ["created"]


def test_an_index_that_is_behind_catches_up(filled, shelf):
    """As after a crash between the rename and the index."""
    kept = filled.index.dump()
    db = filled.index._db
    name = newest(filled).name
    db.execute("DELETE FROM segments WHERE name = ?", (name,))
    db.execute("DELETE FROM entries WHERE segment = ?", (name,))
    db.execute("DELETE FROM keys WHERE key LIKE '%2'")
    again = shelf.reopen(filled)
    assert again.index.dump() == kept


@pytest.mark.parametrize("harm", ["missing", "rubbish", "another archive's", "older layout"])
def test_an_index_that_is_no_good_is_made_anew(filled, shelf, harm):
    kept = filled.index.dump()
    path = filled.state / "index.sqlite"
    if harm == "another archive's":
        filled.index._db.execute("UPDATE meta SET value = 'urn:uuid:other' WHERE name = 'archive'")
    if harm == "older layout":
        filled.index._db.execute("UPDATE meta SET value = '0' WHERE name = 'layout'")
    filled.close()
    if harm in {"missing", "rubbish"}:
        for file in filled.state.glob("index.sqlite*"):
            file.unlink()
    if harm == "rubbish":
        path.write_bytes(b"no database at all" * 1000)
    assert shelf.reopen(filled).index.dump() == kept


def test_rubbish_in_what_is_remembered_costs_no_data(filled, shelf):
    filled.close()
    for file in filled.state.glob("memory.sqlite*"):
        file.unlink()
    (filled.state / "memory.sqlite").write_bytes(b"no database at all" * 1000)
    again = shelf.reopen(filled)
    assert again.known("blog").stamp(post(1).keys[0]) == post(1).stamp


def test_nothing_is_written_on_top_of_a_loss(filled, shelf, damage):
    """With the newest part missing a run refuses, says how to go on, and reading still works."""
    lost = newest(filled)
    damage(filled)
    shutil.move(lost, filled.root.parent / "lost")
    again = shelf.reopen(filled)
    assert [s.entry.native_id for s in again.entries()] == ["1"]
    with pytest.raises(ArchiveDamaged) as refused, again.append(BLOG):
        pass
    assert refused.value.code == "newest-missing"
    assert "--without-lost" in refused.value.mend
    shutil.move(filled.root.parent / "lost", lost)
    assert keep(again, post(3)) == ["created"]


def test_a_damaged_record_stops_the_index_and_is_named(filled, shelf, damage):
    damage(filled)
    records = newest(filled) / "data/records.jsonl"
    records.write_bytes(records.read_bytes()[:-20])
    filled.close()
    shutil.rmtree(filled.state)
    with pytest.raises(ArchiveDamaged, match=r"records\.jsonl"):
        Archive.open(filled.root, shelf.state)


def test_a_copy_without_staging_can_be_read_and_written(filled, shelf, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(filled.root / "segments", copy / "segments")
    for name in ("archive.json", "README.txt", "context.jsonld"):
        shutil.copy(filled.root / name, copy)
    with Archive.open(copy, tmp_path / "copy-state") as there:
        assert len(list(there.entries())) == 2
        keep(there, post(3))


def test_what_a_later_program_writes_is_kept_and_ignored(filled, shelf, tmp_path):
    """Unknown events and fields in records do no harm."""
    lines = [
        {"event": "appraisal", "eventTime": "2030-01-01T00:00:00Z", "id": "urn:uuid:x", "verdict": "good"},
        {**json.loads((newest(filled) / "data/records.jsonl").read_text()), "mood": "sunny"},
    ]
    filled.index.apply(newest(filled).name, [(line, json.dumps(line)) for line in lines])
    assert [s.entry.native_id for s in filled.entries()] == ["1", "2"]


def test_an_archive_put_back_from_an_older_copy_asks_for_everything_since(filled, shelf, damage):
    """Once the owner lets the loss go, no stamp or cursor of what is gone keeps it from coming back."""
    lost = newest(filled)
    damage(filled)
    shutil.move(lost, filled.root.parent / "lost")
    (filled.state / "head.json").unlink()
    again = shelf.reopen(filled)

    with again.append(BLOG):
        pass

    assert again.known("blog").stamp(post(2).keys[0]) == ""
    assert again.known("blog").stamp(post(1).keys[0]) == post(1).stamp


def test_after_a_part_was_taken_away_what_it_held_is_asked_for_again(archive, shelf):
    """A middle part is gone: no remembered stamp keeps its entries from coming back from their source."""
    for number in (1, 2, 3):
        keep(archive, post(number))
    second = sorted((archive.root / "segments").iterdir())[1]
    archive.close()
    shutil.move(second, archive.root.parent / "taken")

    again = shelf.reopen(archive)

    assert again.known("blog").stamp(post(2).keys[0]) == ""
    assert again.known("blog").stamp(post(3).keys[0]) == post(3).stamp


@pytest.mark.parametrize("left", [0, 1, 2, 3, 4, 5])
def test_a_beginning_that_was_cut_off_is_begun_anew(tmp_path, left):
    """A kill between the first folder and archive.json leaves no folder that nobody can use."""
    root = tmp_path / "archive"
    root.mkdir(mode=0o700)
    for name in ("segments", "staging")[:left]:
        (root / name).mkdir(mode=0o700)
    for name in ("README.txt", "context.jsonld", "archive.json.4711.new")[: max(left - 2, 0)]:
        (root / name).write_text("half of")

    archive = Archive.create(root, tmp_path / "state")
    keep(archive, post(1))

    assert verify(archive).findings == ()
    assert not list(root.glob("*.new"))


def test_a_folder_with_anything_else_is_left_alone(tmp_path):
    """What is not the beginning of an archive is somebody's."""
    root = tmp_path / "archive"
    (root / "segments").mkdir(parents=True)
    (root / "segments" / "mine.txt").write_text("x")

    with pytest.raises(KeepfolioError, match="already"):
        Archive.create(root, tmp_path / "state")

    assert (root / "segments" / "mine.txt").read_text() == "x"
