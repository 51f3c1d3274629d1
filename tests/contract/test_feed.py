"""A feed of a real site keeps the contract."""

from __future__ import annotations

import pytest

from connectors.feed import source
from tests.contract.shelf import Shelf
from tests.contract.suite import Plug, SourceContract, context
from tests.servers.site import Site

pytestmark = pytest.mark.server


class TestFeed(SourceContract):
    abilities = frozenset({"network"})

    @pytest.fixture
    def plug(self, wordpress: Site) -> Plug:
        url = f"{wordpress.url}/feed/"
        return Plug(make=lambda http, stop: source("feed", {"url": url}, context(http, stop=stop)))

    @pytest.fixture
    def whole(self, plug: Plug) -> Shelf:
        """Without the date of the last answer: with it, a second harvest is one request and leaves little to spoil."""
        shelf = Shelf()
        shelf.harvest(plug.source())
        shelf.cursor = {}
        return shelf
