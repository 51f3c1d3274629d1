"""
Moodle's own Leap2A zips: one forum thread, one attempt, one entry of a database, by ``Export to portfolio``.

Poorer than a data request, but its files include what that one never has: attachments of forum posts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from lxml import etree

from archive.entry import Entry, Fidelity, FileRole, Key, MediaFile
from connectors.contract import Failed, FileGone, Found, SourceUnavailable
from connectors.mahara.leap2a_items import Item
from connectors.mahara.leap2a_read import Broken, Ended, head, items
from connectors.moodle import export_keys, identity
from connectors.packs import Member, Pack

FEED = "leap2a.xml"
_WHOSE = re.compile(rb"<id>\s*(https?://[^<\s]+?)/portfolio/export/leap2a/(\d{1,12})/\d+/?\s*</id>")
_KINDS = {"forumpost": "forum-post", "dataentry": "database-entry", "glossaryentry": "glossary-entry"}
_NAMED = re.compile(r"([a-z]+)(\d+)")
_LEFTOVER = re.compile(r"##\w+##")
_STORED = "storedfile"
_HEAD = 64 * 2**10
_AGAIN = "Export it again in Moodle, and put the new file in place of this one."


@dataclass(frozen=True)
class Leap:
    """One such zip: of which site, of whose account there."""

    pack: Pack
    root: str
    number: int
    person: str


def open_leap(pack: Pack) -> Leap | None:
    """Return what a zip says of itself; None where it is not Moodle's, or cannot be read any more."""
    try:
        with pack.text(FEED) as feed:
            found = _WHOSE.search(feed.read(_HEAD))
        if found is None:
            return None
        with pack.text(FEED) as feed:
            about = head(feed, _AGAIN)
    except (SourceUnavailable, FileGone):
        return None
    return Leap(pack, found[1].decode("utf-8", "replace"), int(found[2]), about.person)


def read(leap: Leap, person: int) -> Iterator[tuple[Found, dict[str, Member]] | Failed]:
    """Yield what the owner wrote, each with the files of the pack by their addresses."""
    with leap.pack.text(FEED) as feed:
        rows = list(items(feed, _AGAIN))
    stored = {one.id: one for one in rows if isinstance(one, Item) and one.id.startswith(_STORED)}
    for one in rows:
        if isinstance(one, (Broken, Ended)):
            why = one.why if isinstance(one, Broken) else "The file stops in the middle."
            yield Failed(f"Line {one.line} of {leap.pack.name}", why, _AGAIN, transient=False)
        elif not _is_part(one, stored) and _is_own(one, leap):
            yield _found(one, leap, person, stored)


def _is_part(one: Item, stored: dict[str, Item]) -> bool:
    return one.id in stored and any(link.rel == "related" for link in one.links)


def _is_own(one: Item, leap: Leap) -> bool:
    """A thread has everybody's posts: each names who wrote it; what names nobody is the exporter's."""
    if one.author:
        return one.author == leap.person
    bylines = [_words(node) for node in one.content.iter("div") if node.get("class") == "author"]
    # ``by NAME - DAY``, in any language: one word or none, the whole name, and what ends it
    own = re.compile(rf"(?:\S+ )?{re.escape(' '.join(leap.person.split()))}(?: [-–—] .*|[,:(].*|)", re.DOTALL)
    return all(leap.person and own.fullmatch(line) for line in bylines)


def _found(one: Item, leap: Leap, person: int, stored: dict[str, Item]) -> tuple[Found, dict[str, Member]]:
    site, named = identity.site_key(leap.root), _NAMED.fullmatch(one.id)
    kind = _KINDS.get(named[1], "file" if one.id in stored else "entry") if named else "entry"
    parts = [one] if one.id in stored else [stored[link.to] for link in one.links if link.to in stored]
    held = dict(pair for part in parts if (pair := _media(part, leap, "original" if kind == "file" else "attachment")))
    entry = Entry(
        keys=(_key(site, one.id, named),),
        kind=kind,
        native_id=named[2] if named and kind in _KINDS.values() else one.id,
        title=one.title,
        url=f"{leap.root}/mod/forum/discuss.php?p={named[2]}" if named and kind == "forum-post" else "",
        creator=leap.person,
        published=one.published,
        updated=one.updated,
        content_html=_content(one, tuple(held)),
        files=tuple(held),
        fidelity=Fidelity.VIEW,
        scope=export_keys.scope(site, person or leap.number, "leap2a"),
        extra={"leap2a": one.id},
    )
    return Found(entry, one.raw, "xml"), {file.url: member for file, member in held.items()}


def _key(site: str, name: str, named: re.Match[str] | None) -> Key:
    if named and named[1] in _KINDS:
        return identity.key(site, _KINDS[named[1]], named[2])
    if named and named[1] == _STORED:
        return identity.key(site, "stored-file", named[2])
    return identity.key(site, "leap2a", name)


def _media(part: Item, leap: Leap, role: FileRole) -> tuple[MediaFile, Member] | None:
    for link in part.links:
        member = leap.pack.get(link.to) if link.rel == "enclosure" else None
        if member is not None:
            file = MediaFile(
                name=PurePosixPath(link.to).name,
                url=f"{leap.root}/portfolio/{part.id}/{PurePosixPath(link.to).name}",
                media_type=link.type,
                size=member.size,
                stamp=member.stamp,
                role=role,
            )
            return file, member
    return None


def _content(one: Item, files: tuple[MediaFile, ...]) -> str:
    """Return the words without the table that Moodle draws around a post, and with links to the files."""
    tree = etree.fromstring(etree.tostring(one.content))
    for node in list(tree.iter("div")):
        if node.get("class") == "attachments" and (parent := node.getparent()) is not None:
            parent.remove(node)
    body = next((node for node in tree.iter("td") if node.get("class") == "content"), tree)
    inner = html.escape(body.text or "", quote=False) + "".join(
        etree.tostring(child, encoding="unicode", method="html") for child in body
    )
    linked = re.sub(r'"portfolio:(storedfile\d+)"', lambda m: f'"{_address(m[1], files)}"', inner)
    return _LEFTOVER.sub("", linked).strip()


def _address(name: str, files: tuple[MediaFile, ...]) -> str:
    return next((html.escape(file.url) for file in files if f"/{name}/" in file.url), name)


def _words(node: etree._Element) -> str:
    return " ".join("".join(map(str, node.itertext())).split())
