"""Taking a history from elsewhere: nothing lost, nothing doubled, nothing of what was removed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.entry import Entry, Json
from archive.errors import UsageError
from archive.export import bagit, ocfl
from archive.forget import purge
from archive.identity import entry_id
from archive.importing.foreign import recognise
from archive.importing.taking import foresee, take
from archive.store import Archive, Change, Origin, Stored, Writer
from tests.archive.conftest import Shelf
from tests.archive.histories import OWN, eventful, lines_of, payload, told
from tests.archive.make import BLOG, FEED, keep, keep_with_file, picture, poorer, post


def handed_over(archive: Archive, form: str, out: Path) -> Path:
    """Return where an archive lies in a form."""
    if form == "bag":
        return bagit.write(archive, out / "bag").path
    return ocfl.write(archive, out / "ocfl").path if form == "ocfl" else archive.root


FORMS = pytest.mark.parametrize("form", ["bag", "ocfl", "folder"])


@FORMS
def test_an_empty_archive_takes_a_history_exactly(shelf: Shelf, archive: Archive, tmp_path: Path, form: str) -> None:
    """Ids, numbers, times, sights, deletions, joins, failures, raw bytes and files are those of the other archive."""
    eventful(archive)
    copy = shelf.create("copy")
    report = take(copy, recognise(handed_over(archive, form, tmp_path)))
    assert told(copy) == told(archive)
    assert told(shelf.reopen(copy)) == told(archive)
    assert (report.updated, report.unchanged, report.refused) == (0, 0, [])
    assert report.created == len([k for k in told(archive) if k.startswith("urn:")])


@FORMS
def test_the_bag_of_what_was_taken_equals_the_first(shelf: Shelf, archive: Archive, tmp_path: Path, form: str) -> None:
    """There and back, and nothing of the payload differs but who wrote it."""
    eventful(archive)
    copy = shelf.create("copy")
    take(copy, recognise(handed_over(archive, form, tmp_path)))
    one, other = bagit.write(archive, tmp_path / "one").path, bagit.write(copy, tmp_path / "other").path
    assert payload(one) == payload(other)


@FORMS
def test_taking_twice_changes_nothing(shelf: Shelf, archive: Archive, tmp_path: Path, form: str) -> None:
    """A second import finds everything here."""
    theirs = handed_over(eventful(archive), form, tmp_path)
    copy = shelf.create("copy")
    first = take(copy, recognise(theirs))
    before = lines_of(copy)
    again = take(copy, recognise(theirs))
    assert lines_of(copy) == before
    assert (again.created, again.updated, again.unchanged, again.parts) == (0, 0, first.created, [])


def test_a_dry_run_foresees_what_is_done(shelf: Shelf, archive: Archive, tmp_path: Path) -> None:
    """The numbers are those of the import, and nothing is written."""
    theirs = recognise(handed_over(eventful(archive), "bag", tmp_path))
    copy = shelf.create("copy")
    foreseen = foresee(copy, theirs)
    assert (lines_of(copy), copy.sources()) == ([], {})
    done = take(copy, theirs)
    assert (foreseen.created, foreseen.updated, foreseen.files, foreseen.bytes, foreseen.events) == (
        done.created, done.updated, done.files, done.bytes, done.events,
    )  # fmt: skip


@FORMS
def test_an_interrupted_import_goes_on(shelf: Shelf, archive: Archive, tmp_path: Path, form: str) -> None:
    """Stopped anywhere and run again, it ends where an uninterrupted one does."""
    theirs = recognise(handed_over(eventful(archive), form, tmp_path))
    copy = shelf.create("copy")
    for pause in (3, 4, 5, 6):
        assert take(copy, theirs, stop=after(pause)).stopped
    assert not take(copy, theirs).stopped
    assert told(copy) == told(archive)
    one, other = bagit.write(archive, tmp_path / "one").path, bagit.write(copy, tmp_path / "other").path
    assert payload(one) == payload(other)  # no bytes were kept twice


def test_a_crash_between_two_parts_loses_nothing(
    shelf: Shelf, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sealed stays, what was not is taken by the next run."""
    theirs = recognise(handed_over(eventful(archive), "bag", tmp_path))
    copy = shelf.create("copy")
    monkeypatch.setattr("archive.writer.FULL_ITEMS", 4)
    seals = iter(range(3))
    real = Writer.seal

    def dies(writer: Writer, cursor: Json | None = None) -> str | None:
        if next(seals, None) is None:
            raise KeyboardInterrupt
        return real(writer, cursor)

    with monkeypatch.context() as dying:
        dying.setattr(Writer, "seal", dies)
        with pytest.raises(KeyboardInterrupt):
            take(copy, theirs)
    copy = shelf.reopen(copy)
    assert copy.summary().segments == 3
    take(copy, theirs)
    assert told(copy) == told(archive)


