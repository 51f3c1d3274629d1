"""
The index: what the sealed records add up to, in SQLite, outside the archive.

It may be deleted at any time. Lines go in by one function, whether they were just written or are read again, so that an
index kept and an index rebuilt are equal.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from archive import chain, identity
from archive.entry import Digest, Json, JsonValue, Key, Visibility, parse_time
from archive.record import Line
from archive.segment import Segment
from archive.values import Failure

LAYOUT = "3"
_BATCH = 2000
_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE segments (name TEXT PRIMARY KEY, id TEXT, parents TEXT, files INTEGER, bytes INTEGER,
                       replaces TEXT) WITHOUT ROWID;
CREATE TABLE replaced (name TEXT PRIMARY KEY, by_name TEXT) WITHOUT ROWID;
CREATE TABLE redacted (id TEXT PRIMARY KEY, entry TEXT, kind TEXT, time TEXT, why TEXT) WITHOUT ROWID;
CREATE TABLE entries (number INTEGER PRIMARY KEY, id TEXT UNIQUE, kind TEXT, visibility TEXT, published TEXT,
                      deleted INTEGER, segment TEXT, line TEXT);
CREATE TABLE keys (key TEXT PRIMARY KEY, id TEXT) WITHOUT ROWID;
CREATE TABLE sights (source TEXT, id TEXT, scope TEXT, stamp TEXT, PRIMARY KEY (source, id)) WITHOUT ROWID;
CREATE TABLE events (id TEXT, segment TEXT, PRIMARY KEY (id, segment)) WITHOUT ROWID;
CREATE TABLE joined (id TEXT PRIMARY KEY, into_id TEXT) WITHOUT ROWID;
CREATE TABLE names (id TEXT, name TEXT, PRIMARY KEY (id, name)) WITHOUT ROWID;
CREATE TABLE blobs (sha256 TEXT PRIMARY KEY, segment TEXT, path TEXT, size INTEGER) WITHOUT ROWID;
CREATE TABLE failures (source TEXT, what TEXT, why TEXT, mend TEXT, key TEXT, transient INTEGER, since TEXT,
                       PRIMARY KEY (source, what)) WITHOUT ROWID;
CREATE TABLE sources (name TEXT PRIMARY KEY, run TEXT) WITHOUT ROWID;
"""
HIDDEN_KINDS = ("workspace", "receipt")


class Redacted(NamedTuple):
    """What the owner had removed for good: the id and kind of the entry, when (UTC, as in the records), and why."""

    entry: str
    kind: str
    time: str
    why: str


