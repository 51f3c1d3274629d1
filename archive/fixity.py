"""
Whether everything that was sealed is still there, byte for byte.

Needs no index: what it reads is what a stranger would read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from archive import chain, naming, segment
from archive.entry import Digest
from archive.errors import ArchiveDamaged
from archive.segment import Finding, Segment
from archive.store import Archive

__all__ = ["Finding", "Level", "Report", "verify"]

Level = Literal["quick", "full", "deep"]

HARMLESS = frozenset({"stray", "permissions", "fork"})
"""Findings worth knowing and no damage: a stray file, a folder that others may enter, two machines' branches."""

_OURS = frozenset({"README.txt", "archive.json", "context.jsonld", "segments", "staging", "fixity", "browse"})


@dataclass(frozen=True)
class Report:
    """
    What was checked and found. ``ok`` unless something sealed is missing or damaged.

    ``checked`` counts ``segments``, ``files`` and ``bytes``. Paths of findings are relative to the archive's folder.
    """

    ok: bool
    checked: dict[str, int]
    findings: tuple[Finding, ...]


def verify(archive: Archive | Path, level: Level = "full", sample: float | None = None) -> Report:
    """
    Check an archive; changes nothing.

    ``quick`` compares names and sizes; ``full`` reads every byte and follows references between parts; ``deep`` also
    takes every record apart. ``sample``: read only about so many per cent of the files. A path instead of an opened
    archive is checked by itself: without what this machine remembers of its newest part.
    """
    root = archive if isinstance(archive, Path) else archive.root
    remembered = ("", "") if isinstance(archive, Path) else archive.remembered_head()
    check = _Check(root, _wanted(level, sample), level)
    findings = (*_frame(root), *check.segments(), *check.chain(remembered))
    return Report(all(f.code in HARMLESS for f in findings), check.checked, findings)


def _wanted(level: Level, sample: float | None) -> Callable[[], bool]:
    if level == "quick":
        return lambda: False
    if sample is None:
        return lambda: True
    return lambda: random.random() * 100 < sample  # noqa: S311 - a sample, no secret


