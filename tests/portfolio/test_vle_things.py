"""Things of a VLE on the page: the owner's own words and files go along, what others said about them stays at home."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.entry import MediaFile, Visibility
from bridge.portfolio import chosen, wording
from bridge.portfolio.mapping import connect
from bridge.portfolio.narrative import Narrative
from bridge.portfolio.ownwords import own_words
from tests.portfolio.samples import CMALT, Item, assembled, item
from tests.portfolio.test_mahara_things import words

SITE = "https://vle.example"
FEEDBACK = '<section class="feedback"><h2>Feedback</h2><p>Grade: 78</p><p>Ngozi thinks it is fine.</p></section>'


def file(number: int, name: str, role: str = "attachment", media_type: str = "application/pdf") -> MediaFile:
    url = f"{SITE}/pluginfile.php/{number}/{name}"
    return MediaFile(name=name, url=url, media_type=media_type, role=role, sha256=f"{number:064x}")


def thing(number: int, kind: str, title: str, **fields) -> Item:
    known = {
        "keys": (f"moodle:vle.example/{kind}/{number}",),
        "url": f"{SITE}/mod/x/view.php?id={number}",
        "visibility": Visibility.PRIVATE,
        "status": "submitted",
    }
    return item(number, title, kind=kind, **{**known, **fields})


def test_feedback_stays_at_home():
    """Another person's words and the marked copy of an essay are in no edition, the owner's draft included."""
    essay, marked = file(1, "essay.pdf"), file(2, "marked.pdf", "feedback")
    work = thing(5, "submission", "Task 1", files=(essay, marked), content_html=f"<p>I chose captions.</p>{FEEDBACK}")

    for edition in (Visibility.PUBLIC, Visibility.PRIVATE):
        found = assembled([work], words(work.id), edition, marks={work.id: Visibility.PUBLIC})

        (evidence,) = next(s for s in found.sections if s.id == "1a").evidence
        assert [shown.name for shown in evidence.files] == ["essay.pdf"]
        assert "I chose captions." in found.kept[0].html
        assert "Ngozi" not in repr(found)
        assert "Grade" not in repr(found)


def test_a_file_names_no_address_that_asks_for_a_login():
    """The page brings the copy along; where it was, a stranger could not look."""
    work = thing(5, "submission", "Task 1", files=(file(1, "essay.pdf"),))

    found = assembled([work], words(work.id), marks={work.id: Visibility.PUBLIC})

    assert "vle.example" not in repr(found.sections)


def test_only_the_feedback_is_cut():
    """An entry of another kind may have a section that it calls feedback."""
    post = thing(6, "post", "On feedback", content_html=FEEDBACK)

    assert own_words(post.entry) == FEEDBACK
    assert own_words(replace(post.entry, kind="submission")) == ""


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("<p>mine</p>", FEEDBACK.replace("<p>Ngozi", "</section><p>Ngozi")),
        ("<p>mine</p><textarea>", FEEDBACK),
        ('<p>mine</p><a title="', FEEDBACK),
        ("<p>mine</p><!-- ", FEEDBACK),
    ],
)
def test_html_that_is_not_closed_opens_no_feedback(own, said):
    """Neither the owner's nor the teacher's: people paste what their word processor made."""
    work = thing(8, "submission", "Task 1", content_html=own + said)

    assert own_words(work.entry) == own


@pytest.mark.parametrize("author", ["about-me", "others"])
def test_what_is_not_the_owner_s_is_no_evidence_by_a_tag(author):
    """A rating or a note may be cited by hand, and by nothing else; it is never a section's text."""
    rating = thing(7, "competency", "1a", author=author, tags=("cmalt-1a", "cpd"))

    found = connect([rating], CMALT, "cmalt", {}, {"3a": ["cpd"]})

    assert (found.cited, found.suggested) == ({}, {})
    section = CMALT.section("cmalt", "1a")
    assert chosen.filled(Narrative("1a", chosen=rating.id), rating, section).lacking


def test_a_completed_course_stands_where_its_owner_cites_it():
    """By her own word, and once she opened it."""
    done = thing(8, "completion", "Completed: Blended learning", author="about-me")

    closed = assembled([done], words(done.id))
    opened = assembled([done], words(done.id), marks={done.id: Visibility.PUBLIC})

    assert "Blended" not in repr(closed.sections)
    (evidence,) = next(s for s in opened.sections if s.id == "1a").evidence
    assert (evidence.kind, evidence.title) == ("About me, by others: Completed course", "Completed: Blended learning")


def test_a_badge_stands_with_its_issuer_and_its_picture_alone():
    """The issuer's confirmation is no evidence to be uploaded; a picture without a claim is called a picture."""
    picture = file(1, "badge.png", "original", "image/png")
    proof = file(2, "assertion.json", "proof", "application/json")
    badge = thing(9, "badge", "Champion", files=(picture, proof), extra={"issuer": "Northshire"})
    plain = thing(10, "badge", "Screenshot", files=(file(3, "s.png", "original", "image/png"),))
    lost = thing(11, "badge", "Lost", files=(replace(picture, sha256=""), proof), extra={"issuer": "Northshire"})
    entries = [badge, plain, lost]

    found = assembled(
        entries, words(*(e.id for e in entries)), marks=dict.fromkeys((e.id for e in entries), Visibility.PUBLIC)
    )

    shown = {one.title: one for one in next(s for s in found.sections if s.id == "1a").evidence}
    assert shown["Champion"].kind == "Badge issued by Northshire"
    assert [one.name for one in (*shown["Champion"].figures, *shown["Champion"].files)] == ["badge.png"]
    assert shown["Screenshot"].kind == "Picture of a badge"
    assert (shown["Lost"].files, shown["Lost"].figures) == ((), ())
    assert wording.kind(badge.entry) == "Badge"


def test_a_plan_of_a_moodle_is_a_learning_plan():
    """A Mahara's is a plan."""
    plan = thing(12, "plan", "CMALT").entry

    assert wording.kind(plan) == "Learning plan"
    assert wording.kind(replace(plan, keys=("mahara:m.example/plan1",))) == "Plan"
