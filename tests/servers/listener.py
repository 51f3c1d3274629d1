"""Servers of a few lines, for answers that no well-behaved server gives."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable


class Listener:
    """
    Hands each connection on loopback to a function, one after the other, until it is closed.

    A plain ``close`` does not wake a thread that waits in ``accept``, and the socket's number goes to the next socket
    that is opened: such a thread then took a connection of another test's server and answered it. So the thread leaves
    first.
    """

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Return once nobody accepts any more."""
        with contextlib.suppress(OSError):  # wakes the thread
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        assert not self._thread.is_alive(), "it still serves: closing its socket now would disturb others"
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self._serve(peer)
