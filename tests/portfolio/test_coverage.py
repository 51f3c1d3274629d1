"""Coverage: how far a section is, what rules still want, what shows each principle, and how much CPD there is."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from archive.entry import Visibility
from bridge.portfolio import coverage, framework, principles, quotas
from bridge.portfolio.cpd import page as cpd_page
from bridge.portfolio.cpd.record import Activity, With
from bridge.portfolio.mapping import connect
from bridge.portfolio.model import PageSection
from bridge.portfolio.narrative import Cited, Narrative, Passage
from bridge.portfolio.schema import Quota, Requirement
from tests.portfolio.samples import CMALT, assembled, item

PSF = framework.load("psf-2023")


def narrative(section="1a", *, description="I did.", reflection="I learned.", ready=False, evidence=(), **fields):
    passages = (
        Passage("description", "Description", description),
        Passage("evidence", "Evidence", ""),
        Passage("reflection", "Reflection", reflection),
    )
    known = {"passages": passages, "ready": ready, "visibility": Visibility.PUBLIC, "path": Path(f"{section}.md")}
    return Narrative(section, evidence=tuple(evidence), **{**known, **fields})


def progress(one, evidence=0):
    draft = assembled([], {one.section: one}, Visibility.PRIVATE)
    shown = next(section for section in draft.sections if section.id == one.section)
    return coverage.progress(CMALT.section("cmalt", one.section), shown, one, evidence=evidence)


@pytest.mark.parametrize(
    ("one", "evidence", "percent", "lacking"),
    [
        (narrative(description="", reflection=""), 0, 0, ("description", "reflection", "evidence", "ready")),
        (narrative(reflection=""), 0, 17, ("reflection", "evidence", "ready")),
        (narrative(), 2, 67, ("ready",)),
        (narrative(ready=True), 2, 100, ()),
        (narrative(ready=True), 0, 67, ("evidence",)),
    ],
)
def test_how_far_a_section_is(one, evidence, percent, lacking):
    """Words, evidence and the owner's word that it is ready count alike; what is lacking has its name."""
    found = progress(one, evidence)

    assert (found.percent, found.lacking) == (percent, lacking)


def test_a_section_of_one_text_asks_for_no_evidence():
    """Future Plans is half done when it is written, and whole when it is ready."""
    plans = Narrative("future-plans", passages=(Passage("", "", "I will learn."),), path=Path("f.md"))

    assert progress(plans).percent == 50
    assert progress(replace(plans, ready=True)).percent == 100


def test_hundred_percent_is_all_of_it():
    """199 of 200 is not rounded to the whole."""
    assert coverage.whole_percent(Fraction(199, 200)) == 99
    assert coverage.whole_percent(Fraction(1)) == 100


def lacking(rule, counts, loaded=PSF, pathway="afhea"):
    return list(coverage.Pieces.of(loaded, pathway, counts).lacking(rule))


def test_the_descriptors_of_the_psf():
    """Associate Fellow wants V1 and V3, K1 to K3 and two areas; Fellow wants all of each."""
    values, _, areas = PSF.requirements("afhea")

    assert lacking(values, {"V1": 1}) == ["V3"]
    assert lacking(areas, {"A2": 3}) == ["1 more of A1, A3, A4, A5"]
    assert lacking(areas, {"A2": 1, "A5": 1}) == []
    assert lacking(PSF.requirements("fhea")[0], {f"V{n}": 1 for n in range(1, 5)}, pathway="fhea") == ["V5"]


def test_a_rule_on_pieces_counts_repeated_sections_together():
    """``at_least`` may name a heading: the specialist areas together."""
    rule = Requirement.model_validate({"rule": "three", "at_least": [{"in": ["specialist"], "count": 3}]})

    assert lacking(rule, {"specialist-1": 1, "specialist-2": 1}, CMALT, "senior") == ["1 more in specialist"]
    assert lacking(rule, {"specialist-1": 1, "specialist-2": 2}, CMALT, "senior") == []


def test_what_people_must_judge_is_never_counted():
    """A requirement without numbers lacks nothing that could be counted."""
    assert lacking(PSF.requirements("sfhea")[0], {}, pathway="sfhea") == []


def test_the_share_of_a_descriptor():
    """Of the seven things that Associate Fellow counts, three are there; a third area more does not count."""
    pieces = coverage.Pieces.of(PSF, "afhea", {"V1": 1, "A1": 1, "A2": 1, "A3": 1, "V2": 9})

    assert pieces.share(PSF.requirements("afhea")) == Fraction(3, 7)


