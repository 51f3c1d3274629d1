"""
One harvest of what Mahara exports hold, however they came here: dropped by the owner, or made by the site for us.

All exports of one account are read as one: each thing where it is newest, once. See ``leap2a_merge`` for the rules.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, Literal

from archive.entry import Json, Key, MediaFile
from archive.errors import KeepfolioError
from connectors.contract import (
    Checkpoint,
    Failed,
    FileGone,
    Finding,
    Found,
    Known,
    Listed,
    Note,
    Promised,
    SourceUnavailable,
    Yield,
)
from connectors.mahara import reading_told as told
from connectors.mahara.leap2a_account import Account, account, dated
from connectors.mahara.leap2a_entries import things
from connectors.mahara.leap2a_merge import Memory, Merged, merge
from connectors.mahara.leap2a_package import Package
from connectors.mahara.leap2a_sights import (
    Export,
    Held,
    Part,
    broken,
    counting,
    expected,
    has_private_feedback,
    scope_of,
)
from connectors.mahara.leap2a_survey import Lost, survey
from connectors.packs import Member

_AT_ONCE = 50
"""Entries between two checkpoints: their files are fetched there."""
_BYTES_AT_ONCE = 8 * 2**20
_OURS = "exports"
"""The part of the cursor that is of this module."""


class Reading:
    """
    One harvest of some exports.

    Args:
        packages: The exports; closed with this.

        user: Whose, by number, name or user name, where they are of several people.

        site: Of which site, by its address, where they are of several.

        full: Read unchanged exports again.

        stop: True once the owner asked to stop.

        now: The time, aware: an export of a day to come proves nothing.

        all_feedback: The exports were made with public and private feedback: what they lack of it is deleted.

        elsewhere: Gives the bytes of a file that no export has, or raises ``FileGone``.

        damaged: Exports that cannot be read, by name: told in every harvest while they lie there.
    """

    def __init__(
        self,
        packages: tuple[Package, ...],
        *,
        user: str = "",
        site: str = "",
        full: bool = False,
        stop: Callable[[], bool],
        now: Callable[[], datetime],
        all_feedback: bool = False,
        elsewhere: Callable[[MediaFile], BinaryIO] | None = None,
        damaged: Iterable[tuple[str, KeepfolioError]] = (),
    ) -> None:
        self._packages = packages
        self._wanted = user, site
        self._full = full
        self._stop = stop
        self._now = now
        self._all_feedback = all_feedback
        self._elsewhere = elsewhere
        self._in_vain: set[str] = set()
        self._damaged = list(damaged)
        self._lock = threading.Lock()
        self._account: Account | None = None
        self._exports: list[Export] | None = None
        self._files: dict[str, tuple[Package, Member]] = {}
        self._listed: set[Key] = set()
        self._gone: set[Key] = set()

    def check(self) -> Iterator[Finding]:
        """
        Tell whose exports these are, what they hold, and what is missing in them.

        Raises:
            UsageError: They are of several people or sites, and none was chosen.

            SourceUnavailable: None of them can be read.
        """
        for export in self._read():
            yield from told.found(export.package.name, export.survey, self._missing(export))
        yield Finding("not-in-any-export", "note", told.NOT_IN_ANY)
        for name, error in self._damaged:
            yield Finding("export-damaged", "warning", told.damage(name, error), error.mend)

    def wwwroot(self) -> str:
        """Return the address of the site whose exports these are. Raises as ``check`` does."""
        return self._whose().wwwroot

    def harvest(self, known: Known, cursor: Json) -> Iterator[Yield]:
        """
        Yield what the exports hold; of unchanged ones only what they promise.

        Args:
            known: What the archive holds.

            cursor: What the caller wants to be remembered beside what this remembers, under other names than
                ``exports``.

        Raises:
            UsageError: They are of several people or sites, and none was chosen; or of another account than before.

            SourceUnavailable: None can be read, or the newest ends in the middle. What was yielded before is good.
        """
        mine = self._whose()
        yield from (told.failed(name, error) for name, error in self._damaged)
        before = known.cursor.get(_OURS)
        before = before if isinstance(before, dict) else {}
        if before.get("account", mine.scope) != mine.scope:
            raise told.other_account(mine.person, mine.user, mine.wwwroot)
        digest = _digest(mine)
        same = not self._full and before.get("digest") == digest
        if same and not known.retry:
            yield from _promises(before)
            if known.cursor != (after := {**cursor, _OURS: before}):
                yield Checkpoint(after)
            return
        yield from self._changed(known, cursor, before, digest, only=known.retry if same else None)

    def open(self, file: MediaFile) -> BinaryIO:
        """
        Stream a file from the newest export that has it, else from where the others come from.

        Raises:
            FileGone: Nothing has its bytes.
        """
        self._read()
        found = self._files.get(file.url)
        if found is None and self._elsewhere is not None:
            try:
                return self._elsewhere(file)
            except FileGone:
                self._in_vain.add(file.url)
                raise
        if found is None:
            raise FileGone(
                f"{file.name or file.url} is named in the export, and is not in it: Mahara could not put it there.",
                code="file-lost",
                mend=f"See whether it opens at {file.url} when you are logged in. If so, export again (main menu > "
                "Manage > Export > All my data); if not, the site has lost it: ask its administrator.",
            )
        package, member = found
        return package.open(member)

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:
        """Say ``gone`` of what the newest whole export does not have any more."""
        if key in self._listed:
            return "unlisted"
        return "gone" if key in self._gone else "unknown"

    def close(self) -> None:
        """Let go of the exports."""
        for package in self._packages:
            package.close()

    # --- reading ------------------------------------------------------------------------------------------------------

    def _changed(
        self, known: Known, cursor: Json, before: Json, digest: str, *, only: frozenset[Key] | None
    ) -> Iterator[Yield]:
        damaged = len(self._damaged)
        exports = self._read()
        yield from (told.failed(name, error) for name, error in self._damaged[damaged:])
        whole, feedback = (
            merge([Part(e, feedback=said) for e in exports], Held(known, scope_of(exports, feedback=said)),
                  Memory.read(before.get(name)))
            for name, said in (("things", False), ("feedback", True))
        )  # fmt: skip
        promised = expected(exports, whole, feedback, before)
        ours: Json = {
            "account": exports[0].survey.scope,
            "digest": digest,
            "promised": promised,
            "things": whole.memory.written(),
            "feedback": feedback.memory.written(),
        }
        yield from _promises(ours)
        if only is None:
            yield from map(Note, self._notes(exports, first=not before, older=whole.expected is None))
        chosen = {**whole.chosen, **feedback.chosen}
        if only is not None:
            chosen = {key: at for key, at in chosen.items() if key in only}
        meanwhile = _meanwhile(known.cursor, before, whole, feedback)
        if meanwhile != known.cursor:
            yield Checkpoint(meanwhile)
        yield from self._in_batches(self._things(exports, chosen), meanwhile)
        if self._stop():
            return  # the cursor stays: the next run reads again, and takes what is not stored yet
        if cut := broken(exports):
            yield Checkpoint(meanwhile)
            raise cut
        for merged, said in ((whole, False), (feedback, True)):
            self._gone |= merged.memory.gone
            if merged.listed is not None:
                self._listed |= merged.listed
                yield Listed(scope_of(exports, feedback=said), merged.listed)
        if len(self._damaged) > damaged:
            del ours["digest"]  # it is not known what is in it: it is read again until it is whole or away
        yield Checkpoint({**cursor, _OURS: ours})
        if only is None and self._elsewhere is not None:  # only now is it known what stayed missing
            yield from map(Note, self._lost(exports[-1]))

    def _notes(self, exports: list[Export], *, first: bool, older: bool) -> Iterator[str]:
        seen = [(export.package.name, export.survey) for export in exports]
        yield from told.notes(seen, first=first, older=older, all_feedback=self._all_feedback)
        if self._elsewhere is None:
            yield from self._lost(exports[-1])

    def _lost(self, export: Export) -> Iterator[str]:
        """Yield what is to be said of what an export names, and what came from nowhere."""
        missing = self._missing(export)
        if self._elsewhere is not None:
            missing = [one for one in missing if not one.asked or one.url in self._in_vain]
        if missing:
            yield told.lost(export.package.name, missing)

    def _missing(self, export: Export) -> list[Lost]:
        """Return what an export names, and no export holds."""
        return [one for one in export.survey.lost if one.url not in self._files]

    def _things(self, exports: list[Export], chosen: Mapping[Key, int]) -> Iterator[Found | Failed]:
        """Yield the chosen things, and what cannot be read in an export that no newer whole one makes good."""
        newest = counting(exports)
        for at in sorted({*chosen.values(), *range(newest, len(exports))}):
            export = exports[at]
            for thing in things(export.package, export.survey):
                if isinstance(thing, Found):
                    if chosen.get(thing.entry.keys[0]) == at:
                        yield thing
                elif at >= newest:
                    yield thing

    def _in_batches(self, found: Iterable[Found | Failed], meanwhile: Json) -> Iterator[Yield]:
        """Yield the things, with a checkpoint now and then that says: not all of the export yet."""
        count = size = 0
        for thing in found:
            yield thing
            count += 1
            size += len(thing.raw) if isinstance(thing, Found) else 0
            if count >= _AT_ONCE or size >= _BYTES_AT_ONCE:
                yield Checkpoint(meanwhile)
                count = size = 0
                if self._stop():
                    return

    def _whose(self) -> Account:
        with self._lock:
            if self._account is None:
                user, site = self._wanted
                self._account = account(self._packages, user=user, site=site, now=self._now(), damaged=self._damaged)
            return self._account

    def _read(self) -> list[Export]:
        """Return the exports of the account, oldest first, each read once."""
        mine = self._whose()
        with self._lock:
            if self._exports is None:
                self._exports = list(self._surveyed(mine))
                for export in self._exports:  # of the same file the newest counts
                    self._files |= {url: (export.package, member) for url, member in export.survey.files.items()}
            return self._exports

    def _surveyed(self, mine: Account) -> Iterator[Export]:
        readable = 0
        for package in mine.packages:
            try:
                found = survey(package, wwwroot=mine.unsaid)
                found.head = dated(found.head, self._now())
                feedback = self._all_feedback or has_private_feedback(package)
            except SourceUnavailable as error:
                self._damaged.append((package.name, error))
                continue
            readable += 1
            yield Export(package, found, feedback)
        if not readable:
            raise self._damaged[-1][1]


def _meanwhile(cursor: Json, before: Json, whole: Merged, feedback: Merged) -> Json:
    """Return what is remembered while the exports are read: that they are not, and what of them is known to be gone."""
    if not whole.meanwhile.taking and not feedback.meanwhile.taking:
        return cursor
    ours = {**before, "things": whole.meanwhile.written(), "feedback": feedback.meanwhile.written()}
    return {**cursor, _OURS: ours}


def _promises(ours: Json) -> Iterator[Promised]:
    promised = ours.get("promised")
    if isinstance(promised, dict):
        for kind, count in promised.items():
            if isinstance(count, int):
                yield Promised(kind, count)


def _digest(mine: Account) -> str:
    """Return one digest over the exports, whatever they are called."""
    return hashlib.sha256("\n".join([mine.scope, *sorted(p.digest() for p in mine.packages)]).encode()).hexdigest()