def test_a_later_export_brings_what_came_since(shelf: Shelf, archive: Archive, tmp_path: Path) -> None:
    """A second hand-over continues the first: versions go on with their own numbers and times."""
    copy = shelf.create("copy")
    keep(archive, post(1), post(2))
    take(copy, recognise(bagit.write(archive, tmp_path / "first").path))
    keep(archive, post(1, title="Later"), post(3))
    report = take(copy, recognise(bagit.write(archive, tmp_path / "second").path))
    assert (report.created, report.updated, report.unchanged) == (1, 1, 1)
    assert told(copy) == told(archive)


# --- two histories ------------------------------------------------------------------------------------------------


def both(shelf: Shelf) -> tuple[Archive, Archive]:
    return shelf.create("mine"), shelf.create("theirs")


def test_versions_that_both_have_are_not_repeated(shelf: Shelf) -> None:
    """Of an entry with a history on both sides, only versions that are not here are added, with the next numbers."""
    mine, theirs = both(shelf)
    keep(mine, post(1, updated=day(1)))
    keep(theirs, post(1, updated=day(1)))
    keep(theirs, post(1, title="Second", updated=day(2)))
    keep(theirs, post(1, title="Third", updated=day(3)))
    report = take(mine, recognise(theirs.root))
    entry = one_of(mine)
    assert [(v.number, v.title) for v in mine.versions(entry.id)] == [(1, "Post 1"), (2, "Second"), (3, "Third")]
    assert (report.created, report.updated) == (0, 1)
    assert entry.entry.title == "Third"


def test_the_later_state_stays_on_top(shelf: Shelf) -> None:
    """What is older there is kept as a version, and what is newer here stays what is shown."""
    mine, theirs = both(shelf)
    keep(mine, post(1, title="Newest", updated=day(9), content_html="<p>newest</p>"))
    keep(theirs, post(1, title="Old", updated=day(1)))
    take(mine, recognise(theirs.root))
    entry = one_of(mine)
    assert (entry.entry.title, entry.entry.content_html, entry.version) == ("Newest", "<p>newest</p>", 3)
    assert mine.version(entry.id, 2).entry.title == "Old"
    assert mine.version(entry.id, 2).entry.content_html == post(1).content_html
    before = lines_of(mine)
    take(mine, recognise(theirs.root))
    assert lines_of(mine) == before


def test_a_poorer_sight_never_covers_a_richer_one(shelf: Shelf) -> None:
    """A teaser that another archive learned later is kept, and not shown."""
    mine, theirs = both(shelf)
    keep(mine, post(1, updated=day(1)))
    keep(theirs, poorer(post(1), updated=day(2)), origin=FEED)
    take(mine, recognise(theirs.root))
    assert one_of(mine).entry.content_html == post(1).content_html
    assert one_of(mine).seen_by == ("blog", "feed")


def test_ids_may_differ_where_keys_agree(shelf: Shelf) -> None:
    """One thing known by two ids becomes one, found by either id and by every key."""
    mine, theirs = both(shelf)
    keep(mine, post(1, keys=("a", "shared"), updated=day(1)))
    keep(theirs, post(1, keys=("b", "shared"), title="Other", updated=day(2)))
    their_id = one_of(theirs).id
    take(mine, recognise(theirs.root))
    entry = one_of(mine)
    assert entry.id == entry_id("a") != their_id
    assert mine.entry(their_id) == mine.entry(entry.id) == mine.by_key("b")
    assert entry.entry.title == "Other"


