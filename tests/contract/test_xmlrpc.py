"""XML-RPC of a real site keeps the contract."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest

from archive.entry import Entry
from connectors.wordpress.xmlrpc import source
from tests.contract.suite import Plug, SourceContract, context
from tests.servers.site import Site

pytestmark = pytest.mark.server


class TestXmlrpc(SourceContract):
    abilities = frozenset({"network", "lists", "files"})
    check_methods = frozenset({b"POST"})  # the protocol has nothing else; what is called only reads

    @pytest.fixture
    def plug(self, wordpress: Site) -> Plug:
        password = wordpress.password("admin")
        options = {"endpoint": f"{wordpress.url}/xmlrpc.php", "user": "admin"}

        def truth(entry: Entry) -> bytes:
            return (wordpress.docroot / unquote(urlsplit(entry.files[0].url).path).lstrip("/")).read_bytes()

        return Plug(
            make=lambda http, stop: source("blog", options, context(http, stop=stop, secret=password)),
            truth=truth,
            secrets=(password, password.replace(" ", ""), "@example.org", ">seeded<"),
        )
