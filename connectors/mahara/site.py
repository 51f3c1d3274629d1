"""
``type: mahara``: one account on a Mahara, by the export that its owner could make herself.

Mahara tells nobody cheaply what changed: each harvest makes an export of everything anew (some seconds to minutes of
the server's work) and compares; of an account in which nothing changed nothing is stored. It is six requests, and one
every two seconds while the export is made.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Literal
from urllib.parse import parse_qs, urlsplit

from archive.entry import Json, Key, MediaFile
from archive.errors import KeepfolioError
from connectors.contract import (
    Checkpoint,
    Context,
    Failed,
    FileGone,
    Finding,
    Known,
    SourceRefused,
    SourceUnavailable,
    Waiting,
    Yield,
)
from connectors.http_download import download
from connectors.http_errors import NOTHING_LOST, unavailable
from connectors.mahara import checking, handover, making
from connectors.mahara.leap2a_file import packages
from connectors.mahara.leap2a_package import EXPORT_AGAIN
from connectors.mahara.making import Queued, Ready
from connectors.mahara.probe import Page, Site, probe
from connectors.mahara.reading import Reading
from connectors.mahara.session import Session
from connectors.mahara.watching import PAUSE, Clock, Stopped

ZIP_KEPT = timedelta(hours=6)
"""A zip whose harvest was not completed is fetched again instead of made anew; the site keeps it for 24 hours."""
QUEUE_KEPT = timedelta(hours=24)
"""An export is not queued a second time before the site would have thrown the first one away."""

_MADE_ANEW = (
    "Run the command again: it lets Mahara make a new export. If it stays so, make one in the browser, and tell the "
    "site's administrator if that one is not whole either."
)
_STEP = 0.5  # seconds between two looks whether the owner asked to stop


def source(name: str, options: Mapping[str, Any], context: Context) -> Mahara:
    """
    Return the source of one account on a Mahara.

    ``options``: ``url``; ``user``, whose password ``context.secret("password")`` gives; or ``sso``: the login is done
    in a browser, and ``context.secret("token")`` holds its session (``handover.pack``); ``full``.
    """
    return Mahara(name, options, context)


class Mahara:
    """
    A Mahara account, read through its export. See ``connectors.contract.Source``.

    ``pause`` and ``inbox_pause``: seconds between two looks at an export that is made, or queued.
    """

    def __init__(
        self,
        name: str,
        options: Mapping[str, Any],
        context: Context,
        *,
        pause: float = PAUSE,
        inbox_pause: float = making.INBOX_PAUSE,
    ) -> None:
        self._name = name
        self._options = options
        self._context = context
        self._clock = Clock(self._wait, context.stop, context.now, pause, inbox_pause)
        self._entering = threading.Lock()
        self._entered: _Entered | KeepfolioError | None = None
        self._folder: Path | None = None
        self._reading: Reading | None = None

    def check(self) -> Iterable[Finding]:
        """Tell what the site is, which way in is open, and what its export offers. Sends one POST: the login."""
        return checking.findings(self._site, self._enter)

    def harvest(self, known: Known) -> Iterator[Yield]:
        """
        Make an export, take it, and yield what is in it.

        Raises:
            SourceRefused: The login was refused, or there is none; nothing else was sent.

            SourceUnavailable: The site cannot be reached or did not make the export; or it is queued
                (``export-queued``): the next run within a day takes it.
        """
        entered = self._enter()
        memory = _Memory.of(known.cursor, self._context.now())
        path: Path | None = None
        zipped = memory.zip
        if zipped:
            try:
                path = yield from self._fetch(entered.session, zipped.at)
            except FileGone:
                zipped = None
        if zipped is None:
            made = yield from self._made(entered, known, memory)
            if made is None:
                return
            zipped = _Zip(made.address, self._context.now(), made.feedback)
            yield Checkpoint(_beside(known, {"zip": zipped.written()}))
            path = yield from self._fetch_new(entered.session, zipped.at)
        if path is not None:
            yield from self._read(path, zipped, known)

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream a file out of the export; one that the export lacks is asked of the site itself."""
        return self._reading.open(file) if self._reading is not None else self._from_site(file)

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:
        """Say what became of a key; see ``contract.Source``."""
        return self._reading.exists(key) if self._reading is not None else "unknown"

    def close(self) -> None:
        """Let go of the export."""
        if self._reading is not None:
            self._reading.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    # --- reading ------------------------------------------------------------------------------------------------------

    def _read(self, path: Path, zipped: _Zip, known: Known) -> Iterator[Yield]:
        """Yield what the zip holds; until all of it is kept, the zip is remembered."""
        try:
            self._reading = Reading(
                packages(path, self._spool()),
                full=bool(self._options.get("full")),
                stop=self._context.stop,
                now=self._context.now,
                all_feedback=zipped.feedback,
                elsewhere=self._from_site,
            )
            for thing in self._reading.harvest(_Known(known, _beside(known, {"zip": zipped.written()})), {}):
                if isinstance(thing, Failed) and thing.mend == EXPORT_AGAIN:
                    yield replace(thing, mend=_MADE_ANEW)
                else:
                    yield thing
        except KeepfolioError as error:
            yield Checkpoint(_beside(known, {}))  # nothing but a new one mends a zip that cannot be read
            if isinstance(error, SourceUnavailable):
                error.mend = _MADE_ANEW  # there is no file of the owner's that a new one could take the place of
            raise

    # --- getting in -----------------------------------------------------------------------------------------------

    def _site(self) -> Site:
        return probe(str(self._options["url"]), self._context.http)

    def _enter(self, site: Site | None = None) -> _Entered:
        """Return the session and the export page that it saw. Goes in once; a second call gets the first one's end."""
        with self._entering:
            if self._entered is None:
                try:
                    self._entered = self._go_in(site)
                except KeepfolioError as error:
                    self._entered = error
            if isinstance(self._entered, KeepfolioError):
                raise self._entered
            return self._entered

    def _go_in(self, site: Site | None) -> _Entered:
        if self._options.get("sso"):
            session = handover.unpack(self._context.secret("token"))
            inside = Session(self._context.http, site or self._site(), self._wait)
            return _Entered(inside, inside.take_over(session))
        user, password = str(self._options.get("user") or ""), self._context.secret("password")
        if not user or not password:
            raise SourceRefused(
                f"Mahara shows an export to nobody but its owner, and there is no {'password' if user else 'user'} "
                f"for {self._name}.",
                code="no-password" if user else "no-user",
                unchanged="Nothing was asked of the site.",
                mend=f"Run: keepfolio login {self._name}"
                if user
                else f"Write `user: ...` below {self._name} in config.yaml.",
            )
        inside = Session(self._context.http, site or self._site(), self._wait)
        inside.log_in(user, password)
        return _Entered(inside, inside.page(making.EXPORT))

    # --- the export ---------------------------------------------------------------------------------------------------

    def _made(self, entered: _Entered, known: Known, memory: _Memory) -> Generator[Yield, None, Ready | None]:
        """Return where the zip is: one that was queued before, or a new one; None after a stop."""
        session = entered.session
        since = memory.queued
        if since is None:
            outcome = yield from making.make(session, making.export_page(session, entered.page), self._clock)
            since = self._context.now()
        else:
            outcome = Queued(memory.seen)
        if isinstance(outcome, Queued):
            yield Checkpoint(_beside(known, {"queue": {"since": _stamp(since), "seen": [*sorted(outcome.seen)]}}))
            outcome = yield from making.from_inbox(session, outcome.seen, self._clock)
        if isinstance(outcome, Queued):
            raise SourceUnavailable(
                "Mahara has put the export into its queue and has not made it yet.",
                code="export-queued",
                unchanged=NOTHING_LOST,
                mend=f"Run within a day: keepfolio harvest {self._name}   (it takes what is ready then; nothing is "
                "queued twice)",
            )
        return None if isinstance(outcome, Stopped) else outcome

    def _fetch_new(self, session: Session, address: str) -> Generator[Yield, None, Path | None]:
        try:
            return (yield from self._fetch(session, address))
        except FileGone as error:
            raise unavailable(
                "Mahara says that the export is made, and does not give it out.",
                code="export-gone",
                mend="Run the command again: it makes a new one.",
            ) from error

    def _fetch(self, session: Session, address: str) -> Generator[Yield, None, Path | None]:
        """Bring the zip here; None after a stop."""
        path = self._spool() / "mahara-export.zip"
        told: int | None = -1
        for have, size in download(lambda headers: session.stream(address, headers), path):
            percent = have * 100 // size if size else None
            if percent != told:
                told = percent
                yield Waiting("Taking the export", percent)
            if self._context.stop():
                return None
        return path

    def _spool(self) -> Path:
        if self._folder is None:
            self._context.spool.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix="mahara-", dir=self._context.spool))
        return self._folder

    def _from_site(self, file: MediaFile) -> BinaryIO:
        """Ask the site for one file by its number, while we are logged in."""
        number = next(iter(parse_qs(urlsplit(file.url).query).get("file", [])), "")
        if not number.isdecimal():
            raise FileGone(f"{file.url} names no file of Mahara.")
        answer = self._enter().session.stream(f"artefact/file/download.php?file={number}", {})
        if answer.status == 200 and answer.is_file:
            return answer.body
        answer.body.close()
        if answer.status >= 500 or answer.status == 429:
            raise unavailable(f"{file.url} was answered with {answer.status}.", code=f"status-{answer.status}")
        raise FileGone(
            f"“{file.name}” is not in the export, and Mahara does not give it out either ({answer.status}).",
            unchanged=NOTHING_LOST,
            mend=f"Look at it in the browser: {file.url}   If it opens there, save it and bring it as a file; "
            "otherwise it is lost there: keepfolio accept",
        )

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._context.stop() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _STEP))


