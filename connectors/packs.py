"""
The bytes of an export, in a zip or in a folder: what is in it, found by name, and read as a stream.

Both are hostile input. Nothing is ever unpacked under a name of theirs; names that leave their place, links, and what
is locked are left out, and what unpacks to more than it says of itself is not read.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Protocol, cast

from connectors.contract import FileGone, SourceUnavailable
from connectors.packed import Capped, Zip, bomb, budget, is_link, is_locked, unreadable, written_name

MAX_TOTAL = 64 * 2**30
"""Bytes of one export, unpacked. Real ones of several GB exist; a disk that holds more is nobody's portfolio."""
MAX_TEXT = 4 * 2**30
UNPACK = "Unpack the zip yourself, and name the folder with path: in config.yaml."
_SLASHES = re.compile("/+")
"""Until 20.04 Mahara wrote ``files//0-a.txt``, and ``files/0-a.txt`` in the XML (export/leap/lib.php); no two files of
an export differ by that alone."""


@dataclass(frozen=True)
class Member:
    """A file of an export. ``size`` in bytes; ``stamp`` changes when its bytes do, in a zip only then."""

    name: str
    size: int
    stamp: str


class Pack(Protocol):
    """What holds an export. Opened when it is first asked, and again when it is asked after ``close``."""

    name: str

    def names(self) -> Iterator[str]:
        """Yield the names of all files in it that are safe to read, parts separated by ``/``."""

    def get(self, name: str) -> Member | None:
        """Return the file of that name."""

    def text(self, name: str) -> IO[bytes]:
        """Open a file of text. SourceUnavailable where it is damaged or a bomb; an early end is no error here."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for streaming, from several threads at once. FileGone where its bytes are not those it had."""

    def digest(self) -> str:
        """Return what differs when anything in it does; costs no reading of files."""

    def close(self) -> None:
        """Let go of it."""


class ZipPack:
    """
    A zip file. ``where`` returns where it lies, ``drop`` is called after it was closed.

    ``again`` tells the owner how to get a whole one from the system that made it.
    """

    def __init__(
        self, name: str, where: Callable[[], Path], again: str, drop: Callable[[], None] = lambda: None
    ) -> None:
        self.name = name
        self._where = where
        self._again = again
        self._drop = drop
        self._lock = threading.Lock()
        self._zip: Zip | None = None
        self._members: dict[str, zipfile.ZipInfo] = {}

    def names(self) -> Iterator[str]:
        self._opened()
        return iter(self._members)

    def get(self, name: str) -> Member | None:
        self._opened()
        info = self._members.get(name)
        return Member(name, info.file_size, f"{info.file_size}-{info.CRC:08x}") if info else None

    def text(self, name: str) -> IO[bytes]:
        opened, info = self._opened(), self._members[name]
        if info.file_size > budget(info.compress_size, MAX_TEXT):
            raise bomb(self.name)
        if is_locked(info):
            raise SourceUnavailable(
                f"{name} in {self.name} is locked with a password.",
                code="encrypted",
                unchanged="Nothing was taken from it.",
                mend=UNPACK,
            )
        try:
            stream = opened.stream(info)
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise SourceUnavailable(
                f"{name} in {self.name} cannot be read: {error}.", code="export-damaged", mend=UNPACK
            ) from error
        return io.BufferedReader(Capped(stream, info.file_size, self.name, self._again))

    def open(self, name: str) -> BinaryIO:
        opened, info = self._opened(), self._members[name]
        if is_locked(info):
            raise _gone(name, self.name, "it is locked with a password", UNPACK)
        if info.file_size > budget(info.compress_size, MAX_TOTAL):
            raise _gone(name, self.name, "it unpacks to far more than a file can hold", UNPACK)
        try:
            stream = opened.stream(info)
        except NotImplementedError as error:  # Windows packs what is large in a way of its own
            raise _gone(name, self.name, str(error), UNPACK) from error
        except zipfile.BadZipFile as error:
            raise _gone(name, self.name, str(error), self._again) from error
        return cast("BinaryIO", io.BufferedReader(_Whole(stream, info.file_size, name, self.name, self._again)))

    def digest(self) -> str:
        self._opened()
        whole = hashlib.sha256()
        for name in sorted(self._members):
            info = self._members[name]
            whole.update(f"{name}\0{info.file_size}\0{info.CRC}\n".encode("utf-8", "surrogateescape"))
        return whole.hexdigest()

    def close(self) -> None:
        if self._zip is None:
            return
        self._zip.close()
        self._zip = None
        self._members = {}
        self._drop()

    def _opened(self) -> Zip:
        with self._lock:
            if self._zip is None:
                opened = Zip(self._where(), self.name, self._again)
                opened.insist_fits(MAX_TOTAL)
                self._members = _safe_ones(opened.members)
                self._zip = opened
            return self._zip


