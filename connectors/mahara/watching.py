"""An export that is made while we wait: how far it is, and what becomes of it when a proxy does not wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape

from connectors.contract import SourceUnavailable, Waiting
from connectors.http_answer import Answer
from connectors.http_errors import unavailable
from connectors.http_json import find_json
from connectors.mahara.session import Session, lost

MAKE, PROGRESS = "export/download.php", "export/download-progress.php"
WAITING = "Mahara is making the export"

PAUSE = 2.0  # seconds between two looks at how far it is
LONGEST = 3600.0  # seconds that a server may take for an export without a byte
STILL = 300  # looks without any movement (ten minutes), after the line was cut, until it is given up
UNANSWERED = 3  # looks in a row that were not answered

_CUT = frozenset({"cut", "time-out", "proxy"})
_GATEWAY = frozenset({502, 504})


@dataclass(frozen=True)
class Clock:
    """
    How waiting is done.

    Attributes:
        wait: Waits for so many seconds, or until the owner asks to stop.

        stop: True once she asked.

        now: Aware, UTC.
    """

    wait: Callable[[float], object]
    stop: Callable[[], bool]
    now: Callable[[], datetime]
    pause: float
    inbox_pause: float


@dataclass(frozen=True)
class Stopped:
    """The owner asked to stop."""


class Watch:
    """
    One export from its beginning to its end.

    Args:
        session: Whose; the export was asked for.

        clock: How waiting is done.

        began: When it was asked for, by the server's clock.
    """

    def __init__(self, session: Session, clock: Clock, began: datetime) -> None:
        self._session = session
        self._clock = clock
        self._began = began
        self._moved = self._done = False

    def result(self) -> Generator[Waiting, None, Answer | str | Stopped]:
        """
        Send the request that does the work, which is answered at its end, and look how far it is meanwhile.

        Returns the answer; or where the zip lies, when the answer was cut off and the zip is there.

        Raises:
            SourceUnavailable: The line was cut, and the zip is not found (``export-lost``); or the session is lost.
        """
        work = self._begun()
        looking = True
        while not _ended(work, self._clock.pause):
            if self._clock.stop():
                return Stopped()
            if not looking:
                continue
            try:
                yield self._look()
            except SourceUnavailable as error:
                # before 20.10 it could not be asked; and after a login elsewhere the export goes on to its end: the
                # next run takes the zip
                looking = error.code not in {"not-json", "session-lost"}
        try:
            answer = work.result()
        except SourceUnavailable as error:
            if error.code not in _CUT:
                raise
        else:
            if answer.status not in _GATEWAY:
                return answer
        return (yield from self._after_a_cut())

    def _begun(self) -> Future[Answer]:
        work: Future[Answer] = Future()

        def run() -> None:
            try:
                work.set_result(self._session.post(MAKE, {"percent": "0"}, timeout=LONGEST))
            except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
                work.set_exception(error)

        # a daemon: whoever stops the program does not wait for the server
        threading.Thread(target=run, name="keepfolio-export", daemon=True).start()
        return work

    def _look(self) -> Waiting:
        """Return what the site says of its progress. That it is done it says once, and then nothing any more."""
        answer = self._session.get(PROGRESS, {"sesskey": self._session.sesskey})
        said = data_of(answer)
        progress = said.get("progress")
        if said.get("finished") or (self._moved and not progress):
            self._done = True
            return Waiting(WAITING, 100)
        if not isinstance(progress, dict):
            return Waiting(WAITING)
        self._moved = True
        percent = progress.get("percent")
        status = " ".join(unescape(str(progress.get("status") or "")).split())[:100]
        what = f"{WAITING}: {status}" if status else WAITING
        return Waiting(what, percent if isinstance(percent, int) else None)

    def _after_a_cut(self) -> Generator[Waiting, None, str | Stopped]:
        """Go on looking after a proxy gave up: the server mostly works on."""
        before, still, unanswered = Waiting(""), 0, 0
        while not self._done and still < STILL:
            self._clock.wait(self._clock.pause)
            if self._clock.stop():
                return Stopped()
            try:
                now = self._look()
            except SourceUnavailable as error:
                unanswered += 1
                if error.code == "session-lost" or unanswered == UNANSWERED:
                    raise
                continue
            yield now
            still, before, unanswered = (still + 1 if now == before else 0), now, 0
        if self._done and (found := self._guessed()):
            return found
        raise unavailable(
            "The line was cut before Mahara had made the export (a proxy in front of it gives up too early), and the "
            "zip could not be found afterwards.",
            code="export-lost",
            mend="Run the command again at a quieter hour. If it stays so, make the export in the browser and harvest "
            "the file (type: mahara-export), or ask the site's administrator to switch on the export queue.",
        )

    def _guessed(self) -> str:
        """
        Return where the zip lies; ``""`` when it is not there.

        Only the answer that was cut off said it; but its name is the moment at which the work began.
        """
        for address in likely(self._session.user, self._began):
            if self._session.head(address).status == 200:
                return address
        return ""


def likely(user: str, began: datetime) -> Iterator[str]:
    """
    Yield where the zip of an export begun then may lie, likeliest first: twelve addresses at most.

    ``download.php?file=<unix time>/mahara-export-user<number>-<date>.zip``, the date in the server's own zone, which
    is taken to be UTC or that of this computer (read in the source of 20.10 to 22.10).
    """
    for second in (0, 1, 2, 3, -1, 4):
        moment = began + timedelta(seconds=second)
        for zoned in dict.fromkeys(f"{zone:%Y-%m-%d_%H-%M}" for zone in (moment.astimezone(UTC), moment.astimezone())):
            yield f"{MAKE}?file={int(moment.timestamp())}/mahara-export-user{user}-{zoned}.zip"


def server_time(answer: Answer) -> datetime | None:
    """Return what the server's clock said, aware; None where it did not say."""
    try:
        return parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return None


def data_of(answer: Answer) -> dict[str, object]:
    """
    Return the data in an answer of a script.

    Raises:
        SourceUnavailable: The session is lost; or there is no data (``not-json``).
    """
    found = find_json(answer.body)
    said = found.value if found else None
    if not isinstance(said, dict) or not answer.ok:
        raise answer.not_json()
    if said.get("error"):
        raise lost()
    message = said.get("message")
    data = message.get("data") if isinstance(message, dict) else None
    return dict(data) if isinstance(data, dict) else {}


def _ended(work: Future[Answer], seconds: float) -> bool:
    try:
        work.exception(timeout=seconds)
    except TimeoutError:
        return False
    return True
