"""
One sealed part, looked at as closely as ``verify`` wants.

Needs nothing but the files: a stranger's program would find the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from archive import chain, naming, segment, wellformed
from archive.entry import Digest
from archive.errors import ArchiveDamaged
from archive.layout import FRAME
from archive.segment import Finding, Segment

Level = Literal["quick", "full", "deep"]

HARMLESS = frozenset({"stray", "permissions", "fork", "unchecked"})
"""Findings worth knowing and no damage: a stray file, a folder that others may enter, two machines' branches ..."""

_MANIFESTS = 8


@dataclass(frozen=True)
class Looked:
    """
    What was found of one part; ``sealed`` is None where its tag files cannot be read.

    ``frame``: the digests of the files around the parts as this one tells them, by their names.
    """

    findings: tuple[Finding, ...]
    files: int
    bytes: int
    sealed: Segment | None
    frame: Mapping[str, Digest] = field(default_factory=dict)


class Look:
    """Looks at a part in a folder of parts, by name. ``alone``: the others are not there to follow references to."""

    def __init__(self, segments: Path, level: Level, sample: float | None = None, *, alone: bool = False) -> None:
        self._segments = segments
        self._level = level
        self._sample = sample
        self._alone = alone
        self._manifests: dict[str, dict[str, Digest]] = {}

    def __call__(self, name: str) -> Looked:
        folder = self._segments / name
        counted = segment.Count()
        findings = list(segment.check(folder, wanted=self._wanted, count=counted))
        damaged = any(f.code not in HARMLESS for f in findings)
        sealed: Segment | None = None
        told: dict[str, Digest] = {}
        try:
            sealed = segment.read(folder)
            about = segment.info(folder)
            told = {name: about[label][0] for label, name in FRAME.items() if label in about}
            findings += self._beyond(folder, damaged=damaged)
        except (ArchiveDamaged, OSError, ValueError):
            sealed = None
            findings += [] if damaged else [Finding("damaged", "bag-info.txt")]
        named = tuple(replace(f, path=f"segments/{name}/{f.path}") for f in findings)
        return Looked(named, counted.files, counted.bytes, sealed, told)

    def _wanted(self) -> bool:
        if self._level == "quick" or self._sample is None:
            return self._level != "quick"
        return random.random() * 100 < self._sample  # noqa: S311 - a sample, no secret

    def _beyond(self, folder: Path, *, damaged: bool) -> list[Finding]:
        """Return what is wrong beside the bytes: names, and what the records refer to."""
        room = naming.LONGEST - len(folder.name) - 1
        findings = [Finding("unsafe-name", p) for p in segment.manifest(folder) if not naming.is_safe(p, room)]
        if "Context-SHA256" not in segment.info(folder):  # every part has told it from the first version on
            findings.append(Finding("damaged", "bag-info.txt", "Context-SHA256"))
        if self._level != "quick" and not damaged:
            findings += self._records(folder)
        return findings

    def _records(self, folder: Path) -> Iterator[Finding]:
        """Follow what records say of files: those of earlier parts always, those of their own when deep."""
        for number, line in enumerate(segment.records(folder), 1):
            if self._level != "deep" and b'"segment":' not in line:
                continue
            try:
                value: dict[str, Any] = wellformed.record(line)
            except ValueError:
                yield Finding("record", f"{segment.RECORDS}:{number}")
                continue
            for place in _places(value):
                yield from self._place(folder, place)
            yield from (Finding("missing-reference", f"{segment.RECORDS}:{number}", d) for d in _unplaced(value))

    def _place(self, folder: Path, place: dict[str, Any]) -> Iterator[Finding]:
        home, path = str(place.get("segment", folder.name)), str(place["path"])
        if self._alone and home != folder.name:
            return
        homes = (
            [folder.name] if home == folder.name else [self._standing.get(home, home), *self._twins.get(home, ()), home]
        )
        home = next((one for one in homes if path in self._manifest(one)), homes[0])
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
        with wellformed.opened(self._segments / home / place["path"]) as file:
            if place["offset"] + place["size"] > os.fstat(file.fileno()).st_size:
                return ""
            file.seek(place["offset"])
            return hashlib.sha256(file.read(place["size"])).hexdigest()

    @cached_property
    def _standing(self) -> dict[str, str]:
        """By the name of a part that was replaced, the one that stands in its place."""
        return chain.replaced(self._readable)

    @cached_property
    def _twins(self) -> dict[str, list[str]]:
        return chain.twins(self._readable)

    @cached_property
    def _readable(self) -> list[Segment]:
        readable = []
        for name in segment.names(self._segments):
            with contextlib.suppress(ArchiveDamaged):  # named where it is checked
                readable.append(segment.read(self._segments / name))
        return readable

    def _manifest(self, name: str) -> dict[str, Digest]:
        """Return path -> digest of a part; the last few are kept, since references come in runs."""
        if name not in self._manifests:
            while len(self._manifests) >= _MANIFESTS:
                del self._manifests[next(iter(self._manifests))]
            self._manifests[name] = self._read_manifest(name)
        return self._manifests[name]

    def _read_manifest(self, name: str) -> dict[str, Digest]:
        if not segment.is_name(name):
            return {}
        try:
            return segment.manifest(self._segments / name)
        except (OSError, ValueError):
            return {}


def _places(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in ("raw", "readable") if "entry" in value else ():
        if name in value:
            yield value[name]
    yield from value.get("files", ())


def _unplaced(value: dict[str, Any]) -> list[Digest]:
    """Return the digests that an entry names and its line does not place."""
    placed = {file["sha256"] for file in value.get("files", ())}
    named = (file.get("sha256") for file in value["entry"].get("files", ())) if "entry" in value else ()
    return [digest for digest in named if digest and digest not in placed]
