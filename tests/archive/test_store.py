"""What goes in comes out, from the index and from the plain files alone."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.care.fixity import verify
from archive.entry import Fidelity, Visibility, from_json, to_json, with_digests
from archive.errors import ArchiveDamaged, KeepfolioError, Locked, UsageError
from archive.store import Archive, Change, Failure, Origin
from tests.archive.make import BLOG, FEED, keep, keep_with_file, picture, poorer, post, raw_of
from tests.archive.readers import read_as_the_readme_says


def test_an_entry_comes_back_equal_with_content_raw_and_file(archive):
    """Content, raw bytes, digests of files: the same as they went in."""
    entry = post(files=(picture(),), extra={"sticky": True})
    _, digest = keep_with_file(archive, entry, b"jpeg bytes")
    stored = archive.by_key("guid:https://b.org/?p=1")
    assert stored.entry == with_digests(entry, {entry.files[0].url: digest})
    assert archive.entry(stored.id) == stored
    assert archive.raw(stored.id) == raw_of(entry)
    assert archive.read(digest).read() == b"jpeg bytes"
    assert archive.path_of(digest).name.startswith(digest[:8])
    assert (stored.version, stored.seen_by, stored.deleted, stored.source) == (1, ("blog",), False, "blog")


@pytest.mark.parametrize(
    "content", ["", "\r\n<p>a</p>\n", "\ufeffbom", "<!-- keepfolio:content -->\nx", "lone \ud800 half", "\x00"]
)
def test_any_content_comes_back_exactly(archive, content):
    """Line ends, marks, even a lone surrogate: nothing is normalised."""
    keep(archive, post(content_html=content, title="A <title> & <!-- keepfolio:content -->\n"))
    assert archive.by_key("guid:https://b.org/?p=1").entry.content_html == content


def test_the_plain_files_alone_give_everything_back(archive):
    """Following README.txt with nothing of ours gives the same entries as the archive does."""
    keep_with_file(archive, post(1, files=(picture(),)), b"bytes")
    keep(archive, post(2), post(3, kind="comment", parent="wordpress:b.org/post/1", content_html="<p>Well said</p>"))
    keep(archive, post(2, title="Better"))
    with archive.append(BLOG) as writer:
        writer.tombstone(archive.by_key("guid:https://b.org/?p=1").id, "404")
        writer.seal()
    read = read_as_the_readme_says(archive.root)
    stored = {s.id: s for deleted in (False, True) for s in archive.entries(deleted=deleted, content=True)}
    assert read.keys() == stored.keys()
    for entry_id, line in read.items():
        assert replace(from_json(line["entry"]), content_html=line["content"]) == stored[entry_id].entry
        assert ("deletedBy" in line) == stored[entry_id].deleted


def test_a_second_harvest_stores_nothing(archive):
    """Unchanged entries leave the disk alone; the cursor is only remembered."""
    keep(archive, post(1), post(2), cursor={"page": 1})
    head = archive.head
    assert keep(archive, post(1), post(2), cursor={"page": 2}) == [Change.UNCHANGED] * 2
    assert archive.head == head
    assert archive.known("blog").cursor == {"page": 2}


def test_a_sight_that_cannot_tell_a_parent_leaves_it(archive):
    """An empty parent is what is held, in a new version and in the comparison; None says that there is none."""
    with_parent = post(1, parent="wordpress:b.org/page/9")
    assert keep(archive, post(1, parent="")) == [Change.CREATED]
    assert keep(archive, with_parent, post(1, parent="")) == [Change.UPDATED, Change.UNCHANGED]
    assert keep(archive, post(1, parent="", title="Better")) == [Change.UPDATED]
    assert archive.by_key("guid:https://b.org/?p=1").entry.parent == with_parent.parent
    keep(archive, post(1, parent=None))
    assert archive.by_key("guid:https://b.org/?p=1").entry.parent is None


def test_an_update_is_a_new_version_and_the_old_one_stays(archive):
    keep(archive, post(1))
    assert keep(archive, post(1, title="Changed", content_html="<p>new</p>")) == [Change.UPDATED]
    entry_id = archive.by_key("guid:https://b.org/?p=1").id
    assert [(v.number, v.event) for v in archive.versions(entry_id)] == [(1, "creation"), (2, "update")]
    assert archive.version(entry_id, 1).entry == post(1)
    assert archive.raw(entry_id, 1) == raw_of(post(1))
    assert archive.raw(entry_id) == raw_of(post(1, title="Changed"))
    with pytest.raises(KeyError):
        archive.version(entry_id, 3)


def test_compare_says_what_put_would_do_and_writes_nothing(archive):
    keep(archive, post(1))
    with archive.append(BLOG) as writer:
        assert writer.compare(post(1)) is Change.UNCHANGED
        assert writer.compare(post(1, title="x")) is Change.UPDATED
        assert writer.compare(post(2)) is Change.CREATED
        assert writer.seal() is None
    assert archive.summary().segments == 1


def test_what_is_not_sealed_is_dropped(archive):
    """Leaving the writer without seal leaves neither an entry nor a file."""
    with archive.append(BLOG) as writer:
        writer.add_file(io.BytesIO(b"x"), name="x.txt")
        writer.put(post(1), b"{}")
    assert list(archive.entries()) == []
    assert list((archive.root / "staging").iterdir()) == []
    assert archive.known("blog").stamp("guid:https://b.org/?p=1") == ""


def test_several_seals_in_one_run(archive):
    """A run seals at each checkpoint; each part names the one before it."""
    with archive.append(BLOG) as writer:
        for number in range(3):
            writer.put(post(number), b"{}")
            assert writer.seal({"at": number})
    assert archive.summary().segments == 3
    assert archive.known("blog").cursor == {"at": 2}


def test_a_digest_is_kept_once(archive):
    """Two entries with the same picture share one file on the disk."""
    _, one = keep_with_file(archive, post(1, files=(picture("a.jpg"),)), b"same")
    _, two = keep_with_file(archive, post(2, files=(picture("b.jpg"),)), b"same")
    assert one == two
    assert len(list((archive.root / "segments").rglob("data/media/*/*"))) == 1
    assert archive.summary().files == 1


def test_a_file_that_no_entry_names_yet_is_kept_and_found_again(archive, shelf):
    """Bytes that were sealed before their entry was put are in the index, rebuilt or not."""
    with archive.append(BLOG) as writer:
        digest = writer.add_file(io.BytesIO(b"early"), name="early.pdf")
        writer.seal()
    again = shelf.reopen(archive, shelf.folder / "other")
    assert again.read(digest).read() == b"early"
    with again.append(BLOG) as writer:
        writer.put(post(1, files=(picture(sha256=digest),)), b"{}")
        writer.seal()
    assert again.by_key("guid:https://b.org/?p=1").entry.files[0].sha256 == digest


def test_two_threads_add_files_at_once(archive):
    """Downloads run two at a time; every digest is that of its own bytes."""
    digests: dict[int, str] = {}
    with archive.append(BLOG) as writer:

        def add(start):
            for n in range(start, 40, 2):
                digests[n] = writer.add_file(io.BytesIO(b"%d" % (n // 4) * 5000), name=f"{n}.bin")

        threads = [threading.Thread(target=add, args=(s,)) for s in (0, 1)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        writer.seal()
    assert digests == {n: hashlib.sha256(b"%d" % (n // 4) * 5000).hexdigest() for n in range(40)}
    assert archive.summary().files == 10


def test_a_stream_that_breaks_harms_nothing_else(archive):
    """A download cut half-way raises its own error, and the run goes on."""

    class Cut(io.RawIOBase):
        def read(self, size=-1):
            raise ConnectionError("cut")

    with archive.append(BLOG) as writer:
        writer.put(post(1), b"{}")
        with pytest.raises(ConnectionError):
            writer.add_file(Cut(), name="x")
        writer.seal()
    assert archive.summary().entries == 1
    assert list((archive.root / "staging").iterdir()) == []


def test_a_tombstone_keeps_the_bytes_and_a_new_sight_restores(archive):
    keep(archive, post(1))
    entry_id = archive.by_key("guid:https://b.org/?p=1").id
    with archive.append(BLOG) as writer:
        writer.tombstone(entry_id, "404 under a login")
        writer.tombstone(entry_id, "again")
        writer.seal()
    assert [s.id for s in archive.entries()] == []
    assert [s.id for s in archive.entries(deleted=True)] == [entry_id]
    assert archive.entry(entry_id).entry.content_html == post(1).content_html
    assert archive.known("blog").keys("posts") == frozenset()
    assert archive.known("blog").stamp("guid:https://b.org/?p=1") == ""
    assert keep(archive, post(1)) == [Change.RESTORED]
    assert [v.event for v in archive.versions(entry_id)] == ["creation", "deletion", "restoration"]
    assert archive.versions(entry_id)[1].why == "404 under a login"
    assert not archive.entry(entry_id).deleted


def test_a_restored_entry_may_have_changed(archive):
    keep(archive, post(1))
    entry_id = archive.by_key("guid:https://b.org/?p=1").id
    with archive.append(BLOG) as writer:
        writer.tombstone(entry_id, "gone")
        writer.seal()
    assert keep(archive, post(1, title="Back")) == [Change.RESTORED]
    assert (archive.entry(entry_id).version, archive.entry(entry_id).entry.title) == (2, "Back")


def test_an_old_export_does_not_raise_the_dead(archive):
    """A source that shows what it always showed does not undo the deletion that another one proved."""
    export = Origin("export", "wordpress-export")
    keep(archive, post(1, fidelity=Fidelity.EXPORT), origin=export)
    keep(archive, post(1))
    with archive.append(BLOG) as writer:
        writer.tombstone(archive.by_key("guid:https://b.org/?p=1").id, "404")
        writer.seal()
    assert keep(archive, post(1, fidelity=Fidelity.EXPORT), origin=export) == [Change.UNCHANGED]


def test_listing_streams_by_date_and_filters(archive):
    """Oldest first, undated last; by source, kind, tag and visibility; the owner's own files only when asked for."""
    keep(
        archive,
        post(5, tags=("cpd",), visibility=Visibility.PUBLIC),
        post(2),
        post(9, published=None, kind="page"),
        post(10, kind="workspace"),
        post(11, kind="receipt"),
    )
    keep(archive, post(3), origin=FEED)

    def numbers(**filters):
        return [s.entry.native_id for s in archive.entries(**filters)]

    assert numbers() == ["2", "3", "5", "9"]
    assert numbers(kind="page") == ["9"]
    assert numbers(tag="cpd") == ["5"]
    assert numbers(visibility=Visibility.PUBLIC) == ["5"]
    assert numbers(source="feed") == ["3"]
    assert numbers(kind="workspace") == ["10"]
    assert numbers(source="blog") == ["2", "5", "10", "11", "9"]
    assert all(s.entry.content_html == "" for s in archive.entries())
    assert all(s.entry.content_html for s in archive.entries(content=True))


