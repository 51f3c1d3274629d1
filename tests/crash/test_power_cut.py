"""
Whatever moment the power goes, and whatever the disk forgets: the archive is valid and holds all that was acknowledged.

``KEEPFOLIO_CRASH_STATES`` sets how many states are drawn (a few hundred by default); ``make prove`` draws many more.
"""

from __future__ import annotations

import os

import pytest

from tests.crash.power import LEFT_OUT, STORIES, explored

STATES = int(os.environ.get("KEEPFOLIO_CRASH_STATES", "300"))


@pytest.mark.parametrize("story", STORIES)
def test_no_power_cut_harms_the_archive(story):
    states = STATES if story == "harvest" else STATES // 2
    found = list(explored(story, states))
    assert len(found) == states
    assert [problem for problem in found if problem] == []


@pytest.mark.parametrize("left_out", LEFT_OUT)
def test_each_kind_of_sync_is_needed(left_out):
    """Leaving one kind out breaks something: the model bites."""
    story, _ = LEFT_OUT[left_out]
    assert any(explored(story, 400, left_out))
