"""kill -9 at random moments: what was acknowledged is there, and everything visible is valid."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.archive.readers import assert_valid_for_others
from tests.crash import kills

KILLS = 20


def test_a_killed_writer_loses_nothing(tmp_path: Path):
    assert [wrong for wrong in kills.of_the_writer(tmp_path, KILLS) if wrong] == []
    assert_valid_for_others(tmp_path / "archive")


@pytest.mark.damages
def test_a_writer_that_works_among_the_sealed_is_caught(tmp_path: Path):
    """The same loop over a writer without staging finds damage: the test can fail."""
    assert any(kills.of_a_broken_writer(tmp_path, KILLS * 2))
