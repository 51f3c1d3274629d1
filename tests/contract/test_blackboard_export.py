"""Downloaded packages keep the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.entry import Entry
from connectors.blackboard.export import source
from tests.blackboard.packing import PORTFOLIO, pack
from tests.contract.suite import Plug, SourceContract, context


class TestPackages(SourceContract):
    abilities = frozenset({"files"})

    @pytest.fixture(params=["zip", "folder of zips"])
    def plug(self, request: pytest.FixtureRequest, tmp_path: Path) -> Plug:
        path = pack(tmp_path / "in" / "mine.zip", PORTFOLIO)
        more = {f"users/rashby/notes/{n}.txt": f"note {n}".encode() for n in range(120)}
        pack(tmp_path / "in" / "more.zip", more)
        options = {"path": path if request.param == "zip" else path.parent}

        def truth(entry: Entry) -> bytes | None:
            label, _, name = entry.native_id.partition("/")
            return (PORTFOLIO if label == "mine" else more).get(name)

        return Plug(make=lambda http, stop: source("taken", options, context(http, stop=stop)), truth=truth)