class _Check:
    """One walk over the archive; gathers counts and the chain on its way."""

    def __init__(self, root: Path, wanted: Callable[[], bool], level: Level) -> None:
        self.checked = {"segments": 0, "files": 0, "bytes": 0}
        self._root = root
        self._wanted = wanted
        self._level = level
        self._sealed: list[Segment] = []
        self._unreadable = False
        self._manifest = lru_cache(maxsize=8)(self._read_manifest)

    def segments(self) -> Iterator[Finding]:
        folder = self._root / "segments"
        for name in segment.names(folder):
            self.checked["segments"] += 1
            for finding in self._segment(folder / name):
                yield replace(finding, path=f"segments/{name}/{finding.path}")

    def chain(self, remembered: tuple[Digest, str]) -> Iterator[Finding]:
        """Yield bags that others name and that are not there, and branches that no bag has joined."""
        if self._unreadable:
            return
        tips = chain.tips(self._sealed)
        present = chain.held(self._sealed)
        named = {parent: s for s in self._sealed for parent in s.parents}
        for parent, child in named.items():
            if parent not in present:
                before = [s for s in tips if s.number == child.number - 1]
                yield _broken_link(parent, before)
        head, name = remembered
        if head and head not in present:
            yield _broken_link(head, [s for s in tips if s.name == name])
        elif len(tips) > 1:
            yield Finding("fork", "segments", "one newest part", " ".join(s.name for s in tips))

    @cached_property
    def _standing(self) -> dict[str, str]:
        """By the name of a bag that was replaced, the one that stands in its place."""
        folder = self._root / "segments"
        readable = []
        for name in segment.names(folder):
            with contextlib.suppress(ArchiveDamaged):  # named where it is checked
                readable.append(segment.read(folder / name))
        return chain.replaced(readable)

    def _segment(self, folder: Path) -> Iterator[Finding]:
        counted = segment.Count()
        wrong = False
        for finding in segment.check(folder, wanted=self._wanted, count=counted):
            wrong = wrong or finding.code not in HARMLESS
            yield finding
        self.checked["files"] += counted.files
        self.checked["bytes"] += counted.bytes
        try:
            self._sealed.append(segment.read(folder))
            listed = segment.manifest(folder)
        except (ArchiveDamaged, OSError, ValueError):
            self._unreadable = True
            if not wrong:
                yield Finding("damaged", "bag-info.txt")
            return
        room = naming.LONGEST - len(folder.name) - 1
        yield from (Finding("unsafe-name", p) for p in listed if not naming.is_safe(p, room))
        yield from self._context(folder)
        if self._level != "quick" and not wrong:
            yield from self._records(folder)

    def _context(self, folder: Path) -> Iterator[Finding]:
        expected = segment.info(folder).get("Context-SHA256", [""])[0]
        if expected != self._context_digest:
            yield Finding("context", "bag-info.txt", expected, self._context_digest)

    @property
    def _context_digest(self) -> Digest:
        path = self._root / "context.jsonld"
        return segment.digest_of(os.fspath(path)) if path.is_file() else ""

    def _records(self, folder: Path) -> Iterator[Finding]:
        """Follow what records say of files: those of earlier bags always, those of their own when deep."""
        for number, line in enumerate(segment.records(folder), 1):
            if self._level != "deep" and b'"segment":' not in line:
                continue
            try:
                places = list(_places(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError):
                yield Finding("record", f"{segment.RECORDS}:{number}")
                continue
            for place in places:
                yield from self._place(folder, place)

    def _place(self, folder: Path, place: dict[str, Any]) -> Iterator[Finding]:
        home, path = str(place.get("segment", folder.name)), str(place["path"])
        home = self._standing.get(home, home)
        listed = self._manifest(home)
        expected = str(place.get("sha256", ""))
        if path not in listed:
            yield Finding("missing-reference", f"../{home}/{path}", expected)
        elif "offset" in place:
            if self._level == "deep" and (found := self._part(home, place)) != expected:
                yield Finding("damaged-reference", f"../{home}/{path}", expected, found)
        elif expected and listed[path] != expected:
            yield Finding("damaged-reference", f"../{home}/{path}", expected, listed[path])

    def _part(self, home: str, place: dict[str, Any]) -> Digest:
        with (self._root / "segments" / home / place["path"]).open("rb") as file:
            file.seek(place["offset"])
            return hashlib.sha256(file.read(place["size"])).hexdigest()

    def _read_manifest(self, name: str) -> dict[str, Digest]:
        if not segment.is_name(name):
            return {}
        try:
            return segment.manifest(self._root / "segments" / name)
        except (OSError, ValueError):
            return {}


def _broken_link(expected: Digest, there: list[Segment]) -> Finding:
    """The bag with that digest is gone, or it is there and its tag manifest is not what it was."""
    if there:
        return Finding("damaged", f"segments/{there[0].name}/tagmanifest-sha256.txt", expected, there[0].id)
    return Finding("missing-segment", "segments", expected)


def _places(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in ("raw", "readable"):
        if name in value:
            yield value[name]
    yield from value.get("files", ())


def _frame(root: Path) -> Iterator[Finding]:
    """Yield what is wrong around the bags."""
    for name in ("archive.json", "README.txt", "context.jsonld"):
        if not (root / name).is_file():
            yield Finding("missing", name)
    if (root / "archive.json").is_file():
        try:
            json.loads((root / "archive.json").read_bytes())["id"]
        except (ValueError, KeyError, TypeError):
            yield Finding("damaged", "archive.json")
    yield from (Finding("stray", n) for n in _names(root) if n not in _OURS)
    bags = set(segment.names(root / "segments"))
    if (root / "segments").is_dir():
        yield from (Finding("stray", f"segments/{n}") for n in _names(root / "segments") if n not in bags)
    mode = root.stat().st_mode & 0o777
    if os.name == "posix" and mode & 0o077:
        yield Finding("permissions", ".", "0700", f"{mode:04o}")


def _names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())
