"""
Files of a Moodle, streamed: the token in the body of a POST, pieces by Range, checked by their SHA-1.

A small file is one request. A large one comes in pieces, so that memory stays flat, a cut costs one piece, and the
token stands in no address. Moodle's ETag is the SHA-1 of the stored bytes (measured), and the listing told the size: a
file that is not exactly that is never handed on. An error comes with status 200 as JSON, so a "PDF" may be one.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from archive.entry import MediaFile
from connectors.contract import FileGone, SourceUnavailable
from connectors.http import Answer
from connectors.http_errors import unavailable
from connectors.http_json import find_json
from connectors.moodle import faults
from connectors.moodle.api import GUARDED, Api
from connectors.moodle.faults import Then

PIECE = 4 * 1024 * 1024
_SHA1 = re.compile(r'"?([0-9a-f]{40})"?$')
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


def open_file(api: Api, own: str, file: MediaFile) -> BinaryIO:
    """
    Stream a file that a listing named; ``file.url`` is its address without a token, ``own`` the site's own address.

    Raises:
        FileGone: The site says that it does not exist.

        SourceRefused: The token is dead.

        SourceUnavailable: Anything else that is not this file; also while reading.
    """
    if not file.url.startswith(f"{own}/pluginfile.php/"):  # what proves a badge: open to everybody
        elsewhere = not file.url.startswith(f"{own}/")
        return api.http.open(file.url, discovered=elsewhere, expect=file.media_type)
    path = f"/webservice{file.url.removeprefix(own)}"
    pieces = _Pieces(api, path, file)
    try:
        return pieces.begin()
    except SourceUnavailable as error:
        if error.code != "too-large":
            raise
        return _whole(api, path, file)  # a server in front that knows no Range


class _Pieces(io.RawIOBase):
    """The bytes of a file, piece by piece, each asked for when it is needed."""

    def __init__(self, api: Api, path: str, file: MediaFile) -> None:
        self._api, self._path, self._file = api, path, file
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._rest = memoryview(b"")
        self._have = 0  # bytes received
        self._size = 0
        self._etag = ""

    def begin(self) -> BinaryIO:
        self._take(self._ask())
        return io.BufferedReader(self, 64 * 1024)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest and self._have < self._size:
            self._take(self._ask())
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _ask(self) -> Answer:
        small = self._file.size is not None and self._file.size <= PIECE
        wish = {} if small else {"Range": f"bytes={self._have}-{self._have + PIECE - 1}"}
        if self._etag and wish:
            wish["If-Range"] = f'"{self._etag}"'
        return self._api.post(
            self._path, self._api.with_token(), headers={"Accept-Encoding": "identity", **wish}, cap=PIECE * 2
        )

    def _take(self, answer: Answer) -> None:
        _insist(answer.status, answer.headers, self._file, lambda: answer.body)
        etag = sha1_of(answer.headers)
        part = _RANGE.match(answer.headers.get("Content-Range", "")) if answer.status == 206 else None
        begins, size = (int(part[1]), int(part[3])) if part else (0, len(answer.body))
        if (
            begins != self._have
            or (self._have and (etag, size) != (self._etag, self._size))
            or not (answer.body or part is None)
        ):
            raise _other(self._file, "it changed while it was read")
        self._etag, self._size = etag, size
        self._have += len(answer.body)
        self._digest.update(answer.body)
        self._rest = memoryview(answer.body)
        _judge(self._file, self._size, self._size)
        if self._have >= self._size:
            _judge(self._file, self._have, self._size, self._digest.hexdigest(), self._etag)


class _Checked(io.RawIOBase):
    """A stream whose last bytes are given only when all of them are what was promised."""

    def __init__(self, body: BinaryIO, file: MediaFile, etag: str) -> None:
        self._body, self._file, self._etag = body, file, etag
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._have = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        self._have += len(data)
        self._digest.update(data)
        if not data:
            _judge(self._file, self._have, self._have, self._digest.hexdigest(), self._etag)
        return len(data)

    def close(self) -> None:
        self._body.close()
        super().close()


def _whole(api: Api, path: str, file: MediaFile) -> BinaryIO:
    """Stream a large file in one answer: only GET streams, so here the token stands in the question's address."""
    answer = api.http.stream(f"{api.root}{path}", params=api.with_token(), auth=GUARDED, follow=False)
    try:
        _insist(answer.status, answer.headers, file, lambda: answer.body.read(64 * 1024))
    except BaseException:
        answer.body.close()
        raise
    return io.BufferedReader(_Checked(answer.body, file, sha1_of(answer.headers)), 64 * 1024)


def sha1_of(headers: Mapping[str, str]) -> str:
    """Return the SHA-1 that Moodle gives a stored file, or ``""`` where the ETag is none."""
    found = _SHA1.match(headers.get("ETag", "").strip().removeprefix("W/"))
    return found[1] if found else ""


def _insist(status: int, headers: Mapping[str, str], file: MediaFile, body: Callable[[], bytes]) -> None:
    """Raise unless an answer is this file, as far as its head tells."""
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if status in {200, 206} and sha1_of(headers):
        return
    found = find_json(body()) if kind == "application/json" else None
    said = faults.refusal(found.value, "pluginfile.php") if found else None
    if status in {404, 410} or (said and said.code == "filenotfound"):
        raise FileGone(f"The site does not find {file.name} any more, though it lists it.", mend="keepfolio accept")
    if said:
        fault = faults.fault_of(said)
        if said.code == "invalidtoken":
            raise faults.dead_token()
        if fault.then in {Then.LOGIN, Then.STOP}:
            raise faults.error_of(fault)
        raise unavailable(f"{file.name} did not come: {faults.plain(said)}", code=said.code or "refused")
    if status not in {200, 206}:
        raise unavailable(f"{file.name} was answered with {status}.", code=f"status-{status}")
    if kind == "text/html" and file.media_type != kind:
        raise unavailable(f"A web page came in the place of {file.name}.", code="not-the-file")


def _judge(file: MediaFile, have: int, size: int, sha1: str = "", etag: str = "") -> None:
    if have != size or (file.size is not None and size != file.size):
        raise _other(file, f"{file.size if file.size is not None else size} bytes were listed, and {have} came")
    if etag and sha1 != etag:
        raise _other(file, "its checksum is not the one that the site gives")


def _other(file: MediaFile, why: str) -> SourceUnavailable:
    return unavailable(
        f"{file.name} is not what the site listed: {why}.",
        code="wrong-bytes",
        mend="Run the command again; if it stays so, download the file with a browser and look at it.",
    )
