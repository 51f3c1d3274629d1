"""A small stand-in for archive and harvest: what a source yields is kept, compared, and sealed at checkpoints."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace

from archive.entry import Entry, Key, fingerprint, from_json, to_json
from connectors.contract import Checkpoint, Failed, Found, Listed, Note, Promised, Source


@dataclass
class Report:
    """What one harvest did."""

    created: list[Entry] = field(default_factory=list)
    updated: list[Entry] = field(default_factory=list)
    unchanged: int = 0
    gone: list[Entry] = field(default_factory=list)
    unlisted: list[Entry] = field(default_factory=list)
    unknown: list[Entry] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    promised: dict[str, int] = field(default_factory=dict)
    listed: dict[str, frozenset[Key]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    raw: dict[Key, bytes] = field(default_factory=dict)

    @property
    def stored(self) -> list[str]:
        return [f"{e.kind} {e.native_id} {e.title!r}" for e in (*self.created, *self.updated, *self.gone)]


class Shelf:
    """Also the ``Known`` of the next harvest."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.cursor: dict = {}
        self.retry: frozenset[Key] = frozenset()
        self._ids: dict[Key, int] = {}
        self._stamps: dict[Key, str] = {}

    def stamp(self, key: Key) -> str:
        return self._stamps.get(key, "")

    def keys(self, scope: str) -> frozenset[Key]:
        return frozenset(key for entry in self.entries.values() if entry.scope == scope for key in entry.keys)

    def state(self) -> dict[str, str]:
        """What is held, to compare two shelves: fingerprint by first key."""
        return {entry.keys[0]: fingerprint(entry) for entry in self.entries.values()}

    def held(self) -> Counter[str]:
        return Counter(entry.kind for entry in self.entries.values())

    def of(self, kind: str) -> dict[str, Entry]:
        return {entry.native_id: entry for entry in self.entries.values() if entry.kind == kind}

    def harvest(self, source: Source, *, until: int | None = None) -> Report:
        """Take all that a source yields; ``until`` is the number of yields after which the program is killed."""
        report, pending = Report(), []
        for count, item in enumerate(source.harvest(self)):
            if count == until:
                return report
            if isinstance(item, Found):
                pending.append(item)
            elif isinstance(item, Listed):
                report.listed[item.scope] = item.keys
            elif isinstance(item, Promised):
                report.promised[item.kind] = item.count
            elif isinstance(item, Failed):
                report.failed.append(item)
            elif isinstance(item, Note):
                report.notes.append(item.text)
            elif isinstance(item, Checkpoint):
                self._seal(pending, report)
                pending = []
                self.cursor = json.loads(json.dumps(item.cursor))
        self._seal(pending, report)
        self._bury(source, report)
        return report

    def digest(self, source: Source, entry: Entry) -> str:
        """Return the digest of an entry's first file, as the source streams it."""
        with source.open(entry.files[0]) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def _seal(self, pending: list[Found], report: Report) -> None:
        for found in pending:
            entry = from_json(json.loads(json.dumps(to_json(found.entry))))  # nothing survives that JSON does not carry
            number = next((self._ids[key] for key in entry.keys if key in self._ids), len(self._ids))
            before = self.entries.get(number)
            report.raw[entry.keys[0]] = found.raw
            if before is None:
                report.created.append(entry)
            elif fingerprint(before) != fingerprint(entry):
                report.updated.append(entry)
            else:
                report.unchanged += 1
            self.entries[number] = entry if before is None else replace(entry, keys=_both(before.keys, entry.keys))
            for key in entry.keys:
                self._ids[key] = number
                self._stamps[key] = entry.stamp

    def _bury(self, source: Source, report: Report) -> None:
        for scope, keys in report.listed.items():
            for number, entry in list(self.entries.items()):
                if entry.scope != scope or not keys.isdisjoint(entry.keys):
                    continue
                said = source.exists(entry.keys[-1])
                getattr(report, said).append(entry)
                if said == "gone":
                    del self.entries[number]
                    for key in entry.keys:
                        self._ids.pop(key, None)
                        self._stamps.pop(key, None)


def _both(first: tuple[Key, ...], second: tuple[Key, ...]) -> tuple[Key, ...]:
    return first + tuple(key for key in second if key not in first)
