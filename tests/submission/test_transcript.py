"""A pasted transcript: what it says is found by headings and marks, however it is laid out, and nothing is lost."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UsageError
from bridge.portfolio import framework, narrative
from bridge.portfolio.submission import scheme, transcript
from tests.submission.transcripts import FORMER, IN_CELLS, MINOR, SEEN

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


def test_the_form_is_read_as_it_is_laid_out():
    """Marks between the halves of a heading are its marks; what the form says of its own words is nobody's."""
    found = read(SEEN)

    assert dict(found.marks) == {
        "1a": ("strong", "adequate"),
        "1b": ("adequate", "revisions"),
        "3a": ("strong", "strong"),
        "specialist-1": ("strong", "adequate"),
        "specialist-2": ("na", "na"),
    }
    assert dict(found.principles) == {"empathy": ("adequate", "strong")}
    assert (found.outcome, found.on) == ("minor", date(2027, 5, 15))
    assert found.comments == (
        transcript.Said("", "Assessor 1", "A fine read from end to end."),
        transcript.Said("1b", "Assessor 1", "Say which of these you built yourself."),
        transcript.Said("", "Assessor 2", "Too many words in italics."),
    )


def test_the_form_is_read_cell_by_cell():
    """Marks more than there are assessors are of another heading, and nobody can say which: they are not understood."""
    found = read(IN_CELLS)

    assert dict(found.marks) == {
        "1a": ("strong", "adequate"),
        "1b": ("adequate", "revisions"),
        "specialist-1": ("strong", "adequate"),
    }
    assert found.outcome == "minor"
    assert found.unread[:2] == ("Strong", "Adequate")


def test_what_the_form_explains_is_no_outcome():
    """A form without a decision has none, though it says what each outcome means."""
    found = read("Assessment outcomes explained\nPass\nIt is good.\nFail\nIt was major before.\n")

    assert (found.outcome, len(found.unread)) == ("", 5)


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


def test_principles_begin_with_the_first_assessor_each():
    """Who marked the last heading is not the first to mark the next."""
    interplay, current = RULES.principles[0].title, RULES.principles[1].title
    lines = ["Demonstrating the four core principles", interplay, "Assessor 1: Strong", "Assessor 2: Adequate"]

    found = read("\n".join([*lines, current, "Adequate"]))

    assert dict(found.principles) == {"interplay": ("strong", "adequate"), "current": ("adequate", "")}


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


KNOWN = ["1a", "Contextual Statement", "Assessor 2:", "Strong / Adequate", "Outcome: Pass", "Overall comments:", ""]
WORDS = st.text(alphabet="qxzj .,:;-|()[]☐☒•0123456789é“”", min_size=1, max_size=60)


@given(st.lists(st.sampled_from(KNOWN) | WORDS, max_size=30))
def test_no_word_is_lost_whatever_is_pasted(lines):
    """Among headings, marks and labels, every other word is in a comment or among what was not understood."""
    found = read("\n".join(lines))

    kept = " ".join([*(one.text for one in found.comments), *found.unread])
    for word in re.findall(r"[qxzjé]+", " ".join(line for line in lines if line not in KNOWN)):
        assert word in kept


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("Overall outcome: Minor revisions required", "minor"),
        ("Result: MAJOR REVISIONS", "major"),
        ("Decision: Referred, minor revision", "minor"),
        ("Final result: Distinction", "distinction"),
        ("Overall outcome\nPassed", "pass"),
        ("Outcome: revisions", ""),
        ("Result: pass rates rose", ""),
        ("Minor revisions", ""),
    ],
)
def test_an_outcome_is_known_by_its_own_words(line: str, outcome: str):
    """Behind a word such as Outcome the words that tell it from the others are enough; what could be two is neither."""
    assert read(f"1a An understanding\n\n{line}\n").outcome == outcome
