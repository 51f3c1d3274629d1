"""A feed of a real site keeps the contract."""

from __future__ import annotations

import pytest

from connectors.feed import source
from tests.contract.suite import Plug, SourceContract, context
from tests.servers.site import Site

pytestmark = pytest.mark.server


class TestFeed(SourceContract):
    abilities = frozenset({"network"})

    @pytest.fixture
    def plug(self, wordpress: Site) -> Plug:
        url = f"{wordpress.url}/feed/"
        return Plug(make=lambda http, stop: source("feed", {"url": url}, context(http, stop=stop)))