def test_a_renamed_term_is_one_update_and_every_tag_follows(archive):
    """Entries are not written again; they show the tag by its name of today."""
    term = post(7, kind="term", title="moodel", keys=("wordpress:b.org/term/7",), extra={"taxonomy": "post_tag"})
    keep(archive, term, post(1, terms=term.keys, tags=("moodel", "cpd")))
    assert keep(archive, replace(term, title="Moodle"), post(1, terms=term.keys, tags=("Moodle", "cpd"))) == [
        Change.UPDATED,
        Change.UNCHANGED,
    ]
    assert archive.by_key("guid:https://b.org/?p=1").entry.tags == ("Moodle", "cpd")
    assert [s.entry.native_id for s in archive.entries(tag="Moodle")] == ["1"]


def test_small_things_share_a_file_and_come_apart_again(archive):
    """Comments by their post, terms by their taxonomy, users together; each raw item is cut out exactly."""
    things = [
        post(1, kind="comment", parent="wordpress:b.org/post/12"),
        post(2, kind="pingback", parent="wordpress:b.org/post/12"),
        post(3, kind="term", extra={"taxonomy": "category"}),
        post(4, kind="user"),
    ]
    keep(archive, *things)
    for thing in things:
        assert archive.raw(archive.by_key(thing.keys[0]).id) == raw_of(thing)
    data = next((archive.root / "segments").iterdir()) / "data"
    names = {p.relative_to(data).as_posix() for p in data.rglob("*.jsonl")}
    assert names == {"comments/12.jsonl", "terms/category.jsonl", "users/all.jsonl", "records.jsonl"}
    assert [json.loads(t)["id"] for t in (data / "comments/12.jsonl").read_text().splitlines()] == ["1", "2"]


