"""
One suite that every source passes.

A source is plugged in by a small class: subclass ``SourceContract``, name it ``Test...``, and give the fixture ``plug``
(a ``Plug``). A test that asks for an ability which the plug's class does not have is deselected.

    class TestFeed(SourceContract):
        abilities = frozenset({"network"})

        @pytest.fixture
        def plug(self, ...):
            return Plug(make=lambda http, stop: feed.source("feed", {"url": url}, context(http, stop=stop)))
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from archive.entry import Entry
from connectors.contract import Context, Source, SourceRefused, SourceUnavailable
from connectors.http import Http
from tests.contract.proxy import SpoilingProxy, answer
from tests.contract.shelf import Shelf

T = TypeVar("T")

LOGIN_PAGE = answer("200 OK", b"<html><head><title>Log in</title></head><body><form>password</form></body></html>")
BUSY = answer("429 Too Many Requests", b"<html>slow down</html>", "text/html", "Retry-After: 0")
DOWN = answer("500 Internal Server Error", b"<html><h1>Error establishing a database connection</h1></html>")
MOMENTS, REQUESTS = 5, 3


@dataclass
class Plug:
    """
    How the suite gets a source.

    ``make(http, stop)`` returns a fresh source. ``truth(entry)`` returns the bytes of its first file as they lie on the
    server's disk, or None where they cannot be looked up. ``secrets`` must show nowhere.
    """

    make: Callable[[Http, Callable[[], bool]], Source]
    truth: Callable[[Entry], bytes | None] = lambda _: None
    secrets: tuple[str, ...] = ()
    https: list[Http] = field(default_factory=list)

    def http(self) -> Http:
        self.https.append(Http(user_agent="keepfolio/test", attempts=3, backoff=0.001))
        return self.https[-1]

    def source(self, *, http: Http | None = None, stop: Callable[[], bool] = lambda: False) -> Source:
        return self.make(http or self.http(), stop)


def context(http: Http, *, stop: Callable[[], bool] = lambda: False, secret: str = "", spool: Path = Path()) -> Context:
    return Context(http=http, secret=lambda _: secret, spool=spool, now=lambda: datetime.now(UTC), stop=stop)


def needs(ability: str) -> Callable[[T], T]:
    """Mark a test as one for sources that have this ability; ``conftest.py`` deselects it for others."""

    def mark(test: T) -> T:
        test.needs = ability  # type: ignore[attr-defined]
        return test

    return mark


class SourceContract:
    """What every source promises; see ``connectors/contract.py``."""

    abilities: frozenset[str] = frozenset()
    """``network`` (reached by HTTP), ``lists`` (yields Listed), ``files``."""

    @pytest.fixture
    def whole(self, plug: Plug) -> Shelf:
        """What an undisturbed harvest gives."""
        shelf = Shelf()
        shelf.harvest(plug.source())
        return shelf

    def test_something_is_harvested_and_nothing_twice(self, plug: Plug, whole: Shelf):
        """Every thing once: no number of a kind appears on two entries."""
        assert whole.entries
        twice = Counter((entry.scope, entry.native_id) for entry in whole.entries.values())
        assert [name for name, count in twice.items() if count > 1] == []

    def test_the_second_harvest_stores_nothing(self, plug: Plug, whole: Shelf):
        """Whatever is yielded again is equal to what is held."""
        again = whole.harvest(plug.source())
        assert again.stored == []
        assert again.failed == []

    def test_a_full_harvest_stores_nothing_either(self, plug: Plug, whole: Shelf):
        """A lost cursor costs requests, never versions."""
        whole.cursor = {}
        assert whole.harvest(plug.source()).stored == []

    def test_times_are_utc(self, plug: Plug, whole: Shelf):
        """Aware, and in UTC."""
        moments = [m for e in whole.entries.values() for m in (e.published, e.updated) if m is not None]
        assert moments
        assert {moment.utcoffset() for moment in moments} == {timedelta(0)}

    def test_each_entry_names_kind_number_and_scope(self, plug: Plug, whole: Shelf):
        """Without them it can neither be listed nor be proved gone."""
        for entry in whole.entries.values():
            assert entry.kind
            assert entry.native_id
            assert entry.scope

    @needs("lists")
    def test_listings_name_what_is_held(self, plug: Plug):
        """Each entry of a listed scope stands in the list: else the next step would take it for deleted."""
        shelf = Shelf()
        report = shelf.harvest(plug.source())
        assert report.listed
        missing = [
            entry.keys[0]
            for entry in shelf.entries.values()
            if entry.scope in report.listed and report.listed[entry.scope].isdisjoint(entry.keys)
        ]
        assert missing == []
        assert report.gone == report.unknown == []

    def test_a_kill_at_any_moment_is_made_good(self, plug: Plug, whole: Shelf):
        """Killed after any yield, and run again: the same as undisturbed."""
        length = sum(1 for _ in plug.source().harvest(Shelf()))
        for until in sorted({length * n // MOMENTS for n in range(MOMENTS)} | {length - 1}):
            shelf = Shelf()
            shelf.harvest(plug.source(), until=until)
            shelf.harvest(plug.source())
            assert shelf.state() == whole.state(), f"killed after {until} of {length}"

    def test_stop_ends_at_a_checkpoint(self, plug: Plug, whole: Shelf):
        """The owner's Ctrl-C: what is complete stays, the next run goes on."""
        shelf = Shelf()
        shelf.harvest(plug.source(stop=lambda: True))
        assert len(shelf.entries) <= len(whole.entries)
        shelf.harvest(plug.source())
        assert shelf.state() == whole.state()

    @needs("files")
    def test_files_are_the_served_bytes(self, plug: Plug, whole: Shelf):
        """Byte for byte what lies on the server's disk."""
        source, compared = plug.source(), 0
        for entry in whole.entries.values():
            truth = plug.truth(entry) if entry.files else None
            if truth is not None:
                assert whole.digest(source, entry) == hashlib.sha256(truth).hexdigest(), entry.files[0].url
                compared += 1
        assert compared

    def test_no_secret_shows(self, plug: Plug, caplog: pytest.LogCaptureFixture):
        """Not in entries, raw bytes, cursor, logs or reprs."""
        caplog.set_level(logging.DEBUG)
        shelf, source = Shelf(), plug.source()
        report = shelf.harvest(source)
        shown = repr([shelf.entries, shelf.cursor, source, plug.https]) + caplog.text
        shown += b"".join(report.raw.values()).decode("utf-8", "replace")
        assert [secret for secret in plug.secrets if secret in shown] == []

    def test_an_unknown_key_is_not_taken_for_gone(self, plug: Plug):
        """A key of another system proves nothing."""
        assert plug.source().exists("elsewhere:example.org/1") == "unknown"

    # --- the network ------------------------------------------------------------------------------------------------

    @pytest.fixture
    def proxy(self) -> Iterator[SpoilingProxy]:
        proxy = SpoilingProxy(lambda _n, _request, answer: answer)
        yield proxy
        proxy.close()

    def _spoiled(self, plug: Plug, proxy: SpoilingProxy, shelf: Shelf) -> Exception | None:
        try:
            shelf.harvest(plug.source(http=proxy.before(plug.http())))
        except (SourceUnavailable, SourceRefused) as error:
            return error
        return None

    @needs("network")
    @pytest.mark.parametrize("share", [0.0, 0.9])
    def test_a_cut_connection_is_made_good(self, plug: Plug, whole: Shelf, proxy: SpoilingProxy, share: float):
        """From some request on every answer is cut: an error, and the next run completes."""
        undisturbed = Shelf()
        assert self._spoiled(plug, proxy, undisturbed) is None
        length = len(proxy.asked)
        for start in sorted({length * n // REQUESTS for n in range(REQUESTS)}):
            proxy.asked.clear()
            proxy.spoil = lambda n, _q, a, start=start: a if n < start else a[: int(len(a) * share)]
            shelf = Shelf()
            error = self._spoiled(plug, proxy, shelf)
            assert isinstance(error, SourceUnavailable), f"cut from request {start} of {length}"
            assert error.unchanged
            assert shelf.state().items() <= whole.state().items()
            shelf.harvest(plug.source())
            assert shelf.state() == whole.state()

    @needs("network")
    @pytest.mark.parametrize("instead", [LOGIN_PAGE, DOWN, answer("200 OK", b"", "application/json")],
                             ids=["login page", "database down", "nothing"])  # fmt: skip
    def test_other_things_than_data_are_not_content(
        self, plug: Plug, whole: Shelf, proxy: SpoilingProxy, instead: bytes
    ):
        """A login page with 200, a dying server, an empty answer: nothing is lost, nothing is invented."""
        self._spoiled(plug, proxy, Shelf())
        length = len(proxy.asked)
        for start in sorted({length * n // REQUESTS for n in range(REQUESTS)}):
            proxy.asked.clear()
            proxy.spoil = lambda n, _q, a, start=start: a if n < start else instead
            shelf = Shelf()
            error = self._spoiled(plug, proxy, shelf)
            assert isinstance(error, SourceUnavailable), f"spoiled from request {start} of {length}"
            assert shelf.state().items() <= whole.state().items()

    @needs("network")
    def test_a_spoiled_harvest_harms_nothing_held(self, plug: Plug, whole: Shelf, proxy: SpoilingProxy):
        """A later harvest that fails half-way leaves all that was held, and deletes nothing."""
        before = whole.state()
        proxy.spoil = lambda n, _q, a: a if n < 2 else LOGIN_PAGE
        assert isinstance(self._spoiled(plug, proxy, whole), SourceUnavailable)
        assert whole.state() == before

    @needs("network")
    def test_a_busy_server_is_waited_for(self, plug: Plug, whole: Shelf, proxy: SpoilingProxy):
        """Every third answer is 429: slower, and complete."""
        proxy.spoil = lambda n, _q, a: BUSY if n % 3 == 1 else a
        shelf = Shelf()
        assert self._spoiled(plug, proxy, shelf) is None
        assert shelf.state() == whole.state()

    @needs("network")
    def test_check_only_looks(self, plug: Plug, proxy: SpoilingProxy):
        """``check`` sends GET and HEAD, nothing else."""
        findings = list(plug.source(http=proxy.before(plug.http())).check())
        assert findings
        assert {request.split(b" ")[0] for request in proxy.asked} <= self.check_methods

    check_methods = frozenset({b"GET", b"HEAD"})
