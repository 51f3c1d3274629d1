"""
Source -> Archive: compares, brakes, seals.

A source yields values in any order and may repeat itself. Entries are held back until the next checkpoint, then their
files are fetched two at a time, then all of it is put into the archive, and the checkpoint is sealed with what came
before it. A run that is killed loses at most what stands between two seals, and the next run fetches just that.

Deciding what vanished happens here and nowhere else: what a complete listing lacks is asked for one by one, and only
what the source proves gone is marked deleted. Bytes always stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from archive.entry import Entry, Json, Key, MediaFile, with_digests
from archive.errors import KeepfolioError, NeedsOwner
from archive.store import Archive, Change, Failure, Origin, Stored, Writer
from connectors.contract import (
    Checkpoint,
    Failed,
    FileGone,
    Found,
    Listed,
    Note,
    Promised,
    Source,
    SourceRefused,
    Waiting,
)

BRAKE_SHARE = 0.10
"""More than this share of a scope, and more than ``BRAKE_COUNT`` things of it, vanish only by the owner's word."""
BRAKE_COUNT = 5

NAMED = 100
"""So many things of each change are named in a report."""

CUT_SHORT = "the last harvest did not get to its end"

FILES_AT_ONCE = 2  # polite, and as fast as more: the server is the bottleneck (measured)


class Progress(Protocol):
    """Who watches a harvest."""

    def promised(self, kind: str, count: int) -> None:
        """Tell that the source says how many there are."""

    def entry(self, entry: Entry, change: Change) -> None:
        """Tell that an entry was compared or stored."""

    def file(self, file: MediaFile) -> None:
        """Tell that a file was stored."""

    def sealed(self) -> None:
        """Tell that everything so far is safe."""

    def waiting(self, what: str, percent: int | None) -> None:
        """Tell what the system is making ready, and how far it is, where it says so."""


@dataclass
class Report:
    """What one harvest of one source did. ``held`` and ``promised`` count live entries by kind."""

    name: str
    created: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    completed: int = 0  # a file that was missing arrived
    seen_too: int = 0  # held already by another source; the first time by this one
    forgotten: int = 0  # still at the source, and removed for good from here
    removed: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)  # see ``kept_though_deleted``
    failed: list[Failed] = field(default_factory=list)
    new_failures: int = 0
    notes: list[str] = field(default_factory=list)
    told: frozenset[str] = frozenset()  # notes that the last harvest said, too
    promised: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    segments: list[str] = field(default_factory=list)
    requests: int = 0
    bytes: int = 0
    error: KeepfolioError | None = None
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    """(what happened, kind, title): of what happened to many, the first hundred."""

    @property
    def lacking(self) -> dict[str, int]:
        """What the source promised and the archive does not hold, by kind; not what the owner had removed."""
        return {kind: n for kind, n in lacking(self.promised, self.held, self.removed, self.kept).items() if n > 0}

    @property
    def missing(self) -> list[str]:
        """What is lacking, in words."""
        return [f"{number} {kind}" for kind, number in sorted(self.lacking.items())]

    def nothing_was_kept(self) -> None:
        """Take back what was counted: the harvest failed before any of it was sealed, as on a full disk."""
        self.created = self.updated = self.deleted = self.completed = self.seen_too = 0
        self.changes.clear()

    def to_json(self) -> Json:
        """Return the promised shape of ``harvest --json``."""
        return {
            "name": self.name,
            "created": self.created,
            "updated": self.updated,
            "deleted": self.deleted,
            "unchanged": self.unchanged,
            "forgotten": self.forgotten,
            "failed": [{"what": f.what, "why": f.why, "mend": f.mend} for f in self.failed],
            "promised": dict(self.promised),
            "held": dict(self.held),
            "missing": list(self.missing),
            "notes": list(self.notes),
            "requests": self.requests,
            "bytes": self.bytes,
            "segments": list(self.segments),
        }


