"""
What a downloaded package holds: a zip, or the folder that it was unpacked into.

Both are hostile input. Nothing is unpacked under a name of theirs; names that lead elsewhere, links, locked files and
bombs are left out and named. Dates in a zip are local times without a zone, unless it says more.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import BinaryIO

from archive.errors import UsageError
from connectors.blackboard.body import Sized
from connectors.contract import Failed, SourceUnavailable
from connectors.packed import Capped, Zip, budget, is_link, is_locked, unreadable, written_name

MAX_FILE, MAX_TOTAL = 32 * 2**30, 128 * 2**30
"""Bytes of one file and of one package, unpacked: lectures on video are large."""
DOWNLOAD_AGAIN = "Download the package again in Blackboard, and put the new file in place of this one."

_PACKED_AT_ONCE = timedelta(minutes=10)
_SHADOWS = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_COUNTER = re.compile(r"(?: \(\d+\)|[-_ ](?:copy|20\d{6}(?:[-_T]?\d{4,6})?))+$", re.IGNORECASE)
_UTF8, _EXTENDED_TIME = 0x800, 0x5455
_NEVER = datetime(1980, 1, 1)  # noqa: DTZ001 - what a zip without dates says, in no zone


@dataclass(frozen=True)
class Member:
    """
    A file of a package.

    ``path`` is as a person reads it, its parts separated by ``/``. ``stamp`` changes when the bytes do. ``modified`` is
    aware, UTC; None where the package does not tell.
    """

    path: str
    size: int
    stamp: str
    modified: datetime | None
    open: Callable[[], BinaryIO]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Package:
    """
    One package: ``label`` is its name without a browser's counter, so that the same downloaded again is the same.

    ``made`` orders the packages: the newest file's date. ``dated``: whether its files' dates are their own, and not
    that of the packing. ``left_out``: what was not safe.
    """

    name: str
    label: str
    members: tuple[Member, ...]
    folders: frozenset[str]
    left_out: tuple[Failed, ...]
    made: datetime
    dated: bool
    close: Callable[[], None]


def packages(path: Path, zone: tzinfo) -> Iterator[Package | Failed]:
    """
    Yield the packages at a path: a zip, a folder of nothing but zips, or an unpacked folder. Close each.

    In a folder a damaged zip is a failure beside the others; alone it is an error.

    Raises:
        UsageError: There is nothing there.

        SourceUnavailable: The zip is damaged, or a bomb.
    """
    if path.is_file():
        yield _zipped(path, zone)
        return
    if not path.is_dir():
        raise UsageError(
            f"There is no file or folder {path}.",
            code="no-export",
            mend="Download a package in Blackboard (Content Collection, or a portfolio), and name it with path:.",
        )
    inside = [file for file in sorted(path.iterdir()) if not file.name.startswith(".")]
    if not inside:
        raise UsageError(f"The folder {path} is empty.", code="no-export", mend="Put the downloaded zip files there.")
    if not all(file.is_file() and file.suffix.lower() == ".zip" for file in inside):
        yield _unpacked(path)
        return
    for file in inside:
        try:
            yield _zipped(file, zone)
        except SourceUnavailable as error:
            yield Failed(file.name, error.message, error.mend)


# --- zips -----------------------------------------------------------------------------------------------------------


def _zipped(path: Path, zone: tzinfo) -> Package:
    opened = Zip(path, path.name, DOWNLOAD_AGAIN)
    opened.insist_fits(MAX_TOTAL)

    def opener(info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
        def read() -> BinaryIO:
            try:
                member = opened.stream(info)
            except (zipfile.BadZipFile, NotImplementedError) as error:
                raise _damaged(info.filename, path.name, str(error)) from error
            capped = io.BufferedReader(Capped(member, info.file_size, path.name, DOWNLOAD_AGAIN))
            return Sized.buffered(capped, info.file_size, _damaged(info.filename, path.name, "its end is missing"))

        return read

    saved = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    members: list[Member] = []
    folders: set[str] = set()
    left_out: list[Failed] = []
    for info in opened.members:
        name = _safe(_decoded(info))
        why = "its name leads out of the package" if name is None else _unsafe(info)
        if why:
            left_out.append(_left_out(info.filename, path.name, why))
        elif name and info.is_dir():
            folders.add(name)
        elif name and not _is_shadow(name):
            stamp = f"{info.file_size}-{info.CRC:08x}"
            members.append(Member(name, info.file_size, stamp, _date(info, zone), opener(info)))

    made = max((member.modified for member in members if member.modified), default=saved)
    return _package(path.name, _label(path.stem), members, folders, left_out, made, opened.close)


def _unsafe(info: zipfile.ZipInfo) -> str:
    if is_link(info):
        return "it is a link to something else"
    if is_locked(info):
        return "it is locked with a password"
    if info.file_size > budget(info.compress_size, MAX_FILE):
        return "it unpacks to far more than a file can hold"
    return ""


def _decoded(info: zipfile.ZipInfo) -> str:
    """Return the name; without the flag for UTF-8 many a packer still writes UTF-8, which reads as line-drawing."""
    name = written_name(info)
    if not info.flag_bits & _UTF8:
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            return name
    return name


def _date(info: zipfile.ZipInfo, zone: tzinfo) -> datetime | None:
    """Return when a member was changed: by its extended time, which is UTC, or its local one in the owner's zone."""
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        data, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _EXTENDED_TIME and len(data) >= 5 and data[0] & 1:
            return datetime.fromtimestamp(struct.unpack("<i", data[1:5])[0], UTC)
    try:
        local = datetime(*info.date_time)  # noqa: DTZ001 - the zone is what a zip does not say
    except ValueError:
        return None
    return None if local == _NEVER else local.replace(tzinfo=zone).astimezone(UTC)


