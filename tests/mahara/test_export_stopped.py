"""A harvest that is stopped at its very end."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pytest

from archive.entry import MediaFile
from connectors.mahara import reading
from connectors.mahara.reading import Reading
from tests.mahara.place import ALL, LATER, Place


def test_what_was_deleted_is_marked_by_the_next_harvest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped while the last files arrived: that the export was read to its end is not remembered."""
    place = Place(tmp_path)
    place.drop(ALL)
    place.harvest()
    place.drop(LATER)
    opened: list[str] = []
    real = Reading.open

    def slow(self: Reading, file: MediaFile) -> BinaryIO:
        opened.append(file.name)
        return real(self, file)

    monkeypatch.setattr(reading, "_AT_ONCE", 1000)  # so that all of it waits for the last checkpoint
    with monkeypatch.context() as patched:
        patched.setattr(Reading, "open", slow)
        place.harvest(stop=lambda: len(opened) == 2)
    assert len(opened) == 2

    assert place.harvest().deleted == 2
