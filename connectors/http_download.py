"""A large file brought whole to this disk, over a line that breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.contract import FileGone, SourceUnavailable
from connectors.http_answer import Opened
from connectors.http_errors import passes, unavailable

TRIES = 6
_PIECE = 1 << 18
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


Ask = Callable[[Mapping[str, str]], Opened]
"""Sends the request once more, with these headers beside its own."""


def download(ask: Ask, target: Path, *, tries: int = TRIES) -> Iterator[tuple[int, int | None]]:
    """
    Bring a file to ``target``; yields (bytes that are there, bytes of the whole or None) after each piece.

    After a cut it goes on where it was, when the server can (``Range``, and ``If-Range`` with the ETag or the date);
    otherwise it begins anew. It is whole when the iteration ends; after an error, or when the caller stops taking
    pieces, there is no ``target``.

    Args:
        ask: Sends the request; mostly ``Http.stream`` with an address.

        target: Is made, or overwritten.

        tries: How many answers are read at most.

    Raises:
        FileGone: 403, 404 or 410.

        SourceUnavailable: Cut too often, other bytes than at first (``changed``), more or fewer than promised
            (``wrong-length``), a web page in the place of the file (``not-the-file``), or another status.
    """
    getting = _Getting()
    try:
        with target.open("wb") as out:
            for left in reversed(range(tries)):
                try:
                    yield from getting.go_on(ask, out)
                except SourceUnavailable as error:
                    if not left or not passes(error):
                        raise
                else:
                    return
    except BaseException:
        target.unlink(missing_ok=True)
        raise


@dataclass
class _Getting:
    """One file on its way: what is there of it, and what proves that the rest belongs to it."""

    have: int = 0
    size: int | None = None
    mark: str = ""  # what the server calls these very bytes

    def go_on(self, ask: Ask, out: BinaryIO) -> Iterator[tuple[int, int | None]]:
        """Read one answer to its end."""
        with ask(self._wish()) as answer:
            self._judge(answer)
            out.seek(self.have)
            out.truncate()
            while piece := answer.body.read(_PIECE):
                out.write(piece)
                self.have += len(piece)
                yield self.have, self.size
        if self.size is not None and self.have != self.size:
            raise unavailable(
                f"{answer.url} promised {self.size} bytes and sent {self.have}.",
                code="wrong-length",
                mend="Run the command again; if it stays so, ask the site's host.",
            )

    def _wish(self) -> dict[str, str]:
        if not self.have or not self.mark:
            self.have = 0
            return {}
        return {"Range": f"bytes={self.have}-", "If-Range": self.mark}

    def _judge(self, answer: Opened) -> None:
        """Take only what is this file, or its rest."""
        if answer.status in {403, 404, 410}:
            raise FileGone(f"{answer.url} is not there any more ({answer.status}).")
        if answer.status not in {200, 206}:
            raise unavailable(f"{answer.url} was answered with {answer.status}.", code=f"status-{answer.status}")
        if not answer.is_file:
            raise unavailable(f"{answer.url} gave a web page in the place of a file.", code="not-the-file")
        mark, size = _mark(answer.headers), _size(answer)
        if answer.status == 206:
            begins = _RANGE.match(answer.headers.get("Content-Range", ""))
            if begins is None or int(begins[1]) != self.have or (mark and mark != self.mark) or size != self.size:
                raise self._changed(answer)
            return
        if self.mark and (mark, size) != (self.mark, self.size):
            raise self._changed(answer)
        self.have, self.mark, self.size = 0, mark, size

    @staticmethod
    def _changed(answer: Opened) -> SourceUnavailable:
        return unavailable(
            f"{answer.url} became another file while it was read.", code="changed", mend="Run the command again."
        )


def _mark(headers: Mapping[str, str]) -> str:
    """Return the strong ETag, or the date: what If-Range may carry."""
    tag = headers.get("ETag", "").strip()
    return tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "").strip()


def _size(answer: Opened) -> int | None:
    """Return the length of the whole file in bytes, where it is said."""
    if answer.status == 206:
        found = _RANGE.match(answer.headers.get("Content-Range", ""))
        return int(found[2]) if found and found[2] != "*" else None
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdigit() and not answer.headers.get("Content-Encoding") else None
