"""Times in a data request: local, in words, without a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.moodle.export_times import Clock

LONDON = Clock(ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("Sunday, 22 November 2026, 12:13 AM", (2026, 11, 22, 0, 13)),
        ("Friday, 3 April 2026, 2:15 AM", (2026, 4, 3, 1, 15)),
        ("Monday, 1 July 2024, 12:00 PM", (2024, 7, 1, 11, 0)),
        ("Saturday, 30 March 2024, 23:30", (2024, 3, 30, 23, 30)),
        ("Sunday, November 22, 2026, 12:13 PM", (2026, 11, 22, 12, 13)),
        ("Dydd Sul, 22 Tachwedd 2026, 9:05 AM", None),  # two words for the day: not a form that is known
        ("Sul, 22 Tachwedd 2026, 9:05 AM", (2026, 11, 22, 9, 5)),
        ("Sonntag, 22. November 2026, 00:13", (2026, 11, 22, 0, 13)),
        ("dimanche 22 novembre 2026, 00:13", (2026, 11, 22, 0, 13)),
        ("domingo, 22 de noviembre de 2026, 00:13", (2026, 11, 22, 0, 13)),
        ("2026-11-22 00:13", (2026, 11, 22, 0, 13)),
        ("14 March 2024", (2024, 3, 14, 0, 0)),
    ],
)
def test_what_is_certain_is_read(words: str, moment: tuple[int, int, int, int, int] | None) -> None:
    """In UTC, summer time taken off."""
    assert LONDON.read(words) == (datetime(*moment, tzinfo=UTC) if moment else None)


@pytest.mark.parametrize(
    "words",
    [
        *("Sunday, 26 October 2025, 1:30 AM", "Sunday, 30 March 2025, 1:30 AM"),  # there twice; not there at all
        *("Thursday, 1 January 1970, 1:00 AM", "-", "", None),  # no time
        *("03/04/2026, 10:00", "Sunday, 31 November 2026, 10:00", "Sunday, 22 November 2026, 13:00 PM"),
        *("日曜日, 22 11月 2026", "22 Smarch 2026, 10:00", "yesterday", "9" * 5000, ["22 November 2026"]),
    ],
)
def test_what_is_not_certain_is_no_time(words: object) -> None:
    """Never a guess."""
    assert LONDON.read(words) is None


def test_without_a_zone_there_are_days_and_no_moments() -> None:
    """A day is a day everywhere."""
    clock = Clock(None)
    assert clock.read("Sunday, 22 November 2026, 12:13 AM") is None
    assert clock.day("Sunday, 22 November 2026, 12:13 AM") == "2026-11-22"
    assert clock.day("Thursday, 1 January 1970, 1:00 AM") == ""


def test_an_evening_after_which_there_is_no_time_is_none():
    """Somebody's task that is never due must not end the reading of an export."""
    assert Clock(ZoneInfo("America/New_York")).read("31 December 9999, 11:59 PM") is None