def test_two_entries_here_that_are_one_there_are_joined(shelf: Shelf) -> None:
    """A key that the other archive knew shows that two entries are one."""
    mine, theirs = both(shelf)
    keep(mine, post(1, keys=("a",)), post(1, keys=("b",), title="B"))
    keep(theirs, post(1, keys=("a", "b")))
    take(mine, recognise(theirs.root))
    assert len(list(mine.entries())) == 1
    assert mine.entry(entry_id("a")) == mine.entry(entry_id("b"))
    before = lines_of(mine)
    take(mine, recognise(theirs.root))
    assert lines_of(mine) == before


def test_a_file_that_did_not_arrive_here_arrives_from_there(shelf: Shelf) -> None:
    """The same version gets its missing bytes, and no new number."""
    mine, theirs = both(shelf)
    entry = post(1, files=(picture(),))
    keep(mine, entry)
    keep_with_file(theirs, entry, b"the bytes")
    report = take(mine, recognise(theirs.root))
    stored = one_of(mine)
    assert mine.read(stored.entry.files[0].sha256).read() == b"the bytes"
    assert (stored.version, report.files, report.bytes) == (1, 1, 9)


def test_other_bytes_of_a_file_are_not_lost(shelf: Shelf) -> None:
    """Where both hold a file with different bytes, both are kept."""
    mine, theirs = both(shelf)
    entry = post(1, files=(picture(),), updated=day(1))
    _, here = keep_with_file(mine, entry, b"mine")
    _, there = keep_with_file(theirs, entry, b"theirs")
    take(mine, recognise(theirs.root))
    assert mine.read(there).read() == b"theirs"
    assert one_of(mine).entry.files[0].sha256 == here
    before = lines_of(mine)
    take(mine, recognise(theirs.root))
    assert lines_of(mine) == before


def test_a_file_of_an_older_version_there_is_not_lost(shelf: Shelf) -> None:
    """Their older version is the one that is held here, and only theirs has its bytes."""
    mine, theirs = both(shelf)
    entry = post(1, files=(picture(),), updated=day(1))
    keep(mine, entry)
    _, digest = keep_with_file(theirs, entry, b"the bytes")
    keep(theirs, post(1, title="No picture any more", updated=day(2)))
    take(mine, recognise(theirs.root))
    assert mine.read(digest).read() == b"the bytes"


@pytest.mark.parametrize("deleted_last", [True, False])
def test_a_deletion_counts_if_it_is_the_later_word(shelf: Shelf, deleted_last: bool) -> None:
    """Deleted there after it changed here: deleted; changed here after it was deleted there: not."""
    mine, theirs = both(shelf)
    keep(mine, post(1))
    keep(theirs, post(1))
    if deleted_last:
        delete(theirs)
    else:
        delete(theirs)
        keep(mine, post(1, title="Changed since"))
    take(mine, recognise(theirs.root))
    assert bool(list(mine.entries(deleted=True))) is deleted_last
    before = lines_of(mine)
    take(mine, recognise(theirs.root))
    assert lines_of(mine) == before


def test_what_was_removed_here_does_not_come_back(shelf: Shelf) -> None:
    """The owner's own decision wins, and the report says so; a removal that is not for good lets later sights in."""
    mine, theirs = both(shelf)
    for archive in (mine, theirs):
        keep(archive, post(1), post(2), post(3))
    redact(mine, 1, for_good=True)
    redact(mine, 2, for_good=False)
    report = take(mine, recognise(theirs.root))
    assert [s.entry.title for s in mine.entries()] == ["Post 3"]
    assert {(r.title, r.why) for r in report.refused} == {
        ("Post 1", "you had it removed for good"),
        ("Post 2", "you had it removed"),
    }
    keep(theirs, post(2, title="Written again"))
    take(mine, recognise(theirs.root))
    assert [s.entry.title for s in mine.entries()] == ["Written again", "Post 3"]


