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
from typing import BinaryIO, TypeVar

import requests
import urllib3

from archive.entry import JsonValue
from connectors import http_tries as tries
from connectors.contract import FileGone, SourceUnavailable
from connectors.http_address import bare_host, host_of
from connectors.http_answer import Answer, Opened, Stream, too_large
from connectors.http_errors import explain, shown, unavailable
from connectors.http_redact import SECRETS
from connectors.http_wire import CHUNK, Ask, Auth, Params, Proof, SecretHeaders, Sent, Wire, cookies

__all__ = ["DOCUMENT_CAP", "Answer", "Auth", "Http", "Opened", "Params", "Proof", "SecretHeaders", "Sent"]

log = logging.getLogger("keepfolio.http")

T = TypeVar("T")

READ, UPLOAD = 60.0, 300.0  # seconds
DOCUMENT_CAP = 64 * 1024 * 1024
AHEAD = 2


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
        self.insecure = insecure
        self._policy = tries.policy(attempts, backoff)
        self._closing = threading.Event()
        self._wire = Wire(
            user_agent=user_agent,
            insecure=insecure,
            configured=configured,
            timeout=timeout,
            closing=self._closing,
            gap=backoff,
        )

    @property
    def sent(self) -> Sent:
        """What went over the wire so far."""
        return self._wire.sent

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
        ask = Ask("GET", url, dict(params or {}), dict(headers or {}), auth, discovered, follow=follow)
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
        ask = Ask("HEAD", url, dict(params or {}), dict(headers or {}), auth, discovered)
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
        ask = Ask("POST", url, dict(params or {}), sent, auth, data=data, json=json, timeout=timeout)
        return self._try(ask, lambda reply, at: self._whole(reply, at, cap))

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        auth: Proof | None = None,
        *,
        data: bytes | None = None,
        cap: int = DOCUMENT_CAP,
    ) -> Answer:
        """
        Send another method that only reads, such as WebDAV's PROPFIND; repeated like a GET, redirects given back.

        Raises as ``get``.
        """
        ask = Ask(method, url, {}, dict(headers or {}), auth, data=data, follow=False)
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
        ask = Ask("GET", url, dict(params or {}), plain, auth, discovered)
        return self._try(ask, lambda reply, at: self._stream(reply, at, cap, expect))

    def stream(
        self,
        url: str,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Proof | None = None,
        *,
        discovered: bool = False,
        follow: bool = True,
    ) -> Opened:
        """
        Return an answer of any status as it begins to come; see ``get``. Close it, as what ``open`` gives.

        For whoever must look at status and headers before the bytes; a whole file is mostly wanted from ``open``.
        """
        plain = {"Accept-Encoding": "identity", **(headers or {})}
        ask = Ask("GET", url, dict(params or {}), plain, auth, discovered, follow=follow)
        return self._try(ask, self._opened)

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
        self._wire.configured.add(host_of(url))

    def owns(self, url: str) -> bool:
        """Tell whether an address lies at a host that the owner named, ``www.`` aside: no secret goes elsewhere."""
        return bare_host(url) in {host.removeprefix("www.") for host in self._wire.configured}

    def close(self) -> None:
        """Let go of all connections; a request that waits for its next try gives up."""
        self._closing.set()
        self._wire.close()

    def __repr__(self) -> str:
        return f"Http(requests={self.sent.requests}, bytes={self.sent.bytes})"

    # --- how ------------------------------------------------------------------------------------------------------

    def _try(self, ask: Ask, take: Callable[[requests.Response, str], T]) -> T:
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
                reply, at = self._wire.follow(ask)
                if reply.status_code in {429, 503}:
                    self._wire.slower(at)
                again = tries.after_answer(policy, ask.method, reply)
                if again is None:
                    return take(reply, at)
                policy, wait = again, tries.wait_for(again, reply)
                self._wire.skip(reply)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                if reply is not None:
                    self._wire.finish(reply)
                said = explain(error, ask.url)
                again = tries.after_error(policy, ask.method, said)
                if again is None:
                    raise said from shown(error)
                policy, wait = again, again.get_backoff_time()
            except SourceUnavailable:
                if reply is not None:
                    self._wire.finish(reply)
                raise
            log.info("%s %s: trying again in %.1f s", ask.method, ask.url, wait)
            if self._closing.wait(wait):
                raise unavailable(f"{ask.url} was not asked again: the program is ending.", code="stopped")

    def _whole(self, reply: requests.Response, at: str, cap: int) -> Answer:
        body = bytearray()
        for chunk in reply.raw.stream(CHUNK, decode_content=True):
            body += chunk
            self._wire.count(received=len(chunk))
            if len(body) > cap:
                raise too_large(at, cap)
        answer = Answer(reply.status_code, reply.headers, bytes(body), at, cookies(reply))
        self._wire.finish(reply)
        return answer

    def _opened(self, reply: requests.Response, at: str) -> Opened:
        body = io.BufferedReader(Stream(reply, at, None, self._wire.done_with(reply)), CHUNK)
        return Opened(reply.status_code, reply.headers, at, body, cookies(reply))

    def _stream(self, reply: requests.Response, at: str, cap: int | None, expect: str) -> BinaryIO:
        kind = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if reply.status_code in {404, 410}:
            self._wire.finish(reply)
            raise FileGone(f"{at} does not exist any more ({reply.status_code}).", mend="keepfolio accept")
        if reply.status_code != 200:
            raise unavailable(f"{at} was answered with {reply.status_code}.", code=f"status-{reply.status_code}")
        if expect and kind == "text/html" and expect != kind:
            raise unavailable(f"{at} gave a web page in the place of a file ({expect}).", code="not-the-file")
        return io.BufferedReader(Stream(reply, at, cap, self._wire.done_with(reply)), CHUNK)
