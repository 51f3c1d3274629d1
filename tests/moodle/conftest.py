"""A Moodle on this machine, and an owner who harvests it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.moodle import api
from tests.moodle.fake import FakeMoodle
from tests.moodle.place import Place


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PAUSES", (0.001, 0.001))


@pytest.fixture
def fake() -> Iterator[FakeMoodle]:
    site = FakeMoodle()
    yield site
    site.close()


@pytest.fixture
def place(fake: FakeMoodle, tmp_path: Path) -> Place:
    return Place(fake, tmp_path)
