"""Minor revisions, as a person plays them through at the command line: nothing that assessors read moves meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.sample import workspace
from tests.sample.workspace import HANDED_IN, Sample

DECIDED = datetime(2023, 4, 28, 12, tzinfo=UTC)
REVISED = DECIDED + timedelta(days=20)

ANSWERS = {
    "1c": (
        "it turned out that a quarter of them were used by no one.",
        "My own part was to recruit the movers, to sit in on every first session, and to write the template.",
    ),
    "3a": (
        "and the faults went within a term.",
        "The audit I owe to the regulations; the work with Rhodri I would have asked for without them.",
    ),
    "specialist-2": (
        "We now agree the answering before the note is switched on.",
        "Next time I would count who asks for help for the first time, not how often help is asked for.",
    ),
    "advanced-1": (
        "I now wait a day before I reply to anything on the list, and most of it has then been answered.",
        "Against advice I admitted the prison service before it could pay, and two of our best pieces came of it.",
    ),
}
"""A sentence of each section that was commented on, and what is written behind it."""


@pytest.fixture
def calloway(tmp_path: Path) -> Sample:
    """Her folder in March 2023: everything is ready to be handed in."""
    return workspace.original(tmp_path)


def page_of(sample: Sample) -> dict[str, bytes]:
    """Return what stands at the address that assessors read, byte for byte."""
    folder = sample.root / "published" / "assessors"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def revise(sample: Sample) -> None:
    """Write the new sentences, as she does in her section files."""
    for section, (after, new) in ANSWERS.items():
        path = sample.root / "portfolio" / "original" / f"{section}.md"
        text = path.read_text(encoding="utf-8")
        assert after in text
        path.write_text(text.replace(after, f"{after} {new}"), encoding="utf-8")


def handed_in(sample: Sample) -> dict[str, bytes]:
    """Publish for the assessors and hand it in; return what they read."""
    sample.done("publish", "assessors", "--yes", at=HANDED_IN)
    said = sample.done("submit", "--to", "assessors", "--json", at=HANDED_IN).json
    assert said["state"] == "submitted"
    assert said["targets"] == ["assessors"]
    return page_of(sample)


def referred(sample: Sample) -> list[dict]:
    """Take the transcript in; return its comments."""
    transcript = workspace.CONTENT / "transcript.txt"
    said = sample.done("result", "--transcript", str(transcript), "--json", at=DECIDED).json
    assert said["outcome"] == "minor"
    return said["comments"]


def test_what_assessors_read_stays_until_there_is_a_result(calloway):
    """From ``submit`` on, publishing to their address is refused, by hand and on a schedule; its bytes stay."""
    read = handed_in(calloway)
    revise(calloway)

    refused = calloway.run("publish", "assessors", "--yes", at=HANDED_IN + timedelta(days=3))

    assert refused.code == 4
    assert "assessors" in refused.err
    calloway.run("run", "--once", at=HANDED_IN + timedelta(days=3))
    assert page_of(calloway) == read


def test_a_transcript_becomes_marks_and_open_comments(calloway):
    """Comments lie under their headings as open, and every mark of both assessors is kept."""
    handed_in(calloway)

    comments = referred(calloway)

    assert {one["section"] for one in comments} >= set(ANSWERS)
    assert all(one["open"] for one in comments)
    marks = calloway.done("result", "--list", "--json", at=DECIDED).json["results"][-1]["marks"]
    assert marks["1a"] == ["strong", "strong"]
    assert len(marks) >= 10
    assert all(len(given) == 2 for given in marks.values())


def test_no_comment_of_an_assessor_is_in_any_edition(calloway):
    """Neither before nor after the answer: their words are the owner's alone."""
    handed_in(calloway)
    referred(calloway)
    for edition in ("public", "assessor", "private"):
        page = calloway.done("build", "--edition", edition, "--json", at=DECIDED).json["path"]
        assert "Swithinbank" not in Path(page).read_text(encoding="utf-8")


def test_a_resubmission_waits_for_every_answer(calloway):
    """With a comment open it is refused, and the comment is named by its number."""
    handed_in(calloway)
    referred(calloway)
    revise(calloway)
    calloway.done("publish", "assessors", "--yes", at=REVISED)

    said = calloway.run("submit", "--to", "assessors", at=REVISED)

    assert said.code == 4
    assert "open-comments" in said.err


def test_minor_revisions_from_submission_to_pass(calloway, tmp_path):
    """Handed in, referred, revised, answered, handed in again with a summary, passed."""
    read = handed_in(calloway)
    comments = referred(calloway)
    assert page_of(calloway) == read
    revise(calloway)
    for one in comments:
        if one["section"] in ANSWERS:
            calloway.done("answered", str(one["number"]), ANSWERS[one["section"]][1], at=REVISED)
        else:
            calloway.done("answered", str(one["number"]), "--unchanged", "Nothing was asked for.", at=REVISED)
    left = calloway.done("result", "--comments", "--json", at=REVISED).json
    assert left["open"] == 0
    assert page_of(calloway) == read, "what the assessors know is as it was until it is published anew"

    calloway.done("publish", "assessors", "--yes", at=REVISED)
    said = calloway.done("submit", "--to", "assessors", "--json", at=REVISED).json

    assert said["state"] == "resubmitted"
    page = (calloway.root / "published" / "assessors" / "index.html").read_text(encoding="utf-8")
    summary = page.index("evisions")
    assert summary < page.index("kf-1a"), "the summary opens the page"
    for section, (_, new) in ANSWERS.items():
        assert page.count(new) >= 2, f"{section}: once in the summary, once in its place"
    assert "Swithinbank" not in page

    calloway.done("result", "pass", "--date", "2023-06-30", at=REVISED + timedelta(days=43))

    due = calloway.done("due", "--json", at=REVISED + timedelta(days=44))
    assert "2026-06-30" in due.out
