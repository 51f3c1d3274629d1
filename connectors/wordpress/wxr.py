"""
A WordPress export (Tools > Export, WXR) as a source: type ``wordpress-export``.

The file is read twice: once to know whose it is, which posts strangers may read and whether it is whole; once to
yield what is in it. Deleted is what a whole, later export of all content does not have any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

from archive.entry import Entry, Json, Key, MediaFile, Visibility, format_time, parse_time
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
from connectors.wordpress import identity, wxr_items
from connectors.wordpress.wxr_file import HEAD, Part, Piece, cut, parts
from connectors.wordpress.wxr_items import Item, NotWellFormedError, Parser, Site
from connectors.wordpress.wxr_media import Media

_AT_ONCE = 50
"""Entries between two checkpoints: their files are fetched there."""
_BYTES_AT_ONCE = 8 * 2**20
_EXPORT_AGAIN = "Export again in WordPress (Tools > Export > All content), and put the new file in place of this one."


def source(name: str, options: Mapping[str, Any], context: Context) -> WxrSource:  # noqa: ARG001 - the factories' one form
    """
    Return the source of an export.

    Args:
        name: Its name in the configuration.

        options: ``path``: a .xml, .xml.gz or .zip file, or a folder of them; ``media``: a folder with the uploads
            (optional); ``fetch_media``: ask the site for files that are not there (default: if there is no ``media``);
            ``author``: the owner's login there, where several people write.

        context: Network and clock.
    """
    folder = Path(options["media"]).expanduser() if options.get("media") else None
    fetch = options.get("fetch_media")
    media = Media(folder, context.http, fetch=folder is None if fetch is None else bool(fetch))
    return WxrSource(Path(options["path"]).expanduser(), media, context, author=str(options.get("author") or ""))


@dataclass
class _Survey:
    """What one reading of the whole export found out."""

    site: Site = field(default_factory=Site)
    exported: datetime | None = None
    full: bool = False  # all content, not one type or author
    broken: str = ""  # why it is not whole
    unreadable: int = 0  # items that are no XML
    repaired: int = 0
    numbers: dict[str, set[Key]] = field(default_factory=dict)  # by kind
    keys: dict[str, set[Key]] = field(default_factory=dict)  # by scope

    def count(self, entry: Entry) -> None:
        self.numbers.setdefault(entry.kind, set()).add(entry.keys[-1])
        self.keys.setdefault(entry.scope, set()).update(entry.keys)

    @property
    def whole(self) -> bool:
        return not self.broken and not self.unreadable


class WxrSource:
    """One export of one site. See ``connectors.contract.Source``."""

    def __init__(self, path: Path, media: Media, context: Context, *, author: str = "") -> None:
        self._author = author
        self._path = path
        self._media = media
        self._stop = context.stop
        self._proof: frozenset[Key] | None = None  # every key of a full, later export

    # --- the contract -------------------------------------------------------------------------------------------------

    def check(self) -> Iterable[Finding]:
        """Tell whose export it is, how much it holds, whether it is whole, and where its files come from."""
        try:
            survey = self._survey(parts(self._path))
        except (UsageError, SourceUnavailable) as error:
            yield Finding(error.code, "error", error.message, error.mend)
            return
        yield _whose(survey)
        if survey.broken:
            yield Finding("export-cut", "warning", survey.broken, _EXPORT_AGAIN)
        if survey.unreadable:
            yield Finding(
                "unreadable-items", "warning", f"{_things(survey.unreadable, 'item')} cannot be read.", _EXPORT_AGAIN
            )
        if survey.repaired:
            yield Finding(
                "control-characters",
                "note",
                f"{_things(survey.repaired, 'item')} held control characters that XML does not allow; "
                "everything else of them is kept.",
            )
        if not survey.full:
            yield Finding(
                "partial-export",
                "note",
                "This export holds only a part of the site (one type, or one author): it cannot tell what was deleted.",
                "Choose Tools > Export > All content for everything.",
            )
        yield from self._media.check(len(survey.numbers.get("media", ())))

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
        same = before.get("digest") == digest and before.get("uploads") == uploads
        if same and not known.retry:
            yield from _promises(before)
            return
        survey = self._survey(files)
        wanted = known.retry if same else None
        promised: Json = {kind: len(keys) for kind, keys in sorted(survey.numbers.items())}
        cursor: Json = {"digest": digest, "uploads": uploads, "promised": promised}
        if survey.exported:
            cursor["exported"] = format_time(survey.exported)
        yield from _promises(cursor)
        yield from self._in_batches(self._all(files, survey), wanted, known)
        if self._stop():
            return  # the cursor stays: the next run reads again, and takes what is not stored yet
        if survey.broken:
            raise SourceUnavailable(
                survey.broken,
                code="export-cut",
                unchanged="What came before is kept, and nothing is taken as deleted.",
                mend=_EXPORT_AGAIN,
            )
        if survey.full and survey.whole and _later(survey.exported, before):
            self._proof = frozenset().union(*survey.keys.values())
            for scope, keys in sorted(survey.keys.items()):
                if scope in _listable(survey.site.key, survey):
                    yield Listed(scope, frozenset(keys))
        yield Checkpoint(cursor)

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream a file from the uploads folder, or from the site."""
        return self._media.open(file)

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:
        """Say ``gone`` of what a full export, later than the one before, does not have."""
        if self._proof is None:
            return "unknown"
        return "unlisted" if key in self._proof else "gone"

    def close(self) -> None:
        """Nothing is kept open."""

    # --- reading ------------------------------------------------------------------------------------------------------

    def _survey(self, files: tuple[Part, ...]) -> _Survey:
        survey = _Survey(Site(me=self._author))
        for part in files:
            self._survey_people_and_posts(part, survey)
        for thing in self._all(files, survey):
            if isinstance(thing, Found):
                survey.count(thing.entry)
                survey.repaired += "repaired" in thing.entry.extra
            else:
                survey.unreadable += 1
        return survey

    def _survey_people_and_posts(self, part: Part, survey: _Survey) -> None:
        """Learn from one file what entries need to know of others: names, numbers, who may read what."""
        site, last = survey.site, b""
        reading = _Reading(part)
        for piece in reading:
            if not piece.name:
                last = piece.data
                continue
            try:
                item = reading.parser.item(piece.data)
            except NotWellFormedError:
                continue
            if piece.name == "wp:author":
                site.meet(item)
            elif piece.name == "item":
                number, kind = item.number("wp:post_id"), identity.kind_of(item["wp:post_type"] or "post")
                site.kinds[number] = kind
                if kind != "media":
                    seen = identity.visibility(item["wp:status"], bool(item["wp:post_password"]), parent_public=True)
                    site.shown[number] = seen is Visibility.PUBLIC
            else:
                survey.full = True  # WordPress writes terms only into an export of all content
                if number := item.number("wp:term_id"):
                    site.terms[wxr_items.term_name(piece, item)] = number
        channel = reading.channel()
        site.key = site.key or identity.site_key(
            channel["wp:base_blog_url"] or channel["link"] or channel["wp:base_site_url"]
        )
        site.title = site.title or channel["title"]
        moment = wxr_items.exported(channel["pubDate"])
        survey.exported = max((m for m in (survey.exported, moment) if m), default=None)
        if b"</rss>" not in last:
            survey.broken = (
                f"{part.name} ends in the middle, at line {reading.line}: WordPress or the download stopped too early."
            )

    def _all(self, files: tuple[Part, ...], survey: _Survey) -> Iterator[Found | Failed]:
        terms_and_people: set[Key] = set()
        for part in files:
            reading = _Reading(part)
            for piece in reading:
                if not piece.name or not piece.whole:
                    continue
                try:
                    found = list(_entries(piece, reading.parser, survey.site))
                except NotWellFormedError as error:
                    yield _unreadable(part, piece, error, survey.site)
                    continue
                if piece.name != "item" and found:
                    # every part names them again, and a tag is named as a term too
                    if not terms_and_people.isdisjoint(found[0].entry.keys):
                        continue
                    terms_and_people.update(found[0].entry.keys)
                yield from found

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


