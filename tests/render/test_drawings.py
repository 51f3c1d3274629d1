"""Drawings say what their tables say, to everybody, and hold nothing that acts."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from bridge.render import sanitise
from bridge.render.drawings import Mark, matrix, table, timeline

FIRST, LAST = date(2023, 9, 1), date(2026, 8, 31)
NASTY = "<script>alert(1)</script> & \"quoted\" 'x' ]]>"


def drawn(*marks, first=FIRST, last=LAST):
    return BeautifulSoup(timeline("CPD", marks, first, last), "xml").svg


def on(*day, group="Reading", label="A paper", end=None):
    return Mark(label, date(*day), end, group)


def test_a_drawing_has_a_name_and_a_summary():
    """A screen reader says what it is and what it shows, in few words."""
    svg = drawn(on(2024, 1, 3), on(2025, 1, 3), on(2025, 2, 1, group="Training"))

    assert svg["role"] == "img"
    assert svg.find("title").get_text() == "CPD"
    assert svg.find("desc").get_text() == "From 1 September 2023 to 31 August 2026. Reading: 2; Training: 1"


def test_marks_stand_in_the_row_of_their_type_and_in_the_order_of_time():
    """Each row names its type and counts it; later is further to the right."""
    svg = drawn(on(2025, 1, 3), on(2024, 1, 3), on(2024, 6, 1, group="Training"))
    rows = {text.get_text(): float(text["y"]) for text in svg.find_all("text")}
    marks = {m.find("title").get_text(): (float(m["x"]), float(m["y"])) for m in svg.find_all("rect")}
    first, second = marks["A paper, 3 January 2024"], marks["A paper, 3 January 2025"]

    assert first[0] < second[0]
    assert first[1] == second[1] < rows["Reading: 2"] < first[1] + 12 < marks["A paper, 1 June 2024"][1]
    assert marks["A paper, 1 June 2024"][1] < rows["Training: 1"] < marks["A paper, 1 June 2024"][1] + 12


def test_a_long_name_has_a_line_of_its_own():
    """What would not fit beside the marks stands above them, whole."""
    svg = drawn(on(2023, 9, 1, group="Reading with the whole department"))
    [mark] = svg.find_all("rect")
    [name] = svg.find_all("text", string="Reading with the whole department: 1")

    assert float(name["y"]) < float(mark["y"])


def test_a_name_never_lies_on_a_mark():
    """Marks of the first day begin where the longest short name has ended."""
    svg = drawn(on(2023, 9, 1, group="Qualification"))

    assert float(svg.find("rect")["x"]) >= 8 + len("Qualification: 1") * 8.5


def test_a_long_activity_is_as_long_as_it_lasted():
    """A year is a third of a window of three."""
    svg = drawn(on(2024, 1, 1, end=date(2024, 12, 31)), on(2023, 9, 1), on(2026, 8, 31))
    marks = svg.find_all("rect")
    [long] = [float(mark["width"]) for mark in marks if mark["width"] != "12"]
    places = [float(mark["x"]) for mark in marks if mark["width"] == "12"]

    assert len(places) == 2
    assert (long - 12) / (max(places) - min(places)) == pytest.approx(1 / 3, abs=0.005)


def test_marks_never_lie_upon_each_other():
    """What happened on the same day stands one below the other."""
    svg = drawn(*(on(2024, 5, 1, label=f"Paper {n}") for n in range(5)), on(2024, 5, 2))
    places = [(m["x"], m["y"]) for m in svg.find_all("rect")]

    assert len({y for _, y in places}) == len(places) == 6


def test_what_lies_outside_is_left_out_and_what_reaches_out_is_cut():
    """Only what happened in the window is drawn, and nothing beyond its edges."""
    svg = drawn(
        on(2020, 1, 1), on(2030, 1, 1), on(2023, 1, 1, end=date(2024, 1, 1), label="A course"), first=FIRST, last=LAST
    )
    [mark] = svg.find_all("rect")

    assert mark.find("title").get_text() == "A course, 1 January 2023 to 1 January 2024"
    assert float(mark["x"]) >= 0


@pytest.mark.parametrize(("first", "last"), [(FIRST, FIRST), (date(2000, 1, 1), date(2026, 1, 1))])
def test_any_window_can_be_drawn(first, last):
    """A single day, and half a working life."""
    svg = drawn(on(first.year, first.month, first.day), first=first, last=last)

    assert len(svg.find_all("rect")) == 1


def test_years_stand_along_the_top():
    """Each year that has room for its number has one."""
    words = [text.get_text() for text in drawn(on(2024, 1, 3)).find_all("text")]

    assert words[:4] == ["2023", "2024", "2025", "2026"]


def test_quarters_stand_along_a_short_window():
    """In some months the years alone would say little; the first quarter is named though it began before."""
    svg = drawn(on(2025, 3, 3), first=date(2025, 2, 1), last=date(2025, 10, 31))

    assert [text.get_text() for text in svg.find_all("text")] == ["2025", "Apr", "Jul", "Oct", "Reading: 1"]


def test_years_of_a_long_window_keep_apart():
    """Half a working life: each year has its line, and as many have their number as there is room for."""
    svg = drawn(on(2025, 3, 3), first=date(2000, 6, 1), last=date(2026, 10, 31))
    places = [float(text["x"]) for text in svg.find_all("text") if text.get_text().isdigit()]

    assert len(svg.find_all("path")) == 27
    assert len(places) >= 9
    assert min(after - before for before, after in pairwise(places)) >= 40


def test_a_matrix_says_its_numbers():
    """Colour alone tells nobody anything: each cell holds its number, a nought too."""
    svg = BeautifulSoup(matrix("Coverage", ["1a", "1b"], ["P1", "P2"], [[3, 0], [1, 2]]), "xml").svg
    words = [text.get_text() for text in svg.find_all("text")]

    assert words == ["P1", "P2", "1a", "3", "0", "1b", "1", "2"]
    assert svg.find("desc").get_text() == "1a: P1 3; 1b: P1 1, P2 2"


def test_long_columns_are_numbered_and_named_below():
    """A principle is a sentence: its number heads the column, and its words stand below."""
    columns = ["A commitment to keep up to date", "An empathy with colleagues"]
    words = [t.get_text() for t in BeautifulSoup(matrix("M", ["1a"], columns, [[1, 2]]), "xml").find_all("text")]

    assert words == ["1", "2", "1a", "1", "2", "1: A commitment to keep up to date", "2: An empathy with colleagues"]


def test_short_names_of_columns_stand_above_them():
    """The label of a row gives way as long as that helps."""
    columns = ["Evidence", "Interplay", "Current", "Empathy", "Disseminate"]
    svg = BeautifulSoup(matrix("M", ["Three CPD activities described"], columns, [[1, 2, 3, 4, 5]]), "xml").svg
    words = [text.get_text() for text in svg.find_all("text")]

    assert words[:5] == columns
    assert svg["width"] == "680"


@pytest.mark.parametrize(
    "svg",
    [
        timeline(NASTY, [Mark(NASTY, FIRST, LAST, NASTY)], FIRST, LAST),
        matrix(NASTY, [NASTY], [NASTY], [[1]]),
        matrix("none", [], [], []),
        timeline("none", [], FIRST, LAST),
    ],
)
def test_drawings_hold_shapes_and_words_only(svg):
    """No script, style, id or address, whatever the labels say; cleaning takes nothing away."""
    clean = sanitise.drawing(svg)

    assert sanitise.drawing(clean) == clean
    tags = BeautifulSoup(svg, "xml").find_all(True)
    assert {tag.name for tag in tags} <= {"svg", "title", "desc", "rect", "path", "text"}
    assert not {name for tag in tags for name in tag.attrs} & {"id", "style", "href", "onload"}
    assert [t.get_text() for t in BeautifulSoup(clean, "lxml").find_all("text")] == [
        t.get_text() for t in BeautifulSoup(svg, "xml").find_all("text")
    ]


def test_a_drawing_from_elsewhere_is_cleaned():
    """A recorded release may hold anything: only shapes and words come out of it."""
    nasty = '<svg class="kf-drawing" onload="x()"><script>x()</script><rect x="1" onclick="x()"/><image href="//e"/>'

    assert sanitise.drawing(nasty) == '<svg class="kf-drawing"><rect x="1"></rect></svg>'


def test_the_same_marks_give_the_same_bytes():
    """In whatever order the marks of one row come."""
    marks = [on(2024, 1, n, label=f"Paper {n}") for n in range(1, 9)]

    assert timeline("CPD", marks, FIRST, LAST) == timeline("CPD", marks[::-1], FIRST, LAST)


def test_a_table_names_its_rows_columns_and_itself():
    """Caption, headings with their scope, escaped words, and safe HTML where it is safe."""
    html = BeautifulSoup(table("Years <3", ["Type", "n"], [["A & b", Markup("<b>1</b>")]]), "lxml")

    assert html.caption.get_text() == "Years <3"
    assert [th["scope"] for th in html.find_all("th")] == ["col", "col", "row"]
    assert html.find("th", scope="row").get_text() == "A & b"
    assert html.td.b.get_text() == "1"
    assert not BeautifulSoup(table("c", ["a"], [["1"]], row_heads=False), "lxml").find("th", scope="row")


@given(st.lists(st.tuples(st.dates(FIRST, LAST), st.integers(0, 400), st.sampled_from("abc"))))
def test_every_mark_of_the_window_is_drawn_inside_of_it(days):
    """Nothing is lost and nothing reaches beyond the drawing, whatever happened when."""
    marks = [Mark("x", day, date.fromordinal(day.toordinal() + long), group) for day, long, group in days]
    svg = drawn(*marks)
    height = float(svg["height"])

    assert len(svg.find_all("rect")) == len(marks)
    for rect in svg.find_all("rect"):
        assert float(rect["x"]) >= 0
        assert float(rect["x"]) + float(rect["width"]) <= 680
        assert 0 <= float(rect["y"]) < float(rect["y"]) + float(rect["height"]) <= height


def test_columns_of_numbers_are_marked():
    """Their heading too; a column with a word in it, and the one that names the rows, are not."""
    html = BeautifulSoup(table("c", ["Year", "Hours", "n"], [["2024", "7.5", "1"], ["2025", "", "two"]]), "lxml")

    assert [cell.get_text() for cell in html.select(".kf-number")] == ["Hours", "7.5", ""]


def test_a_table_without_rows():
    """Nothing is a number there."""
    assert "kf-number" not in table("c", ["Year", "Hours"], [])
