"""
A first reading of a whole export: whose it is, whether it is whole, and what its things need to know of one another.

Only small values are kept for each thing: ids, titles of pages and sections, names of files.

**What makes an export a full one.** Mahara's export page offers for ticking only pages of the type ``portfolio``
(export/index.php: ``SELECT id FROM {view} WHERE owner = ? AND type = ?``, since 1.9; collections are ticked by name and
bring their own pages), while "All my data" and the administrator's bulk export take every page of the owner
(export/lib.php, EXPORT_ALL_VIEWS_COLLECTIONS: ``SELECT id FROM {view} WHERE owner = ?``). The profile and the dashboard
page, which every account has, are therefore only in a full one. Read in the source of 1.10, 15.10, 17.10, 18.10, 19.10,
20.04, 20.10, 21.04, 21.10, 22.04, 22.10 and main (0881d0f9c2).

**What a full export still leaves out** (export/leap/lib.php): comments, annotation feedback and peer assessments that
were not asked for, and in an administrator's export always; and a file that the server could not find on its disk,
though its folder still names it. So ``keys`` holds what is named and was not written too, and feedback has a scope of
its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from archive.entry import Key, MediaFile, format_time
from connectors.mahara import identity
from connectors.mahara.leap2a_addresses import Addresses, number_of
from connectors.mahara.leap2a_items import Date, Item, Link
from connectors.mahara.leap2a_package import Package
from connectors.mahara.leap2a_read import Broken, Head, head, items
from connectors.packs import Member

FEEDBACK = frozenset({"comment", "annotationfeedback", "peerassessment"})
"""Kinds that others wrote; an export may leave them out."""

FILE_TYPES = frozenset({"image", "audio", "video", "archive", "file", "profileicon"})
"""Mahara's types for a file (``artefact_installed_type`` of its plugin ``file``, without the folder)."""

_NOT_TICKED = frozenset({"profile", "dashboard"})
_HOLDERS = frozenset({"journal", "folder", "plan", "collection"})
_NUMBER = re.compile(r"(?:\A|/)(\d{1,9})-[^/]*\Z")
_SHOWN = re.compile(rb"artefact\\?/file\\?/download\.php\?file=(\d{1,12})")  # JSON writes a slash as \/
_BEFORE_AN_ADDRESS = re.compile(rb"[\s\"'<>=;]")
_PICTURE = re.compile(rb"\bsrc\s*=\s*(?:[\"']|&quot;|&#0?39;|&apos;)?\Z")
_LONGEST_START = 300


@dataclass(frozen=True)
class Row:
    """What a section of a résumé says of one of its rows, or a plan of one of its tasks."""

    title: str
    order: int
    dates: tuple[Date, ...]


@dataclass(frozen=True)
class Lost:
    """
    What is named in an export and is not in it, in words.

    ``asked``: a harvest asks for its bytes at ``url``, because an entry has it as a file.
    """

    words: str
    url: str
    asked: bool = True


@dataclass
class Survey:
    """
    What one reading found out.

    Attributes:
        full: All data of the account: only such an export proves that something is gone.

        broken: Why the file is not whole; ``unreadable``: how many entries are no XML; ``repaired``: how many had
            characters that XML forbids.

        keys: What the export shows to exist, by key.

        numbers: Keys by kind.

        updated: When each thing was changed, as text that can be compared.

        files: The files whose bytes are here, by ``MediaFile.url``.

        lost: What is named and whose bytes are not here.

        kinds: Kind of each thing, by its id in the file. ``titles`` (of pages and collections), ``media``, ``rows`` and
            their ``parts`` (organisation, qualification), ``holders`` (what has it as a part) and ``covers`` likewise.
    """

    head: Head
    full: bool = False
    broken: str = ""
    unreadable: int = 0
    repaired: int = 0
    keys: set[Key] = field(default_factory=set)
    numbers: dict[str, set[Key]] = field(default_factory=dict)
    updated: dict[Key, str] = field(default_factory=dict)
    files: dict[str, Member] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    media: dict[str, MediaFile] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    parts: dict[str, list[Item]] = field(default_factory=dict)
    holders: dict[str, list[str]] = field(default_factory=dict)
    covers: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> str:
        """The site as keys name it."""
        return identity.site_key(self.head.wwwroot)

    @property
    def scope(self) -> str:
        """The listing that a full export is; feedback is not in it (see ``FEEDBACK``)."""
        return identity.scope(self.site, self.head.user)

    @property
    def whole(self) -> bool:
        """Whether all of the file could be read."""
        return not self.broken and not self.unreadable

    def key(self, name: str) -> Key:
        """Return the key of a thing by its id in the file."""
        return identity.key(self.site, name)


def survey(package: Package, *, wwwroot: str = "") -> Survey:
    """
    Read an export once. ``wwwroot`` stands in for the site's address where the file does not say it.

    Raises:
        SourceUnavailable: It is no Leap2A file, or is damaged.
    """
    with closing(package.feed()) as feed:
        said = head(feed)
    found = Survey(replace(said, wwwroot=wwwroot.rstrip("/")) if wwwroot else said)
    learning = _Learning(package, found)
    with closing(package.feed()) as feed:
        for thing in items(feed):
            if isinstance(thing, Item):
                learning.learn(thing)
            elif isinstance(thing, Broken):
                found.unreadable += 1
                if thing.id:
                    found.keys.add(found.key(thing.id))
            else:
                found.broken = f"It ends in the middle, at line {thing.line}: Mahara or the download stopped too early."
    learning.end()
    return found


