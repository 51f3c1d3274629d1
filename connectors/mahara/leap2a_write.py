"""
Writes a Leap2A file that Mahara imports: a zip with ``leap2a.xml`` and the files that it names.

The same parts give the same bytes: no clock, no order of a folder. Parts and files are taken one by one, so that
memory stays flat for any number of them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from lxml import etree

from archive.errors import UsageError
from connectors.mahara import leap2a_parts as parts
from connectors.mahara.leap2a_parts import About, Block, Part

NEWEST = "26.04"
"""The newest Mahara that is known here: its importer reads what 23.04's does."""

OLDEST = (19, 10)
"""Before it, pages were laid out in rows and columns, and their blocks would be lost."""

ATOM = "http://www.w3.org/2005/Atom"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
VERSION = "http://www.leapspecs.org/2010-07/2A/"  # without it, Mahara on PHP 8.2 stops

_MEMBER = re.compile(r"(?!.*\.\.)[A-Za-z0-9._/-]+")
_PACKED = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".zip", ".mp3", ".mp4", ".m4a", ".webm", ".docx"})


@dataclass(frozen=True)
class Dialect:
    """The names of the vocabularies, which a Mahara knows by their letters only."""

    leap2: str
    categories: str
    mahara: str


_STANDARD = Dialect(
    "http://terms.leapspecs.org/",
    "http://wiki.leapspecs.org/2A/categories/",
    "http://wiki.mahara.org/Developer_Area/Import%2F%2FExport/LEAP_Extensions#",
)
_SINCE_22_10 = Dialect(
    "https://web.archive.org/web/20100503000634/http://terms.leapspecs.org",
    "https://web.archive.org/web/20120819100914/http://wiki.leapspecs.org:80/2A/categories",
    "https://wiki.mahara.org/wiki/Developer_Area/Import//Export/LEAP_Extensions",
)


@dataclass(frozen=True)
class Feed:
    """What stands above the entries. ``id`` is a URI; ``about``: the owner's name, and when anything last changed."""

    id: str
    title: str
    about: About


