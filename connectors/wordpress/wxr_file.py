"""
A WordPress export as a stream of pieces of bytes: where it lies, how it is packed, where an item begins and ends.

The file is cut before it is parsed. So memory holds one item at a time, every item keeps its bytes as WordPress wrote
them, and an item that is not well-formed is one failed item instead of the end of the harvest.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from archive.errors import UsageError
from connectors.contract import SourceUnavailable

MAX_ITEM = 64 * 2**20
"""Bytes of one item. The largest post seen has 220 KB; the cap is what lets lxml take text nodes over 10 MB."""
MAX_EXPORT = 8 * 2**30
"""Bytes of all parts, unpacked: what WordPress.com gives for its largest sites, with room."""
MAX_RATIO = 200
"""How far a packed export may grow. Text packs 5 to 20 times smaller; a bomb 1,000 times."""
RATIO_FROM = 32 * 2**20
"""Below this a high ratio harms nobody."""

HEAD = ("wp:author", "wp:category", "wp:tag", "wp:term")
"""Elements of the channel that are things of their own, beside ``item``."""

_BLOCK = 256 * 2**10
_LONGEST_TAG = 2**10
EXPORT_AGAIN = "Export again in WordPress (Tools > Export > All content), and put the new file in place of this one."


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


@dataclass(frozen=True)
class Part:
    """One XML file of an export, readable any number of times."""

    name: str
    open: Callable[[], IO[bytes]]


def parts(path: Path) -> tuple[Part, ...]:
    """
    Return the XML files of an export: a ``.xml``, ``.xml.gz`` or ``.zip`` file, or a folder of them, in order of name.

    Raises:
        UsageError: There is nothing, or nothing of that kind, at the path.

        SourceUnavailable: A zip file is damaged, or is a bomb.
    """
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.is_file() and _kind(p))
        if not files:
            raise UsageError(
                f"There is no WordPress export (.xml, .xml.gz or .zip) in the folder {path}.",
                code="no-export",
                mend="Put the file there that WordPress gave under Tools > Export.",
            )
        return tuple(part for file in files for part in _parts_of(file))
    if not path.is_file():
        raise UsageError(
            f"There is no file {path}.",
            code="no-export",
            mend="In WordPress choose Tools > Export > All content, and name the file with path: in config.yaml.",
        )
    return _parts_of(path)


def _kind(path: Path) -> str:
    name = path.name.lower()
    return next((kind for kind in (".xml", ".gz", ".zip") if name.endswith(kind)), "")


def _parts_of(path: Path) -> tuple[Part, ...]:
    """Return the parts of one file, recognised by its first bytes and not by its name."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(b"PK"):
        return _zipped(path)
    if magic.startswith(b"\x1f\x8b"):
        budget = _budget(path.stat().st_size)
        return (
            Part(path.name, lambda: io.BufferedReader(_Capped(cast("IO[bytes]", gzip.open(path)), budget, path.name))),
        )
    return (Part(path.name, lambda: path.open("rb")),)


def _zipped(path: Path) -> tuple[Part, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted((m for m in archive.infolist() if _is_export(m)), key=lambda m: m.filename)
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceUnavailable(
            f"{path.name} is not a whole zip file: {error}.", code="export-damaged", mend=EXPORT_AGAIN
        ) from error
    if not members:
        raise SourceUnavailable(
            f"{path.name} holds no .xml file.",
            code="no-export",
            mend="Name the zip that WordPress.com sent, or the .xml file from Tools > Export.",
        )
    for member in members:
        if member.flag_bits & 1:
            raise SourceUnavailable(
                f"{member.filename} in {path.name} is encrypted.", code="encrypted", mend="Unpack the zip yourself."
            )
        if member.file_size > _budget(member.compress_size):
            raise _bomb(path.name)
    if sum(m.file_size for m in members) > MAX_EXPORT:
        raise _bomb(path.name)
    return tuple(Part(Path(m.filename).name, _member_opener(path, m)) for m in members)


def _is_export(member: zipfile.ZipInfo) -> bool:
    # __MACOSX/ holds shadows of the files with the same names
    return member.filename.lower().endswith(".xml") and not member.is_dir() and "__MACOSX" not in member.filename


def _member_opener(path: Path, member: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opener() -> IO[bytes]:
        # the stream keeps the archive's file open for itself
        with zipfile.ZipFile(path) as archive:
            stream = archive.open(member)
        # the declared size is the member's own word: what comes out is counted as well
        return io.BufferedReader(_Capped(stream, member.file_size, path.name))

    return opener


def _budget(packed: int) -> int:
    return min(MAX_EXPORT, max(RATIO_FROM, packed * MAX_RATIO))


def _bomb(name: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"{name} unpacks to far more than a WordPress export can hold; it was not read.",
        code="too-large",
        unchanged="Nothing was taken from it.",
        mend="If it is a real export, unpack it yourself and name the .xml file with path:.",
    )


class _Capped(io.RawIOBase):
    """A packed stream that ends with an error when more comes out than may, or when the pack is damaged."""

    def __init__(self, stream: IO[bytes], limit: int, name: str) -> None:
        self._stream = stream
        self._left = limit
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except EOFError:
            return 0  # half a download: the reader finds that the export ends in the middle, and keeps what came
        except (OSError, zlib.error, zipfile.BadZipFile) as error:
            raise SourceUnavailable(
                f"{self._name} is damaged: {error}.", code="export-damaged", mend=EXPORT_AGAIN
            ) from error
        self._left -= len(data)
        if self._left < 0:
            raise _bomb(self._name)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def cut(stream: IO[bytes], names: tuple[str, ...], *, cap: int = MAX_ITEM) -> Iterator[Piece]:
    """
    Cut a stream into the named elements and what stands between them; all pieces together are the stream.

    Names inside CDATA or a comment are text (a post may well show ``<item>``). Elements do not nest in themselves.

    Raises:
        SourceUnavailable: A piece is longer than ``cap`` bytes.
    """
    window = _Window(stream, cap)
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
            if found.start():
                yield window.take("", found.start())
            inside = found[2]
        elif inside and found[1] and found[2] == inside:
            yield window.take(inside.decode(), window.at)
            inside = b""
    if window.buffer:
        yield window.take(inside.decode(), len(window.buffer), whole=not inside)


class _Window:
    """The part of a stream that was read and not yet taken; ``at`` is how far it was looked at."""

    def __init__(self, stream: IO[bytes], cap: int) -> None:
        self.buffer = b""
        self.at = 0
        self.line = 1
        self._stream = stream
        self._cap = cap

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
        piece = Piece(name, self.buffer[:end], self.line, whole)
        self.line += piece.data.count(b"\n")
        self.buffer = self.buffer[end:]
        self.at -= end
        return piece

    def _more(self) -> bool:
        if len(self.buffer) > self._cap:
            raise SourceUnavailable(
                f"Line {self.line} of the export begins an item of more than {self._cap // 2**20} MB; that is no text.",
                code="too-large",
                unchanged="What came before it is kept.",
                mend=EXPORT_AGAIN,
            )
        # as much again as is there: a long item is copied a few times and not once for each block
        block = self._stream.read(max(_BLOCK, len(self.buffer)))
        self.buffer += block
        return bool(block)
