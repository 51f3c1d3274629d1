"""What a harvest shows while it is at work, where no terminal could keep a line alive."""

from __future__ import annotations

import pytest

from bridge.cli import harvest
from bridge.cli.harvest import Watcher


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(harvest, "_is_live", lambda: False)
    monkeypatch.setattr(harvest, "say", lines.append)
    return lines


def later(watcher: Watcher) -> Watcher:
    """Let a minute pass."""
    watcher.begun -= 60
    watcher.told -= 60
    return watcher


def test_what_is_waited_for_is_said_once(said: list[str]) -> None:
    """A queue is looked at for ten minutes; a log says it when it begins, and what comes after it."""
    watcher = Watcher("mahara")
    for _ in range(3):
        later(watcher).waiting("Mahara has put the export into its queue", None)
    for percent in (10, 10, 60):
        later(watcher).waiting("Taking the export", percent)

    assert said == [
        "mahara: Mahara has put the export into its queue ...",
        "mahara: Taking the export: 10 % ...",
        "mahara: Taking the export: 60 % ...",
    ]
