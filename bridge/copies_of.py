"""Which entries are copies that another system made of the owner's own posts, and of which: said once, not twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.entry import Entry, site_of
from bridge.portfolio.mapping import CONTAINERS, NEVER_EVIDENCE
from bridge.portfolio.model import Held

if TYPE_CHECKING:
    from archive.store import Archive, Stored

_NO_ORIGINALS = NEVER_EVIDENCE | CONTAINERS


def originals(entries: Callable[[], Iterable[Held]]) -> dict[str, str]:
    """
    Return the id of the original by the id of each copy whose original is held, too. Pure.

    A copy names the address of its original (``extra["copy_of"]``): a Moodle that follows the owner's blog makes them.
    Where several entries have that address, the one that was seen best is the original. A copy of what is not held, was
    deleted or lies in a bin is not named here: it is all that there is, and evidence like any other.

    Args:
        entries: Gives the entries anew each time; met twice, and the second time only where there are copies.
    """
    copies = {held.id: where for held in entries() if not held.deleted and (where := _copied(held.entry))}
    if not copies:
        return {}
    wanted, found = set(copies.values()), dict[str, Held]()
    for held in entries():
        where = _place(held.entry.url)
        if where in wanted and _may_be_original(held):
            found[where] = min(held, found.get(where, held), key=_worst_last)
    return {copy: found[where].id for copy, where in copies.items() if where in found}


def original(archive: Archive, stored: Stored) -> Stored | None:
    """Return the held original of a copy; None for what is no copy of anything held."""
    if not _copied(stored.entry):
        return None
    name = originals(archive.entries).get(stored.id)
    return archive.entry(name) if name else None


def _may_be_original(held: Held) -> bool:
    """Tell whether what has the right address is the owner's own post: a comment has its post's, but for the ``#``."""
    entry = held.entry
    lives = not held.deleted and entry.status != "trash"
    return lives and entry.author == "own" and entry.kind not in _NO_ORIGINALS and not _copied(entry)


def _worst_last(held: Held) -> tuple[int, str]:
    return -held.entry.fidelity, held.id


def _copied(entry: Entry) -> str:
    """Return the place of what an entry is a copy of; ``""`` for what is none."""
    address = entry.extra.get("copy_of")
    return _place(address) if isinstance(address, str) else ""


def _place(address: str) -> str:
    """Return what two spellings of a web address share: no scheme, ``www.``, slash at the end or fragment."""
    try:
        parts = urlsplit(address.strip())
        return f"{site_of(address.strip())}?{parts.query}" if parts.hostname else ""
    except ValueError:  # what a source calls an address may be anything
        return ""
