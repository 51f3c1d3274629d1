"""What is due as a calendar file (RFC 5545) that any calendar program reads. Same input, same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event

from bridge.portfolio.submission.clocks import Clock


def of_clocks(clocks: Iterable[Clock], portfolio: str, as_of: date) -> bytes:
    """
    Return the calendar of what has a date: a whole day for each, with an alarm for each reminder.

    Args:
        clocks: What is due; what nobody knows the date of is left out.

        portfolio: A word that is this owner's alone, such as a portfolio's UUID: a later file then updates an earlier.

        as_of: The day of the file.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//keepfolio//due//EN")
    calendar.add("version", "2.0")
    for clock in clocks:
        if clock.due is not None:
            calendar.add_component(_event(clock, clock.due, portfolio, as_of))
    text: bytes = calendar.to_ical()
    return text


def _event(clock: Clock, due: date, portfolio: str, as_of: date) -> Event:
    event = Event()
    event.add("uid", f"{hashlib.sha256(f'{clock.id}@{portfolio}'.encode()).hexdigest()[:24]}@keepfolio")
    event.add("dtstamp", datetime.combine(as_of, time(), UTC))
    event.add("dtstart", due)
    event.add("dtend", due + timedelta(days=1))
    event.add("summary", clock.what)
    event.add("transp", "TRANSPARENT")  # a day on which something is due is not a day on which one is busy
    if clock.note:
        event.add("description", clock.note)
    for days in clock.remind:
        event.add_component(_alarm(clock, days))
    return event


def _alarm(clock: Clock, days: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", clock.what)
    alarm.add("trigger", timedelta(days=-days))
    return alarm
