"""What stands in one cell of the CPD record: dates, hours, lists and people, as people and spreadsheets write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from bridge.portfolio.cpd.record import With

MONTH_FIRST = frozenset({"en-us", "en-ph"})
"""Languages in which 01/03/2026 is the third of January."""

UNCLEAR = frozenset({"en", "en-ca"})
"""Languages in which it is the one or the other."""

MOST_HOURS = Decimal(10_000)

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00)?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.] ?(\d{1,2})[-/.] ?(\d{4}|\d{2})")
_WRITTEN = re.compile(r"(\d{1,2})\.? ([A-Za-z]{3,9})\.?,? (\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::[0-5]\d)?")
_AMOUNT = re.compile(r"(\d{1,5}(?:[.,]\d{1,4})?)")
_UNITS = re.compile(
    r"(?:(?P<hours>\d{1,5}(?:[.,]\d{1,4})?) ?(?:h|hrs?|hours?|std|heures?)\.?)?"
    r" ?(?:(?P<minutes>\d{1,5}) ?(?:m|mins?|minutes?)?\.?)?",
    re.IGNORECASE,
)

_FORMULA = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet would work out, the quote included that keeps it from doing so."""

_PERSON = re.compile(r"(?P<name>.*?)\s*\((?P<role>[^()]*)\)")


def day(text: str, language: str = "en-GB") -> date:
    """
    Return the day that was written: ``2026-03-01``, ``01/03/2026``, ``1.3.2026``, ``1 March 2026``.

    Raises:
        ValueError: It is none, or could be two; the message says what to write.
    """
    said = " ".join(text.split())
    try:
        if found := _YEAR_FIRST.fullmatch(said):
            return date(*map(int, found.groups()))
        if found := _WRITTEN.fullmatch(said):
            return date(int(found[3]), _MONTHS.index(found[2][:3].lower()) + 1, int(found[1]))
        if found := _YEAR_LAST.fullmatch(said):
            return _by_language(int(found[1]), int(found[2]), int(found[3]), language)
    except ValueError as error:
        if "both" in str(error):
            raise
    raise ValueError(f"“{text}” is no day of the calendar; write it as 2026-03-01")


def _by_language(one: int, other: int, year: int, language: str) -> date:
    tongue = language.lower()
    year += 2000 if year < 100 else 0
    if tongue in UNCLEAR and one <= 12 and other <= 12 and one != other:
        raise ValueError(f"{one}/{other}/{year} can be both, day or month first; write it as {year}-MM-DD")
    month_first = tongue in MONTH_FIRST or (tongue in UNCLEAR and other > 12)
    return date(year, one, other) if month_first else date(year, other, one)


def hours(text: str) -> Decimal:
    """
    Return how many hours were written, to the hundredth: ``1.5``, ``1,5``, ``1:30``, ``90 min``, ``1 h 30``.

    Raises:
        ValueError: It is no number of hours; the message says what to write.
    """
    said = " ".join(text.split())
    found: Decimal | None = None
    if clock := _CLOCK.fullmatch(said):
        found = Decimal(clock[1]) + Decimal(clock[2]) / 60
    elif _AMOUNT.fullmatch(said):
        found = _number(said)
    elif said and (units := _UNITS.fullmatch(said)):
        found = _number(units["hours"] or "0") + Decimal(units["minutes"] or 0) / 60
    if found is None or found > MOST_HOURS:
        raise ValueError(f"“{text}” is no number of hours; write 1.5, 1:30 or 90 min")
    return plain(found)


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def plain(number: Decimal) -> Decimal:
    """Return a number of hours to the hundredth, without zeros at its end."""
    rounded = number.quantize(Decimal("0.01")).normalize()
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded


def listed(text: str) -> tuple[str, ...]:
    """Return the elements of a cell that holds several, each once."""
    return tuple(dict.fromkeys(one for part in text.split(";") if (one := " ".join(part.split()))))


def joined(elements: Iterable[str]) -> str:
    """Return elements as one cell; what parts them cannot stand in one."""
    return "; ".join(element(one) for one in elements)


def element(text: str) -> str:
    """Return a text as it can stand in a list: on one line, an address with its semicolons encoded."""
    one = " ".join(clean(text).split())
    return one.replace(";", "%3B" if "://" in one else ",")


def person(text: str) -> With:
    """Return who took part: ``Sam Taylor (co-presenter)``."""
    said = " ".join(text.split())
    found = _PERSON.fullmatch(said)
    return With(found["name"], found["role"].strip()) if found and found["name"] else With(said)


def named(somebody: With) -> str:
    """Return somebody as a cell has them; ``person`` reads it."""
    role = re.sub(r"[()]", "", somebody.role)
    return f"{somebody.name} ({role})" if role else somebody.name


def guarded(text: str) -> str:
    """Return a text so that no spreadsheet takes it for a formula; ``unguarded`` gives it back."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that ``guarded`` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def clean(text: str) -> str:
    """Return a text without what no cell can hold: control characters and halves of characters."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    return "".join(c for c in whole if c in "\n\t" or c.isprintable() or ord(c) > 159).strip()
