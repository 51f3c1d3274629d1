"""Three themes in depth: their files, the learning journey, activities and outputs, and who may see them."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from archive.entry import Visibility
from bridge import building
from bridge.portfolio import framework
from bridge.portfolio.renewal import journey, theme
from bridge.portfolio.renewal.theme import Theme
from tests.renewal.conftest import CAPTURE, THEMES
from tests.renewal.workspace import JOURNEY, Owner, record

REVIEW = framework.load("cmalt-review")


def table(page: str) -> list[list[str]]:
    """Return the learning journey as rows of cells."""
    found = next(t for t in BeautifulSoup(page, "lxml").find_all("table") if "journey" in t.caption.get_text())
    return [[cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])] for row in found.find_all("tr")]


def section(page: str, name: str) -> BeautifulSoup:
    return BeautifulSoup(page, "lxml").find(id=f"kf-{name}").find_parent("section")


def codes(owner: Owner) -> list[str]:
    return [finding.code for finding in building.gaps(owner.desk(), Visibility.PUBLIC)]


def test_one_table_shows_the_learning_journey_of_all_themes(deep: Owner) -> None:
    """The four columns in the framework's order, a caption, heads for columns and rows, one row for each theme."""
    _, page = deep.built()

    columns = [column.title for column in journey.depth(REVIEW, "").columns]
    assert table(page) == [["Theme", *columns], *([title, *JOURNEY.values()] for title in THEMES)]
    html = section(page, "cpd-depth")
    assert html.find("caption").get_text() == "Learning journey by theme"
    assert [th["scope"] for th in html.find_all("th")] == ["col"] * 5 + ["row"] * 3


def test_each_theme_has_its_reason_summary_activities_and_reflection(deep: Owner) -> None:
    """In this order, one heading below the section of depth; a theme is of many entries."""
    portfolio, page = deep.built()

    themes = [one for one in portfolio.sections if one.within == "cpd-depth"]
    assert [(one.id, one.title, one.level) for one in themes] == [
        ("cpd-depth-design-methodology", "Design methodology", 4),
        ("cpd-depth-collaboration", "Collaboration", 4),
        ("cpd-depth-microcredentials", "Microcredentials", 4),
    ]
    text = section(page, "cpd-depth-design-methodology").get_text(" ")
    said = [
        "Design methodology is what my team needs.",
        "In short",
        "4 March 2025: Storyboards for modules (webinar, ALT)",
        "I was slow",
    ]
    places = [text.index(words) for words in said]
    assert places == sorted(places)


def test_one_entry_stands_in_two_themes(deep: Owner) -> None:
    """Entry to theme is many to many, and each activity lists what came of it as links."""
    _, page = deep.built()

    for name in ("cpd-depth-design-methodology", "cpd-depth-collaboration"):
        item = next(li for li in section(page, name).find_all("li") if "Storyboards" in li.get_text())
        assert item.find("a").get_text() == CAPTURE


def test_entries_may_be_listed_in_the_themes_file(deep: Owner) -> None:
    """An entry that names no theme belongs where the file lists it."""
    path = deep.file("review-1/themes/microcredentials.md")
    path.write_text(path.read_text().replace("entries: []", "entries: [c0005]"))

    assert "Writing with Geography" in section(deep.built()[1], "cpd-depth-microcredentials").get_text()


@pytest.mark.parametrize(
    ("edition", "seen"),
    [
        (Visibility.PUBLIC, {"Storyboards"}),
        (Visibility.ASSESSOR, {"Storyboards", "Autumn school"}),
        (Visibility.PRIVATE, {"Storyboards", "Autumn school", "A quarrel"}),
    ],
)
def test_an_edition_has_only_what_may_stand_in_it(deep: Owner, edition: Visibility, seen: set[str]) -> None:
    """CPD entries by their own visibility, with their outputs; what is only planned is no evidence."""
    page = deep.built(edition)[1]

    text = section(page, "cpd-depth-design-methodology").get_text(" ")
    assert {words for words in ("Storyboards", "Autumn school", "A quarrel", "still to come") if words in text} == seen
    assert ("After the meeting" in text) is (edition is Visibility.PRIVATE)


@pytest.mark.parametrize("edition", [Visibility.ASSESSOR, Visibility.PUBLIC])
def test_a_private_theme_is_nowhere(deep: Owner, edition: Visibility) -> None:
    """Neither its heading nor its row, nor its words."""
    path = deep.file("review-1/themes/collaboration.md")
    path.write_text(path.read_text().replace("visibility: public", "visibility: private"))

    portfolio, page = deep.built(edition)

    assert "cpd-depth-collaboration" not in page
    assert len(table(page)) == 3
    assert "slow to trust Collaboration" not in page
    assert any(left.id == "cpd-depth-collaboration" for left in portfolio.left_out)


