"""The record of another tool, as offers: its columns are guessed by their names, and shown before anything is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from archive.errors import UsageError
from bridge import cpd_own_table
from bridge.cpd_offers import Offer, numbered
from bridge.portfolio.cpd import cells, file, spreadsheet
from bridge.portfolio.cpd.record import Activity
from bridge.session import Session
from bridge.yamlfile import ConfigError, Problem

NAMES: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "start date", "date of activity", "date completed", "completed", "start", "when", "day", "from"),
    "title": ("title", "activity", "cpd activity", "event", "name", "course", "subject", "summary", "what"),
    "until": ("until", "end date", "end", "to", "finish"),
    "type": ("type", "activity type", "type of activity", "category", "kind", "format"),
    "hours": ("hours", "cpd hours", "duration", "time spent", "time", "length", "minutes"),
    "provider": ("provider", "organiser", "organizer", "organisation", "organization", "host", "institution", "by"),
    "themes": ("themes", "theme", "topics", "topic", "tags", "area"),
    "criteria": ("criteria",),
    "principles": ("principles",),
    "people": ("people", "with", "colleagues"),
    "evidence": ("evidence", "link", "links", "url", "address", "website"),
    "reflection": ("reflection", "what i learned", "learning", "learning outcome", "learning outcomes", "impact"),
    "note": ("note", "notes", "comments", "comment", "details", "description"),
}
"""Our columns, and what others call them, the likeliest first."""

_TEXTS = frozenset({"title", "type", "provider", "reflection", "note"})
_LISTS = frozenset({"themes", "criteria", "principles"})


@dataclass(frozen=True)
class Found:
    """
    What a table offers: ``columns`` are its own by ours, ``others`` those that become part of the note.

    ``own``: keepfolio wrote it, so that no column had to be guessed.
    """

    columns: Mapping[str, str]
    others: tuple[str, ...]
    offers: tuple[Offer, ...]
    own: bool = False


def found(session: Session, path: Path) -> Found:
    """
    Return what a table of another tool, or an exported record, offers.

    Raises:
        UsageError: The file cannot be read, or has no column that could be the date or the title.

        ConfigError: Cells cannot be read; each with its line and column.
    """
    try:
        table = spreadsheet.parse(spreadsheet.read_text(path), path.name)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", code="unreadable") from error
    if file.is_ours(table.head):
        return Found({}, (), cpd_own_table.offers(session, path), own=True)
    columns = guessed(table.head)
    for needed in ("date", "title"):
        if needed not in columns:
            raise UsageError(
                f"No column of {path.name} looks like the {needed}; it has: {', '.join(table.head)}.",
                code="unknown-columns",
                unchanged="Nothing was taken from it.",
                mend=f"Call that column {needed} in the file's first line, then run it again.",
            )
    heads = _apart(table.head)
    others = tuple(head for head in heads if head.strip() and head not in {*columns.values(), "id", "from"})
    reader = _Reader(path.name, heads, columns, others, session.config.language, [])
    today = session.today
    activities = [_planned(one, today) for one in map(reader.activity, table.lines)]
    if reader.problems:
        raise ConfigError(reader.problems, mend=f"Put this right in {path.name}, then run it again.")
    return Found(columns, others, numbered(activities))


def guessed(head: tuple[str, ...]) -> dict[str, str]:
    """Return the columns of a table by ours; each is used once."""
    plain = {_plain(name): name for name in reversed(head)}
    chosen: dict[str, str] = {}
    for ours, names in NAMES.items():
        fitting = (plain[name] for name in names if name in plain and plain[name] not in chosen.values())
        if (first := next(fitting, None)) is not None:
            chosen[ours] = first
    if "title" not in chosen and "description" in plain:
        chosen["title"] = plain["description"]
        chosen = {ours: name for ours, name in chosen.items() if ours != "note" or name != plain["description"]}
    return chosen


def _plain(head: str) -> str:
    """Return a head as it is compared: ``Duration (minutes)`` is a duration."""
    return re.sub(r"[^a-z]+", " ", re.sub(r"\([^)]*\)", "", head.casefold())).strip()


def _apart(head: tuple[str, ...]) -> tuple[str, ...]:
    """Return heads of which no two are the same: ``Notes``, ``Notes (2)``."""
    return tuple(name if name not in head[:at] else f"{name} ({at + 1})" for at, name in enumerate(head))


def _planned(activity: Activity, today: date) -> Activity:
    return replace(activity, status="planned") if activity.on > today else activity


@dataclass(frozen=True)
class _Reader:
    name: str
    head: tuple[str, ...]
    columns: Mapping[str, str]
    others: tuple[str, ...]
    language: str
    problems: list[Problem]

    def activity(self, line: spreadsheet.Line) -> Activity:
        """Return the entry of a line; what cannot be read is noted as a problem."""
        said = dict(zip(self.head, (cells.clean(cells.unguarded(c.strip())) for c in line.cells), strict=True))
        values: dict[str, Any] = {"on": date.min, "title": ""}
        extra = [f"{name}: {said[name]}" for name in self.others if said[name]]
        for ours, theirs in self.columns.items():
            cell = said[theirs]
            if not cell:
                if ours in ("date", "title"):
                    self._problem(line, theirs, "it is empty")
                continue
            try:
                values |= self._value(ours, theirs, cell, extra)
            except ValueError as error:
                self._problem(line, theirs, str(error))
        if "until" in values and values["until"] < values["on"]:
            self._problem(line, self.columns["until"], "that is before the first day")
        if values.get("until") == values["on"]:
            del values["until"]
        note = "\n".join([*([values.pop("note")] if "note" in values else []), *extra])
        return Activity(id="", note=note, **values)

    def _value(self, ours: str, theirs: str, cell: str, extra: list[str]) -> dict[str, Any]:
        if ours in _TEXTS:
            return {ours: " ".join(cell.split()) if ours in ("title", "type", "provider") else cell}
        if ours in _LISTS:
            return {ours: cells.listed(cell)}
        if ours in ("date", "until"):
            return {"on" if ours == "date" else ours: cells.day(cell, self.language)}
        if ours == "people":
            return {ours: tuple(map(cells.person, cells.listed(cell)))}
        if ours == "hours":
            plain_minutes = "min" in theirs.casefold() and cell.isdigit()
            return {ours: cells.hours(f"{cell} min" if plain_minutes else cell)}
        addresses = tuple(
            part for part in re.split(r"[;\s]+", cell) if part.startswith(("http://", "https://", "urn:"))
        )
        if not addresses:
            extra.append(f"{theirs}: {cell}")
        return {ours: tuple(map(cells.element, addresses))}

    def _problem(self, line: spreadsheet.Line, column: str, what: str) -> None:
        at = self.head.index(column) + 1
        title = line.cells[self.head.index(self.columns["title"])].strip()
        called = f" (“{title[:60]}”)" if title else ""
        self.problems.append(Problem(self.name, line.number, at, f"{column}: {what}{called}"))
