"""Dropped exports -> archive, through the real harvest: what changed arrives, what vanished is marked, nothing else."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import BinaryIO

import pytest

from archive.entry import MediaFile
from archive.errors import NeedsOwner, UsageError
from connectors.contract import SourceUnavailable
from connectors.mahara.export import ExportSource
from connectors.packed import unreadable
from connectors.packs import ZipPack
from tests.mahara import generated
from tests.mahara.place import ALL, COLLECTION, FIXTURES, LATER, LEAP_ONLY, NOTHING, OF_2204, PAGE, Place, changes

SAM = {
    "journal": 4,
    "journal-entry": 14,
    "page": 8,
    "collection": 2,
    "file": 19,
    "folder": 4,
    "plan": 2,
    "task": 3,
    "note": 1,
    "comment": 5,
    "annotation": 1,
    "annotationfeedback": 1,
    "peerassessment": 1,
    "profile": 1,
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_an_account_arrives_whole(place: Place) -> None:
    """Every count is that of the server's database, every promise is kept, and every file has its bytes."""
    place.drop(ALL)

    report = place.harvest()

    assert {kind: count for kind, count in place.held().items() if kind in SAM} == SAM
    assert (report.missing, report.failed) == ([], [])
    assert report.promised == dict(place.held())
    truth = {str(f["id"]): f["size"] for f in json.loads((FIXTURES / "truth-sam.json").read_text())[
        "baseline (sam-all-2210, sam-leap-only-*)"]["files"]}  # fmt: skip
    with zipfile.ZipFile(FIXTURES / ALL) as packed:
        flat = [n for n in packed.namelist() if n.count("/") == 2 and n.startswith("export_info/files/")]
        digests = {
            f"artefact{n.rpartition('/')[2].partition('-')[0]}": hashlib.sha256(packed.read(n)).hexdigest()
            for n in flat
            if "-max" not in n and n.rpartition("/")[2][0].isdigit()
        }
    assert dict(place.files()) == digests
    assert {name.removeprefix("artefact") for name in digests} == set(truth)


