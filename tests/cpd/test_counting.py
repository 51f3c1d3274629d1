"""Which entries, how many, and where the owner worked then."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bridge.config import Role
from bridge.portfolio.cpd import choosing, counting, related
from tests.cpd.samples import activity, records

POSTS = (
    Role.model_validate({"title": "Technologist", "place": "Northshire", "from": "2023-11-01", "to": "2026-02-28"}),
    Role.model_validate({"title": "Seconded", "place": "Southport", "from": "2026-02-01", "to": None}),
)


@given(record=records, ends=st.lists(st.dates(date(1900, 1, 1), date(2200, 1, 1)), min_size=2, max_size=2).map(sorted))
def test_a_window_holds_what_took_place_in_it(record, ends):
    """Every entry that has a day in the window is in, and no other."""
    first, last = ends

    inside = choosing.within(record, (first, last))

    for one in record:
        days = (one.on, one.until or one.on)
        assert (one in inside) == (days[0] <= last and days[1] >= first)


def test_the_edges_belong_to_the_window():
    """The first and the last day count; so does what began before and ended inside."""
    record = [
        activity("c1", "2026-01-01"),
        activity("c2", "2026-12-31"),
        activity("c3", "2025-12-30", until=date(2026, 1, 1)),
        activity("c4", "2025-12-31"),
        activity("c5", "2027-01-01"),
    ]

    inside = choosing.within(record, (date(2026, 1, 1), date(2026, 12, 31)))

    assert [one.id for one in inside] == ["c1", "c2", "c3"]
    assert choosing.within(record, choosing.EVERY_DAY) == tuple(record)


def test_what_has_no_reflection():
    """Only what took place waits for a reflection: neither what is planned nor what was dropped."""
    record = [
        activity("c1"),
        activity("c2", reflection="Yes."),
        activity("c3", status="planned"),
        activity("c4", status="dropped"),
    ]

    assert [one.id for one in choosing.unreflected(record)] == ["c1"]


def test_places_of_work_by_date():
    """An entry has the place of the post that was held on its day; where two were held, both."""
    assert counting.places(activity(on="2025-05-01"), POSTS) == ("Northshire",)
    assert counting.places(activity(on="2026-02-15"), POSTS) == ("Northshire", "Southport")
    assert counting.places(activity(on="2026-03-01"), POSTS) == ("Southport",)
    assert counting.places(activity(on="2020-01-01"), POSTS) == ()


def test_counts_by_group():
    """An entry of two themes counts in both; those of none come last; years come in their order."""
    record = [
        activity("c1", "2026-01-01", themes=("A", "B"), hours=Decimal(2)),
        activity("c2", "2025-01-01", themes=("B",), hours=Decimal("1.5")),
        activity("c3", "2025-01-01"),
        activity("c4", "2025-01-01"),
        activity("c5", "2025-01-01"),
    ]
    groups = counting.groups(POSTS)

    by_theme = {name: counting.total(inside) for name, inside in counting.counted(record, groups["theme"]).items()}
    by_year = {name: len(inside) for name, inside in counting.counted(record, groups["year"]).items()}

    assert list(by_theme.items()) == [
        ("B", counting.Count(2, Decimal("3.5"))),
        ("A", counting.Count(1, Decimal(2))),
        ("", counting.Count(3)),
    ]
    assert list(by_year.items()) == [("2025", 4), ("2026", 1)]


def test_connections_show_both_ways():
    """Entries that share what came of them, or name each other, are related, seen from either."""
    event = activity("c1", evidence=("https://a.example/paper",))
    reading = activity("c2", evidence=("c3",))
    talk = activity("c3", evidence=("https://a.example/paper",))
    record = [event, reading, talk, activity("c4")]

    assert [one.id for one in related.to(event, record)] == ["c3"]
    assert [one.id for one in related.to(reading, record)] == ["c3"]
    assert [one.id for one in related.to(talk, record)] == ["c1", "c2"]