class _Reading:
    """One pass over a part: its pieces, with a parser made from its head."""

    def __init__(self, part: Part) -> None:
        self.parser = Parser(b"")
        self.line = 1
        self._part = part
        self._head: list[bytes] = []

    def __iter__(self) -> Iterator[Piece]:
        in_head = True
        with self._part.open() as stream:
            for piece in cut(stream, ("item", *HEAD)):
                self.line = piece.line + piece.data.count(b"\n")
                in_head = in_head and piece.name != "item"
                if in_head and not piece.name:
                    self._take_head(piece)
                yield piece
        if not self._head:
            raise _no_export(self._part)

    def channel(self) -> Item:
        try:
            return self.parser.channel(b"".join(self._head))
        except NotWellFormedError:
            raise _no_export(self._part) from None

    def _take_head(self, piece: Piece) -> None:
        if not self._head:
            if b"<rss" not in piece.data or b"<channel" not in piece.data:
                raise _no_export(self._part)
            if b"<!DOCTYPE" in piece.data or b"<!ENTITY" in piece.data:
                raise _no_export(self._part)
            self.parser = Parser(piece.data)
        # the last piece between the items ends the channel; it is no part of its head
        self._head.append(piece.data.partition(b"</channel>")[0])


def _no_export(part: Part) -> SourceUnavailable:
    return SourceUnavailable(
        f"{part.name} is not a WordPress export.",
        code="no-export",
        unchanged="Nothing was taken from it.",
        mend="In WordPress choose Tools > Export > All content, and name the file that it gives with path:.",
    )


