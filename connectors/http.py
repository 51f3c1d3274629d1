"""
The one polite session: time-outs, retries, limits, address guard, redaction, requests ahead in order.

Every connector speaks through it. Each exchange ends in an ``Answer`` of any status, or in one error of ours that says
what happened. Nothing is remembered between requests: no cookies, no cache, no ``.netrc``.
"""

from __future__ import annotations

import io
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import BinaryIO, TypeAlias, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.auth import HTTPBasicAuth

from archive.entry import JsonValue
from connectors import http_tries as tries
from connectors.contract import FileGone, SourceUnavailable
from connectors.http_address import Proxies, bare_host, guard, host_of, keeps_secret, may_carry_secret
from connectors.http_answer import Answer, Stream, too_large
from connectors.http_errors import explain, shown, unavailable
from connectors.http_pace import Pace
from connectors.http_redact import SECRETS
from connectors.http_session import new_session

__all__ = ["DOCUMENT_CAP", "Answer", "Auth", "Http", "Params", "Proof", "SecretHeaders", "Sent"]

log = logging.getLogger("keepfolio.http")

T = TypeVar("T")
Params = Mapping[str, str | int]

CONNECT, READ, UPLOAD = 10.0, 60.0, 300.0  # seconds
DOCUMENT_CAP = 64 * 1024 * 1024
AHEAD = 2
REDIRECTS = 10
CONNECTIONS = 2
_CHUNK = 64 * 1024
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


