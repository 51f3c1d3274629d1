"""The record in a review of a portfolio: the sections that ask for it, and the time that they cover."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from archive.entry import Visibility
from bridge import cpd_pages
from bridge.building import Desk
from bridge.cli import main
from bridge.portfolio import generation
from bridge.portfolio.cpd import page


@pytest.fixture
def review(folder):
    """A review that was begun, of a portfolio decided in March 2023."""
    root = folder.root / "portfolio"
    first = generation.new(root / "original", "cmalt", "cmalt", started=date(2022, 1, 1))
    generation.write(replace(first, state="closed", decided=date(2023, 3, 1)))
    second = generation.new(root / "review-1", "cmalt-review", "cmalt", started=date(2026, 1, 1))
    generation.write(replace(second, continues="original"))
    return root / "review-1"


def test_without_a_window_it_counts_from_the_last_portfolio(folder, review):
    """What is since the last was decided belongs to it, however long ago that was; a window of its own comes first."""
    assert cpd_pages.days(Desk(folder.session())) == (date(2023, 3, 1), None)

    window = (date(2024, 1, 1), date(2026, 12, 31))
    generation.write(replace(generation.read(review), window=window))

    assert cpd_pages.days(Desk(folder.session())) == window


def test_a_review_shows_the_record(run, folder, review, capsys):
    """The built draft holds what lies in its time, with the places of work, and nothing from before."""
    run("add", "Too early", "--date", "2023-02-28")
    run("add", "A talk", "--date", "2024-05-01", "--principle", "current")
    run("add", "A paper", "--date", "2026-07-01")

    with pytest.raises(SystemExit):
        main(["--workspace", str(folder.root), "build"])
    document = (folder.root / "build/private/index.html").read_text("utf-8")

    assert "A talk" in document
    assert "Southport" in document
    assert "Too early" not in document


def test_only_sections_of_that_kind_have_it(folder):
    """A first portfolio has no record on its page."""
    assert cpd_pages.making(Desk(folder.session())) == {}


def test_the_record_is_in_the_public_edition_once_opened(run, folder, review):
    """Private lines stay away; opened ones stand there as soon as the section is ready, without words of its own."""
    run("add", "Mine alone", "--date", "2024-05-01")
    run("add", "For everybody", "--date", "2024-06-01", "--visibility", "public")
    (review / "cpd-record.md").write_text("---\nsection: cpd-record\nvisibility: public\nready: true\n---\n")

    portfolio = Desk(folder.session()).portfolio(Visibility.PUBLIC)
    (section,) = [one for one in portfolio.sections if one.id == "cpd-record"]
    words = "".join(part.html for part in section.parts if part.id == page.PART)

    assert "For everybody" in words
    assert "Mine alone" not in words
    assert not section.placeholder