def test_the_readable_page_runs_nothing_and_holds_the_words(archive):
    keep(archive, post(1, title="<b>&", content_html="<script>alert(1)</script>"))
    [page] = (archive.root / "segments").rglob("*.html")
    text = page.read_text("utf-8")
    assert "default-src 'none'; img-src file: data:" in text
    assert "<title>&lt;b&gt;&amp;</title>" in text
    assert text.endswith("<!-- keepfolio:content -->\n<script>alert(1)</script>")


def test_failures_are_said_once_and_end(archive):
    """The same failure again stores nothing; another reason replaces it and keeps its beginning; clear ends it."""
    failure = Failure("blog", "https://b.org/x.pdf", "500", key="k", transient=True)
    with archive.append(BLOG) as writer:
        writer.fail(failure)
        writer.seal()
        writer.fail(failure)
        assert writer.seal() is None
    [kept] = archive.failures("blog")
    assert kept == replace(failure, since=kept.since)
    assert archive.known("blog").retry == {"k"}
    assert archive.known("feed").retry == frozenset()
    with archive.append(BLOG) as writer:
        writer.fail(replace(failure, why="404", transient=False))
        writer.seal()
    assert [(f.why, f.since) for f in archive.failures()] == [("404", kept.since)]
    assert archive.known("blog").retry == frozenset()
    with archive.append(BLOG) as writer:
        writer.clear(failure)
        writer.seal()
    assert archive.failures() == ()


