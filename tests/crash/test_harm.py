"""No silent damage anywhere in a part goes unnoticed, wherever in the file it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.harm import CLASSES, HARMS, harmed


@pytest.mark.parametrize("harm", HARMS)
def test_damage_anywhere_is_found_and_named(tmp_path: Path, harm: str):
    assert [missed for missed in harmed(tmp_path, harm, len(CLASSES) * 4) if missed] == []
