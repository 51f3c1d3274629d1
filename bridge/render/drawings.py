"""
Small pictures where people would rather look than read, as inline SVG, and the tables that say the same in words.

Pure. A drawing has its name and a summary inside it, takes the colour of the text around it (so it works in light, in
dark and on paper), and holds no script, style or id: two of them never clash on a page. ``style.css`` may give its
classes more colour; without a style it is complete.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from markupsafe import Markup

WIDTH = 680  # units; one is about a pixel where the page is wide, and no letter is smaller than 12 pixels at 320 px
_EDGE = 8
_LETTER = 7.4  # how wide a letter of the 14 px text is at most, in most typefaces
_MARK = 6  # radius
_TRACK = 16  # height of one line of marks
_LABEL = 270  # width of the labels of a matrix
_CELL, _ROW = 34, 36


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
    scale = _Scale(first, last)
    y = 40.0
    drawn: list[str] = []
    for group, found in rows.items():
        drawn.append(_text(_EDGE, y + 4, f"{_short(group, 80)}: {len(found)}", weight=600))
        y += 20
        tracks = _tracks(found, scale)
        for number, track in enumerate(tracks):
            drawn += [_mark(mark, scale, y + number * _TRACK) for mark in track]
        y += len(tracks) * _TRACK + 20
    height = y - 4
    years = [_year(year, scale, height) for year in range(first.year, last.year + 1)]
    return _svg("kf-timeline", title, _said(rows, first, last), WIDTH, height, [*years, *drawn])


def matrix(title: str, rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """
    Return how often each row meets each column: a number in each cell, darker where it is larger.

    Columns with long names are numbered, and named below.
    """
    long = any(len(column) > 4 for column in columns)
    heads = [str(n) for n in range(1, len(columns) + 1)] if long else list(columns)
    width = max(WIDTH, _LABEL + _CELL * len(columns) + 2 * _EDGE)
    cell = min((width - _LABEL - 2 * _EDGE) / max(len(columns), 1), 90.0)
    most = max((count for row in counts for count in row), default=0)
    left = _EDGE + _LABEL
    drawn = [_text(left + cell * (n + 0.5), 20, head, anchor="middle", weight=600) for n, head in enumerate(heads)]
    y = 32.0
    for label, row in zip(rows, counts, strict=True):
        drawn += _lines(_EDGE, y + _ROW / 2, textwrap.wrap(label, 34) or [""])
        drawn += [_cell(left + cell * n, y, cell, count, most) for n, count in enumerate(row)]
        y += _ROW
    if long:
        y += 8
        for head, column in zip(heads, columns, strict=True):
            lines = textwrap.wrap(f"{head}: {column}", 86) or [""]
            for line in lines:
                y += 20
                drawn.append(_text(_EDGE, y, line))
        y += 6
    said = "; ".join(
        f"{label}: {', '.join(f'{column} {count}' for column, count in zip(columns, row, strict=True) if count) or '0'}"
        for label, row in zip(rows, counts, strict=True)
    )
    return _svg("kf-matrix", title, said, width, y + 8, drawn)


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, row_heads: bool = True) -> Markup:
    """
    Return a data table with its caption, as safe HTML.

    Args:
        caption: What the table shows.

        head: The columns' headings.

        rows: The cells: text, which is escaped, or ``Markup``, which is safe already.

        row_heads: Whether the first cell of each row names the row.
    """
    line = Markup("<tr>{}</tr>").format

    def cells(row: Sequence[str]) -> Markup:
        marks = [Markup('<th scope="row">{}</th>') if row_heads and n == 0 else _TD for n in range(len(row))]
        return line(Markup().join(mark.format(cell) for mark, cell in zip(marks, row, strict=True)))

    heads = line(Markup().join(Markup('<th scope="col">{}</th>').format(name) for name in head))
    body = Markup("\n").join(cells(row) for row in rows)
    return Markup("<table><caption>{}</caption>\n<thead>{}</thead>\n<tbody>\n{}\n</tbody></table>").format(
        caption, heads, body
    )


_TD = Markup("<td>{}</td>")


@dataclass(frozen=True)
class _Scale:
    """Where a day lies on the timeline."""

    first: date
    last: date

    def at(self, day: date) -> float:
        days = max((self.last - self.first).days, 1)
        inside = min(max(day, self.first), self.last)
        return 16 + (WIDTH - 32) * (inside - self.first).days / days


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


def _year(year: int, scale: _Scale, height: float) -> str:
    """A line where a year begins, with its number; the first may begin before the window."""
    x = scale.at(date(year, 1, 1))
    line = (
        f'<path class="kf-rule" d="M{_n(x)} 26V{_n(height)}" stroke="currentColor" stroke-opacity=".35" fill="none"/>'
    )
    end = scale.at(date(year, 12, 31))
    return line + (_text(x + 4, 20, str(year), size=14) if end - x > 36 else "")


def _said(rows: dict[str, list[Mark]], first: date, last: date) -> str:
    counted = "; ".join(f"{group}: {len(marks)}" for group, marks in rows.items())
    return f"From {_when(first)} to {_when(last)}. {counted}"


def _cell(x: float, y: float, width: float, count: int, most: int) -> str:
    shade = _n(0.10 + 0.25 * count / most) if count else "0"
    box = f'x="{_n(x + 2)}" y="{_n(y + 2)}" width="{_n(width - 4)}" height="{_ROW - 4}"'
    frame = 'stroke="currentColor" stroke-opacity=".35"'
    return f'<rect class="kf-cell" {box} rx="4" fill="currentColor" fill-opacity="{shade}" {frame}/>' + _text(
        x + width / 2, y + _ROW / 2 + 5, str(count), anchor="middle", weight=600 if count else 400
    )


def _lines(x: float, middle: float, lines: Sequence[str]) -> list[str]:
    """A label in at most two lines, around its middle."""
    shown = [lines[0], _short(" ".join(lines[1:]), 34)] if len(lines) > 1 else list(lines)
    top = middle + 5 - 8 * (len(shown) - 1)
    return [_text(x, top + 16 * n, line) for n, line in enumerate(shown)]


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: int = 400, size: int = 14) -> str:
    look = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
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
