"""A filled sample, made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.renewal.workspace import Owner, harvested, record

THEMES = ("Design methodology", "Collaboration", "Microcredentials")
CAPTURE = "Three ways to record a lecture, and how we chose"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portfolio of 2024 with its archive."""
    folder = tmp_path_factory.mktemp("renewal")
    with _at_home(folder):
        harvested(folder / "rowan")
    return folder / "rowan"


@pytest.fixture(scope="session")
def sample_renewing(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a review begun."""
    folder = tmp_path_factory.mktemp("renewing")
    with _at_home(folder):
        _copy(sample, folder).run("renew")
    return folder / "rowan"


@pytest.fixture(scope="session")
def sample_deep(sample_renewing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with three themes, all written."""
    folder = tmp_path_factory.mktemp("deep")
    with _at_home(folder):
        owner = _copy(sample_renewing, folder)
        record(owner, capture=owner.entry("post", CAPTURE), media=owner.entry("post", "After the meeting"))
        owner.write("review-1/cpd-depth", "")
        for title in THEMES:
            owner.theme(title)
    return folder / "rowan"


@pytest.fixture
def owner(sample: Path, tmp_path: Path) -> Owner:
    """The sample's owner, before a renewal."""
    return _copy(sample, tmp_path)


@pytest.fixture
def renewing(sample_renewing: Path, tmp_path: Path) -> Owner:
    """Its owner, with a review begun."""
    return _copy(sample_renewing, tmp_path)


@pytest.fixture
def deep(sample_deep: Path, tmp_path: Path) -> Owner:
    """Its owner, with three themes of it written."""
    return _copy(sample_deep, tmp_path)


def _copy(sample: Path, folder: Path) -> Owner:
    shutil.copytree(sample, folder / "rowan")
    return Owner(folder / "rowan")


@contextmanager
def _at_home(folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("KEEPFOLIO_STATE", str(folder / "state"))
        patched.setenv("HOME", str(folder))
        yield
