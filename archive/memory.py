"""
What this machine remembers of the sources beside the archive: newer cursors, stamps, who is parked.

Losing it costs requests, never data. It is no part of the index: rebuilding that leaves it alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.entry import Fidelity, Json, Key, format_time
from archive.identity import Sight, entry_id

_TABLES = """
CREATE TABLE IF NOT EXISTS stamps (source TEXT, key TEXT, stamp TEXT, PRIMARY KEY (source, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sights (source TEXT, id TEXT, scope TEXT, stamp TEXT, fidelity INTEGER, fingerprint TEXT,
                                   PRIMARY KEY (source, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sources (name TEXT PRIMARY KEY, about TEXT) WITHOUT ROWID;
"""


class Memory:
    """One small SQLite file; one that is damaged is begun again."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = _opened(path)
        except sqlite3.DatabaseError:
            for beside in path.parent.glob(f"{path.name}*"):
                beside.unlink()
            self._db = _opened(path)

    def close(self) -> None:
        self._db.close()

    def about(self, source: str) -> dict[str, Any]:
        """Return what ``update`` noted: cursor, cursorTime, promised, parked, harvested."""
        row = self._db.execute("SELECT about FROM sources WHERE name = ?", (source,)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def update(self, source: str, given: Json) -> None:
        """Note facts about a source; a cursor is noted with the time."""
        if "cursor" in given:
            given = {**given, "cursorTime": format_time(datetime.now(UTC))}
        about = json.dumps({**self.about(source), **given})
        self._db.execute("INSERT OR REPLACE INTO sources VALUES (?, ?)", (source, about))

    def forget_what_was_seen(self) -> None:
        """Forget cursors, stamps and sights: they belong to an archive that held more than this one does."""
        for source in self.source_names():
            kept = {k: v for k, v in self.about(source).items() if k not in {"cursor", "cursorTime"}}
            self._db.execute("INSERT OR REPLACE INTO sources VALUES (?, ?)", (source, json.dumps(kept)))
        self._db.execute("DELETE FROM stamps")
        self._db.execute("DELETE FROM sights")

    def source_names(self) -> list[str]:
        return [name for (name,) in self._db.execute("SELECT name FROM sources ORDER BY name")]

    def stamp(self, source: str, key: Key) -> str:
        row = self._db.execute("SELECT stamp FROM stamps WHERE source = ? AND key = ?", (source, key)).fetchone()
        return row[0] if row else ""

    def keep_stamps(self, source: str, stamps: Mapping[Key, str]) -> None:
        self._db.execute("BEGIN")
        rows = [(source, key, stamp) for key, stamp in stamps.items()]
        self._db.executemany("INSERT OR REPLACE INTO stamps VALUES (?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def forget_stamps(self, keys: Iterable[Key]) -> None:
        """Forget how every source saw these keys, so that each offers them again."""
        self._db.executemany("DELETE FROM stamps WHERE key = ?", [(k,) for k in keys])

    def forget(self, ids: Iterable[str]) -> None:
        """Forget what is remembered of entries, by any of their ids, so that nothing of it is left in the file."""
        gone = set(ids)
        keys = {key for (key,) in self._db.execute("SELECT DISTINCT key FROM stamps") if entry_id(key) in gone}
        self.forget_stamps(keys)
        self._db.executemany("DELETE FROM sights WHERE id = ?", [(i,) for i in gone])
        self._db.execute("VACUUM")  # what was deleted stays in free pages else
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def sight(self, source: str, entry_id: str) -> Sight | None:
        """Return the last sight that was not worth a record."""
        row = self._db.execute(
            "SELECT scope, stamp, fidelity, fingerprint FROM sights WHERE source = ? AND id = ?", (source, entry_id)
        ).fetchone()
        return Sight(Fidelity(row[2]), row[0], row[1], row[3]) if row else None

    def keep_sights(self, source: str, sights: Mapping[str, Sight]) -> None:
        self._db.execute("BEGIN")
        rows = [(source, i, s.scope, s.stamp, int(s.fidelity), s.fingerprint) for i, s in sights.items()]
        self._db.executemany("INSERT OR REPLACE INTO sights VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def forget_sights(self, source: str, ids: Iterable[str]) -> None:
        """Forget sights that a record has overtaken."""
        self._db.executemany("DELETE FROM sights WHERE source = ? AND id = ?", [(source, i) for i in ids])

    def scopes(self, source: str) -> dict[str, str]:
        """Return id -> scope of remembered sights."""
        return dict(self._db.execute("SELECT id, scope FROM sights WHERE source = ?", (source,)).fetchall())


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA busy_timeout = 10000")
    db.executescript(_TABLES)
    return db
