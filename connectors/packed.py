"""Packed exports (zip, gzip) are hostile input: what comes out is counted, whatever the pack says of itself."""

from __future__ import annotations

import errno
import io
import stat
import threading
import zipfile
import zlib
from pathlib import Path
from typing import IO

from connectors.contract import SourceUnavailable

MAX_RATIO = 200
"""How far a packed export may grow. Text packs 5 to 20 times smaller; a bomb 1,000 times."""
RATIO_FROM = 32 * 2**20
"""Below this a high ratio harms nobody."""
_LOCKED = 0x1


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


def unreadable(name: str, error: OSError) -> SourceUnavailable:
    """Return the error for what the computer itself does not give."""
    return SourceUnavailable(
        f"{name} cannot be read: {error.strerror or error}.",
        code="unreadable",
        mend="See whether it opens in another program, and whether the disk on which it lies is there.",
    )


class Zip:
    """
    An open zip file; close it. ``again`` is how the owner gets a whole one.

    Raises:
        SourceUnavailable: It is not whole, or cannot be read.
    """

    def __init__(self, path: Path, name: str, again: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        try:
            # the file is ours and not the archive's, which would count its users without a lock
            self._file = path.open("rb")
        except OSError as error:
            raise unreadable(name, error) from error
        try:
            self._size = path.stat().st_size
            self._archive = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            self._file.close()
            raise SourceUnavailable(
                f"{name} is not a whole zip file: perhaps only a part of it was downloaded.",
                code="export-damaged",
                unchanged="Nothing was taken from it.",
                mend=again,
            ) from error
        self.members = self._archive.infolist()

    def insist_fits(self, most: int) -> None:
        """Close it and raise SourceUnavailable where it says that it unpacks to too much, or to over ``most`` bytes."""
        if sum(info.file_size for info in self.members) > budget(self._size, most):
            self.close()
            raise bomb(self._name)

    def stream(self, info: zipfile.ZipInfo) -> IO[bytes]:
        """
        Open a member, which is not locked; from several threads at once.

        Raises:
            zipfile.BadZipFile: It is damaged.

            NotImplementedError: It is packed in a way that is not known here.

            SourceUnavailable: The zip file cannot be read.
        """
        with self._lock:  # opening moves the one position in the file; reading has a lock of its own
            try:
                return self._archive.open(info)
            except ValueError as error:
                raise zipfile.BadZipFile(str(error)) from error
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise unreadable(self._name, error) from error
                raise zipfile.BadZipFile("it lies outside of the zip") from error

    def close(self) -> None:
        self._archive.close()
        self._file.close()


def written_name(info: zipfile.ZipInfo) -> str:
    """Return the name as it is written: on Windows ``filename`` has lost its backslashes."""
    return info.orig_filename.partition("\0")[0]


def is_link(info: zipfile.ZipInfo) -> bool:
    """Tell whether a member only points at something else."""
    return stat.S_ISLNK(info.external_attr >> 16)


def is_locked(info: zipfile.ZipInfo) -> bool:
    """Tell whether a member asks for a password."""
    return bool(info.flag_bits & _LOCKED)


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
