"""A Moodle, read by token from recorded exchanges of a real one, keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit

import pytest

from archive.entry import Entry
from connectors.moodle import api
from connectors.moodle.site import source
from tests.contract.suite import Plug, SourceContract, context
from tests.moodle.fake import PASSWORD, PRIVATE, TOKEN, USER_KEY, FakeMoodle


@pytest.fixture
def moodle() -> Iterator[FakeMoodle]:
    site = FakeMoodle()
    yield site
    site.close()


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PAUSES", (0.001, 0.001))


class TestByToken(SourceContract):
    abilities = frozenset({"network", "lists", "files"})
    check_methods = frozenset({b"GET", b"HEAD", b"POST"})
    """Moodle takes every question by POST; that all of them only read is shown in ``tests/moodle/test_site.py``."""

    @pytest.fixture
    def plug(self, moodle: FakeMoodle) -> Plug:
        text = f"{TOKEN}:{PRIVATE}"

        def truth(entry: Entry) -> bytes | None:
            path = unquote(urlsplit(entry.files[0].url).path)
            return moodle.files[path][0] if path in moodle.files else None

        return Plug(
            make=lambda http, stop: source("vle", {"url": moodle.url}, context(http, stop=stop, secret=text)),
            truth=truth,
            secrets=(TOKEN, PRIVATE, USER_KEY),
        )


class TestByPassword(SourceContract):
    abilities = frozenset({"lists"})

    @pytest.fixture
    def plug(self, moodle: FakeMoodle) -> Plug:
        options = {"url": moodle.url, "user": "rashby"}

        def make(http, stop):
            given = context(http, stop=stop)
            return source("vle", options, replace(given, secret=lambda what: {"password": PASSWORD}.get(what, "")))

        return Plug(make=make, secrets=(PASSWORD, TOKEN, PRIVATE, USER_KEY))
