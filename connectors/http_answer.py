"""What comes back: a whole answer, or a stream of bytes that ends as promised or with an error."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit

import requests
import urllib3

from archive.entry import JsonValue
from connectors.contract import SourceUnavailable
from connectors.http_errors import explain, page_title, shown, unavailable
from connectors.http_json import find_json


@dataclass(frozen=True)
class Answer:
    """
    A complete answer.

    ``url`` is where it came from in the end, ``headers`` are looked up in any case, ``cookies`` are those that this
    answer sets, by name; the session itself keeps none.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """The content type without its parameters, lower case."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 become U+FFFD."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> JsonValue:
        """
        Return the JSON of the body, also where a server printed a warning in front of it.

        Raises:
            SourceUnavailable: There is none (``not-json``): an empty answer, a login page, a cut text.
        """
        found = find_json(self.body)
        if found is None:
            raise self.not_json()
        return found.value

    def not_json(self) -> SourceUnavailable:
        """Return the error that names what stands in the place of data."""
        what = page_title(self.body)
        if not self.body.strip():
            seen = "an empty answer"
        elif what:
            seen = f'a web page called "{what}"'
        else:
            seen = "something that is not data"
        return unavailable(
            f"{urlsplit(self.url).netloc} gave {seen} ({self.status}) where data was asked for.",
            code="not-json",
            mend="Open the site in a browser: a security check, a login page or a broken plugin may stand in the way.",
        )


@dataclass(frozen=True)
class Opened:
    """
    An answer of any status whose body is still to be read. Close it, also early: it holds one of two connections.

    ``cookies`` are those that it sets, by name.
    """

    status: int
    headers: Mapping[str, str]
    url: str
    body: BinaryIO = field(repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_file(self) -> bool:
        """Whether this is a file that the site hands out, and not one of its pages, whatever its type."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return "filename" in self.headers.get("Content-Disposition", "") or kind not in {"text/html", ""}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.body.close()


class Stream(io.RawIOBase):
    """The bytes of an answer as they come; a cut connection is an error, never a short file."""

    def __init__(self, reply: requests.Response, url: str, cap: int | None, done: Callable[[int], None]) -> None:
        self._reply, self._url, self._cap, self._done = reply, url, cap, done
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._reply.raw.read(len(buffer), decode_content=True)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise explain(error, self._url) from shown(error)
        self._read += len(data)
        if self._cap is not None and self._read > self._cap:
            raise too_large(self._url, self._cap)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._done(self._read)
        super().close()


def too_large(url: str, cap: int) -> SourceUnavailable:
    """Return the error for an answer that passed its cap (bytes)."""
    return unavailable(
        f"{url} sends more than {cap // 1_000_000} MB, and was cut off.",
        code="too-large",
        mend="Check the address: what is there is no page, feed or list.",
    )
