"""Clocks: what is due, how it is said, and which reminder is told on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from bridge.portfolio.submission import clocks, ics
from bridge.portfolio.submission.clocks import Clock

DUE = date(2027, 5, 15)
REVIEW = Clock("review", "review", "Portfolio review", DUE, (365, 180, 90, 30, 7), overdue=True)


def told(on: date, before: tuple[str, ...] = (), clock: Clock = REVIEW) -> str:
    found = clocks.reminder(clock, on, before)
    return found.mark if found else ""


@pytest.mark.parametrize(
    ("today", "standing"),
    [
        (date(2024, 5, 15), "in 3 years"),
        (date(2026, 4, 15), "in 1 year 1 month"),
        (date(2027, 4, 30), "in 15 days"),
        (date(2027, 5, 14), "in 1 day"),
        (DUE, "today"),
        (date(2027, 5, 16), "overdue by 1 day"),
        (date(2030, 7, 20), "overdue by 3 years 2 months"),
    ],
)
def test_a_clock_says_how_it_stands(today, standing):
    assert clocks.standing(REVIEW, today) == standing


def test_a_leap_day_is_due_on_the_last_of_february():
    assert clocks.after(date(2024, 2, 29), years=3) == date(2027, 2, 28)


@pytest.mark.parametrize("days", [365, 180, 90, 30, 7])
def test_reminders_come_on_their_day_and_not_before(days):
    """The first a year ahead: time enough for a review."""
    earlier = tuple(str(d) for d in (365, 180, 90, 30, 7) if d > days)

    assert told(DUE - timedelta(days), earlier) == str(days)
    assert told(DUE - timedelta(days + 1), earlier) == ""
    assert told(DUE - timedelta(days), (*earlier, str(days))) == ""


def test_of_several_missed_ones_the_newest_is_told():
    """A computer that was off for half a year says one thing, not three."""
    first = told(DUE - timedelta(25), ("365",))

    assert first == "30"
    assert told(DUE - timedelta(24), ("365", first)) == ""


def test_what_is_overdue_is_told_each_month():
    assert told(DUE + timedelta(1)) == "overdue-0"
    assert told(DUE + timedelta(20), ("overdue-0",)) == ""
    assert told(clocks.after(DUE, months=1), ("overdue-0",)) == "overdue-1"
    assert "overdue by 3 years 2 months" in clocks.words(
        clocks.Reminder(REVIEW, "overdue-38"), clocks.after(DUE, years=3, months=2)
    )


def test_an_unknown_date_is_never_told():
    unknown = Clock("review", "review", "Portfolio review", None, (365, 7), overdue=True)

    assert clocks.standing(unknown, DUE) == "unknown"
    assert all(told(DUE + timedelta(n), clock=unknown) == "" for n in range(-400, 400, 50))


def test_a_milestone_is_told_on_its_day_and_not_long_after():
    """One that passed while the computer was off is still said, for a month."""
    milestone = Clock("m", "milestone", "Finish 2b", DUE, (0,))

    assert told(DUE - timedelta(1), clock=milestone) == ""
    assert told(DUE, clock=milestone) == "0"
    assert told(DUE + timedelta(3), clock=milestone) == "0"
    assert told(DUE + timedelta(3), ("0",), milestone) == ""
    assert told(DUE + timedelta(60), clock=milestone) == ""


@given(st.lists(st.integers(-800, 800), min_size=1, max_size=60))
def test_no_reminder_is_told_twice(days):
    """On whichever days a computer runs, each reminder comes at most once, and nothing comes a year too early."""
    before: list[str] = []
    for offset in sorted(days):
        mark = told(DUE + timedelta(offset), tuple(before))
        assert mark not in before
        assert not (mark and offset < -365)
        before += [mark] if mark else []


def test_the_calendar_file_holds_each_day_with_its_alarms():
    """Another reader finds the days and the alarms; the same day gives the same bytes, and no two events one UID."""
    found = [REVIEW, Clock("m", "milestone", "Finish 2b, " + "and more " * 20, date(2026, 12, 24), (0,))]
    unknown = Clock("x", "membership", "Membership", None, (7,))

    written = ics.of_clocks([*found, unknown], "a-uuid", date(2026, 11, 22))

    events = Calendar.from_ical(written).walk("VEVENT")
    assert [(e["summary"], e["dtstart"].dt) for e in events] == [(c.what, c.due) for c in found]
    assert [a["trigger"].dt for a in events[0].walk("VALARM")] == [timedelta(-n) for n in (365, 180, 90, 30, 7)]
    assert len({e["uid"] for e in events}) == 2
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert written == ics.of_clocks([*found, unknown], "a-uuid", date(2026, 11, 22))
