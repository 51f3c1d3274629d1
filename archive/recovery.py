"""What a crash leaves in ``staging/``: a finished bag is rolled forward, everything else is removed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from archive import chain, segment
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

    ``standing``: by the name of a part, the one that stands in its place. It goes only if that one is whole.
    """
    segments, staging = root / "segments", root / "staging"
    for old in segment.names(segments):
        new = standing.get(old, "")
        if new and (segments / new).is_dir() and not any(f.code != "stray" for f in segment.check(segments / new)):
            if not staging.is_dir():  # a copy of an archive may lack it
                disk.mkdir(staging)
            beside = staging / f"replaced-{old}"  # away in one step: half of a part would be damage
            disk.rename(segments / old, beside)
            disk.sync_folder(segments)
            disk.sync_folder(staging)
            disk.remove_tree(beside)
