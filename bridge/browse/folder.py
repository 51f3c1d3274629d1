"""
The folder that a browse site lies in: what did not change is not written again, and what is gone is removed.

Its own record says what is ours, and is written before anything else: a run that is cut off leaves a folder that the
next run completes. What somebody else put there is never touched. Folders 0700, files 0600.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive import naming
from archive.errors import KeepfolioError, UsageError

RECORD = ".keepfolio-browse.json"
_FORMAT = "keepfolio-browse/1"
_LONGEST = 120

Content = str | Path
"""A text, or a file to copy."""


@dataclass(frozen=True, slots=True)
class Task:
    """
    Something to be written, and how to tell whether it must be.

    Attributes:
        key: What it is called in the record; the same in every run.

        base: Changes when anything that it shows does, but for the answers to what it asked.

        names: Every file that it may write.

        make: Makes those files.
    """

    key: str
    base: str
    names: tuple[str, ...]
    make: Callable[[], Made]


@dataclass(frozen=True)
class Made:
    """The files of a task by name; ``asked`` is what ``Places.answers`` takes. Not ``whole``: it is tried again."""

    files: Mapping[str, Content]
    asked: str = ""
    whole: bool = True


@dataclass(slots=True)
class _Kept:
    stamp: str
    asked: str
    sizes: tuple[tuple[str, int], ...]


@dataclass
class Folder:
    """One run over a folder: ``begin`` says what must be written, ``put`` writes it, ``finish`` removes the rest."""

    root: Path
    archive_id: str
    answers: Callable[[str], str]
    written: int = 0
    removed: int = 0
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _now: dict[str, _Kept] = field(default_factory=dict)
    _before: set[str] = field(default_factory=set)
    _gone: list[str] = field(default_factory=list)
    _safe: set[Path] = field(default_factory=set)

    def begin(self, tasks: Sequence[Task]) -> list[Task]:
        """
        Return the tasks that must be done, and note in the record all that this run may write.

        Raises:
            UsageError: Something is there that no earlier run left (``folder-in-use``).
        """
        self._open()
        names = {name for task in tasks for name in task.names}
        for name in sorted(names):
            if not naming.is_safe(name, _LONGEST):
                raise KeepfolioError(f"{name!r} is no name for a file.", code="unsafe-name")
            if name not in self._before and (self.root / name).exists():
                raise _in_use(self.root / name)
        wanted: list[Task] = []
        for task in tasks:
            old = self._kept.get(task.key)
            if old and old.stamp == self._stamp(task, old.asked) and self._is_there(old):
                self._now[task.key] = old
            else:
                self._now[task.key] = _Kept("", "", tuple((name, -1) for name in task.names))
                wanted.append(task)
        self._kept.clear()
        self._gone = sorted(self._before - names)
        self.save()
        return wanted

    def put(self, task: Task, made: Made) -> None:
        """Write what a task made."""
        sizes = tuple((name, self._write(name, content)) for name, content in made.files.items())
        self.written += len(sizes)
        stamp = self._stamp(task, made.asked) if made.whole else ""
        self._now[task.key] = _Kept(stamp, made.asked, sizes)

    def save(self) -> None:
        """Note how far the run is, so that one that is cut off need not begin anew."""
        tasks = {key: [kept.stamp, kept.asked, kept.sizes] for key, kept in self._now.items()}
        value = {"format": _FORMAT, "archive": self.archive_id, "also": self._gone, "tasks": tasks}
        self._write(RECORD, json.dumps(value, separators=(",", ":")), sync=True)

    def finish(self) -> int:
        """Remove what is not wanted any more, and return the number of pages that are there."""
        names = {name for kept in self._now.values() for name, _ in kept.sizes}
        for name in sorted(self._before - names):
            place = self._place(name)
            place.with_name(f"{place.name}.part").unlink(missing_ok=True)
            if place.exists() or place.is_symlink():
                place.unlink()
                self.removed += 1
            self._drop_empty(place.parent)
        self._gone = []
        self.save()
        return sum(1 for name in names if name.endswith(".html"))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        record = self.root / RECORD
        if self.root.exists() and (self.root.is_symlink() or not self.root.is_dir()):
            raise _in_use(self.root)
        if not record.is_file() and self.root.exists() and any(self.root.iterdir()):
            raise _in_use(self.root)
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not record.is_file():
            return
        try:
            self._read(json.loads(record.read_text("utf-8")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
            raise _in_use(record) from problem

    def _read(self, value: dict[str, Any]) -> None:
        if value["format"] != _FORMAT or value["archive"] != self.archive_id:
            raise ValueError("of another archive")
        for key, (stamp, asked, sizes) in value["tasks"].items():
            files = tuple((key if name == key else str(name), int(size)) for name, size in sizes)
            self._kept[key] = _Kept(str(stamp), str(asked), files)
        named = {*map(str, value["also"]), *(name for kept in self._kept.values() for name, _ in kept.sizes)}
        self._before = {name for name in named if naming.is_safe(name, _LONGEST)}

    def _stamp(self, task: Task, asked: str) -> str:
        return naming.short_hash(f"{task.base} {self.answers(asked)}", 16)

    def _is_there(self, kept: _Kept) -> bool:
        try:
            return all((self.root / name).stat().st_size == size for name, size in kept.sizes)
        except OSError:
            return False

    def _place(self, name: str) -> Path:
        """Return the path of a name, with real folders of ours above it: a link could lead anywhere."""
        place = self.root / name
        folder = self.root
        for part in Path(name).parts[:-1]:
            folder /= part
            if folder in self._safe:
                continue
            if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
                raise _in_use(folder)
            folder.mkdir(exist_ok=True, mode=0o700)
            self._safe.add(folder)
        return place

    def _write(self, name: str, content: Content, *, sync: bool = False) -> int:
        place = self._place(name)
        part = place.with_name(f"{place.name}.part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            if isinstance(content, str):
                out.write(content.encode("utf-8", "replace"))
            else:
                with content.open("rb") as source:
                    shutil.copyfileobj(source, out)
            size = out.tell()
            if sync:
                out.flush()
                os.fsync(out.fileno())
        part.replace(place)
        return size

    def _drop_empty(self, folder: Path) -> None:
        while folder != self.root and not any(folder.iterdir()):
            folder.rmdir()
            self._safe.discard(folder)
            folder = folder.parent


def _in_use(place: Path) -> UsageError:
    return UsageError(
        f"{place} is there, and is not what keepfolio made for this archive.",
        code="folder-in-use",
        unchanged="Nothing in that folder was touched.",
        mend="Name another folder with --out; or, if nothing in it is yours, delete it: it can be made again.",
    )
