"""What a crash leaves in ``staging/``: a finished bag is rolled forward, everything else is removed."""

from __future__ import annotations

import os
from pathlib import Path

from archive import segment
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
        known = {segment.read(segments / n).id for n in segment.names(segments)}
    except ArchiveDamaged:
        return False
    if not known.issuperset(parents):
        return False
    for below, _, _ in os.walk(folder, topdown=False):
        disk.sync_folder(below)  # the crash may have come between the last file and its folder
    segment.publish(disk, root, name)
    return True
