"""
The CPD record as a file: ``portfolio/cpd.csv``, one line for an entry, made to be opened in a spreadsheet.

What people and spreadsheets do to such a file stays valid: columns in another order, columns of their own, semicolons
or tabs in place of commas, dates and hours as they are used to. Nothing is guessed: what cannot be read is a mistake
with its line and column, and the file stays as it is.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from itertools import count
from pathlib import Path
from typing import Any

from archive.entry import Visibility
from bridge.portfolio import ownerfile
from bridge.portfolio.cpd import cells, spreadsheet
from bridge.portfolio.cpd.record import Activity
from bridge.yamlfile import ConfigError, Problem

FILE_NAME = "cpd.csv"

COLUMNS = {
    "id": "id",
    "date": "on",
    "until": "until",
    "title": "title",
    "type": "type",
    "hours": "hours",
    "provider": "provider",
    "status": "status",
    "themes": "themes",
    "criteria": "criteria",
    "principles": "principles",
    "people": "people",
    "evidence": "evidence",
    "note": "note",
    "reflected": "reflected",
    "reflection": "reflection",
    "viewed": "viewed",
    "visibility": "visibility",
    "from": "seen",
}
"""The columns of the file, and the fields of ``Activity`` that they hold."""

NEEDED = ("date", "title")
STATUSES = ("planned", "done", "dropped")
_LISTS = frozenset({"themes", "criteria", "principles", "evidence", "from"})
_DAYS = frozenset({"date", "until", "reflected", "viewed"})
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_OURS = re.compile(r"c(\d{1,9})")
_TELLING = frozenset({"id", "date", "title", "status", "visibility", "from"})
"""Columns that together no other tool writes."""


@dataclass(frozen=True)
class _Row:
    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class _Sheet:
    """The file as it lies there; columns by the names that it gives them, ours in small letters."""

    columns: tuple[str, ...]
    rows: tuple[_Row, ...]
    delimiter: str

    def at(self, column: str) -> int:
        """Return which column that is, counted from 1."""
        return self.columns.index(column) + 1 if column in self.columns else 1


def read(path: Path, language: str = "en-GB") -> tuple[Activity, ...]:
    """
    Return the CPD record in the order of its lines; none where there is no file. Nothing is written.

    A line without an id has one here already: that which the next ``write`` gives it.

    Args:
        path: The file.

        language: Tells which is the month in 01/03/2026.

    Raises:
        ConfigError: All mistakes of the file, each with its line and the name of its column.
    """
    if not path.exists():
        return ()
    return _parsed(_sheet(path), path.name, language)


def write(path: Path, activities: Sequence[Activity]) -> None:
    """
    Replace the record in one step; an activity whose ``id`` is "" gets one.

    The file keeps its order of columns, the columns that are its owner's own, and what parts its cells.

    Raises:
        ConfigError: The file that is there cannot be read.

        UsageError: What would be written could not be read again; nothing was written.
    """
    sheet = _sheet(path) if path.exists() else _Sheet(tuple(COLUMNS), (), ",")
    kept = _own_cells(sheet)
    rows = [{**kept.get(one.id, {}), **in_cells(one, sheet.delimiter)} for one in _numbered(activities)]
    used = {column for row in rows for column, cell in row.items() if cell}
    columns = [*sheet.columns, *(c for c in COLUMNS if c not in sheet.columns and c in used)]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", delimiter=sheet.delimiter, lineterminator="\r\n")
    writer.writerow({column: column for column in columns})
    writer.writerows({column: row.get(column, "") for column in columns} for row in rows)
    try:
        _parsed(_cells_of(out.getvalue(), path.name), path.name)
    except ConfigError as error:
        raise ownerfile.unreadable(path, error) from error
    ownerfile.save(path, "\ufeff" + out.getvalue())  # the mark at the front tells a spreadsheet that it is UTF-8


def _parsed(sheet: _Sheet, name: str, language: str = "en-GB") -> tuple[Activity, ...]:
    problems: list[Problem] = []
    found = [_activity(row, sheet, name, language, problems) for row in sheet.rows]
    problems += _twice(sheet, name)
    if problems:
        raise _mistakes(problems, name)
    return tuple(_numbered(found))


def own_columns(path: Path) -> tuple[str, ...]:
    """Return the columns of the file that are its owner's own; none where there is no file."""
    return tuple(name for name in _sheet(path).columns if name and name not in COLUMNS) if path.exists() else ()


def is_ours(head: Sequence[str]) -> bool:
    """Tell whether the heads of a table are those that keepfolio writes, in whichever order, with others or without."""
    return {_column(name) for name in head} >= _TELLING


def is_given(name: str) -> bool:
    """Tell whether a name is an id as they are given here: ``c0012``."""
    return _OURS.fullmatch(name) is not None


def _numbered(activities: Iterable[Activity]) -> list[Activity]:
    """Return activities with ids for all: what is given no entry has, nor had before it was joined to another."""
    found = list(activities)
    used = (name for one in found for name in (one.id, *one.seen))
    last = max((int(ours[1]) for name in used if (ours := _OURS.fullmatch(name))), default=0)
    free = count(last + 1)
    return [one if one.id else replace(one, id=f"c{next(free):04d}") for one in found]


def _sheet(path: Path) -> _Sheet:
    return _cells_of(spreadsheet.read_text(path), path.name)


