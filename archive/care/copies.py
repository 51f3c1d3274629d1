"""
Copies of an archive in other places, brought up to date part by part.

A copy is a set: what it lacks is added, what it has is never overwritten, nothing is removed but what a purge replaced.
Each part is verified before it is copied and read back afterwards, and is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

from archive import chain, lock, segment
from archive.care.branches import set_aside
from archive.care.copyplace import FRAME, KEY, begun, insist_apart, insist_ours
from archive.care.places import PIECE, TAGS, Copy, Form, Through, form_of, opened, write_zip
from archive.entry import Digest
from archive.errors import ArchiveDamaged
from archive.filesystem import FileSystem, explained
from archive.segment import Finding
from archive.store import Archive

__all__ = [
    "FRAME",
    "KEY",
    "Copy",
    "Form",
    "Replicated",
    "Through",
    "copy_stream",
    "form_of",
    "make_folders",
    "opened",
    "replicate",
]


@dataclass
class Replicated:
    """
    What ``replicate`` did.

    ``added``, ``removed`` (a purge had replaced them), ``extra`` (the copy has them, the archive has not) and ``aside``
    (the same, because the owner chose not to go on from them) are names of parts. ``damaged`` are findings in the
    archive, ``broken`` in the copy; neither was copied or changed. ``digests``: of each file that was written, for a
    ZIP copy.
    """

    place: Path
    form: Form
    head: Digest = ""
    parts: int = 0
    bytes: int = 0
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    damaged: list[Finding] = field(default_factory=list)
    broken: list[Finding] = field(default_factory=list)
    digests: dict[str, Digest] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether all that the archive holds is in the copy now."""
        return not self.damaged and not self.broken


def replicate(
    archive: Archive,
    place: Path,
    *,
    form: Form | None = None,
    seal: Through | None = None,
    beside: Mapping[str, bytes] = MappingProxyType({}),
    disk: FileSystem | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,  # noqa: ARG005 - named for the caller
) -> Replicated:
    """
    Bring the copy in a folder up to date; begin one in a folder that does not exist or is empty.

    ``form``: that of the copy (default: the one that it has, else a folder). ``seal`` encrypts, for form ``age``.
    ``beside``: small files to lie beside the parts from the very beginning, such as a locked key.
    ``progress`` hears how many of the missing parts are there. Interrupted, it goes on where it stopped.

    Raises:
        UsageError: The place is inside the archive, is no copy, or is one of another form.

        NeedsOwner: It is a copy of another archive (``other-archive``).

        KeepfolioError: It is not there, or cannot be written.

        Locked: Another run is copying.
    """
    disk = disk or FileSystem()
    insist_apart(archive, place)
    turn = archive.state / "copying"
    turn.mkdir(mode=0o700, exist_ok=True)
    with lock.writing(turn), explained(place):
        form = insist_ours(archive, place, form)
        with begun(archive, place, form, beside, disk) as copy:
            run = _Run(archive, copy, seal, disk)
            run.bring(progress)
            return run.report


