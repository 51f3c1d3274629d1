"""Reading a file to its end, and learning there whether it is what was sealed."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable

from archive.entry import Digest


class Whole(io.FileIO):
    """
    A file that compares its digest when it ends; to be wrapped in ``io.BufferedReader``.

    Whoever reads from the beginning to the end never gets other bytes than were sealed without learning it: an error
    is raised in place of the end. After a jump (``seek``) nothing is compared.
    """

    def __init__(self, descriptor: int, digest: Digest, damaged: Callable[[], Exception]) -> None:
        super().__init__(descriptor, "rb")
        self._expected = digest
        self._damaged = damaged
        self._hash: hashlib._Hash | None = hashlib.sha256()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what BufferedReader passes
        count = super().readinto(buffer) or 0
        self._take(memoryview(buffer)[:count], ended=not count)
        return count

    def readall(self) -> bytes:
        data = super().readall() or b""
        self._take(memoryview(data), ended=True)
        return data

    def seek(self, position: int, whence: int = os.SEEK_SET, /) -> int:
        if (position, whence) != (0, os.SEEK_CUR):
            self._hash = None
        return super().seek(position, whence)

    def _take(self, piece: memoryview, *, ended: bool) -> None:
        if self._hash is None:
            return
        self._hash.update(piece)
        if ended and self._hash.hexdigest() != self._expected:
            raise self._damaged()