def test_what_is_known_of_a_source(archive):
    keep(archive, post(1), post(2), post(3, scope="pages", kind="page"))
    known = archive.known("blog")
    assert known.keys("posts") == {*post(1).keys, *post(2).keys}
    assert known.stamp("wordpress:b.org/post/1") == "2024-03-04T10:00:00"
    assert known.stamp("nothing") == ""
    assert archive.known("other").keys("posts") == frozenset()


def test_a_scope_and_stamp_that_moved_are_remembered_without_a_record(archive):
    """A new stamp on an unchanged thing costs no version; the next run knows it."""
    keep(archive, post(1))
    assert keep(archive, post(1, stamp="later", scope="any")) == [Change.UNCHANGED]
    known = archive.known("blog")
    assert known.stamp("wordpress:b.org/post/1") == "later"
    assert (known.keys("posts"), known.keys("any")) == (frozenset(), frozenset(post(1).keys))


def test_losing_the_state_folder_loses_no_entry(archive, shelf):
    """Everything but remembered cursors comes back from the sealed files."""
    keep(archive, post(1), post(2), cursor={"page": 7})
    before, summary = list(archive.entries(content=True)), archive.summary()
    archive.close()
    shutil.rmtree(shelf.state)
    again = shelf.reopen(archive)
    assert list(again.entries(content=True)) == before
    assert again.summary() == summary
    assert again.known("blog").cursor == {"page": 7}
    assert again.known("blog").stamp(post(1).keys[0]) == post(1).stamp


def test_remember_and_sources(archive):
    keep(archive, post(1), post(2, kind="page"))
    archive.remember("blog", cursor={"page": 3}, stamps={"feed": "etag"}, promised={"post": 2})
    archive.remember("blog", parked="wrong password")
    state = archive.sources()["blog"]
    assert (state.cursor, state.promised, state.held) == ({"page": 3}, {"post": 2}, {"post": 1, "page": 1})
    assert state.parked == "wrong password"
    assert state.last_harvest <= datetime.now(UTC)
    assert archive.known("blog").stamp("feed") == "etag"
    archive.remember("blog", parked="")
    assert archive.sources()["blog"].parked == ""


def test_one_writer_at_a_time(archive, shelf):
    """A second run is told who writes; it can still read."""
    with archive.append(BLOG) as writer:
        writer.put(post(1), b"{}")
        other = Archive.open(archive.root, shelf.state)
        with pytest.raises(Locked, match=r"process \d+ on .+, since \d{4}-") as refused, other.append(BLOG):
            pass
        assert refused.value.exit_code == 6
        assert list(other.entries()) == []
        writer.seal()
    assert len(list(other.entries())) == 1
    with other.append(FEED) as writer:
        writer.put(post(2), b"{}")
        writer.seal()
    other.close()
    assert len(list(archive.entries())) == 2


