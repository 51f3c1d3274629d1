"""What of an archive goes to Mahara, as what, and under which number: decided once, before anything is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive import naming
from archive.entry import Digest, Entry
from archive.segment import digest_of
from bridge.export import LeftOut
from bridge.export.leap2a_text import Words, words
from bridge.export.markdown_addresses import Addresses, Held, urljoined
from bridge.export.markdown_matter import title_of
from bridge.portfolio import wording
from bridge.render import sanitise
from connectors.mahara import leap2a_parts as parts
from connectors.mahara.leap2a_parts import About, Id, Part
from connectors.mahara.leap2a_write import Member

if TYPE_CHECKING:
    from archive.store import Archive, Stored

REMARKS = frozenset({"comment", "pingback", "trackback", "reply"})
ONLY_NAMES = frozenset({"term", "user", "settings"})
OF_KEEPFOLIO = frozenset({"release", "receipt", "workspace"})
DRAFTS = frozenset({"draft", "auto-draft", "pending", "future"})
_AS_THEY_ARE = frozenset({"journal", "note", "page", "plan", "task", "folder"})


@dataclass
class Journal:
    """A journal and the ids of its entries. ``html`` says what it is about."""

    id: Id
    about: About
    html: str = ""
    entries: list[Id] = field(default_factory=list)


@dataclass(frozen=True)
class Filed:
    """A file, its id, its name in the zip, and the folder that it lies in."""

    id: Id
    held: Held
    member: str
    size: int
    folder: Id


@dataclass
class Content:
    """Sorts entries, gives numbers, and makes parts of them."""

    archive: Archive
    addresses: Addresses
    left_out: list[LeftOut] = field(default_factory=list)
    ids: dict[str, Id] = field(default_factory=dict)  # by the entry's id
    kinds: dict[str, str] = field(default_factory=dict)  # what an entry becomes, by its id
    files: dict[Digest, Filed | None] = field(default_factory=dict)
    _journals: dict[str, Journal] = field(default_factory=dict)
    _inside: dict[Id, list[Id]] = field(default_factory=dict)  # of folders and plans
    _number: int = 0

    # --- first: what is what ----------------------------------------------------------------------------------------

    def sort(self, entries: Iterable[Stored]) -> None:
        """Take in all that was chosen. What cannot go is left out by name."""
        later: list[tuple[str, Entry, Held | None]] = []
        for stored in entries:
            entry = stored.entry
            if why := _why_not(entry):
                self._leave(stored.id, entry, why)
            elif entry.kind not in ONLY_NAMES:
                kind = _becomes(entry)
                self.kinds[stored.id] = kind
                if kind == "file":
                    later += [(stored.id, entry, Held.of(stored, file)) for file in entry.files]
                    continue
                self.ids[stored.id] = self._next("view" if kind == "page" else "artefact")
                if kind == "journal":
                    html = entry.content_html
                    self._journals[stored.id] = Journal(self.ids[stored.id], about(stored), html)
                elif kind == "entry":
                    self._journal_of(stored).entries.append(self.ids[stored.id])
                elif kind in {"folder", "task"}:
                    later.append((stored.id, entry, None))
        for entry_id, entry, held in later:
            within = self._within(entry, "plan" if entry.kind == "task" else "folder")
            if held is not None:
                self._file(entry_id, held, within)
            elif within:
                self._inside.setdefault(within, []).append(self.ids[entry_id])

    def _journal_of(self, stored: Stored) -> Journal:
        """Return the journal of an entry: the one that it was in, else one for its source."""
        above = self.addresses.keys.get(stored.entry.parent or "", "")
        name = above if self.kinds.get(above) == "journal" else stored.source
        if name not in self._journals:
            title = urlsplit(stored.entry.url).hostname or stored.source
            own = About(title, about(stored).published, about(stored).published)
            self._journals[name] = Journal(self._next("artefact"), own)
        return self._journals[name]

    def _within(self, entry: Entry, kind: str) -> Id:
        above = self.addresses.keys.get(entry.parent or "", "")
        return self.ids[above] if self.kinds.get(above) == kind else ""

    def _file(self, entry_id: str, held: Held, within: Id = "") -> Id:
        """Return the id of a file, which goes into the zip once; ``""``, and a note, where its bytes are not held."""
        digest = held.file.sha256
        if digest not in self.files:
            path = self.archive.path_of(digest) if digest else None
            if path is None or not path.is_file() or digest_of(str(path)) != digest:
                self.files[digest] = None
            else:
                id_ = self._next("artefact")
                name = PurePosixPath(naming.file_path("", digest, held.file.name, held.moment)).name[9:] or "file"
                member = f"export_info/files/{id_.removeprefix('artefact')}-{name}"
                self.files[digest] = Filed(id_, held, member, path.stat().st_size, within)
                if within:
                    self._inside.setdefault(within, []).append(id_)
        filed = self.files[digest]
        if filed is None:
            self._leave(
                entry_id,
                held.entry,
                f"the bytes of its file {held.file.name or held.file.url} are not held, or are damaged",
            )
            return ""
        if held.entry.kind in wording.FILE_KINDS:
            self.ids.setdefault(held.owner, filed.id)
        return filed.id

    # --- then: parts ------------------------------------------------------------------------------------------------

    def part(self, stored: Stored) -> Part | None:
        """Return what one entry becomes; ``None`` for journals, files, and what was left out."""
        kind, entry = self.kinds.get(stored.id, ""), stored.entry
        if kind in {"", "journal", "file"}:
            return None
        id_, of = self.ids[stored.id], about(stored)
        plain = sanitise.text(entry.content_html)
        if kind == "folder":
            return parts.folder(id_, of, plain, self._within(entry, "folder"), self._inside.get(id_, ()))
        if kind == "plan":
            return parts.plan(id_, of, plain, self._inside.get(id_, ()))
        if kind == "task":
            due = str(entry.extra.get("target") or "")
            due = due if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", due) else ""
            within = self._within(entry, "plan")
            return parts.task(id_, of, plain, within, done=entry.status == "completed", due=due)
        text = self.words(stored.id, entry, entry.content_html, links=kind != "page")
        attached = [self._file(stored.id, Held.of(stored, file)) for file in entry.files]
        files = tuple(dict.fromkeys(one for one in (*attached, *text.files) if one))
        if kind == "note":
            return parts.note(id_, of, text.html, files)
        if kind == "page":
            blocks = [parts.text_block("", text.html)] if text.html else []
            return parts.page(id_, of, [*blocks, *([parts.files_block("Files", files)] if files else [])], "")
        within = self._journal_of(stored).id
        return parts.journal_entry(id_, of, text.html, within, files, draft=entry.status in DRAFTS)

    def journals(self) -> Iterator[Part]:
        """Yield the journals, each with the ids of its entries."""
        for journal in self._journals.values():
            text = words(journal.html, lambda _: "", elsewhere, links=True)
            yield parts.journal(journal.id, journal.about, text.html, journal.entries)

    def filed(self) -> Iterator[Filed]:
        """Yield the files that anything asked for so far."""
        yield from (filed for filed in self.files.values() if filed)

    @property
    def whole(self) -> bool:
        """Whether every file that was asked for, and that the archive names, has its bytes."""
        return all(filed for digest, filed in self.files.items() if digest)

    def file_part(self, filed: Filed) -> Part:
        """Return a file as an entry; its title is its name, and what is said of it its description."""
        file, entry = filed.held.file, filed.held.entry
        said = file.caption or file.alt or (entry.title if entry.kind in wording.FILE_KINDS else "")
        title = parts.plain(file.name.replace("\\", "/").rpartition("/")[2]) or filed.member.rpartition("/")[2]
        tags = entry.tags if entry.kind in wording.FILE_KINDS else ()
        own = About(title, filed.held.moment, entry.updated or filed.held.moment, tags)
        return parts.file(filed.id, own, sanitise.text(said), filed.folder, wording.media_type(file), filed.member)

    def member(self, filed: Filed) -> Member:
        """Return the bytes of a file as a member of the zip."""
        return Member(filed.member, filed.size, partial(self.archive.read, filed.held.file.sha256))

    @property
    def count(self) -> int:
        """How many entries go."""
        return sum(entry_id in self.ids for entry_id in self.kinds)

    def file_at(self, address: str, base: str = "", entry_id: str = "") -> Id:
        """Return the id of the file at an address in a text; ``""`` where it is none of ours."""
        found = self.addresses.file(address, base)
        return self._file(entry_id or found.owner, found) if found else ""

    def file_of(self, digest: Digest, entry_id: str) -> Id:
        """Return the id of a file that an entry brought; ``""`` where it is not held."""
        if filed := self.files.get(digest):
            return filed.id
        stored = self.archive.entry(entry_id)
        found = next((file for file in stored.entry.files if file.sha256 == digest), None) if stored else None
        return self._file(entry_id, Held.of(stored, found)) if stored and found else ""

    def words(self, entry_id: str, entry: Entry, html: str, *, links: bool) -> Words:
        """Return a text with its pictures, and its links where Mahara takes them, turned to files in the export."""
        made = words(
            html,
            lambda address: self.file_at(address, entry.url, entry_id),
            lambda address: elsewhere(address, entry.url),
            links=links,
        )
        if made.lost:
            self._leave(entry_id, entry, f"{made.lost} of its pictures, which have no file and no address of their own")
        return made

    def _next(self, what: str) -> Id:
        self._number += 1
        return f"{what}{self._number}"

    def page_id(self) -> Id:
        """Return a new id for a page."""
        return self._next("view")

    def collection_id(self) -> Id:
        """Return a new id for a collection."""
        return self._next("collection")

    def _leave(self, entry_id: str, entry: Entry, why: str) -> None:
        what = LeftOut(entry_id, title_of(entry), why)
        if what not in self.left_out:
            self.left_out.append(what)


def elsewhere(address: str, base: str = "") -> str:
    """Return an address as a whole one that a browser may follow; ``""`` where it leads nowhere."""
    whole = urljoined(base, address)
    return whole if whole.startswith(("http://", "https://", "mailto:", "tel:")) else ""


def about(stored: Stored) -> About:
    """Return what every part has; an undated draft has the day on which it was first seen."""
    entry = stored.entry
    published = entry.published or entry.updated or stored.first_seen
    title = parts.plain(entry.title) or f"Untitled {wording.kind(entry).lower()}"
    return About(title, published, entry.updated or published, entry.tags)


def _why_not(entry: Entry) -> str:
    """Say why an entry cannot go to Mahara; ``""`` if it can."""
    if entry.kind in REMARKS:
        return "Mahara drops comments when it imports"
    if entry.kind in OF_KEEPFOLIO:
        return "it is keepfolio's own; the portfolio itself goes as pages"
    if entry.kind in ONLY_NAMES:
        return "Mahara has no place for what is said of a tag or a person" if entry.content_html else ""
    if entry.status == "trash":
        return "it lies in the bin of its site"
    if entry.author == "others":
        return "somebody else wrote it, and Mahara would show it as yours"
    if entry.kind in wording.FILE_KINDS and not entry.files:
        return "it has no file"
    if entry.kind == "note" and not sanitise.text(entry.content_html):
        return "Mahara takes no note without words"
    return ""


def _becomes(entry: Entry) -> str:
    if entry.kind in wording.FILE_KINDS:
        return "file"
    return entry.kind if entry.kind in _AS_THEY_ARE else "entry"