def _cells_of(text: str, file: str) -> _Sheet:
    """Return the cells of a file's text, ours undone of what keeps them from being worked out."""
    table = spreadsheet.parse(text, file)
    names = tuple(_column(name) for name in table.head)
    problems = [
        Problem(file, table.line, at, f"the column {name} stands twice")
        for at, name in enumerate(names, 1)
        if name in names[: at - 1]
    ]
    for needed in NEEDED:
        if needed not in names:
            near = get_close_matches(needed, names, n=1, cutoff=0.5)
            hint = f"; is it the one called {near[0]}?" if near else ""
            problems.append(Problem(file, table.line, 1, f"there is no column {needed}{hint}"))
    if problems:
        raise _mistakes(problems, file)
    rows = [_Row(line.number, dict(zip(names, map(_as_typed, names, line.cells), strict=True))) for line in table.lines]
    return _Sheet(names, tuple(rows), table.delimiter)


def _as_typed(column: str, cell: str) -> str:
    return cells.unguarded(cell) if column in COLUMNS else cell


def _column(name: str) -> str:
    """Return one of our columns by however it is written; the owner's own keep their name."""
    plain = name.strip().casefold()
    return plain if plain in COLUMNS else name.strip()


def _activity(row: _Row, sheet: _Sheet, name: str, language: str, problems: list[Problem]) -> Activity:
    values: dict[str, Any] = {"id": "", "on": date.min, "title": ""}
    for column, field in COLUMNS.items():
        cell = row.cells.get(column, "").strip()
        if not cell:
            if column in NEEDED:
                problems.append(Problem(name, row.line, sheet.at(column), f"{column}: it is empty"))
            continue
        try:
            values[field] = _READERS.get(column, _text)(cell, language)
        except ValueError as error:
            problems.append(Problem(name, row.line, sheet.at(column), f"{column}: {error}{_called(row)}"))
    one = Activity(**values)
    if one.until and one.until < one.on:
        what = f"until: that is before the first day{_called(row)}"
        problems.append(Problem(name, row.line, sheet.at("until"), what))
    return one


def _called(row: _Row) -> str:
    """Return which entry it is: a spreadsheet counts rows, and a reflection of several lines is one of them."""
    called = row.cells.get("title", "").strip() or row.cells.get("id", "").strip()
    return f" (“{called[:60]}”)" if called else ""


def _text(cell: str, _language: str) -> str:
    return cell


def _word(allowed: Sequence[str]) -> Callable[[str, str], str]:
    def read_word(cell: str, _language: str) -> str:
        if cell.casefold() not in allowed:
            raise ValueError(f"“{cell}” is not one of {', '.join(allowed)}")
        return cell.casefold()

    return read_word


def _id(cell: str, _language: str) -> str:
    if not _ID.fullmatch(cell):
        raise ValueError(f"“{cell}” is no id; empty the cell, and a new one is given")
    return cell


_READERS: Mapping[str, Callable[[str, str], object]] = {
    "id": _id,
    **dict.fromkeys(_DAYS, cells.day),
    **dict.fromkeys(_LISTS, lambda cell, _: cells.listed(cell)),
    "hours": lambda cell, _: cells.hours(cell),
    "status": _word(STATUSES),
    "visibility": lambda cell, language: Visibility(_word([v.value for v in Visibility])(cell, language)),
    "people": lambda cell, _: tuple(map(cells.person, cells.listed(cell))),
}


def _twice(sheet: _Sheet, name: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for row in sheet.rows:
        own = row.cells.get("id", "").strip()
        if own and own in seen:
            what = f"id: {own} is that of line {seen[own]}, too; empty the cell of the newer one, and it gets its own"
            what += _called(row)
            yield Problem(name, row.line, sheet.at("id"), what)
        seen.setdefault(own, row.line)


def _mistakes(problems: Iterable[Problem], name: str) -> ConfigError:
    return ConfigError(problems, mend=f"Put this right in {name}, then run the command again.")


def in_cells(activity: Activity, delimiter: str = ",") -> dict[str, str]:
    """Return the cells of an activity by column, safe for a spreadsheet to open."""
    found: dict[str, str] = {}
    for column, field in COLUMNS.items():
        value = getattr(activity, field)
        if column == "people":
            cell = cells.joined(map(cells.named, value))
        elif column in _LISTS:
            cell = cells.joined(value)
        elif column == "hours":  # a spreadsheet that parts cells by semicolons takes 1.5 for the first of May
            cell = "" if value is None else str(cells.plain(value)).replace(".", "," if delimiter == ";" else ".")
        elif column in _DAYS:
            cell = value.isoformat() if value else ""
        else:
            cell = cells.clean(str(value)) or ("Untitled" if column == "title" else "")
        found[column] = cells.guarded(cell)
    return found


def _own_cells(sheet: _Sheet) -> dict[str, dict[str, str]]:
    """Return the cells of the owner's own columns by the id of their line, which it has or would be given."""
    bare = [Activity(row.cells.get("id", "").strip(), date.min, "", seen=_seen(row)) for row in sheet.rows]
    own = [column for column in sheet.columns if column not in COLUMNS]
    return {
        one.id: {column: row.cells.get(column, "") for column in own}
        for one, row in zip(_numbered(bare), sheet.rows, strict=True)
    }


def _seen(row: _Row) -> tuple[str, ...]:
    return cells.listed(row.cells.get("from", ""))
