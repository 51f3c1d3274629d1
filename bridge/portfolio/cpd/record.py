"""The CPD record as values: what was done, when, for how long, with whom, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from archive.entry import Visibility

TYPES = (
    "reading",
    "event",
    "webinar",
    "training",
    "practice",
    "assessing",
    "teaching",
    "writing",
    "networking",
    "qualification",
    "other",
)
"""The types that are offered; the owner may write any other."""

PLACE = "Place: "
"""Begins the line of a note that a calendar gave: it is none of the owner's sentences."""

Status = Literal["planned", "done", "dropped"]


@dataclass(frozen=True)
class With:
    """Somebody who took part, and in which role; the name as the record has it, whoever may see it."""

    name: str
    role: str = ""


@dataclass(frozen=True)
class Activity:
    """
    One entry of the CPD record: one line of ``portfolio/cpd.csv``.

    Attributes:
        id: Of this line, such as ``c0012``; it never changes and is never given twice.

        on: The day of the event; ``until`` the last one, where it took several.

        hours: How long, where that was noted.

        themes: The owner's themes, by their names; one entry may belong to several.

        criteria: Sections of a framework that it speaks to, by id.

        principles: Ids of the framework's principles.

        evidence: Entries of the archive by id, or addresses: what shows it, and what came of it.

        reflection: What the owner makes of it; ``reflected`` is the day of that, often much later.

        viewed: The day on which a recording was watched.

        visibility: Who may see the line; private until the owner says otherwise.

        seen: Where it was taken from: calendar ids, ids of tagged posts. The same event from three places has three.
    """

    id: str
    on: date
    title: str
    until: date | None = None
    type: str = ""
    hours: Decimal | None = None
    provider: str = ""
    status: Status = "done"
    themes: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    principles: tuple[str, ...] = ()
    people: tuple[With, ...] = ()
    evidence: tuple[str, ...] = ()
    note: str = ""
    reflection: str = ""
    reflected: date | None = None
    viewed: date | None = None
    visibility: Visibility = Visibility.PRIVATE
    seen: tuple[str, ...] = ()
