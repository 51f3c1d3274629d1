"""
The archive: what is kept, and the one class that others use.

A log of sealed bags under ``segments/`` (see ``archive.segment``); the newest line about an entry is its state. What
lies in the state folder is disposable: the index, what is remembered of sources, the lock.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Self

from archive import chain, lock, record, segment, wellformed
from archive.entry import Digest, Json, Key, Visibility, format_time, parse_time
from archive.errors import ArchiveDamaged, KeepfolioError, Locked, NeedsOwner
from archive.filesystem import FileSystem, explained
from archive.identity import Change
from archive.index import Index
from archive.known import Known, Names
from archive.layout import FRAME, about_of, is_unfinished, lay_out, tidy
from archive.memory import Memory
from archive.record import Line
from archive.recovery import recover, settle_replaced
from archive.segment import Segment
from archive.values import Failure, Origin, SourceState, Stored, Summary, Version
from archive.whole import Whole
from archive.writer import Writer

__all__ = [
    "Archive",
    "Change",
    "Failure",
    "Known",
    "Origin",
    "SourceState",
    "Stored",
    "Summary",
    "Version",
    "Writer",
]


_BUFFER = 1 << 18


class Archive:
    """
    One owner's archive. Reading needs no lock; one run at a time writes.

    ``state`` of this archive lies in the given state folder under its id.
    """

    def __init__(self, root: Path, state: Path, disk: FileSystem | None = None) -> None:
        self.root = root
        self.disk = disk or FileSystem()
        self.about = about_of(root)
        self.id = str(self.about["id"])
        self.state = state / self.id.rpartition(":")[2]
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.memory = Memory(self.state / "memory.sqlite")
        self.index = self._opened_index()

    # --- beginning and ending ---------------------------------------------------------------------------------------

    @classmethod
    def create(cls, root: Path, state: Path, *, disk: FileSystem | None = None) -> Archive:
        """
        Begin an archive in a folder that does not exist, is empty, or holds a beginning that was cut off; and open it.

        Raises:
            KeepfolioError: Something is there (``exists``), or it cannot be written (``read-only``, ``disk-full``).
        """
        disk = disk or FileSystem()
        if root.exists() and not is_unfinished(root):
            raise KeepfolioError(
                f"There is something in {root} already.",
                code="exists",
                unchanged="Nothing was changed.",
                mend="Choose an empty folder, or open the archive that is there.",
            )
        with explained(root):
            lay_out(disk, root)
        return cls.open(root, state, disk=disk)

    @classmethod
    def open(cls, root: Path, state: Path, *, disk: FileSystem | None = None) -> Archive:
        """
        Open an archive, and bring to an end what a crash or a full disk interrupted.

        While another run writes, what it has sealed so far is shown.

        Raises:
            KeepfolioError: There is none (``no-archive``), or it is of a newer format (``newer-format``).

            ArchiveDamaged: A part that the index needs cannot be read.
        """
        archive = cls(root, state, disk)
        try:
            with lock.writing(archive.state):
                archive._recover()
        except Locked:
            if not archive.index.belongs_to(archive.id):
                archive.close()
                raise
        except BaseException:
            archive.close()
            raise
        return archive

    def close(self) -> None:
        """Let go of the index; reading afterwards is an error."""
        self.index.close()
        self.memory.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    # --- looking ----------------------------------------------------------------------------------------------------

    @property
    def head(self) -> str:
        """The digest that stands for everything sealed so far; ``""`` while that is nothing."""
        tips = self.tips()
        return tips[-1] if tips else ""

    def tips(self) -> list[Digest]:
        """Return the parts that no other follows: one, or several after two machines wrote at once."""
        return [s.id for s in self._tips()]

    def summary(self) -> Summary:
        sealed = self.index.segments()
        entries, files = self.index.counts()
        return Summary(self.head, len(sealed), entries, files, sum(s.bytes for s in sealed))

    def entries(
        self,
        source: str = "",
        kind: str = "",
        tag: str = "",
        visibility: Visibility | None = None,
        *,
        deleted: bool = False,
        content: bool = False,
    ) -> Iterator[Stored]:
        """
        Yield the newest version of each entry that matches, oldest published first, undated last.

        ``content_html`` is ``""`` unless ``content``: a list of 50,000 entries needs no content; ``entry`` gives it.
        ``source``: seen by it. ``deleted``: those that their source deleted, instead of the live ones. The owner's own
        files and receipts (kinds ``workspace`` and ``receipt``) come only if ``kind`` or ``source`` asks for them.
        """
        names = Names(self.index)
        for line in self.index.lines(source=source, kind=kind, visibility=visibility, deleted=deleted):
            stored = names.current(line.stored())
            if tag and tag not in stored.entry.tags:
                continue
            yield self._with_content(stored, line) if content else stored

    def entry(self, id: str) -> Stored | None:  # noqa: A002 - an entry's id is called id everywhere
        """Return the newest version of an entry, deleted or not, whole; an id that was joined to another finds that."""
        line = self.index.line(id)
        return self._with_content(Names(self.index).current(line.stored()), line) if line else None

    def by_key(self, key: Key) -> Stored | None:
        """Return the entry that has this key."""
        found = self.index.id_of(key)
        return self.entry(found) if found else None

    def version(self, id: str, n: int) -> Stored:  # noqa: A002
        """
        Return one version of an entry, as it was when the next one came.

        Raises:
            KeyError: There is no such entry or version.
        """
        line = self._version_line(id, n)
        return self._with_content(line.stored(), line)

    def versions(self, id: str) -> tuple[Version, ...]:  # noqa: A002
        """Return the history of an entry, oldest first: one item for each event, so a version may stand there twice."""
        return tuple(line.version() for line in self._history(id))

    def raw(self, id: str, n: int | None = None) -> bytes:  # noqa: A002
        """
        Return the bytes of a version (the newest, or number ``n``) as the source sent them.

        Raises:
            KeyError: There is no such entry or version.

            ArchiveDamaged: The bytes are not what was sealed.
        """
        line = self._version_line(id, n) if n is not None else self.index.line(id)
        if line is None or line.raw is None:
            raise KeyError(id)
        place: Any = line.raw
        path = self._path(place)
        with _damage_named(path), wellformed.opened(path) as file:
            if place.get("offset", 0) + place["size"] > os.fstat(file.fileno()).st_size:
                raise _damaged(path)
            file.seek(place.get("offset", 0))
            data = file.read(place["size"])
        if hashlib.sha256(data).hexdigest() != place["sha256"]:
            raise _damaged(path)
        return data

    def read(self, digest: Digest) -> BinaryIO:
        """
        Open the bytes of a file. Read to the end, they are what was sealed, or the last read raises ArchiveDamaged.

        Raises:
            KeyError: No such file is held.

            ArchiveDamaged: It is missing.
        """
        path = self.path_of(digest)
        if path is None:
            raise KeyError(digest)
        with _damage_named(path):
            return io.BufferedReader(Whole(wellformed.descriptor_of(path), digest, lambda: _damaged(path)), _BUFFER)

    def path_of(self, digest: Digest) -> Path | None:
        """Return where the bytes of a file lie, or None if they are not held. Never write there."""
        place: Any = self.index.blob(digest)
        return self._path(place) if place else None

    def known(self, source: str) -> Known:
        """Return what is held of a source, as its connector asks for it."""
        return Known(self.index, self.memory, source)

    def failures(self, source: str = "") -> tuple[Failure, ...]:
        """Return what did not arrive and still has not, oldest first."""
        return tuple(self.index.failures(source))

    def kinds(self) -> dict[str, int]:
        """Return how many entries of each kind are held live; ``entries`` gives as many."""
        return self.index.kinds()

    def removed(self) -> dict[str, int]:
        """Return how many entries of each kind the owner had removed for good."""
        return self.index.removed()

    def sources(self) -> dict[str, SourceState]:
        """Return the state of every source that ever wrote here or was remembered."""
        names = sorted({*self.index.source_names(), *self.memory.source_names()})
        return {name: self._source(name) for name in names}

    # --- writing ----------------------------------------------------------------------------------------------------

    def append(self, origin: Origin, *, joining: bool = False) -> Writer:
        """
        Return a writer, to be used as a context manager: it takes the one lock.

        ``joining``: what it seals follows every branch of a fork, by the owner's choice (``Writer.join``).

        Raises (on entering):
            Locked: Another run writes.

            ArchiveDamaged: The newest part is missing (``newest-missing``), or one in between (``part-missing``);
            nothing is written on top of a loss.

            NeedsOwner: Two machines have written at once (``fork``).
        """
        return Writer(self, origin, joining=joining)

    def remember(
        self,
        source: str,
        cursor: Json | None = None,
        stamps: Mapping[Key, str] | None = None,
        promised: Mapping[str, int] | None = None,
        parked: str | None = None,
        unfinished: str | None = None,
    ) -> None:
        """
        Note beside the archive what a run learned of a source; losing it costs requests, never data.

        A cursor or promised counts also note that the source was harvested now. ``parked``: why it is not asked until
        ``login``; ``""`` lets it go. ``unfinished``: why a harvest did not get to its end; ``""`` when it did.
        """
        about: Json = {}
        if cursor is not None:
            about["cursor"] = cursor
        if promised:
            about["promised"] = dict(promised)
        if about:
            about["harvested"] = format_time(datetime.now(UTC))
        if parked is not None:
            about["parked"] = parked
        if unfinished is not None:
            about["unfinished"] = unfinished
        if about:
            self.memory.update(source, about)
        if stamps:
            self.memory.keep_stamps(source, stamps)

    # --- for the writer and for verify ------------------------------------------------------------------------------

    @cached_property
    def frame_digests(self) -> dict[str, Digest]:
        """The digests of the files around the bags, by the label under which every bag names them."""
        return {
            label: segment.digest_of(os.fspath(self.root / name))
            for label, name in FRAME.items()
            if (self.root / name).is_file()
        }

    def next_number(self) -> int:
        """Return the number of the next bag."""
        sealed = self.index.segments()
        return max((s.number for s in sealed), default=0) + 1

    def prepare_for_writing(self, *, joining: bool) -> None:
        """Under the lock: recover, and refuse to write on top of a loss; on top of a fork only to join it."""
        self._recover()
        with explained(self.root):
            if not (self.root / "staging").is_dir():
                self.disk.mkdir(self.root / "staging")
                self.disk.sync_folder(self.root)
        self.insist_nothing_missing()
        branches = self._tips()
        if len(branches) > 1 and not joining:
            raise NeedsOwner(
                f"Two computers have written to this archive at once; there are {len(branches)} newest parts: "
                f"{', '.join(s.name for s in branches)}.",
                code="fork",
                unchanged="Nothing was written. Both are there, and can be read.",
                mend="To go on with everything that both have written: keepfolio repair --join",
            )

    def insist_nothing_missing(self) -> None:
        """
        Refuse to go on from less than there was: what is damaged is mended first, whatever else is to be decided.

        Raises:
            ArchiveDamaged: A part is missing that another one follows (``part-missing``) or that this computer saw as
            the newest (``newest-missing``).
        """
        sealed = self.index.segments()
        given_up = self._given_up()
        for lost, follower in chain.missing(sealed).items():
            if lost in given_up:
                continue
            number = follower.number - 1
            what = f"number {number}, which" if all(s.number != number for s in sealed) else "one that"
            raise ArchiveDamaged(
                f"A part of your archive is missing: {what} {follower.name} follows.",
                code="part-missing",
                unchanged="Nothing was written. What is there can be read.",
                mend="Bring it back with `keepfolio repair --from COPY`, or wait until the folder is synchronised. "
                "If no copy has it: keepfolio repair --without-lost",
            )
        remembered, _ = self.remembered_head()
        if remembered and remembered not in chain.held(sealed):
            raise ArchiveDamaged(
                "The newest part of your archive is missing.",
                code="newest-missing",
                unchanged="Nothing was written.",
                mend="Bring it back with `keepfolio repair --from COPY`, or wait until the folder is synchronised. "
                "If no copy has it: keepfolio repair --without-lost",
            )

    def give_up_missing(self) -> list[Digest]:
        """
        Go on from now without the parts that are missing, by the owner's choice; return their ids.

        They stay findings of ``verify`` for ever. Noted on this computer only: another one is asked anew.
        """
        with lock.writing(self.state), explained(self.root):
            sealed, before = self.index.segments(), self._given_up()
            lost = [*chain.missing(sealed), *filter(None, [self.forget_lost_head()])]
            self.disk.write_over(self.state / "given-up.json", json.dumps(sorted({*before, *lost})).encode())
        return [mark for mark in lost if mark not in before]

    def forget_lost_head(self) -> Digest:
        """Forget a newest part that is not there, and what sources showed since; return its id, ``""`` if none was."""
        remembered, _ = self.remembered_head()
        if not remembered or remembered in chain.held(self.index.segments()):
            return ""
        (self.state / "head.json").unlink()
        self.memory.forget_what_was_seen()
        return remembered

    def _given_up(self) -> frozenset[Digest]:
        try:
            return frozenset(map(str, json.loads((self.state / "given-up.json").read_bytes())))
        except (OSError, ValueError, TypeError):
            return frozenset()

    def remembered_head(self) -> tuple[Digest, str]:
        """Return the head that this machine saw last and its bag's name; ``""`` for both if it never did."""
        try:
            value = json.loads((self.state / "head.json").read_bytes())
            return str(value["head"]), str(value["name"])
        except (OSError, ValueError, KeyError, TypeError):
            return "", ""

    def note_head(self) -> None:
        """Remember the head, so that a missing newest part is noticed."""
        tips = self._tips()
        if tips:
            value = {"head": tips[-1].id, "name": tips[-1].name, "time": format_time(datetime.now(UTC))}
            self.disk.write_over(self.state / "head.json", json.dumps(value).encode())

    def reindex(self) -> None:
        """Make the index anew from the sealed records."""
        with self.index.anew(self.id):
            self._apply(segment.names(self.root / "segments"))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _recover(self) -> None:
        with explained(self.root):
            tidy(self.disk, self.root)
            recover(self.disk, self.root)
        with explained(self.root):
            settle_replaced(self.disk, self.root, self._standing())
        sealed = segment.names(self.root / "segments")
        if not self.index.belongs_to(self.id):
            self.reindex()
        applied = [s.name for s in self.index.segments()]
        if applied != sealed[: len(applied)]:  # a part went away: what it held must be offered again
            self.memory.forget_what_was_seen()
            self.reindex()
        elif len(sealed) > len(applied):
            with self.index.transaction():
                self._apply(sealed[len(applied) :])
        self._catch_up_head()

    def _standing(self) -> dict[str, str]:
        """Return, by the name of each part that was replaced, the one that stands in its place."""
        known = self.index.segments() if self.index.belongs_to(self.id) else []
        applied, folder = {s.name for s in known}, self.root / "segments"
        return chain.replaced([*known, *(segment.read(folder / n) for n in segment.names(folder) if n not in applied)])

    def _catch_up_head(self) -> None:
        """A crash may have come between a bag and its note; a head that is not there any more stays remembered."""
        remembered, _ = self.remembered_head()
        if not remembered:  # new, or put back from an older copy: what was seen since must be offered again
            self.memory.forget_what_was_seen()
        sealed = self.index.segments()
        whole = not chain.missing(sealed) and (not remembered or remembered in chain.held(sealed))
        if whole and self.head != remembered:  # never less than what was seen
            self.note_head()

    def _apply(self, names: list[str]) -> None:
        for name in names:
            folder = self.root / "segments" / name
            sealed = segment.read(folder)
            try:
                lines = segment.records(folder)
                self.index.apply(name, ((wellformed.record(line), line.decode()) for line in lines))
            except (OSError, ValueError) as problem:
                raise _damaged(folder / segment.RECORDS) from problem
            try:
                self.index.add_segment(sealed, segment.run(folder))
            except (OSError, ValueError) as problem:
                raise _damaged(folder / segment.RUN) from problem

    def _opened_index(self) -> Index:
        path = self.state / "index.sqlite"
        try:
            return Index(path)
        except sqlite3.DatabaseError:
            for beside in self.state.glob("index.sqlite*"):
                beside.unlink()
            return Index(path)

    def _tips(self) -> list[Segment]:
        return chain.tips(self.index.segments())

    def _path(self, place: Mapping[str, Any]) -> Path:
        """Return the file of a place; what is not sealed yet lies in staging. A record cannot lead outside."""
        name, path = self.index.standing(str(place["segment"])), str(place["path"])
        sealed = self.root / "segments" / name
        folder = sealed if sealed.is_dir() else self.root / "staging" / name
        if not segment.is_name(name) or not segment.is_inside(path) or _leads_elsewhere(folder, path):
            raise _damaged(folder / path)
        return folder / path

    def _with_content(self, stored: Stored, line: Line) -> Stored:
        readable = line.readable
        if readable is None or readable.get("whole") is False:
            return stored
        path = self._path(readable)
        with _damage_named(path):
            text = record.content(wellformed.data_of(path))
        return replace(stored, entry=replace(stored.entry, content_html=text))

    def _history(self, entry_id: str) -> Iterator[Line]:
        """Yield every line about an entry, and about those that turned out to be it, each under its own id."""
        current = self.index.current(entry_id)
        ids = {current, *self.index.joined_ids(current)}
        marks = [i.encode() for i in ids]
        for name in self.index.segments_of(current):
            path = self._path({"segment": name, "path": segment.RECORDS})
            try:
                for text in segment.records(path.parent.parent):
                    if not any(m in text for m in marks):
                        continue
                    value = wellformed.record(text)
                    if "entry" in value and value.get("id") in ids:  # a decision to remove it has its id, too
                        yield Line(value, name)
            except (OSError, ValueError) as problem:
                raise _damaged(path) from problem

    def _version_line(self, entry_id: str, number: int) -> Line:
        """Return the last line of a version: of the id asked for, else of today's, else of one that became part."""
        current = self.index.current(entry_id)
        found = [line for line in self._history(entry_id) if line.value["version"] == number]
        if not found:
            raise KeyError(f"{entry_id} version {number}")
        line = max(
            enumerate(found), key=lambda at: (at[1].value["id"] == entry_id, at[1].value["id"] == current, at[0])
        )[1]
        return Line({**line.value, "id": current}, line.segment)

    def _source(self, name: str) -> SourceState:
        sealed, remembered = self.index.run_of(name), self.memory.about(name)
        moments = [parse_time(m) for m in (sealed.get("ended"), remembered.get("harvested")) if m]
        return SourceState(
            name=name,
            last_harvest=max(moments, default=None),
            cursor=self.known(name).cursor,
            promised=remembered.get("promised") or sealed.get("promised") or {},
            held=self.index.held_by(name),
            parked=remembered.get("parked", ""),
            unfinished=remembered.get("unfinished", ""),
        )


def _leads_elsewhere(folder: Path, path: str) -> bool:
    """Say whether a link stands on the way from a bag to one of its files: nothing here ever makes one."""
    way = [folder, *(folder / part for part in itertools.accumulate(path.split("/"), "{}/{}".format))]
    return any(map(os.path.islink, way))


@contextlib.contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as problem:
        raise _damaged(path) from problem


def _damaged(path: Path) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"A file of your archive is missing or damaged: {os.fspath(path)}.",
        unchanged="Nothing was changed.",
        mend="Run `keepfolio verify` to see what else is, then: keepfolio repair --from COPY",
    )
