"""
What goes over the wire: one exchange after the other, at most two at a time to a host, redirects followed by hand.

Inside of ``connectors.http``; nothing else uses it.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, TypeAlias
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import HTTPBasicAuth

from archive.entry import JsonValue
from connectors.http_address import Proxies, guard, host_of, keeps_secret, may_carry_secret
from connectors.http_errors import unavailable
from connectors.http_pace import Pace
from connectors.http_redact import SECRETS
from connectors.http_session import new_session

Params = Mapping[str, str | int]

CONNECT = 10.0  # seconds
REDIRECTS = 10
CONNECTIONS = 2
CHUNK = 64 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class SecretHeaders:
    """Headers that are a secret, such as a session's cookie: they go where a password may go, and nowhere else."""

    values: Mapping[str, str] = field(repr=False)


Auth: TypeAlias = tuple[str, str]
Proof: TypeAlias = Auth | SecretHeaders


@dataclass
class Sent:
    """What went over the wire so far: requests (retries and redirects too), and bytes received, unpacked."""

    requests: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Ask:
    """One question, as the caller put it."""

    method: str
    url: str
    params: Params
    headers: Mapping[str, str]
    auth: Proof | None = None
    discovered: bool = False
    data: bytes | BinaryIO | Mapping[str, str] | None = None
    json: JsonValue = None
    follow: bool = True
    timeout: float = 0.0  # seconds; 0 is the session's own


class Wire:
    """
    The connections of one session. Safe to use from several threads.

    Args:
        user_agent, insecure, configured, timeout: As for ``Http``.

        closing: Set when the program ends: nobody waits for a turn any more.

        gap: Seconds between two requests to a host that said 429 or 503, at first.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        insecure: frozenset[str],
        configured: Iterable[str],
        timeout: float,
        closing: threading.Event,
        gap: float,
    ) -> None:
        self.sent = Sent()
        self.configured = set(configured)
        self._insecure = insecure
        self._timeout = timeout
        self._counting = threading.Lock()
        self._pace = Pace(CONNECTIONS, closing, gap)
        self._proxies = Proxies()
        self._session = new_session(user_agent, CONNECTIONS)
        for proxy in self._proxies.known.values():
            if secret := urlsplit(proxy).password:
                SECRETS.add(secret)

    def follow(self, ask: Ask) -> tuple[requests.Response, str]:
        """Send, and follow redirects by hand: no secret goes to another host, no redirect leads inside."""
        url, auth, params = ask.url, ask.auth, ask.params
        if ask.discovered:
            self._guard(url)
        seen = {url}
        again = _rewinding(ask.data)
        for _ in range(REDIRECTS + 1):
            reply = self._send(ask, url, params, auth)
            target = reply.headers.get("Location", "")
            # what is sent by POST is the owner's: it goes on only to where her password may go
            may_go_on = ask.method != "POST" or (
                reply.status_code in {307, 308} and keeps_secret(url, urljoin(reply.url, target))
            )
            if reply.status_code not in _MOVED or not ask.follow or not target or not may_go_on or not again():
                return reply, url
            self.skip(reply)
            before, url, params = url, urljoin(reply.url, target), {}
            if url in seen:
                break
            seen.add(url)
            if host_of(url) != host_of(before):
                self._guard(url)
            if not keeps_secret(before, url):
                auth = None
        raise unavailable(
            f"{ask.url} leads round in circles: redirect after redirect.",
            code="redirect-loop",
            mend="Open the address in a browser, and write the one that it ends at into config.yaml.",
        )

    def _send(self, ask: Ask, url: str, params: Params, auth: Proof | None) -> requests.Response:
        if auth and not may_carry_secret(url, self._insecure):
            raise unavailable(
                f"{url} is plain http: a password sent there can be read by others, so it was not sent.",
                code="insecure",
                mend="Write https:// in config.yaml; or, if you know why, set `insecure: true` there.",
            )
        host = host_of(url)
        self._pace.enter(host)
        try:
            reply = self._session.request(
                ask.method,
                url,
                params=params,
                headers={**ask.headers, **auth.values} if isinstance(auth, SecretHeaders) else ask.headers,
                auth=HTTPBasicAuth(auth[0].encode(), auth[1].encode()) if isinstance(auth, tuple) else None,
                data=ask.data,
                json=ask.json,
                timeout=(CONNECT, ask.timeout or self._timeout),
                proxies=self._proxies.for_url(url),
                allow_redirects=False,
                stream=True,
            )
        except BaseException:
            self._pace.leave(host)
            raise
        finally:
            self.count(requests=1)
        reply.keepfolio_host = host  # type: ignore[attr-defined]
        return reply

    def _guard(self, url: str) -> None:
        if host_of(url) not in self.configured:
            guard(url)

    def count(self, requests: int = 0, received: int = 0) -> None:
        with self._counting:
            self.sent.requests += requests
            self.sent.bytes += received

    def finish(self, reply: requests.Response) -> None:
        """Give the connection back, once."""
        host = reply.__dict__.pop("keepfolio_host", None)
        if host is None:
            return
        reply.close()
        self._pace.leave(host)

    def skip(self, reply: requests.Response) -> None:
        """Read what is left of a short answer that nobody needs, so that its connection can be used again."""
        try:
            reply.raw.read(CHUNK)
        finally:
            self.finish(reply)

    def done_with(self, reply: requests.Response) -> Callable[[int], None]:
        def done(received: int) -> None:
            self.count(received=received)
            self.finish(reply)

        return done

    def slower(self, url: str) -> None:
        """Ask a host less often from now on."""
        self._pace.slower(host_of(url))

    def close(self) -> None:
        """Let go of all connections."""
        self._session.close()


def _rewinding(data: object) -> Callable[[], bool]:
    """Return what makes a body ready to be sent once more, and tells whether that could be done."""
    if not isinstance(data, io.IOBase):
        return lambda: True
    if not data.seekable():
        return lambda: False
    start = data.tell()
    return lambda: data.seek(start) == start


def cookies(reply: requests.Response) -> dict[str, str]:
    """Return the cookies that an answer sets; each stands in a header of its own, which requests would join."""
    found: dict[str, str] = {}
    for header in reply.raw.headers.getlist("Set-Cookie"):
        name, given, value = header.partition(";")[0].partition("=")
        if given:
            found[name.strip()] = value.strip()
    return found
