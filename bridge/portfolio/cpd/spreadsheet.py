"""A CSV file as spreadsheets write it: commas, semicolons or tabs, with a line for the heads and each line's number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.errors import UsageError
from bridge.portfolio import ownerfile
from bridge.yamlfile import ConfigError, Problem

MOST_CHARACTERS = 20_000_000
MOST_IN_A_CELL = 1_000_000


@dataclass(frozen=True)
class Line:
    """A line of the table; ``number`` is that of the file's line on which it begins, from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The heads as they are written, and the lines below that are not empty, each with as many cells."""

    head: tuple[str, ...]
    line: int
    lines: tuple[Line, ...]
    delimiter: str


def read_text(path: Path) -> str:
    """
    Return the text of a file that a spreadsheet wrote.

    Raises:
        UsageError: It is not in UTF-8, as older versions of Excel save it.
    """
    try:
        return ownerfile.read_text(path)
    except UsageError as error:
        raise UsageError(
            error.message,
            code=error.code,
            unchanged="The file is as it was.",
            mend=f"Open {path.name} in your spreadsheet and save it as “CSV UTF-8”, then run it again.",
        ) from error


def parse(text: str, name: str) -> Table:
    """
    Return the table in a text.

    Raises:
        ConfigError: It has no heads, a line has more cells than there are heads, or a quotation mark is never closed.
    """
    if len(text) > MOST_CHARACTERS:
        raise _mistake(name, 1, 1, "the file is far larger than a record of CPD; it was not read")
    said = text.partition("\n")[0].strip().lower()
    delimiter = said[4:] if said.startswith("sep=") and len(said) == 5 else _delimiter(text)
    lines = list(_lines(text, delimiter, name))
    if lines and "".join(lines[0].cells).strip().lower().startswith("sep="):
        lines = lines[1:]
    if not lines:
        what = (
            "the file is empty; its first line should name the columns, such as date and title "
            "(or delete the file: a new one is made when you add something)"
        )
        raise _mistake(name, 1, 1, what)
    head = lines[0].cells
    while head and not head[-1].strip():
        head = head[:-1]
    below = tuple(_fitted(line, len(head), name) for line in lines[1:])
    return Table(head, lines[0].number, below, delimiter)


def _lines(text: str, delimiter: str, name: str) -> Iterator[Line]:
    """Yield the lines that hold something."""
    before = csv.field_size_limit(MOST_IN_A_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(number, tuple(cells))
            number = reader.line_num + 1
    except csv.Error as error:
        what = f"this line cannot be taken apart ({error}); is a quotation mark missing?"
        raise _mistake(name, number, 1, what) from error
    finally:
        csv.field_size_limit(before)


def _fitted(line: Line, width: int, name: str) -> Line:
    if any(cell.strip() for cell in line.cells[width:]):
        what = "the line has more cells than there are columns; a text with a comma in it needs quotation marks around"
        raise _mistake(name, line.number, width + 1, what)
    return Line(line.number, (*line.cells[:width], *("" for _ in range(width - len(line.cells)))))


def _delimiter(text: str) -> str:
    """Return what parts the cells of the first line that holds something."""
    head = next((line for line in text.split("\n") if line.strip()), "")
    return max(",;\t", key=head.count)


def _mistake(name: str, line: int, column: int, what: str) -> ConfigError:
    return ConfigError([Problem(name, line, column, what)], mend=f"Put this right in {name}, then run it again.")
