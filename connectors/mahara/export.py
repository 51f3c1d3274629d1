"""
Mahara exports that the owner dropped somewhere, as a source: type ``mahara-export``.

For most who leave a place this is the way: five clicks in Mahara, and a file in a folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal

from archive.entry import Key, MediaFile
from archive.errors import UsageError
from connectors.contract import Context, Finding, Known, SourceUnavailable, Yield
from connectors.mahara.leap2a_file import Lying, look
from connectors.mahara.reading import Reading
from connectors.mahara.reading_told import clicks

_SHOWN = 5


def source(name: str, options: Mapping[str, Any], context: Context) -> ExportSource:  # noqa: ARG001 - the factories' one form
    """
    Return the source of dropped exports.

    Args:
        name: Its name in the configuration.

        options: ``path``: a zip, a ``leap2a.xml``, an unpacked folder, or a folder of any of these; ``url``: the site's
            address (needed where exports of several sites lie there); ``user``: the owner's number, name or user name
            there (needed where exports of several people lie there); ``full``: read unchanged exports again.

        context: Stop and spool.
    """
    return ExportSource(
        Path(options["path"]).expanduser(),
        context,
        url=str(options.get("url") or ""),
        user=str(options.get("user") or ""),
        full=bool(options.get("full")),
    )


class ExportSource:
    """One account's exports. See ``connectors.contract.Source``."""

    def __init__(self, path: Path, context: Context, *, url: str = "", user: str = "", full: bool = False) -> None:
        self._path = path
        self._context = context
        self._url = url
        self._user = user
        self._full = full
        self._reading: Reading | None = None

    def check(self) -> Iterable[Finding]:
        """Tell whose exports lie there, what they hold and lack, and the way to a new one."""
        try:
            lying, reading = self._opened()
        except (UsageError, SourceUnavailable) as error:
            yield Finding(error.code, "error", error.message, error.mend)
            return
        wwwroot = self._url
        try:
            yield from reading.check()
            wwwroot = reading.wwwroot()
        except (UsageError, SourceUnavailable) as error:
            yield Finding(error.code, "error", error.message, error.mend)
        yield from _beside(lying)
        yield Finding("new-export", "note", f"For a new export: {self._way(wwwroot)}")

    def harvest(self, known: Known) -> Iterator[Yield]:
        """Yield what the exports hold; of unchanged ones only what they promise. Raises as ``Reading.harvest`` does."""
        _, reading = self._opened()
        yield from reading.harvest(known, {})

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream a file from the newest export that has it."""
        return (self._reading or self._opened()[1]).open(file)

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:
        """Say ``gone`` of what the newest export of all data does not have."""
        return self._reading.exists(key) if self._reading else "unknown"

    def close(self) -> None:
        """Let go of the exports."""
        if self._reading:
            self._reading.close()

    def _opened(self) -> tuple[Lying, Reading]:
        self.close()
        try:
            lying = look(self._path, self._context.spool)
        except UsageError as error:
            error.mend = self._way()
            raise
        self._reading = Reading(
            lying.packages,
            user=self._user,
            site=self._url,
            full=self._full,
            stop=self._context.stop,
            now=self._context.now,
            damaged=lying.damaged,
        )
        return lying, self._reading

    def _way(self, wwwroot: str = "") -> str:
        way = clicks(wwwroot or self._url).removesuffix(".")
        if self._path.suffix:
            return f"{way} as {self._path}."
        return f"{way} in {self._path}. Older exports may stay beside it."


def _beside(lying: Lying) -> Iterator[Finding]:
    """Yield what is to be said of what else lies there."""
    if lying.administrators:
        yield Finding(
            "administrators-export",
            "note",
            "An administrator made this export for several people; such exports never hold comments or other feedback.",
        )
    if lying.others:
        names = [name for name, _ in lying.others]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield Finding("other-files", "note", f"Not Mahara exports, and left alone: {', '.join(names[:_SHOWN])}{more}.")
