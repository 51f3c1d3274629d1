"""Archives for tests; what each test leaves is checked by ``others_can_read`` of the folder above."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive.store import Archive


class Shelf:
    """Where a test keeps its archives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self._open: list[Archive] = []

    def create(self, name: str = "archive") -> Archive:
        return self._kept(Archive.create(self.folder / name, self.state))

    def reopen(self, archive: Archive, state: Path | None = None) -> Archive:
        archive.close()
        return self._kept(Archive.open(archive.root, state or self.state))

    def close(self) -> None:
        for archive in self._open:
            archive.close()

    def _kept(self, archive: Archive) -> Archive:
        self._open.append(archive)
        return archive


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.close()


@pytest.fixture
def archive(shelf: Shelf) -> Archive:
    return shelf.create()


@pytest.fixture
def damage(request: pytest.FixtureRequest) -> Callable[[Archive], Path]:
    """Give the folder of an archive that the test is about to damage."""

    def damaging(archive: Archive) -> Path:
        request.node.add_marker("damages")
        return archive.root

    return damaging