# --- principles ---


def stand(entries, narratives=(), activities=()):
    by_section = {one.section: one for one in narratives}
    found = connect(entries, CMALT, "cmalt", {}, {}, by_section)
    return {one.principle.id: one for one in principles.standings(CMALT, by_section, found, activities)}


def test_a_principle_is_shown_by_tag_citation_section_and_record():
    """Each of the four ways counts; a principle that nothing shows says so."""
    tagged = item(1, tags=("cmalt-1a", "cmalt-principle-current"))
    loose = item(2, tags=("cmalt-principle-current",))
    chosen = item(3)
    found = stand(
        [tagged, loose, chosen],
        [
            narrative("1b", evidence=[Cited(chosen.id, principles=("empathy",))]),
            narrative("4a", principles=("disseminate",)),
        ],
        [Activity("c1", date(2026, 1, 1), "Talk", principles=("disseminate",))],
    )

    assert found["current"].cited == {"1a": (tagged.id,)}
    assert found["current"].loose == (loose.id,)
    assert found["empathy"].cited == {"1b": (chosen.id,)}
    assert found["disseminate"].sections == ("4a",)
    assert [a.id for a in found["disseminate"].activities] == ["c1"]
    assert not found["interplay"].shown


def test_what_is_only_planned_shows_no_principle():
    """Planned and dropped CPD entries are no evidence."""
    planned = Activity("c1", date(2027, 1, 1), "Talk", principles=("disseminate",), status="planned")

    assert not stand([], activities=[planned])["disseminate"].shown


def page(edition, entries, narratives, activities=(), marks=None):
    by_section = {one.section: one for one in narratives}
    found = connect(entries, CMALT, "cmalt", {}, {}, by_section)
    standings = principles.standings(CMALT, by_section, found, activities)
    made = assembled(
        entries,
        by_section,
        edition,
        connections=found,
        marks=marks,
        panels=[principles.panel(CMALT, standings), coverage.panel(standings)],
    )
    return {panel.id: panel for panel in made.panels}


