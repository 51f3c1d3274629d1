"""A WordPress by REST, with a login and as a stranger, keeps the contract."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest

from archive.entry import Entry
from connectors.wordpress.site import source
from tests.contract.suite import Plug, SourceContract, context
from tests.servers.site import Site

pytestmark = pytest.mark.server


def plug_for(site: Site, role: str, **options: str) -> Plug:
    """Return the plug for an account of a site; ``role=""`` is a stranger."""
    password = site.password(role) if role else ""
    named = {"user": role} if role else {}

    def truth(entry: Entry) -> bytes | None:
        return (site.docroot / unquote(urlsplit(entry.files[0].url).path).lstrip("/")).read_bytes()

    return Plug(
        make=lambda http, stop: source(
            "blog", {"url": site.url, **named, **options}, context(http, stop=stop, secret=password)
        ),
        truth=truth,
        secrets=(password, password.replace(" ", "")) if password else (),
    )


class TestAsAdministrator(SourceContract):
    abilities = frozenset({"network", "lists", "files"})

    @pytest.fixture
    def plug(self, wordpress: Site) -> Plug:
        return plug_for(wordpress, "admin")


class TestAsAuthor(SourceContract):
    abilities = frozenset({"lists"})

    @pytest.fixture
    def plug(self, wordpress: Site) -> Plug:
        return plug_for(wordpress, "author", author="me")


class TestAsAStranger(SourceContract):
    abilities = frozenset({"lists", "files"})

    @pytest.fixture
    def plug(self, wordpress: Site) -> Plug:
        return plug_for(wordpress, "")
