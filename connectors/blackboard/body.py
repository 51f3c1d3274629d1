"""The bytes of a file: as many as its list says, or an error."""

from __future__ import annotations

import io
from typing import IO, Any, BinaryIO, cast

from archive.errors import KeepfolioError

_CHUNK = 64 * 1024


class Sized(io.RawIOBase):
    """A stream that ends with ``error`` when more or fewer bytes come than ``size``; None where that is not known."""

    def __init__(self, stream: IO[bytes], size: int | None, error: KeepfolioError) -> None:
        self._stream, self._size, self._error = stream, size, error
        self._read = 0

    @classmethod
    def buffered(cls, stream: IO[bytes], size: int | None, error: KeepfolioError) -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(cls(stream, size, error), _CHUNK))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        self._read += len(data)
        size = self._size
        if size is not None and (self._read > size or (not data and self._read < size)):
            raise self._error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
