"""Source -> Archive: what is compared, what brakes, what is sealed; with a source in memory and a real archive."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from archive.entry import Entry, MediaFile, Visibility
from archive.errors import NeedsOwner
from archive.store import Archive, Origin
from bridge.harvest import Report, harvest, preview
from connectors.contract import (
    Checkpoint,
    Failed,
    FileGone,
    Found,
    Known,
    Listed,
    Promised,
    SourceRefused,
    SourceUnavailable,
    Yield,
)

SCOPE = "memory:posts"


def post(number: int, text: str = "words", **more: object) -> Entry:
    return Entry(
        keys=(f"guid:https://b.example.org/?p={number}", f"memory:post/{number}"),
        kind="post",
        native_id=str(number),
        title=f"Post {number}",
        status="publish",
        visibility=Visibility.PUBLIC,
        published=datetime(2026, 1, 1, tzinfo=UTC),
        content_html=f"<p>{text}</p>",
        scope=SCOPE,
        stamp=text,
        **more,
    )


class Memory:
    """A source whose things stand in a dict; it can fail, refuse, and forget."""

    def __init__(self, *posts: Entry) -> None:
        self.posts = {p.native_id: p for p in posts}
        self.bytes: dict[str, bytes] = {}
        self.listed: frozenset[str] | None = None
        self.verdicts: dict[str, str] = {}
        self.asked: list[str] = []
        self.breaks_after: int | None = None
        self.error: Exception | None = None
        self.opened: list[str] = []

    def check(self) -> list:
        return []

    def harvest(self, known: Known) -> Iterator[Yield]:
        yield Promised("post", len(self.posts))
        for number, entry in enumerate(list(self.posts.values())):
            if self.breaks_after == number:
                assert self.error is not None
                raise self.error
            if known.stamp(entry.keys[0]) != entry.stamp or not known.retry.isdisjoint(entry.keys):
                yield Found(entry, entry.content_html.encode(), "html")
            yield Checkpoint({"seen": number})
        keys = frozenset(e.keys[1] for e in self.posts.values()) if self.listed is None else self.listed
        yield Listed(SCOPE, keys)
        yield Checkpoint({"seen": "all"})

    def open(self, file: MediaFile) -> BinaryIO:
        self.opened.append(file.url)
        if file.url not in self.bytes:
            raise FileGone(f"{file.name} is not there (404).")
        return io.BytesIO(self.bytes[file.url])

    def exists(self, key: str) -> str:
        self.asked.append(key)
        return self.verdicts.get(key, "gone")

    def close(self) -> None: ...


class Nobody:
    def promised(self, *_: object) -> None: ...
    def entry(self, *_: object) -> None: ...
    def file(self, *_: object) -> None: ...
    def sealed(self) -> None: ...
    def waiting(self, *_: object) -> None: ...


ORIGIN = Origin(name="memory", type="memory")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive", tmp_path / "index")


def take(archive: Archive, source: Memory, **more: object) -> Report:
    report = Report("memory")
    harvest(archive, ORIGIN, source, report=report, progress=Nobody(), stop=lambda: False, **more)
    return report


def test_a_second_harvest_of_an_unchanged_source_stores_nothing(archive: Archive) -> None:
    """Nothing new, nothing sealed."""
    source = Memory(post(1), post(2))
    first = take(archive, source)
    segments = archive.summary().segments

    second = take(archive, source)

    assert (first.created, first.held, first.missing) == (2, {"post": 2}, [])
    assert (second.created, second.updated, second.deleted, second.segments) == (0, 0, 0, [])
    assert archive.summary().segments == segments


def test_an_edit_is_one_update(archive: Archive) -> None:
    """Only what changed makes a version."""
    source = Memory(post(1), post(2))
    take(archive, source)
    source.posts["2"] = post(2, "other words")

    report = take(archive, source)

    assert (report.created, report.updated) == (0, 1)
    assert report.changes == [("updated", "post", "Post 2")]


def test_what_is_proved_gone_is_marked_and_kept(archive: Archive) -> None:
    """A deletion is a mark; the words stay."""
    source = Memory(post(1), post(2))
    take(archive, source)
    gone = archive.by_key("memory:post/2")
    del source.posts["2"]

    report = take(archive, source)

    assert report.deleted == 1
    assert source.asked == ["memory:post/2"]
    assert gone is not None
    kept = archive.entry(gone.id)
    assert kept is not None
    assert kept.deleted
    assert kept.entry.content_html == "<p>words</p>"


@pytest.mark.parametrize(("verdict", "failed"), [("unlisted", 0), ("unknown", 1)])
def test_what_is_not_proved_gone_stays(archive: Archive, verdict: str, failed: int) -> None:
    """Unlisted is kept without a word; unknown is reported; neither is a deletion."""
    source = Memory(post(1), post(2))
    take(archive, source)
    del source.posts["2"]
    source.verdicts["memory:post/2"] = verdict

    report = take(archive, source)

    assert report.deleted == 0
    assert len(report.failed) == failed
    assert {s.entry.native_id for s in archive.entries()} == {"1", "2"}


def test_an_empty_listing_is_never_a_deletion(archive: Archive) -> None:
    """A source that suddenly lists nothing is not believed."""
    source = Memory(post(1), post(2))
    take(archive, source)
    source.posts.clear()

    report = take(archive, source)

    assert report.deleted == 0
    assert source.asked == []
    assert report.notes


def test_the_brake_stops_many_deletions_and_the_owner_lets_it_go(archive: Archive) -> None:
    """Over a tenth and over five: nothing is marked, until the owner says that it was she."""
    source = Memory(*(post(n) for n in range(20)))
    take(archive, source)
    for number in range(6):
        del source.posts[str(number)]

    with pytest.raises(NeedsOwner, match="6 of 20") as braked:
        take(archive, source)
    assert "accept-deletions" in braked.value.mend
    assert len(list(archive.entries())) == 20
    assert archive.sources()["memory"].unfinished

    assert take(archive, source, accept_deletions=True).deleted == 6


def test_a_brake_stands_until_it_is_settled(archive: Archive) -> None:
    """The cursor does not move past what vanished: a source that lists only what moved finds it out again."""

    class Once(Memory):
        """Lists only when its cursor does not say that it did."""

        def harvest(self, known: Known) -> Iterator[Yield]:
            if known.cursor.get("count") != len(self.posts):
                yield from super().harvest(known)
                yield Checkpoint({"count": len(self.posts)})

    source = Once(*(post(n) for n in range(20)))
    take(archive, source)
    for number in range(8):
        del source.posts[str(number)]

    for _ in range(2):
        with pytest.raises(NeedsOwner):
            take(archive, source)

    assert take(archive, source, accept_deletions=True).deleted == 8
    assert archive.sources()["memory"].unfinished == ""


def test_five_deletions_need_no_word(archive: Archive) -> None:
    """The brake does not cry wolf: a handful goes through, whatever its share."""
    source = Memory(*(post(n) for n in range(10)))
    take(archive, source)
    for number in range(5):
        del source.posts[str(number)]

    assert take(archive, source).deleted == 5


def test_new_things_are_kept_although_the_brake_stops(archive: Archive) -> None:
    """What arrived in the braked run is safe."""
    source = Memory(*(post(n) for n in range(20)))
    take(archive, source)
    for number in range(10):
        del source.posts[str(number)]
    source.posts["99"] = post(99)

    with pytest.raises(NeedsOwner):
        take(archive, source)

    assert archive.by_key("memory:post/99") is not None


def test_a_file_that_the_source_denies_is_a_lasting_failure_and_reported_once(archive: Archive) -> None:
    """404 for a listed file: the entry is kept, the loss stands, and a second run does not count it as new."""
    file = MediaFile(name="a.png", url="https://b.example.org/a.png", media_type="image/png")
    source = Memory(post(1, files=(file,)))

    first = take(archive, source)
    source.posts["1"] = replace(source.posts["1"], stamp="later")
    second = take(archive, source)

    assert first.new_failures == 1
    assert not first.failed[0].transient
    assert second.new_failures == 0
    assert len(archive.failures("memory")) == 1


def test_a_file_that_fails_for_a_while_is_fetched_again_and_the_failure_goes(archive: Archive) -> None:
    """A passing failure is offered again; when the bytes arrive, nothing is missing any more."""

    class Flaky(Memory):
        down = True

        def open(self, file: MediaFile) -> BinaryIO:
            if self.down:
                raise SourceUnavailable("The server is busy.", mend="Run it again.")
            return super().open(file)

    file = MediaFile(name="a.png", url="https://b.example.org/a.png", media_type="image/png")
    source = Flaky(post(1, files=(file,)))
    source.bytes[file.url] = b"picture"
    first = take(archive, source)
    source.down = False

    second = take(archive, source)

    assert first.failed[0].transient
    assert (second.completed, second.updated, second.failed) == (1, 0, [])
    assert archive.failures("memory") == ()
    kept = next(iter(archive.entries())).entry.files[0]
    with archive.read(kept.sha256) as stream:
        assert stream.read() == b"picture"


def test_unchanged_files_are_not_fetched_again(archive: Archive) -> None:
    """An edited text does not fetch a picture whose stamp is the same; a new stamp does."""
    file = MediaFile(name="a.png", url="https://b.example.org/a.png", stamp="one")
    source = Memory(post(1, files=(file,)))
    source.bytes[file.url] = b"picture"
    take(archive, source)
    source.posts["1"] = post(1, "edited", files=(file,))
    take(archive, source)
    assert source.opened == [file.url]

    source.bytes[file.url] = b"another picture"
    source.posts["1"] = post(1, "edited twice", files=(replace(file, stamp="two"),))
    report = take(archive, source)

    assert source.opened == [file.url, file.url]
    assert report.updated == 1


@pytest.mark.parametrize(("stamp", "reads"), [("one", 1), ("", 3)])
def test_a_file_that_many_entries_show_is_read_once(archive: Archive, stamp: str, reads: int) -> None:
    """Over all checkpoints, where its stamp tells that it is the same; each entry has its digest all the same."""
    file = MediaFile(name="a.png", url="https://b.example.org/a.png", stamp=stamp)
    source = Memory(*(post(n, files=(file,)) for n in range(3)))
    source.bytes[file.url] = b"picture"

    take(archive, source)

    assert source.opened == [file.url] * reads
    (digest,) = {stored.entry.files[0].sha256 for stored in archive.entries()}
    assert digest


def test_one_address_with_two_stamps_is_two_files(archive: Archive) -> None:
    """It changed between two entries of one harvest: each is read."""
    source = Memory(
        *(post(n, files=(MediaFile(name="a.png", url="https://b.example.org/a.png", stamp=f"{n}"),)) for n in range(2))
    )
    source.bytes["https://b.example.org/a.png"] = b"picture"

    take(archive, source)

    assert len(source.opened) == 2


def test_a_file_that_fails_fails_for_each_entry_that_shows_it(archive: Archive) -> None:
    """One reading is enough to know, and each of them is told."""
    file = MediaFile(name="a.png", url="https://b.example.org/a.png", stamp="one")
    source = Memory(*(post(n, files=(file,)) for n in range(2)))

    report = take(archive, source)

    assert [failed.what for failed in report.failed] == [f"file a.png of “Post {n}”" for n in range(2)]
    assert source.opened == [file.url]


def test_what_came_before_an_error_is_kept_and_the_next_run_goes_on(archive: Archive) -> None:
    """The server goes away in the middle: the first half is safe, nothing is marked, the rest comes next time."""
    source = Memory(*(post(n) for n in range(6)))
    source.breaks_after, source.error = 3, SourceUnavailable("gone")

    with pytest.raises(SourceUnavailable):
        take(archive, source)
    assert len(list(archive.entries())) == 3
    source.breaks_after = None
    report = take(archive, source)

    assert (report.created, report.unchanged, report.deleted) == (3, 0, 0)


def test_a_refused_password_parks_the_source(archive: Archive) -> None:
    """It is noted, so that no later run tries it again."""
    source = Memory(post(1))
    source.breaks_after, source.error = 0, SourceRefused("The password was refused.")

    with pytest.raises(SourceRefused):
        take(archive, source)

    assert archive.sources()["memory"].parked == "The password was refused."


def test_a_stop_ends_at_the_next_checkpoint(archive: Archive) -> None:
    """Ctrl-C: what was complete is sealed, and nothing is taken for deleted."""
    source = Memory(*(post(n) for n in range(6)))
    stop = threading.Event()

    class Watcher(Nobody):
        def entry(self, *_: object) -> None:
            stop.set()

    report = Report("memory")
    harvest(archive, ORIGIN, source, report=report, progress=Watcher(), stop=stop.is_set)

    assert report.created == 1
    assert len(list(archive.entries())) == 1
    assert archive.sources()["memory"].unfinished
    assert take(archive, source).created == 5


def test_a_preview_stores_nothing(archive: Archive) -> None:
    """`--dry-run` compares as a harvest does, fetches no file, and leaves the archive as it was."""
    file = MediaFile(name="a.png", url="https://b.example.org/a.png")
    source = Memory(post(1), post(2, files=(file,)))
    take(archive, Memory(post(1)))
    head = archive.head

    report = preview(archive, ORIGIN, source)

    assert report.created == 1
    assert source.opened == []
    assert archive.head == head
    assert take(archive, source).created == 1


def test_a_failed_item_travels_beside_the_good_ones(archive: Archive) -> None:
    """One broken item of three gives two entries and one report."""

    class Broken(Memory):
        def harvest(self, known: Known) -> Iterator[Yield]:
            yield Failed("post 2", "its date is nonsense", key="memory:post/2", transient=False)
            yield from super().harvest(known)

    report = take(archive, Broken(post(1), post(3)))

    assert report.created == 2
    assert [f.what for f in report.failed] == ["post 2"]


class Export(Memory):
    """Remembers which one was read to its end; its last files are fetched after it listed what there is."""

    digest = "first"

    def harvest(self, known: Known) -> Iterator[Yield]:
        for entry in self.posts.values():
            yield Found(entry, entry.content_html.encode(), "html")
        yield Listed(SCOPE, frozenset(entry.keys[1] for entry in self.posts.values()))
        yield Checkpoint({"digest": self.digest})


@pytest.mark.parametrize("late", [False, True], ids=["while the files arrive", "after the last checkpoint"])
def test_a_stop_after_the_listing_forgets_no_deletion(archive: Archive, late: bool) -> None:
    """The cursor does not say that an export was read to its end before somebody asked what it lacks."""
    file = MediaFile(name="a.png", url="https://b.example.org/a.png", stamp="one")
    take(archive, Export(post(1), post(2)))
    source = Export(post(2, files=(file,)))
    source.digest, source.bytes[file.url] = "second", b"picture"
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(bool(source.opened))
        return sum(asked) > late

    report = Report("memory")
    harvest(archive, ORIGIN, source, report=report, progress=Nobody(), stop=stop)

    assert report.deleted == 0
    assert archive.known("memory").cursor == {"digest": "first"}
