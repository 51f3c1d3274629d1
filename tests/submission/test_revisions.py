"""What changed between two releases: whole sentences, counts, and nothing where only signs differ."""

from __future__ import annotations

from bridge.portfolio.submission import revisions, texts
from bridge.portfolio.submission.texts import Text

FIRST = "I compared three systems. We chose the second. It was good enough everywhere."


def section(words: str, *evidence: tuple[str, str], name: str = "1a", title: str = "1a: Choosing") -> Text:
    return Text(name, title, words, evidence)


def between(then: str, now: str) -> revisions.Revisions:
    return revisions.between([section(then)], [section(now)])


def test_a_new_sentence_is_quoted_whole():
    [changed] = between(FIRST, f"I compared three systems. I wrote the questions myself. {FIRST[26:]}").changed

    assert changed.added == ("I wrote the questions myself.",)
    assert (changed.before, changed.now, changed.removed) == (13, 18, 0)


def test_a_reworded_sentence_counts_as_new_and_nothing_as_removed():
    [changed] = between(FIRST, FIRST.replace("We chose the second", "I chose the second")).changed

    assert (changed.added, changed.removed) == (("I chose the second.",), 0)


def test_a_sentence_that_went_is_counted_and_not_quoted():
    [changed] = between(FIRST, FIRST.replace(" It was good enough everywhere.", "")).changed

    assert (changed.added, changed.removed) == ((), 1)


def test_a_sentence_that_moved_is_not_new():
    moved = "We chose the second. I compared three systems. It was good enough everywhere."

    [changed] = between(FIRST, moved).changed

    assert (changed.added, changed.removed) == ((), 0)


def test_other_quotation_marks_are_no_change():
    found = between("I said 'no' - twice.", "I said ‘no’ – twice.")

    assert (found.changed, found.unchanged) == ((), 1)


def test_new_evidence_is_a_change_of_its_own():
    before = [section(FIRST, ("a", "Notes"))]
    [changed] = revisions.between(before, [section(FIRST, ("b", "Survey"))]).changed

    assert (changed.new_evidence, changed.dropped, changed.added) == (("Survey",), 1, ())


def test_sections_come_and_go():
    found = revisions.between([section(FIRST, name="2a")], [section(FIRST, name="3a")])

    assert (found.changed[0].before, found.unchanged, found.gone) == (None, 0, 1)


def test_a_passage_is_found_by_its_words():
    """Case, signs and line ends do not matter; a word that is not there does."""
    here = section(FIRST, ("a", "Notes of the drop-in"))

    assert here.holds("we chose\n the SECOND!")
    assert here.holds("drop-in")
    assert not here.holds("we chose the third")
    assert not here.holds("hose the second")
    assert not here.holds(" ")


def test_sentences_keep_their_quotation_marks():
    assert texts.sentences("She said “It works.” Then she left.") == ["She said “It works.”", "Then she left."]
