"""A workspace with a CPD record, and its commands as a person runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from bridge.cli import main
from tests.publish.folder import Folder

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CONFIG = """\
owner: Jane Example
timezone: Europe/London
roles:
  - {title: Technologist, place: Northshire, from: 2023-11-01, to: 2026-05-31}
  - {title: Senior technologist, place: Southport, from: 2026-06-01, to: null}
portfolio: {framework: cmalt, pathway: cmalt}
"""


@pytest.fixture(autouse=True)
def one_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    root = tmp_path / "jane"
    root.mkdir()
    (root / "config.yaml").write_text(CONFIG)
    return Folder(root)


@pytest.fixture
def run(folder: Folder, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run ``keepfolio cpd ...``; return exit code, output and messages."""

    def command(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--workspace", str(folder.root), "cpd", *words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


@pytest.fixture
def ask(run) -> Callable[..., Any]:
    """Run ``keepfolio cpd ... --json`` and return what it answers."""

    def command(*words: str) -> Any:
        code, out, err = run(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    return command


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Sit at the terminal: give these answers, one after the other; return the questions that were asked."""

    def given(*said: str) -> list[str]:
        left, asked = list(said), list[str]()

        def answer(question: str, **_: object) -> str:
            asked.append(question)
            return left.pop(0)

        monkeypatch.setattr("bridge.cli.cpd_import.interactive", lambda: True)
        monkeypatch.setattr("click.prompt", answer)
        monkeypatch.setattr("click.confirm", lambda question, **_: answer(question) == "y")
        return asked

    return given
