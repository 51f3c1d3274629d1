"""One entry with two histories: what the one here gains from the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, reduce
from typing import Any, NamedTuple

from archive import record
from archive.chronicle import Told
from archive.entry import Digest, Json, MediaFile, parse_time
from archive.identity import Held, joined
from archive.record import Line
from archive.version import Places


class Step(NamedTuple):
    """
    One line to keep. ``told``: the line whose bytes it shows; without one, what lies at ``places`` here already.

    ``sources``: lines that have the files which are not here yet.
    """

    line: Mapping[str, Any]
    told: Told | None
    sources: tuple[Told, ...] = ()
    places: Places = (None, None)


@dataclass(frozen=True)
class Together:
    """
    An entry here and the same one there.

    Attributes:
        lines: The newest line of each entry here that is this one; mostly there is one.

        told: Their lines about it, oldest first.

        seen: Fingerprints of the versions that are here; ``held``: digests of their files.

        leads: To what each id by which either knows it leads here now.

        why: Where what is added comes from, for the history.
    """

    lines: Sequence[Line]
    told: Sequence[Told]
    seen: frozenset[Digest]
    held: frozenset[Digest]
    leads: Mapping[str, str]
    why: str

    def steps(self) -> Iterator[Step]:
        """Yield the lines to keep: versions that are not here, then what is to be seen from now on."""
        news = self._news()
        joins = sorted(i for i, now in self.leads.items() if now != self._one.id)
        if self._theirs_wins and (not news or news[-1].value["fingerprint"] != self._theirs.fingerprint):
            news.append(self.told[-1])
        held = self._both
        for version in news:
            held = _with_version(held, version)
            changed = self._changed_there if version is self.told[-1] else parse_time(version.value["changed"])
            when, origin = parse_time(version.value["eventTime"]), str(version.value["origin"])
            yield Step(self._line(held, "update", when, changed, origin, joins), version, tuple(self.told))
            joins = []
        if self._theirs_wins:
            return
        ours = self._one
        held = replace(held, entry=self._both.entry, fingerprint=ours.fingerprint, origin=ours.origin)
        if news or joins or held != ours:
            held = replace(held, version=held.version + bool(news))
            event = "update" if news else _event(ours, held)
            changed = self._changed_there if self._flips else self._changed_here
            value = self._line(held, event, datetime.now(UTC), changed, ours.origin, joins)
            yield Step(value, None, tuple(self.told), (self._shown.raw, self._shown.readable))

    @cached_property
    def _one(self) -> Held:
        """What is held here; entries that turned out to be one are joined."""
        return reduce(joined, (line.held() for line in self.lines))

    @cached_property
    def _shown(self) -> Line:
        """The line that says where the bytes of what is held lie."""
        return next((n for n in self.lines if n.value["fingerprint"] == self._one.fingerprint), self.lines[0])

    @cached_property
    def _theirs(self) -> Held:
        return Line(self.told[-1].value, "").held()

    @property
    def _changed_here(self) -> datetime:
        return parse_time(self._shown.value["changed"])

    @property
    def _changed_there(self) -> datetime:
        return parse_time(self.told[-1].value["changed"])

    @property
    def _flips(self) -> bool:
        """Whether one side says that it was deleted, and theirs is the later word."""
        return bool(self._theirs.deleted_by) != bool(self._one.deleted_by) and self._changed_there > self._changed_here

    @cached_property
    def _theirs_wins(self) -> bool:
        """Whether their state is to be seen: later by its source's own word, else by when it was learned."""
        theirs, ours = self._theirs.entry, self._one.entry
        if self._theirs.fingerprint == self._one.fingerprint or theirs.fidelity < ours.fidelity:
            return False
        if theirs.updated and ours.updated and theirs.updated != ours.updated:
            return theirs.updated > ours.updated
        return self._changed_there > self._changed_here

    @cached_property
    def _both(self) -> Held:
        """What is held here with what both know of it: keys, sights, first sight, deletion, files that were missing."""
        ours, theirs = self._one, self._theirs
        more = (key for told in self.told for key in told.value["entry"]["keys"])
        entry = replace(ours.entry, keys=tuple(dict.fromkeys((*ours.entry.keys, *more))))
        if theirs.fingerprint == ours.fingerprint:
            entry = replace(entry, files=_filled(entry.files, theirs.entry.files))
        return replace(
            ours,
            entry=entry,
            sights={**theirs.sights, **ours.sights},
            deleted_by=theirs.deleted_by if self._flips else ours.deleted_by,
            first_seen=min(ours.first_seen, *(parse_time(t.value["firstSeen"]) for t in self.told)),
        )

    def _news(self) -> list[Told]:
        """Return the lines that bring a version which is not here, or files of one; oldest first, each once."""
        seen, held, news = set(self.seen), set(self.held), []
        waiting = {f.url for f in self._one.entry.files if not f.sha256}
        filling = {f.sha256 for f in self._both.entry.files if f.url in waiting}
        for told in self.told:
            version, files = told.value["fingerprint"], told.value["entry"].get("files", ())
            brings = {f["sha256"] for f in files if f.get("sha256")} - filling
            if "raw" in told.value and (version not in seen or not brings <= held):
                news.append(told)
                seen.add(version)
                held |= brings
        return news

    def _line(
        self, held: Held, event: str, when: datetime, changed: datetime, origin: str, joins: Sequence[str]
    ) -> Json:
        """Return a line for ``Writer.replay``, which finds the places."""
        return record.line(
            held,
            event=event,
            when=when,
            changed=changed,
            origin=origin,
            segment="",
            raw=None,
            readable=None,
            files=(),
            joins=joins,
            why=self.why,
        )


def _with_version(held: Held, told: Told) -> Held:
    """Return what is held once a version of theirs is on top."""
    version = Line(told.value, "").held()
    return replace(
        held,
        entry=replace(version.entry, keys=held.entry.keys),
        fingerprint=version.fingerprint,
        origin=version.origin,
        version=held.version + 1,
    )


def _filled(ours: tuple[MediaFile, ...], theirs: tuple[MediaFile, ...]) -> tuple[MediaFile, ...]:
    """Give a file that did not arrive here the bytes that arrived there."""
    there = {f.url: f for f in theirs if f.sha256}
    return tuple(
        replace(f, sha256=there[f.url].sha256, stamp=there[f.url].stamp, size=there[f.url].size)
        if not f.sha256 and f.url in there
        else f
        for f in ours
    )


def _event(before: Held, after: Held) -> str:
    if bool(before.deleted_by) == bool(after.deleted_by):
        return "completion"
    return "deletion" if after.deleted_by else "restoration"
