"""After two computers have written at once: going on from both branches, or from one of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from archive import chain, lock, segment
from archive.entry import Digest
from archive.errors import ArchiveDamaged, UsageError
from archive.filesystem import explained
from archive.segment import Segment
from archive.store import Archive, Origin

_BRANCHES = Path("quarantine", "branches")


def join(archive: Archive) -> str:
    """
    Go on from every branch, by the owner's choice, and return the name of the part that joins them.

    Raises:
        ArchiveDamaged: Something is missing, so that nobody can tell what the branches are.

        UsageError: There is one branch only (``no-fork``).
    """
    _insist_fork(archive)
    with archive.append(Origin("keepfolio", "keepfolio"), joining=True) as writer:
        writer.join()
        name = writer.seal()
    assert name
    return name


def keep(archive: Archive, name: str) -> tuple[str, ...]:
    """
    Go on from the branch that ends with this part; return the names of the parts that were set aside.

    They lie in ``quarantine/branches/`` from then on and count for nothing; none is deleted.

    Raises:
        ArchiveDamaged: Something is missing, so that nobody can tell what the branches are.

        UsageError: There is one branch only (``no-fork``), or none ends with that part (``no-branch``).
    """
    tips = _insist_fork(archive)
    kept = next((tip for tip in tips if tip.name == name), None)
    if kept is None:
        raise UsageError(
            f"No branch ends with {name}; they end with: {', '.join(tip.name for tip in tips)}.",
            code="no-branch",
            unchanged="Nothing was changed.",
            mend="Name one of those: keepfolio repair --keep NAME",
        )
    sealed = archive.index.segments()
    staying = _line_of(kept, sealed)
    going = [s.name for s in sealed if s.name not in staying]
    aside, segments, disk = archive.root / _BRANCHES, archive.root / "segments", archive.disk
    with lock.writing(archive.state), explained(archive.root):
        for folder in (aside.parent, aside):
            if not folder.is_dir():
                disk.mkdir(folder)
                disk.sync_folder(folder.parent)
        with contextlib.suppress(FileNotFoundError):  # else what goes would be missed, should this be cut off
            disk.remove(archive.state / "head.json")
        for part in reversed(going):  # the newest first: cut off in between, what is left is a shorter branch
            disk.rename(segments / part, aside / part)
            disk.sync_folder(aside)
            disk.sync_folder(segments)
        archive.memory.forget_what_was_seen()
        archive.reindex()
        archive.note_head()
    return tuple(going)


def set_aside(root: Path) -> frozenset[str]:
    """Return the names of the parts that the owner chose not to go on from."""
    return frozenset(segment.names(root / _BRANCHES))


def left_behind(root: Path, parts: Iterable[Segment]) -> frozenset[str]:
    """
    Return the names of the parts that follow, near or far, one that the owner set aside.

    Another computer went on from it. Here they would be damage: what they refer to counts for nothing.
    """
    ours = chain.held(_readable(root / "segments"))
    gone, names = set(chain.held(_readable(root / _BRANCHES)) - ours), set[str]()
    for part in sorted(parts, key=lambda p: p.name):
        if not gone.isdisjoint(part.parents):
            gone.update(chain.ids(part) - ours)
            names.add(part.name)
    return frozenset(names)


def _readable(folder: Path) -> Iterator[Segment]:
    for name in segment.names(folder):
        with contextlib.suppress(ArchiveDamaged):  # named where it is verified
            yield segment.read(folder / name)


def _insist_fork(archive: Archive) -> list[Segment]:
    archive.insist_nothing_missing()
    tips = chain.tips(archive.index.segments())
    if len(tips) < 2:
        raise UsageError(
            "There is nothing to join or to choose: one newest part follows all others.",
            code="no-fork",
            unchanged="Nothing was changed.",
        )
    return tips


def _line_of(tip: Segment, sealed: Iterable[Segment]) -> frozenset[str]:
    """Return the names of a part and of all that it follows."""
    by_id: dict[Digest, list[Segment]] = {}
    for part in sealed:  # two may stand in the place of one
        for mark in chain.ids(part):
            by_id.setdefault(mark, []).append(part)
    found: dict[str, None] = {}
    waiting = [tip]
    while waiting:
        one = waiting.pop()
        if one.name not in found:
            found[one.name] = None
            waiting += [part for mark in (*chain.ids(one), *one.parents) for part in by_id.get(mark, ())]
    return frozenset(found)
