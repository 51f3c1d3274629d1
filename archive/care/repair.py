"""
Mending an archive from its copies.

Which bytes are the right ones is decided by digests, never by dates or by a place: a later part names the one before,
the newest is known by what this computer remembers or by most copies. Bytes that are right are never touched; what is
not goes to ``quarantine/``, and comes back from any place that has bytes of the wanted digest.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from archive import chain, layout, lock, segment
from archive.care import fixity
from archive.care.branches import left_behind, set_aside
from archive.care.copies import copy_stream, make_folders
from archive.care.places import TAGS, Copy, FolderCopy
from archive.care.trust import Told, decide, described, parsed
from archive.entry import Digest
from archive.errors import ArchiveDamaged, KeepfolioError, NeedsOwner
from archive.filesystem import FileSystem, explained
from archive.segment import Finding, Segment
from archive.store import Archive

TAG_MANIFEST = "tagmanifest-sha256.txt"
_LARGEST_TAG = 64 << 20


@dataclass
class Repaired:
    """
    What ``repair`` did. Paths are relative to the archive's folder.

    ``mended``: files whose right bytes came back. ``brought``: parts that came back whole. ``moved``: what went to
    ``quarantine/``. ``undecided``: parts of which the copies tell different things, and nothing says which is right.
    ``findings``: what ``verify`` finds now.
    """

    mended: list[str] = field(default_factory=list)
    brought: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    ok: bool = False


def repair(root: Path, state: Path, copies: Sequence[Copy] = (), *, disk: FileSystem | None = None) -> Repaired:
    """
    Mend an archive as far as its copies go; without copies, move away what does not belong there.

    ``root`` and ``state`` as for ``Archive.open``, which may fail on a damaged archive and works again afterwards.

    Raises:
        NeedsOwner: A copy is of another archive (``other-archive``).

        KeepfolioError: There is no archive, or it cannot be written.

        Locked: Another run writes to it.
    """
    disk = disk or FileSystem()
    with explained(root):
        _mend_identity(disk, root, copies)
        archive = Archive(root, state, disk)
        try:
            _insist_same(archive, copies)
            with lock.writing(archive.state):
                mending = _Mending(archive, copies)
                mending.run()
            report = fixity.verify(archive)
        finally:
            archive.close()
    return Repaired(**{**vars(mending.report), "findings": report.findings, "ok": report.ok})


def _insist_same(archive: Archive, copies: Sequence[Copy]) -> None:
    for copy in copies:
        if copy.id != archive.id:
            raise NeedsOwner(
                f"{copy.place} holds a copy of another archive.",
                code="other-archive",
                unchanged="Nothing was changed.",
                mend="Name a copy of this archive.",
            )


class _Mending:
    """One repair, under the lock."""

    def __init__(self, archive: Archive, copies: Sequence[Copy]) -> None:
        self.report = Repaired()
        self._root = archive.root
        self._segments = archive.root / "segments"
        self._disk = archive.disk
        self._archive_id = archive.id
        self._remembered = archive.remembered_head()
        self._ours = FolderCopy(archive.root, archive.id)
        self._copies = copies
        self._quarantine = f"quarantine/{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"

    def run(self) -> None:
        for folder in (self._segments, self._root / "staging"):
            if not folder.is_dir():
                self._disk.mkdir(folder)
        self._mend_frame()
        for finding in fixity.strays(self._root):
            self._set_aside(finding.path)
        ours = segment.names(self._segments)
        hurt = [name for name in ours if self._is_hurt(name)]
        theirs = sorted({name for copy in self._copies for name in copy.names()} - set(ours) - set_aside(self._root))
        intact = [segment.read(self._segments / name) for name in ours if name not in hurt]
        hurt += self._misplaced(intact)
        told = [Told(part) for part in intact if part.name not in hurt]
        told += [one for name in hurt for one in self._told(name, (self._ours, *self._copies))]
        offered = [one for name in theirs for one in self._told(name, self._copies)]
        apart = left_behind(self._root, (one.part for one in offered))
        told += [one for one in offered if one.part.name not in apart]
        trusted = decide(told, self._remembered[0])
        replaced = chain.replaced(part for part in trusted.values() if part)
        for name in (*hurt, *theirs):
            part = trusted.get(name)
            if name in replaced:
                continue  # what a purge removed never comes back
            if part is None:
                self.report.undecided += [name] if name in trusted else []
            elif name in hurt:
                self._mend(part)
            else:
                self._bring(part)

    # --- what is told of a part -------------------------------------------------------------------------------------

    def _is_hurt(self, name: str) -> bool:
        """Tell whether anything of a part is wrong, after moving its strays away."""
        hurt = False
        for finding in list(segment.check(self._segments / name)):
            if finding.code == "stray":
                self._set_aside(f"segments/{name}/{finding.path}")
            else:
                hurt = True
        return hurt

    def _misplaced(self, intact: Sequence[Segment]) -> list[str]:
        """Return parts that are whole, and not those that a later one, or this computer, knows under their name."""
        held = chain.held(intact)
        broken = {part.number - 1 for part in intact if not held.issuperset(part.parents)}
        ends = {part.name for part in chain.ends(intact)}
        head, name = self._remembered
        return [
            p.name for p in intact if p.name in ends and (p.number in broken or (p.name == name and head not in held))
        ]

    def _told(self, name: str, places: Sequence[Copy]) -> list[Told]:
        """Return each self-consistent description of a part that any place has."""
        marks: Counter[bytes] = Counter()
        for place in places:
            with contextlib.suppress(KeyError, ArchiveDamaged), _reading(place, name, TAG_MANIFEST) as file:
                marks[file.read(_LARGEST_TAG)] += 1
        parts = ((self._consistent(name, mark, places), votes) for mark, votes in marks.items())
        return [Told(part, votes) for part, votes in parts if part]

    def _consistent(self, name: str, mark: bytes, places: Sequence[Copy]) -> Segment | None:
        """Return the part of a tag manifest whose other tag files are found as it says: a damaged one finds none."""
        listed = parsed(mark)
        if sorted(listed) != sorted(set(TAGS) - {TAG_MANIFEST}):
            return None
        found = {path: self._small(name, path, digest, places) for path, digest in listed.items()}
        about = found["bag-info.txt"]
        if about is None or None in found.values():
            return None
        return described(name, mark, about, self._archive_id)

    def _small(self, name: str, path: str, digest: Digest, places: Sequence[Copy]) -> bytes | None:
        """Return the bytes of a tag file, from whichever place has them as they should be."""
        for place in places:
            with contextlib.suppress(KeyError, ArchiveDamaged), _reading(place, name, path) as file:
                data = file.read(_LARGEST_TAG)
                if hashlib.sha256(data).hexdigest() == digest:
                    return data
        return None

    def _wanted(self, part: Segment) -> dict[str, Digest]:
        """Return path -> digest of all files of a part; its payload only if its list is found anywhere."""
        places = (self._ours, *self._copies)
        tags = parsed(self._small(part.name, TAG_MANIFEST, part.id, places) or b"")
        listed = parsed(self._small(part.name, TAGS[2], tags.get(TAGS[2], ""), places) or b"")
        payload = {path: digest for path, digest in listed.items() if segment.is_inside(path)}
        return {**payload, **tags, TAG_MANIFEST: part.id}

    # --- doing ------------------------------------------------------------------------------------------------------

    def _mend(self, part: Segment) -> None:
        """Bring back the files of a part that are not as they should be."""
        for path, digest in self._wanted(part).items():
            place = f"segments/{part.name}/{path}"
            if _is(self._root / place, digest):
                continue
            arrived = self._fetched(part.name, path, digest, self._incoming())
            if arrived is None:
                continue
            self._make_way(place)
            self._disk.rename(arrived, self._root / place)
            self._disk.sync_folder((self._root / place).parent)
            self.report.mended.append(place)

    def _bring(self, part: Segment) -> None:
        """Bring back a whole part: beside the others first, then by one rename."""
        staged = self._root / "staging" / part.name
        if staged.exists():
            self._disk.remove_tree(staged)
        wanted = self._wanted(part)
        made = make_folders(self._disk, staged, wanted)
        lacking = [path for path, digest in wanted.items() if not self._fetched(part.name, path, digest, staged / path)]
        for folder in reversed(made):
            self._disk.sync_folder(folder)
        if not lacking:
            segment.publish(self._disk, self._root, part.name)
        elif {segment.RECORDS, segment.RUN, *TAGS}.isdisjoint(lacking):  # not whole, and still worth having
            self._disk.rename(staged, self._segments / part.name)
            self._disk.sync_folder(self._segments)
        else:
            self._disk.remove_tree(staged)
            return
        self.report.brought.append(part.name)

    def _fetched(self, name: str, path: str, digest: Digest, target: Path) -> Path | None:
        """Write the right bytes of a file to the target, from whichever copy has them; None where none has."""
        for copy in self._copies:
            with contextlib.suppress(KeyError, ArchiveDamaged), _reading(copy, name, path) as source:
                if copy_stream(self._disk, source, target, sync=True) == digest:
                    return target
            if target.exists():  # not what is wanted
                self._disk.remove(target)
        return None

    def _incoming(self) -> Path:
        return self._root / "staging" / f"incoming-{secrets.token_hex(8)}"

    def _make_way(self, place: str) -> None:
        """Make the folders above a file, and move away whatever has its name or theirs."""
        parts = Path(place).parts
        for depth in range(1, len(parts)):
            folder = self._root.joinpath(*parts[:depth])
            if folder.is_symlink() or not folder.is_dir():
                if os.path.lexists(folder):
                    self._set_aside(folder.relative_to(self._root).as_posix())
                self._disk.mkdir(folder)
                self._disk.sync_folder(folder.parent)
        if os.path.lexists(self._root / place):
            self._set_aside(place)

    def _set_aside(self, path: str) -> None:
        """Move something to ``quarantine/``, under the path that it had."""
        target = self._root / self._quarantine / path
        for folder in reversed([p for p in target.parents if self._root in p.parents and not p.is_dir()]):
            self._disk.mkdir(folder)
            self._disk.sync_folder(folder.parent)
        number = 1
        while os.path.lexists(target):  # a file, and later the folder in its place
            number += 1
            target = target.with_name(f"{Path(path).name}-{number}")
        self._disk.rename(self._root / path, target)
        self._disk.sync_folder(target.parent)
        self._disk.sync_folder((self._root / path).parent)
        self.report.moved.append(path)

    def _mend_frame(self) -> None:
        """Bring back the files around the parts, which tell the digest of each."""
        for label, name in layout.FRAME.items():
            digest = self._frame_digest(label)
            if _is_file(self._root / name) and (not digest or _is(self._root / name, digest)):
                continue
            sources = [copy.place / name for copy in self._copies]
            found = [path.read_bytes() for path in sources if _is_file(path)]
            found += layout.fresh(name)
            right = next((d for d in found if not digest or hashlib.sha256(d).hexdigest() == digest), None)
            if right is None:
                continue
            self._make_way(name)
            self._disk.write_over(self._root / name, right)
            self.report.mended.append(name)

    def _frame_digest(self, label: str) -> Digest:
        told: Counter[Digest] = Counter()
        for name in segment.names(self._segments):
            told.update(_label(self._segments / name, label))
        return told.most_common(1)[0][0] if told else ""


def _mend_identity(disk: FileSystem, root: Path, copies: Sequence[Copy]) -> None:
    """Bring back ``archive.json``, which every copy has and which never changes; the parts themselves vouch for it."""
    with contextlib.suppress(ArchiveDamaged, KeepfolioError):
        layout.about_of(root)
        return
    ids: Counter[str] = Counter()
    for name in segment.names(root / "segments"):
        ids.update(_label(root / "segments" / name, "Bag-Group-Identifier"))
    of_parts = ids.most_common(1)[0][0] if ids else ""
    right = next((copy for copy in copies if copy.id == of_parts), None)
    if right is None:
        return  # opening it says what is wrong
    if os.path.lexists(root / "archive.json"):
        disk.remove(root / "archive.json")
    disk.write_over(root / "archive.json", (right.place / "archive.json").read_bytes())


def _label(folder: Path, label: str) -> list[str]:
    """Return what a part says of itself under a label; nothing where it cannot be read."""
    if not _is_file(folder / "bag-info.txt"):
        return []
    try:
        return segment.info(folder).get(label, [])[:1]
    except (OSError, ValueError):
        return []


def _is(path: Path, digest: Digest) -> bool:
    try:
        return _is_file(path) and segment.digest_of(os.fspath(path)) == digest
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    """Tell whether a plain file is there: a link may lead elsewhere, a pipe would never end."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


class _Source:
    """What a copy gives to read; a place that cannot be read to the end is one more damaged place."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as problem:
            raise ArchiveDamaged("A copy cannot be read.", code="copy-damaged") from problem

    def close(self) -> None:
        self._stream.close()


@contextlib.contextmanager
def _reading(copy: Copy, name: str, path: str) -> Iterator[BinaryIO]:
    """Open a file of a copy; with one that is not there or cannot be read nothing is done, and the next is tried."""
    with contextlib.ExitStack() as stack:
        try:
            source = stack.enter_context(contextlib.closing(_Source(copy.open(name, path))))
        except OSError as problem:
            raise ArchiveDamaged("A copy cannot be read.", code="copy-damaged") from problem
        yield cast("BinaryIO", source)
