"""
A WordPress export (Tools > Export, WXR) as a source: type ``wordpress-export``.

Deleted is what a whole, later export of all content does not have any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

from archive.entry import Json, Key, MediaFile, format_time, parse_time
from archive.errors import UsageError
from connectors.contract import (
    Checkpoint,
    Context,
    Failed,
    Finding,
    Found,
    Known,
    Listed,
    Promised,
    SourceUnavailable,
    Yield,
)
from connectors.wordpress import identity
from connectors.wordpress.wxr_file import EXPORT_AGAIN, parts
from connectors.wordpress.wxr_media import Media
from connectors.wordpress.wxr_read import Survey, survey, things

_AT_ONCE = 50
"""Entries between two checkpoints: their files are fetched there."""
_BYTES_AT_ONCE = 8 * 2**20


def source(name: str, options: Mapping[str, Any], context: Context) -> WxrSource:  # noqa: ARG001 - the factories' one form
    """
    Return the source of an export.

    Args:
        name: Its name in the configuration.

        options: ``path``: a .xml, .xml.gz or .zip file, or a folder of them; ``media``: a folder with the uploads
            (optional); ``fetch_media``: ask the site for files that are not there (default: if there is no ``media``);
            ``author``: the owner's login there, where several people write; ``full``: read an unchanged export again.

        context: Network and clock.
    """
    folder = Path(options["media"]).expanduser() if options.get("media") else None
    fetch = options.get("fetch_media")
    media = Media(folder, context.http, fetch=folder is None if fetch is None else bool(fetch))
    return WxrSource(
        Path(options["path"]).expanduser(),
        media,
        context,
        author=str(options.get("author") or ""),
        full=bool(options.get("full")),
    )


class WxrSource:
    """One export of one site. See ``connectors.contract.Source``."""

    def __init__(self, path: Path, media: Media, context: Context, *, author: str = "", full: bool = False) -> None:
        self._author = author
        self._full = full
        self._path = path
        self._media = media
        self._stop = context.stop
        self._proof: frozenset[Key] | None = None  # every key of a full, later export
        self._site = ""  # whose it is

    # --- the contract -------------------------------------------------------------------------------------------------

    def check(self) -> Iterable[Finding]:
        """Tell whose export it is, how much it holds, whether it is whole, and where its files come from."""
        try:
            seen = survey(parts(self._path), self._author)
        except (UsageError, SourceUnavailable) as error:
            yield Finding(error.code, "error", error.message, error.mend)
            return
        yield _whose(seen)
        if seen.broken:
            yield Finding("export-cut", "warning", seen.broken, EXPORT_AGAIN)
        if seen.unreadable:
            yield Finding(
                "unreadable-items", "warning", f"{_things(seen.unreadable, 'item')} cannot be read.", EXPORT_AGAIN
            )
        if seen.repaired:
            yield Finding(
                "control-characters",
                "note",
                f"{_things(seen.repaired, 'item')} held control characters that XML does not allow; "
                "everything else of them is kept.",
            )
        if not seen.full:
            yield Finding(
                "partial-export",
                "note",
                "This export holds only a part of the site (one type, or one author): it cannot tell what was deleted.",
                "Choose Tools > Export > All content for everything.",
            )
        yield from self._media.check(len(seen.numbers.get("media", ())))

    def harvest(self, known: Known) -> Iterator[Yield]:
        """
        Yield what the export holds; nothing but what it promises when neither it nor its files changed.

        Raises:
            UsageError: There is no export at the path.

            SourceUnavailable: It is damaged, or ends in the middle. What was yielded before is good.
        """
        files = parts(self._path)
        digest, uploads = _digest(self._path), self._media.stamp()
        before = known.cursor
        same = not self._full and before.get("digest") == digest and before.get("uploads") == uploads
        if same and not known.retry:
            yield from _promises(before)
            return
        seen = survey(files, self._author)
        wanted = known.retry if same else None
        promised: Json = {kind: len(keys) for kind, keys in sorted(seen.numbers.items())}
        cursor: Json = {"digest": digest, "uploads": uploads, "promised": promised}
        if seen.exported:
            cursor["exported"] = format_time(_latest(seen.exported, before))
        yield from _promises(cursor)
        yield from self._in_batches(things(files, seen), wanted, known)
        if self._stop():
            return  # the cursor stays: the next run reads again, and takes what is not stored yet
        if seen.broken:
            yield Checkpoint(before)
            raise SourceUnavailable(
                seen.broken,
                code="export-cut",
                unchanged="What came before is kept, and nothing is taken as deleted.",
                mend=EXPORT_AGAIN,
            )
        if seen.full and seen.whole and _later(seen.exported, before):
            self._proof = frozenset().union(*seen.keys.values())
            self._site = seen.site.key
            for scope, keys in sorted(seen.keys.items()):
                if scope in _listable(seen):
                    yield Listed(scope, frozenset(keys))
        yield Checkpoint(cursor)

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream a file from the uploads folder, or from the site."""
        return self._media.open(file)

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:
        """Say ``gone`` of what a full export, later than the one before, does not have."""
        if self._proof is None or not key.startswith(("guid:", f"wordpress:{self._site}/")):
            return "unknown"
        return "unlisted" if key in self._proof else "gone"

    def close(self) -> None:
        """Nothing is kept open."""

    # --- reading ------------------------------------------------------------------------------------------------------

    def _in_batches(
        self, things: Iterable[Found | Failed], wanted: frozenset[Key] | None, known: Known
    ) -> Iterator[Yield]:
        """Yield the things, with a checkpoint now and then that says: not the whole export yet."""
        count = size = 0
        for thing in things:
            if wanted is not None and isinstance(thing, Found) and wanted.isdisjoint(thing.entry.keys):
                continue
            yield self._media.sized(thing) if isinstance(thing, Found) else thing
            count += 1
            size += len(thing.raw) if isinstance(thing, Found) else 0
            if count >= _AT_ONCE or size >= _BYTES_AT_ONCE:
                yield Checkpoint(known.cursor)
                count = size = 0
                if self._stop():
                    return


def _listable(seen: Survey) -> set[str]:
    """Return the scopes that a full export lists wholly: all but the people, of whom it names only who wrote."""
    return set(seen.keys) - {f"{identity.scope(seen.site.key, 'user')}/export"}


def _later(exported: datetime | None, before: Json) -> bool:
    """Tell whether this export is later than the one read before; two of one second are one."""
    if exported is None:
        return False
    known = before.get("exported")
    return not isinstance(known, str) or exported > parse_time(known)


def _latest(exported: datetime, before: Json) -> datetime:
    known = before.get("exported")
    return max(exported, parse_time(known)) if isinstance(known, str) else exported


def _promises(cursor: Json) -> Iterator[Promised]:
    promised = cursor.get("promised")
    if isinstance(promised, dict):
        for kind, count in promised.items():
            if isinstance(count, int):
                yield Promised(kind, count)


def _digest(path: Path) -> str:
    """Return one digest over the files of the export as they lie on the disk."""
    whole = hashlib.sha256()
    files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    for file in files:
        with file.open("rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


def _whose(seen: Survey) -> Finding:
    held = {kind: len(keys) for kind, keys in seen.numbers.items()}
    when = f", made {seen.exported:%d %B %Y}" if seen.exported else ""
    count = ", ".join(f"{held[kind]} {kind}" for kind in sorted(held))
    return Finding("export", "ok", f"An export of “{seen.site.title or seen.site.key}”{when}: {count}.")


def _things(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
