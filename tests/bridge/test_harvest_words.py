"""What a person is told of a harvest: what it did, by name where it matters, and never more than it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.entry import MediaFile
from archive.errors import KeepfolioError
from archive.store import Archive, Origin
from archive.writer import Writer
from bridge import overview, runs
from bridge.cli.harvest import in_words
from bridge.harvest import Report, harvest, kept_though_deleted
from bridge.unattended import Silent
from tests.bridge.test_harvest import Memory, Nobody, post
from tests.bridge.test_unattended import EXPORT, configure, folder, never

__all__ = ["folder"]


def taken(archive: Archive, name: str, source: Memory) -> Report:
    report = Report(name)
    return harvest(
        archive, Origin(name=name, type="memory"), source, report=report, progress=Nobody(), stop=lambda: False
    )


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive", tmp_path / "index")


def test_what_another_source_proved_gone_is_held(archive: Archive) -> None:
    """An old export promises it for ever; it is kept, so nothing is lacking. What did not come is."""
    export, site = Memory(post(1), post(2), post(3)), Memory(post(1), post(2), post(3))
    taken(archive, "taken", export)
    taken(archive, "live", site)
    del site.posts["1"]
    assert taken(archive, "live", site).deleted == 1

    again = taken(archive, "taken", export)

    assert (again.promised, again.held, again.missing) == ({"post": 3}, {"post": 2}, [])
    assert "Not held yet" not in in_words(again)
    again.promised["post"] = 4
    assert again.missing == ["1 post"]


def test_what_a_source_itself_proved_gone_makes_up_for_nothing(archive: Archive) -> None:
    """It promises one fewer since: what is lacking now is another one."""
    site = Memory(post(1), post(2), post(3))
    taken(archive, "live", site)
    del site.posts["1"]

    assert taken(archive, "live", site).deleted == 1

    assert kept_though_deleted(archive, "live", ["post"]) == {"post": 0}


def test_a_second_source_of_the_same_brings_nothing_new(archive: Archive) -> None:
    """That it has them, too, is told as that."""
    taken(archive, "taken", Memory(post(1), post(2)))

    said = in_words(taken(archive, "live", Memory(post(1), post(2))))

    assert said.startswith("live: nothing new; 2 that were held already are seen here, too.")
    assert "Post 1" not in said


def test_bytes_that_are_held_make_nothing_complete(archive: Archive) -> None:
    """Two ways to one account give a file two stamps, so it is read again; that it was missing is not said."""

    def with_stamp(stamp: str) -> Memory:
        file = MediaFile(name="a.png", url="https://b.example.org/a.png", stamp=stamp)
        source = Memory(post(1, files=(file,)))
        source.bytes[file.url] = b"picture"
        return source

    taken(archive, "taken", with_stamp("by its checksum"))

    report = taken(archive, "live", with_stamp("by its time"))

    assert (report.completed, report.seen_too) == (0, 1)


def test_deletions_are_always_named(archive: Archive) -> None:
    """However much else there is to tell; of very many the rest is counted."""
    source = Memory(*(post(n) for n in range(300)))
    taken(archive, "live", source)
    for number in range(3):
        del source.posts[str(number)]
    source.posts |= {str(n): post(n) for n in range(300, 420)}

    report = taken(archive, "live", source)
    said = in_words(report)

    assert said.count("  deleted: post “Post ") == 3
    assert "created:" not in said
    report.deleted = 250
    assert "... and 247 more deleted; see keepfolio list --deleted" in in_words(report)


def test_a_dry_run_says_nothing_of_what_is_not_held_yet() -> None:
    """What it would take is not held; nobody has to be told."""
    report = Report("live", created=3, promised={"resume-row": 4}, held={"resume-row": 1})

    assert "Not held yet" not in in_words(report, dry_run=True)
    assert "Not held yet: 3 résumé entries." in in_words(report)


def test_what_could_not_be_kept_was_not_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk nothing is new; the error comes first."""
    session = configure(folder, sources={"export": EXPORT})()
    full = KeepfolioError("The disk is full.", code="disk-full")

    def no_room(*_: object) -> str:
        raise full

    monkeypatch.setattr(runs.owner, "keep", lambda *_: None)  # another part, written before
    monkeypatch.setattr(Writer, "seal", no_room)
    (report,) = runs.harvest_all(session, ["export"], progress=Silent, stop=never)

    assert report.error is full
    assert (report.created, report.changes) == (0, [])
    assert in_words(report).startswith("export: The disk is full.")
    assert "aken" not in in_words(report)


def test_what_was_kept_before_an_error_is_told_after_it() -> None:
    """The error stands first, so that nothing reads as if all had worked."""
    error = KeepfolioError("The site went away.", unchanged="All is safe.", mend="Run: keepfolio harvest")
    report = Report("live", created=2, held={"post": 5}, segments=["one"], error=error)

    assert in_words(report).split("\n") == [
        "live: The site went away.",
        "  Unchanged: All is safe.",
        "  To mend it: Run: keepfolio harvest",
        "  Taken before that: 2 new.",
        "  Held: 5 posts.",
    ]


@pytest.mark.parametrize(
    ("days", "said"), [(-1, "it closed 1 day ago"), (-2, "closed 2 days ago"), (0, "closes today"), (1, "in 1 day")]
)
def test_days_are_counted_as_a_person_does(days: int, said: str) -> None:
    """One day is no days."""
    (told,) = overview._of_closing("mahara", "mahara", days, "1 May 2026")

    assert told.endswith(said)
