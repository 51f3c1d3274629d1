"""An owner with the sample in her archive, harvested once for all tests that begin with a copy of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.portfolio.owner import Owner, of_the_sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return of_the_sample(tmp_path_factory.mktemp("sample") / "rowan").folder


@pytest.fixture
def rowan(sample: Path, tmp_path: Path) -> Owner:
    return Owner(shutil.copytree(sample, tmp_path / "rowan"))