def test_full_asks_for_a_seal(archive, monkeypatch):
    monkeypatch.setattr("archive.writer.FULL_ITEMS", 3)
    with archive.append(BLOG) as writer:
        for number in range(2):
            writer.put(post(number), b"{}")
        assert not writer.full
        writer.put(post(2), b"{}")
        assert writer.full
        writer.seal()
        assert not writer.full


def test_an_archive_is_not_begun_over_something(shelf, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "x").touch()
    with pytest.raises(KeepfolioError, match="something"):
        shelf.create("taken")


def test_opening_what_is_no_archive(tmp_path, archive, shelf, damage):
    with pytest.raises(KeepfolioError) as none:
        Archive.open(tmp_path / "nothing", shelf.state)
    assert none.value.code == "no-archive"
    about = damage(archive) / "archive.json"
    value = json.loads(about.read_text())
    about.write_text(json.dumps({**value, "version": 2}))
    with pytest.raises(KeepfolioError) as newer:
        Archive.open(archive.root, shelf.state)
    assert newer.value.code == "newer-format"
    about.write_text("{")
    with pytest.raises(ArchiveDamaged):
        Archive.open(archive.root, shelf.state)


def test_a_record_cannot_lead_outside(archive, damage):
    """A hostile archive that names a file elsewhere is refused."""
    keep(archive, post(1))
    damage(archive)
    line = {"event": "file", "files": [{"sha256": "a", "path": "data/../../../secret", "size": 1}]}
    archive.index.apply(archive.index.segments()[0].name, [(line, json.dumps(line))])
    with pytest.raises(ArchiveDamaged):
        archive.path_of("a")


def test_a_poorer_sight_adds_its_source_once(archive):
    """The feed shows a teaser of what is held in full: noted once, then never again."""
    keep(archive, post(1))
    assert keep(archive, poorer(post(1)), origin=FEED) == [Change.COMPLETED]
    assert keep(archive, poorer(post(1)), origin=FEED) == [Change.UNCHANGED]
    assert keep(archive, poorer(post(1, title="Other")), origin=FEED) == [Change.UNCHANGED]
    stored = archive.by_key("guid:https://b.org/?p=1")
    assert (stored.entry, stored.seen_by, stored.version) == (post(1), ("blog", "feed"), 1)


def test_a_file_that_arrives_late_completes_its_version(archive):
    keep(archive, post(1, files=(picture(),)))
    change, digest = keep_with_file(archive, post(1, files=(picture(),)), b"late")
    stored = archive.by_key("guid:https://b.org/?p=1")
    assert (change, stored.version, stored.entry.files[0].sha256) == (Change.COMPLETED, 1, digest)
    assert keep(archive, post(1, files=(picture(),))) == [Change.UNCHANGED]


def test_other_bytes_under_the_same_address_are_a_new_version(archive):
    _, one = keep_with_file(archive, post(1, files=(picture(stamp="a"),)), b"one")
    change, two = keep_with_file(archive, post(1, files=(picture(stamp="b"),)), b"two")
    stored = archive.by_key("guid:https://b.org/?p=1")
    assert (change, stored.version, stored.entry.files[0].sha256) == (Change.UPDATED, 2, two)
    assert archive.read(one).read() == b"one"


def test_a_key_joins_two_entries_into_the_older(archive, shelf):
    """A sight with keys of both shows that they are one: the older id stays, the other still finds it."""
    guid, number = post(1).keys
    keep(archive, poorer(post(1, keys=(guid,))), origin=FEED)
    keep(archive, post(1, keys=(number,)))
    older, newer = archive.by_key(guid).id, archive.by_key(number).id
    assert older != newer
    keep(archive, post(1))
    stored = archive.by_key(number)
    assert (stored.id, stored.entry.content_html, stored.seen_by) == (older, post(1).content_html, ("blog", "feed"))
    assert archive.entry(newer) == stored
    assert archive.summary().entries == 1
    assert archive.raw(older) == raw_of(post(1))
    assert archive.version(older, 1).entry.content_html == "<p>A teaser</p>"
    assert keep(archive, post(1)) == [Change.UNCHANGED]
    before = archive.index.dump()
    archive.reindex()
    assert archive.index.dump() == before
    assert set(read_as_the_readme_says(archive.root)) == {older}


