"""Packed exports (zip, gzip) are hostile input: what comes out is counted, whatever the pack says of itself."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import IO

from connectors.contract import SourceUnavailable

MAX_RATIO = 200
"""How far a packed export may grow. Text packs 5 to 20 times smaller; a bomb 1,000 times."""
RATIO_FROM = 32 * 2**20
"""Below this a high ratio harms nobody."""


def budget(packed: int, most: int) -> int:
    """Return how many bytes may come out of that many packed ones, and never more than ``most``."""
    return min(most, max(RATIO_FROM, packed * MAX_RATIO))


def bomb(name: str) -> SourceUnavailable:
    """Return the error for a pack from which far more comes out than its kind can hold."""
    return SourceUnavailable(
        f"{name} unpacks to far more than an export can hold; it was not read.",
        code="too-large",
        unchanged="Nothing was taken from it.",
        mend="If it is a real export, unpack it yourself and name what is in it with path:.",
    )


class Capped(io.RawIOBase):
    """A packed stream that ends with an error when more comes out than may, or when the pack is damaged.

    ``limit`` is in bytes; ``name`` is the pack's, for the owner; ``mend`` what she does when it is damaged.
    """

    def __init__(self, stream: IO[bytes], limit: int, name: str, mend: str) -> None:
        self._stream = stream
        self._left = limit
        self._name = name
        self._mend = mend

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except EOFError:
            return 0  # half a download: the reader finds that the export ends in the middle, and keeps what came
        except (OSError, zlib.error, zipfile.BadZipFile) as error:
            raise SourceUnavailable(
                f"{self._name} is damaged: {error}.", code="export-damaged", mend=self._mend
            ) from error
        self._left -= len(data)
        if self._left < 0:
            raise bomb(self._name)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
