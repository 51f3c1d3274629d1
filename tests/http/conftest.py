"""Small servers that answer exactly what a test needs, byte for byte."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from connectors.http import Http
from tests.servers.listener import Listener

Serve = Callable[..., str]


def closing(answer: bytes) -> bytes:
    """The same answer, saying that the connection ends: else a client may send its next request into it."""
    return answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


class RawServer:
    """Answers each connection with the next of the given texts, then closes it; keeps what it was asked."""

    def __init__(self, answers: tuple[bytes, ...], *, silent: bool) -> None:
        self.asked: list[bytes] = []
        self._answers, self._silent = list(answers), silent
        self._open: list[socket.socket] = []
        self._listener = Listener(self._serve)

    @property
    def url(self) -> str:
        return f"{self._listener.url}/"

    def _serve(self, peer: socket.socket) -> None:
        self._open.append(peer)
        self.asked.append(peer.recv(65536))
        if self._silent:
            return
        peer.sendall(closing(self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]))
        peer.close()

    def close(self) -> None:
        self._listener.close()
        for peer in self._open:
            peer.close()


@pytest.fixture
def raw() -> Iterator[Callable[..., RawServer]]:
    """``raw(b"HTTP/1.1 200 OK...", ...)`` starts a server on loopback."""
    servers: list[RawServer] = []

    def start(*answers: bytes, silent: bool = False) -> RawServer:
        servers.append(RawServer(answers, silent=silent))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def http() -> Iterator[Http]:
    """A session that waits next to nothing between tries."""
    session = Http(user_agent="keepfolio/test", attempts=4, backoff=0.001)
    yield session
    session.close()
