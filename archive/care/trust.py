"""
Which of several things that are told of a part is to be believed.

By digests, never by dates or by a place: a later part names the one before, and the newest is known by what this
computer remembers or by most copies. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from archive import chain, segment
from archive.entry import Digest
from archive.segment import Segment


@dataclass(frozen=True)
class Told:
    """One part as its tag files describe it, and in how many places they are so."""

    part: Segment
    votes: int = 1


def decide(told: Iterable[Told], remembered: Digest = "") -> dict[str, Segment | None]:
    """
    Return, by name, the part to be trusted; None where two are told of and nothing says which is right.

    Pure. The newest first: one that a trusted later part names; else the only one told of, unless a later part names
    one in its place that nobody has; else the one that was ``remembered``; else the one that more than half have.
    """
    options: dict[str, list[Told]] = {}
    for one in told:
        options.setdefault(one.part.name, []).append(one)
    there = chain.held(one.part for all_of_them in options.values() for one in all_of_them)
    named: set[Digest] = set()
    lost: set[int] = set()  # numbers of parts that are named and that nobody has
    trusted: dict[str, Segment | None] = {}
    for name in sorted(options, reverse=True):
        choice = [o for o in options[name] if not named.isdisjoint(chain.ids(o.part))]
        if not choice and options[name][0].part.number not in lost:
            choice = options[name]
        found = _most_trusted(choice, remembered)
        trusted[name] = found
        if found:
            named.update(found.parents)
            lost.update(found.number - 1 for parent in found.parents if parent not in there)
    return trusted


def _most_trusted(choice: list[Told], remembered: Digest) -> Segment | None:
    if len(choice) == 1:
        return choice[0].part
    by_memory = [o for o in choice if o.part.id == remembered]
    by_most = [o for o in choice if 2 * o.votes > sum(other.votes for other in choice)]
    return next((o.part for o in (*by_memory, *by_most)), None)


def described(name: str, mark: bytes, about: bytes, archive_id: str) -> Segment | None:
    """Return the part that these tag files describe, if it is one of this archive."""
    labels: dict[str, list[str]] = {}
    for line in about.decode("utf-8", "replace").splitlines():
        label, _, value = line.partition(": ")
        labels.setdefault(label, []).append(value)
    octets, _, files = labels.get("Payload-Oxum", [""])[0].partition(".")
    replaces = [tuple(value.split(" ", 1)) for value in labels.get("Replaces-Segment", ())]
    sound = octets.isdecimal() and files.isdecimal() and all(len(r) == 2 and segment.is_name(r[1]) for r in replaces)
    if not sound or labels.get("Bag-Group-Identifier") != [archive_id]:
        return None
    return Segment(
        name=name,
        id=hashlib.sha256(mark).hexdigest(),
        parents=tuple(labels.get("Previous-Segment", ())),
        files=int(files),
        bytes=int(octets),
        replaces=tuple((old[0], old[1]) for old in replaces),
    )


def parsed(data: bytes) -> dict[str, Digest]:
    """Return path -> digest of a list in the form of sha256sum; nothing where it is none."""
    pairs = (line.split("  ", 1) for line in data.decode("utf-8", "replace").splitlines())
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}
