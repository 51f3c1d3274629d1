"""A time of change that went back: the autumn hour, a site that was restored, a server with another zone."""

from __future__ import annotations

from datetime import timedelta

from connectors.mahara.leap2a_merge import Memory, merge
from tests.mahara.test_export_merge import DAY, Held, whole

BEFORE = Memory(proved=DAY + timedelta(days=4))


def test_the_newest_whole_export_is_right_all_the_same() -> None:
    """It was made after what is held was changed, so it shows what is there now."""
    assert merge([whole(5, a=2)], Held({"a": 3}), BEFORE).chosen == {"a": 0}


def test_but_not_of_what_was_changed_after_it_was_made() -> None:
    """A selective export showed that since."""
    assert merge([whole(5, a=2)], Held({"a": 6}), BEFORE).chosen == {}