def test_a_read_only_folder_is_named(archive, shelf, monkeypatch):
    """Where the archive may not be written, the error says so and nothing changes."""

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(archive.disk, "mkdir", refuse)
    with archive.append(BLOG) as writer, pytest.raises(KeepfolioError) as refused:
        writer.put(post(1), b"{}")
    assert refused.value.code == "read-only"
    assert archive.summary().entries == 0


def test_a_put_with_unheld_bytes_is_a_mistake(archive):
    with archive.append(BLOG) as writer, pytest.raises(KeepfolioError, match="never kept"):
        writer.put(post(1, files=(picture(sha256="0" * 64),)), b"{}")


def test_errors_are_of_the_family():
    assert issubclass(UsageError, KeepfolioError)


def test_to_json_of_what_is_stored_is_stable(archive):
    """What went through the archive has the same JSON as before."""
    keep(archive, post(1, extra={"a": [1, None, {"b": 2.5}]}))
    stored = archive.by_key("guid:https://b.org/?p=1").entry
    assert to_json(stored) == to_json(post(1, extra={"a": [1, None, {"b": 2.5}]}))


def test_what_comes_after_a_removal_is_kept_under_its_own_id(archive):
    """In one part: two entries turn out to be one, that is removed, and one of them comes again."""
    keep(archive, post(1, keys=("k:one",)), post(2, keys=("k:two",)))
    with archive.append(BLOG) as writer:
        both = post(1, keys=("k:one", "k:two"), title="joined")
        writer.put(both, raw_of(both))
        writer.redact(archive.by_key("k:one").id, for_good=False)
        again = post(2, keys=("k:two",), title="again")
        writer.put(again, raw_of(again))
        writer.seal()
    kept = archive.index.dump()
    archive.reindex()
    assert archive.index.dump() == kept


@pytest.mark.damages
@pytest.mark.parametrize("harm", [b"other bytes, and as many!", b"", b"the bytes, and one more.."])
def test_a_file_read_to_its_end_is_what_was_sealed_or_says_so(archive, harm):
    """An export never hands on damaged bytes without a word."""
    _, digest = keep_with_file(archive, post(1, files=(picture(),)), b"the bytes that were sealed")
    path = archive.path_of(digest)
    with archive.read(digest) as file:
        assert b"".join(iter(lambda: file.read(7), b"")) == b"the bytes that were sealed"
    path.write_bytes(harm)
    for read in (lambda file: file.read(), lambda file: list(iter(lambda: file.read(7), b""))):
        with archive.read(digest) as file, pytest.raises(ArchiveDamaged):
            read(file)


@pytest.mark.damages
def test_a_part_that_no_copy_has_is_given_up_by_choice(archive, shelf):
    """Until then nothing is written; afterwards the archive goes on, and verify still tells of the loss."""
    for number in range(3):
        keep(archive, post(number))
    middle = sorted((archive.root / "segments").iterdir())[1]
    shutil.rmtree(middle)
    again = shelf.reopen(archive)
    with pytest.raises(ArchiveDamaged, match="is missing"):
        keep(again, post(7))
    assert len(again.give_up_missing()) == 1
    assert keep(again, post(7), post(1)) == [Change.CREATED, Change.CREATED]
    assert {s.entry.native_id for s in again.entries()} == {"0", "1", "2", "7"}
    assert "missing-segment" in {f.code for f in verify(again).findings}
    assert again.give_up_missing() == []


@pytest.mark.damages
def test_a_newest_part_that_no_copy_has_is_given_up_by_choice(archive, shelf):
    keep(archive, post(1))
    keep(archive, post(2))
    shutil.rmtree(max((archive.root / "segments").iterdir()))
    again = shelf.reopen(archive)
    with pytest.raises(ArchiveDamaged, match="newest part"):
        keep(again, post(3))
    assert len(again.give_up_missing()) == 1
    assert keep(again, post(2), post(3)) == [Change.CREATED, Change.CREATED]
