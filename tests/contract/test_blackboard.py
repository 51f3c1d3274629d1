"""A Content Collection by WebDAV keeps the contract, against a real WebDAV server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.entry import Entry
from connectors.blackboard.site import source
from tests.blackboard.webdav_server import PASSWORD, USER, Server, fill, serving
from tests.contract.suite import Plug, SourceContract, context


class TestContentCollection(SourceContract):
    abilities = frozenset({"network", "lists", "files"})
    check_methods = frozenset({b"PROPFIND"})  # it only reads

    @pytest.fixture
    def server(self, tmp_path: Path) -> Iterator[Server]:
        fill(tmp_path)
        with serving(tmp_path) as server:
            yield server

    @pytest.fixture
    def plug(self, server: Server) -> Plug:
        options = {"url": server.url, "user": USER}

        def truth(entry: Entry) -> bytes:
            return (server.folder / entry.native_id).read_bytes()

        return Plug(
            make=lambda http, stop: source("vle", options, context(http, stop=stop, secret=PASSWORD)),
            truth=truth,
            secrets=(PASSWORD,),
        )
