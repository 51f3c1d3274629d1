"""
One sealed BagIt bag: written in ``staging/``, moved to ``segments/`` whole, never touched again.

The digest of its tag manifest is the bag's id and, named by the next bag, the link of the chain.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archive import naming, wellformed
from archive.entry import Digest, Json
from archive.errors import ArchiveDamaged
from archive.filesystem import FileSystem

RECORDS = "data/records.jsonl"
RUN = "data/run.json"
_BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_TAGS = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")
_BUFFER = 1 << 20
_FLUSH = 1 << 18


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was sealed, or should not be there."""

    code: str
    path: str
    expected: str = ""
    found: str = ""


@dataclass(frozen=True)
class Segment:
    """
    A sealed bag as its tag files describe it. ``parents`` are ids; two of them join a fork.

    ``replaces``: id and name of each bag in whose place this one stands, since something was purged from it.
    """

    name: str
    id: Digest
    parents: tuple[Digest, ...]
    files: int
    bytes: int
    replaces: tuple[tuple[Digest, str], ...] = ()

    @property
    def number(self) -> int:
        return int(self.name[:6])


class Staging:
    """A bag in the making. Everything written is hashed on its way; ``seal`` syncs it all before anything names it."""

    def __init__(self, disk: FileSystem, root: Path, name: str) -> None:
        self.name = name
        self.folder = root / "staging" / name
        self.bytes = 0
        self._disk = disk
        self._root = root
        self._digests: dict[str, Digest] = {}
        self._folders: list[str] = []
        self._groups: dict[str, bytearray] = {}
        self._records = _Stream(disk)

    def begin(self) -> None:
        """Make the folder, for ``seal`` or ``drop`` to end."""
        self._disk.mkdir(self.folder)
        self._folder("data")
        self._records.open(self.folder / RECORDS)

    def free_name(self, path: str) -> str:
        """Return the path, or the first of ``path-2``, ``path-3`` ... that is free here."""
        wanted, number = path, 1
        while wanted in self._digests or wanted in self._groups:
            number += 1
            wanted = naming.numbered(path, number)
        return wanted

    def write(self, path: str, data: bytes) -> Digest:
        """Keep these bytes as a new file."""
        self._folder(path.rpartition("/")[0])
        self._disk.write_file(f"{self.folder}/{path}", data, sync=False)
        return self._keep(path, hashlib.sha256(data).hexdigest(), len(data))

    def adopt(self, incoming: Path, path: str, digest: Digest, size: int) -> None:
        """Take over a file that was written beside this bag."""
        self._folder(path.rpartition("/")[0])
        self._disk.rename(incoming, f"{self.folder}/{path}")
        self._keep(path, digest, size)

    def append_group(self, path: str, data: bytes) -> int:
        """Add a line to a file that many entries share, and return where it begins."""
        group = self._groups.setdefault(path, bytearray())
        offset = len(group)
        group += data + b"\n"
        return offset

    def append_record(self, line: bytes) -> None:
        """Add one line to ``records.jsonl``."""
        self._records.write(line + b"\n")

    def seal(self, run: Json, info: Iterable[tuple[str, str]]) -> Segment:
        """Finish the bag and move it among the sealed ones; it is there, and verified, when this returns."""
        for path, data in self._groups.items():
            self.write(path, bytes(data))
        self._records.close()
        self._keep(RECORDS, self._records.digest, self._records.size)
        self.write(RUN, json.dumps(run, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"))
        self._disk.sync_files(f"{self.folder}/{path}" for path in self._digests)
        self._write_tags(info)
        for folder in sorted(self._folders, key=lambda f: -f.count("/")):
            self._disk.sync_folder(f"{self.folder}/{folder}")
        self._disk.sync_folder(self.folder)
        return publish(self._disk, self._root, self.name)

    def drop(self) -> None:
        """Forget everything that was written."""
        with contextlib.suppress(OSError):
            self._records.abandon()
        with contextlib.suppress(OSError):
            self._disk.remove_tree(self.folder)

    def _write_tags(self, info: Iterable[tuple[str, str]]) -> None:
        lines = [f"{digest}  {path}\n" for path, digest in sorted(self._digests.items())]
        about = [*info, ("Payload-Oxum", f"{self.bytes}.{len(self._digests)}")]
        tags = {
            "manifest-sha256.txt": "".join(lines).encode(),
            "bag-info.txt": "".join(f"{k}: {' '.join(v.split())}\n" for k, v in about).encode(),
            "bagit.txt": _BAGIT,
        }
        for name, data in tags.items():
            self._disk.write_file(self.folder / name, data)
        listed = "".join(f"{hashlib.sha256(tags[name]).hexdigest()}  {name}\n" for name in _TAGS)
        self._disk.write_file(self.folder / "tagmanifest-sha256.txt", listed.encode())

    def _keep(self, path: str, digest: Digest, size: int) -> Digest:
        self._digests[path] = digest
        self.bytes += size
        return digest

    def _folder(self, path: str) -> None:
        if path in self._folders:
            return
        above = path.rpartition("/")[0]
        if above:
            self._folder(above)
        self._disk.mkdir(f"{self.folder}/{path}")
        self._folders.append(path)


@dataclass
class _Stream:
    """A file that grows while it is hashed, written in large pieces."""

    disk: FileSystem
    size: int = 0
    digest: Digest = ""
    _descriptor: int = -1
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    _waiting: bytearray = field(default_factory=bytearray)

    def open(self, path: Path) -> None:
        self._descriptor = self.disk.create(path)

    def write(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) >= _FLUSH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self.abandon()
        self.digest = self._hash.hexdigest()

    def abandon(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self.disk.close(descriptor)

    def _flush(self) -> None:
        data = bytes(self._waiting)
        self._waiting.clear()
        self._hash.update(data)
        self.disk.write(self._descriptor, data)
        self.size += len(data)


def publish(disk: FileSystem, root: Path, name: str) -> Segment:
    """Move a finished bag from ``staging/`` to ``segments/`` and read it back; the rename is the commit."""
    staging, segments = root / "staging", root / "segments"
    disk.sync_folder(staging)
    disk.rename(staging / name, segments / name)
    disk.sync_folder(segments)
    disk.sync_folder(staging)
    wrong = [f for f in check(segments / name) if f.code != "stray"]
    if wrong:
        disk.rename(segments / name, staging / name)
        raise ArchiveDamaged(
            f"The disk did not keep what was written: {wrong[0].path} is {wrong[0].code}.",
            code="not-kept",
            unchanged="Everything that was in your archive before is as it was.",
            mend="Check the disk, or keep the archive on another one.",
        )
    return read(segments / name)


def names(folder: Path) -> list[str]:
    """Return the names of the bags in a folder, in their order; what is no bag of ours is left out."""
    try:
        found = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    with found:
        return sorted(e.name for e in found if is_name(e.name) and e.is_dir(follow_symlinks=False))


def is_name(name: str) -> bool:
    """Say whether a bag could be called so: a conflict copy, or a name from outside, could not."""
    return re.fullmatch(r"[0-9]{6}-[0-9]{8}T[0-9]{6}Z-[a-z0-9-]+-[0-9a-f]{4}", name) is not None


def is_inside(path: str) -> bool:
    """Say whether a path stays in the payload of its bag."""
    parts = path.split("/")
    return parts[0] == "data" and not {"", ".", ".."}.intersection(parts) and "\\" not in path and "\0" not in path


def read(folder: Path) -> Segment:
    """
    Return what the tag files of a bag say.

    Raises:
        ArchiveDamaged: They cannot be read.
    """
    try:
        mark = hashlib.sha256(wellformed.data_of(folder / "tagmanifest-sha256.txt")).hexdigest()
        about = info(folder)
        octets, files = _oxum(about["Payload-Oxum"][0])
        parents, replaces = about.get("Previous-Segment", ()), map(_replaced, about.get("Replaces-Segment", ()))
        return Segment(folder.name, mark, tuple(parents), files, octets, tuple(replaces))
    except (OSError, KeyError, ValueError, IndexError) as problem:
        raise ArchiveDamaged(
            f"A part of your archive cannot be read: {folder.name}.",
            unchanged="Nothing was changed.",
            mend="Run `keepfolio verify` to see what is damaged, then: keepfolio repair --from COPY",
        ) from problem


def _oxum(text: str) -> tuple[int, int]:
    octets, _, files = text.partition(".")
    if not (wellformed.is_count(int(octets)) and wellformed.is_count(int(files))):
        raise ValueError(text)
    return int(octets), int(files)


def _replaced(text: str) -> tuple[Digest, str]:
    digest, _, name = text.partition(" ")
    if not is_name(name):
        raise ValueError(text)
    return digest, name


def info(folder: Path) -> dict[str, list[str]]:
    """Return ``bag-info.txt``: a label may stand several times."""
    about: dict[str, list[str]] = {}
    for line in wellformed.data_of(folder / "bag-info.txt").decode().splitlines():
        label, _, value = line.partition(": ")
        about.setdefault(label, []).append(value)
    return about


def manifest(folder: Path, name: str = "manifest-sha256.txt") -> dict[str, Digest]:
    """
    Return path -> digest as a manifest of the bag says.

    Raises:
        OSError: It cannot be read.

        ValueError: It is not as ``Staging`` writes one: then two readers could understand two things.
    """
    text = wellformed.data_of(folder / name).decode()
    pairs = (line.split("  ", 1) for line in text.splitlines())
    listed = {path: digest for digest, path in pairs}
    if text != "".join(f"{digest}  {path}\n" for path, digest in listed.items()):
        raise ValueError(f"{name} has a line twice, or other ends of lines")
    return listed


def records(folder: Path) -> Iterator[bytes]:
    """Yield the lines of ``records.jsonl``."""
    with wellformed.opened(folder / RECORDS) as lines:
        for line in lines:
            yield line.rstrip(b"\n")


def run(folder: Path) -> Json:
    """Return ``run.json``; raises ``OSError`` if it cannot be read, ``ValueError`` if it has another shape."""
    return wellformed.run(wellformed.data_of(folder / RUN))


@dataclass
class Count:
    """What a check has looked at so far."""

    files: int = 0
    bytes: int = 0


def check(folder: Path, *, wanted: Callable[[], bool] = lambda: True, count: Count | None = None) -> Iterator[Finding]:
    """
    Yield what is wrong with a bag: missing, damaged or unexpected files, each by its path in the bag.

    ``wanted`` says of each file whether to read it; of the others the name and, as a whole, the size are compared.
    """
    count = count or Count()
    tags = list(_tag_findings(folder))
    yield from tags
    if any(f.path in {"manifest-sha256.txt", "tagmanifest-sha256.txt"} for f in tags):
        return
    try:
        listed = manifest(folder)
    except ValueError as problem:
        yield Finding("damaged", "manifest-sha256.txt", found=str(problem))
        return
    present = dict(_walk(folder))
    wrong = False
    for path, digest in listed.items():
        finding = _file_finding(folder, path, digest, present, read_it=wanted())
        if finding:
            wrong = True
            yield finding
        count.files += path in present
        count.bytes += present.get(path, 0)
    yield from (Finding("stray", path) for path in sorted(present) if path not in listed)
    if not wrong:
        yield from _oxum_finding(folder, sum(present[p] for p in listed), len(listed))


def _file_finding(folder: Path, path: str, digest: Digest, present: dict[str, int], *, read_it: bool) -> Finding | None:
    if path not in present:
        return Finding("missing", path, digest)
    if present[path] < 0:
        return Finding("damaged", path, digest, "a link, or no file")
    if not read_it:
        return None
    try:
        found = digest_of(f"{folder}/{path}", present[path])
    except OSError as problem:
        return Finding("unreadable", path, digest, problem.strerror or "")
    return Finding("damaged", path, digest, found) if found != digest else None


def _tag_findings(folder: Path) -> Iterator[Finding]:
    try:
        listed = manifest(folder, "tagmanifest-sha256.txt")
    except FileNotFoundError:
        yield Finding("missing", "tagmanifest-sha256.txt")
        return
    except (OSError, ValueError):
        yield Finding("damaged", "tagmanifest-sha256.txt")
        return
    if sorted(listed) != sorted(_TAGS):
        yield Finding("damaged", "tagmanifest-sha256.txt", " ".join(_TAGS), " ".join(sorted(listed)))
        return
    present = {i.name: i.stat().st_size for i in os.scandir(folder) if i.is_file(follow_symlinks=False)}
    for name, digest in listed.items():
        finding = _file_finding(folder, name, digest, present, read_it=True)
        if finding:
            yield finding
    yield from (Finding("stray", n) for n in sorted(present) if n not in listed and n != "tagmanifest-sha256.txt")


def _oxum_finding(folder: Path, octets: int, files: int) -> Iterator[Finding]:
    try:
        expected = " ".join(info(folder)["Payload-Oxum"])
    except (OSError, KeyError, ValueError):
        return  # already named by the tag manifest
    if expected != f"{octets}.{files}":
        yield Finding("size", "data", expected, f"{octets}.{files}")


def _walk(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield every payload file with its size (-1 for a link, a pipe or a device), as paths in the bag."""
    waiting = [] if (folder / "data").is_symlink() else ["data"]
    while waiting:
        below = waiting.pop()
        try:
            found = os.scandir(f"{folder}/{below}")
        except (FileNotFoundError, NotADirectoryError):
            continue
        with found:
            for item in found:
                path = f"{below}/{item.name}"
                if item.is_dir(follow_symlinks=False):
                    waiting.append(path)
                else:
                    yield path, item.stat().st_size if item.is_file(follow_symlinks=False) else -1


def digest_of(path: str, size: int = -1) -> Digest:
    """Return the digest of a file of any size; knowing it saves a small file the second read."""
    descriptor = wellformed.descriptor_of(path)
    try:
        piece = os.read(descriptor, _BUFFER)
        digest = hashlib.sha256(piece)
        while piece and len(piece) != size:
            piece = os.read(descriptor, _BUFFER)
            digest.update(piece)
        return digest.hexdigest()
    finally:
        os.close(descriptor)