def kind_of(item: Item) -> str:
    """Return our kind for an entry; ``resume-part`` is what is folded into a row of a résumé."""
    if item.type.startswith("pseudo:"):
        return "resume-row" if item.to("is_part_of") else "resume-part"
    if item.leap == "person":
        return "profile"
    if item.type in FILE_TYPES:
        return "file"
    if item.type:
        return identity.kind_of(item.type)
    if item.view is not None or item.categorised("selection_type") == "Webpage":
        return "page"
    if item.categorised("selection_type") == "Website":
        return "collection"
    if item.leap == "resource" and item.to("enclosure"):
        return "file"
    return item.leap or "entry"


class _Learning:
    """Fills a survey entry by entry."""

    def __init__(self, package: Package, survey: Survey) -> None:
        self._package = package
        self._survey = survey
        self._cover = ""
        self._addresses = Addresses(survey.head.wwwroot, {})
        self._enclosed: list[tuple[str, str, Link]] = []
        self._shown: dict[str, tuple[str, bool]] = {}
        self._named: dict[str, str] = {}

    def learn(self, item: Item) -> None:
        found, kind = self._survey, kind_of(item)
        found.kinds[item.id] = kind
        found.repaired += item.repaired
        if kind == "resume-part":
            self._part(item)
        else:
            key = found.key(item.id)
            found.keys.add(key)
            found.numbers.setdefault(kind, set()).add(key)
            found.updated[key] = format_time(item.updated) if item.updated else ""
        if kind == "file":
            link = next((link for link in item.links if link.rel == "enclosure"), Link("enclosure", ""))
            self._enclosed.append((item.id, item.title, link))
        elif kind in {"resume-row", "task"}:
            order = next((link.order for link in item.links if link.rel == "is_part_of"), 0)
            found.rows[item.id] = Row(item.title, order, item.dates)
        elif kind in {"page", "collection"}:
            found.titles[item.id] = item.title
            self._covered(item)
        if kind in _HOLDERS:
            self._holds(item)
        if item.view is not None and item.view.type in _NOT_TICKED:
            found.full = True
        for address in _SHOWN.finditer(item.raw):
            before = item.raw[max(0, address.start() - _LONGEST_START) : address.start()].replace(b"\\", b"")
            start = _BEFORE_AN_ADDRESS.split(before)[-1]
            here = f"{start.decode('utf-8', 'replace')}artefact/file/download.php?file={address[1].decode()}"
            _, file = self._addresses.settled(here)
            if file:  # and not one at another site, from which the account was once moved
                title, pictured = self._shown.get(file, (item.title, False))
                picture = _PICTURE.search(before.removesuffix(start)) is not None
                self._shown[file] = title, pictured or picture

    def end(self) -> None:
        """Find the bytes of the files, and say which are named and are not here."""
        found = self._survey
        for number, (name, title, link) in zip(self._numbers(), self._enclosed, strict=True):
            self._file(name, title, link, number)
        for name, where in self._named.items():
            if name not in found.kinds:
                found.keys.add(found.key(name))
                words = f"file or entry {number_of(name)}, which is in “{where}”"
                found.lost.append(Lost(words, self._at(name), asked=False))
        for name, (where, pictured) in self._shown.items():
            if name not in found.media and name not in self._named:
                words = f"file {number_of(name)}, which “{where}” shows or links to"
                found.lost.append(Lost(words, self._at(name), pictured))

    def _numbers(self) -> Iterator[str]:
        """Yield the number with which each file's name begins, also of those whose name was lost."""
        counted, count = self._package.counts(), -1
        for name, _, link in self._enclosed:
            own = _NUMBER.search(link.to)
            count = int(own[1]) if own else count + 1
            yield str(count) if own or counted else number_of(name)

    def _file(self, name: str, title: str, link: Link, number: str) -> None:
        """Find the bytes of a file; ``number`` is that with which their name begins."""
        member = self._package.file(number, link.to)
        url = self._at(name)
        called = title or unquote(link.to).rpartition("/")[2]
        if member is None:
            self._survey.lost.append(Lost(f"“{called}” (file {number_of(name)})", url))
        else:
            self._survey.files[url] = member
        self._survey.media[name] = MediaFile(
            name=called,
            url=url,
            media_type=link.type,
            size=member.size if member else None,
            stamp=member.stamp if member else "",
        )

    def _at(self, name: str) -> str:
        return identity.file_address(self._survey.head.wwwroot, number_of(name))

    def _part(self, item: Item) -> None:
        """Remember an organisation or qualification for the row that it belongs to."""
        for row in item.to("supports", "supported_by")[:1]:
            self._survey.parts.setdefault(row, []).append(item)

    def _holds(self, item: Item) -> None:
        for part in item.to("has_part"):
            self._survey.holders.setdefault(part, []).append(item.id)
            self._named.setdefault(part, item.title)

    def _covered(self, item: Item) -> None:
        """
        Believe a cover only where it changes.

        Mahara fills one form after the other and does not empty the field, so that the cover of one collection stands
        on all pages after it, as far as the next that has one of its own.
        """
        if item.cover and item.cover != self._cover:
            self._survey.covers[item.id] = item.cover
        self._cover = item.cover
