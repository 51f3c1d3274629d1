"""
Which of several exports of one account shows each thing, and what they prove. Pure: no file is read here.

The newest whole account shows what there is. An export of some pages knows little of what stands around them, and
counts only for what was changed since; an older one only for what nobody has seen yet: it was deleted before the newer
was made, is still worth keeping, and is marked as gone at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from archive.entry import Json, Key, format_time, parse_time

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Seen(Protocol):
    """What is asked of an export."""

    @property
    def exported(self) -> datetime | None:
        """When it was made; None where that is not known, or cannot be."""

    @property
    def proves(self) -> bool:
        """Whether it holds all things of this sort, and could be read wholly."""

    @property
    def full(self) -> bool:
        """Whether it is of the whole account."""

    @property
    def shows(self) -> Collection[Key]:
        """The things that are in it."""

    @property
    def names(self) -> Collection[Key]:
        """The things that it shows to exist: those in it, and those of which it only speaks."""

    @property
    def updated(self) -> Mapping[Key, str]:
        """When each was changed."""


class Held(Protocol):
    """What is asked of the archive, of one listing."""

    def stamp(self, key: Key) -> str:
        """Return when a thing was changed as it is held; ``""`` for one that is not."""

    @property
    def keys(self) -> frozenset[Key]:
        """The things that are held and not deleted."""

    @property
    def retry(self) -> frozenset[Key]:
        """The things that failed."""


@dataclass(frozen=True)
class Memory:
    """
    What is remembered from harvest to harvest.

    ``proved`` is when the newest whole export that was read was made, ``gone`` what it or one before it proved gone.
    ``taking`` are things that are gone and being taken from an older export: were they forgotten when the harvest is
    cut off, those that arrived would be taken as still there.
    """

    proved: datetime | None = None
    gone: frozenset[Key] = frozenset()
    taking: frozenset[Key] = frozenset()

    @staticmethod
    def read(value: object) -> Memory:
        """Return what ``written`` wrote; nothing of what is not like it."""
        if not isinstance(value, dict):
            return Memory()
        proved = value.get("proved")
        return Memory(
            _moment(proved) if isinstance(proved, str) else None, _keys(value.get("gone")), _keys(value.get("taking"))
        )

    def written(self) -> Json:
        """Return it as JSON."""
        proved = format_time(self.proved) if self.proved else ""
        return {"proved": proved, "gone": [*sorted(self.gone)], "taking": [*sorted(self.taking)]}


@dataclass(frozen=True)
class Merged:
    """
    What to read and what it means.

    ``chosen`` names the export, by its place, from which each thing is to be read. ``listed`` are all that exist,
    ``None`` where nothing new is proved. ``expected`` are those that the owner may expect to hold, ``None`` where the
    exports are older than what is held. ``memory`` is to be remembered at the end, ``meanwhile`` until then.
    """

    chosen: dict[Key, int] = field(default_factory=dict)
    listed: frozenset[Key] | None = None
    expected: frozenset[Key] | None = None
    memory: Memory = field(default_factory=Memory)
    meanwhile: Memory = field(default_factory=Memory)


def merge(exports: Sequence[Seen], held: Held, before: Memory) -> Merged:
    """
    Decide for one listing.

    Args:
        exports: Of one account, in any order.

        held: What the archive holds.

        before: What the last ``Merged`` gave to remember.
    """
    proof = max(
        (i for i, e in enumerate(exports) if e.proves and e.exported), key=lambda i: _time(exports[i]), default=None
    )
    newest = _moment_of(exports, proof)
    current = newest is not None and (before.proved is None or newest >= before.proved)
    horizon = max((m for m in (newest, before.proved) if m), default=None)

    def reads(key: Key, at: int) -> bool:
        stamp, updated = _moment(held.stamp(key)), _moment(exports[at].updated.get(key, ""))
        if key in held.retry:  # an older sight would not make it whole, and would undo what was changed since
            return not (stamp and updated and updated < stamp)
        if current and at == proof and newest is not None:
            # what is held is newer only if it was changed after this export; a clock may have gone back before it
            return not (stamp and updated and updated < stamp and stamp > newest)
        if key in before.gone and not _after(exports[at], horizon):
            return False
        if stamp is None:
            return True
        # of the same moment: the held sight may be of a whole account, this one knows less of what stands around
        return updated is None or updated > stamp or (updated == stamp and horizon is None)

    best = _best(exports)
    chosen = {key: at for key, at in best.items() if reads(key, at)}
    later = {key for export in exports if _after(export, horizon) for key in export.names}
    if current and proof is not None and newest is not None:
        since = {key for key in held.keys if (moment := _moment(held.stamp(key))) and moment > newest}
        listed = frozenset(exports[proof].names) | later | since
        expected = frozenset(exports[proof].shows) | (later & best.keys())
        gone = (before.gone | held.keys | chosen.keys()) - listed
        return Merged(chosen, listed, expected, Memory(newest, gone), before)
    if horizon is None:
        return Merged(chosen, None, frozenset(best), before, before)
    # of an export without a time nobody can say that it is the older one
    older = {key for key, at in chosen.items() if exports[at].exported}
    unseen = ((older - held.keys) | before.taking) - later
    return Merged(
        chosen,
        (held.keys - unseen) | later if unseen else None,
        None,
        Memory(before.proved, (before.gone | unseen) - later),
        replace(before, taking=frozenset(unseen)),
    )


def _best(exports: Sequence[Seen]) -> dict[Key, int]:
    """Return the export that shows each thing best: the newest whole account, or one that shows it changed since."""
    best: dict[Key, int] = {}
    in_time = sorted(range(len(exports)), key=lambda at: _time(exports[at]))
    for at in (at for at in in_time if exports[at].full):
        best.update(dict.fromkeys(exports[at].shows, at))
    for at in (at for at in in_time if not exports[at].full):
        for key in exports[at].shows:
            other = best.get(key)
            if other is None or _changed(exports[at], exports[other], key):
                best[key] = at
    return best


def _changed(export: Seen, other: Seen, key: Key) -> bool:
    """Tell whether a selective export shows a thing newer than another export does."""
    mine, its = _moment(export.updated.get(key, "")), _moment(other.updated.get(key, ""))
    if mine is None or its is None:
        return not other.full
    return mine > its or (mine == its and not other.full)


def _after(export: Seen, horizon: datetime | None) -> bool:
    return horizon is not None and export.exported is not None and export.exported > horizon


def _time(export: Seen) -> datetime:
    return export.exported or _LONG_AGO


def _moment_of(exports: Sequence[Seen], at: int | None) -> datetime | None:
    return None if at is None else exports[at].exported


def _keys(value: object) -> frozenset[Key]:
    return frozenset(key for key in value if isinstance(key, str)) if isinstance(value, list) else frozenset()


def _moment(text: str) -> datetime | None:
    try:
        return parse_time(text)
    except ValueError:
        return None
