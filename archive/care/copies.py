"""
Copies of an archive in other places, brought up to date part by part.

A copy is a set: what it lacks is added, what it has is never overwritten, nothing is removed but what a purge replaced.
Of a copy in plain folders, damaged files are moved to its ``quarantine/`` and written anew.
Each part is verified before it is copied and read back afterwards, and is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

from archive import chain, lock, segment
from archive.care.branches import left_behind, set_aside
from archive.care.copyplace import KEY, begun, insist_apart, insist_ours
from archive.care.healing import Healing
from archive.care.places import PIECE, TAGS, Copy, Form, Through, form_of, opened, write_zip
from archive.care.streams import Out, copy_stream, make_folders
from archive.care.trust import described
from archive.entry import Digest
from archive.errors import ArchiveDamaged
from archive.filesystem import FileSystem, explained
from archive.segment import Finding, Segment
from archive.store import Archive

__all__ = [
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
    (the same, because the owner chose not to go on from them, or from what they follow) are names of parts.
    ``damaged`` are findings in the archive, ``broken`` in the copy; neither was copied or changed. ``mended``: paths in
    a folder copy that were written anew. ``digests``: of each file that was written, for a ZIP copy.
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
    mended: list[str] = field(default_factory=list)
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
    thorough: bool = False,
    disk: FileSystem | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,  # noqa: ARG005 - named for the caller
) -> Replicated:
    """
    Bring the copy in a folder up to date; begin one in a folder that does not exist or is empty.

    ``form``: that of the copy (default: the one that it has, else a folder). ``seal`` encrypts, for form ``age``.
    ``beside``: small files to lie beside the parts from the very beginning, such as a locked key.
    ``thorough``: read every byte of what a folder copy has already; else names and sizes are compared.
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
            run = _Run(archive, copy, seal, disk, thorough=thorough)
            run.bring(progress)
            return run.report


class _Run:
    """One run to one place."""

    def __init__(
        self, archive: Archive, copy: Copy, seal: Through | None, disk: FileSystem, *, thorough: bool = False
    ) -> None:
        self.report = Replicated(copy.place, copy.form)
        self._thorough = thorough
        self._healing = Healing(disk, copy.place)
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
        purged = self._purged_there(wanted, there.difference(names))
        lacking = [name for name in wanted if name not in there | purged]
        for name in wanted:
            if name in there and (differing := list(self._differing(name))):
                ours = self._damage(name)
                self.report.damaged += ours
                self.report.broken += [] if ours else self._healed(name, differing)
        for done, name in enumerate(lacking):
            progress(done, len(lacking))
            self._add(name)
        if lacking:
            progress(len(lacking), len(lacking))
        self._remove_replaced(replaced)
        there = set(self._copy.names())
        more = there - set(names) - set(replaced)
        aside = more & self._not_gone_on_from(more)
        self.report.extra, self.report.aside = sorted(more - aside), sorted(aside)
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

    def _purged_there(self, ours: list[str], theirs: set[str]) -> set[str]:
        """Return parts of ours from which something was purged elsewhere: what stands in their place is in the copy."""
        replaced: set[tuple[Digest, str]] = set()
        for name in theirs if self._copy.form != "age" else ():
            try:
                with self._copy.open(name, "bag-info.txt") as file:
                    lines = file.read(PIECE).decode().splitlines()
            except (KeyError, ArchiveDamaged, OSError, ValueError):
                continue
            for line in lines:
                if line.startswith("Replaces-Segment: "):
                    mark, _, old = line.removeprefix("Replaces-Segment: ").partition(" ")
                    replaced.add((mark, old))
        candidates = {name for _, name in replaced}.intersection(ours)
        return {name for name in candidates if (segment.read(self._segments / name).id, name) in replaced}

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
                found = segment.check(self._copy.path(name), wanted=lambda: self._thorough)
                yield from (replace(f, path=f"{theirs}/{f.path}") for f in found if f.code != "stray")
            elif self._copy.members(name) != _sizes(self._segments / name):
                yield Finding("differs", theirs)
        except (KeyError, ArchiveDamaged, OSError, ValueError):
            yield Finding("damaged", theirs)

    def _healed(self, name: str, differing: list[Finding]) -> list[Finding]:
        """Write anew what a part of a folder copy lacks or has damaged, and return what is wrong with it still."""
        theirs = self._copy.path(name)
        if self._copy.form != "folder" or not any(f.code != "stray" for f in segment.check(theirs)):
            return differing  # a part that agrees with itself is another one, and somebody's
        self.report.mended += self._healing.part(self._segments / name, name)
        left = (f for f in segment.check(theirs) if f.code != "stray")
        return [replace(f, path=f"{self._copy.relative(name)}/{f.path}") for f in left]

    def _not_gone_on_from(self, names: set[str]) -> frozenset[str]:
        """Return those that the owner set aside, and those that follow them."""
        return set_aside(self._archive.root) | left_behind(self._archive.root, filter(None, map(self._told, names)))

    def _told(self, name: str) -> Segment | None:
        """Return a part as the copy describes it; None where it cannot be read, or only with a key."""
        if self._copy.form == "age":
            return None
        try:
            with self._copy.open(name, TAGS[3]) as mark, self._copy.open(name, TAGS[0]) as about:
                return described(name, mark.read(PIECE), about.read(PIECE), self._archive.id)
        except (KeyError, ArchiveDamaged, OSError, ValueError):
            return None

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
            out = Out(self._disk, staged)
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
        for old in replaced.keys() - set(self._copy.names()):
            self._healing.forget(old)

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


def _sizes(folder: Path) -> dict[str, int]:
    return {path: (folder / path).stat().st_size for path in (*segment.manifest(folder), *TAGS)}
