"""
A disk that forgets: what may be left of a file system after the power went.

The real writer works on a real folder through ``Recorder``. ``Disk`` replays the recorded calls up to any moment and
draws states from what a file system may do with everything that was not synced: bytes may be missing, torn, zeroed or
whole; names may be lost in any combination, and of a rename either half.
"""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from archive.filesystem import FileSystem, Place

IN_MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where many archives are laid out for a look: in memory where that can be had, else wherever temporary files go."""


class NoSync(FileSystem):
    """A real disk that never waits: for looking at states, where nothing cuts the power again."""

    def sync(self, descriptor: int) -> None:
        pass

    def sync_folder(self, path: Place) -> None:
        pass


@dataclass(frozen=True)
class Promise:
    """
    What whoever looks after a crash must find: keys ``held``, bytes ``gone``, names of parts ``copied``.

    ``hurt``: files were damaged before, so all that can be asked is that a repair mends them.
    ``index``: the kept index of that moment, which may survive too.
    """

    held: frozenset[str] = frozenset()
    gone: frozenset[bytes] = frozenset()
    copied: frozenset[str] = frozenset()
    hurt: bool = False
    index: bytes = b""


@dataclass(frozen=True)
class Call:
    do: str
    path: str
    target: str = ""
    data: bytes = b""
    promise: Promise = Promise()


class Recorder(FileSystem):
    """Does what is asked, and writes it down."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self._base = base
        self._open: dict[int, str] = {}

    def promise(self, promise: Promise) -> None:
        """From here on this must be so."""
        self.calls.append(Call("promise", "", promise=promise))

    def harm(self, path: Path, data: bytes) -> None:
        """Be the disk that changes bytes by itself: no write, and no crash undoes it."""
        path.write_bytes(data)
        self.calls.append(Call("harm", self._relative(path), data=data))

    def create(self, path: Place) -> int:
        descriptor = super().create(path)
        self._open[descriptor] = self._note("create", path)
        return descriptor

    def write(self, descriptor: int, data: bytes | memoryview) -> None:
        super().write(descriptor, data)
        self.calls.append(Call("write", self._open[descriptor], data=bytes(data)))

    def sync(self, descriptor: int) -> None:
        if descriptor in self._open:
            self.calls.append(Call("sync", self._open[descriptor]))

    def sync_file(self, path: Place) -> None:
        self._note("sync", path)

    def close(self, descriptor: int) -> None:
        super().close(descriptor)
        del self._open[descriptor]

    def mkdir(self, path: Place) -> None:
        super().mkdir(path)
        self._note("mkdir", path)

    def sync_folder(self, path: Place) -> None:
        self._note("sync_folder", path)

    def remove(self, path: Place) -> None:
        super().remove(path)
        self._note("remove", path)

    def remove_tree(self, path: Place) -> None:
        for folder, _, names in os.walk(path, topdown=False):  # no disk does this at once
            for name in names:
                self._note("remove", f"{folder}/{name}")
            self._note("remove", folder)
        super().remove_tree(path)

    def _rename(self, source: Place, target: Place) -> None:
        super()._rename(source, target)
        self.calls.append(Call("rename", self._relative(source), self._relative(target)))

    def _note(self, do: str, path: Place) -> str:
        relative = self._relative(path)
        self.calls.append(Call(do, relative))
        return relative

    def _relative(self, path: Place) -> str:
        return os.path.relpath(path, self._base)


@dataclass(eq=False)
class File:
    now: bytes = b""
    safe: bytes = b""


@dataclass(eq=False)
class Folder:
    names: dict[str, File | Folder] = field(default_factory=dict)


@dataclass(eq=False)
class Step:
    """A change of names: ``sure`` once its folder was synced, even if the way to that folder is not sure yet."""

    change: Callable[[Folder], bool]
    folder: str
    sure: bool = False


