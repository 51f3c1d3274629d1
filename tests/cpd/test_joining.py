"""The same event from several places, made one: nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.entry import Visibility
from bridge.portfolio.cpd import choosing, file, joining
from bridge.portfolio.cpd.record import With
from tests.cpd.samples import activity, records


def test_three_sources_are_one_event():
    """Calendar, post and a line by hand: gaps are filled, lists put together, each source is remembered."""
    record = (
        activity("c0001", title="ALT webinar", seen=("ical:w@x",), hours=Decimal("1.5")),
        activity("c0002", title="Something else"),
        activity("c0003", title="My notes", evidence=("urn:uuid:1",), seen=("urn:uuid:1",), themes=("Captions",)),
        activity("c0004", title="ALT webinar", people=(With("Sam"),), type="webinar", reflection="Good."),
    )

    whole, other = joining.join(record, "c0001", ["c0003", "c0004"])

    assert other == record[1]
    assert (whole.id, whole.title, whole.hours, whole.type) == ("c0001", "ALT webinar", Decimal("1.5"), "webinar")
    assert (whole.evidence, whole.themes, whole.people) == (("urn:uuid:1",), ("Captions",), (With("Sam"),))
    assert whole.seen == ("ical:w@x", "c0003", "urn:uuid:1", "c0004")
    assert whole.reflection == "Good."
    assert "c0003 (title: My notes)" in whole.note


@settings(max_examples=40)
@given(record=records.filter(lambda found: len(found) > 1), data=st.data())
def test_nothing_is_lost(tmp_path_factory, record, data):
    """Every word, day, number and source of what was joined stands in the one that stays; the file reads as before."""
    path = tmp_path_factory.mktemp("cpd") / "cpd.csv"
    file.write(path, record)
    before = file.read(path)
    ids = data.draw(st.permutations([one.id for one in before]))
    first, others = ids[0], ids[1 : data.draw(st.integers(2, len(ids)))]

    file.write(path, joining.join(before, first, others))
    after = choosing.by_id(file.read(path))

    assert len(file.read(path)) == len(before) - len(others)
    for one in before:
        whole = after[one.id]
        held = "\n".join(map(str, (whole.title, whole.on, whole.until, whole.hours, whole.provider, whole.type)))
        held += f"\n{whole.note}\n{whole.reflection}\n{whole.reflected}\n{whole.viewed}"
        single = (one.title, one.on, one.until, one.hours, one.provider, one.type, one.reflected, one.viewed)
        assert all(str(value) in held for value in (*single, one.note, one.reflection) if value)
        for name in ("themes", "criteria", "principles", "people", "evidence", "seen"):
            assert set(getattr(one, name)) <= set(getattr(whole, name))
        assert whole.visibility.openness <= one.visibility.openness


def test_what_is_closed_stays_closed():
    """A private note that is joined to a public line makes it private, and the note says what it was."""
    record = (activity("c0001", visibility=Visibility.PUBLIC), activity("c0002", note="For me."))

    (whole,) = joining.join(record, "c0001", ["c0002"])

    assert whole.visibility is Visibility.PRIVATE
    assert "visibility: public" in whole.note


def test_a_joined_entry_is_still_found_by_its_old_id():
    """What cites the id of an entry that was joined to another, such as a theme, finds the other."""
    joined = joining.join((activity("c0001"), activity("c0002")), "c0001", ["c0002"])

    assert choosing.by_id(joined)["c0002"].id == "c0001"


def test_the_last_day_of_another_event_makes_no_longer_one():
    """Of an event on another day, its last day is only told: the one that stays keeps its own days."""
    record = (activity("c0001", on="2026-03-10"), activity("c0002", on="2026-03-01", until=date(2026, 3, 5)))

    (whole,) = joining.join(record, "c0001", ["c0002"])

    assert (whole.on, whole.until) == (date(2026, 3, 10), None)
    assert "date: 2026-03-01; until: 2026-03-05" in whole.note


def test_what_may_be_one_event_is_pointed_out():
    """Entries of one day with most words in common are offered; others are not."""
    one, other = (
        activity("c0001", title="ALT webinar: captions"),
        activity("c0002", title="Webinar: captions that help"),
    )
    record = [one, replace(other, on=date(2026, 4, 1)), other, activity("c0003", title="Lunch with everybody")]

    assert list(joining.alike(record)) == [(one, other)]
