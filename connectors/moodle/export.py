"""
What a person saved from Moodle, as a source: type ``moodle-export``.

It works behind any login and after the account is gone. A data request shows what a token never does (hidden courses,
ended enrolments, what teachers wrote about the owner); a token is better in everything else, and its sights win.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any, BinaryIO, Literal
from zoneinfo import ZoneInfo

from archive.entry import Json, Key, MediaFile
from archive.errors import UsageError
from connectors.contract import (
    Checkpoint,
    Context,
    FileGone,
    Finding,
    Known,
    Note,
    Promised,
    SourceUnavailable,
    Yield,
)
from connectors.moodle import export_told as told
from connectors.moodle.export_find import Lying, look
from connectors.moodle.export_reading import Reading, Wanted, digest, read
from connectors.moodle.probe import root_of

_AT_ONCE = 200
_SHOWN = 5


def source(name: str, options: Mapping[str, Any], context: Context) -> ExportSource:  # noqa: ARG001 - the factories' one form
    """
    Return the source of what was saved from Moodle.

    Args:
        name: Its name in the configuration.

        options: ``path``: a zip of a data request, ``badges.zip`` or a badge's picture, a Leap2A zip, a saved feed of
            the blog, an unpacked data request, or a folder of any of these; ``url``: the site's address, where they do
            not say it; ``user``: the owner's user name, number, name or e-mail address there, where exports of several
            people lie there; ``timezone``: of the times in a data request, where the owner chose none in Moodle;
            ``full``: read unchanged exports again.

        context: Stop.
    """
    zone = options.get("timezone")
    wanted = Wanted(
        root_of(str(options.get("url") or "")),
        str(options.get("user") or ""),
        ZoneInfo(zone) if isinstance(zone, str) and zone else zone if isinstance(zone, tzinfo) else None,
    )
    return ExportSource(Path(options["path"]).expanduser(), wanted, context, full=bool(options.get("full")))


class ExportSource:
    """One person's exports. See ``connectors.contract.Source``."""

    def __init__(self, path: Path, wanted: Wanted, context: Context, *, full: bool = False) -> None:
        self._path = path
        self._wanted = wanted
        self._context = context
        self._full = full
        self._lock = threading.Lock()
        self._lying: Lying | None = None
        self._read: Reading | None = None

    def check(self) -> Iterable[Finding]:
        """Tell what lies there, whose, of when, what it lacks, and what only a person can do."""
        root = self._wanted.root
        try:
            reading = self._reading()
            root = reading.root
            yield from _found(reading)
            yield from self._beside(reading)
        except (UsageError, SourceUnavailable) as error:
            yield Finding(error.code, "error", error.message, error.mend)
        yield from told.checklist(root)

    def harvest(self, known: Known) -> Iterator[Yield]:
        """
        Yield what the exports hold; of unchanged ones only what they promise. Never ``Listed``.

        What a data request lacks may well be there: sites keep data for set times only, and leave parts out by contexts
        that somebody approved one by one.

        Raises:
            UsageError: There is nothing there, or it is of several people or sites and none was chosen.

            SourceUnavailable: The only export cannot be read.
        """
        mark = digest(self._looked().packs(), self._wanted)
        same = not self._full and known.cursor.get("digest") == mark
        if same and not known.retry:
            yield from _promised(known.cursor)
            return
        reading = self._reading()
        kinds = [one.entry.kind for one in reading.things.values()]
        cursor: Json = {"digest": mark, "promised": {kind: kinds.count(kind) for kind in sorted(set(kinds))}}
        yield from _promised(cursor)
        yield from reading.failed
        if not same:
            yield from map(Note, _notes(reading))
        chosen = [one for one in reading.things.values() if not same or not known.retry.isdisjoint(one.entry.keys)]
        for number, one in enumerate(chosen, 1):
            yield one
            if number % _AT_ONCE == 0:
                yield Checkpoint(known.cursor)
                if self._context.stop():
                    return
        yield Checkpoint(cursor)

    def open(self, file: MediaFile) -> BinaryIO:
        """
        Stream a file from the newest export that has it.

        Raises:
            FileGone: No export has its bytes.
        """
        where = self._reading().files.get(file.url)
        if where is None:
            raise FileGone(
                f"{file.name or file.url} is in none of the exports.",
                code="file-lost",
                mend=f"See whether it opens at {file.url} when you are logged in, and save it.",
            )
        pack, member = where
        return pack.open(member)

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:  # noqa: ARG002 - no key makes a difference
        """Return ``unknown``: what is in no export may well be at the site."""
        return "unknown"

    def close(self) -> None:
        """Let go of the exports."""
        with self._lock:
            for pack in self._lying.packs() if self._lying else ():
                pack.close()
            self._lying = self._read = None

    def _looked(self) -> Lying:
        with self._lock:
            if self._lying is None:
                try:
                    self._lying = look(self._path)
                except UsageError as error:
                    error.mend = f"{told.ask(self._wanted.root)}; then put the zip at {self._path}."
                    raise
            return self._lying

    def _reading(self) -> Reading:
        lying = self._looked()
        with self._lock:
            if self._read is None:
                self._read = read(lying, self._wanted)
            return self._read

    def _beside(self, reading: Reading) -> Iterator[Finding]:
        lying = self._looked()
        for one in reading.failed:
            yield Finding("export-damaged", "warning", f"{one.what}: {one.why}", one.mend)
        for code, names, words in (
            ("other-accounts", reading.aside, "Of another site or person, and left alone"),
            ("other-files", lying.others, "Not saved from Moodle, and left alone"),
        ):
            if names:
                more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
                yield Finding(code, "note", f"{words}: {', '.join(names[:_SHOWN])}{more}.")


def _found(reading: Reading) -> Iterator[Finding]:
    for request in reading.requests:
        day = request.made.date().isoformat()
        whose = f"{request.tree.name} at {request.root}"
        yield Finding("data-request", "ok", f"{request.tree.pack.name}: the data request of {whose}, made on {day}.")
    yield Finding("found", "ok", f"Found: {told.counts(one.entry.kind for one in reading.things.values())}.")
    for words in _notes(reading):
        yield Finding("export-reach", "note", words)


def _notes(reading: Reading) -> Iterator[str]:
    if reading.requests:
        yield told.NEVER
    yield from told.left_out(reading.left_out)
    if reading.unread:
        yield (
            f"Times of {reading.unread} things are not certain (another language, or an hour when clocks change): the "
            "words are kept as they stand. A harvest by token has the times to the second."
        )


def _promised(cursor: Json) -> Iterator[Promised]:
    promised = cursor.get("promised")
    for kind, count in promised.items() if isinstance(promised, dict) else ():
        if isinstance(count, int):
            yield Promised(kind, count)
