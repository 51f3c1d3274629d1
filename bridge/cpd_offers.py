"""What could become entries of the CPD record, from calendars, tables and tagged posts: offered once, never twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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

        declines: What is remembered where it is not wanted: of an event that repeats, the whole series.

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
    taken = {key for one in record for key in (*one.seen, *one.evidence)}
    refused = frozenset[str]() if again else declined(session)
    fresh = (o for o in offers if not taken.intersection(o.activity.seen) and o.declines not in refused)
    return tuple(sorted(fresh, key=lambda o: o.activity.on))


def take(session: Session, wanted: Sequence[Offer], unwanted: Iterable[Offer] = ()) -> tuple[Activity, ...]:
    """
    Write the wanted into the record and remember the unwanted; return the new entries.

    What another run wrote meanwhile stays, and is not written twice. A series of which one event is wanted is asked
    for again.
    """
    keep = {offer.declines for offer in wanted}
    remembered = declined(session)
    refused = {o.declines for o in unwanted} - keep - remembered
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


def key(kind: str, name: str) -> str:
    """Return what ``seen`` says of where an entry comes from, as it stands in a cell that holds several."""
    return cells.element(f"{kind}:{name}")


def _place(session: Session) -> Path:
    return session.workspace.portfolio / DECLINED
