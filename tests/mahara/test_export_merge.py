"""Which export shows a thing, and what is proved: the rules by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from archive.entry import format_time
from connectors.mahara.leap2a_merge import Memory, merge

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> str:
    return format_time(DAY + timedelta(days=number))


@dataclass
class Sight:
    """An export of some day, with the day on which each thing in it was changed."""

    made: int | None
    things: dict[str, int]
    full: bool = True
    proves: bool = True
    named: set[str] = field(default_factory=set)

    @property
    def exported(self) -> datetime | None:
        return None if self.made is None else DAY + timedelta(days=self.made)

    @property
    def shows(self) -> set[str]:
        return set(self.things)

    @property
    def names(self) -> set[str]:
        return set(self.things) | self.named

    @property
    def updated(self) -> dict[str, str]:
        return {key: day(changed) for key, changed in self.things.items()}


@dataclass
class Held:
    stamps: dict[str, int] = field(default_factory=dict)
    retry: frozenset[str] = frozenset()

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.stamps)

    def stamp(self, key: str) -> str:
        return day(self.stamps[key]) if key in self.stamps else ""


def some(made: int | None, **things: int) -> Sight:
    return Sight(made, things, full=False, proves=False)


def whole(made: int | None, **things: int) -> Sight:
    return Sight(made, things)


def test_the_newest_whole_export_shows_everything() -> None:
    """Even what an older one shows too, in whatever order they lie there."""
    merged = merge([whole(5, a=1, b=4), whole(3, a=1, b=2)], Held(), Memory())

    assert merged.chosen == {"a": 0, "b": 0}
    assert merged.listed == {"a", "b"}


def test_a_selective_one_counts_only_for_what_changed_since() -> None:
    """Not for what is as it was, though it was made later."""
    merged = merge([whole(3, a=1, b=1), some(5, a=1, b=4, c=4)], Held(), Memory())

    assert merged.chosen == {"a": 0, "b": 1, "c": 1}
    assert merged.listed == merged.expected == {"a", "b", "c"}


def test_what_is_named_but_not_shown_is_not_gone() -> None:
    """A file that the server lost is still in its folder."""
    merged = merge([Sight(5, {"a": 1}, named={"b"})], Held({"a": 1, "b": 1}), Memory())

    assert merged.listed == {"a", "b"}
    assert merged.expected == {"a"}
    assert merged.memory.gone == frozenset()


def test_a_whole_export_proves_nothing_of_what_came_after_it() -> None:
    """A thing changed since is held, and stays."""
    merged = merge([whole(3, a=1)], Held({"a": 1, "new": 4}), Memory(DAY + timedelta(days=3)))

    assert merged.listed == {"a", "new"}


def test_what_is_gone_does_not_come_back_from_an_older_export() -> None:
    """Once it was proved gone; but a later sight of any kind is a proof that it exists."""
    gone = Memory(DAY + timedelta(days=5), frozenset({"b"}))

    assert merge([whole(5, a=1), whole(3, a=1, b=1)], Held({"a": 1}), gone).chosen == {"a": 0}
    assert merge([some(7, b=1)], Held({"a": 1}), gone).chosen == {"b": 0}
    assert merge([whole(7, a=1, b=1)], Held({"a": 1}), gone).memory.gone == frozenset()


def test_an_older_export_alone_adds_what_nobody_saw_as_gone() -> None:
    """And says nothing of the rest."""
    merged = merge([whole(3, a=2, b=1)], Held({"a": 2}), Memory(DAY + timedelta(days=5)))

    assert merged.chosen == {"b": 0}
    assert merged.listed == {"a"}
    assert merged.memory.gone == {"b"}
    assert merged.memory.proved == DAY + timedelta(days=5)


def test_an_export_that_proves_nothing_lists_nothing() -> None:
    """A broken one, one without a date, or one that may lack what others said."""
    for export in (Sight(5, {"a": 1}, proves=False), whole(None, a=1), some(5, a=1)):
        merged = merge([export], Held({"a": 1, "b": 1}), Memory())
        assert merged.listed is None
        assert merged.memory == Memory()


def test_what_failed_is_read_again() -> None:
    """Whatever its date."""
    merged = merge([whole(3, a=1, b=1)], Held({"a": 1, "b": 1}, frozenset({"a"})), Memory(DAY + timedelta(days=5)))

    assert merged.chosen == {"a": 0}


def test_an_older_sight_never_undoes_a_newer_one() -> None:
    """The selective export that showed it is not there any more."""
    merged = merge([whole(3, a=1)], Held({"a": 4}), Memory(DAY + timedelta(days=3)))

    assert merged.chosen == {}


def test_among_selective_ones_the_newest_sight_counts() -> None:
    """By when the thing was changed, then by when the export was made; with no whole one held they may say it again."""
    merged = merge([some(5, a=2, b=1), some(7, a=2, b=1), some(6, b=3)], Held({"a": 2}), Memory())

    assert merged.chosen == {"a": 1, "b": 2}


@pytest.mark.parametrize("value", [None, [], {"proved": 3, "gone": "x"}, {"proved": "yesterday", "gone": [1]}])
def test_a_strange_memory_is_none(value: object) -> None:
    """Of another version, or harmed."""
    assert Memory.read(value) == Memory()


def test_memory_is_what_was_written() -> None:
    """There and back."""
    memory = Memory(DAY, frozenset({"a", "b"}))

    assert Memory.read(memory.written()) == memory


def test_a_harvest_that_was_cut_off_still_knows_what_is_gone() -> None:
    """Half of what an older export adds has arrived, and is not taken as still there."""
    proved = Memory(DAY + timedelta(days=5))
    older = [whole(3, a=2, b=1, c=1)]
    begun = merge(older, Held({"a": 2}), proved).meanwhile

    again = merge(older, Held({"a": 2, "b": 1}), Memory.read(begun.written()))

    assert again.chosen == {"c": 0}
    assert again.listed == {"a"}
    assert again.memory == Memory(DAY + timedelta(days=5), frozenset({"b", "c"}))


def test_what_failed_is_not_tried_again_with_an_older_sight() -> None:
    """The newer export is away by now: what it said stays, with or without its file."""
    merged = merge([whole(3, a=1)], Held({"a": 4}, retry=frozenset({"a"})), Memory(proved=DAY + timedelta(days=5)))

    assert merged.chosen == {}
