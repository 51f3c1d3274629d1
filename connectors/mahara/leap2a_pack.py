"""
The bytes of an export, in a zip or in a folder: what is in it, found by name, and read as a stream.

Both are hostile input. Nothing is ever unpacked under a name of theirs; names that leave their place, links, and what
is locked are left out, and what unpacks to more than it says of itself is not read.
"""

from __future__ import annotations

import errno
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
from connectors.packed import Capped, bomb, budget

MAX_TOTAL = 64 * 2**30
"""Bytes of one export, unpacked. Real ones of several GB exist; a disk that holds more is nobody's portfolio."""
MAX_FEED = 4 * 2**30

EXPORT_AGAIN = (
    "Export again in Mahara (main menu > Manage > Export > All my data), and put the new file in place of this one."
)
UNPACK = "Unpack the zip yourself, and name the folder with path: in config.yaml."
_ENCRYPTED = 1
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
        """Open a file of XML. SourceUnavailable where it is damaged or a bomb; an early end is no error here."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for streaming, from several threads at once. FileGone where its bytes are not those it had."""

    def digest(self) -> str:
        """Return what differs when anything in it does; costs no reading of files."""

    def close(self) -> None:
        """Let go of it."""


class ZipPack:
    """A zip file. ``where`` returns where it lies, ``drop`` is called after it was closed."""

    def __init__(self, name: str, where: Callable[[], Path], drop: Callable[[], None] = lambda: None) -> None:
        self.name = name
        self._where = where
        self._drop = drop
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._zip: zipfile.ZipFile | None = None
        self._members: dict[str, zipfile.ZipInfo] = {}

    def names(self) -> Iterator[str]:
        self._opened()
        return iter(self._members)

    def get(self, name: str) -> Member | None:
        self._opened()
        info = self._members.get(name)
        return Member(name, info.file_size, f"{info.file_size}-{info.CRC:08x}") if info else None

    def text(self, name: str) -> IO[bytes]:
        info = self._info(name)
        if info.file_size > budget(info.compress_size, MAX_FEED):
            raise bomb(self.name)
        if info.flag_bits & _ENCRYPTED:
            raise SourceUnavailable(f"{name} in {self.name} is locked with a password.", code="encrypted", mend=UNPACK)
        try:
            stream = self._stream(info)
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise SourceUnavailable(
                f"{name} in {self.name} cannot be read: {error}.", code="export-damaged", mend=UNPACK
            ) from error
        return io.BufferedReader(Capped(stream, info.file_size, self.name, EXPORT_AGAIN))

    def open(self, name: str) -> BinaryIO:
        info = self._info(name)
        if info.flag_bits & _ENCRYPTED:
            raise _gone(name, self.name, "it is locked with a password", UNPACK)
        if info.file_size > budget(info.compress_size, MAX_TOTAL):
            raise _gone(name, self.name, "it unpacks to far more than a file can hold", UNPACK)
        try:
            stream = self._stream(info)
        except NotImplementedError as error:  # Windows packs what is large in a way of its own
            raise _gone(name, self.name, str(error), UNPACK) from error
        except zipfile.BadZipFile as error:
            raise _gone(name, self.name, str(error)) from error
        return cast("BinaryIO", io.BufferedReader(_Whole(stream, info.file_size, name, self.name)))

    def digest(self) -> str:
        self._opened()
        whole = hashlib.sha256()
        for name in sorted(self._members):
            info = self._members[name]
            whole.update(f"{name}\0{info.file_size}\0{info.CRC}\n".encode("utf-8", "surrogateescape"))
        return whole.hexdigest()

    def close(self) -> None:
        if self._zip is None or self._file is None:
            return
        self._zip.close()
        self._file.close()
        self._zip = self._file = None
        self._members = {}
        self._drop()

    def _stream(self, info: zipfile.ZipInfo) -> IO[bytes]:
        opened = self._opened()
        with self._lock:  # opening moves the one file position; reading has a lock of its own
            try:
                return opened.open(info)
            except ValueError as error:
                raise zipfile.BadZipFile(str(error)) from error
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise unreadable(self.name, error) from error
                raise zipfile.BadZipFile("it lies outside of the zip") from error

    def _info(self, name: str) -> zipfile.ZipInfo:
        self._opened()
        return self._members[name]

    def _opened(self) -> zipfile.ZipFile:
        with self._lock:
            if self._zip is None:
                self._open()
            return cast("zipfile.ZipFile", self._zip)

    def _open(self) -> None:
        path = self._where()
        try:
            # the file is ours and not the archive's, which would count its users without a lock
            file = path.open("rb")
        except OSError as error:
            raise unreadable(self.name, error) from error
        try:
            archive = zipfile.ZipFile(file)
            if sum(info.file_size for info in archive.infolist()) > budget(path.stat().st_size, MAX_TOTAL):
                raise bomb(self.name)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            file.close()
            raise SourceUnavailable(
                f"{self.name} is not a whole zip file: perhaps only a part of it was downloaded.",
                code="export-damaged",
                unchanged="Nothing was taken from it.",
                mend="Download it again, or export again in Mahara, and put the new file in place of this one.",
            ) from error
        except SourceUnavailable:
            file.close()
            raise
        self._file, self._zip = file, archive
        named = [(_name(info), info) for info in archive.infolist() if not info.is_dir() and not _is_link(info)]
        named.sort(key=lambda one: "//" not in one[0])  # the last of one name counts, and before all the exact one
        self._members = {_SLASHES.sub("/", name): info for name, info in named if is_safe(name)}


class FolderPack:
    """An unpacked export: the files that lie under some folders of ``root``."""

    def __init__(self, name: str, root: Path, feed: str, folders: tuple[str, ...]) -> None:
        self.name = name
        self._root = root
        self._feed = feed
        self._folders = folders
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
                raise _gone(name, self.name, "it is no file any more")
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

    def __init__(self, stream: IO[bytes], size: int, name: str, pack: str) -> None:
        self._stream = stream
        self._left = size
        self._of = name, pack

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except OSError as error:
            raise unreadable(self._of[1], error) from error
        except Exception as error:  # each way of packing has errors of its own
            raise _gone(*self._of, str(error) or "its end is missing") from error
        self._left -= len(data)
        if self._left < 0 or (self._left and not data and len(buffer)):
            raise _gone(*self._of, "it has another size than the zip says")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def is_safe(name: str) -> bool:
    """Tell whether a name stays where it is: no absolute one, no ``..``."""
    return bool(name) and not name.startswith(("/", "\\")) and ".." not in PurePosixPath(name).parts


def is_file(path: Path) -> bool:
    """Tell whether it is a plain file: no link, and no pipe on which one would wait for ever."""
    return stat.S_ISREG(path.lstat().st_mode) if os.path.lexists(path) else False


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name as it is written: on Windows ``filename`` has lost its backslashes, which are letters here."""
    return info.orig_filename.partition("\0")[0]


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def unreadable(name: str, error: OSError) -> SourceUnavailable:
    """Return the error for what the computer itself does not give."""
    return SourceUnavailable(
        f"{name} cannot be read: {error.strerror or error}.",
        code="unreadable",
        mend="See whether it opens in another program, and whether the disk on which it lies is there.",
    )


def _gone(name: str, pack: str, why: str, mend: str = EXPORT_AGAIN) -> FileGone:
    return FileGone(f"{PurePosixPath(name).name} in {pack} cannot be read: {why}.", code="file-damaged", mend=mend)
