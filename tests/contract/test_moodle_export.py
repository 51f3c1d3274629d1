"""What a person saved from Moodle keeps the contract."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from archive.entry import Entry
from connectors.moodle.export import source
from tests.contract.suite import Plug, SourceContract, context

FIXTURES = Path(__file__).parents[1] / "fixtures" / "moodle" / "exports"
REQUEST = FIXTURES / "gdpr-export.zip"


def truth(entry: Entry) -> bytes | None:
    """The bytes of a private file, by its path in the zip."""
    if entry.kind != "file":
        return None
    path = entry.native_id.replace("/2023/", "/_2023/")
    with zipfile.ZipFile(REQUEST) as packed:
        return packed.read(f"System _.1/User Rowan Ashby _.12/Private files/_files/private{path}")


class TestMoodleExport(SourceContract):
    """It never lists: what a data request lacks may well be there."""

    abilities = frozenset({"files"})

    @pytest.fixture(params=["a data request", "all that was saved", "an unpacked one"])
    def plug(self, request: pytest.FixtureRequest, tmp_path: Path) -> Plug:
        path = REQUEST if request.param == "a data request" else FIXTURES
        if request.param == "an unpacked one":
            path = tmp_path / "export"
            with zipfile.ZipFile(REQUEST) as packed:
                packed.extractall(path)
        options = {"path": path, "url": "", "user": "", "timezone": "Europe/London"}
        return Plug(make=lambda http, stop: source("old", options, context(http, stop=stop)), truth=truth)
