"""Links that will vanish, looked for once for each state of the archive: reading every text takes its time."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from archive.errors import ArchiveDamaged
from bridge.session import Session
from bridge.statefile import read_json, write_json
from bridge.vanishing import Link, vanishing

_FORMAT = 1


def links(session: Session) -> tuple[Link, ...]:
    """Return the links from what is held to what a VLE holds and keepfolio does not; see ``vanishing``."""
    if not session.has_archive():
        return ()
    place = session.workspace.state / "vanishing.json"
    head = f"{_FORMAT} {session.archive.head}"
    known = read_json(place)
    if known.get("head") == head:
        return tuple(_link(one) for one in known["links"])
    try:
        found = vanishing(session.archive.entries(content=True))
    except ArchiveDamaged:
        return ()  # a text that is not there is `verify`'s to tell, and no reason to show no status
    write_json(place, {"head": head, "links": [asdict(link) for link in found]})
    return found


def files(session: Session) -> tuple[Link, ...]:
    """Return those that name a file: ``keepfolio harvest --linked`` tries to take them along."""
    return tuple(link for link in links(session) if link.what == "file")


def _link(one: dict[str, Any]) -> Link:
    return Link(**{**one, "linked_from": tuple(one["linked_from"]), "titles": tuple(one["titles"])})
