"""How fast a host is asked: two connections at a time, and slower only once it said that it is too much."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from connectors.http_errors import unavailable

_LONGEST, _NOTHING = 16, 0.1  # times the first gap
_PATIENCE = 600.0  # seconds


@dataclass
class _Host:
    free: threading.Semaphore
    turn: threading.Lock = field(default_factory=threading.Lock)
    gap: float = 0.0
    last: float = 0.0


class Pace:
    """
    The doors of all hosts. ``enter`` before a request, ``leave`` when its answer is read or given up.

    ``first`` is the gap in seconds between two requests once a host said that it is too much.
    """

    def __init__(self, connections: int, closing: threading.Event, first: float) -> None:
        self._first = first
        self._connections = connections
        self._closing = closing
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def enter(self, host: str) -> None:
        """
        Wait for one of the host's connections, and for its turn.

        Raises:
            SourceUnavailable: None became free: somebody holds a stream open and forgot it.
        """
        door = self._door(host)
        if not door.free.acquire(timeout=_PATIENCE):
            raise unavailable(f"All connections to {host} are taken.", code="busy")
        with door.turn:
            if door.gap:
                self._closing.wait(max(0.0, door.last + door.gap - time.monotonic()))
                door.gap = door.gap * 0.9 if door.gap > _NOTHING * self._first else 0.0
            door.last = time.monotonic()

    def leave(self, host: str) -> None:
        """Give the connection back."""
        self._door(host).free.release()

    def slower(self, host: str) -> None:
        """Note that the host said 429 or 503: leave more time between requests; it shrinks again with each of them."""
        door = self._door(host)
        door.gap = min(max(self._first, door.gap * 2), _LONGEST * self._first)

    def _door(self, host: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(host, _Host(threading.Semaphore(self._connections)))
