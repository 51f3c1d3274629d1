"""
A whole history as it is read: every line in its order, with the bytes that it speaks of.

An export reads the archive so, and an import what it is given. Every digest is compared on the way, places are found by
what a manifest lists and never by a name alone, and what the owner had removed is not told.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from archive import chain, record, segment
from archive.decisions import HOMES, Decisions
from archive.entry import Digest, Json
from archive.errors import ArchiveDamaged, KeepfolioError
from archive.identity import entry_id
from archive.layout import about_of
from archive.version import RawType

LONGEST_LINE = 16 << 20
"""Bytes of one line: an entry with 20,000 files needs 6 MB."""

LARGEST_ITEM = 1 << 28
"""Bytes of one entry's raw form or page, which are held in memory whole; files are streamed and have no limit."""

_PIECE = 1 << 20
_RAW_TYPES: dict[str, RawType] = {".raw.html": "html", ".xml": "xml", ".txt": "txt", ".html": "html"}


class Place(NamedTuple):
    """A file, and the digest that the manifest gives of it; ``name`` is that of the manifest."""

    path: Path
    sha256: Digest
    name: str


@dataclass(frozen=True)
class Told:
    """
    One line, and the way to the bytes that it speaks of.

    ``home``: the part that the line stands in, and ``at`` where it begins there: ``Chronicle.again`` finds it by them.
    """

    value: Mapping[str, Any]
    chronicle: Chronicle
    home: str = ""
    at: int = 0

    @property
    def speaks_of_entry(self) -> bool:
        return "entry" in self.value

    @property
    def raw_type(self) -> RawType:
        """``json``, ``xml``, ``html`` or ``txt``."""
        path = str(self.value["raw"]["path"])
        return next((kind for ending, kind in _RAW_TYPES.items() if path.endswith(ending)), "json")

    def identity_of(self, place: Mapping[str, Any]) -> tuple[str, int]:
        """Return what two lines that speak of the same bytes have in common."""
        return str(self.chronicle.place(self.home, place).path), int(place.get("offset", -1))

    @property
    def version_bytes(self) -> tuple[object, ...]:
        """What two lines have in common that show the same version; ``()`` for one that shows no bytes."""
        value = self.value
        if "raw" not in value:
            return ()
        page = value.get("readable")
        return (self.identity_of(value["raw"]), self.identity_of(page) if page else (), value["fingerprint"])

    def raw(self) -> bytes:
        """Return the bytes as the source sent them."""
        where = self.value["raw"]
        place = self.chronicle.place(self.home, where)
        if int(where["size"]) > LARGEST_ITEM:
            raise self.chronicle.broken(place.name, "is too large")
        with self.chronicle.open(place) as file:
            file.seek(where.get("offset", 0))
            data = file.read(int(where["size"]))
        if hashlib.sha256(data).hexdigest() != where["sha256"]:
            raise self.chronicle.broken(place.name)
        return data

    def page(self) -> bytes:
        """Return the readable page."""
        place = self.chronicle.place(self.home, self.value["readable"])
        with self.chronicle.open(place) as file:
            data = file.read(LARGEST_ITEM + 1)
        if len(data) > LARGEST_ITEM:
            raise self.chronicle.broken(place.name, "is too large")
        if hashlib.sha256(data).hexdigest() != place.sha256:
            raise self.chronicle.broken(place.name)
        return data

    def content(self) -> str:
        """Return the content of this version, from the page or from the line itself."""
        readable = self.value.get("readable")
        if not readable or readable.get("whole") is False:
            return str(self.value["entry"].get("content_html", ""))
        page = self.page()
        if record.MARK.encode() not in page:
            raise self.chronicle.broken(str(readable["path"]))
        try:
            return record.content(page)
        except UnicodeDecodeError:
            raise self.chronicle.broken(str(readable["path"])) from None

    def file(self, where: Mapping[str, Any]) -> BinaryIO:
        """Open a file of ``files``; whoever reads it compares its digest."""
        place = self.chronicle.place(self.home, where)
        if place.sha256 != where["sha256"]:
            raise self.chronicle.broken(place.name)
        return self.chronicle.open(place)


class Chronicle(ABC):
    """Where a history is read from. ``id`` is that of the archive whose history it is."""

    id: str

    @abstractmethod
    def every_line(self) -> Iterator[Told]:
        """Yield every line in order, those of what was removed included."""

    @abstractmethod
    def again(self, home: str, at: int) -> Told:
        """Return one line once more."""

    @abstractmethod
    def place(self, home: str, where: Mapping[str, Any]) -> Place:
        """Return the file of a place in a line."""

    @abstractmethod
    def runs(self) -> Iterator[Json]:
        """Yield who added what, oldest first."""

    @abstractmethod
    def check(self) -> None:
        """Read everything and compare it with what was sealed, so that nothing is taken of what is not whole."""

    @abstractmethod
    def broken(self, name: str, how: str = "is not what was stored") -> KeepfolioError:
        """Return the error for a file or line that is not what it should be."""

    def open(self, place: Place) -> BinaryIO:
        try:
            return place.path.open("rb")
        except OSError as problem:
            raise self.broken(place.name, f"cannot be read ({problem.strerror})") from problem

    def lines(self) -> Iterator[Told]:
        """Yield every line in order, without what the owner had removed."""
        decided = _Decided(self.every_line())
        for number, told in enumerate(self.every_line()):
            if told.value["event"] in HOMES:
                files = [f for f in told.value.get("files", ()) if f["sha256"] not in decided.gone]
                if files:
                    yield Told({**told.value, "files": files}, self, told.home, told.at)
            elif not decided.dooms(told.value, number):
                yield told


