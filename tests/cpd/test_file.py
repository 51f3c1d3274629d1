"""The record as a file: what was written is read, whatever people and spreadsheets do to it in between."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import UsageError
from bridge.portfolio.cpd import cells, file
from bridge.portfolio.cpd.record import With
from bridge.yamlfile import ConfigError
from tests.cpd.samples import activity, records


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "portfolio" / file.FILE_NAME


def test_no_file_is_an_empty_record(path):
    """Nobody has to make a file first."""
    assert file.read(path) == ()


@settings(max_examples=40)
@given(record=records)
def test_what_was_written_is_read(tmp_path_factory, record):
    """Any entry comes back as it was, in its place, with an id where it had none."""
    path = tmp_path_factory.mktemp("cpd") / "cpd.csv"

    file.write(path, record)
    found = file.read(path)

    assert [replace(one, id="") for one in found] == record
    assert len({one.id for one in found}) == len(record)


@settings(max_examples=40)
@given(record=records)
def test_writing_again_changes_no_byte(tmp_path_factory, record):
    """A record that is read and written is the same file."""
    path = tmp_path_factory.mktemp("cpd") / "cpd.csv"
    file.write(path, record)
    before = path.read_bytes()

    file.write(path, file.read(path))

    assert path.read_bytes() == before


@settings(max_examples=40)
@given(record=records)
def test_no_cell_is_a_formula(tmp_path_factory, record):
    """However a calendar calls its events: no cell begins with what a spreadsheet works out."""
    path = tmp_path_factory.mktemp("cpd") / "cpd.csv"

    file.write(path, record)

    with path.open(encoding="utf-8-sig", newline="") as lines:
        assert not [cell for row in csv.reader(lines) for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "'=1", "''=1", "＝1"])
def test_a_guard_is_taken_off_again(path, title):
    """What would be a formula gets a quotation mark in the file, and none in the program."""
    file.write(path, [activity(title=title)])

    assert f"'{title}" in path.read_text("utf-8")
    assert file.read(path)[0].title == title


def test_it_opens_in_a_spreadsheet(path):
    """UTF-8 is marked at the front, as Excel needs it, and the head names the columns for people."""
    file.write(path, [activity(title="Café")])

    assert path.read_bytes().startswith(b"\xef\xbb\xbfid,date,until,title,type,hours,provider,status,themes")
    assert "Café".encode() in path.read_bytes()


def test_a_sheet_by_hand(path):
    """Other order, own columns, semicolons, German hours and dates, empty lines, no ids: all of it is read."""
    path.parent.mkdir()
    path.write_bytes(
        b'sep=;\r\nTitle;Raum;Hours;DATE;Themes\r\nA;12;1,5;01.03.2026;"x; y"\r\n;;;;\r\nB;;0:45;2026-3-2;\r\n'
    )

    one, other = file.read(path, "de-DE")

    assert (one.id, one.title, one.hours, one.on, one.themes) == (
        "c0001",
        "A",
        Decimal("1.5"),
        date(2026, 3, 1),
        ("x", "y"),
    )
    assert (other.id, other.hours, other.on) == ("c0002", Decimal("0.75"), date(2026, 3, 2))


def test_the_owners_columns_stay(path):
    """A column of the owner's own keeps its cells, formulas and all, and its place; hours stay as they are there."""
    path.parent.mkdir()
    path.write_text("title;Mine;date;hours\nA;=1+1;2026-03-01;1,5\nB;;2026-03-02;\n", "utf-8")
    one, other = file.read(path)

    file.write(path, [other, replace(one, title="A2")])

    assert path.read_text("utf-8-sig").splitlines() == [
        "title;Mine;date;hours;id;status;visibility",
        "B;;2026-03-02;;c0002;done;private",
        "A2;=1+1;2026-03-01;1,5;c0001;done;private",
    ]


