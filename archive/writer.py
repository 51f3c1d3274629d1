"""
The writer: one run that adds to an archive, a sealed bag at a time.

What it has written counts only once ``seal`` returns; leaving without it drops what is unsealed.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from archive import lock, naming, record, segment
from archive.entry import Digest, Entry, Json, JsonValue, Key, canonical, format_time, parse_time
from archive.errors import KeepfolioError
from archive.filesystem import explained
from archive.identity import Change, Held, Sight, Verdict, entry_id, joined, judge, sight_of
from archive.record import Line
from archive.run import Run
from archive.values import Failure, Origin, Stored
from archive.version import Found, Places, RawType, write_version

if TYPE_CHECKING:
    from archive.store import Archive

FULL_ITEMS = 500
FULL_BYTES = 256 * 1024 * 1024
FULL_SECONDS = 30.0
_PIECE = 1 << 20


@dataclass
class _Pending:
    """What the open bag holds so far and the index does not know as sealed."""

    staging: segment.Staging
    started: datetime
    counts: dict[str, int] = field(default_factory=dict)
    blobs: dict[Digest, Json] = field(default_factory=dict)  # files that no record names yet

    @property
    def items(self) -> int:
        return sum(self.counts.values())


@dataclass
class _Seen:
    """What the sights of this run are remembered by, once the bag that they belong to is sealed."""

    stamps: dict[Key, str] = field(default_factory=dict)
    sights: dict[str, Sight] = field(default_factory=dict)
    overtaken: set[str] = field(default_factory=set)
    deleted: set[Key] = field(default_factory=set)


class Writer:
    """
    See ``Archive.append``. Methods may be called from two threads; the bytes of two files travel at once.

    After an error of the disk the writer is closed: what it had not sealed is dropped, and the next run does it again.
    """

    def __init__(self, archive: Archive, origin: Origin, *, joining: bool = False) -> None:
        self.origin = origin
        self._archive = archive
        self._index = archive.index
        self._disk = archive.disk
        self._run = Run(origin)
        self._joining = joining
        self._lock = threading.RLock()
        self._stack = ExitStack()
        self._pending: _Pending | None = None
        self._seen = _Seen()
        self._sealed_at = time.monotonic()
        self._open = False
        self._cause: KeepfolioError | None = None

    def __enter__(self) -> Self:
        self._stack.enter_context(lock.writing(self._archive.state))
        try:
            self._archive.prepare_for_writing(joining=self._joining)
        except BaseException:
            self._stack.close()
            raise
        self._open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._open and self._pending is None:
                self._remember()
            self._abandon()
        finally:
            self._stack.close()

    # --- looking ----------------------------------------------------------------------------------------------------

    def compare(self, entry: Entry) -> Change:
        """Say what ``put`` would do with this entry, and write nothing."""
        with self._lock:
            entry = self._with_parent(entry)
            return self._judged(entry, sight_of(entry))[0].change

    def held(self, entry: Entry) -> Stored | None:
        """Return what is held under any key of this entry, what is not sealed yet included; without its content."""
        with self._lock:
            line = self._line(entry.keys)
            return line.stored() if line else None

    @property
    def is_open(self) -> bool:
        """Whether it still takes what is put; an error of the disk closes it for good."""
        return self._open

    @property
    def full(self) -> bool:
        """Whether enough waits to be sealed at the next checkpoint: 500 items, 256 MB, or 30 seconds of work."""
        with self._lock:
            if self._pending is None:
                return False
            return (
                self._pending.items >= FULL_ITEMS
                or self._pending.staging.bytes >= FULL_BYTES
                or time.monotonic() - self._sealed_at >= FULL_SECONDS
            )

    # --- adding -----------------------------------------------------------------------------------------------------

    def add_file(self, stream: BinaryIO, *, name: str, media_type: str = "") -> Digest:
        """
        Keep the bytes of a stream and return their digest. Bytes that are held already are not kept again.

        An error of the stream passes through; the writer goes on.
        """
        incoming = self._archive.root / "staging" / f"incoming-{secrets.token_hex(8)}"
        digest, size = self._receive(stream, incoming)
        with self._writing():
            if self._index.blob(digest) or (self._pending and digest in self._pending.blobs):
                self._disk.remove(incoming)
                return digest
            pending = self._begin()
            now = datetime.now(UTC)
            path = pending.staging.free_name(naming.file_path(pending.staging.name, digest, name, now))
            pending.staging.adopt(incoming, path, digest, size)
            pending.blobs[digest] = {
                "sha256": digest, "segment": pending.staging.name, "path": path, "size": size,
                "mediaType": media_type, "originalName": name,
            }  # fmt: skip
            return digest

    def put(self, entry: Entry, raw: bytes, raw_type: RawType = "json") -> Change:
        """
        Keep an entry and the bytes from which it was read, if it is news. Returns what it was.

        ``entry.files`` carry the digests that ``add_file`` gave; one that did not arrive carries none.
        """
        with self._writing():
            entry = self._with_parent(entry)
            sight = sight_of(entry)
            verdict, held, joins = self._judged(entry, sight)
            if verdict.change is Change.UNCHANGED:
                self._see(entry, sight, held, recorded=False)
            elif verdict.change is not Change.FORGOTTEN:  # not even its address is remembered
                self._record(Found(entry, raw, raw_type), sight, verdict, held, joins)
            return verdict.change

    def tombstone(self, id: str, why: str) -> None:  # noqa: A002 - an entry's id is called id everywhere
        """Note that the source deleted an entry; its bytes stay. Nothing happens if that is noted already."""
        with self._writing():
            line = self._index.line(id)
            if line is None or "deletedBy" in line.value:
                return
            held = replace(line.held(), deleted_by=self.origin.name)
            self._write_line(held, line, event="deletion", new_version=False, why=why)
            self._seen.deleted.update(held.entry.keys)
            for key in held.entry.keys:
                self._seen.stamps.pop(key, None)

    def redact(self, id: str, *, for_good: bool, why: str = "") -> None:  # noqa: A002
        """
        Note that the owner had an entry removed: it is gone for every reader, and ``purge`` takes its bytes.

        ``for_good``: what comes under any of its keys is never kept again, until ``readmit``.

        Raises:
            KeyError: There is no such entry.
        """
        with self._writing():
            line = self._index.line(id)
            if line is None:
                raise KeyError(id)
            ids: list[JsonValue] = [*self._index.ids_of(line)]
            decision: Json = {
                "event": "redaction", "eventTime": format_time(_now()), "id": line.value["id"], "ids": ids,
            }  # fmt: skip
            more: Json = {"kind": line.entry().kind, "forGood": for_good, "why": why}
            self._append(decision | {k: v for k, v in more.items() if v}, "redaction")

    def readmit(self, id: str) -> None:  # noqa: A002
        """
        Note that what was removed for good may come again, when its source shows it.

        Raises:
            KeyError: Nothing of that id was.
        """
        with self._writing():
            ids: list[JsonValue] = [i for i, about in self._index.redacted().items() if id in {i, about.entry}]
            if not ids:
                raise KeyError(id)
            self._append({"event": "readmission", "eventTime": format_time(_now()), "ids": ids}, "readmission")

    def join(self) -> None:
        """Note that the owner goes on from every branch of a fork."""
        with self._writing():
            branches: list[JsonValue] = list(self._archive.tips())
            self._append({"event": "joining", "eventTime": format_time(_now()), "branches": branches}, "joining")

    def replay(self, line: Mapping[str, Any], version: Found | Places = (None, None)) -> Places:
        """
        Keep one line of another archive's history as it stands: id, number, times, sights, deletion.

        ``version``: what was found, content included, when this line is the first to show it; else the places that an
        earlier call returned for it. Its files must have been kept by ``add_file`` or be held. Returns the places of
        its raw bytes and readable page, for the lines that follow. A line that speaks of no entry (a failure, a
        decision, where a file lies) has neither.
        """
        with self._writing():
            if "entry" not in line:
                self._append(self._at_home(line), str(line["event"]))
                return None, None
            pending = self._begin()
            raw, readable = write_version(pending.staging, version) if isinstance(version, Found) else version
            held = Line(line, pending.staging.name).held()
            entry = version.entry if isinstance(version, Found) else held.entry
            value = record.line(
                replace(held, entry=entry),
                event=str(line["event"]),
                when=parse_time(str(line["eventTime"])),
                changed=parse_time(str(line["changed"])),
                origin=str(line["origin"]),
                segment=pending.staging.name,
                raw=raw,
                readable=readable,
                files=self._places(entry),
                joins=[str(other) for other in line.get("joins", ())],
                why=str(line.get("why", "")),
            )
            self._append(value, str(line["event"]))
            return raw, readable

    def fail(self, failure: Failure) -> None:
        """Note that something did not arrive; saying so again with the same words stores nothing."""
        failure = failure if failure.source else replace(failure, source=self.origin.name)
        with self._writing():
            if failure.key and self._index.is_redacted([entry_id(failure.key)]):
                return  # it would name what was removed for good
            before = self._index.failure(failure.source, failure.what)
            if before and (before.why, before.transient) == (failure.why, failure.transient):
                return
            now = _now()
            failure = replace(failure, since=before.since if before else now)
            self._append(record.failure_line(failure, now, cleared=False), "failure")

    def clear(self, failure: Failure) -> None:
        """Note that it arrived after all, or that the owner accepts the loss."""
        failure = failure if failure.source else replace(failure, source=self.origin.name)
        with self._writing():
            if self._index.failure(failure.source, failure.what):
                self._append(record.failure_line(failure, _now(), cleared=True), "failure-cleared")

    def seal(self, cursor: Json | None = None) -> str | None:
        """
        Make everything so far durable, with the cursor of the checkpoint that was reached.

        Returns the sealed part's name once it is on the disk and read back, or None when there was nothing to seal:
        then the cursor is only remembered.
        """
        with self._writing():
            sealed = self._seal(cursor) if self._pending else None
            if sealed is None and cursor is not None:
                self._archive.remember(self.origin.name, cursor)
            self._remember()
            self._sealed_at = time.monotonic()
            return sealed

    # --- inside -----------------------------------------------------------------------------------------------------

    def _judged(self, entry: Entry, sight: Sight) -> tuple[Verdict, Held | None, list[str]]:
        """Return the verdict, what is held, and the ids that the entry shows to be the same thing."""
        if self._index.is_redacted(map(entry_id, entry.keys)):
            return Verdict(Change.FORGOTTEN, entry), None, []
        ids = dict.fromkeys(i for k in entry.keys if (i := self._index.id_of(k)))
        lines = [line for i in ids if (line := self._index.line(i))]
        held = [line.held() for line in lines]
        if not held:
            return judge(entry, self.origin.name, None), None, []
        one = held[0]
        for other in held[1:]:
            one = joined(one, other)
        last = self._seen.sights.get(one.id) or self._archive.memory.sight(self.origin.name, one.id)
        if last and one.id not in self._seen.overtaken:
            one = replace(one, sights={**one.sights, self.origin.name: last})
        verdict = judge(entry, self.origin.name, one, sight)
        others = [h.id for h in held if h.id != one.id]
        if others and verdict.change is Change.UNCHANGED:
            verdict = replace(verdict, change=Change.COMPLETED)
        return verdict, one, others

    def _with_parent(self, entry: Entry) -> Entry:
        """Return an entry whose sight cannot tell to what it belongs with what is held of that."""
        if entry.parent != "":
            return entry
        line = self._line(entry.keys)
        return replace(entry, parent=line.held().entry.parent if line else None)

    def _line(self, keys: tuple[Key, ...]) -> Line | None:
        found = (i for k in keys if (i := self._index.id_of(k)))
        first = next(found, None)
        return self._index.line(first) if first else None

    def _record(self, found: Found, sight: Sight, verdict: Verdict, held: Held | None, joins: list[str]) -> None:
        entry = found.entry
        now = _now()
        source = self.origin.name
        was = self._line_of_content(held, joins)
        fingerprint = sight.fingerprint if verdict.fresh or held is None else held.fingerprint
        kept = Held(
            id=held.id if held else entry_id(entry.keys[0]),
            entry=verdict.entry,
            fingerprint=fingerprint,
            version=self._number(held, verdict),
            origin=source if verdict.fresh or held is None else held.origin,
            sights={**(held.sights if held else {}), source: sight},
            deleted_by=held.deleted_by if held and verdict.change is not Change.RESTORED else "",
            first_seen=held.first_seen if held else now,
        )
        new = write_version(self._begin().staging, found) if verdict.fresh else None
        self._write_line(
            kept, was, event=_EVENTS[verdict.change], new_version=verdict.new_version, new=new, joins=joins
        )
        self._see(entry, sight, kept, recorded=True)

    def _number(self, held: Held | None, verdict: Verdict) -> int:
        """Return the number of the version: a sight that is news and joins two entries makes one version, not two."""
        last = self._index.line(held.id) if held else None
        if held is None or last is None:
            return 1
        return int(last.value["version"]) + 1 if verdict.new_version else held.version

    def _line_of_content(self, held: Held | None, joins: list[str]) -> Line | None:
        """Return the line whose raw and readable files show what is held; after a join it may be the other one's."""
        if held is None:
            return None
        lines = [line for i in (held.id, *joins) if (line := self._index.line(i))]
        return next((line for line in lines if line.value["fingerprint"] == held.fingerprint), None)

    def _write_line(
        self,
        held: Held,
        was: Line | None,
        *,
        event: str,
        new_version: bool,
        new: tuple[Json, Json | None] | None = None,
        joins: list[str] | None = None,
        why: str = "",
    ) -> None:
        now = _now()
        raw, readable = new or ((was.raw, was.readable) if was else (None, None))
        before = datetime.fromisoformat(was.value["changed"]) if was else now
        pending = self._begin()
        value = record.line(
            held,
            event=event,
            when=now,
            changed=now if new_version or event in {"deletion", "restoration"} else before,
            origin=self.origin.name,
            segment=pending.staging.name,
            raw=raw,
            readable=readable,
            files=self._places(held.entry),
            joins=joins or (),
            why=why,
        )
        self._append(value, event)

    def _places(self, entry: Entry) -> list[Json]:
        """Return where the bytes of an entry's files lie, each digest once."""
        pending = self._begin()
        places = []
        for digest in dict.fromkeys(f.sha256 for f in entry.files if f.sha256):
            place = pending.blobs.pop(digest, None) or self._index.blob(digest)
            if place is None:
                raise KeepfolioError(
                    f"A file of {entry.title or entry.keys[0]} was named and never kept.", code="unknown-file"
                )
            places.append(place)
        return places

    def _at_home(self, line: Mapping[str, Any]) -> Json:
        """Return a line that speaks of no entry, with the places that its files have here."""
        if "files" not in line:
            return dict(line)
        pending, here = self._begin(), self._begin().staging.name
        digests = [file["sha256"] for file in line["files"]]
        places = [place for d in digests if (place := pending.blobs.pop(d, None) or self._index.blob(d))]
        return {**line, "files": [{k: v for k, v in p.items() if k != "segment" or v != here} for p in places]}

    def _append(self, value: Json, event: str) -> None:
        pending = self._begin()
        data = canonical(value)
        pending.staging.append_record(data)
        self._index.apply(pending.staging.name, [(value, data.decode())])
        pending.counts[event] = pending.counts.get(event, 0) + 1

    def _see(self, entry: Entry, sight: Sight, held: Held | None, *, recorded: bool) -> None:
        """Remember a sight for the next run: the stamp by each key, and the rest where no record says it."""
        self._seen.stamps.update(dict.fromkeys(entry.keys, entry.stamp))
        if held is None:
            return
        if recorded:
            self._seen.overtaken.add(held.id)
            self._seen.sights.pop(held.id, None)
        elif held.sights.get(self.origin.name) != sight:
            self._seen.sights[held.id] = sight

    def _begin(self) -> _Pending:
        """Return the open bag; the first thing to keep opens one."""
        if self._pending is None:
            self._index.begin()
            now = datetime.now(UTC)
            name = naming.segment_name(self._archive.next_number(), now, self.origin.name, secrets.token_hex(2))
            self._pending = _Pending(segment.Staging(self._disk, self._archive.root, name), now)
            self._pending.staging.begin()
        return self._pending

    def _seal(self, cursor: Json | None) -> str | None:
        pending = self._begin()
        if pending.blobs:
            files: list[JsonValue] = [{k: v for k, v in f.items() if k != "segment"} for f in pending.blobs.values()]
            self._append({"event": "file", "eventTime": format_time(_now()), "files": files}, "file")
        run = self._run.closed(
            started=pending.started,
            counts=pending.counts,
            cursor=cursor,
            promised=self._archive.memory.about(self.origin.name).get("promised", {}),
            synced=self._disk.synced,
        )
        archive = self._archive
        info = self._run.bag_info(archive.id, archive.frame_digests, archive.tips())
        sealed = pending.staging.seal(run, info)
        self._pending = None
        self._index.add_segment(sealed, run)
        self._index.commit()
        self._archive.note_head()
        return sealed.name

    def _remember(self) -> None:
        seen, self._seen = self._seen, _Seen()
        memory, source = self._archive.memory, self.origin.name
        memory.forget_sights(source, seen.overtaken)
        memory.keep_stamps(source, seen.stamps)
        memory.keep_sights(source, seen.sights)
        memory.forget_stamps(seen.deleted - set(seen.stamps))

    def _receive(self, stream: BinaryIO, incoming: Path) -> tuple[Digest, int]:
        """Write a stream beside the bag while hashing it; what is not whole is removed."""
        self._require_open()
        digest, size, done = hashlib.sha256(), 0, False
        with self._failing():
            descriptor = self._disk.create(incoming)
        try:
            try:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
                    with self._failing():
                        self._disk.write(descriptor, piece)
                done = True
            finally:
                self._disk.close(descriptor)
        finally:
            if not done:
                with contextlib.suppress(OSError):
                    self._disk.remove(incoming)
        return digest.hexdigest(), size

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One change at a time; a change that fails half-way leaves nothing unsealed."""
        with self._lock:
            self._require_open()
            with self._failing():
                yield

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            with explained(self._archive.root):
                yield
        except sqlite3.Error as problem:
            self._abandon()
            raise KeepfolioError(
                f"The index in {self._archive.state} cannot be written: {problem}.",
                code="disk-full" if "full" in str(problem) else "index",
                unchanged="Everything that was in your archive before is as it was.",
                mend="Make room on that disk, then run the same command again.",
            ) from problem
        except KeepfolioError as problem:
            self._cause = self._cause or problem
            self._abandon()
            raise
        except BaseException:
            self._abandon()
            raise

    def _abandon(self) -> None:
        """Write no more, and forget what is not sealed."""
        with self._lock:
            self._open = False
            pending, self._pending = self._pending, None
            self._seen = _Seen()
            with contextlib.suppress(sqlite3.Error):
                self._index.rollback()
            if pending:
                pending.staging.drop()

    def _require_open(self) -> None:
        if not self._open and self._cause:
            raise self._cause  # the other thread, and whoever tidies up, learn the real reason
        if not self._open:
            raise KeepfolioError(
                "This run had stopped writing.",
                code="stopped",
                unchanged="Everything that was in your archive before is as it was.",
                mend="Run the same command again.",
            )


_EVENTS = {
    Change.CREATED: "creation",
    Change.UPDATED: "update",
    Change.COMPLETED: "completion",
    Change.RESTORED: "restoration",
}


def _now() -> datetime:
    return datetime.now(UTC)
