"""Calendar files: the right day, series taken apart, nothing of what others wrote, and no harm from a hostile one."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import UsageError
from connectors import calendar

LONDON = ZoneInfo("Europe/London")
END = date(2027, 1, 1)


def ics(*events: str, head: str = "") -> bytes:
    """Return a calendar of these events; lines of one are parted by spaces between them."""
    body = "".join(f"BEGIN:VEVENT\r\n{event.strip()}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b//EN\r\n{head}{body}END:VCALENDAR\r\n".encode()


def read(*events: str, head: str = "", zone=LONDON, first=None, last=END):
    return calendar.events(ics(*events, head=head), "work.ics", zone, first, last)


def test_the_day_is_the_owners():
    """An evening in another zone is on the day that it was for the owner; folded lines are one title."""
    (event,) = read(
        "UID:a\r\nDTSTART:20260701T233000Z\r\nDTEND:20260702T010000Z\r\nSUMMARY:A webinar with a \r\n long title"
    )

    assert (event.first, event.last, event.starts, event.minutes) == (
        date(2026, 7, 2),
        date(2026, 7, 2),
        time(0, 30),
        90,
    )
    assert event.title == "A webinar with a long title"


def test_a_time_without_a_zone_is_that_of_the_calendar():
    """X-WR-TIMEZONE, as Google writes it, holds for times in UTC; a floating time stays as it is said."""
    (zoned,) = read(
        "UID:a\r\nDTSTART:20260701T233000Z\r\nDTEND:20260702T003000Z\r\nSUMMARY:A",
        head="X-WR-TIMEZONE:Europe/London\r\n",
    )
    (floating,) = read("UID:b\r\nDTSTART:20260701T233000\r\nDTEND:20260701T234500\r\nSUMMARY:B")

    assert zoned.first == date(2026, 7, 2)
    assert (floating.first, floating.starts, floating.minutes) == (date(2026, 7, 1), time(23, 30), 15)


def test_whole_days_end_on_their_last():
    """The end of an event of whole days is the day after it, in the file; not for a person."""
    (event,) = read("UID:a\r\nDTSTART;VALUE=DATE:20260902\r\nDTEND;VALUE=DATE:20260905\r\nSUMMARY:Conference")

    assert (event.first, event.last, event.minutes) == (date(2026, 9, 2), date(2026, 9, 4), None)


def test_a_series_is_taken_apart():
    """Each date of a series is an event; the one left out is not there, and the one moved is where it was moved to."""
    found = read(
        "UID:s\r\nDTSTART;TZID=Europe/London:20260105T100000\r\nDTEND;TZID=Europe/London:20260105T110000\r\n"
        "RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=Europe/London:20260119T100000\r\nSUMMARY:Group",
        "UID:s\r\nRECURRENCE-ID;TZID=Europe/London:20260112T100000\r\nDTSTART;TZID=Europe/London:20260113T140000\r\n"
        "DTEND;TZID=Europe/London:20260113T150000\r\nSUMMARY:Group, moved",
    )

    assert [(e.first, e.occurrence, e.title) for e in found] == [
        (date(2026, 1, 5), "2026-01-05", "Group"),
        (date(2026, 1, 13), "2026-01-12", "Group, moved"),
        (date(2026, 1, 26), "2026-01-26", "Group"),
    ]
    assert {event.uid for event in found} == {"s"}


def test_an_hour_of_the_summer_time_stays_its_hour():
    """A weekly meeting at ten is at ten on both sides of the change of the clocks."""
    found = read(
        "UID:s\r\nDTSTART;TZID=Europe/London:20260322T100000\r\nDTEND;TZID=Europe/London:20260322T110000\r\n"
        "RRULE:FREQ=WEEKLY;COUNT=2\r\nSUMMARY:Group"
    )

    assert [(e.first, e.starts) for e in found] == [(date(2026, 3, 22), time(10)), (date(2026, 3, 29), time(10))]


def test_what_was_cancelled_is_left_out():
    """Cancelled events never took place; nor is an event without a title anything."""
    found = read(
        "UID:a\r\nDTSTART:20260701T100000Z\r\nSTATUS:CANCELLED\r\nSUMMARY:Off",
        "UID:b\r\nDTSTART:20260701T100000Z",
        "UID:c\r\nDTSTART:20260701T100000Z\r\nSUMMARY:On",
    )

    assert [event.uid for event in found] == ["c"]


def test_others_words_and_names_are_not_taken():
    """Neither the invitation's text, with its passwords, nor who was invited, is in what is read."""
    (event,) = read(
        "UID:a\r\nDTSTART:20260701T100000Z\r\nSUMMARY:Talk\r\nDESCRIPTION:Passcode 4711\r\n"
        "ORGANIZER;CN=Sam Taylor:mailto:sam@example.org\r\nATTENDEE;CN=Kit Lee:mailto:kit@example.org\r\n"
        "LOCATION:Room 2\r\nURL:https://a.example/talk"
    )

    assert (event.place, event.url) == ("Room 2", "https://a.example/talk")
    assert not any(word in repr(event) for word in ("4711", "Taylor", "Lee", "example.org"))


