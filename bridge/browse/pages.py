"""The pages themselves: from rows and entries to HTML, by the templates beside this module."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files as resources
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from archive import naming
from archive.entry import Entry, MediaFile
from archive.errors import ArchiveDamaged
from archive.store import Archive, Stored
from bridge import contents, views
from bridge.browse import lists
from bridge.browse.catalogue import SAID, Catalogue, Row
from bridge.browse.folder import Made
from bridge.browse.history import Bytes, Event, content
from bridge.browse.lists import Listing, Way
from bridge.browse.shelf import Shelf
from bridge.browse.texts import Texts, plain_text, web_address
from bridge.particulars import particulars
from bridge.portfolio import wording

_SEEN_BY = {
    "private": "private: only you",
    "assessor": "you and assessors",
    "public": "public: everybody",
}
_EVENTS = {
    "creation": "First kept",
    "update": "Changed",
    "completion": "Completed: a file, an address or a source was added",
    "deletion": "Deleted at its source; your archive kept it",
    "restoration": "Back at its source",
}
_STATUSES = {"publish": "published", "approved": "approved", "private": "private at its source"}
_WHOSE = {"own": "your own", "others": "somebody else's", "about-me": "about you"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_TEXT_ENDINGS = (".md", ".yaml", ".yml", ".csv", ".txt")
_LONGEST_TEXT = 200_000


@dataclass
class Pages:
    """
    Everything that pages are made from.

    ``earlier``: whether earlier versions are shown, too; a choice by visibility leaves them out, for a text that is
    public now may have been private then.
    """

    archive: Archive
    catalogue: Catalogue
    shelf: Shelf
    owner: str
    language: str
    zone: ZoneInfo
    sections: dict[str, str]
    earlier: bool

    @cached_property
    def texts(self) -> Texts:
        return Texts(self.catalogue.places, self.shelf)

    @cached_property
    def frame(self) -> dict[str, Any]:
        """What the head and foot of every page show."""
        return {"name": f"Archive of {self.owner}" if self.owner else "My archive"}

    def day(self, row: Row) -> str:
        """Return the day of an entry in words."""
        return wording.day(row.published, self.zone)

    # --- entries ----------------------------------------------------------------------------------------------------

    def version_names(self, row: Row) -> tuple[str, ...]:
        """Return the pages that an entry's earlier versions may have."""
        return tuple(_version_page(row, number) for number in range(1, row.version)) if self.earlier else ()

    def entry(self, row: Row, history: Sequence[Event]) -> Made:
        """Return the page of an entry, and those of its earlier versions."""
        asked: set[str] = set()
        whole = True
        try:
            stored = self.archive.entry(row.id)
        except ArchiveDamaged:
            stored, whole = self._without_text(row), False
        assert stored is not None  # it was listed in this run
        old = self._earlier(row, history)
        text = self._text(stored.entry, asked)
        files = {
            row.page: self._render(
                "entry.html",
                row.page,
                row=row,
                title=row.title,
                lang=_language(stored.entry.language),
                meta=self._meta(row),
                facts=self._facts(stored),
                text=text,
                own=self._own_text(row, stored.entry.files),
                damaged=not whole,
                pictures=self._pictures(stored.entry, str(text)),
                files=[self._file(file) for file in stored.entry.files],
                tags=[(t, lists.tag_page(t) if row.listed else "") for t in dict.fromkeys(stored.entry.tags)],
                kind_page=lists.kind_page(row.what),
                sections=[(self.sections[s], lists.section_page(s)) for s in row.sections if s in self.sections],
                above=self.catalogue.rows.get(row.above),
                original=self.catalogue.rows.get(row.original),
                said=self._said(row, asked),
                holds=row.kind in contents.HOLDERS,
                below=[r for r in self._below(row) if r.kind not in SAID],
                provenance=self._provenance(stored, history),
                history=self._history(row, history, old),
            )
        }
        for number, event in old.items():
            page, read = self._version(row, event, stored.entry, asked)
            files[_version_page(row, number)] = page
            whole = whole and read
        return Made(files, asked=" ".join(sorted(asked)), whole=whole)

    def entry_stamp(self, row: Row) -> str:
        """Return what changes when anything that the page of an entry shows does, but for the answers of its text."""
        above = self.catalogue.rows.get(row.above)
        parts = [row.stamp, row.title, *row.sections, *(self.sections.get(s, "") for s in row.sections)]
        parts += above.shown if above else ()
        original = self.catalogue.rows.get(row.original)
        parts += original.shown if original else ()
        for below in self._below(row):
            parts += [below.stamp, *below.shown]
        return naming.short_hash("\n".join(parts), 16)

    def _without_text(self, row: Row) -> Stored | None:
        line = self.archive.index.line(row.id)
        return line.stored() if line else None

    def _below(self, row: Row) -> list[Row]:
        return [self.catalogue.rows[entry_id] for entry_id in self.catalogue.below.get(row.id, ())]

    def _text(self, entry: Entry, asked: set[str], up: str = "../../", level: int = 2) -> Any:
        return self.texts.shown(entry.content_html, entry.url, up, level, asked)

    def _own_text(self, row: Row, files: Sequence[MediaFile]) -> str:
        """Return the words of a file that the owner wrote, for it has no other page to be read on."""
        if row.kind != "workspace" or not files or not files[0].name.endswith(_TEXT_ENDINGS):
            return ""
        try:
            with self.archive.read(files[0].sha256) as file:
                return file.read(_LONGEST_TEXT).decode("utf-8", "replace")
        except (KeyError, ArchiveDamaged):
            return ""

    def _pictures(self, entry: Entry, text: str) -> list[dict[str, str]]:
        """Return the entry's own pictures that its text does not show already."""
        found = []
        for file in entry.files:
            address = self.shelf.picture(file.sha256) if file.sha256 else ""
            if address and address not in text:
                caption = plain_text(file.caption)
                found.append({"src": address, "alt": file.alt or caption or file.name, "caption": caption})
        return found

    def _file(self, file: MediaFile) -> dict[str, str]:
        held = self.shelf.place(file.sha256) if file.sha256 else ""
        return {
            "name": file.name or "file without a name",
            "href": self.shelf.link(file.sha256) if held else "",
            "what": wording.file_kind(file),
            "size": views.size(file.size) if file.size is not None else "",
            "place": held,
            "runs": "yes" if self.shelf.may_run(held) else "",
            "sha256": file.sha256,
            "address": web_address(file.url),
            "credit": plain_text(file.credit),
            "licence": plain_text(file.licence),
        }

    def _said(self, row: Row, asked: set[str]) -> list[dict[str, Any]]:
        """Return what others said under an entry, with its words."""
        found = []
        for below in self._below(row):
            if below.kind not in SAID:
                continue
            try:
                stored = self.archive.entry(below.id)
            except ArchiveDamaged:
                stored = None
            text = self._text(stored.entry, asked, level=3) if stored else ""
            found.append({"row": below, "by": below.creator or "Somebody", "day": self.day(below), "text": text})
        return found

    def _meta(self, row: Row) -> str:
        return " · ".join(part for part in (row.what, self.day(row)) if part)

    def _facts(self, stored: Stored) -> list[tuple[str, str]]:
        entry, row = stored.entry, self.catalogue.rows[stored.id]
        status = views.status_of(entry)
        facts = [
            ("Seen by", _SEEN_BY[row.seen.value]),
            ("Status", _STATUSES.get(status, status)),
            ("Due", views.due(entry)),
            *((label.capitalize(), words) for label, words in particulars(entry)),
            ("Written by", entry.creator),
            ("Whose", _WHOSE[entry.author] if entry.author != "own" else ""),
            ("Published", self._moment(entry.published)),
            ("Last changed at its source", self._moment(entry.updated)),
        ]
        return [fact for fact in facts if fact[1]]

    def _provenance(self, stored: Stored, history: Sequence[Event]) -> dict[str, Any]:
        entry = stored.entry
        last = next((event for event in reversed(history) if event.raw), None)
        readable = next((event.readable for event in reversed(history) if event.readable), None)
        return {
            "sources": [(name, lists.source_page(name)) for name in stored.seen_by],
            "first_seen": self._moment(stored.first_seen),
            "changed": self._moment(stored.changed),
            "address": entry.url,
            "link": web_address(entry.url),
            "number": entry.native_id,
            "keys": list(entry.keys),
            "id": stored.id,
            "raw": last.raw if last else None,
            "raw_href": self.shelf.raw(last.raw.path) if last and last.raw else "",
            "raw_lines": _lines(last.raw) if last and last.raw else "",
            "readable": readable.path if readable else "",
            "readable_href": self.shelf.readable(readable.path) if readable else "",
        }

    def _earlier(self, row: Row, history: Sequence[Event]) -> dict[int, Event]:
        """Return, by number, the last event of each version before the newest one."""
        if not self.earlier:
            return {}
        return {event.number: event for event in history if event.number < row.version}

    def _history(self, row: Row, history: Sequence[Event], old: dict[int, Event]) -> list[dict[str, str]]:
        return [
            {
                "number": str(event.number),
                "when": self._moment(event.when),
                "event": _EVENTS.get(event.event, event.event),
                "why": event.why,
                "source": event.source,
                "gone": "yes" if event.event == "deletion" else "",
                "title": event.title if self.earlier else "",
                "page": _version_page(row, event.number) if event.number in old else "",
                "readable": self.shelf.readable(event.readable.path) if event.readable and self.earlier else "",
            }
            for event in history
        ]

    def _version(self, row: Row, event: Event, entry: Entry, asked: set[str]) -> tuple[str, bool]:
        try:
            text, read = self.texts.shown(content(self.archive, event), entry.url, "../../", 1, asked), True
        except ArchiveDamaged:
            text, read = Markup(), False
        page = self._render(
            "version.html",
            row.page,
            row=row,
            title=event.title or row.title,
            lang=_language(entry.language),
            number=event.number,
            when=self._moment(event.when),
            seen=_SEEN_BY.get(event.seen, ""),
            text=text,
            own=self._own_text(row, event.files),
            files=[self._file(file) for file in event.files],
            damaged=not read,
        )
        return page, read

    def _moment(self, moment: Any) -> str:
        if moment is None:
            return ""
        return f"{wording.day(moment, self.zone)}, {moment.astimezone(self.zone):%H:%M}"

    # --- lists ------------------------------------------------------------------------------------------------------

    def listing(self, way: Way, listing: Listing, number: int) -> str:
        """Return one page of a list."""
        name = listing.name(number)
        return self._render(
            "listing.html",
            name,
            way=way,
            listing=listing,
            number=number,
            groups=listing.on(number),
        )

    def index(self, way: Way) -> str:
        """Return the index of a folder of lists."""
        return self._render("index.html", f"{way.folder}/index.html", way=way)

    def home(self, ways: Sequence[Way], gone: int) -> str:
        """Return the first page."""
        counts: dict[str, int] = {}
        for row in self.catalogue.rows.values():
            if row.listed:
                counts[row.what] = counts.get(row.what, 0) + 1
        kinds = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return self._render(
            "home.html",
            "index.html",
            ways=ways,
            kinds=[(what, count, lists.kind_page(what)) for what, count in kinds],
            entries=sum(counts.values()),
            gone=gone,
            beside=self.shelf.beside,
        )

    def search(self) -> str:
        """Return the search page, the only one with a script."""
        return self._render("search.html", "search.html")

    def _render(self, template: str, name: str, **values: Any) -> str:
        up = "../" * name.count("/")
        page = {"frame": self.frame, "up": up, "day": self.day, **values}
        return _environment().get_template(template).render(page)


def layout() -> str:
    """Return what changes when the templates, the style or the program that fills them do."""
    package = resources("bridge.browse")
    names = sorted(item.name for item in package.iterdir() if item.name.endswith(".py"))
    parts = [package.joinpath(name).read_text("utf-8") for name in names]
    templates = package.joinpath("templates")
    parts += [item.read_text("utf-8") for item in sorted(templates.iterdir(), key=lambda item: item.name)]
    return naming.short_hash("\n".join(parts), 16)


def asset(name: str) -> str:
    """Return a file that goes beside the pages: ``style.css`` or ``search.js``."""
    return resources("bridge.browse").joinpath(name).read_text("utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("bridge.browse"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _version_page(row: Row, number: int) -> str:
    return f"{row.page.removesuffix('.html')}-v{number}.html"


def _language(language: str) -> str:
    """Return a language tag that a browser knows; what is none would make a screen reader stumble."""
    return language.replace("_", "-") if _LANGUAGE.fullmatch(language.replace("_", "-")) else ""


def _lines(raw: Bytes) -> str:
    """Say which bytes of a shared file are the entry's."""
    return f"bytes {raw.offset} to {raw.offset + raw.size}" if raw.offset is not None else ""