@FORMS
def test_what_was_removed_there_is_not_handed_over(shelf: Shelf, archive: Archive, tmp_path: Path, form: str) -> None:
    """Neither words nor bytes leave; that it was decided does, so that a harvest does not bring it back."""
    keep_with_file(archive, post(1, title="A secret title", files=(picture("secret.jpg"),)), b"secret bytes")
    keep(archive, post(2))
    redact(archive, 1, for_good=True)
    theirs = handed_over(archive, form, tmp_path)
    if form != "folder":
        everything = b"".join(p.read_bytes() for p in theirs.rglob("*") if p.is_file())
        assert b"secret" not in everything
    copy = shelf.create("copy")
    take(copy, recognise(theirs))
    assert told(copy)["redacted"] == told(archive)["redacted"]
    assert keep(copy, post(1)) == [Change.FORGOTTEN]
    assert not any("Post 1" in str(line) or "secret" in str(line) for line in lines_of(copy))


@FORMS
def test_an_archive_from_which_something_was_purged_is_handed_over(
    shelf: Shelf, archive: Archive, tmp_path: Path, form: str
) -> None:
    """Parts that were sealed anew are read like others; a file that another entry shows is still there."""
    eventful(archive)
    keep_with_file(archive, post(20, title="A secret title", files=(picture("both.jpg"),)), b"shown by both")
    keep_with_file(archive, post(21, files=(picture("both.jpg"),)), b"shown by both")
    purge.purge(archive, purge.plan(archive, [archive.index.id_of("wordpress:b.org/post/20") or ""]))
    copy = shelf.create("copy")
    take(copy, recognise(handed_over(archive, form, tmp_path)))
    assert told(copy) == told(archive)
    assert copy.by_key("wordpress:b.org/post/20") is None


@FORMS
def test_what_came_again_after_a_removal_is_taken(shelf: Shelf, archive: Archive, tmp_path: Path, form: str) -> None:
    """A removal that was not for good ends what was before it, and nothing of what came later."""
    keep(archive, post(1, title="Before"))
    redact(archive, 1, for_good=False)
    keep(archive, post(1, title="After"))
    copy = shelf.create("copy")
    take(copy, recognise(handed_over(archive, form, tmp_path)))
    assert told(copy) == told(archive)
    assert "Before" not in str(lines_of(copy))


def test_a_removal_there_takes_nothing_from_here(shelf: Shelf) -> None:
    """What another archive's owner had removed stays where it is held; the report says so."""
    mine, theirs = both(shelf)
    keep(mine, post(1))
    keep(theirs, post(1))
    redact(theirs, 1, for_good=True)
    report = take(mine, recognise(theirs.root))
    assert one_of(mine).entry.title == "Post 1"
    assert "yours keeps it" in report.notes[0]


def test_the_other_owners_files_are_set_apart(shelf: Shelf) -> None:
    """Two workspaces are never mixed: theirs are kept under imported/, and what is mine stays as it is."""
    mine, theirs = both(shelf)
    for archive, words in ((mine, "mine"), (theirs, "theirs")):
        keep(archive, own_file("config.yaml", words), own_file(f"portfolio/{words}.md", words), origin=OWN)
    take(mine, recognise(theirs.root))
    short = theirs.id[9:17]
    names = {s.entry.native_id: s.entry.extra["words"] for s in mine.entries(kind="workspace")}
    assert names == {
        "config.yaml": "mine",
        "portfolio/mine.md": "mine",
        f"imported/{short}/config.yaml": "theirs",
        f"imported/{short}/portfolio/theirs.md": "theirs",
    }
    assert {s.entry.native_id for s in mine.entries(source="workspace", kind="workspace")} == {
        "config.yaml", "portfolio/mine.md",
    }  # fmt: skip
    before = lines_of(mine)
    take(mine, recognise(theirs.root))
    assert lines_of(mine) == before


def test_an_import_before_and_after_the_own_words_changes_nothing_twice(shelf: Shelf) -> None:
    """Taken into an empty archive as they are, the other's files are not taken again once there are own ones."""
    mine, theirs = both(shelf)
    keep(theirs, own_file("config.yaml", "theirs"), origin=OWN)
    take(mine, recognise(theirs.root))
    keep(mine, own_file("config.yaml", "mine"), origin=OWN)
    before = lines_of(mine)
    take(mine, recognise(theirs.root))
    assert lines_of(mine) == before