class Disk:
    """The state of the disk after some calls: what is sure, and what is not."""

    def __init__(self, ignore: Callable[[Call], bool] = lambda call: False) -> None:
        self._now = Folder()
        self._safe = Folder()
        self._steps: list[Step] = []
        self._ignore = ignore
        self.promises: list[Promise] = []

    def run(self, call: Call) -> None:
        if call.path.startswith("state/"):
            self._outside(call.path)
        if call.do == "promise":
            self.promises.append(call.promise)
        elif call.do in {"sync", "sync_folder"}:
            if not self._ignore(call):
                getattr(self, f"_{call.do}")(call)
        elif call.do == "write":
            self._file(call.path).now += call.data
        elif call.do == "harm":
            self._file(call.path).now = self._file(call.path).safe = call.data
        else:
            self._step(call)

    def state(self, chance: random.Random) -> Folder:
        """Draw one state that the power cut may leave."""
        names = _twin(self._safe)
        assert isinstance(names, Folder)
        likely = chance.choice([0.0, 0.5, 0.9, 1.0])
        for step in self._steps:
            if step.sure or chance.random() < likely:
                step.change(names)
        return names

    def _outside(self, path: str) -> None:
        """The state folder is made outside of the seam: it is there, its files are as unsure as all others."""
        for root in (self._now, self._safe):
            tree: File | Folder = root
            for part in path.split("/")[:-1]:
                assert isinstance(tree, Folder)
                tree = tree.names.setdefault(part, Folder())

    def _step(self, call: Call) -> None:
        source, name = _find(self._now, call.path)
        for change, path in _changes(call, source.names.get(name) if source else None):
            change(self._now)
            self._steps.append(Step(change, path.rpartition("/")[0]))

    def _sync(self, call: Call) -> None:
        file = self._file(call.path)
        file.safe = file.now

    def _sync_folder(self, call: Call) -> None:
        folder = call.path if call.path != "." else ""
        for step in self._steps:
            step.sure = step.sure or step.folder == folder
        self._steps = [s for s in self._steps if not (s.sure and s.change(self._safe))]

    def _file(self, path: str) -> File:
        folder, name = _find(self._now, path)
        assert folder is not None
        file = folder.names[name]
        assert isinstance(file, File)
        return file


def _changes(call: Call, moved: File | Folder | None) -> list[tuple[Callable[[Folder], bool], str]]:
    """
    Return the changes of names that a call makes, each with the path whose folder it is made in.

    A change takes a tree and says whether it could be made there. A new file is the same one in every tree, so that its
    bytes are; a folder's names may differ from tree to tree. ``moved``: what a rename moves; a file is reached by its
    new name even where its old one had never reached the disk.
    """
    file = File()

    def add(tree: Folder) -> bool:
        folder, name = _find(tree, call.path)
        if folder is None:
            return False
        folder.names.setdefault(name, file if call.do == "create" else Folder())
        return True

    def remove(tree: Folder) -> bool:
        folder, name = _find(tree, call.path)
        if folder is None:
            return False
        folder.names.pop(name, None)
        return True

    def appear(tree: Folder) -> bool:
        old, name = _find(tree, call.path)
        new, target = _find(tree, call.target)
        item = moved if isinstance(moved, File) else old.names.get(name) if old else None
        if new is None or item is None:
            return False
        new.names[target] = _twin(item)
        return True

    if call.do == "rename":
        return [(appear, call.target), (remove, call.path)]
    return [(remove if call.do == "remove" else add, call.path)]


def _twin(item: File | Folder) -> File | Folder:
    return item if isinstance(item, File) else copy.deepcopy(item, {id(f): f for f in _files(item)})


def _find(tree: Folder, path: str) -> tuple[Folder | None, str]:
    *above, name = path.split("/")
    for part in above:
        below = tree.names.get(part)
        if not isinstance(below, Folder):
            return None, name
        tree = below
    return tree, name


def _files(folder: Folder) -> list[File]:
    found: list[File] = []
    for item in folder.names.values():
        found += [item] if isinstance(item, File) else _files(item)
    return found


def lay_out(folder: Folder, where: Path, chance: random.Random) -> None:
    """Make a drawn state a real folder; bytes that were not synced are what a disk may make of them."""
    where.mkdir(mode=0o700, exist_ok=True)
    for name, item in folder.names.items():
        if isinstance(item, Folder):
            lay_out(item, where / name, chance)
        else:
            (where / name).write_bytes(_after_crash(item, chance))


def _after_crash(file: File, chance: random.Random) -> bytes:
    if file.safe == file.now:
        return file.now
    cut = chance.randrange(len(file.now) + 1)
    torn = file.now[:cut]
    return chance.choice([file.safe, file.now, torn, torn + bytes(len(file.now) - cut), bytes(len(file.now))])
