"""What could become entries of the CPD record, from calendars, tables and tagged posts: offered once, never twice."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge import cpd
from bridge.portfolio import ownerfile
from bridge.portfolio.cpd import cells
from bridge.portfolio.cpd.record import Activity
from bridge.session import Session

DECLINED = "cpd-declined.txt"
_HEAD = "# What you said does not belong in your CPD record; take a line out, and it is asked again.\n"


@dataclass(frozen=True)
class Offer:
    """
    An entry that could be made.

    Attributes:
        activity: The entry, without an id; ``seen`` tells where it comes from.

        declines: What is remembered where it is not wanted: of an event that repeats, the whole series, unless another
            event of it is wanted.

        hint: What helps to decide: ``10:00, 1 h, repeats``.
    """

    activity: Activity
    declines: str
    hint: str = ""


def open_ones(session: Session, offers: Iterable[Offer], *, again: bool = False) -> tuple[Offer, ...]:
    """
    Return what is neither in the record nor was declined, by its day.

    ``again``: also what was declined.
    """
    record = cpd.record(session)
    taken = {key for one in record for key in (one.id, *one.seen, *one.evidence)}
    known = taken if again else taken | declined(session)
    fresh = (o for o in offers if not known.intersection(o.activity.seen) and (again or o.declines not in known))
    return tuple(sorted(fresh, key=lambda o: o.activity.on))


def take(session: Session, wanted: Sequence[Offer], unwanted: Iterable[Offer] = ()) -> tuple[Activity, ...]:
    """
    Write the wanted into the record and remember the unwanted; return the new entries.

    What another run wrote meanwhile stays, and is not written twice. A series of which one event is wanted is asked
    for again; single events of it that are not wanted are remembered as such.
    """
    series = {offer.declines for offer in wanted}
    keep = series.union(*(offer.activity.seen for offer in wanted))
    remembered = declined(session)
    unwanted = list(unwanted)
    refused = {o.declines for o in unwanted if o.declines not in series}
    refused |= {name for o in unwanted if o.declines in series for name in o.activity.seen}
    refused -= keep | remembered
    if refused or remembered & keep:
        lines = sorted((remembered | refused) - keep)
        ownerfile.save(_place(session), _HEAD + "".join(f"{line}\n" for line in lines))
    fresh = open_ones(session, wanted, again=True)
    return cpd.added(session, [offer.activity for offer in fresh])


def declined(session: Session) -> frozenset[str]:
    """Return what was declined."""
    place = _place(session)
    if not place.is_file():
        return frozenset()
    lines = (line.strip() for line in ownerfile.read_text(place).splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def numbered(activities: Iterable[Activity]) -> tuple[Offer, ...]:
    """Return offers by what the lines of a table say; of lines that say the same, the second is another one."""
    counts: Counter[str] = Counter()
    offers = []
    for one in activities:
        digest = hashlib.sha256(repr(one).encode()).hexdigest()[:16]
        counts[digest] += 1
        name = key("csv", digest if counts[digest] == 1 else f"{digest}-{counts[digest]}")
        offers.append(Offer(replace(one, seen=(*one.seen, name)), name))
    return tuple(offers)


def key(kind: str, name: str) -> str:
    """Return what ``seen`` says of where an entry comes from, as it stands in a cell that holds several."""
    return cells.element(f"{kind}:{name}")


def _place(session: Session) -> Path:
    return session.workspace.portfolio / DECLINED
