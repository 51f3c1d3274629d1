"""A Mahara export keeps the contract, in every generation of its format."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from archive.entry import Entry
from connectors.mahara.export import source
from tests.contract.suite import Plug, SourceContract, context

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mahara"
EXPORTS = ("sam-all-2210", "sam-all-later-newns", "sam-leap-only-2210", "sam-leap-1910-real", "sam-all-2004-real")


class TestMaharaExport(SourceContract):
    abilities = frozenset({"lists", "files"})

    @pytest.fixture(params=EXPORTS)
    def plug(self, request: pytest.FixtureRequest, tmp_path: Path) -> Plug:
        path = FIXTURES / f"{request.param}.zip"

        def truth(entry: Entry) -> bytes:
            with zipfile.ZipFile(path) as packed:
                files = [name for name in packed.namelist() if "files/" in name and "-max" not in name]
                (whole,) = {packed.read(name) for name in files if name.endswith(f"-{entry.files[0].name}")}
                return whole

        return Plug(
            make=lambda http, stop: source("old", {"path": path}, context(http, stop=stop, spool=tmp_path)), truth=truth
        )
