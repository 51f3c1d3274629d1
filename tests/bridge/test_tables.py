"""Tables on a terminal that is narrow: what the next command needs is never cut."""

from __future__ import annotations

import sys
from datetime import date

import pytest

from bridge.cli import common, cpd_words
from bridge.portfolio.cpd.record import Activity

LONG = "A course on open videos and what becomes of it in the years after the project has ended"
RECORD = [
    Activity(f"c{n:04}", date(2026, 3, 1), LONG, until=date(2026, 3, 4), type="conference", themes=themes)
    for n, themes in enumerate([(), ("accessibility", "design")] * 10, 1)
]


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch):
    """Sit at a terminal of some columns."""

    def columns(number: int) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        monkeypatch.setenv("COLUMNS", str(number))
        monkeypatch.setenv("NO_COLOR", "1")

    return columns


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_numbers_and_ids_of_the_record_stay_whole(wide, columns: int):
    """They are what the next command is given."""
    wide(columns)
    shown = cpd_words.listed(RECORD).splitlines()

    for number, one in enumerate(RECORD, 1):
        assert any(line.split()[:2] == [str(number), one.id] for line in shown), one.id
    assert max(map(len, shown)) <= columns


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_titles_go_on_in_the_next_line(wide, columns: int):
    """Themes, type and the rest are cut first; of a title no word is lost."""
    wide(columns)
    shown = cpd_words.listed(RECORD[:1]).split()

    assert [word for word in LONG.split() if word not in shown] == []


def test_a_column_without_a_word_gives_its_room(wide):
    """A record without themes has no head for them where it is narrow; where there is room, it has."""
    wide(80)
    assert "the" not in {word.strip("…") for word in cpd_words.listed(RECORD[:1]).splitlines()[0].split()}
    wide(200)
    assert "themes" in cpd_words.listed(RECORD[:1])


def test_a_table_that_fits_is_as_it_was(wide):
    """Nothing is cut, and nothing goes on in a second line."""
    wide(80)
    assert common.table(["a", "b"], [["one", "two three"]], give_way=(1,), wraps=1).splitlines()[1] == "one  two three"