def test_an_output_that_is_private_is_left_out_and_named(deep: Owner) -> None:
    """The activity stays; its link goes, title and all."""
    entry = deep.entry("post", CAPTURE)
    deep.mark(entry, Visibility.PRIVATE)

    portfolio, page = deep.built()

    text = section(page, "cpd-depth-design-methodology").get_text(" ")
    assert "Storyboards" in text
    assert CAPTURE not in text
    assert any(left.id == entry and left.section.startswith("cpd-depth-") for left in portfolio.left_out)


def test_an_output_without_a_public_address_comes_along(deep: Owner) -> None:
    """What its owner opened and no public page shows stands among the evidence of the theme, in full."""
    deep.mark(deep.entry("post", "After the meeting"), Visibility.PUBLIC)
    record_file = deep.file("cpd.csv")
    record_file.write_text(record_file.read_text().replace("private", "public"))

    portfolio, _ = deep.built()

    shown = next(one for one in portfolio.sections if one.id == "cpd-depth-design-methodology")
    assert [(item.title, item.kept) for item in shown.evidence] == [("After the meeting", True)]


def test_a_theme_that_is_not_ready_stops_the_page_once_the_review_is_present(deep: Owner) -> None:
    """While the review is coming it is only hidden."""
    path = deep.file("review-1/themes/collaboration.md")
    path.write_text(path.read_text().replace("ready: true", "ready: false"))
    portfolio, page = deep.built()
    assert "cpd-depth-collaboration" not in page

    def refused() -> list[str]:
        found = building.gates(deep.desk(), portfolio)
        return [f.section for f in found if f.code == "unready" and f.section.startswith("cpd-depth")]

    assert refused() == []
    generation = deep.file("review-1/generation.yaml")
    generation.write_text(generation.read_text().replace("state: draft", "state: passed"))
    assert refused() == ["cpd-depth-collaboration"]


def test_themes_are_what_the_section_of_depth_lacks(deep: Owner) -> None:
    """With themes its own file needs no words: no gate and no gap asks for them."""
    generation = deep.file("review-1/generation.yaml")
    generation.write_text(generation.read_text().replace("state: draft", "state: passed"))
    portfolio, _ = deep.built()

    found = [f for f in building.gates(deep.desk(), portfolio) if f.section == "cpd-depth" and f.severity == "error"]

    assert not found
    gaps = building.gaps(deep.desk(), Visibility.PUBLIC)
    assert not [f for f in gaps if f.section == "cpd-depth" and f.severity == "error"]


def test_a_telephone_number_in_a_theme_stops_the_page(deep: Owner) -> None:
    """Themes pass the same gates as sections."""
    path = deep.file("review-1/themes/collaboration.md")
    path.write_text(path.read_text() + "\nCall me: +44 20 7946 0958.\n")
    portfolio, _ = deep.built()

    assert [f.item for f in building.gates(deep.desk(), portfolio) if f.code == "personal-data"] == ["+44 20 7946 0958"]


@pytest.mark.parametrize(("count", "named"), [(2, True), (3, False), (4, True)])
def test_exactly_three_are_asked_for(deep: Owner, count: int, named: bool) -> None:
    """Two or four is a finding; the number comes from the framework."""
    if count == 2:
        deep.file("review-1/themes/collaboration.md").unlink()
    if count == 4:
        deep.theme("Captions")

    assert ("depth-count" in codes(deep)) is named


def test_a_long_cell_is_pointed_out(deep: Owner) -> None:
    """One or two short sentences; three are a finding."""
    assert "journey-long" not in codes(deep)
    path = deep.file("review-1/themes/collaboration.md")
    path.write_text(path.read_text().replace(JOURNEY["learned"], "One thing. Another thing. A third."))

    assert "journey-long" in codes(deep)


def test_a_theme_without_reason_or_entries_is_pointed_out(deep: Owner) -> None:
    """Why it is a priority is the owner's to say."""
    assert "theme-reason" not in codes(deep)
    deep.file("review-1/themes/empty.md").write_text("---\ntheme: Empty\nvisibility: public\n---\n")

    assert {"theme-reason", "theme-empty", "theme-missing"} <= set(codes(deep))


