"""A renewal, three years on, as a person does it: the old portfolio word for word, the new one beside it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.sample import workspace
from tests.sample.workspace import PASSED, TODAY, Sample


@pytest.fixture
def calloway(tmp_path: Path) -> Sample:
    """Her folder in 2026: the portfolio passed three years ago, and nothing of the review is there."""
    return workspace.passed(workspace.original(tmp_path))


@pytest.fixture
def renewed(tmp_path: Path) -> Sample:
    """The same with the review written."""
    return workspace.ready().copy(tmp_path)


def page(sample: Sample, edition: str = "assessor") -> BeautifulSoup:
    """Return the page as an edition shows it."""
    built = sample.done("build", "--edition", edition, "--json").json
    return BeautifulSoup(Path(built["path"]).read_text(encoding="utf-8"), "lxml")


def words(sample: Sample) -> int:
    """Return how many words of the old portfolio ``renew`` proves, and insist that they are the same."""
    said = sample.done("renew", "--json").json
    (old,) = said["unchanged"]
    assert old["same"]
    assert old["generation"] == "2023"
    return old["words"]


def test_a_review_begins_three_years_later_from_what_passed(calloway):
    """Its time counts from the result; the old words are sealed, counted and said to be unchanged."""
    said = calloway.done("renew", "--json").json

    assert said["new"]
    assert said["window"] == ["2023-05-12", "2026-06-01"]
    assert "8,753 words of 2023 unchanged" in calloway.done("renew").out


def test_six_years_are_no_error(calloway):
    """A missed cycle makes the window longer, and nothing is refused."""
    said = calloway.done("renew", "--json", at=PASSED + timedelta(days=6 * 365 + 2)).json

    assert said["window"] == ["2023-05-12", "2029-05-12"]


def test_from_the_first_day_there_is_a_draft_of_the_whole_page(calloway):
    """The draft has placeholders for what is to come, and the original below it; a public page hides them."""
    calloway.done("renew")

    draft, public = page(calloway, "private").get_text(" "), page(calloway, "public")

    assert "Updated future plans" in draft
    assert "I began as a physics technician." in draft
    assert public.find(id="kf-future-plans") is None
    assert "I began as a physics technician." in public.get_text(" ")


def test_the_old_words_stay_whatever_happens_to_their_files(renewed):
    """An edit of a section file from 2023 changes nothing on the page, and is told."""
    before = words(renewed)
    path = renewed.root / "portfolio" / "original" / "1a.md"
    path.write_text(path.read_text(encoding="utf-8").replace("In the winter of 2020", "In the summer of 1920"))

    assert words(renewed) == before
    text = page(renewed).get_text(" ")
    assert "In the winter of 2020" in text
    assert "In the summer of 1920" not in text
    assert "1a.md" in renewed.done("renew").out


def test_both_generations_stand_on_one_page(renewed):
    """The review first, then the portfolio of 2023, each section once under its own heading."""
    html = page(renewed)
    headings = [h.get_text(" ", strip=True) for h in html.find_all("h2")]

    assert headings.index("Summary of recent work/practice") < headings.index("Senior CMALT, 2023")
    assert html.find(id="kf-original-1a") is not None
    assert html.find(id="kf-future-plans").find_parent("section") is not None
    ids = [tag["id"] for tag in html.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_the_record_holds_what_lies_in_its_time(renewed):
    """Entries of the window by type and year; nothing planned, dropped, private or from before."""
    html = page(renewed)
    section = html.find(id="kf-cpd-record").find_parent("section").get_text(" ")

    assert "First design sprint" in section
    assert "First portfolio assessed" in section
    for other in ("Course on facilitation without slides", "Shadowing a database administrator", "Hollinside"):
        assert other not in section


def test_three_themes_with_their_journey(renewed):
    """One table with a caption, a row for each theme and the four questions in their order; a theme for each row."""
    html = page(renewed)
    (table,) = [t for t in html.find_all("table") if t.caption and "ourney" in t.caption.get_text()]
    head = [cell.get_text(" ", strip=True) for cell in table.find("tr").find_all("th")]
    rows = [row.find("th").get_text(" ", strip=True) for row in table.find_all("tr")[1:]]

    assert head[1:] == [
        "What I intended to learn",
        "What I learned",
        "What was the change in my practice",
        "Future direction",
    ]
    assert rows == ["Designing courses in eight days", "Credentials that say something", "Describing what can be seen"]
    assert html.find(id="kf-cpd-depth-describing") is not None


@pytest.mark.parametrize("count", [2, 4])
def test_two_or_four_in_depth_are_named(renewed, count):
    """Exactly three are asked for: any other number is a finding with a name of its own."""
    folder = renewed.root / "portfolio" / "review-1" / "themes"
    (folder / "thistlewick.md").unlink()
    assert "depth-count" not in renewed.run("gaps", "--json").out
    if count == 2:
        (folder / "describing.md").unlink()
    else:
        text = (folder / "describing.md").read_text(encoding="utf-8")
        (folder / "fourth.md").write_text(text.replace("Describing what can be seen", "A fourth matter"))

    assert "depth-count" in renewed.run("gaps", "--json").out


def test_a_review_goes_its_way_to_the_next_date(renewed):
    """Published, handed in, passed: the next review is due three years after."""
    renewed.done("publish", "assessors", "--yes")
    renewed.done("submit", "--to", "assessors")
    renewed.done("result", "pass", at=TODAY + timedelta(days=30))

    due = renewed.done("due", "--json", at=TODAY + timedelta(days=31)).json["clocks"]

    assert [one["due"] for one in due if "eview" in one["what"]] == ["2029-07-01"]
