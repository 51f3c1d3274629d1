"""What a crash leaves in ``staging/``: a finished bag is rolled forward, everything else is removed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archive import chain, segment
from archive.decisions import Decisions
from archive.entry import Digest
from archive.errors import ArchiveDamaged
from archive.filesystem import FileSystem


def recover(disk: FileSystem, root: Path) -> None:
    """Bring ``staging/`` to an end; the caller holds the lock. What was acknowledged never lies there."""
    staging = root / "staging"
    try:
        with os.scandir(staging) as found:
            left = sorted(found, key=lambda item: item.name)
    except FileNotFoundError:
        return  # a copy of an archive may lack it; the writer makes it
    for item in left:
        if item.is_dir(follow_symlinks=False):
            if not _rolled_forward(disk, root, item.name):
                disk.remove_tree(item.path)
        else:
            disk.remove(item.path)


def _rolled_forward(disk: FileSystem, root: Path, name: str) -> bool:
    folder, segments = root / "staging" / name, root / "segments"
    if name not in segment.names(root / "staging") or (segments / name).exists():
        return False
    if any(segment.check(folder)):
        return False
    parents = segment.read(folder).parents
    try:
        known = chain.held(segment.read(segments / n) for n in segment.names(segments))
    except ArchiveDamaged:
        return False
    if not known.issuperset(parents):
        return False
    for below, _, _ in os.walk(folder, topdown=False):
        disk.sync_folder(below)  # the crash may have come between the last file and its folder
    segment.publish(disk, root, name)
    return True


def settle_replaced(disk: FileSystem, root: Path, standing: Mapping[str, str]) -> None:
    """
    Remove parts in whose place another one stands: a purge was cut off, or an old copy brought them back.

    ``standing``: by the name of a part, the one that stands in its place. It goes only if that one is whole, and no
    part that another machine sealed needs a file which it alone still holds (``last_holders``).
    """
    staying = last_holders(root / "segments", standing)
    for old in segment.names(root / "segments"):
        if old in standing and old not in staying:
            remove_replaced(disk, root, old, standing[old])


def remove_replaced(disk: FileSystem, root: Path, old: str, new: str) -> None:
    """Remove a part in whose place another one stands, if that one is there and whole."""
    segments, staging = root / "segments", root / "staging"
    if (segments / new).is_dir() and not any(f.code != "stray" for f in segment.check(segments / new)):
        if not staging.is_dir():  # a copy of an archive may lack it
            disk.mkdir(staging)
        beside = staging / f"replaced-{old}"  # away in one step: half of a part would be damage
        disk.rename(segments / old, beside)
        disk.sync_folder(segments)
        disk.sync_folder(staging)
        disk.remove_tree(beside)


def last_holders(segments: Path, standing: Mapping[str, str]) -> frozenset[str]:
    """
    Return the replaced parts that are there and alone hold a file which a line of another part still needs.

    Whoever removed something did not know of what was written on another machine at that time.
    """
    names = segment.names(segments)
    replaced = [old for old in names if standing.get(old) in names]
    try:
        lost = {old: _payload(segments / old) - _payload(segments / standing[old]) for old in replaced}
        others = [name for name in names if name not in lost] if any(lost.values()) else []
        elsewhere = set[Digest]().union(*(_payload(segments / name) for name in others))
        only_there = set[Digest]().union(*lost.values()) - elsewhere
        needed = only_there & _needed(segments, others) if only_there else set()
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset(replaced)  # what cannot be read may need it
    return frozenset(old for old, digests in lost.items() if digests & needed)


def _payload(folder: Path) -> set[Digest]:
    return {digest for path, digest in segment.manifest(folder).items() if path not in {segment.RECORDS, segment.RUN}}


def _needed(segments: Path, names: Sequence[str]) -> set[Digest]:
    """Return the digests of all files that these parts speak of, but for what must be forgotten."""
    decisions, needed = Decisions(), set[Digest]()
    for keep in (False, True):  # a later decision reaches back
        for number, name in enumerate(names):
            for at, text in enumerate(segment.records(segments / name), 1):
                value: dict[str, Any] = json.loads(text)
                if not keep:
                    decisions.note((number, at), value)
                elif "entry" in value and decisions.dooms(str(value["id"]), (number, at)) is None:
                    places = (*value.get("files", ()), *(value[n] for n in ("raw",) if n in value))
                    needed.update(str(place["sha256"]) for place in places)
    return needed