def test_ids_are_never_given_twice(path):
    """A new line gets the next number, beyond those of entries that were joined to others."""
    file.write(path, [activity("c0002", seen=("c0007",)), activity("")])

    assert [one.id for one in file.read(path)] == ["c0002", "c0008"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A,31/02/2026,,", "cpd.csv:2:2: date: “31/02/2026” is no day of the calendar"),
        ("A,,,", "cpd.csv:2:2: date: it is empty"),
        (",2026-03-01,,", "cpd.csv:2:1: title: it is empty"),
        ("A,2026-03-01,long,", "cpd.csv:2:3: hours: “long” is no number of hours"),
        ("A,2026-03-01,-1,", "hours"),
        ("A,2026-03-01,,maybe", "cpd.csv:2:4: status: “maybe” is not one of planned, done, dropped"),
        ("A,2026-03-01,,done,more", "cpd.csv:2:5: the line has more cells"),
        ('A,2026-03-01,,"done', "cpd.csv:2:1: this line cannot be taken apart"),
    ],
)
def test_a_mistake_is_named_and_nothing_lost(path, line, said):
    """Line and column are told, nothing is written over, by reading or by writing."""
    path.parent.mkdir()
    path.write_text(f"title,date,hours,status\n{line}\n", "utf-8")
    before = path.read_bytes()

    with pytest.raises(ConfigError) as wrong:
        file.read(path)
    assert said in str(wrong.value)
    assert path.read_bytes() == before


def test_every_mistake_is_told_at_once(path):
    """Two wrong lines are two mistakes, and an id that stands twice is one, too."""
    path.parent.mkdir()
    path.write_text("id,title,date,until\nc1,A,x,\nc1,B,2026-03-02,2026-03-01\n", "utf-8")

    with pytest.raises(ConfigError) as wrong:
        file.read(path)

    assert [(p.line, p.message.split(":")[0]) for p in wrong.value.problems] == [(2, "date"), (3, "id"), (3, "until")]


def test_a_sheet_in_another_encoding_is_not_guessed(path):
    """A sheet that Excel saved in the old way is refused with the name of the right one; no letter is lost."""
    path.parent.mkdir()
    path.write_bytes("title,date\nCafé,2026-03-01\n".encode("cp1252"))
    before = path.read_bytes()

    for act in (lambda: file.read(path), lambda: file.write(path, [activity()])):
        with pytest.raises(UsageError) as wrong:
            act()
        assert "CSV UTF-8" in wrong.value.mend
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("head", "said"),
    [("title,when", "no column date"), ("title,date,Date", "date stands twice"), ("", "the file is empty")],
)
def test_a_head_that_is_wrong(path, head, said):
    """Without a date and a title there is no record; two columns of one name could lose one of them."""
    path.parent.mkdir()
    path.write_text(f"{head}\n", "utf-8")

    with pytest.raises(ConfigError, match=said):
        file.read(path)


@pytest.mark.parametrize(
    ("said", "language", "meant"),
    [
        ("01/03/2026", "en-GB", date(2026, 3, 1)),
        ("01/03/2026", "en-US", date(2026, 1, 3)),
        ("1.3.2026", "de-DE", date(2026, 3, 1)),
        ("1/3/26", "fr-FR", date(2026, 3, 1)),
        ("2026-03-01", "en", date(2026, 3, 1)),
        ("31/03/2026", "en", date(2026, 3, 31)),
        ("03/31/2026", "en", date(2026, 3, 31)),
        ("1 March 2026", "en-GB", date(2026, 3, 1)),
        ("1 Mar 2026", "en-GB", date(2026, 3, 1)),
    ],
)
def test_days_as_people_write_them(said, language, meant):
    """The configured language tells which is the month."""
    assert cells.day(said, language) == meant


@pytest.mark.parametrize(("said", "language"), [("01/03/2026", "en"), ("03/31/2026", "en-GB"), ("soon", "en-GB")])
def test_a_day_is_not_guessed(said, language):
    """What could be two days, or is none, is a mistake."""
    with pytest.raises(ValueError, match="write it as"):
        cells.day(said, language)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1.5", "1.5"),
        ("1,5", "1.5"),
        ("1:30", "1.5"),
        ("01:30:00", "1.5"),
        ("90 min", "1.5"),
        ("90min", "1.5"),
        ("2 h", "2"),
        ("1 h 20", "1.33"),
        ("1h30", "1.5"),
        ("2 hours", "2"),
        ("0.5 hrs", "0.5"),
    ],
)
def test_hours_as_people_write_them(said, meant):
    """Numbers, clock times and minutes are hours."""
    assert cells.hours(said) == Decimal(meant)


@given(st.text(max_size=12))
def test_hours_are_a_number_or_a_mistake(said):
    """No text is taken for endless or negative hours, and none breaks the reader."""
    try:
        found = cells.hours(said)
    except ValueError:
        return
    assert 0 <= found <= cells.MOST_HOURS


def test_people_have_roles():
    """A name with its role in brackets is both; a name alone has none."""
    assert cells.person("Sam Taylor (co-presenter)") == With("Sam Taylor", "co-presenter")
    assert cells.person("Sam Taylor") == With("Sam Taylor")
