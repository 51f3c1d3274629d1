"""Mapping: only what is tagged or cited by the owner is evidence."""

from datetime import UTC, datetime

import pytest

from archive.errors import UsageError
from bridge.portfolio import framework
from bridge.portfolio.mapping import NEVER_EVIDENCE, citable, connect
from bridge.portfolio.narrative import Cited, Narrative
from tests.portfolio.samples import CMALT, item


def connected(entries, cite=None, suggest=None, narratives=None, pathway="cmalt"):
    return connect(entries, CMALT, pathway, cite or {}, suggest or {}, narratives)


def test_the_frameworks_own_tags_cite():
    """A tag of the framework puts an entry under its section, however it is written."""
    found = connected([item(1, tags=("CMALT 1a", "moodle")), item(2, tags=("moodle",))])

    assert found.cited == {"1a": (item(1).id,)}


def test_the_owners_tags_cite_and_suggest_as_configured():
    """``tags`` cite, ``suggest`` only suggests, and what is cited already is not suggested."""
    found = connected(
        [item(1, tags=("Moodle",)), item(2, tags=("gdpr",)), item(3, tags=("gdpr", "cmalt-3a"))],
        cite={"1b": ["moodle"]},
        suggest={"3a": ["GDPR"]},
    )

    assert found.cited == {"1b": (item(1).id,), "3a": (item(3).id,)}
    assert found.suggested == {"3a": (item(2).id,)}


def test_untagged_entries_never_appear():
    """A post on rabbits stays the owner's own business."""
    found = connected([item(1, tags=("rabbits",)), item(2)], suggest={"3a": ["gdpr"]})

    assert not found.cited
    assert not found.suggested


@pytest.mark.parametrize("kind", sorted(NEVER_EVIDENCE))
def test_what_is_no_evidence_of_the_owners(kind):
    """Comments, terms, users, releases ... are nobody's evidence, whatever their tags."""
    assert not connected([item(1, kind=kind, tags=("cmalt-1a",))]).cited


def test_others_work_is_not_cited_by_a_tag():
    """A colleague's post with the right tag on a shared blog is not the owner's."""
    assert not connected([item(1, author="others", tags=("cmalt-1a",))]).cited


def test_the_owners_choice_comes_first_then_tags_by_date():
    """Cited items keep the owner's order; tagged ones follow, oldest first; nothing stands twice."""
    old = item(1, tags=("cmalt-1a",), published=datetime(2020, 1, 1, tzinfo=UTC))
    new = item(2, tags=("cmalt-1a",), published=datetime(2025, 1, 1, tzinfo=UTC))
    chosen = item(3)
    narrative = Narrative("1a", evidence=(Cited(chosen.id), Cited(new.id)))

    found = connected([new, old, chosen], narratives={"1a": narrative})

    assert found.cited["1a"] == (chosen.id, new.id, old.id)


def test_an_entry_may_serve_several_sections():
    """Two tags, two sections."""
    assert set(connected([item(1, tags=("cmalt-1a", "cmalt-3a"))]).cited) == {"1a", "3a"}


def test_own_tags_are_counted():
    """``map`` shows the owner's tags with how often they were used."""
    found = connected([item(1, tags=("moodle", "moodle")), item(2, tags=("moodle", "gdpr"))])

    assert found.own_tags == {"moodle": 2, "gdpr": 1}


def test_a_tag_that_looks_like_a_section_is_a_finding():
    """``cmalt-1d`` is reported once, with how many items carry it."""
    found = connected([item(1, tags=("cmalt-1d",)), item(2, tags=("cmalt-1d",))])

    assert [(f.code, "2 items" in f.message) for f in found.findings] == [("tag-unknown-criterion", True)]
    assert not found.cited


def test_a_tag_of_a_heading_with_several_sections_is_a_finding():
    """``cmalt-1`` could be 1a, 1b or 1c: the owner is asked."""
    (finding,) = connected([item(1, tags=("cmalt-1",))]).findings

    assert finding.code == "tag-ambiguous"
    assert "1a, 1b, 1c" in finding.message


def test_a_tag_of_a_single_specialist_area():
    """``cmalt-5`` is the one specialist area of CMALT; Senior has two, so the owner is asked."""
    entries = [item(1, tags=("cmalt-5",))]

    assert connected(entries).cited == {"specialist-1": (item(1).id,)}
    assert [f.code for f in connected(entries, pathway="senior").findings] == ["tag-ambiguous"]


def test_the_owners_connection_settles_an_odd_tag():
    """A near miss that the configuration connects is no finding any more."""
    found = connected([item(1, tags=("cmalt-1",))], cite={"1b": ["cmalt-1"]})

    assert found.cited == {"1b": (item(1).id,)}
    assert not found.findings


def test_a_configuration_for_a_section_that_is_none():
    """A section that the pathway does not have is refused, with the nearest."""
    with pytest.raises(UsageError, match="1d"):
        connected([], cite={"1d": ["x"]})


def test_what_is_gone_is_not_suggested():
    """What lies in the bin, or was deleted, is no suggestion."""
    gone = [item(1, tags=("gdpr",), deleted=True), item(2, tags=("gdpr",), status="trash")]

    assert not connected(gone, suggest={"3a": ["gdpr"]}).suggested


def test_a_renewal_knows_the_tags_of_the_first_award():
    """``cmalt-1a`` in a review is no slip; ``cmalt-1d`` was one before, too."""
    review = framework.load("cmalt-review")
    entries = [item(1, tags=("cmalt-1a",)), item(2, tags=("cmalt-1d",))]

    found = connect(entries, review, "cmalt", {}, {})

    assert [("cmalt-1d" in f.message) for f in found.findings] == [True]


def test_a_section_is_found_in_any_case():
    """``3A`` is 3a; a heading that cites nothing itself is refused with those that do."""
    assert citable(CMALT, "cmalt", " 3A ").id == "3a"
    with pytest.raises(UsageError, match="3a or 3b"):
        citable(CMALT, "cmalt", "3")