def test_each_file_is_read_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though pages, entries and the file itself show the same one: an export of some GB is unpacked once."""
    read: list[str] = []
    real = ExportSource.open

    def open_(source: ExportSource, file: MediaFile) -> BinaryIO:
        read.append(file.url)
        return real(source, file)

    monkeypatch.setattr(ExportSource, "open", open_)
    place.drop(ALL)

    place.harvest()

    shown = [file.url for stored in place.archive.entries() for file in stored.entry.files]
    assert len(shown) > 2 * SAM["file"]
    assert len(read) == len(set(read)) == SAM["file"]


def test_a_later_export_brings_just_what_changed(place: Place) -> None:
    """Retitled, retagged, published, new, deleted, taken out of its collection: these and nothing else."""
    place.drop(ALL)
    place.harvest()
    place.drop(LATER)

    report = place.harvest()

    entries = {title for what, kind, title in report.changes if kind == "journal-entry" and what == "updated"}
    assert entries == {place.entry(f"artefact{n}").title for n in (85, 86, 87)}
    created = {(kind, title) for what, kind, title in report.changes if what == "created"}
    assert created == {
        ("journal-entry", place.entry("artefact702").title),
        ("file", place.entry("artefact701").title),
        ("page", place.entry("view78").title),
    }
    assert {what for what, *_ in report.changes} == {"created", "updated", "deleted"}
    assert report.deleted == 2
    assert place.is_deleted("artefact91")
    assert place.is_deleted("artefact50")
    assert "cmalt-4" in place.entry("artefact85").tags
    assert "cmalt-3b" in place.entry("artefact86").tags
    assert place.entry("artefact87").status == "publish"
    assert place.entry("view11").parent is None
    assert place.entry("view78").parent == place.entry("collection1").keys[0]
    assert report.missing == []


@pytest.mark.parametrize("older", [ALL, COLLECTION, PAGE, LEAP_ONLY])
def test_an_older_export_changes_nothing(place: Place, older: str) -> None:
    """Found again on some disk, beside the newer or in its place, whole or not."""
    place.drop(ALL)
    place.harvest()
    place.replace(LATER)
    place.harvest()

    place.drop(older)
    beside = place.harvest()
    place.replace(older)
    alone = place.harvest()
    place.replace(LATER)
    again = place.harvest()

    assert [changes(report) for report in (beside, alone, again)] == [NOTHING] * 3
    assert [report.missing for report in (beside, alone, again)] == [[]] * 3
    assert place.is_deleted("artefact91")
    assert place.entry("artefact85").title == _title_of(LATER, 85)


def test_an_unchanged_export_is_not_read_again(place: Place) -> None:
    """Under another name, too: it is the same export."""
    place.drop(ALL)
    place.harvest()
    segments = place.archive.summary().segments
    (place.folder / ALL).rename(place.folder / "renamed by a browser (1).zip")

    report = place.harvest()

    assert (changes(report), report.unchanged, report.notes, report.segments) == (NOTHING, 0, [], [])
    assert report.promised == dict(place.held())
    assert place.archive.summary().segments == segments


def test_full_reads_an_unchanged_export_again(place: Place) -> None:
    """And finds all of it unchanged."""
    place.drop(ALL)
    first = place.harvest()
    place.options["full"] = True

    report = place.harvest()

    assert (changes(report), report.unchanged) == (NOTHING, first.created)


def test_what_only_an_older_export_holds_is_kept_as_deleted(place: Place) -> None:
    """The first harvest finds both: the deleted entry is kept, and the archive knows that it is gone."""
    place.drop(ALL, LATER)

    report = place.harvest()

    assert place.is_deleted("artefact91")
    assert place.is_deleted("artefact50")
    assert place.entry("artefact85").title == _title_of(LATER, 85)
    assert report.deleted == 2
    assert report.missing == []
    assert changes(place.harvest()) == NOTHING


def test_what_was_deleted_before_the_first_harvest_is_still_kept(place: Place) -> None:
    """An older export found afterwards adds what nobody has seen, and it is known to be gone at once."""
    place.drop(LATER)
    place.harvest()
    place.replace(ALL)

    report = place.harvest()

    assert changes(report) == {"created": 2, "updated": 0, "deleted": 2}
    assert place.is_deleted("artefact91")
    assert place.entry("artefact85").title == _title_of(LATER, 85)
    assert changes(place.harvest()) == NOTHING


@pytest.mark.parametrize("selective", [COLLECTION, PAGE])
def test_a_selective_export_replaces_nothing(place: Place, selective: str) -> None:
    """It was made later, and knows less of the same things: no page loses its collection, no comment is gone."""
    place.drop(ALL)
    place.harvest()
    place.drop(selective)
    beside = place.harvest()
    place.replace(selective)
    alone = place.harvest()

    assert [changes(beside), changes(alone)] == [NOTHING, NOTHING]
    assert place.entry("view9").parent == place.entry("collection1").keys[0]
    assert alone.missing == []


def test_a_selective_export_alone_is_taken_and_says_so(place: Place) -> None:
    """Better than nothing; the report tells what it is and how to get all."""
    place.drop(PAGE)

    report = place.harvest()

    assert place.held()["page"] == 1
    assert any(
        "some pages or collections" in note and f"http://{_SITE}/export/index.php" in note for note in report.notes
    )


@pytest.mark.parametrize("administrators", [LEAP_ONLY, OF_2204])
def test_an_export_without_feedback_deletes_no_comment(place: Place, administrators: str) -> None:
    """An administrator's export has none: that proves nothing, and all else in it is as it was."""
    place.drop(ALL)
    place.harvest()
    place.replace(administrators)
    place.options["full"] = True

    report = place.harvest()

    assert changes(report) == NOTHING
    assert report.unchanged
    assert place.held()["comment"] == 5
    assert any("no comments" in note for note in report.notes)


def test_comments_are_gone_when_all_feedback_was_asked_for(tmp_path: Path, place: Place) -> None:
    """A private one shows that it was; without one, nothing is known."""
    plan = generated.Plan(entries=3, comments=3)
    generated.write(place.folder / "1.zip", plan)
    place.harvest()
    plan.comments, plan.made, plan.when = 2, plan.made + 60, "2026-01-01T10:01:00+00:00"
    generated.write(place.folder / "2.zip", plan)

    with_private = place.harvest()
    plan.comments, plan.made, plan.when = 0, plan.made + 60, "2026-01-01T10:02:00+00:00"
    generated.write(place.folder / "3.zip", plan)
    without = place.harvest()

    assert (with_private.deleted, without.deleted) == (1, 0)
    assert place.held()["comment"] == 2


def test_a_thing_changed_since_the_whole_export_comes_from_the_selective_one(place: Place) -> None:
    """And going back to the whole one does not undo it."""
    plan = generated.Plan(entries=3, files=[])
    generated.write(place.folder / "whole.zip", plan)
    place.harvest()
    some = generated.Plan(
        entries=4, pages=("portfolio",), comments=0, made=plan.made + 60, when="2026-01-02T10:00:00+00:00",
        retitled={1001: "Rewritten", 1003: "New"},
    )  # fmt: skip
    generated.write(place.folder / "some.zip", some)
    newer = place.harvest()
    (place.folder / "some.zip").unlink()
    back = place.harvest()

    titles = {s.entry.title for s in place.archive.entries(kind="journal-entry")}
    assert titles == {"Entry 1000", "Rewritten", "Entry 1002", "New"}
    assert changes(newer)["deleted"] == 0
    assert changes(back) == NOTHING


