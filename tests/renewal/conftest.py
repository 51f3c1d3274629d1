"""A filled sample, made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.renewal.workspace import Owner, harvested


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portfolio of 2024 with its archive."""
    folder = tmp_path_factory.mktemp("renewal")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("KEEPFOLIO_STATE", str(folder / "state"))
        patched.setenv("HOME", str(folder))
        harvested(folder / "rowan")
    return folder / "rowan"


@pytest.fixture
def owner(sample: Path, tmp_path: Path) -> Owner:
    """Its owner, before a renewal."""
    shutil.copytree(sample, tmp_path / "rowan")
    return Owner(tmp_path / "rowan")


@pytest.fixture
def renewing(owner: Owner) -> Owner:
    """Its owner, with a review begun."""
    owner.run("renew")
    return owner


@pytest.fixture
def held(owner: Owner) -> Callable[[str, str], str]:
    """From kind and title to the id of an entry of the sample."""
    return owner.entry
