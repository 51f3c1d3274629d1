"""``keepfolio browse`` as a person and a script call it."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from bridge.cli import COMMANDS, main
from tests.browse.conftest import GREETING, Place


@pytest.fixture
def run(place: Place, capsys, monkeypatch):
    monkeypatch.setitem(COMMANDS, "browse", ("bridge.cli.browse:browse", "Make pages for reading everything."))

    def command(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--workspace", str(place.folder), *words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


def test_a_script_gets_path_and_counts(run, place: Place) -> None:
    """The promised JSON: what is there, and what this run did."""
    place.keep(GREETING)
    first, again = (json.loads(run("browse", "--json")[1]) for _ in range(2))

    assert first["ok"]
    assert Path(first["path"]) == place.root / "index.html"
    assert first["entries"] == 1
    assert first["pages"] == len(list(place.root.rglob("*.html")))
    assert first["written"] > first["pages"]
    assert {**again, "written": first["written"]} == first
    assert again["written"] == 0


def test_a_person_is_told_where_to_look(run, place: Place) -> None:
    """One line of counts, one with the place."""
    place.keep(GREETING)
    code, out, _ = run("browse")

    assert code == 0
    assert "1 entry on" in out
    assert f"Look at them: {place.root / 'index.html'}" in out


def test_open_shows_the_first_page(run, place: Place, monkeypatch, tmp_path: Path) -> None:
    """--open hands the page to the browser; --out is where it lies then."""
    shown: list[str] = []
    monkeypatch.setattr(click, "launch", shown.append)
    place.keep(GREETING)
    run("browse", "--open", "--out", str(tmp_path / "out"))

    assert shown == [str(tmp_path / "out" / "index.html")]
    assert Path(shown[0]).is_file()


def test_nothing_held_yet(run) -> None:
    """Without an archive it is said what to do, and nothing is made."""
    code, out, _ = run("browse", "--json")

    assert code == 1
    assert json.loads(out)["error"]["code"] == "no-archive"
