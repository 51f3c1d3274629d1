"""
Reading a whole export: once to know whose it is, which posts strangers may read and whether it is whole; and once for
what is in it. An item names others (its author, its terms, the post that it belongs to) that stand anywhere in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from archive.entry import Entry, Key
from connectors.contract import Failed, Found, SourceUnavailable
from connectors.cutting import Piece, cut
from connectors.wordpress import identity, wxr_items
from connectors.wordpress.wxr_file import EXPORT_AGAIN, HEAD, Part
from connectors.wordpress.wxr_items import Site
from connectors.wordpress.wxr_parse import Item, NotWellFormedError, Parser, clean, exported, split


@dataclass
class Survey:
    """
    What one reading of the whole export found out.

    ``full``: all content, not one type or author. ``broken``: why it is not whole. ``unreadable``: how many items are
    no XML. ``numbers`` are keys by kind, ``keys`` all keys by scope.
    """

    site: Site = field(default_factory=Site)
    exported: datetime | None = None
    full: bool = False
    broken: str = ""
    unreadable: int = 0
    repaired: int = 0
    numbers: dict[str, set[Key]] = field(default_factory=dict)
    keys: dict[str, set[Key]] = field(default_factory=dict)

    def count(self, entry: Entry) -> None:
        self.numbers.setdefault(entry.kind, set()).add(entry.keys[-1])
        self.keys.setdefault(entry.scope, set()).update(entry.keys)

    @property
    def whole(self) -> bool:
        return not self.broken and not self.unreadable


def survey(files: tuple[Part, ...], me: str) -> Survey:
    """
    Read the whole export once. ``me`` is the owner's login, "" where it does not matter.

    Raises:
        SourceUnavailable: It is no export, is damaged, or its files are of two sites.
    """
    found = Survey(Site(me=me))
    for part in files:
        _people_and_posts(part, found)
    for thing in things(files, found):
        if isinstance(thing, Found):
            found.count(thing.entry)
            found.repaired += "repaired" in thing.entry.extra
        else:
            found.unreadable += 1
    return found


def _people_and_posts(part: Part, survey: Survey) -> None:
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
            seen = identity.visibility(item["wp:status"], bool(item["wp:post_password"]), identity.viewable(kind))
            site.note(number, kind, seen)
        else:
            survey.full = True  # WordPress writes terms only into an export of all content
            if number := item.number("wp:term_id"):
                site.terms[wxr_items.term_name(piece, item)] = number
    channel = reading.channel()
    key = identity.site_key(channel["wp:base_blog_url"] or channel["link"] or channel["wp:base_site_url"])
    if site.key and key != site.key:
        raise _other_site(part, key, site.key)
    site.key = key
    site.title = site.title or channel["title"]
    moment = exported(channel["pubDate"])
    survey.exported = max((m for m in (survey.exported, moment) if m), default=None)
    if b"</rss>" not in last:
        survey.broken = (
            f"{part.name} ends in the middle, at line {reading.line}: WordPress or the download stopped too early."
        )


def things(files: tuple[Part, ...], survey: Survey) -> Iterator[Found | Failed]:
    """Yield all that the export holds, with what the survey knows; an item that is no XML as failed."""
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
            for piece in cut(stream, ("item", *HEAD), mend=EXPORT_AGAIN):
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


def _other_site(part: Part, key: str, first: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"{part.name} is an export of {key}, and the files before it are of {first}: their posts would be mixed up.",
        code="two-sites",
        unchanged="Nothing was taken from any of them.",
        mend="Put each site's export in a folder of its own, and name each as a source of its own.",
    )


def _entries(piece: Piece, parser: Parser, site: Site) -> Iterator[Found]:
    """Yield what one piece holds: a term, a person, or a thing and its comments."""
    raw = clean(piece.data)
    if piece.name != "item":
        item = parser.item(piece.data)
        if piece.name == "wp:author":
            yield Found(wxr_items.person(item, site), raw, "xml")
        elif wxr_items.term_name(piece, item)[0] != wxr_items.FORMAT:
            yield Found(wxr_items.term(piece, item, site), raw, "xml")
        return
    own, said = split(raw)
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
        mend=EXPORT_AGAIN,
        key=f"wordpress-export:{site.key}/{hashlib.sha256(piece.data).hexdigest()[:16]}",
        transient=False,
    )
