"""An export file keeps the contract."""

from __future__ import annotations

import pytest

from archive.entry import Entry
from connectors.wordpress.wxr import source
from tests.contract.suite import Plug, SourceContract, context
from tests.wordpress.wxr_samples import FIXTURES, UPLOADS


class TestExport(SourceContract):
    abilities = frozenset({"lists", "files"})

    @pytest.fixture(params=["6.1", "7.1"])
    def plug(self, request: pytest.FixtureRequest) -> Plug:
        options = {"path": FIXTURES / "wxr" / f"{request.param}.xml", "media": UPLOADS}

        def truth(entry: Entry) -> bytes:
            return (UPLOADS / entry.files[0].url.partition("/uploads/")[2]).read_bytes()

        return Plug(
            make=lambda http, stop: source("old", options, context(http, stop=stop)),
            truth=truth,
            secrets=("zoe@example.org", "ann@example.org", "[CDATA[seeded]]"),
        )
