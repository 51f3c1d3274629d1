"""
XML as a stream of pieces of bytes: it is cut before it is parsed.

So memory holds one item at a time, every item keeps its bytes as the system wrote them, and an item that is not
well-formed is one failed item instead of the end of the harvest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from connectors.contract import SourceUnavailable

MAX_ITEM = 64 * 2**20
"""Bytes of one item. The largest post seen has 220 KB; the cap is what lets lxml take text nodes over 10 MB."""

_BLOCK = 256 * 2**10
_LONGEST_TAG = 2**10


@dataclass(frozen=True)
class Piece:
    """
    Bytes of the file that belong together.

    ``name`` is the element's, or ``""`` for what stands between. ``line`` is where it begins (from 1). ``whole`` is
    false when the file ended inside.
    """

    name: str
    data: bytes
    line: int
    whole: bool = True


def cut(stream: IO[bytes], names: tuple[str, ...], *, cap: int = MAX_ITEM, mend: str = "") -> Iterator[Piece]:
    """
    Cut a stream into the named elements and what stands between them; all pieces together are the stream.

    ``mend`` is what the owner does where it cannot be read, such as exporting again.

    Names inside CDATA or a comment are text (a post may well show ``<item>``). Elements do not nest in themselves.

    Raises:
        SourceUnavailable: A piece is longer than ``cap`` bytes.
    """
    window = _Window(stream, cap, mend)
    token = re.compile(
        rb"<!\[CDATA\[|<!--|<(/?)(" + b"|".join(re.escape(n.encode()) for n in names) + rb")(?:\s[^<>]*)?>"
    )
    inside = b""
    while (found := window.search(token)) is not None:
        if found[0] == b"<![CDATA[":
            window.skip(b"]]>")
        elif found[0] == b"<!--":
            window.skip(b"-->")
        elif not inside and not found[1]:
            if found.start() > window.start:
                yield window.take("", found.start())
            inside = found[2]
        elif inside and found[1] and found[2] == inside:
            yield window.take(inside.decode(), window.at)
            inside = b""
    if window.start < len(window.buffer):
        yield window.take(inside.decode(), len(window.buffer), whole=not inside)


class _Window:
    """
    A part of a stream: from ``start`` on it was not taken yet, and ``at`` is how far it was looked at.

    What was taken is thrown away when more is read, and not each time: behind one long item there may be many short
    ones, and to move all of them for each takes minutes.
    """

    def __init__(self, stream: IO[bytes], cap: int, mend: str) -> None:
        self.buffer = b""
        self.start = 0
        self.at = 0
        self.line = 1
        self._stream = stream
        self._cap = cap
        self._mend = mend

    def search(self, token: re.Pattern[bytes]) -> re.Match[bytes] | None:
        while True:
            found = token.search(self.buffer, self.at)
            if found is not None:
                self.at = found.end()
                return found
            # a tag may have been cut by the end of the buffer: its last bytes are looked at again
            self.at = max(self.at, len(self.buffer) - _LONGEST_TAG)
            if not self._more():
                return None

    def skip(self, end: bytes) -> None:
        while (found := self.buffer.find(end, self.at)) < 0:
            self.at = max(self.at, len(self.buffer) - len(end) + 1)
            if not self._more():
                self.at = len(self.buffer)
                return
        self.at = found + len(end)

    def take(self, name: str, end: int, *, whole: bool = True) -> Piece:
        piece = Piece(name, self.buffer[self.start : end], self.line, whole)
        self.line += piece.data.count(b"\n")
        self.start = end
        return piece

    def _more(self) -> bool:
        self.buffer, self.at, self.start = self.buffer[self.start :], self.at - self.start, 0
        if len(self.buffer) > self._cap:
            raise SourceUnavailable(
                f"Line {self.line} of the export begins an item of more than {self._cap // 2**20} MB; that is no text.",
                code="too-large",
                unchanged="What came before it is kept.",
                mend=self._mend,
            )
        # as much again as is there: a long item is copied a few times and not once for each block
        block = self._stream.read(max(_BLOCK, len(self.buffer)))
        self.buffer += block
        return bool(block)
