"""
Calendar files (``.ics``): what took place on which day, series taken apart, nothing of what others wrote.

A calendar is private, and holds other people: of an event only its title, days, length, place and address are taken;
descriptions (with the passwords of meetings) and the people invited are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from archive.errors import UsageError

if TYPE_CHECKING:
    from icalendar import Calendar, Component

MOST_BYTES = 50_000_000
MOST_EVENTS = 50_000
"""Those in the file, and those that its series come to: a working life has fewer."""
MOST_YEARS = 30
"""How far a calendar is looked through."""

_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError)
"""What the libraries raise on a calendar that holds what no calendar should."""

_WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")


@dataclass(frozen=True)
class Event:
    """
    One event on its day, or on its days.

    Attributes:
        uid: The calendar's id, of all events of a series the same.

        occurrence: Which of the series, as its day; ``""`` for an event that does not repeat.

        first: Its first day in the owner's time zone; ``last`` the last one.

        starts: Its hour, or None for one that takes whole days.

        minutes: How long it takes, or None for one that takes whole days.
    """

    uid: str
    title: str
    first: date
    last: date
    occurrence: str = ""
    starts: time | None = None
    minutes: int | None = None
    place: str = ""
    url: str = ""


def events(data: bytes, name: str, zone: tzinfo, first: date | None, last: date) -> tuple[Event, ...]:
    """
    Return the events of a calendar, by their time. Events without a title, and those that were cancelled, are left out.

    Args:
        data: The file.

        name: What its owner calls it.

        zone: The owner's time zone: it decides on which day an event is, unless the event has none.

        first: The first day that is looked at; None: that of the earliest event.

        last: The last day that is looked at.

    Raises:
        UsageError: It is no calendar, or holds more events than a person has.
    """
    calendars = _calendars(data, name)
    found: list[Event] = []
    for calendar in calendars:
        begun = [day for part in calendar.walk("VEVENT") if (day := _day_of(part.get("DTSTART"), zone))]
        since = max(first or min(begun, default=last), last - timedelta(days=366 * MOST_YEARS))
        if since <= last:
            for event in _within(calendar, zone, since, last):
                found.append(event)
                if len(found) > MOST_EVENTS:
                    raise _too_many(name)
    order = {(one.first, one.starts or time.min, one.title, one.uid): one for one in found}
    return tuple(order[key] for key in sorted(order))


def _calendars(data: bytes, name: str) -> list[Calendar]:
    from icalendar import Calendar

    wrong = UsageError(
        f"{name} is not a calendar that can be read.",
        code="not-a-calendar",
        unchanged="Nothing was taken from it.",
        mend="Export the calendar again as an .ics file (in most programs: Export, or Download).",
    )
    if data.upper().count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise _too_many(name)
    if len(data) > MOST_BYTES or b"BEGIN:VCALENDAR" not in data.upper():
        raise wrong
    try:
        read = Calendar.from_ical(data, multiple=True)
    except _UNREADABLE as error:
        raise wrong from error
    return [one for one in read if isinstance(one, Calendar)]


def _too_many(name: str) -> UsageError:
    return UsageError(
        f"{name} holds more than {MOST_EVENTS} events.",
        code="too-many-events",
        unchanged="Nothing was taken from it.",
        mend="Name a shorter time (--from, --to), or export fewer years of the calendar.",
    )


def _within(calendar: Calendar, zone: tzinfo, first: date, last: date) -> Iterator[Event]:
    repeating = {_line(part.get("UID")) for part in calendar.walk("VEVENT") if _calm(part)}
    day = timedelta(days=1)  # more on both sides: what day it is, is the owner's zone to say
    for part in _parts(calendar, first - day, last + 2 * day):
        event = _event(part, zone, repeating)
        if event is not None and event.first <= last and event.last >= first:
            yield event


def _parts(calendar: Calendar, first: date, end: date) -> Iterator[Component]:
    """
    Yield the events of those days, series taken apart one after the other: all of a hostile file's fill any memory.

    What cannot be read costs only its own series.
    """
    import recurring_ical_events  # type: ignore[import-untyped]

    for series in _series(calendar):
        with suppress(*_UNREADABLE):
            yield from recurring_ical_events.of(series, skip_bad_series=True).between(first, end)


def _series(calendar: Calendar) -> Iterator[Calendar]:
    """Yield a calendar for each event or series, with the time zones of the whole."""
    by_uid: dict[str, list[Component]] = {}
    for at, part in enumerate(calendar.walk("VEVENT")):
        by_uid.setdefault(_line(part.get("UID")) or f"without: {at}", []).append(part)
    for parts in by_uid.values():
        one = calendar.copy()
        one.subcomponents = [*(part for part in calendar.subcomponents if part.name == "VTIMEZONE"), *parts]
        yield one


def _calm(part: Component) -> bool:
    """Say whether an event repeats; one that would do so within a day, as no appointment does, is made to stop."""
    rule: Any = part.get("RRULE")
    rules = rule if isinstance(rule, list) else [] if rule is None else [rule]
    if any(not isinstance(one, Mapping) or _too_often(one) for one in rules):  # or what cannot be read
        del part["RRULE"]
        rules = []
    for one in rules:
        for key in _WITHIN_A_DAY:
            one.pop(key, None)
    return bool(rules or part.get("RDATE"))


def _too_often(rule: Mapping[str, Any]) -> bool:
    """Say whether a rule would give more than any calendar holds, or never come to an end."""
    steps = rule.get("INTERVAL") or [1]
    stands_still = any(
        not isinstance(step, int) or step < 1 for step in (steps if isinstance(steps, list) else [steps])
    )
    return stands_still or bool({str(frequency).upper() for frequency in rule.get("FREQ", ())} & _OFTEN)


def _event(part: Component, zone: tzinfo, repeating: Iterable[str]) -> Event | None:
    title = _line(part.get("SUMMARY"))
    starts, ends = _value(part.get("DTSTART")), _value(part.get("DTEND"))
    if not title or starts is None or str(part.get("STATUS", "")).upper() == "CANCELLED":
        return None
    uid = _line(part.get("UID")) or f"{starts.isoformat()} {title}"
    place, url = _line(part.get("LOCATION")), _line(part.get("URL"))
    common: dict[str, Any] = {"uid": uid, "title": title, "place": place, "url": url}
    again = _day_of(part.get("RECURRENCE-ID"), zone) or _as_day(starts, zone)
    occurrence = again.isoformat() if uid in repeating else ""
    if not isinstance(starts, datetime):
        last = ends - timedelta(days=1) if ends is not None and not isinstance(ends, datetime) else starts
        return Event(**common, first=starts, last=max(starts, last), occurrence=occurrence)
    until = ends if isinstance(ends, datetime) else starts
    length = _utc(until, zone) - _utc(starts, zone)
    first = _as_day(starts, zone)
    last = _as_day(until - timedelta(seconds=1), zone) if length > timedelta(0) else first
    return Event(
        **common,
        first=first,
        last=max(first, last),
        occurrence=occurrence,
        starts=_local(starts, zone).time(),
        minutes=max(0, round(length.total_seconds() / 60)),
    )


def _day_of(found: Any, zone: tzinfo) -> date | None:
    value = _value(found)
    return None if value is None else _as_day(value, zone)


def _value(found: Any) -> date | datetime | None:
    try:
        value = getattr(found, "dt", None)
    except ValueError:  # what the file says there is no time
        return None
    return value if isinstance(value, date) else None


def _as_day(value: date | datetime, zone: tzinfo) -> date:
    return _local(value, zone).date() if isinstance(value, datetime) else value


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone) if moment.tzinfo else moment


def _utc(moment: datetime, zone: tzinfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _line(found: Any) -> str:
    return " ".join(str(found).split()) if found is not None else ""