def test_a_new_theme_has_the_owners_sentences_from_then_beside_its_cells(renewing: Owner) -> None:
    """Dated, with the occasion, as comments: the file claims nothing, and no page has them."""
    record(renewing, capture=renewing.entry("post", CAPTURE))

    told = renewing.json("renew", "theme", "Design methodology")
    text = renewing.file("review-1/themes/design-methodology.md").read_text()

    beside = text.partition('learned: ""')[2].partition("changed:")[0]
    assert "#   2025-06-30, Storyboards for modules: “I learned that a storyboard is a conversation.”" in beside
    intended = text.partition('intended: ""')[2].partition("learned:")[0]
    assert "#   2025-03-04, Storyboards for modules: “I wanted to see how others begin.”" in intended
    assert told["new"]
    renewing.write("review-1/cpd-depth", "")
    for edition in Visibility:
        assert "storyboard is a conversation" not in renewing.built(edition)[1]


def test_every_sentence_from_then_is_one_that_the_owner_wrote(renewing: Owner) -> None:
    """None is invented and none is cut."""
    record(renewing, capture=renewing.entry("post", CAPTURE))
    sources = " ".join(
        (
            renewing.file("cpd.csv").read_text(),
            renewing.desk().entries[renewing.entry("post", CAPTURE)].entry.content_html,
        )
    )
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", sources)).replace("&#8217;", "’")

    told = renewing.json("renew", "theme", "Design methodology")["from_then"]

    assert len(told) >= 3
    for line in told:
        assert line.partition("“")[2].removesuffix("”") in plain


def test_a_theme_that_is_there_is_never_written_again(deep: Owner) -> None:
    """Not one byte; the sentences are told again."""
    path = deep.file("review-1/themes/design-methodology.md")
    before = path.read_bytes()

    told = deep.json("renew", "theme", "design METHODOLOGY")

    assert path.read_bytes() == before
    assert (told["new"], told["file"]) == (False, str(path))
    assert told["from_then"]


def test_what_was_intended_and_what_was_learned_survive_a_round_trip(deep: Owner) -> None:
    """Both fields are kept apart, as they were written."""
    wanted = journey.depth(REVIEW, "")
    found = theme.read(deep.file("review-1"), wanted.columns, wanted.section.parts)

    assert [dict(one.journey) for one in found] == [JOURNEY] * 3


def test_a_column_that_the_framework_does_not_have_is_a_mistake_with_its_line(deep: Owner) -> None:
    """The columns are data; the message names them."""
    path = deep.file("review-1/themes/collaboration.md")
    text = path.read_text().replace("  learned:", "  leanred:")
    path.write_text(text)
    line = text.split("\n").index(next(one for one in text.split("\n") if "leanred" in one)) + 1

    done = deep.run("build", code=2)

    assert f"themes/collaboration.md:{line}" in str(done.exception).replace(", line ", ":")
    assert "intended, learned, changed, future" in str(done.exception)


def test_another_framework_has_other_columns(tmp_path) -> None:
    """The table is made of what the framework says."""
    wanted = journey.depth(REVIEW, "")
    columns = (*wanted.columns[:1], wanted.columns[3])
    one = Theme("t", "T", journey={"intended": "To look."})

    assert theme.missing(one, columns, ())[1:] == [columns[1].title]


def test_without_themes_the_section_is_the_owners_own(renewing: Owner) -> None:
    """Three activities may be written in the section's own file instead."""
    renewing.write("review-1/cpd-depth", "## Description\n\nThree things.\n\n## Reflection\n\nI learned.")

    portfolio, page = renewing.built()

    assert "Three things." in section(page, "cpd-depth").get_text()
    assert not [one for one in portfolio.sections if one.within]


def test_a_review_of_the_review_keeps_its_themes(deep: Owner) -> None:
    """Sealed with the table and the activities that each edition had; what was private stays so."""
    path = deep.file("review-1/generation.yaml")
    path.write_text(
        path.read_text().replace("state: draft", "state: passed").replace("decided: null", "decided: 2026-06-30")
    )
    before = table(deep.built()[1])

    said = deep.run("renew").output

    portfolio, page = deep.built()
    assert "words of 2026 unchanged" in said
    assert table(page) == before
    themes = [one for one in portfolio.sections if one.within == "review-1-cpd-depth"]
    assert [one.level for one in themes] == [5, 5, 5]
    for words in ("Autumn school", "A quarrel", "After the meeting"):
        assert words not in page


def test_a_theme_that_its_owner_keeps_to_herself_is_not_counted(deep: Owner) -> None:
    """Three for the assessors and one of her own are three; and nobody says what hers lacks."""
    deep.theme("Thistlewick", visibility="private", journey={})

    told = deep.run("gaps").output

    assert "exactly 3" not in told
    assert "Thistlewick" not in told
