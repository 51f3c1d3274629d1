"""A pasted transcript: what it says is found by headings and marks, however it is laid out, and nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest

from archive.errors import UsageError
from bridge.portfolio import framework, narrative
from bridge.portfolio.submission import scheme, transcript
from tests.submission.transcripts import FORMER, MINOR

CMALT = framework.load("cmalt")
RULES = scheme.of(CMALT)


def read(text: str, titles: dict[str, str] | None = None) -> transcript.Transcript:
    return transcript.read(text, narrative.sections(CMALT, "cmalt").values(), RULES, titles or {})


def said(found: transcript.Transcript, section: str) -> list[str]:
    return [one.text for one in found.comments if one.section == section]


def test_marks_stand_by_heading_and_assessor():
    """One line each, two on a line, ticked boxes, and a heading that was broken in two are all read."""
    found = read(MINOR, {"specialist-1": "Accessible documents and diagrams"})

    assert dict(found.marks) == {
        "1a": ("revisions", "adequate"),
        "1c": ("revisions", "revisions"),
        "2a": ("revisions", ""),
        "3a": ("revisions", "adequate"),
        "specialist-1": ("strong", "strong"),
    }
    assert dict(found.principles) == {"interplay": ("strong", "adequate")}


def test_outcome_and_day_are_read():
    found = read(MINOR)

    assert (found.outcome, found.on) == ("minor", date(2027, 5, 15))


def test_comments_stand_under_their_headings():
    """Lines of one paragraph are one comment, with the assessor who wrote it; those on the whole have no heading."""
    found = read(MINOR, {"specialist-1": "Accessible documents and diagrams"})

    assert [(one.section, one.by) for one in found.comments] == [
        ("context", ""),
        ("1a", "Assessor 1"),
        ("1c", "Assessor 2"),
        ("2a", ""),
        ("3a", ""),
        ("", ""),
    ]
    assert said(found, "1a") == ["You write of the team throughout. Say what you chose yourself."]


def test_what_fits_nowhere_comes_back_whole():
    """Every line of the text is a heading, a mark, the outcome, a comment, or unread: no word is lost."""
    found = read(MINOR)

    assert "Accessible documents and diagrams" in said(found, "specialist-1")  # not her title: then somebody's words
    assert found.unread == tuple(MINOR.splitlines()[:5])
    unknown = read("Assessor's reference: 77-A\n\nSome quite other layout | with | columns\n")
    assert unknown.unread == ("Assessor's reference: 77-A", "Some quite other layout | with | columns")


def test_marks_of_the_former_scale_are_known():
    found = read(FORMER)

    assert dict(found.marks) == {"1a": ("adequate", "adequate"), "1b": ("strong", "adequate"), "3a": ("inadequate", "")}
    assert (found.outcome, found.on, said(found, "3a")) == ("pass", date(2012, 6, 3), ["The second area is thin."])


def test_a_sentence_that_begins_like_a_heading_is_no_heading():
    """What an assessor writes of one heading in the comment on another stays there."""
    text = (
        "Contextual Statement\nCommunication and working with others is well evidenced, and Adequate is too little.\n"
    )

    found = read(text)

    assert said(found, "context") == [text.splitlines()[1]]
    assert not found.marks


def test_a_list_of_the_scale_is_no_mark():
    """A legend under a heading marks nothing."""
    found = read("1a\nStrong / Adequate / Revisions required / Incomplete/missing / Not Applicable\nAdequate\n")

    assert dict(found.marks) == {"1a": ("adequate",)}


def test_bullets_are_comments_of_their_own():
    """Each can be answered by itself; a line that goes on with one belongs to it."""
    found = read("3a Revisions required\n- Name the law,\n  and the year.\n- Say what you changed.\n")

    assert said(found, "3a") == ["Name the law, and the year.", "Say what you changed."]


def test_unticked_outcomes_are_not_the_outcome():
    found = read("Outcome\n☐ Pass with Distinction\n☐ Pass\n☒ Referral - minor revisions required\n☐ Fail\n")

    assert found.outcome == "minor"


@pytest.mark.parametrize(
    "said_", ["minor", "Referral - minor revisions required", "referral: minor revisions required"]
)
def test_an_outcome_is_known_by_id_and_title(said_):
    assert RULES.outcome(said_).id == "minor"


def test_a_slip_in_an_outcome_names_the_nearest():
    with pytest.raises(UsageError, match="Did you mean distinction"):
        RULES.outcome("distintion")


def test_the_five_outcomes_come_from_the_framework():
    """Each says what it makes of the portfolio; a review takes them over from the framework that it refers to."""
    verdicts = {one.id: one.verdict for one in RULES.outcomes}

    assert verdicts == {
        "distinction": "passed",
        "pass": "passed",
        "minor": "referred",
        "major": "referred",
        "fail": "failed",
    }
    review = scheme.of(framework.load("cmalt-review"))
    assert (review.outcomes, review.scale, review.principles) == (RULES.outcomes, RULES.scale, RULES.principles)
    assert (review.years, review.reminders) == (3, (365, 180, 90, 30, 7))
