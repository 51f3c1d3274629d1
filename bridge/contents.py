"""What an entry holds, in the order that its source gives it: a collection's pages, a plan's tasks, a résumé's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from archive.entry import Entry, Key
from archive.store import Archive, Stored
from bridge import views
from bridge.portfolio.mapping import CONTAINERS

HOLDERS = CONTAINERS | frozenset(views.RESUME_KINDS)
"""Kinds of which a person asks what is in them."""

_LISTS = ("pages", "tasks", "rows")
"""Where ``extra`` names them, by the source's own numbers."""


def named(entry: Entry) -> tuple[Key, ...]:
    """Return the keys of what an entry says that it holds, in its order."""
    site = entry.keys[0].rpartition("/")[0]
    lists = (entry.extra.get(name) for name in _LISTS) if entry.kind in HOLDERS else ()
    return tuple(f"{site}/{number}" for numbers in lists if isinstance(numbers, list) for number in numbers)


def inside(archive: Archive, stored: Stored) -> list[Stored]:
    """Return what belongs to a holder, in its order, without texts; nothing for what is none."""
    if stored.entry.kind not in HOLDERS:
        return []
    first = [there for key in named(stored.entry) if (there := archive.by_key(key)) and not there.deleted]
    below = [one for one in archive.entries() if one.entry.parent in stored.entry.keys]
    by_id = {one.id: one for one in (*first, *below)}
    order = ordered(
        stored.entry.kind,
        (one.id for one in below),
        (one.id for one in first),
        lambda entry_id: (by_id[entry_id].entry.kind, by_id[entry_id].entry.title),
    )
    return [by_id[entry_id] for entry_id in order]


def ordered(
    kind: str, below: Iterable[str], first: Iterable[str], called: Callable[[str], tuple[str, str]]
) -> list[str]:
    """
    Return the ids of what belongs to a holder as a person looks for it.

    Args:
        kind: Of the holder: a folder shows its folders first, then its files, by name.

        below: Ids of what names the holder as its parent, oldest first.

        first: Ids of what the holder itself names, in its order.

        called: Kind and title of an id.
    """
    listed = list(dict.fromkeys(first))
    rest = [entry_id for entry_id in below if entry_id not in listed]
    if kind == "folder":
        rest.sort(key=lambda entry_id: (called(entry_id)[0] != "folder", called(entry_id)[1].casefold()))
    return [*listed, *rest]