class FolderPack:
    """
    An unpacked export: one file that is surely in it (``feed``), and those that lie under some folders of ``root``.

    ``again`` tells the owner how to get a whole one from the system that made it.
    """

    def __init__(self, name: str, root: Path, feed: str, folders: tuple[str, ...], again: str) -> None:
        self.name = name
        self._root = root
        self._feed = feed
        self._folders = folders
        self._again = again
        self._members: dict[str, Member] = {}

    def names(self) -> Iterator[str]:
        return iter(self._walked())

    def get(self, name: str) -> Member | None:
        return self._walked().get(name)

    def text(self, name: str) -> IO[bytes]:
        return self._opened(name)

    def open(self, name: str) -> BinaryIO:
        return self._opened(name)

    def digest(self) -> str:
        with self._opened(self._feed) as feed:
            whole = hashlib.file_digest(cast("io.BufferedReader", feed), "sha256")
        for name, member in sorted(self._walked().items()):
            if name != self._feed:
                whole.update(f"{name}\0{member.stamp}\n".encode("utf-8", "surrogateescape"))
        return whole.hexdigest()

    def close(self) -> None:
        self._members = {}

    def _opened(self, name: str) -> BinaryIO:
        path = self._root / name
        try:
            if not is_file(path) or not path.resolve().is_relative_to(self._root.resolve()):
                raise _gone(name, self.name, "it is no file any more", self._again)
            return path.open("rb")
        except OSError as error:
            raise unreadable(str(path), error) from error

    def _walked(self) -> dict[str, Member]:
        if not self._members:
            self._members = {member.name: member for member in self._found()}
        return self._members

    def _found(self) -> Iterator[Member]:
        yield self._member(self._root / self._feed)
        for folder in self._folders:
            if (self._root / folder).is_symlink():
                continue
            for where, _, files in os.walk(self._root / folder):
                for file in files:
                    if is_file(path := Path(where, file)):
                        yield self._member(path)

    def _member(self, path: Path) -> Member:
        seen = path.lstat()
        name = path.relative_to(self._root).as_posix()
        return Member(name, seen.st_size, f"{seen.st_size}-{seen.st_mtime_ns}")


class _Whole(io.RawIOBase):
    """A packed file as it comes out: all of its bytes, no more than it said, or an error."""

    def __init__(self, stream: IO[bytes], size: int, name: str, pack: str, again: str) -> None:
        self._stream = stream
        self._left = size
        self._of = name, pack
        self._again = again

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except OSError as error:
            raise unreadable(self._of[1], error) from error
        except Exception as error:  # each way of packing has errors of its own
            raise _gone(*self._of, str(error) or "its end is missing", self._again) from error
        self._left -= len(data)
        if self._left < 0 or (self._left and not data and len(buffer)):
            raise _gone(*self._of, "it has another size than the zip says", self._again)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def is_file(path: Path) -> bool:
    """Tell whether it is a plain file: no link, and no pipe on which one would wait for ever."""
    return stat.S_ISREG(path.lstat().st_mode) if os.path.lexists(path) else False


def _safe_ones(infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    named = [(written_name(info), info) for info in infos if not info.is_dir() and not is_link(info)]
    named.sort(key=lambda one: "//" not in one[0])  # the last of one name counts, and before all the exact one
    return {_SLASHES.sub("/", name): info for name, info in named if _is_safe(name)}


def _is_safe(name: str) -> bool:
    """Tell whether a name stays where it is: no absolute one, no ``..``. A backslash in it is a letter."""
    return bool(name) and not name.startswith(("/", "\\")) and ".." not in PurePosixPath(name).parts


def _gone(name: str, pack: str, why: str, mend: str) -> FileGone:
    return FileGone(f"{PurePosixPath(name).name} in {pack} cannot be read: {why}.", code="file-damaged", mend=mend)
