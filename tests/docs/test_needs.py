"""The table of needs names tests and commands that exist, and leaves no number out."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from bridge.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "needs.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines() if re.match(r"\| \d", line)
]
STATES = {"met", "partly", "not yet"}


@cache
def names_in(name: str) -> frozenset[str]:
    """Return the names of the tests in a file."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    return frozenset(one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))


def test_every_need_has_one_line() -> None:
    """All 153, in their order, each with a state."""
    assert [int(row[0]) for row in ROWS] == list(range(1, 154))
    assert all(len(row) == 5 for row in ROWS)
    assert {row[4] for row in ROWS} <= STATES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_shows_a_need_exists(row: list[str]) -> None:
    """A need that is met, or partly, names a test that is there; one that is not met names none."""
    named = re.findall(r"`(tests/[^`]+)`", row[3])

    assert bool(named) == (row[4] != "not yet")
    for one in named:
        name, _, test = one.partition("::")
        assert (ROOT / name).is_file(), one
        assert not test or test in names_in(name), one


def test_every_command_in_the_table_exists() -> None:
    """What is said to meet a need can be typed (its options are checked with those of the whole manual)."""
    named = set(re.findall(r"`keepfolio ([a-z]+)", TABLE))

    assert len(named) > 12
    assert named <= set(COMMANDS)
