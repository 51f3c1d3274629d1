"""One slot a day, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config import When
from bridge.rhythm import rhythm_of
from tests.bridge.schedules import LONDON


def at(text: str) -> datetime:
    """A moment of the owner's clock, which is London's."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("when", "now", "latest", "following"),
    [
        ({"daily": "03:30"}, "2026-11-22 03:29", "2026-11-21", "2026-11-22 03:30"),
        ({"daily": "03:30"}, "2026-11-22 03:30", "2026-11-22", "2026-11-23 03:30"),
        ({"weekly": "mon 03:30"}, "2026-11-22 12:00", "2026-11-16", "2026-11-23 03:30"),
        ({"weekly": "sun 03:30"}, "2026-11-22 12:00", "2026-11-22", "2026-11-29 03:30"),
        ({"monthly": "1 04:00"}, "2026-11-22 12:00", "2026-11-01", "2026-12-01 04:00"),
        ({"monthly": "last 04:00"}, "2026-03-01 12:00", "2026-02-28", "2026-03-31 04:00"),
        ({"monthly": "28 04:00"}, "2027-02-28 05:00", "2027-02-28", "2027-03-28 04:00"),
    ],
)
def test_slots(when, now, latest, following):
    """The newest slot is the one whose time has come; the next one lies ahead."""
    rhythm = rhythm_of(When(**when), LONDON)

    assert rhythm.latest(at(now)) == date.fromisoformat(latest)
    assert rhythm.next(at(now)) == at(following)


@given(
    st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/London", "Pacific/Apia", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.sampled_from([{"daily": "00:30"}, {"daily": "02:30"}, {"weekly": "sun 01:30"}, {"monthly": "last 23:59"}]),
)
def test_now_is_always_between_two_slots(now, zone, when):
    """In whatever zone and year, days left out and hours repeated included."""
    rhythm = rhythm_of(When(**when), ZoneInfo(zone))

    assert rhythm.instant(rhythm.latest(now)) <= now < rhythm.next(now)
    assert not rhythm.is_due(now, rhythm.latest(now))
    assert rhythm.is_due(rhythm.next(now), rhythm.latest(now)) or zone == "Pacific/Apia"  # which left out a day


def test_the_october_night_is_one_slot():
    """01:30 comes twice in London on 25 October 2026; the job is due once."""
    rhythm = rhythm_of(When(daily="01:30"), LONDON)
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    assert rhythm.is_due(first, date(2026, 10, 24))
    assert not rhythm.is_due(second, rhythm.latest(first))
    assert rhythm.next(first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_the_march_night_is_one_slot():
    """01:30 does not come in London on 29 March 2026; the job is due once, right after the gap."""
    rhythm = rhythm_of(When(daily="01:30"), LONDON)
    before, gap = datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

    assert not rhythm.is_due(before, date(2026, 3, 28))
    assert rhythm.is_due(gap, date(2026, 3, 28))
    assert rhythm.next(gap) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_a_clock_that_was_wrong_does_not_stop_the_schedule():
    """A slot noted in the year 2030 does not mean that nothing is due until then."""
    rhythm = rhythm_of(When(daily="03:30"), LONDON)

    assert rhythm.is_due(at("2026-11-22 12:00"), date(2030, 1, 1))


def test_a_later_time_on_the_same_day_is_no_second_slot():
    """Moving 03:30 to 23:00 after the run of the day does not run it again."""
    rhythm = rhythm_of(When(daily="23:00"), LONDON)

    assert not rhythm.is_due(at("2026-11-22 12:00"), date(2026, 11, 22))
    assert not rhythm.is_due(at("2026-11-22 23:30"), date(2026, 11, 22))
