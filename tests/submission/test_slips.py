"""Slips of the hand and commands that were cut off: each can be put right, and leaves nothing untrue behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.entry import Visibility
from bridge import building, purging_here, purging_published, releases, results, revising, submitting
from bridge.building import Desk
from bridge.portfolio import generation
from bridge.portfolio.submission import handed
from tests.submission.conftest import WAIVED, Owner
from tests.submission.transcripts import MINOR


def test_a_submission_that_was_taken_back_is_no_first_one(submitted: Owner) -> None:
    """What was revised is told since the day on which assessors first read it, and not since a mistake."""
    submitted.day = "2027-02-03"
    submitted.does("submit", "--take-back")
    assert Desk(submitted.session()).generation.submitted is None
    submitted.replaces("1a", "Both of these taught me", "All of this taught me")
    submitted.day = "2027-03-01"
    submitted.does("publish", "assessors", "--yes", *WAIVED)
    submitted.does("submit", "--to", "assessors", *WAIVED)
    submitted.day = "2027-06-01"
    submitted.does("result", "minor")

    page = Path(submitted.gives("build", "--edition", "assessor")["path"]).read_text()

    assert [one.taken_back is None for one in handed.read(submitted.generation)] == [False, True]
    assert "What was revised" not in page


def test_a_submission_that_was_cut_off_is_noted_once(submitted: Owner) -> None:
    """Killed after the submission was noted and before the state was: handed in again, it stands there once."""
    path = submitted.generation / "generation.yaml"
    path.write_text(path.read_text().replace("state: submitted", "state: draft"))

    submitted.does("submit", "--to", "assessors", *WAIVED)

    assert len(handed.read(submitted.generation)) == 1


def test_a_result_is_noted_once_however_often_it_is_given(referred: Owner) -> None:
    """Cut off and given again, or given twice: no comment comes twice, and none that was answered is open again."""
    referred.does("answered", "5", "--unchanged", "Both laws are named in the second paragraph.")
    before = {path.name: path.read_bytes() for path in referred.generation.iterdir() if path.is_file()}

    referred.does("result", "--transcript", str(referred.folder / "transcript.txt"))

    assert {path.name: path.read_bytes() for path in referred.generation.iterdir() if path.is_file()} == before


def test_a_wrong_outcome_is_put_right_by_the_right_one(submitted: Owner) -> None:
    submitted.does("result", "pass")
    submitted.does("result", "minor")

    assert Desk(submitted.session()).generation.state == "referred"
    assert submitted.run("renew")[0] == 2
    assert submitted.gives("due")["clocks"] == []


def test_a_portfolio_that_failed_may_be_handed_in_again_and_not_renewed(submitted: Owner) -> None:
    submitted.does("result", "fail")

    code, _, err = submitted.run("renew")
    assert (code, "did not pass" in err) == (2, True)

    submitted.does("publish", "assessors", "--yes", *WAIVED)
    submitted.does("submit", "--to", "assessors", *WAIVED)
    assert generation.current(submitted.folder / "portfolio").state == "submitted"


def test_without_the_release_nothing_is_said_to_be_revised(referred: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where what was handed in was removed for good, a summary would call every section new."""
    monkeypatch.setattr(revising, "handed_texts", lambda *_: {})

    page = building.build(Desk(referred.session()), Visibility.ASSESSOR)[1].release.fragment

    assert "What was revised" not in page


def test_a_nominated_assessor_of_the_record_warns(owner: Owner) -> None:
    """Who did something with the owner stands in the CPD record, and in no other file."""
    record = "id,date,title,status,people\nc0001,2025-03-04,A joint workshop,done,Ines Varga (co-presenter)\n"
    (owner.folder / "portfolio" / "cpd.csv").write_text(record)

    found = list(submitting._conflicts(Desk(owner.session()).begin(), "ines  varga"))

    assert found == ["ines  varga took part in “A joint workshop” on 4 March 2025, says your CPD record"]


