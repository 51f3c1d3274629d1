"""The time that a review covers, and what a person calls the generations by it."""

from __future__ import annotations

from datetime import date

from bridge.portfolio.generation import Generation
from bridge.portfolio.submission.clocks import after

_YEARS = 3
"""Where a framework does not say how long its cycle is."""


def ended(earlier: Generation) -> date | None:
    """Return the day from which a review of this generation counts; None where nothing says it."""
    stages = [stage.on for stage in earlier.stages]
    return earlier.decided or earlier.submitted or max(stages, default=None) or earlier.started


def of(since: date, until: date | None, today: date, years: int | None) -> tuple[date, date]:
    """
    Return the first and last day of a review.

    Without ``until`` it reaches to today, or to the end of a cycle that still runs: what is done later belongs to it.
    """
    return since, until or max(today, after(since, years=years or _YEARS))


def year(generation: Generation) -> int:
    """Return the year that a generation is called by, or 0."""
    day = ended(generation)
    return day.year if day else 0
