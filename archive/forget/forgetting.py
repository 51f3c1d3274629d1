"""
What the owner's decisions say must be gone, read from the sealed parts alone: no index is needed, so a copy will do.

A line is to go when a later decision names its id, or an earlier one that holds for good. What only such lines need of
the files goes with them; what another entry needs stays.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from archive import chain, segment
from archive.decisions import HOMES, Decision, Decisions, Position
from archive.entry import Digest
from archive.errors import ArchiveDamaged
from archive.identity import entry_id
from archive.recovery import last_holders
from archive.segment import Segment

Span: TypeAlias = tuple[int, int]
"""Offset and length in bytes."""


def decisions_of(parts: Iterable[Path], now: Iterable[str] = ()) -> Decisions:
    """Return what was decided in some parts, in their order. ``now``: ids as if that were decided at this moment."""
    decisions = Decisions()
    for position, text in _lines(parts):
        if b'"redaction"' in text or b'"readmission"' in text:
            decisions.note(position, _value(text))
    decisions.decide_now(now)
    return decisions


@dataclass
class Part:
    """
    What must go from one part.

    ``lines`` by their number from 1, ``paths`` of whole files, ``spans`` of items in files that others share; ``time``
    of the newest decision that is the reason. ``only_others_know``: no line of its own says that one of the files goes.
    """

    name: str
    lines: set[int] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    spans: dict[str, list[Span]] = field(default_factory=dict)
    time: str = ""
    only_others_know: bool = False

    def __bool__(self) -> bool:
        return bool(self.lines or self.paths or self.spans)


@dataclass
class _Named:
    """A file of a part as lines that must go name it: as a whole, or items in it."""

    by_own_line: bool = False
    spans: list[Span] = field(default_factory=list)
    time: str = ""


class Survey:
    """
    What must go from every part of an archive.

    Attributes:
        parts: Those of which anything must go, in the order in which they lose it: later ones first, so that no line
            ever names a file that is gone; but one before all that alone know what it must lose.

        digests: The files that go, by digest; ``raws``: the bytes of items that no other entry shares.

        kept: The files that stay, by digest, with the ids of the entries that need them.

        texts: Titles and addresses of what goes, of every version.

    Raises:
        ArchiveDamaged: A part cannot be read.
    """

    def __init__(self, root: Path, now: Iterable[str] = ()) -> None:
        self._folder = root / "segments"
        self._sealed = _standing(self._folder)
        self._places = {s.name: s.name for s in self._sealed} | chain.replaced(self._sealed)
        self._twins = chain.twins(self._sealed, staying={s.name for s in self._sealed})
        self.decisions = decisions_of(self._folders(), now)
        self._files: dict[str, dict[str, _Named]] = defaultdict(dict)
        self._parts = {s.name: Part(s.name) for s in self._sealed}
        self.digests: set[Digest] = set()
        self.raws: set[Digest] = set()
        self.kept: dict[Digest, list[str]] = {}
        self.texts: dict[str, None] = {}
        if self.decisions:
            try:
                self._find_lines()
                self._find_files()
            except (KeyError, TypeError, ValueError, AttributeError) as problem:
                raise _unreadable(segment.RECORDS) from problem
        losing = [part for part in self._parts.values() if part]
        first = [part for part in losing if part.only_others_know]
        self.parts = (*first, *reversed([part for part in losing if not part.only_others_know]))

    def _folders(self) -> Iterator[Path]:
        return (self._folder / s.name for s in self._sealed)

    def _find_lines(self) -> None:
        """Note the lines that must go, and what they name."""
        told: set[tuple[str, str]] = set()
        for position, text in _lines(self._folders()):
            value, part = _value(text), self._parts[self._sealed[position[0]].name]
            decision = self._doom(value, position)
            pair = (str(value.get("origin")), str(value.get("what")))
            if decision:
                part.lines.add(position[1])
                part.time = max(part.time, decision.time)
                self._note(value, part.name, decision.time)
            elif value["event"] == "failure":
                told.add(pair)
            elif value["event"] == "failure-cleared" and pair not in told and self.decisions.is_before_one(position):
                part.lines.add(position[1])  # it ended a failure of which nothing is told any more

    def _doom(self, value: Mapping[str, Any], position: Position) -> Decision | None:
        if "entry" in value:
            return self.decisions.dooms(str(value["id"]), position)
        if value["event"] == "failure" and value.get("key"):
            return self.decisions.dooms(entry_id(str(value["key"])), position)
        return None

    def _note(self, value: Mapping[str, Any], part: str, time: str) -> None:
        entry = value.get("entry", {})
        self.texts |= dict.fromkeys(t for t in (entry.get("title"), entry.get("url")) if t)
        for place in _places_of(value):
            named = self._named(place, part)
            named.time = max(named.time, time)
            named.by_own_line = named.by_own_line or "segment" not in place
            if "offset" in place:
                named.spans.append((int(place["offset"]), int(place["size"])))
        self.raws |= {str(value["raw"]["sha256"])} if "raw" in value else set()
        self.digests |= {str(place["sha256"]) for place in value.get("files", ())}

    def _named(self, place: Mapping[str, Any], part: str) -> _Named:
        return self._files[self._home(place, part)].setdefault(str(place["path"]), _Named())

    def _find_files(self) -> None:
        """Of what those lines name, find what no other line needs."""
        needed: dict[str, set[str]] = defaultdict(set)
        one_sided: dict[tuple[str, str], Digest] = {}
        named: set[Digest] = set()
        for position, text in _lines(self._folders()):
            name = self._sealed[position[0]].name
            if position[1] in self._parts[name].lines:
                continue
            value = _value(text)
            if value["event"] in HOMES:
                self._note_homes(value, name)
                one_sided |= self._one_sided(value, name)
                continue
            named |= {str(place["sha256"]) for place in value.get("files", ())} if self._twins else set()
            self.raws.discard(str(value.get("raw", {}).get("sha256")))
            for place in _places_of(value):
                home, path = self._home(place, name), str(place["path"])
                if place.get("sha256") in self.digests or path in self._files.get(home, {}):
                    for one in self._twins.get(home, (home,)):  # what one lost, another may be the last to hold
                        needed[one].add(path)
            for digest in {str(place["sha256"]) for place in value.get("files", ())} & self.digests:
                users = self.kept.setdefault(digest, [])
                users += [value["id"]] if value.get("id") and value["id"] not in users else []
        self.digests -= self.kept.keys()
        for (name, path), digest in one_sided.items():
            if digest not in named:
                self.digests.add(digest)
                self._files[name].setdefault(path, _Named()).time = self.decisions.newest
        for name, files in self._files.items():
            for path, about in files.items():
                self._settle(self._parts[name], path, about, needed=path in needed[name])

    def _one_sided(self, value: Mapping[str, Any], part: str) -> dict[tuple[str, str], Digest]:
        """
        Return the files of a part that its twin lost, by part and path.

        Two machines made the two of one part, each without what it had removed; the line that needed the file may have
        gone on the other one, so that nothing here says any more that the file must go.
        """
        own = [place for place in value.get("files", ()) if "segment" not in place] if part in self._twins else []
        lists = [segment.manifest(self._folder / twin) for twin in self._twins.get(part, ()) if own]
        return {
            (part, str(place["path"])): str(place["sha256"])
            for place in own
            if any(str(place["path"]) not in listed for listed in lists)
        }

    def _note_homes(self, value: Mapping[str, Any], part: str) -> None:
        """A file may have been kept before the line that needed it: then another line says where it lies."""
        for place in value.get("files", ()):
            if place["sha256"] in self.digests and "segment" not in place:
                self._named(place, part)

    def _settle(self, part: Part, path: str, named: _Named, *, needed: bool) -> None:
        listed = segment.manifest(self._folder / part.name)
        if path not in listed:
            return  # an earlier purge was cut off after this
        if not needed:
            part.paths.add(path)
        elif named.spans:
            part.spans[path] = named.spans
        else:
            return
        part.time = max(part.time, named.time)
        part.only_others_know = part.only_others_know or not named.by_own_line

    def _home(self, place: Mapping[str, Any], part: str) -> str:
        if "segment" not in place:
            return part
        name = str(place["segment"])
        if name not in self._places:
            raise _unreadable(name)
        return self._places[name]


def _standing(folder: Path) -> list[Segment]:
    """Return the parts in order, without those in whose place another one stands already, if nothing needs them."""
    sealed = [segment.read(folder / name) for name in segment.names(folder)]
    replaced = chain.replaced(sealed)
    staying = last_holders(folder, replaced)
    return [s for s in sealed if s.name not in replaced or s.name in staying]


def _lines(parts: Iterable[Path]) -> Iterator[tuple[Position, bytes]]:
    for number, folder in enumerate(parts):
        try:
            yield from (((number, at), text) for at, text in enumerate(segment.records(folder), 1))
        except OSError as problem:
            raise _unreadable(folder.name) from problem


def _value(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
        value["event"]
    except (ValueError, KeyError, TypeError) as problem:
        raise _unreadable(segment.RECORDS) from problem
    return dict(value)


def _places_of(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (value[name] for name in ("raw", "readable") if name in value)
    yield from value.get("files", ())


def _unreadable(name: str) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"A part of your archive is missing or cannot be read: {name}.",
        unchanged="Nothing was removed.",
        mend="Run `keepfolio verify` to see what is damaged, then bring that back from a copy.",
    )
