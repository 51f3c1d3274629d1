"""Events of a calendar file as offers for the CPD record; private, and nothing that others wrote or who was invited."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from archive.errors import UsageError
from bridge import cpd_offers
from bridge.cpd_offers import Offer
from bridge.portfolio.cpd import cells
from bridge.portfolio.cpd.record import PLACE, Activity
from bridge.session import Session
from connectors import calendar

OWN = re.compile(r"c\d+@keepfolio")
"""Ids of the events that ``cpd export`` writes."""

_TYPES = (
    ("webinar", ("webinar",)),
    ("training", ("workshop", "training", "course", "masterclass")),
    ("event", ("conference", "symposium", "seminar", "talk", "lecture", "unconference", "meetup")),
)
_AHEAD = timedelta(days=366)


def offers(session: Session, path: Path, first: date | None, last: date | None) -> tuple[Offer, ...]:
    """
    Return the events of a calendar file; those still to come are planned, of a series only what took place.

    Without ``last`` a year ahead is looked at.

    Raises:
        UsageError: The file cannot be read, or is no calendar.
    """
    today = session.today
    found = calendar.events(data(path), path.name, session.config.zone, first, last or today + _AHEAD)
    return tuple(
        _offer(event, today)
        for event in found
        if not OWN.fullmatch(event.uid) and not (event.occurrence and event.first > today)
    )


def data(path: Path) -> bytes:
    """
    Return a file's bytes.

    Raises:
        UsageError: It is not there, or far too large.
    """
    try:
        if path.stat().st_size > calendar.MOST_BYTES:
            raise UsageError(f"{path.name} is too large to be read.", unchanged="Nothing was taken from it.")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", code="unreadable") from error


def _offer(event: calendar.Event, today: date) -> Offer:
    name = f"{event.uid}/{event.occurrence}" if event.occurrence else event.uid
    web = event.url if event.url.startswith(("http://", "https://")) else ""
    activity = Activity(
        id="",
        on=event.first,
        until=event.last if event.last > event.first else None,
        title=event.title,
        type=kind(event.title),
        hours=_hours(event),
        status="planned" if event.first > today else "done",
        evidence=(cells.element(web),) if web else (),
        note=f"{PLACE}{event.place}" if event.place and "://" not in event.place else "",
        seen=(cpd_offers.key("ical", name),),
    )
    return Offer(activity, cpd_offers.key("ical", event.uid), ", ".join(_hints(event)))


def kind(title: str) -> str:
    """Return the type that a title speaks of, or ``""``."""
    words = set(re.findall(r"[a-z]+", title.casefold()))
    return next((name for name, signs in _TYPES if words & {form for s in signs for form in (s, f"{s}s")}), "")


def _hours(event: calendar.Event) -> Decimal | None:
    """Return how long it took; None of what lasts for days, for nobody sat there all night."""
    one_day = event.minutes and event.minutes <= 24 * 60 and event.first == event.last
    return cells.plain(Decimal(event.minutes or 0) / 60) if one_day else None


def _hints(event: calendar.Event) -> list[str]:
    found = [event.starts.strftime("%H:%M")] if event.starts else ["all day"]
    if hours := _hours(event):
        found.append(f"{hours} h")
    if event.place and "://" not in event.place:
        found.append(event.place[:40])
    return [*found, "repeats"] if event.occurrence else found