def test_the_page_says_which_evidence_shows_a_principle():
    """The full sentence, the item with its address, and a link to its section; the matrix counts the same."""
    held = item(1, "On captions", tags=("cmalt-1a", "cmalt-principle-current"))
    shown = page(Visibility.PUBLIC, [held], [narrative(ready=True)])

    assert shown["principles"].title == "The four core principles"
    assert "A commitment to keep up to date with new technologies." in shown["principles"].html
    assert f'<a href="{held.entry.url}">On captions</a> (in <a href="#kf-1a">1a: ' in shown["principles"].html
    assert "interplay between" not in shown["principles"].html
    table = BeautifulSoup(shown["coverage"].html, "html.parser")
    assert [cell.get_text() for cell in table.find_all("th", scope="col")] == ["Section", "Evidence", "Current"]
    assert ["1a", "1", "1"] in [
        [cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")
    ]


def test_principles_without_anything_have_no_column():
    """A wall of noughts says less than one sentence; the picture leaves them out as well."""
    held = item(1, "On captions", tags=("cmalt-1a", "cmalt-principle-current"))
    panel = page(Visibility.ASSESSOR, [held], [narrative(ready=True)])["coverage"]

    assert "No piece of evidence names Interplay, Empathy or Disseminate." in panel.html
    assert "Current" in panel.drawing
    assert "Empathy" not in panel.drawing
    assert "CPD" not in panel.html


def of_a_record(*activities, edition):
    """Return the coverage panel of a page whose 1b is the CPD record, and the cells of its row."""
    held = item(1, "On captions", tags=("cmalt-1b", "cmalt-principle-current"))
    texts = {"1b": narrative("1b", ready=True)}
    found = connect([held], CMALT, "cmalt", {}, {}, texts)
    standings = principles.standings(CMALT, texts, found, activities)
    making = {"1b": cpd_page.make(cpd_page.Record(activities, (None, None)))}
    panels = [coverage.panel(standings)]
    [panel] = assembled([held], texts, edition, connections=found, making=making, panels=panels).panels
    [row] = (row for row in BeautifulSoup(panel.html, "html.parser").find_all("tr") if row.find("a", string="1b"))
    return panel, [cell.get_text() for cell in row.find_all(["th", "td"])]


def test_the_record_counts_its_entries_under_a_principle():
    """A review shows its principles by its CPD; the sentence below says what was counted."""
    talk = Activity("c1", date(2026, 1, 1), "Talk", principles=("disseminate",), visibility=Visibility.ASSESSOR)
    book = Activity("c2", date(2026, 1, 2), "Book", principles=("current",), visibility=Visibility.ASSESSOR)

    panel, row = of_a_record(talk, book, edition=Visibility.ASSESSOR)

    assert row == ["1b", "1", "2", "1"]
    assert "Under a principle, CPD entries count as well." in panel.html
    assert "No piece of evidence or CPD entry names Interplay or Empathy." in panel.html


def test_an_entry_that_the_page_may_not_show_is_not_counted():
    """A count tells of it, too."""
    shown = Activity("c1", date(2026, 1, 1), "Talk", principles=("current",), visibility=Visibility.ASSESSOR)
    secret = Activity("c2", date(2026, 1, 2), "Book", principles=("empathy",))

    assert of_a_record(shown, secret, edition=Visibility.ASSESSOR)[1] == ["1b", "1", "2"]
    assert of_a_record(shown, secret, edition=Visibility.PRIVATE)[1] == ["1b", "1", "2", "1"]


def test_the_matrix_of_gaps_counts_the_record_too():
    """In the row of the section that the framework calls the record, and in no other."""
    review = framework.load("cmalt-review")
    found = coverage.rows(review, "", {}, {}, {"current": {}}, {"current": 3})

    assert {row.section.id: row.principles["current"] for row in found if row.principles["current"]} == {
        "cpd-record": 3
    }


def test_an_earlier_generation_is_not_counted_and_that_is_said():
    """Its evidence was judged when it was new."""
    held = item(1, "On captions", tags=("cmalt-1a",))
    before = PageSection("old", "CMALT, 2023", 2, gathers=True, generation="original")
    old = PageSection("old-1a", "1a: Old", 3, gathers=False, generation="original")
    made = assembled(
        [held], {"1a": narrative(ready=True)}, panels=[coverage.panel(())], earlier=[lambda _shelf: (before, old)]
    )

    assert "What belongs to CMALT, 2023 is not counted here." in made.panels[0].html
    assert "1a: Old" not in made.panels[0].drawing


def test_the_draft_says_none_yet():
    """Only the owner reads which principles nothing shows."""
    assert page(Visibility.PRIVATE, [], [narrative()])["principles"].html.count("None yet") == 4
    assert "principles" not in page(Visibility.PUBLIC, [], [narrative(ready=True)])


def test_the_principles_name_nothing_that_the_page_may_not_show():
    """Private posts, private lines of the record and sections that are not ready stay out of the public page."""
    secret = item(1, "My appraisal", tags=("cmalt-1a", "cmalt-principle-current"), visibility=Visibility.PRIVATE)
    loose = item(2, "My diary", tags=("cmalt-principle-current",), visibility=Visibility.PRIVATE)
    record = [
        Activity("c1", date(2026, 1, 1), "Secret meeting", principles=("current",)),
        Activity("c2", date(2026, 1, 2), "Open talk", principles=("current",), visibility=Visibility.PUBLIC),
    ]
    texts = [narrative(ready=True), narrative("1b", principles=("empathy",))]

    public = page(Visibility.PUBLIC, [secret, loose], texts, record)["principles"].html
    draft = page(Visibility.PRIVATE, [secret, loose], texts, record)["principles"].html

    assert "Open talk, 2 January 2026" in public
    assert not [word for word in ("My appraisal", "My diary", "Secret meeting", "1b") if word in public]
    assert [word for word in ("My appraisal", "Secret meeting", "1b") if word not in draft] == []


def test_titles_in_the_panels_are_text():
    """A harvested title is shown and never run."""
    held = item(1, "<script>alert(1)</script>", tags=("cmalt-1a", "cmalt-principle-current"))

    shown = page(Visibility.PUBLIC, [held], [narrative(ready=True, title="<b>My</b> heading")])

    assert "<script" not in shown["principles"].html
    assert "<b>" not in shown["coverage"].html + shown["principles"].html


# --- quotas ---

NMC = [
    {"id": "cpd", "title": "CPD", "unit": "hours", "at_least": 35, "except_types": ["practice"]},
    {"id": "with", "title": "Participatory", "unit": "hours", "at_least": 20, "types": ["event", "training"]},
    {"id": "practice", "title": "Practice", "unit": "hours", "at_least": 450, "types": ["practice"]},
]


def quota(**fields):
    known = {"id": "q", "title": "Q", "unit": "hours", "at_least": 10, "window": {"years": 3}}
    return Quota.model_validate({**known, **fields})


def done(on, hours=None, kind="event", **fields):
    return Activity(f"c{on}", date.fromisoformat(on), "Something", hours=hours and Decimal(hours), type=kind, **fields)


def test_hours_of_a_revalidation():
    """35 hours of which 20 participatory, and 450 of practice, in three years from the first day."""
    record = [done("2024-05-01", "18"), done("2025-05-01", "9.5", "reading"), done("2025-06-01", "450", "practice")]
    wanted = [quota(**one) for one in NMC]

    found = quotas.standings(wanted, "", record, date(2024, 4, 1), date(2026, 11, 22))

    assert [(one.amount, one.short) for one in found] == [
        (Decimal("27.5"), Decimal("7.5")),
        (Decimal(18), Decimal(2)),
        (Decimal(450), Decimal(0)),
    ]
    assert list(quotas.in_words(found[0])) == [
        "CPD: 27.5 of 35 hours from 2024-04-01 to 2027-03-31; 7.5 more hours are wanted."
    ]
    assert list(quotas.in_words(found[2])) == []


@pytest.mark.parametrize(("on", "amount"), [("2023-11-22", 0), ("2023-11-23", 5), ("2026-11-22", 5), ("2026-11-23", 0)])
def test_a_rolling_window_ends_today(on, amount):
    """Three years up to today, its first and its last day counted."""
    rolling = quota(window={"years": 3, "kind": "rolling"})

    (found,) = quotas.standings([rolling], "", [done(on, "5")], date(2020, 1, 1), date(2026, 11, 22))

    assert found.amount == amount


def test_points_with_a_floor_and_a_ceiling_for_each_year():
    """80 points in two years, at least 20 and at most 50 of each; a year that is not over is not told off."""
    points = quota(
        unit="points",
        at_least=80,
        window={"years": 2},
        points={"event": 2, "other": 1},
        least_each_year=20,
        most_each_year=50,
    )
    record = [done("2025-02-01", "40"), done("2026-02-01", "10", "reading")]

    (early,) = quotas.standings([points], "", record, date(2025, 1, 1), date(2026, 6, 1))
    (late,) = quotas.standings([points], "", record, date(2025, 1, 1), date(2026, 12, 31))

    assert early.amount == 60  # 80 points of the first year count as 50
    assert early.thin == ()
    assert late.thin == ((date(2026, 1, 1), Decimal(10)),)


def test_entries_are_counted_where_hours_do_not_matter():
    """Five pieces of feedback: planned ones are none."""
    five = quota(unit="entries", at_least=5, types=["assessing"])
    record = [done(f"2026-0{n}-01", None, "assessing", status="planned" if n == 4 else "done") for n in range(1, 5)]

    (found,) = quotas.standings([five], "", record, date(2026, 1, 1), date(2026, 11, 22))

    assert (found.amount, found.short, found.silent) == (3, 2, 0)


def test_entries_without_hours_are_named():
    """An event of unknown length could fill the gap: it is said how many there are."""
    (found,) = quotas.standings([quota()], "", [done("2026-01-01")], date(2025, 1, 1), date(2026, 11, 22))

    assert "1 entry says nothing of hours" in list(quotas.in_words(found))[1]


def test_a_quota_of_one_pathway():
    """Another pathway is not asked for it."""
    assert quotas.standings([quota(pathways=["senior"])], "cmalt", [], None, date(2026, 1, 1)) == ()


def test_nobody_who_was_assessed_is_named_by_a_principle():
    """As in the CPD record: an assessment is listed without the candidate, but in the owner's own draft."""
    review = Activity(
        "c1",
        date(2026, 1, 1),
        "Assessed Sam Taylor",
        type="assessing",
        people=(With("Sam Taylor"),),
        principles=("disseminate",),
        visibility=Visibility.PUBLIC,
    )

    assert "Assessed a candidate" in page(Visibility.PUBLIC, [], [], [review])["principles"].html
    assert "Sam Taylor" in page(Visibility.PRIVATE, [], [], [review])["principles"].html
