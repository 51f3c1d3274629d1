"""
A damaged part of a folder copy, made whole from ours.

What was damaged is moved to the copy's ``quarantine/``; only what a purge removes leaves that again.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from archive import segment
from archive.care.places import TAGS
from archive.care.streams import copy_stream
from archive.entry import Digest
from archive.filesystem import FileSystem


class Healing:
    """What one run writes anew in a copy; what stood there goes to one folder of the copy's ``quarantine/``."""

    def __init__(self, disk: FileSystem, place: Path) -> None:
        self._disk = disk
        self._place = place
        self._quarantine = place / "quarantine" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"

    def part(self, ours: Path, name: str) -> list[str]:
        """
        Write anew each file of a part that is missing or not what it should be; return them, from the copy on.

        ``ours``: the same part in the archive; the caller has verified it.
        """
        tags = {tag: segment.digest_of(os.fspath(ours / tag)) for tag in TAGS}
        wanted = {**segment.manifest(ours), **tags}  # the file that makes a bag of it comes last
        paths = [path for path, digest in wanted.items() if not self._is(f"segments/{name}/{path}", digest)]
        for path in paths:
            self._write(ours / path, f"segments/{name}/{path}")
        return [f"segments/{name}/{path}" for path in paths]

    def forget(self, name: str) -> None:
        """Remove what earlier runs set aside of a part from which something was removed for good."""
        for run in (self._place / "quarantine").glob("*"):
            left = run / "segments" / name
            if left.is_dir() and not any(p.is_symlink() for p in (run.parent, run, left.parent, left)):
                self._disk.remove_tree(left)

    def _is(self, path: str, digest: Digest) -> bool:
        """Tell whether a file of the copy is what it should be; a link leads elsewhere, a pipe would never end."""
        at = self._place
        for part in Path(path).parts:
            at /= part
            if at.is_symlink():
                return False
        try:
            return at.is_file() and segment.digest_of(os.fspath(at)) == digest
        except OSError:
            return False

    def _write(self, ours: Path, path: str) -> None:
        arrived = self._place / "staging" / f"incoming-{secrets.token_hex(8)}"
        with ours.open("rb") as source:
            copy_stream(self._disk, source, arrived, sync=True)
        target = self._place / path
        for folder in reversed([p for p in target.parents if self._place in p.parents]):
            if folder.is_symlink() or not folder.is_dir():
                self._set_aside(folder)
                self._disk.mkdir(folder)
                self._disk.sync_folder(folder.parent)
        self._set_aside(target)
        self._disk.rename(arrived, target)
        self._disk.sync_folder(target.parent)

    def _set_aside(self, path: Path) -> None:
        """Move what is there, if anything is, under the path that it had."""
        if not os.path.lexists(path):
            return
        target = self._quarantine / path.relative_to(self._place)
        for folder in reversed([p for p in target.parents if self._place in p.parents and not p.is_dir()]):
            self._disk.mkdir(folder)
            self._disk.sync_folder(folder.parent)
        self._disk.rename(path, target)
        self._disk.sync_folder(target.parent)
        self._disk.sync_folder(path.parent)
