"""The CPD record as a file for others' programs: a table with the places of work, or a calendar."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from archive.errors import UsageError
from bridge.portfolio import ownerfile
from bridge.portfolio.cpd import cells, counting, file
from bridge.portfolio.cpd.record import Activity


def write(path: Path, activities: Sequence[Activity], posts: Sequence[counting.Post]) -> None:
    """
    Write entries as .csv or .ics, by the name of the file.

    Raises:
        UsageError: It is neither, there is such a file already, or its folder is not there.
    """
    making = {".csv": lambda: table(activities, posts), ".ics": lambda: calendar(activities)}
    make = making.get(path.suffix.lower())
    if make is None:
        raise UsageError(
            f"{path.name} ends neither in .csv nor in .ics.",
            unchanged="Nothing was written.",
            mend="keepfolio cpd export cpd-record.csv",
        )
    if path.exists():
        raise UsageError(f"{path} is there already.", unchanged="It is as it was.", mend="Choose another name.")
    if not path.parent.is_dir():
        raise UsageError(
            f"There is no folder {path.parent}.",
            unchanged="Nothing was written.",
            mend="Look whether its name is right, or make it first.",
        )
    ownerfile.save(path, make())


def table(activities: Sequence[Activity], posts: Sequence[counting.Post]) -> str:
    """Return entries as CSV with a byte order mark, the columns of ``portfolio/cpd.csv`` and ``workplace``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*file.COLUMNS, "workplace"])
    for one in activities:
        places = cells.guarded(cells.joined(counting.places(one, posts)))
        writer.writerow([*file.in_cells(one).values(), places])
    return "\ufeff" + out.getvalue()


def calendar(activities: Sequence[Activity]) -> str:
    """Return entries as whole days of a calendar; dropped ones are left out."""
    from icalendar import Calendar, Event

    whole = Calendar()
    whole.add("prodid", "-//keepfolio//CPD record//EN")
    whole.add("version", "2.0")
    for one in activities:
        if one.status == "dropped":
            continue
        event = Event()
        event.add("uid", f"{one.id}@keepfolio")
        event.add("dtstamp", datetime.combine(one.on, time(), UTC))  # of the entry, so that equal records are equal
        event.add("dtstart", one.on)
        event.add("dtend", (one.until or one.on) + timedelta(days=1))
        event.add("summary", one.title)
        event.add("status", "TENTATIVE" if one.status == "planned" else "CONFIRMED")
        if one.type or one.themes:
            event.add("categories", [word for word in (one.type, *one.themes) if word])
        if address := next((e for e in one.evidence if e.startswith(("http://", "https://"))), ""):
            event.add("url", address)
        if one.note:
            event.add("description", one.note)
        whole.add_component(event)
    return str(whole.to_ical(), "utf-8")
