"""
Two histories become one: what of a history from elsewhere is kept here, and how.

What is the same thing is told by shared keys. An entry that is not here, or of which only an earlier part of the same
history is here, is taken as it stands: id, numbers, times. An entry that has a history of its own here keeps its id;
versions that it lacks follow with the next numbers, and the later of the two states is its state. What the owner had
removed here does not come back. So nothing is lost, nothing is doubled, and taking the same twice changes nothing.

Reading only: ``Plan`` says what is to be written, ``archive.importing.taking`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from archive.chronicle import Chronicle, Told
from archive.decisions import HOMES
from archive.entry import Json, parse_time
from archive.identity import entry_id
from archive.importing.here import OWN_KINDS, Here, addresses, last_harvests, mark_of
from archive.importing.together import Step, Together
from archive.store import Archive
from archive.version import Places


class Batch(NamedTuple):
    """Steps that are kept together or not at all; ``entry`` names what they are about, ``""`` for nothing."""

    entry: str
    is_new: bool
    steps: tuple[Step, ...]

    @property
    def decides(self) -> bool:
        """Whether it holds a decision of the owner, which ends a sealed part wherever it was made."""
        return any(step.line["event"] == "redaction" for step in self.steps)


class Refused(NamedTuple):
    """An entry that is not taken, and why."""

    id: str
    title: str
    why: str


@dataclass
class _Group:
    """One thing as the other history knows it: perhaps under several ids that turned out to be one."""

    ids: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    lines: list[tuple[int, str, int, bool]] = field(default_factory=list)  # number, home, at, whether it is here

    def absorb(self, other: _Group) -> None:
        self.ids |= other.ids
        self.keys |= other.keys
        self.lines += other.lines


class Plan:
    """What of a history is to be kept in an archive. Nobody else writes to that while this is in use."""

    def __init__(self, archive: Archive, theirs: Chronicle) -> None:
        self.refused: dict[str, Refused] = {}
        self.notes: list[str] = []
        self._archive = archive
        self._theirs = theirs
        self._short = theirs.id.rpartition(":")[2][:8]
        self._here = Here(archive)
        self._marks = {mark_of(told.value) for told in theirs.lines()}
        self._apart = bool(self._here.made_here - self._marks)
        self._called = self._renamed_sources()
        self._group_of: dict[str, _Group] = {}
        self._merged: list[_Group] = []
        self._exact: dict[str, bool] = {}  # by id, whether the entry is new here
        self._done: set[int] = set()  # numbers of lines that are here, or are not taken
        self._gather()
        self._decide()

    @property
    def new_sources(self) -> dict[str, str]:
        """By the name of each source that never wrote here, when it was last seen to bring something."""
        last = {self._called.get(name, name): ended for name, ended in last_harvests(self._theirs).items()}
        return {name: ended for name, ended in last.items() if name not in self._here.sources}

    @property
    def entries(self) -> int:
        """How many entries the other history has."""
        return len({id(group) for group in self._group_of.values()})

    def count(self, ids: Iterable[str]) -> int:
        """Return how many of their entries these ids are."""
        return len({id(self._group_of[i]) for i in ids})

    def batches(self) -> Iterator[Batch]:
        """Yield what is to be kept, in order; each batch must be kept before the next is asked for."""
        shown: set[tuple[object, ...]] = set()  # bytes that lines which are here have shown
        for number, told in enumerate(self._lines()):
            entry = str(told.value.get("id", ""))
            if not told.speaks_of_entry:
                if step := self._said(told):
                    yield Batch("", is_new=False, steps=(step,))
            elif entry in self._exact and number in self._done:
                shown.add(told.version_bytes)
            elif entry in self._exact:
                places = self._places_here(told) if told.version_bytes in shown else (None, None)
                yield Batch(entry, self._exact[entry], (Step(told.value, told, (told,), places),))
        for group in self._merged:
            if steps := tuple(self._together(group).steps()):
                yield Batch(min(group.ids), is_new=False, steps=steps)

    # --- looking ------------------------------------------------------------------------------------------------

    def _lines(self) -> Iterator[Told]:
        """Yield their lines as they are to be called here."""
        return map(self._localised, self._theirs.lines())

    def _gather(self) -> None:
        by_key: dict[str, str] = {}
        for number, told in enumerate(self._lines()):
            value = told.value
            mark = mark_of(value)
            self._marks.add(mark)
            if here := mark in self._here.marks:
                self._done.add(number)
            if not told.speaks_of_entry:
                continue
            if why := self._why_refused(value):
                self._done.add(number)
                self.refused[value["id"]] = Refused(value["id"], value["entry"].get("title", ""), why)
                continue
            group = self._group_of.setdefault(value["id"], _Group())
            group.ids.add(value["id"])
            group.keys.update(value["entry"]["keys"])
            group.lines.append((number, told.home, told.at, here))
            for other in (
                *value.get("joins", ()),
                *(by_key.setdefault(k, value["id"]) for k in value["entry"]["keys"]),
            ):
                group = self._one(group, self._group_of.get(other))

    def _one(self, group: _Group, other: _Group | None) -> _Group:
        if other is None or other is group:
            return group
        small, large = sorted((group, other), key=lambda g: len(g.lines))
        large.absorb(small)
        self._group_of |= dict.fromkeys(small.ids, large)
        return large

    def _decide(self) -> None:
        for group in {id(g): g for g in self._group_of.values()}.values():
            group.lines.sort()
            ours = self._ours(group)
            here = self._here.lines(ours)
            known = [line[3] for line in group.lines]
            if all(known):
                continue
            is_beginning = not any(known[known.index(False) :])
            if not ours or (here <= self._marks and is_beginning):
                self._exact |= dict.fromkeys(group.ids, not ours)
            else:
                self._merged.append(group)

    def _ours(self, group: _Group) -> list[str]:
        index = self._archive.index
        found = [i for key in sorted(group.keys) if (i := index.id_of(key))]
        found += [index.current(i) for i in sorted(group.ids) if index.line(i)]
        return list(dict.fromkeys(found))

    def _why_refused(self, value: Mapping[str, Any]) -> str:
        ids = {value["id"], *map(entry_id, value["entry"]["keys"])}
        if self._archive.index.is_redacted(ids):
            return "you had it removed for good"
        moments = [self._here.removed[i] for i in ids if i in self._here.removed]
        if moments and parse_time(value["eventTime"]) <= max(moments):
            return "you had it removed"
        return ""

    def _places_here(self, told: Told) -> Places:
        """Return where an import that was cut off put the bytes of the lines before this one."""
        line = self._archive.index.line(str(told.value["id"]))
        if line is None or not line.raw or line.raw["sha256"] != told.value.get("raw", {}).get("sha256"):
            return None, None
        return line.raw, line.readable

    def _said(self, told: Told) -> Step | None:
        """Return the step for a line that speaks of no entry, if it says something new here."""
        value, event = told.value, told.value["event"]
        if event in HOMES:
            files = [f for f in value["files"] if self._archive.index.blob(f["sha256"]) is None]
            return Step({**value, "files": files}, told, (told,)) if files else None
        if mark_of(value) in self._here.marks:
            return None
        if event in {"failure", "failure-cleared"} and value["origin"] in self._here.sources:
            return None  # what this source did not give is known here better
        if event == "redaction" and any(self._archive.index.line(i) for i in value["ids"]):
            self.notes.append(f"The other archive had {value['id']} removed; yours keeps it.")
            return None
        if event == "redaction" and value.get("forGood"):
            self.notes.append(
                f"The other archive had {value['id']} removed for good, and it is not kept here either. "
                f"To allow it: keepfolio purge --readmit {value['id']}"
            )
        if event == "readmission" and not self._here.removed.keys().isdisjoint(value["ids"]):
            return None
        return Step(value, told)

    def _together(self, group: _Group) -> Together:
        index = self._archive.index
        lines = [line for i in self._ours(group) if (line := index.line(i))]
        ids = {line.value["id"] for line in lines}
        return Together(
            lines=lines,
            told=[self._localised(self._theirs.again(home, at)) for _, home, at, _ in group.lines],
            seen=frozenset(self._here.fingerprints(ids)),
            held=frozenset(self._here.digests(ids)),
            leads={i: index.current(i) for i in group.ids | ids},
            why=f"brought together with the archive {self._theirs.id}",
        )

    # --- calling things by other names ----------------------------------------------------------------------------

    def _renamed_sources(self) -> dict[str, str]:
        """Two sources of one name that lie at two addresses stay two sources."""
        ours, renamed = self._here.sources, {}
        for name, address in addresses(self._theirs).items():
            if address and ours.get(name) and ours[name] != address:
                renamed[name] = f"{name}-{self._short}"
                self.notes.append(
                    f"What came from {address} is kept as source {renamed[name]}: your {name} is another."
                )
        return renamed

    def _localised(self, told: Told) -> Told:
        value = told.value
        own_kind = told.speaks_of_entry and value["entry"]["kind"] in OWN_KINDS
        if self._apart and own_kind and mark_of(value) not in self._here.marks:
            return replace(told, value=self._set_apart(value))
        return replace(told, value=_with_sources(value, self._called)) if self._called else told

    def _set_apart(self, value: Mapping[str, Any]) -> Json:
        """A file of another workspace is kept under a name of its own, as seen by a source that nobody asks."""
        entry = dict(value["entry"])
        entry["keys"] = [f"imported:{self._short}/{key}" for key in entry["keys"]]
        entry["native_id"] = f"imported/{self._short}/{entry['native_id']}"
        note = f"The other archive's own files are kept as imported/{self._short}/..., beside yours."
        self.notes += [] if note in self.notes else [note]
        names = {value["origin"], value["madeBy"], *value["seenBy"]}
        renamed = _with_sources(value, dict.fromkeys(names, f"imported-{self._short}"))
        return {k: v for k, v in renamed.items() if k != "joins"} | {"id": entry_id(entry["keys"][0]), "entry": entry}


def _with_sources(value: Mapping[str, Any], names: Mapping[str, str]) -> Json:
    renamed: Json = {**value}
    for part in {"origin", "madeBy", "deletedBy"}.intersection(value):
        renamed[part] = names.get(value[part], value[part])
    if "seenBy" in value:
        renamed["seenBy"] = {names.get(name, name): sight for name, sight in value["seenBy"].items()}
    return renamed