class Http:
    """
    A session for a whole run, safe to use from several threads.

    Args:
        user_agent: What the sites read; hosts' firewalls refuse the usual names of Python's libraries.

        insecure: Hosts (``name`` or ``name:port``) to which the owner lets passwords travel by plain http.

        configured: Hosts named in the configuration: never treated as discovered.

        attempts: How often a request that may be repeated is tried at most.

        backoff: Seconds before the second try; doubled for each further one, with jitter. Also the first gap between
            requests to a host that said 429 or 503.

        timeout: Seconds without a byte after which an answer is given up.
    """

    def __init__(
        self,
        *,
        user_agent: str = "keepfolio",
        insecure: frozenset[str] = frozenset(),
        configured: Iterable[str] = (),
        attempts: int = 5,
        backoff: float = 0.5,
        timeout: float = READ,
    ) -> None:
        self.sent = Sent()
        self.insecure = insecure
        self._configured = set(configured)
        self._timeout = timeout
        self._policy = tries.policy(attempts, backoff)
        self._closing = threading.Event()
        self._counting = threading.Lock()
        self._pace = Pace(CONNECTIONS, self._closing, backoff)
        self._proxies = Proxies()
        self._session = new_session(user_agent, CONNECTIONS)
        for proxy in self._proxies.known.values():
            if secret := urlsplit(proxy).password:
                SECRETS.add(secret)

    # --- asking -----------------------------------------------------------------------------------------------------

    def get(
        self,
        url: str,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Proof | None = None,
        *,
        cap: int = DOCUMENT_CAP,
        discovered: bool = False,
        follow: bool = True,
    ) -> Answer:
        """
        Return the answer, of whatever status, after following redirects (or not, without ``follow``).

        ``auth`` is user and password, or headers that are a secret, for the host of ``url`` alone. ``cap`` is the
        number of bytes (unpacked) at which an answer is refused. A ``discovered`` address was found on a page: it is
        refused when it leads to a private network.

        Raises:
            SourceUnavailable: There was no complete answer; ``code`` is one of certificate, name-not-found, proxy,
                refused-connection, time-out, cut, too-large, redirect-loop, private-address, insecure, bad-address.
        """
        ask = _Ask("GET", url, dict(params or {}), dict(headers or {}), auth, discovered, follow=follow)
        return self._try(ask, lambda reply, at: self._whole(reply, at, cap))

    def head(
        self,
        url: str,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Proof | None = None,
        *,
        discovered: bool = False,
    ) -> Answer:
        """Return status and headers; see ``get``."""
        ask = _Ask("HEAD", url, dict(params or {}), dict(headers or {}), auth, discovered)
        return self._try(ask, lambda reply, at: self._whole(reply, at, DOCUMENT_CAP))

    def post(
        self,
        url: str,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Proof | None = None,
        *,
        data: bytes | BinaryIO | Mapping[str, str] | None = None,
        json: JsonValue = None,
        override: str = "",
        cap: int = DOCUMENT_CAP,
        timeout: float = UPLOAD,
    ) -> Answer:
        """
        Send once: a POST is never repeated, because nobody can tell whether it was done.

        A redirect that would turn it into a GET (301, 302, 303), or needs a stream again that cannot be rewound, is
        given back as it is. ``override`` is the method meant (``DELETE``), sent as ``X-HTTP-Method-Override``: web
        servers refuse the real one. ``timeout`` is the number of seconds without a byte after which the answer is
        given up.
        """
        sent = dict(headers or {})
        if override:
            sent["X-HTTP-Method-Override"] = override
        ask = _Ask("POST", url, dict(params or {}), sent, auth, data=data, json=json, timeout=timeout)
        return self._try(ask, lambda reply, at: self._whole(reply, at, cap))

    def open(
        self,
        url: str,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Proof | None = None,
        *,
        cap: int | None = None,
        discovered: bool = False,
        expect: str = "",
    ) -> BinaryIO:
        """
        Stream a file. Close it, also early: it holds one of the host's two connections.

        ``cap`` is the number of bytes at which reading is refused; None for a file of any size. ``expect`` is the media
        type that the file should have: a page of HTML in the place of a picture is refused.

        Raises:
            FileGone: 404 or 410.

            SourceUnavailable: Any other answer but 200; or, while reading, fewer bytes than were promised.
        """
        plain = {"Accept-Encoding": "identity", **(headers or {})}
        ask = _Ask("GET", url, dict(params or {}), plain, auth, discovered)
        return self._try(ask, lambda reply, at: self._stream(reply, at, cap, expect))

    def ordered(self, jobs: Iterable[Callable[[], T]]) -> Iterator[T]:
        """
        Run jobs two ahead, and yield what they return in their own order.

        Use as ``ordered(partial(http.get, url) for url in urls)``. Jobs are taken as they are needed; an error of one
        is raised where its answer would have stood.
        """
        waiting: deque[Future[T]] = deque()
        with ThreadPoolExecutor(AHEAD, thread_name_prefix="keepfolio-http") as pool:
            try:
                for job in jobs:
                    waiting.append(pool.submit(job))
                    if len(waiting) > AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    # --- keeping --------------------------------------------------------------------------------------------------

    def redact(self, secret: str) -> None:
        """Never show this text again in a log, error or repr."""
        SECRETS.add(secret)

    def configure(self, url: str) -> None:
        """
        Name a host as one of the owner's own: its address is never treated as discovered, and it may get secrets.

        Only for addresses that the owner wrote, and what lies at the same host (``http_address.same_site``).
        """
        self._configured.add(host_of(url))

    def owns(self, url: str) -> bool:
        """Tell whether an address lies at a host that the owner named, ``www.`` aside: no secret goes elsewhere."""
        return bare_host(url) in {host.removeprefix("www.") for host in self._configured}

    def close(self) -> None:
        """Let go of all connections; a request that waits for its next try gives up."""
        self._closing.set()
        self._session.close()

    def __repr__(self) -> str:
        return f"Http(requests={self.sent.requests}, bytes={self.sent.bytes})"

    # --- how ------------------------------------------------------------------------------------------------------

    def _try(self, ask: _Ask, take: Callable[[requests.Response, str], T]) -> T:
        """Ask until there is an answer worth taking; the policy says how often and how long to wait."""
        if isinstance(ask.auth, SecretHeaders):
            for value in ask.auth.values.values():
                SECRETS.add(value)
        elif ask.auth:
            SECRETS.add(ask.auth[1], ask.auth[0])
        policy = self._policy
        while True:
            reply: requests.Response | None = None
            try:
                reply, at = self._follow(ask)
                if reply.status_code in {429, 503}:
                    self._pace.slower(host_of(at))
                again = tries.after_answer(policy, ask.method, reply)
                if again is None:
                    return take(reply, at)
                policy, wait = again, tries.wait_for(again, reply)
                self._skip(reply)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                if reply is not None:
                    self._finish(reply)
                said = explain(error, ask.url)
                again = tries.after_error(policy, ask.method, said)
                if again is None:
                    raise said from shown(error)
                policy, wait = again, again.get_backoff_time()
            except SourceUnavailable:
                if reply is not None:
                    self._finish(reply)
                raise
            log.info("%s %s: trying again in %.1f s", ask.method, ask.url, wait)
            if self._closing.wait(wait):
                raise unavailable(f"{ask.url} was not asked again: the program is ending.", code="stopped")

    def _follow(self, ask: _Ask) -> tuple[requests.Response, str]:
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
            self._skip(reply)
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

    def _send(self, ask: _Ask, url: str, params: Params, auth: Proof | None) -> requests.Response:
        if auth and not may_carry_secret(url, self.insecure):
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
            self._count(requests=1)
        reply.keepfolio_host = host  # type: ignore[attr-defined]
        return reply

    def _guard(self, url: str) -> None:
        if host_of(url) not in self._configured:
            guard(url)

    def _count(self, requests: int = 0, received: int = 0) -> None:
        with self._counting:
            self.sent.requests += requests
            self.sent.bytes += received

    def _finish(self, reply: requests.Response) -> None:
        """Give the connection back, once."""
        host = reply.__dict__.pop("keepfolio_host", None)
        if host is None:
            return
        reply.close()
        self._pace.leave(host)

    def _skip(self, reply: requests.Response) -> None:
        """Read what is left of a short answer that nobody needs, so that its connection can be used again."""
        try:
            reply.raw.read(_CHUNK)
        finally:
            self._finish(reply)

    def _whole(self, reply: requests.Response, at: str, cap: int) -> Answer:
        body = bytearray()
        for chunk in reply.raw.stream(_CHUNK, decode_content=True):
            body += chunk
            self._count(received=len(chunk))
            if len(body) > cap:
                raise too_large(at, cap)
        answer = Answer(reply.status_code, reply.headers, bytes(body), at, _cookies(reply))
        self._finish(reply)
        return answer

    def _done_with(self, reply: requests.Response) -> Callable[[int], None]:
        def done(received: int) -> None:
            self._count(received=received)
            self._finish(reply)

        return done

    def _stream(self, reply: requests.Response, at: str, cap: int | None, expect: str) -> BinaryIO:
        kind = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if reply.status_code in {404, 410}:
            self._finish(reply)
            raise FileGone(f"{at} does not exist any more ({reply.status_code}).", mend="keepfolio accept")
        if reply.status_code != 200:
            raise unavailable(f"{at} was answered with {reply.status_code}.", code=f"status-{reply.status_code}")
        if expect and kind == "text/html" and expect != kind:
            raise unavailable(f"{at} gave a web page in the place of a file ({expect}).", code="not-the-file")
        return io.BufferedReader(Stream(reply, at, cap, self._done_with(reply)), _CHUNK)


def _rewinding(data: object) -> Callable[[], bool]:
    """Return what makes a body ready to be sent once more, and tells whether that could be done."""
    if not isinstance(data, io.IOBase):
        return lambda: True
    if not data.seekable():
        return lambda: False
    start = data.tell()
    return lambda: data.seek(start) == start


def _cookies(reply: requests.Response) -> dict[str, str]:
    """Return the cookies that an answer sets; each stands in a header of its own, which requests would join."""
    found: dict[str, str] = {}
    for header in reply.raw.headers.getlist("Set-Cookie"):
        name, given, value = header.partition(";")[0].partition("=")
        if given:
            found[name.strip()] = value.strip()
    return found


@dataclass(frozen=True)
class _Ask:
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