def test_an_export_that_ends_in_the_middle_proves_nothing(place: Place) -> None:
    """What it holds is taken, nothing is taken as deleted, and the error says what to do."""
    place.drop(ALL)
    place.harvest()
    with zipfile.ZipFile(FIXTURES / LATER) as packed:
        xml = packed.read("leap2a.xml")
    (place.folder / "leap2a.xml").write_bytes(xml[: len(xml) * 2 // 3])

    with pytest.raises(Exception, match="ends in the middle") as caught:
        place.harvest()

    assert caught.value.code == "export-cut"
    assert not any(s.deleted for s in place.archive.entries(deleted=True))


def test_others_exports_are_never_mixed_in(place: Place) -> None:
    """Of several people: named, and refused until one is chosen, by number or by name."""
    generated.write(place.folder / "jo.zip", generated.Plan(entries=2))
    generated.write(place.folder / "kim.zip", generated.Plan(entries=3, user=8, person="Kim Other"))

    with pytest.raises(UsageError, match=r"Jo Example \(7\), Kim Other \(8\)"):
        place.harvest()
    place.options["user"] = "kim other"
    place.harvest()
    assert place.held()["journal-entry"] == 3
    place.options["user"] = "9"
    with pytest.raises(UsageError, match="no export of 9"):
        place.harvest()


def test_an_administrators_zip_says_user_names(place: Place) -> None:
    """They choose as well as a name; a number is a number first."""
    with zipfile.ZipFile(place.folder / "all.zip", "w") as out:
        out.writestr("usernames.csv", 'username,exportfile\n"jo",7.zip\n7,8.zip\nmiscounted\n')
        for user, person in ((7, "Jo Example"), (8, "Kim Other")):
            generated.write(place.folder / "one", generated.Plan(entries=user, user=user, person=person))
            out.write(place.folder / "one", f"users/{user}.zip")
    (place.folder / "one").unlink()

    for user in ("JO", "7"):
        place.options["user"] = user
        place.harvest()
        assert place.held()["journal-entry"] == 7


@pytest.mark.parametrize("listed", [
    b"\xff\xfe\x00", b'username,exportfile\n"' + b"x" * 200_000, b"",
    b"who,what\nsam,2.zip\n", b"exportfile,username\n2.zip\n",
])  # fmt: skip
def test_a_list_of_user_names_that_is_none_is_no_list(place: Place, listed: bytes) -> None:
    """The numbers and names do it."""
    with zipfile.ZipFile(place.folder / "all.zip", "w") as out:
        out.writestr("usernames.csv", listed)
        out.write(FIXTURES / LEAP_ONLY, "users/2.zip")
    place.options["user"] = "Sam Morgan"

    assert place.harvest().failed == []
    assert place.held()["journal-entry"] == 14


def test_two_sites_are_two_sources(place: Place) -> None:
    """Numbers of two sites have nothing to do with each other; url: chooses one."""
    generated.write(place.folder / "old.zip", generated.Plan(entries=2))
    generated.write(place.folder / "new.zip", generated.Plan(entries=3, wwwroot="https://other.example.org/mahara"))

    with pytest.raises(UsageError, match=r"mahara\.example\.org, other\.example\.org/mahara"):
        place.harvest()
    place.options["url"] = "https://other.example.org/mahara/"
    place.harvest()
    assert place.held()["journal-entry"] == 3


@pytest.mark.parametrize(("number", "name"), [(47, "podcast-interview.mp3"), (38, "workshop photo 2.jpg")])
def test_a_file_that_mahara_lost_is_told(place: Place, number: int, name: str) -> None:
    """“Some errors” is all that Mahara says; here it is said which file, and where it was. No small picture is it."""
    with zipfile.ZipFile(FIXTURES / ALL) as packed, zipfile.ZipFile(place.folder / "hurt.zip", "w") as out:
        for member in packed.namelist():
            if not member.endswith(f"/{number}-{name}"):
                out.writestr(member, packed.read(member))

    report = place.harvest()

    failed = next(one for one in report.failed if f"of “{name}”" in one.what)
    assert f"http://{_SITE}/artefact/file/download.php?file={number}" in failed.mend
    assert not failed.transient
    assert all(name in one.what for one in report.failed)
    assert any("1 thing that is not in it" in note for note in report.notes)
    assert place.held()["file"] == 19
    assert place.entry(f"artefact{number}").files[0].sha256 == ""
    assert len([s for s in place.archive.entries(kind="file") if s.entry.files[0].sha256]) == 18


def test_bytes_that_one_export_lacks_come_from_another(place: Place) -> None:
    """Whichever export has the file."""
    with zipfile.ZipFile(FIXTURES / LATER) as packed, zipfile.ZipFile(place.folder / "hurt.zip", "w") as out:
        out.writestr("leap2a.xml", packed.read("leap2a.xml"))
    place.drop(ALL)

    report = place.harvest()

    # only the newer one ever named file 701, and its bytes are nowhere
    lost = [stored.entry.native_id for stored in place.archive.entries(kind="file") if not stored.entry.files[0].sha256]
    assert lost == ["artefact701"]
    assert {one.mend for one in report.failed} == {report.failed[0].mend}


def test_stop_keeps_what_is_complete(place: Place) -> None:
    """And the next harvest ends what was begun."""
    generated.write(place.folder / "1.zip", generated.Plan(entries=200))
    asked = iter([False, *[True] * 1000])
    place.harvest(stop=lambda: next(asked))
    part = place.held().total()

    place.harvest()

    assert 0 < part < place.held().total()
    assert place.held()["journal-entry"] == 200


_SITE = "127.0.0.1:8088"


def _title_of(name: str, number: int) -> str:
    with zipfile.ZipFile(FIXTURES / name) as packed:
        xml = packed.read("leap2a.xml").decode()
    before = xml.partition(f"<id>portfolio:artefact{number}</id>")[0]
    return before.rpartition("<title>")[2].partition("</title>")[0]


def test_much_that_vanished_needs_the_owners_word(place: Place) -> None:
    """Asked every time until it is given; then it is marked."""
    plan = generated.Plan(entries=30)
    generated.write(place.folder / "1.zip", plan)
    place.harvest()
    plan.without, plan.made, plan.when = frozenset(range(1000, 1010)), plan.made + 60, "2026-01-02T10:00:00+00:00"
    generated.write(place.folder / "2.zip", plan)

    for _ in range(2):
        with pytest.raises(NeedsOwner):
            place.harvest()
        assert place.held()["journal-entry"] == 30
    report = place.harvest(accept_deletions=True)

    assert report.deleted == 10
    assert changes(place.harvest()) == NOTHING


def test_an_older_export_in_two_halves(place: Place) -> None:
    """Stopped between them: what it adds is known to be gone all the same."""
    without = frozenset(range(1000, 1800, 10))
    plan = generated.Plan(entries=1000, without=without, made=1767348000, when="2026-01-02T10:00:00+00:00")
    generated.write(place.folder / "new.zip", plan)
    place.harvest()
    (place.folder / "new.zip").unlink()
    generated.write(place.folder / "old.zip", generated.Plan(entries=1000))
    asked = iter([False, False, *[True] * 100])

    half = place.harvest(stop=lambda: next(asked))
    rest = place.harvest()

    assert (half.created, half.deleted) == (50, 0)
    assert (rest.created, rest.deleted) == (30, 80)
    gone = {stored.entry.native_id for stored in place.archive.entries(deleted=True)}
    assert gone == {f"artefact{number}" for number in without}


def test_that_an_export_is_old_is_told(place: Place) -> None:
    """Somebody who downloads one and sees nothing new should know why."""
    place.drop(LATER)
    place.harvest()
    place.replace(ALL)

    assert any("is older than" in note for note in place.harvest().notes)


def test_an_export_whose_xml_is_damaged_is_told_while_it_lies_there(place: Place) -> None:
    """Its list of files looks whole; what it says cannot be believed. The others are read."""
    data = bytearray((FIXTURES / LATER).read_bytes())
    with zipfile.ZipFile(FIXTURES / LATER) as packed:
        checksum = packed.getinfo("leap2a.xml").CRC.to_bytes(4, "little")
    data[data.rfind(checksum)] ^= 0xFF
    (place.folder / "hurt.zip").write_bytes(data)
    with pytest.raises(SourceUnavailable, match="damaged"):
        place.harvest()
    place.drop(ALL)

    for _ in range(2):
        report = place.harvest()
        assert [failed.what for failed in report.failed] == ["the export hurt.zip"]
        assert report.missing == []
    place.replace(ALL)

    assert place.harvest().failed == []
    assert place.archive.failures("mahara") == ()
    assert place.held()["journal-entry"] == 14


def test_a_passing_failure_is_tried_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a disk did not give for a moment is asked for in the next harvest, though the export is unchanged."""
    place.drop(LEAP_ONLY)

    def open_(pack: ZipPack, name: str) -> BinaryIO:
        if "47-podcast" in name:
            raise unreadable(name, OSError(5, "Input/output error"))
        return real(pack, name)

    real = ZipPack.open
    with monkeypatch.context() as patched:
        patched.setattr(ZipPack, "open", open_)
        first = place.harvest()

    second = place.harvest()

    assert first.failed
    assert second.failed == []
    assert (second.created, second.updated, second.notes) == (0, 0, [])
    assert place.entry("artefact47").files[0].sha256
    assert place.archive.failures("mahara") == ()