@dataclass(frozen=True)
class _Entered:
    session: Session
    page: Page


@dataclass(frozen=True)
class _Zip:
    """An export that the site has made: where, when, and whether with all that others said."""

    at: str
    made: datetime
    feedback: bool

    def written(self) -> Json:
        return {"at": self.at, "made": _stamp(self.made), "feedback": self.feedback}


@dataclass(frozen=True)
class _Memory:
    """What the last run left behind: a zip to fetch, or an export in the queue."""

    zip: _Zip | None = None
    queued: datetime | None = None
    seen: frozenset[int] = frozenset()

    @classmethod
    def of(cls, cursor: Json, now: datetime) -> _Memory:
        """Read a cursor; what is too old, or none of ours, is left out."""
        zipped, queue = cursor.get("zip"), cursor.get("queue")
        if isinstance(zipped, dict) and (made := _younger(zipped.get("made"), ZIP_KEPT, now)) is not None:
            return cls(zip=_Zip(str(zipped.get("at")), made, zipped.get("feedback") is True))
        if isinstance(queue, dict) and (since := _younger(queue.get("since"), QUEUE_KEPT, now)) is not None:
            seen = queue.get("seen")
            return cls(
                queued=since,
                seen=frozenset(n for n in seen if isinstance(n, int)) if isinstance(seen, list) else frozenset(),
            )
        return cls()


class _Known:
    """What the archive holds, with a cursor that also remembers the zip."""

    def __init__(self, known: Known, cursor: Json) -> None:
        self.cursor = cursor
        self.retry = known.retry
        self.stamp = known.stamp
        self.keys = known.keys


def _beside(known: Known, ours: Json) -> Json:
    """Return the cursor with what the reading remembers, and this of ours alone."""
    return {name: value for name, value in known.cursor.items() if name not in {"zip", "queue"}} | ours


def _younger(stamp: object, than: timedelta, now: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(stamp))
        return moment if timedelta() <= now - moment < than else None
    except (ValueError, TypeError):
        return None


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
