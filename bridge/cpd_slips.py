"""What was typed into the CPD record by hand and counts for nothing: told, and left as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bridge import cpd
from bridge.portfolio.cpd import file
from bridge.portfolio.cpd.record import Activity

if TYPE_CHECKING:
    from bridge.building import Desk


def found(desk: Desk, record: Sequence[Activity]) -> Iterator[str]:
    """Yield a sentence for each column that is nearly one of ours, and each name that leads nowhere."""
    for name in file.own_columns(cpd.path(desk.session)):
        for near in get_close_matches(name.casefold(), file.COLUMNS, 1, 0.8):
            yield f"The column “{name}” is one of your own; did you mean {near}? What stands in it counts for nothing."
    allowed = cpd.Allowed(desk)
    ids = {name for one in record for name in (one.id, *one.seen)}
    for one in record:
        if unknown := allowed.unknown(one):
            yield f"{one.id} names {', '.join(unknown)}, which is in no framework of yours."
        if lost := [name for name in one.evidence if not (name in ids or "://" in name or _is_held(desk, name))]:
            yield f"{one.id} names {', '.join(lost)} as evidence, which is neither held nor an address."


def _is_held(desk: Desk, name: str) -> bool:
    return desk.session.has_archive() and desk.session.archive.entry(name) is not None
