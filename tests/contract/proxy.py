"""A real HTTP proxy on loopback that spoils answers: cuts them at any byte, or puts another in their place."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable

from connectors.http import Http
from tests.servers.listener import Listener

Spoil = Callable[[int, bytes, bytes], bytes]
"""(number of the request from 0, the request, the whole answer) -> the bytes to send before the connection is closed"""


class SpoilingProxy:
    """Forwards what it is asked for, one answer per connection."""

    def __init__(self, spoil: Spoil) -> None:
        self.spoil = spoil
        self.asked: list[bytes] = []
        self._lock = threading.Lock()
        self._listener = Listener(self._take)

    def before(self, http: Http) -> Http:
        """Put this proxy in front of a session, also for loopback."""
        http._wire._proxies.for_url = lambda _: {"http": self._listener.url}
        return http

    def close(self) -> None:
        self._listener.close()

    def _take(self, peer: socket.socket) -> None:
        threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            request = _message(peer)
            if not request:
                return
            with self._lock:
                number = len(self.asked)
                self.asked.append(request)
            host, port, path = re.match(rb"\w+ http://([^:/]+):(\d+)(\S*)", request).groups()
            onward = re.sub(rb"^(\w+) \S+", lambda m: m[1] + b" " + (path or b"/"), request, count=1)
            onward = re.sub(rb"(?im)^(proxy-)?connection:.*\r\n", b"", onward)
            onward = onward.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
            with socket.create_connection((host.decode(), int(port)), timeout=60) as server:
                server.sendall(onward)
                answer = b"".join(iter(lambda: server.recv(65536), b""))
            answer = re.sub(rb"(?im)^connection:.*\r\n", b"", answer, count=1)
            answer = answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
            peer.sendall(self.spoil(number, request, answer))


def _message(peer: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = peer.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    while length and len(body) < int(length[1]):
        body += peer.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(status: str, body: bytes, kind: str = "text/html", *more: str) -> bytes:
    """Return a whole answer, to put in the place of a good one."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *more]
    return "\r\n".join([*head, "", ""]).encode() + body