# --- folders --------------------------------------------------------------------------------------------------------


def _unpacked(root: Path) -> Package:
    members: list[Member] = []
    folders: set[str] = set()
    left_out: list[Failed] = []
    for where, inside, names in os.walk(root):
        for name in sorted([*inside, *names]):
            path = Path(where, name)
            inner = path.relative_to(root).as_posix()
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                folders.add(inner)
            elif not stat.S_ISREG(mode):
                left_out.append(_left_out(inner, root.name, "it is a link or a device"))
            elif not _is_shadow(inner):
                members.append(_file(path, inner))
    made = max((member.modified for member in members if member.modified), default=datetime.fromtimestamp(0, UTC))
    return _package(root.name, _label(root.name), members, folders, left_out, made, lambda: None)


def _file(path: Path, inner: str) -> Member:
    seen = path.lstat()

    def read() -> BinaryIO:
        try:
            return os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb")
        except OSError as error:
            raise unreadable(str(path), error) from error

    modified = datetime.fromtimestamp(seen.st_mtime, UTC)
    return Member(inner, seen.st_size, f"{seen.st_size}-{seen.st_mtime_ns}", modified, read)


# --- both -----------------------------------------------------------------------------------------------------------


def _package(
    name: str,
    label: str,
    members: list[Member],
    folders: set[str],
    left_out: list[Failed],
    made: datetime,
    close: Callable[[], None],
) -> Package:
    for member in members:
        parts = member.path.split("/")
        folders.update("/".join(parts[:end]) for end in range(1, len(parts)))
    dated = _have_dates_of_their_own(members)
    kept = _distinct(members if dated else [replace(member, modified=None) for member in members], folders)
    return Package(name, label, tuple(kept), frozenset(folders), tuple(left_out), made, dated, close)


def _have_dates_of_their_own(members: Iterable[Member]) -> bool:
    """Tell whether the dates are the files' own: those of a package that was made in one go say when that was."""
    dates = [member.modified for member in members if member.modified]
    return len(dates) < 3 or max(dates) - min(dates) > _PACKED_AT_ONCE


def _distinct(members: Iterable[Member], folders: set[str]) -> Iterator[Member]:
    """Yield each member under a path of its own: the same twice is one, another of the same name gets a number."""
    taken = set(folders)
    seen: set[tuple[str, str]] = set()
    numbers: Counter[str] = Counter()
    for member in members:
        if (member.path, member.stamp) in seen:
            continue
        seen.add((member.path, member.stamp))
        path = member.path
        while path in taken:
            numbers[member.path] += 1
            path = _numbered(member, numbers[member.path] + 1)
        taken.add(path)
        yield replace(member, path=path)


def _numbered(member: Member, number: int) -> str:
    """Return the path with a number before its ending, as file managers write it."""
    stem, dot, ending = member.name.rpartition(".")
    before = member.path[: len(member.path) - len(member.name)]
    return f"{before}{stem} ({number}){dot}{ending}" if stem else f"{before}{member.name} ({number})"


def _safe(name: str) -> str | None:
    """Return a path with plain parts; None where it leads elsewhere. Backslashes separate, as on Windows."""
    slashed = name.replace("\\", "/")
    parts = [part for part in slashed.split("/") if part not in {"", "."}]
    if slashed.startswith("/") or ".." in parts or (parts and re.fullmatch(r"[A-Za-z]:", parts[0])):
        return None
    return "/".join(parts)


def _is_shadow(path: str) -> bool:
    """Tell whether it is what an operating system leaves in every folder."""
    parts = path.lower().split("/")
    return parts[-1] in _SHADOWS or "__macosx" in parts


def _label(stem: str) -> str:
    return _COUNTER.sub("", stem) or stem


def _left_out(path: str, package: str, why: str) -> Failed:
    return Failed(f"{path!r} in {package}", f"It was not taken: {why}.", transient=False)


def _damaged(name: str, package: str, why: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"{name} in {package} is damaged: {why}.",
        code="export-damaged",
        unchanged="What came before is kept.",
        mend=DOWNLOAD_AGAIN,
    )