@dataclass(frozen=True)
class Member:
    """A file in the zip: its name as ``parts.file`` gives it, its size in bytes, and how it is opened."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


def dialect(version: str) -> Dialect:
    """
    Return the vocabularies that a version of Mahara knows: the standard's before 22.10, its own from then on.

    Versions after 22.10 take both, but read what is said in attributes by their own names only: with the standard's
    they lose the whole profile and every date of a résumé (seen on a server).

    Raises:
        UsageError: There is no such version, or it is too old.
    """
    found = re.fullmatch(r"([0-9]{2})\.(04|10)(?:\.[0-9]{1,2})?", version)
    if found is None:
        raise UsageError(
            f"{version} is no version of Mahara.",
            code="mahara-version",
            unchanged="Nothing was written.",
            mend=f"Versions are called like 22.10 or {NEWEST}; your Mahara's is at the foot of its administration "
            "pages, and in the page source as generator. Leave out --for if you do not know it.",
        )
    number = int(found[1]), int(found[2])
    if number < OLDEST:
        raise UsageError(
            f"Mahara {version} is older than 19.10, and lays out pages in another way.",
            code="mahara-version",
            unchanged="Nothing was written.",
            mend="Export as markdown, or ask for an account on a newer Mahara.",
        )
    return _SINCE_22_10 if number >= (22, 10) else _STANDARD


def write(target: BinaryIO, names: Dialect, feed: Feed, entries: Iterable[Part], files: Iterable[Member]) -> None:
    """
    Write the zip.

    Args:
        target: Where to; must be seekable.

        names: Of the Mahara that will read it.

        feed: What stands above the entries.

        entries: The parts, each once; the owner is one of them.

        files: The bytes of every file that the parts name; each is opened when its turn comes.

    Raises:
        ValueError: A member's name is not safe.
    """
    with ZipFile(target, "w", ZIP_DEFLATED) as packed:
        with packed.open(_info("leap2a.xml"), "w") as out, etree.xmlfile(out, encoding="utf-8") as xml:
            xml.write_declaration()
            _Writer(xml, names).feed(feed, entries)
        for member in files:
            with member.open() as source, packed.open(_info(member.name, member.size), "w") as out:
                shutil.copyfileobj(source, out, 1 << 20)


def _info(name: str, size: int = 0) -> ZipInfo:
    """Return a member that is the same on every day and machine."""
    if not _MEMBER.fullmatch(name):
        raise ValueError(f"unsafe name of a zip member: {name!r}")
    info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.create_system, info.external_attr = 3, 0o600 << 16
    info.compress_type = ZIP_STORED if PurePosixPath(name).suffix in _PACKED else ZIP_DEFLATED
    info.file_size = size
    return info


@dataclass(frozen=True)
class _Writer:
    """Makes elements of the parts, one after the other."""

    xml: etree._IncrementalFileWriter
    names: Dialect

    def feed(self, feed: Feed, entries: Iterable[Part]) -> None:
        spaces = {
            None: ATOM,
            "rdf": RDF,
            "leap2": self.names.leap2,
            "categories": self.names.categories,
            "portfolio": f"{feed.id}/",
            "mahara": self.names.mahara,
        }
        with self.xml.element(f"{{{ATOM}}}feed", nsmap=spaces):
            self._write(self._leap2("version", VERSION))
            self._write(_atom("id", feed.id))
            self._write(_atom("title", parts.plain(feed.title)))
            self._write(_atom("updated", _time(feed.about.updated)))
            self._write(_atom("generator", "keepfolio"))
            author = etree.Element(f"{{{ATOM}}}author")
            author.append(_atom("name", parts.plain(feed.about.title)))
            author.append(_atom("uri", parts.curie(parts.PERSON)))
            self._write(author)
            for part in entries:
                self._write(self._entry(part))

    def _write(self, element: etree._Element) -> None:
        """Write an element by the prefixes of the feed: Mahara does not see a title that is called ``ns0:title``."""
        with self.xml.element(element.tag, dict(element.items())):
            if element.text:
                self.xml.write(element.text)
            for child in element:
                self._write(child)

    def _entry(self, part: Part) -> etree._Element:
        entry = etree.Element(f"{{{ATOM}}}entry")
        entry.append(_atom("title", parts.exact(part.about.title)))
        entry.append(_atom("id", parts.curie(part.id)))
        entry.append(_atom("updated", _time(part.about.updated)))
        entry.append(_atom("published", _time(part.about.published)))
        if part.summary:
            entry.append(_atom("summary", parts.exact(part.summary)))
        if part.cover:
            entry.append(_atom("coverimage", parts.curie(part.cover)))
        if part.instructions:
            entry.append(_atom("subtitle", parts.exact(part.instructions)))
        content = _atom("content", part.content if part.html else parts.exact(part.content))
        if part.html and part.content:
            content.set("type", "html")
        entry.append(content)
        entry.append(self._typed(part))
        if part.hint:
            plugin, kind = part.hint
            entry.append(self._mahara("artefactplugin", type=kind, plugin=plugin))
        self._links(entry, part)
        self._categories(entry, part)
        self._literals(entry, part)
        if part.blocks is not None:
            entry.append(self._view(part.blocks))
        return entry

    def _links(self, entry: etree._Element, part: Part) -> None:
        orders = dict(part.orders)
        for relation, to in part.links:
            link = etree.SubElement(entry, f"{{{ATOM}}}link", rel=relation, href=parts.curie(to))
            if to in orders:
                link.set(f"{{{self.names.leap2}}}display_order", str(orders[to]))
        if part.enclosure:
            media_type, member = part.enclosure
            etree.SubElement(entry, f"{{{ATOM}}}link", rel="enclosure", type=media_type, href=quote(member))

    def _categories(self, entry: etree._Element, part: Part) -> None:
        for tag in part.about.tags:
            entry.append(_tag(tag))
        if part.category:
            scheme, term, label = part.category
            category = etree.SubElement(entry, f"{{{ATOM}}}category", term=term, scheme=f"categories:{scheme}#")
            if label:
                category.set("label", label)

    def _literals(self, entry: etree._Element, part: Part) -> None:
        if part.role:
            entry.append(self._leap2("myrole", parts.plain(part.role)))
        for point, day, words in part.dates:
            entry.append(self._leap2("date", day, point=point, label=parts.plain(words)))
        if part.stage:
            entry.append(self._leap2("status", "", stage=part.stage))
        for fact in part.facts:
            said = self._leap2(
                "persondata", parts.exact(fact.value), field=fact.field, label=fact.label, service=fact.service
            )
            if fact.type:
                said.set(f"{{{self.names.mahara}}}artefactplugin", "internal")
                said.set(f"{{{self.names.mahara}}}artefacttype", fact.type)
            entry.append(said)
        if part.address:
            where = self._leap2("spatial", "")
            for kind, line in part.address:
                made = self._leap2("country" if kind == "country" else "addressline", parts.exact(line))
                made.set(f"{{{self.names.mahara}}}artefacttype", kind)
                where.append(made)
            entry.append(where)

    def _view(self, blocks: tuple[Block, ...]) -> etree._Element:
        view = self._mahara("view", newlayout="1", type="portfolio", ownerformat="6")
        below = 0
        for block in blocks:
            place = block.place or parts.Place(0, below, parts.WIDTH, parts.HEIGHT)
            below = max(below, place.y + place.height)
            made = self._mahara(
                "blockinstance",
                blocktype=block.type,
                blocktitle=parts.plain(block.title, parts.LONGEST_TITLE),
                positionx=str(place.x),
                positiony=str(place.y),
                height=str(place.height),
                width=str(place.width),
            )
            for name, setting in block.settings:
                made.append(self._mahara(name, parts.setting(setting)))
            for tag in block.tags:
                out = tag.startswith("-")
                made.append(self._mahara("tagsout" if out else "tagsin", parts.plain(tag.removeprefix("-"))))
            view.append(made)
        return view

    def _mahara(self, name: str, text: str = "", **attributes: str) -> etree._Element:
        element = etree.Element(f"{{{self.names.mahara}}}{name}")
        element.text = text or None
        for attribute, value in attributes.items():
            element.set(f"{{{self.names.mahara}}}{attribute}", value)
        return element

    def _typed(self, part: Part) -> etree._Element:
        kind = etree.Element(f"{{{RDF}}}type")
        kind.set(f"{{{RDF}}}resource", f"leap2:{part.kind}")
        return kind

    def _leap2(self, name: str, text: str, **attributes: str) -> etree._Element:
        """Return an element; attributes that say nothing are left out."""
        element = etree.Element(f"{{{self.names.leap2}}}{name}")
        element.text = text or None
        for attribute, value in attributes.items():
            if value:
                element.set(f"{{{self.names.leap2}}}{attribute}", value)
        return element


def _atom(name: str, text: str) -> etree._Element:
    element = etree.Element(f"{{{ATOM}}}{name}")
    element.text = text or None
    return element


def _tag(tag: str) -> etree._Element:
    """Return a tag: its term in ASCII as Leap2A asks, and its own letters as label, which Mahara takes."""
    words = parts.plain(tag, parts.LONGEST_TITLE)
    term = re.sub(r"[^A-Za-z0-9_-]+", "-", words).strip("-") or "-"
    category = etree.Element(f"{{{ATOM}}}category", term=term)
    if term != words:
        category.set("label", words)
    return category


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()