def harvest(
    archive: Archive,
    origin: Origin,
    source: Source,
    *,
    report: Report,
    progress: Progress,
    stop: Callable[[], bool],
    accept_deletions: bool = False,
) -> Report:
    """
    Take what the source has and the archive has not; ``report`` is filled as it goes, so that an error leaves it true.

    Ends early, with everything sealed that was complete, when ``stop()`` turns true.

    Raises:
        SourceRefused: The credential was refused; the source is parked until ``keepfolio login``.

        SourceUnavailable: The site went away; what was complete before it is kept.

        NeedsOwner: So much vanished that only the owner can say whether it was deleted; new things are kept.
    """
    with archive.append(origin) as writer:
        run = _Run(archive, origin, source, writer, report, progress)
        archive.remember(origin.name, unfinished=CUT_SHORT)
        try:
            run.take(stop)
            if not stop():
                run.forget_old_failures()
                run.forget_what_is_gone(accept_deletions=accept_deletions)
        except SourceRefused as refused:
            archive.remember(origin.name, parked=refused.message)
            raise
        except NeedsOwner as braked:
            archive.remember(origin.name, unfinished=braked.message)
            raise
        finally:
            run.close()
            _count_held(archive, report)
    archive.remember(origin.name, promised=report.promised, unfinished=CUT_SHORT if stop() else "")
    return report


def preview(archive: Archive, origin: Origin, source: Source) -> Report:
    """Say what a harvest would take, by the same comparison; nothing is stored and no file is fetched."""
    report = Report(origin.name)
    with archive.append(origin) as writer:  # never sealed: only its comparison is wanted
        for thing in source.harvest(archive.known(origin.name)):
            if isinstance(thing, Found):
                _count(report, writer.compare(thing.entry))
            elif isinstance(thing, Promised):
                report.promised[thing.kind] = thing.count
            elif isinstance(thing, Failed):
                report.failed.append(thing)
            elif isinstance(thing, Note):
                report.notes.append(thing.text)
    _count_held(archive, report)
    return report


def lacking(promised: Mapping[str, int], *held: Mapping[str, int]) -> dict[str, int]:
    """Return how many of each promised kind are not among what is held in one way or another; may be negative."""
    return {kind: count - sum(one.get(kind, 0) for one in held) for kind, count in promised.items()}


def kept_though_deleted(archive: Archive, name: str, kinds: Iterable[str]) -> dict[str, int]:
    """
    Return, by kind, what a source has seen and another source proved gone: it is kept, marked as deleted.

    An old export promises for ever what was deleted at the site since.
    """
    found: Counter[str] = Counter()
    for kind in kinds:
        for stored in archive.entries(source=name, kind=kind, deleted=True):
            by = [version.source for version in archive.versions(stored.id) if version.event == "deletion"]
            found[kind] += bool(by) and by[-1] != name
    return dict(found)