class _Run:
    """One run to one place."""

    def __init__(self, archive: Archive, copy: Copy, seal: Through | None, disk: FileSystem) -> None:
        self.report = Replicated(copy.place, copy.form)
        self._archive = archive
        self._copy = copy
        self._seal = seal
        self._disk = disk
        self._segments = archive.root / "segments"

    def bring(self, progress: Callable[[int, int], None]) -> None:
        """Add what lacks, then remove what was replaced."""
        names = segment.names(self._segments)
        replaced = self._replaced(names)
        wanted = [name for name in names if name not in replaced]
        there = set(self._copy.names())
        lacking = [name for name in wanted if name not in there]
        for name in wanted:
            if name in there and (differing := list(self._differing(name))):
                ours = self._damage(name)
                self.report.damaged += ours
                self.report.broken += [] if ours else differing
        for done, name in enumerate(lacking):
            progress(done, len(lacking))
            self._add(name)
        if lacking:
            progress(len(lacking), len(lacking))
        self._remove_replaced(replaced)
        there = set(self._copy.names())
        more, aside = there - set(names) - set(replaced), set_aside(self._archive.root)
        self.report.extra, self.report.aside = sorted(more - aside), sorted(more & aside)
        self.report.parts = len(there.intersection(names))
        self.report.head = self._archive.head if self.report.whole else ""

    def _replaced(self, names: list[str]) -> dict[str, str]:
        readable = []
        for name in names:
            try:
                readable.append(segment.read(self._segments / name))
            except ArchiveDamaged:
                continue  # named where it is verified
        return chain.replaced(readable)

    def _differing(self, name: str) -> Iterator[Finding]:
        """Yield how a part of the copy differs from ours, as far as that shows without reading all of it."""
        if self._copy.form == "age":
            return  # only its owner's key opens it: see `verify --copy`
        theirs = self._copy.relative(name)
        try:
            with self._copy.open(name, "tagmanifest-sha256.txt") as file:
                mark = file.read(PIECE)
            if mark != (self._segments / name / "tagmanifest-sha256.txt").read_bytes():
                yield Finding("differs", theirs)
            elif self._copy.form == "folder":
                found = segment.check(self._copy.path(name), wanted=lambda: False)
                yield from (replace(f, path=f"{theirs}/{f.path}") for f in found if f.code != "stray")
            elif self._copy.members(name) != _sizes(self._segments / name):
                yield Finding("differs", theirs)
        except (KeyError, ArchiveDamaged, OSError, ValueError):
            yield Finding("damaged", theirs)

    def _add(self, name: str) -> None:
        folder = self._segments / name
        if wrong := self._damage(name):
            self.report.damaged += wrong
            return
        if self._copy.form == "folder":
            self._add_folder(folder)
        else:
            self._add_zip(folder)
        self.report.added.append(name)
        self.report.bytes += segment.read(folder).bytes

    def _damage(self, name: str) -> list[Finding]:
        found = segment.check(self._segments / name)
        return [replace(f, path=f"segments/{name}/{f.path}") for f in found if f.code != "stray"]

    def _add_folder(self, folder: Path) -> None:
        """Payload first, the file that makes a bag of it last; then one rename, and all is read back."""
        staged = self._copy.place / "staging" / folder.name
        listed = segment.manifest(folder)
        made = make_folders(self._disk, staged, listed)
        for path in listed:
            with (folder / path).open("rb") as source:
                copy_stream(self._disk, source, staged / path)
        self._disk.sync_files(staged / path for path in listed)
        for tag in TAGS:
            self._disk.write_file(staged / tag, (folder / tag).read_bytes())
        for below in reversed(made):
            self._disk.sync_folder(below)
        segment.publish(self._disk, self._copy.place, folder.name)

    def _add_zip(self, folder: Path) -> None:
        """Write the ZIP under another name, read it back, and only then give it its own."""
        target = self._copy.path(folder.name)
        staged = self._copy.place / "staging" / target.name
        with tempfile.TemporaryFile(dir=self._archive.state) as plain:  # on our own disk: it is not sealed yet
            write_zip(folder, segment.manifest(folder), cast("BinaryIO", plain))
            plain.seek(0)
            out = _Out(self._disk, staged)
            try:
                out.take(cast("BinaryIO", plain), self._seal if self._copy.form == "age" else None)
            finally:
                out.close()
        if segment.digest_of(os.fspath(staged)) != out.digest:
            self._disk.remove(staged)
            raise ArchiveDamaged(
                f"The disk did not keep what was written: {staged}.",
                code="not-kept",
                unchanged="Your archive is as it was, and so is what the copy had.",
                mend="Check that disk, or copy to another one.",
            )
        self._disk.rename(staged, target)
        self._disk.sync_folder(self._copy.folder)
        self._disk.sync_folder(staged.parent)
        self.report.digests[folder.name] = out.digest

    def _remove_replaced(self, replaced: dict[str, str]) -> None:
        """Remove from the copy what a purge replaced, where all of what stands in its place is there."""
        there = set(self._copy.names())
        for old, new in replaced.items():
            if old not in there or new not in there:
                continue
            if wrong := [*self._not_the_one(old, new), *self._not_whole(new)]:
                self.report.broken += [f for f in wrong if f not in self.report.broken]
                continue
            self._copy.drop(old, self._disk)
            self.report.removed.append(old)

    def _not_the_one(self, old: str, new: str) -> Iterator[Finding]:
        """Yield the part of the copy if it is another one than that which was replaced, under the same name."""
        if self._copy.form == "age":
            return
        try:
            with self._copy.open(old, "tagmanifest-sha256.txt") as file:
                mark = hashlib.sha256(file.read()).hexdigest()
        except (KeyError, ArchiveDamaged, OSError, ValueError):
            mark = ""
        if (mark, old) not in segment.read(self._segments / new).replaces:
            yield Finding("differs", self._copy.relative(old))

    def _not_whole(self, name: str) -> Iterator[Finding]:
        """Yield what is wrong with a part of the copy, all of it read: what it replaces goes only if nothing is."""
        theirs = self._copy.relative(name)
        if self._copy.form == "age" or name in self.report.added:  # read back when it was written
            return
        try:
            with self._copy.unpacked(name) as folder:
                found = [replace(f, path=f"{theirs}/{f.path}") for f in segment.check(folder) if f.code != "stray"]
        except (KeyError, ArchiveDamaged, OSError, ValueError):
            found = [Finding("damaged", theirs)]
        yield from found