class Index:
    """One connection; changes are seen by others once ``commit`` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = _connected(path)

    def close(self) -> None:
        self._db.close()

    # --- keeping ----------------------------------------------------------------------------------------------------

    def belongs_to(self, archive_id: str) -> bool:
        """Say whether this is an index of that archive, in the layout of this program."""
        try:
            rows = dict(self._db.execute("SELECT name, value FROM meta"))
        except sqlite3.DatabaseError:
            return False
        return rows == {"layout": LAYOUT, "archive": archive_id}

    @contextmanager
    def anew(self, archive_id: str) -> Iterator[None]:
        """
        Begin an empty index, to be filled inside; a crash on the way leaves one that belongs to no archive.

        Nothing needs a journal or syncing until it is whole.
        """
        self._db.close()
        for beside in self._path.parent.glob(f"{self._path.name}*"):
            beside.unlink()
        self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA cache_size = -64000")
        self._db.execute("BEGIN")
        for statement in _TABLES.split(";\n"):
            self._db.execute(statement)
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.close()
            self._db = _connected(self._path)
            raise
        self._db.close()
        with self._path.open("rb+") as file:
            os.fsync(file.fileno())
        self._db = _connected(self._path)
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", [("layout", LAYOUT), ("archive", archive_id)])

    def begin(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.begin()
        try:
            yield
            self.commit()
        except BaseException:
            self.rollback()
            raise

    def add_segment(self, segment: Segment, run: Json) -> None:
        """Note a sealed bag and what its ``run.json`` says of the source."""
        parents = " ".join(segment.parents)
        replaces = "\n".join(f"{old_id} {old_name}" for old_id, old_name in segment.replaces)
        row = (segment.name, segment.id, parents, segment.files, segment.bytes, replaces)
        self._db.execute("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?)", row)
        for old, new in chain.replaced([segment]).items():
            self._db.execute("INSERT OR REPLACE INTO replaced VALUES (?, ?)", (old, new))
        origin = run.get("origin")
        if isinstance(origin, dict):
            name = str(origin.get("name", ""))
            known = self.run_of(name)
            kept: Json = {k: run[k] for k in ("cursor", "promised", "ended") if k in run}
            if "cursor" in kept:
                kept["cursorTime"] = run.get("ended")
            self._db.execute("REPLACE INTO sources VALUES (?, ?)", (name, json.dumps({**known, **kept})))

    def apply(self, segment: str, lines: Iterable[tuple[Json, str]]) -> None:
        """Fold lines of ``records.jsonl`` in, each as its value and its text."""
        batch = _Batch(segment, dict(self._db.execute("SELECT id, into_id FROM joined")), set(self.redacted()))
        for count, (value, text) in enumerate(lines, 1):
            if value["event"] in _DECISIONS:
                batch.write(self._db)
                self._decide(value)
                batch.redacted = set(self.redacted())
                batch.joined = dict(self._db.execute("SELECT id, into_id FROM joined"))
                continue
            batch.add(value, text)
            if count % _BATCH == 0:
                batch.write(self._db)
        batch.write(self._db)

    # --- asking -----------------------------------------------------------------------------------------------------

    def segments(self) -> list[Segment]:
        rows = self._db.execute("SELECT name, id, parents, files, bytes, replaces FROM segments ORDER BY name")
        return [
            Segment(name, mark, tuple(parents.split()), files, size, _pairs(replaces))
            for name, mark, parents, files, size, replaces in rows
        ]

    def standing(self, segment: str) -> str:
        """Return the name of the bag that stands in a bag's place: mostly its own."""
        if self._db.execute("SELECT 1 FROM segments WHERE name = ?", (segment,)).fetchone():
            return segment
        row = self._db.execute("SELECT by_name FROM replaced WHERE name = ?", (segment,)).fetchone()
        return row[0] if row else segment

    def redacted(self) -> dict[str, Redacted]:
        """Return, by each id that is never to be kept again, what it named."""
        rows = self._db.execute("SELECT id, entry, kind, time, why FROM redacted")
        return {i: Redacted(*about) for i, *about in rows}

    def removed(self) -> dict[str, int]:
        """Return how many entries of each kind the owner had removed for good."""
        rows = self._db.execute("SELECT kind, count(DISTINCT entry) FROM redacted GROUP BY kind")
        return dict(rows.fetchall())

    def is_redacted(self, ids: Iterable[str]) -> bool:
        """Say whether any of these ids is never to be kept again."""
        return any(self._db.execute("SELECT 1 FROM redacted WHERE id = ?", (i,)).fetchone() for i in ids)

    def joined_ids(self, entry_id: str) -> list[str]:
        """Return the ids that turned out to be this entry."""
        rows = self._db.execute("SELECT id FROM joined WHERE into_id = ? ORDER BY id", (entry_id,))
        return [i for (i,) in rows]

    def ids_of(self, line: Line) -> list[str]:
        """Return every id that an entry answers to: its own, those joined with it, and those of its keys."""
        own = line.value["id"]
        return list(dict.fromkeys((own, *self.joined_ids(own), *map(identity.entry_id, line.entry().keys))))

    def id_of(self, key: Key) -> str | None:
        row = self._db.execute("SELECT id FROM keys WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def current(self, entry_id: str) -> str:
        """Return the id under which an entry is kept now: it may have been joined with another."""
        row = self._db.execute("SELECT into_id FROM joined WHERE id = ?", (entry_id,)).fetchone()
        return row[0] if row else entry_id

    def line(self, entry_id: str) -> Line | None:
        query = "SELECT line, segment FROM entries WHERE id = ?"
        row = self._db.execute(query, (self.current(entry_id),)).fetchone()
        return Line({**json.loads(row[0]), "id": self.current(entry_id)}, row[1]) if row else None

    def lines(self, *, source: str, kind: str, visibility: Visibility | None, deleted: bool) -> Iterator[Line]:
        """Yield the newest lines that match, oldest published first, undated last. Memory stays flat."""
        where, values = ["deleted = ?"], [int(deleted)]  # type: tuple[list[str], list[Any]]
        if source:
            where.append("id IN (SELECT id FROM sights WHERE source = ?)")
            values.append(source)
        if kind:
            where.append("kind = ?")
            values.append(kind)
        elif not source:
            where.append(f"kind NOT IN {HIDDEN_KINDS}")
        if visibility is not None:
            where.append("visibility = ?")
            values.append(str(visibility))
        matching = f"SELECT number FROM entries WHERE {' AND '.join(where)} ORDER BY published = '', published, id"  # noqa: S608 - fixed texts; values are bound
        for (number,) in self._db.execute(matching, values).fetchall():
            row = self._db.execute("SELECT line, segment FROM entries WHERE number = ?", (number,)).fetchone()
            if row:
                yield Line(json.loads(row[0]), row[1])

    def segments_of(self, entry_id: str) -> list[str]:
        """Return the bags that speak of an entry, in order."""
        rows = self._db.execute("SELECT segment FROM events WHERE id = ? ORDER BY segment", (entry_id,))
        return [segment for (segment,) in rows]

    def renamed(self) -> dict[Key, dict[str, str]]:
        """Return, by each key of a term that had other names before, those names and the one of today."""
        rows = self._db.execute(
            "SELECT n.name, e.line FROM names n JOIN entries e ON e.id = n.id"
            " WHERE n.id IN (SELECT id FROM names GROUP BY id HAVING count(*) > 1)"
        )
        found: dict[Key, dict[str, str]] = {}
        for name, line in rows:
            term = json.loads(line)["entry"]
            if name != term.get("title", ""):
                for key in term["keys"]:
                    found.setdefault(key, {})[name] = term.get("title", "")
        return found

    def blob(self, digest: Digest) -> Json | None:
        """Return where the bytes with a digest lie: segment, path, size."""
        row = self._db.execute("SELECT segment, path, size FROM blobs WHERE sha256 = ?", (digest,)).fetchone()
        return {"sha256": digest, "segment": row[0], "path": row[1], "size": row[2]} if row else None

    def stamp(self, source: str, key: Key) -> str:
        row = self._db.execute(
            "SELECT s.stamp FROM keys k JOIN sights s ON s.id = k.id JOIN entries e ON e.id = k.id"
            " WHERE k.key = ? AND s.source = ? AND e.deleted = 0",
            (key, source),
        ).fetchone()
        return row[0] if row else ""

    def ids_in(self, source: str, scope: str) -> set[str]:
        """Return the live entries that a source has seen in a scope."""
        rows = self._db.execute(
            "SELECT s.id FROM sights s JOIN entries e ON e.id = s.id"
            " WHERE s.source = ? AND s.scope = ? AND e.deleted = 0",
            (source, scope),
        )
        return {i for (i,) in rows}

    def keys_of(self, ids: Iterable[str]) -> frozenset[Key]:
        """Return every key of the entries."""
        wanted = set(ids)
        if not wanted:
            return frozenset()
        return frozenset(key for key, entry in self._db.execute("SELECT key, id FROM keys") if entry in wanted)

    def held_by(self, source: str) -> dict[str, int]:
        """Return how many live entries of each kind a source has seen."""
        rows = self._db.execute(
            "SELECT e.kind, count(*) FROM sights s JOIN entries e ON e.id = s.id"
            " WHERE s.source = ? AND e.deleted = 0 GROUP BY e.kind",
            (source,),
        )
        return dict(rows.fetchall())

    def failures(self, source: str) -> list[Failure]:
        rows = self._db.execute(
            "SELECT source, what, why, mend, key, transient, since FROM failures WHERE ? IN ('', source)"
            " ORDER BY since, source, what",
            (source,),
        )
        return [
            Failure(s, what, why, mend, key, bool(t), parse_time(since)) for s, what, why, mend, key, t, since in rows
        ]

    def failure(self, source: str, what: str) -> Failure | None:
        return next((f for f in self.failures(source) if f.what == what), None)

    def run_of(self, source: str) -> dict[str, Any]:
        """Return what sealed runs say of a source: cursor, cursorTime, promised, ended."""
        row = self._db.execute("SELECT run FROM sources WHERE name = ?", (source,)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def source_names(self) -> list[str]:
        return [name for (name,) in self._db.execute("SELECT name FROM sources ORDER BY name")]

    def counts(self) -> tuple[int, int]:
        """Return the number of live entries that ``lines`` shows, and of digests held."""
        entries = self._db.execute(f"SELECT count(*) FROM entries WHERE deleted = 0 AND kind NOT IN {HIDDEN_KINDS}")  # noqa: S608 - fixed text
        return entries.fetchone()[0], self._db.execute("SELECT count(*) FROM blobs").fetchone()[0]

    def kinds(self) -> dict[str, int]:
        """Return the number of live entries of each kind that ``lines`` shows."""
        shown = f"deleted = 0 AND kind NOT IN {HIDDEN_KINDS}"
        return dict(self._db.execute(f"SELECT kind, count(*) FROM entries WHERE {shown} GROUP BY kind"))  # noqa: S608 - fixed text

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every table's rows in order, for comparing two indexes."""
        tables = [n for (n,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
        rows = {t: self._db.execute(f"SELECT * FROM {t}").fetchall() for t in tables}  # noqa: S608 - names of the schema
        return {t: sorted(r[1:] if t == "entries" else r for r in found) for t, found in rows.items()}

    # --- forgetting -------------------------------------------------------------------------------------------------

    def _decide(self, value: Json) -> None:
        """Fold in a decision of the owner: to forget an entry, and whether it may ever come back."""
        ids = [str(i) for i in cast("list[JsonValue]", value["ids"])]
        if value["event"] == "readmission":
            self._db.executemany("DELETE FROM redacted WHERE id = ?", [(i,) for i in ids])
            return
        for entry_id in ids:
            for table in ("entries", "keys", "sights", "events", "names"):
                self._db.execute(f"DELETE FROM {table} WHERE id = ?", (entry_id,))  # noqa: S608 - fixed names
            self._db.execute("DELETE FROM joined WHERE id = ? OR into_id = ?", (entry_id, entry_id))
        gone = [(f.source, f.what) for f in self.failures("") if f.key and identity.entry_id(f.key) in ids]
        self._db.executemany("DELETE FROM failures WHERE source = ? AND what = ?", gone)
        if value.get("forGood"):
            about = tuple(value.get(name, "") for name in ("id", "kind", "eventTime", "why"))
            self._db.executemany("INSERT OR REPLACE INTO redacted VALUES (?, ?, ?, ?, ?)", [(i, *about) for i in ids])


_DECISIONS = frozenset({"redaction", "readmission"})


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((old_id, name) for old_id, _, name in (line.partition(" ") for line in text.splitlines()))


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA busy_timeout = 10000")
    db.execute("PRAGMA cache_size = -32000")
    return db


class _Batch:
    """Rows for each table, gathered so that each is written by one call."""

    def __init__(self, segment: str, joined: dict[str, str], redacted: set[str]) -> None:
        self.redacted = redacted
        self._segment = segment
        self.joined = joined
        self._empty()

    def _empty(self) -> None:
        self._entries: list[tuple[Any, ...]] = []
        self._keys: list[tuple[str, str]] = []
        self._sights: list[tuple[str, ...]] = []
        self._events: list[tuple[str, str]] = []
        self._joins: list[tuple[str, str]] = []
        self._names: list[tuple[str, str]] = []
        self._blobs: list[tuple[Any, ...]] = []
        self._failures: list[tuple[str, tuple[Any, ...]]] = []

    def add(self, value: Any, text: str) -> None:
        event = value["event"]
        for file in value.get("files", ()):
            if "segment" not in file:
                self._blobs.append((file["sha256"], self._segment, file["path"], file["size"]))
        if event == "failure":
            row = tuple(value[k] for k in ("origin", "what", "why", "mend", "key", "transient", "since"))
            self._failures.append(("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?, ?)", row))
        elif event == "failure-cleared":
            row = (value["origin"], value["what"])
            self._failures.append(("DELETE FROM failures WHERE source = ? AND what = ?", row))
        elif "entry" in value and value["id"] not in self.redacted:
            self._add_entry(value, text)

    def _add_entry(self, value: Any, text: str) -> None:
        entry, entry_id = value["entry"], value["id"]
        into = self.joined.get(entry_id, entry_id)
        deleted = int("deletedBy" in value)
        row = (
            into,
            entry.get("kind", ""),
            entry.get("visibility", ""),
            entry.get("published", ""),
            deleted,
            self._segment,
            text,
        )
        self._entries.append(row)
        self._keys += [(key, into) for key in entry["keys"]]
        scope, stamp = entry.get("scope", ""), entry.get("stamp", "")
        self._sights += [
            (source, into, sight.get("scope", scope), sight.get("stamp", stamp))
            for source, sight in value["seenBy"].items()
        ]
        self._events.append((into, self._segment))
        if entry.get("kind") == "term":
            self._names.append((into, entry.get("title", "")))
        for other in value.get("joins", ()):
            if other == into:  # it would wipe itself out
                continue
            self.joined[other] = into
            self._joins.append((other, into))

    def write(self, db: sqlite3.Connection) -> None:
        db.executemany(
            "INSERT INTO entries (id, kind, visibility, published, deleted, segment, line) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, visibility = excluded.visibility,"
            " published = excluded.published, deleted = excluded.deleted, segment = excluded.segment,"
            " line = excluded.line",
            self._entries,
        )
        db.executemany("INSERT OR REPLACE INTO keys VALUES (?, ?)", self._keys)
        db.executemany("INSERT OR REPLACE INTO sights VALUES (?, ?, ?, ?)", self._sights)
        db.executemany("INSERT OR IGNORE INTO events VALUES (?, ?)", self._events)
        db.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", self._names)
        db.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?, ?)", self._blobs)
        for statement, row in self._failures:
            db.execute(statement, row)
        for other, into in self._joins:
            self._join(db, other, into)
        self._empty()

    @staticmethod
    def _join(db: sqlite3.Connection, other: str, into: str) -> None:
        db.execute("DELETE FROM entries WHERE id = ?", (other,))
        db.execute("DELETE FROM sights WHERE id = ?", (other,))
        db.execute("UPDATE keys SET id = ? WHERE id = ?", (into, other))
        db.execute("INSERT OR IGNORE INTO events SELECT ?, segment FROM events WHERE id = ?", (into, other))
        db.execute("DELETE FROM events WHERE id = ?", (other,))
        db.execute("INSERT OR IGNORE INTO names SELECT ?, name FROM names WHERE id = ?", (into, other))
        db.execute("DELETE FROM names WHERE id = ?", (other,))
        db.execute("UPDATE joined SET into_id = ? WHERE into_id = ?", (into, other))
        db.execute("INSERT OR REPLACE INTO joined VALUES (?, ?)", (other, into))
