"""What the archive tells of what it holds: to a connector of its source, and to a reader of its tags."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from archive.entry import Json, Key
from archive.index import Index
from archive.memory import Memory
from archive.values import Stored


@dataclass(frozen=True)
class Known:
    """What is held of one source, as its connector asks for it (``connectors.contract.Known``)."""

    index: Index
    memory: Memory
    source: str

    @property
    def cursor(self) -> Json:
        """The newer of the sealed and the remembered cursor; ``{}`` in a first harvest."""
        sealed, remembered = self.index.run_of(self.source), self.memory.about(self.source)
        newest = max((sealed, remembered), key=lambda about: str(about.get("cursorTime", "")))
        cursor: Json = newest.get("cursor", {})
        return cursor

    @property
    def retry(self) -> frozenset[Key]:
        """Keys of what failed for a passing reason."""
        return frozenset(f.key for f in self.index.failures(self.source) if f.transient and f.key)

    def stamp(self, key: Key) -> str:
        """Return the stamp with which this source last showed the key, or ``""``."""
        return self.memory.stamp(self.source, key) or self.index.stamp(self.source, key)

    def keys(self, scope: str) -> frozenset[Key]:
        """Return all keys of all live entries that this source has seen in the scope."""
        ids = self.index.ids_in(self.source, scope)
        moved = self.memory.scopes(self.source)
        gone = {i for i in ids if moved.get(i, scope) != scope}
        came = {i for i, where in moved.items() if where == scope} - ids
        live = {i for i in came if (line := self.index.line(i)) and "deletedBy" not in line.value}
        return self.index.keys_of((ids - gone) | live)


class Names:
    """Terms are entries: a tag that was renamed since an entry was kept is shown by its name of today."""

    def __init__(self, index: Index) -> None:
        self._index = index

    @cached_property
    def _renamed(self) -> dict[Key, dict[str, str]]:
        return self._index.renamed()

    def current(self, stored: Stored) -> Stored:
        """Return the entry with its tags as they are called now."""
        entry = stored.entry
        if not entry.terms or not self._renamed:
            return stored
        now: dict[str, str] = {}
        for key in entry.terms:
            now |= self._renamed.get(key, {})
        tags = tuple(now.get(tag, tag) for tag in entry.tags)
        return replace(stored, entry=replace(entry, tags=tags)) if tags != entry.tags else stored