def test_what_an_owner_calls_an_area_is_no_comment_on_it(owner: Owner) -> None:
    """Her heading stands in the section's own file, and assessors copy it behind the framework's."""
    owner.replaces("specialist-1", 'title: "', 'title: "Accessible sound" # ')
    text = "Specialist Area 1: Accessible sound\nAssessor 1: Strong\nAssessor 2: Adequate\n"

    found = results.read_transcript(Desk(owner.session()), text)

    assert found.marks == {"specialist-1": ("strong", "adequate")}
    assert (found.comments, found.unread) == ((), ())
    sheet = owner.folder / "sheet.md"
    owner.does("submit", "--sheet", str(sheet))
    assert "## specialist-1" not in sheet.read_text()
    assert "Accessible sound" in sheet.read_text()


def test_a_transcript_may_hold_anything(submitted: Owner) -> None:
    """Signs that steer a terminal, that YAML does not know or that turn the line: its comments can be read again."""
    text = MINOR.replace("Say what", "\x7f\x1b[31mSay \x80\u202e\u2067what")
    place = submitted.folder / "transcript.txt"
    submitted.day = "2027-05-20"
    place.write_bytes(text.replace("\n", "\r\n").encode())

    submitted.does("result", "--transcript", str(place))

    out = submitted.does("result", "--comments")
    assert "what" in out
    assert not set(out) & set("\x7f\x1b\x80\u202e\u2067")


def test_a_text_that_is_far_too_long_is_refused(submitted: Owner) -> None:
    """A whole mailbox is no transcript, and would take minutes to look through."""
    place = submitted.folder / "transcript.txt"
    place.write_text("Somebody wrote something about something else.\n" * 20_000)

    code, _, err = submitted.run("result", "minor", "--transcript", str(place))

    assert (code, "far longer than a transcript" in err) == (2, True)
    assert not list(submitted.generation.glob("transcript-*"))


def test_the_private_edition_is_never_handed_in(owner: Owner) -> None:
    """A slip in the target's name must not put private things into the hands of assessors."""
    owner.configures("  mine: {type: static, path: build/mine, edition: private}\n")
    owner.does("publish", "mine", "--yes", *WAIVED)

    code, _, err = owner.run("submit", "--to", "mine", *WAIVED)

    assert (code, "your private edition" in err) == (2, True)
    assert handed.read(owner.generation) == ()


def test_a_removal_finds_what_is_packed_in_a_bundle(submitted: Owner) -> None:
    """The words of a bundle are packed, so that nobody finds them by reading: its release says what it shows."""
    archive = submitted.session().archive
    [bundle] = [s for s in archive.entries(kind="release") if any(k.startswith("bundle:") for k in s.entry.keys)]
    [release] = [s for s in archive.entries(kind="release") if s.entry.visibility is Visibility.ASSESSOR]
    cited = releases.shown_by(archive, releases.load_release(archive, release.entry.native_id))[0]
    archive.close()

    assert {bundle.id, release.id} <= {one.id for one in purging_published.showing(submitted.session(), [cited])}


def test_what_was_handed_in_stays_where_the_archive_keeps_it(submitted: Owner) -> None:
    """The zip in build/ goes with a removal, by the name that a submission gave it; the owner's own files stay."""
    build = submitted.folder / "build"
    own = [build / "my-notes.zip", build / "rowan.pdf"]
    for path in own:
        path.write_bytes(b"mine")
    made = build / "rowan-ashby-portfolio-1a.pdf"
    made.write_bytes(b"ours")
    [bundle] = build.glob("original-*.zip")

    gone = list(purging_here._single_files(submitted.session(), datetime.now(UTC) + timedelta(days=1)))

    assert sorted(gone) == [f"the file build/{bundle.name}", f"the file build/{made.name}"]
    assert all(path.exists() for path in own)


@pytest.mark.parametrize(("day", "why"), [("2027-01-31", "before you handed it in"), ("2028-05-15", "still to come")])
def test_a_slip_of_the_day_of_a_result(submitted: Owner, day: str, why: str) -> None:
    """The clocks of years count from it: nothing is written."""
    before = (submitted.generation / "generation.yaml").read_bytes()

    code, _, err = submitted.run("result", "pass", "--date", day)

    assert (code, why in err) == (2, True)
    assert (submitted.generation / "generation.yaml").read_bytes() == before
    assert not (submitted.generation / "comments.yaml").exists()