def test_two_sources_of_one_name_stay_two(shelf: Shelf) -> None:
    """A blog at another address must not be taken for entries that mine has lost."""
    mine, theirs = both(shelf)
    keep(mine, post(1))
    other = Origin("blog", "wordpress", "https://other.org")
    keep(theirs, post(2, keys=("guid:other",)), origin=other)
    take(mine, recognise(theirs.root))
    assert {s.seen_by for s in mine.entries()} == {("blog",), (f"blog-{theirs.id[9:17]}",)}
    before = lines_of(mine)
    take(mine, recognise(theirs.root))
    assert lines_of(mine) == before


def test_sources_that_are_new_here_keep_their_last_harvest(shelf: Shelf) -> None:
    """Status says when they were last harvested, not that they never were."""
    mine, theirs = both(shelf)
    keep(theirs, post(1))
    take(mine, recognise(theirs.root))
    assert mine.sources()["blog"].last_harvest == theirs.sources()["blog"].last_harvest


def test_a_copy_of_this_archive_is_for_repair(shelf: Shelf, archive: Archive, tmp_path: Path) -> None:
    """A newer copy or a fork is not merged line by line."""
    keep(archive, post(1))
    shutil.copytree(archive.root, tmp_path / "a-copy")
    with pytest.raises(UsageError, match="a copy of this very archive") as refused:
        take(archive, recognise(tmp_path / "a-copy"))
    assert f"keepfolio repair --from {tmp_path / 'a-copy'}" in refused.value.mend


def test_the_own_export_brings_nothing_new(archive: Archive, tmp_path: Path) -> None:
    """A bag of this archive finds everything here."""
    report = take(eventful(archive), recognise(bagit.write(archive, tmp_path / "bag").path))
    assert (report.events, report.created, report.updated) == (0, 0, 0)


# --- what a path holds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty", "is empty"),
        (b"<?xml?><rss xmlns:wp='http://wordpress.org/export/1.2/'>", "a-source", "type: wordpress-export"),
        (b"<feed xmlns:leap2='http://terms.leapspecs.org/'>", "a-source", "type: mahara-export"),
        (b"age-encryption.org/v1\n", "encrypted", "Decrypt it"),
        (b"PK\x03\x04....", "packed", "Unpack it"),
        (b"anything", "not-ours", "Name a folder"),
    ],
)
def test_a_file_is_told_what_it_is(tmp_path: Path, content: bytes, code: str, words: str) -> None:
    """What cannot be imported is named by its content, with what to do instead."""
    (tmp_path / "it").write_bytes(content)
    with pytest.raises(UsageError) as refused:
        recognise(tmp_path / "it")
    assert refused.value.code == code
    assert words in f"{refused.value.message} {refused.value.mend}"


def test_other_folders_are_told_what_they_are(tmp_path: Path) -> None:
    """Nothing, empty, somebody's bag, somebody's storage root, and any folder."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "bag").mkdir()
    (tmp_path / "bag" / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    (tmp_path / "ocfl").mkdir()
    (tmp_path / "ocfl" / "0=ocfl_1.1").write_text("ocfl_1.1\n")
    codes = {}
    for name in ("missing", "empty", "bag", "ocfl", "."):
        with pytest.raises(UsageError) as refused:
            recognise(tmp_path / name)
        codes[name] = refused.value.code
    assert codes == {
        "missing": "no-such-path",
        "empty": "empty",
        "bag": "not-ours",
        "ocfl": "not-ours",
        ".": "not-ours",
    }


# --- helpers --------------------------------------------------------------------------------------------------------


def after(times: int) -> Callable[[], bool]:
    """Return a wish to stop that comes when it was asked so often."""
    left = iter(range(times))
    return lambda: next(left, None) is None


def day(number: int) -> datetime:
    return datetime(2025, 6, number, tzinfo=UTC)


def one_of(archive: Archive) -> Stored:
    (stored,) = archive.entries(content=True)
    return stored


def own_file(name: str, words: str) -> Entry:
    return Entry(keys=(f"workspace:{name}",), kind="workspace", native_id=name, title=words, extra={"words": words})


def delete(archive: Archive) -> None:
    with archive.append(BLOG) as writer:
        writer.tombstone(one_of(archive).id, "404")
        writer.seal()


def redact(archive: Archive, number: int, *, for_good: bool) -> None:
    with archive.append(Origin("owner", "owner")) as writer:
        writer.redact(archive.index.id_of(f"wordpress:b.org/post/{number}") or "", for_good=for_good)
        writer.seal()
