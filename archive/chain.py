"""How the sealed parts hang together. Pure: what their tag files say in, answers out."""

from __future__ import annotations

from collections.abc import Container, Iterable

from archive.entry import Digest
from archive.segment import Segment


def ids(sealed: Segment) -> frozenset[Digest]:
    """Return every id that a part answers to: its own, and those of the parts in whose place it stands."""
    return frozenset((sealed.id, *(old for old, _ in sealed.replaces)))


def held(sealed: Iterable[Segment]) -> frozenset[Digest]:
    """Return every id that is there, itself or by what stands in its place."""
    return frozenset().union(*map(ids, sealed))


def ends(sealed: Iterable[Segment]) -> list[Segment]:
    """Return the parts that no other follows which is there, in order."""
    sealed = list(sealed)
    named = {parent for s in sealed for parent in s.parents}
    return [s for s in sealed if named.isdisjoint(ids(s))]


def missing(sealed: Iterable[Segment]) -> dict[Digest, Segment]:
    """Return, by its id, each part that another one follows and that is not there; with one that follows it."""
    sealed = list(sealed)
    there = held(sealed)
    return {parent: s for s in reversed(sealed) for parent in s.parents if parent not in there}


def tips(sealed: Iterable[Segment]) -> list[Segment]:
    """
    Return the newest parts, in order: one, or several after two machines wrote at once.

    While a part is missing that another one follows, it is the last one alone: what stands before the gap is an end
    that nobody made, and no branch.
    """
    sealed = list(sealed)
    return ends(sealed)[-1:] if missing(sealed) else ends(sealed)


def replaced(sealed: Iterable[Segment]) -> dict[str, str]:
    """
    Return, by the name of a part that was replaced, the name of the part that stands in its place now.

    A part that is there is replaced only by one that names its digest: under a name, anybody may write anything.
    """
    ordered = sorted(sealed, key=lambda s: len(s.replaces))
    there = {s.name: s.id for s in ordered}
    return {
        old: s.name
        for s in ordered
        for mark, old in s.replaces
        if old != s.name and there.get(old, mark) == mark  # none stands in its own place
    }


def twins(sealed: Iterable[Segment], staying: Container[str] = ()) -> dict[str, list[str]]:
    """
    Return, by the name of a part that was replaced, all that stand in its place: two after two machines did it at once.

    Each of them may hold what the other lost; by its own name each finds the others. ``staying``: parts that count
    although they were replaced.
    """
    sealed = list(sealed)
    gone, by_place = replaced(sealed), dict[str, list[str]]()
    for part in sealed:
        for name in {part.name, *(old for _, old in part.replaces)}:
            if part.name not in gone or part.name in staying:
                by_place.setdefault(name, []).append(part.name)
    several = {name: names for name, names in by_place.items() if len(names) > 1}
    for names in list(several.values()):
        for name in names:
            several[name] = sorted({*several.get(name, ()), *names})
    return several