class _Out:
    """A new file on a disk, hashed while it is written; it keeps an error that the sealing program swallows."""

    def __init__(self, disk: FileSystem, path: Path) -> None:
        self._disk = disk
        self._descriptor = disk.create(path)
        self._hash = hashlib.sha256()
        self._problem: BaseException | None = None

    @property
    def digest(self) -> Digest:
        return self._hash.hexdigest()

    def take(self, source: BinaryIO, seal: Through | None) -> None:
        try:
            if seal:
                seal(source, cast("BinaryIO", self))
            else:
                while piece := source.read(PIECE):
                    self.write(piece)
        finally:
            if self._problem:
                raise self._problem
        self._disk.sync(self._descriptor)

    def write(self, data: bytes) -> int:
        try:
            self._disk.write(self._descriptor, data)
        except BaseException as problem:
            self._problem = self._problem or problem
            raise
        self._hash.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        self._disk.close(self._descriptor)


def copy_stream(disk: FileSystem, source: BinaryIO, target: Path, *, sync: bool = False) -> Digest:
    """Write a stream as a new file and return its digest; without ``sync`` bringing it to the disk is still to do."""
    digest = hashlib.sha256()
    descriptor = disk.create(target)
    try:
        while piece := source.read(PIECE):
            digest.update(piece)
            disk.write(descriptor, piece)
        if sync:
            disk.sync(descriptor)
    finally:
        disk.close(descriptor)
    return digest.hexdigest()


def make_folders(disk: FileSystem, staged: Path, listed: Iterable[str]) -> list[Path]:
    """Make the folders of a part, each before those in it, and return them in that order."""
    above = {f"{staged}/{path}".rpartition("/")[0] for path in listed}
    wanted = {staged, *(p for name in above for p in (Path(name), *Path(name).parents) if staged in p.parents)}
    made = sorted(wanted, key=lambda path: len(path.parts))
    for folder in made:
        disk.mkdir(folder)
    return made


def _sizes(folder: Path) -> dict[str, int]:
    return {path: (folder / path).stat().st_size for path in (*segment.manifest(folder), *TAGS)}