class _Decided:
    """What the owner's decisions in a history took out of it."""

    def __init__(self, lines: Iterator[Told]) -> None:
        self._decisions = Decisions()
        seen, kept = [], set[Digest]()
        for number, told in enumerate(lines):
            self._decisions.note((number, 0), told.value)
            if "files" in told.value and told.value["event"] not in HOMES:
                seen.append((number, str(told.value.get("id", "")), [f["sha256"] for f in told.value["files"]]))
        self.gone: set[Digest] = set()
        for number, entry, digests in seen:
            (self.gone if self._is_gone(entry, number) else kept).update(digests)
        self.gone -= kept

    def dooms(self, value: Mapping[str, Any], number: int) -> bool:
        if value["event"] in {"failure", "failure-cleared"}:
            return bool(value.get("key")) and self._is_gone(entry_id(str(value["key"])), number)
        return "entry" in value and self._is_gone(str(value["id"]), number)

    def _is_gone(self, entry: str, number: int) -> bool:
        return self._decisions.dooms(entry, (number, 0)) is not None


class Kept(Chronicle):
    """The history of an archive in a folder: ours, or a copy of one; no index is asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.id = str(about_of(root)["id"])
        sealed = [segment.read(root / "segments" / name) for name in segment.names(root / "segments")]
        self._instead = chain.replaced(sealed)
        self._twins = chain.twins(sealed)
        self.segments = [s for s in sealed if s.name not in self._instead]
        self._names = frozenset(s.name for s in sealed)
        self._manifest = lru_cache(64)(lambda name: segment.manifest(root / "segments" / name))

    def every_line(self) -> Iterator[Told]:
        for sealed in self.segments:
            at = 0
            with (self.root / "segments" / sealed.name / segment.RECORDS).open("rb") as lines:
                while text := lines.readline(LONGEST_LINE + 1):
                    yield self._told(text, sealed.name, at)
                    at += len(text)

    def again(self, home: str, at: int) -> Told:
        with (self.root / "segments" / home / segment.RECORDS).open("rb") as lines:
            lines.seek(at)
            return self._told(lines.readline(LONGEST_LINE + 1), home, at)

    def place(self, home: str, where: Mapping[str, Any]) -> Place:
        named, path = str(where.get("segment", home)), str(where["path"])
        names = [self._instead.get(named, named), *self._twins.get(named, ()), named] if named != home else [home]
        name = next((n for n in names if n in self._names and path in self._manifest(n)), names[0])
        listed = self._manifest(name) if name in self._names else {}
        if path not in listed or not segment.is_inside(path):
            raise self.broken(f"{named}/{path}", "is missing")
        return Place(self.root / "segments" / name / path, listed[path], f"{name}/{path}")

    def runs(self) -> Iterator[Json]:
        for sealed in self.segments:
            yield {"part": sealed.name, "id": sealed.id, **segment.run(self.root / "segments" / sealed.name)}

    def check(self) -> None:
        """
        As ``Chronicle.check``; and nothing in it is a link or anything but a file.

        Raises:
            KeepfolioError: Something is missing, or not what was stored.
        """
        insist_plain(self.root / "segments", self)
        known = chain.held(self.segments)
        for sealed in self.segments:
            if not known.issuperset(sealed.parents):
                raise self.broken(sealed.name, "follows a part that is missing")
            for finding in segment.check(self.root / "segments" / sealed.name):
                if finding.code != "stray":
                    raise self.broken(f"{sealed.name}/{finding.path}", f"is {finding.code}")

    def broken(self, name: str, how: str = "is not what was stored") -> KeepfolioError:
        return ArchiveDamaged(
            f"{self.root}: {name} {how}.",
            unchanged="Nothing was changed.",
            mend="Run `keepfolio verify`, and bring back from a copy what is damaged: keepfolio repair --from COPY",
        )

    def _told(self, text: bytes, home: str, at: int) -> Told:
        return Told(parsed(text, self, home), self, home, at)


def parsed(text: bytes, chronicle: Chronicle, name: str, needs: str = "event") -> dict[str, Any]:
    """Return a line's value; one that is too long, too deep or no JSON object with a word for ``needs`` is refused."""
    if len(text) > LONGEST_LINE:
        raise chronicle.broken(name, f"has a line of more than {LONGEST_LINE >> 20} MB")
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or not isinstance(value.get(needs), str) or not _is_shallow(value):
        raise chronicle.broken(name, "has a line that is no record")
    return value


def insist_plain(folder: Path, chronicle: Chronicle) -> None:
    """Refuse a tree that holds anything but folders and files: a link leads elsewhere, a pipe waits for ever."""
    waiting = [folder]
    while waiting:
        try:
            found = sorted(os.scandir(waiting.pop()), key=lambda item: item.name)
        except OSError as problem:
            raise chronicle.broken(str(problem.filename), f"cannot be read ({problem.strerror})") from problem
        for item in found:
            mode = item.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                waiting.append(Path(item.path))
            elif not stat.S_ISREG(mode):
                what = "is a link" if stat.S_ISLNK(mode) else "is no ordinary file"
                raise chronicle.broken(os.path.relpath(item.path, folder), what)


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _is_shallow(value: object, left: int = 40) -> bool:
    if isinstance(value, dict):
        return left > 0 and all(_is_shallow(v, left - 1) for v in value.values())
    if isinstance(value, list):
        return left > 0 and all(_is_shallow(v, left - 1) for v in value)
    return True
