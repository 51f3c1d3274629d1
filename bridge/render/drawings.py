"""
Small pictures where people would rather look than read, as inline SVG, and the tables that say the same in words.

Pure. A drawing has its name and a summary inside it, takes the colour of the text around it (so it works in light, in
dark and on paper), and holds no script, style or id: two of them never clash on a page. ``style.css`` may give its
classes more colour; without a style it is complete.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from markupsafe import Markup

WIDTH = 680  # units; one is about a pixel where the page is wide, and no letter is smaller than 12 pixels at 320 px
_EDGE = 8
_LETTER = 8.5  # how wide a letter of 14 px is on average in a wide typeface; a light one is narrower
_LIGHT = 8
_MARK = 6  # radius
_TRACK = 16  # height of one line of marks
_LABEL, _SHORT_LABEL = 270, 190  # width of the labels of a matrix; at least
_SIDE = 150  # width of the names of a timeline's rows, where they are short enough to stand beside it
_SHORT_WINDOW = 800  # days
_ROOM = 40  # how wide the number of a year is, with a space
_CELL, _ROW = 34, 36
_LINE = 16  # from one line of a label to the next


@dataclass(frozen=True)
class Mark:
    """Something on a timeline: on one day (``end`` None), or over a time. ``group`` is the row that it stands in."""

    label: str
    start: date
    end: date | None
    group: str


def timeline(title: str, marks: Iterable[Mark], first: date, last: date) -> str:
    """
    Return the marks from ``first`` to ``last`` (both included), years along, one row for each group.

    Rows come in the order in which their first marks were given. A mark that reaches out of the window is cut at its
    edge; one that lies wholly outside is left out.
    """
    rows: dict[str, list[Mark]] = {}
    for mark in marks:
        if mark.start <= last and (mark.end or mark.start) >= first:
            rows.setdefault(mark.group, []).append(mark)
    names = {group: f"{_short(group, 64)}: {len(found)}" for group, found in rows.items()}
    beside = all(len(name) * _LETTER <= _SIDE for name in names.values())
    scale = _Scale(first, last, _EDGE + _SIDE if beside else 0)
    y = 44.0
    drawn: list[str] = []
    for group, found in rows.items():
        drawn.append(_text(_EDGE, y + 5, names[group], weight=600))
        y += 0 if beside else 22
        tracks = _tracks(found, scale)
        for number, track in enumerate(tracks):
            drawn += [_mark(mark, scale, y + number * _TRACK) for mark in track]
        y += len(tracks) * _TRACK + 14
    height = y - 10
    rules = _rules(_ticks(first, last), scale, height)
    return _svg("kf-timeline", title, _said(rows, first, last), WIDTH, height, [*rules, *drawn])


def matrix(title: str, rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """
    Return how often each row meets each column: a number in each cell, darker where it is larger.

    Columns whose names are wider than they are numbered, and named below.
    """
    many = max(len(columns), 1)
    widest = max((len(column) * _LIGHT + 6 for column in columns), default=0)
    label = min(_LABEL, WIDTH - 2 * _EDGE - widest * many)  # the names of columns are worth a narrower one
    if label < _SHORT_LABEL:
        label = _LABEL
    width = max(WIDTH, label + _CELL * len(columns) + 2 * _EDGE)
    cell = min((width - label - 2 * _EDGE) / many, 100.0)
    most = max((count for row in counts for count in row), default=0)
    numbered = widest > cell
    heads = [str(n) for n in range(1, len(columns) + 1)] if numbered else list(columns)
    left = _EDGE + label
    drawn = [_text(left + cell * (n + 0.5), 20, head, anchor="middle") for n, head in enumerate(heads)]
    y = 32.0
    for name, row in zip(rows, counts, strict=True):
        lines = textwrap.wrap(name, int(label / _LIGHT))
        height = max(_ROW, _LINE * len(lines) + 6)
        top = y + height / 2 + 5 - _LINE / 2 * (len(lines) - 1)
        drawn += [_text(_EDGE, top + _LINE * n, line) for n, line in enumerate(lines)]
        drawn += [_cell(left + cell * n, y, cell, height, count, most) for n, count in enumerate(row)]
        y += height
    if numbered:
        named = [f"{head}: {column}" for head, column in zip(heads, columns, strict=True)]
        lines = [line for name in named for line in textwrap.wrap(name, 80)]
        drawn += [_text(_EDGE, y + 28 + 20 * n, line) for n, line in enumerate(lines)]
        y += 16 + 20 * len(lines)
    said = "; ".join(
        f"{name}: {', '.join(f'{column} {count}' for column, count in zip(columns, row, strict=True) if count) or '0'}"
        for name, row in zip(rows, counts, strict=True)
    )
    look = "kf-matrix kf-wide" if width > WIDTH else "kf-matrix"
    return _svg(look, title, said, width, y + 8, drawn)


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, row_heads: bool = True) -> Markup:
    """
    Return a data table with its caption, as safe HTML. Columns of numbers are marked, so that a style can align them.

    Args:
        caption: What the table shows.

        head: The columns' headings.

        rows: The cells: text, which is escaped, or ``Markup``, which is safe already.

        row_heads: Whether the first cell of each row names the row.
    """
    lines = list(rows)
    numbers = [_are_numbers([line[n] for line in lines]) and not (row_heads and n == 0) for n in range(len(head))]

    def row(cells: Iterable[Markup]) -> Markup:
        return Markup("<tr>{}</tr>").format(Markup().join(cells))

    def cell(n: int, words: str) -> Markup:
        if row_heads and n == 0:
            return Markup('<th scope="row">{}</th>').format(words)
        return Markup("<td{}>{}</td>").format(_NUMBER if numbers[n] else "", words)

    heads = row(
        Markup('<th scope="col"{}>{}</th>').format(_NUMBER if number else "", name)
        for name, number in zip(head, numbers, strict=True)
    )
    body = Markup("\n").join(row(cell(n, words) for n, words in enumerate(line)) for line in lines)
    return Markup("<table><caption>{}</caption>\n<thead>{}</thead>\n<tbody>\n{}\n</tbody></table>").format(
        caption, heads, body
    )


_NUMBER = Markup(' class="kf-number"')


def _are_numbers(cells: Iterable[str]) -> bool:
    """Say whether a column holds numbers and nothing else; it may have empty cells."""
    said = [cell for cell in cells if cell]
    return bool(said) and all(re.fullmatch(r"-?\d[\d.,]*", cell) for cell in said)


@dataclass(frozen=True)
class _Scale:
    """Where a day lies on the timeline."""

    first: date
    last: date
    left: float  # how much is taken by the names of rows

    def at(self, day: date) -> float:
        days = max((self.last - self.first).days, 1)
        inside = min(max(day, self.first), self.last)
        return self.left + 16 + (WIDTH - self.left - 32) * (inside - self.first).days / days


def _tracks(marks: Iterable[Mark], scale: _Scale) -> list[list[Mark]]:
    """Return marks in lines in which none lies upon another."""
    tracks: list[list[Mark]] = []
    ends: list[float] = []
    for mark in sorted(marks, key=lambda m: (m.start, m.end or m.start, m.label)):
        start, end = scale.at(mark.start), scale.at(mark.end or mark.start)
        free = next((n for n, taken in enumerate(ends) if start - taken >= 2 * _MARK + 2), len(tracks))
        if free == len(tracks):
            tracks.append([])
            ends.append(0)
        tracks[free].append(mark)
        ends[free] = end
    return tracks


def _mark(mark: Mark, scale: _Scale, y: float) -> str:
    start, end = scale.at(mark.start), scale.at(mark.end or mark.start)
    shape = f'x="{_n(start - _MARK)}" y="{_n(y - _MARK)}" width="{_n(end - start + 2 * _MARK)}" height="{2 * _MARK}"'
    when = _when(mark.start) + (f" to {_when(mark.end)}" if mark.end and mark.end != mark.start else "")
    said = escape(f"{mark.label}, {when}")
    return f'<rect class="kf-mark" {shape} rx="{_MARK}" fill="currentColor"><title>{said}</title></rect>'


def _ticks(first: date, last: date) -> list[date]:
    """Return where years begin, from that of the first day; quarters, too, where the window is short."""
    months = (1, 4, 7, 10) if (last - first).days <= _SHORT_WINDOW else (1,)
    starts = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in months]
    before = max(day for day in [date(first.year, 1, 1), *starts] if day <= first)
    return [day for day in starts if before <= day <= last]


def _rules(days: Sequence[date], scale: _Scale, height: float) -> Iterator[str]:
    """A line where each year or quarter begins, with its name where that has room before the next."""
    places = [*(scale.at(day) for day in days), WIDTH]
    free = 0.0
    for day, x, after in zip(days, places, places[1:], strict=False):
        yield f'<path class="kf-rule" d="M{_n(x)} 26V{_n(height)}" stroke="currentColor" stroke-opacity=".35"/>'
        if free <= x <= WIDTH - _ROOM and (x > places[0] or after - x >= _ROOM):
            yield _text(x + 4, 20, str(day.year) if day.month == 1 else f"{day:%b}")
            free = x + _ROOM


def _said(rows: dict[str, list[Mark]], first: date, last: date) -> str:
    counted = "; ".join(f"{group}: {len(marks)}" for group, marks in rows.items())
    return f"From {_when(first)} to {_when(last)}. {counted}"


def _cell(x: float, y: float, width: float, height: float, count: int, most: int) -> str:
    shade = _n(0.10 + 0.25 * count / most) if count else "0"
    box = f'x="{_n(x + 2)}" y="{_n(y + 2)}" width="{_n(width - 4)}" height="{_n(height - 4)}"'
    frame = f'stroke="currentColor" stroke-opacity="{".35" if count else ".12"}"'
    return f'<rect class="kf-cell" {box} rx="4" fill="currentColor" fill-opacity="{shade}" {frame}/>' + _text(
        x + width / 2, y + height / 2 + 5, str(count), anchor="middle", weight=600 if count else 400
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: int = 400) -> str:
    look = f'font-size="14" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{_n(x)}" y="{_n(y)}" fill="currentColor" {look}>{escape(words)}</text>'


def _svg(name: str, title: str, said: str, width: float, height: float, drawn: Iterable[str]) -> str:
    size = f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}"'
    return (
        f'<svg class="kf-drawing {name}" xmlns="http://www.w3.org/2000/svg" role="img" {size} font-family="sans-serif">'
        f"<title>{escape(title)}</title><desc>{escape(said)}</desc>{''.join(drawn)}</svg>"
    )


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _when(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _n(number: float) -> str:
    """Return a number as it stands in SVG: one decimal at most, two below one."""
    return f"{number:.2f}".rstrip("0").rstrip(".") if abs(number) < 1 else f"{number:.1f}".removesuffix(".0")
