"""How the sealed parts hang together. Pure: what their tag files say in, answers out."""

from __future__ import annotations

from collections.abc import Iterable

from archive.entry import Digest
from archive.segment import Segment


def ids(sealed: Segment) -> frozenset[Digest]:
    """Return every id that a part answers to: its own, and those of the parts in whose place it stands."""
    return frozenset((sealed.id, *(old for old, _ in sealed.replaces)))


def held(sealed: Iterable[Segment]) -> frozenset[Digest]:
    """Return every id that is there, itself or by what stands in its place."""
    return frozenset().union(*map(ids, sealed))


def tips(sealed: Iterable[Segment]) -> list[Segment]:
    """Return the parts that no other follows, in order: one, or several after two machines wrote at once."""
    sealed = list(sealed)
    named = {parent for s in sealed for parent in s.parents}
    return [s for s in sealed if named.isdisjoint(ids(s))]


def replaced(sealed: Iterable[Segment]) -> dict[str, str]:
    """Return, by the name of a part that was replaced, the name of the part that stands in its place now."""
    ordered = sorted(sealed, key=lambda s: len(s.replaces))
    return {old: s.name for s in ordered for _, old in s.replaces if old != s.name}  # none stands in its own place