class _Run:
    """The state of one harvest: what waits for its checkpoint, and what the source listed."""

    def __init__(
        self, archive: Archive, origin: Origin, source: Source, writer: Writer, report: Report, progress: Progress
    ) -> None:
        self.archive = archive
        self.origin = origin
        self.source = source
        self.writer = writer
        self.report = report
        self.progress = progress
        self.known = archive.known(origin.name)
        self.waiting: list[Found] = []
        self.failed: list[Failed] = []
        self.listed: dict[str, set[Key]] = {}
        self.begun_at = dict(self.known.cursor)
        self.cursor: Json | None = None
        self.jobs: dict[tuple[str, str], Future[str]] = {}
        self.pool = ThreadPoolExecutor(FILES_AT_ONCE, thread_name_prefix="file")

    def take(self, stop: Callable[[], bool]) -> None:
        """Store all that the source yields, up to its end or to a stop."""
        for thing in self.source.harvest(self.known):
            match thing:
                case Found():
                    self.waiting.append(thing)
                case Checkpoint(cursor):
                    self._store()
                    self.cursor = cursor
                    if self.writer.full or stop():
                        self._seal()
                    if stop():
                        return
                case Listed(scope, keys):
                    self.listed.setdefault(scope, set()).update(keys)
                case Promised(kind, count):
                    self.report.promised[kind] = count
                    self.progress.promised(kind, count)
                case Failed():
                    self.failed.append(thing)
                case Note(text):
                    self.report.notes.append(text)
                case Waiting(what, percent):
                    self.progress.waiting(what, percent)
        self._store()

    def close(self) -> None:
        """Seal what is complete, whatever happened."""
        self.pool.shutdown(wait=True, cancel_futures=True)
        if self.writer.is_open:
            self._record_failures()
            self._seal()

    def forget_old_failures(self) -> None:
        """Let go of passing failures that name no entry and did not come again in a whole harvest."""
        again = {failed.what for failed in (*self.report.failed, *self.failed)}
        for failure in self.archive.failures(self.origin.name):
            if failure.transient and not failure.key and failure.what not in again:
                self.writer.clear(failure)

    def forget_what_is_gone(self, *, accept_deletions: bool) -> None:
        """Mark deleted what a complete listing lacks and the source proves gone."""
        braked: list[tuple[str, int, int]] = []
        for scope, keys in sorted(self.listed.items()):
            vanished = self._vanished(scope, keys)
            if not vanished:
                continue
            of = self._living(scope) if len(vanished) > BRAKE_COUNT else 0
            if not keys:
                self.report.notes.append(
                    f"The listing of {_plain_scope(scope)} was empty: nothing is taken as deleted."
                )
            elif of and len(vanished) > of * BRAKE_SHARE and not accept_deletions:
                braked.append((scope, len(vanished), of))
            else:
                self._ask_for_each(vanished)
        if braked:
            what = "; ".join(f"{n} of {of} {_plain_scope(scope)}" for scope, n, of in braked)
            raise NeedsOwner(
                f"Much more than usual has vanished from {self.origin.name}: {what}.",
                code="deletion-brake",
                unchanged="Nothing was marked as deleted, and everything stays in your archive.",
                mend=f"If you deleted them yourself, run: keepfolio harvest {self.origin.name} --accept-deletions",
            )
        self.listed.clear()

    def _vanished(self, scope: str, listed: set[Key]) -> list[Stored]:
        """Return the entries of a scope of which the listing names no key."""
        # looking up each of thousands takes long: what the listing names by the same key is there
        unnamed = map(self.archive.by_key, self.known.keys(scope) - listed)
        absent = {s.id: s for s in unnamed if s and not s.deleted and listed.isdisjoint(s.entry.keys)}
        return [absent[i] for i in sorted(absent)]

    def _living(self, scope: str) -> int:
        """Return how many entries a scope has."""
        return len({s.id for s in map(self.archive.by_key, self.known.keys(scope)) if s and not s.deleted})

    def _ask_for_each(self, vanished: Iterable[Stored]) -> None:
        for stored in vanished:
            verdict = self.source.exists(_number_key(stored.entry.keys))
            if verdict != "unknown":
                self._clear_failures(stored.entry)
            if verdict == "gone":
                self.writer.tombstone(stored.id, "the source says that it is gone")
                self.report.deleted += 1
                self._change("deleted", stored.entry)
            elif verdict == "unknown":
                self.failed.append(
                    Failed(
                        what=f"{stored.entry.kind} “{stored.entry.title or stored.entry.native_id}”",
                        why="It is not listed any more, and the site does not say whether it was deleted.",
                        mend=f"Run: keepfolio check {self.origin.name}",
                        key=_number_key(stored.entry.keys),
                    )
                )

    def _store(self) -> None:
        """Put what waited for this checkpoint into the archive, files first."""
        found, self.waiting = self.waiting, []
        held = self._fetch(found)
        for one in found:
            digests = held.get(one.entry.keys[0], {})
            entry = with_digests(one.entry, digests)
            brought = bool(digests) and self._lacked(entry, set(digests.values()))
            change = self.writer.put(entry, one.raw, one.raw_type)
            _count(self.report, change, brought=brought)
            if change not in {Change.UNCHANGED, Change.FORGOTTEN} and (brought or change is not Change.COMPLETED):
                self._change(change.value, entry)
            self.progress.entry(entry, change)
        self._record_failures()

    def _lacked(self, entry: Entry, digests: set[str]) -> bool:
        """Tell whether an entry did not have these bytes: another source may have brought them before."""
        before = self.writer.held(entry)
        return before is None or not digests <= {file.sha256 for file in before.entry.files}

    def _fetch(self, found: list[Found]) -> dict[Key, dict[str, str]]:
        """Return, by entry and by address, the digests of files that are wanted and arrived."""
        jobs = [(one.entry, file, self._job(file)) for one in found for file in self._wanted(one.entry)]
        held: dict[Key, dict[str, str]] = {}
        failed_entries: set[Key] = set()
        for entry, file, job in jobs:
            try:
                held.setdefault(entry.keys[0], {})[file.url] = job.result()
                self.progress.file(file)
            except KeepfolioError as error:
                if isinstance(error, SourceRefused) or not self.writer.is_open:
                    raise
                failed_entries.add(entry.keys[0])
                self.failed.append(
                    Failed(
                        what=f"file {file.name} of “{entry.title}”",
                        why=error.message,
                        mend=error.mend,
                        key=_number_key(entry.keys),
                        transient=not isinstance(error, FileGone),
                    )
                )
        for one in found:
            if one.entry.keys[0] not in failed_entries:
                self._clear_failures(one.entry)
        return held

    def _wanted(self, entry: Entry) -> list[MediaFile]:
        """Return the files whose bytes are not held, or may have changed."""
        if not entry.files:
            return []
        stored = next((s for s in map(self.archive.by_key, entry.keys) if s), None)
        held = {f.url: f for f in stored.entry.files if f.sha256} if stored else {}
        change = self.writer.compare(entry)
        if change is Change.FORGOTTEN:
            return []
        unchanged = change is Change.UNCHANGED
        return [
            file
            for file in entry.files
            if not file.sha256
            and not (file.url in held and (file.stamp == held[file.url].stamp if file.stamp else unchanged))
        ]

    def _job(self, file: MediaFile) -> Future[str]:
        """Fetch a file once, however many entries show it, where its source can tell that it is the same."""
        if not file.stamp:
            return self.pool.submit(self._fetch_one, file)
        if (file.url, file.stamp) not in self.jobs:
            self.jobs[file.url, file.stamp] = self.pool.submit(self._fetch_one, file)
        return self.jobs[file.url, file.stamp]

    def _fetch_one(self, file: MediaFile) -> str:
        with self.source.open(file) as stream:
            return self.writer.add_file(stream, name=file.name, media_type=file.media_type)

    def _clear_failures(self, entry: Entry) -> None:
        for failure in self.archive.failures(self.origin.name):
            if failure.key and failure.key in entry.keys:
                self.writer.clear(failure)

    def _record_failures(self) -> None:
        standing = {(f.what, f.why) for f in self.archive.failures(self.origin.name)}
        for one in self.failed:
            if one.transient or (one.what, one.why) not in standing:
                self.report.new_failures += 1
            self.report.failed.append(one)
            self.writer.fail(
                Failure(
                    source=self.origin.name,
                    what=one.what,
                    why=one.why,
                    mend=one.mend,
                    key=one.key,
                    transient=one.transient,
                )
            )
        self.failed = []

    def _seal(self) -> None:
        # while nobody asked yet what became of things that a list lacks, the next harvest begins where this one did:
        # an export that was read to its end would never be listed again
        name = self.writer.seal(self.begun_at if self.listed and self.cursor is not None else self.cursor)
        if name:
            self.report.segments.append(name)
            self.progress.sealed()

    def _change(self, what: str, entry: Entry) -> None:
        if sum(one == what for one, _, _ in self.report.changes) < NAMED:
            self.report.changes.append((what, entry.kind, entry.title or entry.native_id))


def _count(report: Report, change: Change, *, brought: bool = False) -> None:
    if change is Change.CREATED:
        report.created += 1
    elif change in (Change.UPDATED, Change.RESTORED):
        report.updated += 1
    elif change is Change.COMPLETED and brought:
        report.completed += 1
    elif change is Change.COMPLETED:
        report.seen_too += 1
    elif change is Change.FORGOTTEN:
        report.forgotten += 1
    else:
        report.unchanged += 1


def _count_held(archive: Archive, report: Report) -> None:
    sources = archive.sources()
    report.held = dict(sources[report.name].held) if report.name in sources else {}
    report.removed = archive.removed()
    report.kept = kept_though_deleted(archive, report.name, report.lacking)


def _number_key(keys: tuple[Key, ...]) -> Key:
    """Return the key with which a source can ask for a thing: one of its own system, not a guid."""
    return next((key for key in keys if not key.startswith("guid:")), keys[0])


def _plain_scope(scope: str) -> str:
    """Return the kind of a scope such as ``wordpress:b.org/post`` as a person says it."""
    return scope.replace(":", "/").rpartition("/")[2]