def _entries(piece: Piece, parser: Parser, site: Site) -> Iterator[Found]:
    """Yield what one piece holds: a term, a person, or a thing and its comments."""
    raw = wxr_items.clean(piece.data)
    if piece.name != "item":
        item = parser.item(piece.data)
        if piece.name == "wp:author":
            yield Found(wxr_items.person(item, site), raw, "xml")
        elif wxr_items.term_name(piece, item)[0] != wxr_items.FORMAT:
            yield Found(wxr_items.term(piece, item, site), raw, "xml")
        return
    own, said = wxr_items.split(raw)
    item = parser.item(piece.data)
    if item["wp:post_type"] in wxr_items.NO_EVIDENCE:
        return
    make = wxr_items.media if item["wp:post_type"] == "attachment" else wxr_items.post
    yield Found(make(item, site), own, "xml")
    for entry, data in wxr_items.comments(said, item, site, parser):
        yield Found(entry, data, "xml")


def _unreadable(part: Part, piece: Piece, error: NotWellFormedError, site: Site) -> Failed:
    return Failed(
        what=f"the item at line {piece.line} of {part.name}",
        why=f"It is not well-formed XML: {error}.",
        mend=_EXPORT_AGAIN,
        key=f"wordpress-export:{site.key}/{hashlib.sha256(piece.data).hexdigest()[:16]}",
        transient=False,
    )


def _listable(site: str, survey: _Survey) -> set[str]:
    """Return the scopes that a full export lists wholly: all but the people, of whom it names only who wrote."""
    return set(survey.keys) - {f"{identity.scope(site, 'user')}/export"}


def _later(exported: datetime | None, before: Json) -> bool:
    """Tell whether this export is later than the one read before; two of one second are one."""
    if exported is None:
        return False
    known = before.get("exported")
    return not isinstance(known, str) or exported > parse_time(known)


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


def _whose(survey: _Survey) -> Finding:
    held = {kind: len(keys) for kind, keys in survey.numbers.items()}
    when = f", made {survey.exported:%d %B %Y}" if survey.exported else ""
    count = ", ".join(f"{held[kind]} {kind}" for kind in sorted(held))
    return Finding("export", "ok", f"An export of “{survey.site.title or survey.site.key}”{when}: {count}.")


def _things(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
