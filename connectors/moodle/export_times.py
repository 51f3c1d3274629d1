"""
Times in a data-request zip: sentences in the owner's language and zone, without saying which.

Read strictly: a day, a month by its name, a year, a time. What is not certain (another language, an hour that a change
of clocks repeats or leaves out) is no time; the entry keeps the words.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

_MONTHS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januari februari maart april mei juni juli augustus september oktober november december",
)
_NUMBER = {name: at for line in _MONTHS for at, name in enumerate(line.split(), 1)}
_MONTH, _CLOCK = r"(?P<month>[^\W\d_]+)\.?", r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:\s*(?P<half>[AaPp]\.?[Mm]\.?))?"
_WEEKDAY = r"(?:[^\W\d_]+(?:-feira)?\.?,?\s+)?"
_FORMS = tuple(
    re.compile(rf"{_WEEKDAY}{day}(?:,?\s+(?:[^\W\d_]+\s+)?{_CLOCK})?")
    for day in (
        rf"(?P<day>\d{{1,2}})\.?\s+(?:de\s+)?{_MONTH}\s+(?:de\s+)?(?P<year>\d{{4}})",
        rf"{_MONTH}\s+(?P<day>\d{{1,2}}),\s+(?P<year>\d{{4}})",
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
    )
)
_LONGEST = 100
_NONE = frozenset({"", "-", "none"})


class Clock:
    """Reads the times of one export; ``zone`` is the owner's, None where it is not known."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone

    def read(self, words: object) -> datetime | None:
        """Return the moment in UTC, or None where there is none, or none that is certain."""
        if is_none(words) or self._zone is None:
            return None
        local = _local(str(words).strip())
        if local is None or local.year <= 1970:  # Moodle's 0
            return None
        return _certain(local, self._zone)

    def day(self, words: object) -> str:
        """Return the day as ``2024-03-14``, for which no zone is needed, or ``""``."""
        local = None if is_none(words) else _local(str(words).strip())
        return local.date().isoformat() if local and local.year > 1970 else ""


def is_none(words: object) -> bool:
    """Tell whether these are Moodle's words for no time."""
    return words is None or str(words).strip().lower() in _NONE


def _local(words: str) -> datetime | None:
    for form in _FORMS if len(words) <= _LONGEST else ():
        if found := form.fullmatch(words):
            parts = found.groupdict()
            month = parts["month"].lower()
            hour = _hour(int(parts["hour"] or 0), (parts["half"] or "").lower())
            try:
                return datetime(  # noqa: DTZ001 - the zone is looked up next
                    int(parts["year"]), int(month) if month.isdigit() else _NUMBER[month], int(parts["day"]),
                    hour, int(parts["minute"] or 0),
                )  # fmt: skip
            except (KeyError, ValueError):
                return None
    return None


def _hour(hour: int, half: str) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return 24  # no hour of any day
    return hour % 12 + (12 if half.startswith("p") else 0)


def _certain(local: datetime, zone: tzinfo) -> datetime | None:
    """Return a local time in UTC; None in the hour that is there twice, or not at all, when clocks change."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    try:
        if first.utcoffset() != second.utcoffset():
            return None
        moment = first.astimezone(UTC)
    except OverflowError:  # the last evening of the year 9999
        return None
    return moment if abs(moment - local.replace(tzinfo=UTC)) < timedelta(days=1) else None