def test_a_series_without_end_stops_where_it_is_told():
    """An endless series gives what lies in the days that are looked at, and one by the second is one event."""
    daily = read(
        "UID:d\r\nDTSTART:20000101T100000Z\r\nRRULE:FREQ=DAILY\r\nSUMMARY:D",
        first=date(2026, 1, 1),
        last=date(2026, 1, 3),
    )
    storm = read(
        "UID:s\r\nDTSTART:20260101T000000Z\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:S",
        "UID:t\r\nDTSTART:20260101T000000Z\r\nRRULE:FREQ=DAILY;COUNT=2;BYHOUR=1,2,3;BYMINUTE=1,2,3\r\nSUMMARY:T",
    )

    assert [event.first.day for event in daily] == [1, 2, 3]
    assert [event.uid for event in storm] == ["s", "t", "t"]


def test_what_cannot_be_read_in_one_event_costs_only_that():
    """A broken rule or date is no reason to lose the rest."""
    found = read(
        "UID:a\r\nDTSTART:20260701T100000Z\r\nRRULE:FREQ=NEVER\r\nSUMMARY:Rule",
        "UID:b\r\nDTSTART:soon\r\nSUMMARY:Date",
        "UID:c\r\nDTSTART:20260702T100000Z\r\nDTEND:20250702T100000Z\r\nSUMMARY:Backwards",
        "UID:d\r\nDTSTART:20260703T100000Z\r\nSUMMARY:Good",
    )

    assert [event.uid for event in found if event.uid != "c"] == ["a", "d"]
    assert all(event.first <= event.last for event in found)


@pytest.mark.parametrize("data", [b"", b"BEGIN:VCALENDAR\r\nEND", b"\xff\xfe", b"<html>BEGIN:VCALENDAR</html>"])
def test_what_is_no_calendar_is_said_to_be_none(data):
    """A page or half a file is named as such, with what mends it."""
    with pytest.raises(UsageError, match=r"work\.ics is not a calendar"):
        calendar.events(data, "work.ics", LONDON, None, END)


_LINES = st.sampled_from(
    (
        "UID:a",
        "SUMMARY:S",
        "DTSTART:20260101T000000Z",
        "DTSTART;VALUE=DATE:20260101",
        "DTSTART;TZID=Nowhere/Never:20260101T100000",
        "DTEND:20260101",
        "DTEND:00010101T000000Z",
        "DTSTART:99991231T235959Z",
        "DURATION:P1W",
        "DURATION:-PT5H",
        "RRULE:FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=WEEKLY;UNTIL=20200101",
        "RDATE:20260301T100000Z",
        "EXDATE:x",
        "RECURRENCE-ID:20260105",
        "STATUS:CONFIRMED",
        "BEGIN:VALARM",
        "END:VALARM",
        "nonsense",
        "X-A;B=:\x07",
    )
)


@settings(max_examples=60)
@given(st.lists(_LINES, max_size=8), st.lists(_LINES, max_size=8))
def test_any_calendar_is_read_or_refused(one, other):
    """Whatever lines a file strings together: there are events that end after they began, or a mistake is named."""
    try:
        found = read("\r\n".join(one), "\r\n".join(other))
    except UsageError:
        return
    assert all(event.title and event.first <= event.last for event in found)


@pytest.mark.parametrize(
    "data",
    [
        ics(*(f"UID:{n}\r\nDTSTART:20200101T100000Z\r\nSUMMARY:Stand-up\r\nRRULE:FREQ=DAILY" for n in range(9))),
        ics("UID:a\r\nDTSTART:20200101T100000Z\r\nSUMMARY:A") + b"BEGIN:VEVENT\r\n" * 60,
    ],
)
def test_a_calendar_of_far_too_many_events_is_refused(monkeypatch, data):
    """Before they fill the memory; a shorter time of the same calendar can be looked at."""
    monkeypatch.setattr(calendar, "MOST_EVENTS", 50)
    with pytest.raises(UsageError, match="more than 50 events") as refused:
        calendar.events(data, "work.ics", LONDON, None, END)
    assert "--from" in refused.value.mend
