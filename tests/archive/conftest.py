"""Every archive that a test leaves is checked by two readers that are not ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive.store import Archive
from tests.archive.readers import assert_valid_for_others


class Shelf:
    """Where a test keeps its archives; ``damaged`` ones are not asked to be valid at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.damaged: set[Path] = set()
        self._open: list[Archive] = []

    def create(self, name: str = "archive") -> Archive:
        return self._kept(Archive.create(self.folder / name, self.state))

    def reopen(self, archive: Archive, state: Path | None = None) -> Archive:
        archive.close()
        return self._kept(Archive.open(archive.root, state or self.state))

    def _kept(self, archive: Archive) -> Archive:
        self._open.append(archive)
        return archive

    def check(self) -> None:
        for archive in self._open:
            archive.close()
        for root in {a.root for a in self._open} - self.damaged:
            assert_valid_for_others(root)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.check()


@pytest.fixture
def archive(shelf: Shelf) -> Archive:
    return shelf.create()


@pytest.fixture
def damage(shelf: Shelf) -> Callable[[Archive], Path]:
    """Give the folder of an archive that the test is about to damage."""

    def damaging(archive: Archive) -> Path:
        shelf.damaged.add(archive.root)
        return archive.root

    return damaging
