"""A Mahara account, read through the export that it makes for us, keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.entry import Entry
from connectors.mahara.site import Mahara
from tests.contract.suite import Plug, SourceContract, context
from tests.mahara.fake import FakeMahara
from tests.mahara.fake.server import STEM

ZIP = Path(__file__).parents[1] / "fixtures" / "mahara" / "sam-all-2210.zip"


class TestMahara(SourceContract):
    abilities = frozenset({"network", "lists", "files"})
    check_methods = frozenset({b"GET", b"HEAD", b"POST"})  # the login is a form, which changes nothing

    @pytest.fixture
    def mahara(self) -> Iterator[FakeMahara]:
        fake = FakeMahara(ZIP)
        yield fake
        fake.close()

    @pytest.fixture
    def plug(self, mahara: FakeMahara, tmp_path: Path) -> Plug:
        options = {"url": mahara.url, "user": mahara.user}

        def truth(entry: Entry) -> bytes | None:
            found = mahara.file(entry.native_id.removeprefix("artefact")) if entry.kind == "file" else None
            return found[1] if found else None

        def make(http, stop):
            given = context(http, stop=stop, secret=mahara.password, spool=tmp_path)
            return Mahara("sam", options, given, pause=0.01, inbox_pause=0.01)

        return Plug(make=make, truth=truth, secrets=(mahara.password, STEM))
