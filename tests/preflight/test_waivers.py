"""What a section file lets go is said, and so is what is written there to no effect."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.entry import Visibility
from bridge.preflight import run, waivers
from tests.publish.folder import Folder

WORDS = "Call me on 07700 900123, or write to help@example.org."


@pytest.fixture
def jane(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "jane")


def noted(jane: Folder, waive: str) -> dict[str, str]:
    """Return the notes on waivers by code, for a section that lets these go."""
    jane.write("2b", WORDS, more=f"waive: [{waive}]\n")
    desk = jane.desk()
    found = {f.code: f.message for f in waivers.findings(desk, desk.portfolio(Visibility.PUBLIC))}
    desk.session.archive.close()
    return found


def test_what_is_let_go_leaves_a_trace(jane: Folder) -> None:
    """So many findings are let go, and where."""
    found = noted(jane, '"personal-data:07700 900123", "personal-data:help@example.org"')

    assert set(found) == {"waived"}
    assert found["waived"].startswith("2 findings are let go in")
    assert "2b.md" in found["waived"]


@pytest.mark.parametrize(
    ("waive", "meant"),
    [
        ("personal-data:07700900123", "did you mean personal-data:07700 900123?"),
        ("placeholders", "there is no such code; did you mean placeholder?"),
        ("licence-unknown:nonsense", "lets nothing go here."),
    ],
)
def test_a_line_that_lets_nothing_go_is_named(jane: Folder, waive: str, meant: str) -> None:
    """A lost blank, a misspelt code, a thing that is not there: each with what was probably meant."""
    assert meant in noted(jane, f'"{waive}"')["waiver-unused"]


def test_preflight_says_both(jane: Folder) -> None:
    """They are notes of the whole report; they stop nothing."""
    jane.write("2b", WORDS, more='waive: ["personal-data:help@example.org", placeholders]\n')
    desk = jane.desk()
    report = run(desk, Visibility.PUBLIC)
    desk.session.archive.close()

    assert {f.severity for f in report.findings if f.code in ("waived", "waiver-unused")} == {"note"}
    assert "07700 900123" in [f.item for f in report.findings if f.code == "personal-data"]


def test_a_placeholder_is_said_once(jane: Folder) -> None:
    """The gate names the mark; what says the same again is left out."""
    jane.write("2b", "I chose it. [TO DO: say why]")
    desk = jane.desk()
    report = run(desk, Visibility.PUBLIC)
    desk.session.archive.close()
    here = [f for f in report.findings if f.section == "2b" and f.code in ("placeholder", "unfinished")]

    assert [f.code for f in here] == ["placeholder"]
    assert "“[TO DO: say why]”" in here[0].message
