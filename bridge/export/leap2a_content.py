"""What of an archive goes to Mahara, as what, and under which number: decided once, before anything is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from archive.entry import Digest, Entry
from bridge.export import LeftOut
from bridge.export.leap2a_files import Files
from bridge.export.leap2a_kinds import DRAFTS, ONLY_NAMES, Becomes, about, becomes, of_mahara, why_not
from bridge.export.leap2a_text import Words, elsewhere, lines, words
from bridge.export.markdown_addresses import Addresses, Held
from bridge.export.markdown_matter import title_of
from connectors.mahara import leap2a_parts as parts
from connectors.mahara.leap2a_parts import About, Id, Part

if TYPE_CHECKING:
    from archive.store import Archive
    from archive.values import Stored

_NUMBERED = {"page": "view", "blocks": "view", "collection": "collection"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass
class Journal:
    """A journal and the ids of its entries; ``entry_id`` is ``""`` for one of ours."""

    id: Id
    about: About
    entry_id: str = ""
    entries: list[Id] = field(default_factory=list)


@dataclass(frozen=True)
class _Light:
    """What decides in which journal an entry stands."""

    parent: str
    source: str
    host: str
    published: datetime

    @classmethod
    def of(cls, stored: Stored) -> Self:
        entry = stored.entry
        return cls(entry.parent or "", stored.source, urlsplit(entry.url).hostname or "", about(stored).published)


@dataclass
class Content:
    """
    Sorts entries, gives numbers, and makes parts of them.

    ``beyond`` says whether a journal may come along that was not chosen, because entries of it were.
    """

    archive: Archive
    addresses: Addresses
    beyond: bool = False
    left_out: dict[LeftOut, None] = field(default_factory=dict)
    ids: dict[str, Id] = field(default_factory=dict)  # by the entry's id
    kinds: dict[str, Becomes] = field(default_factory=dict)  # by the entry's id
    inside: dict[str, list[str]] = field(default_factory=dict)  # entries of folders, plans and sections, by entry
    _above: dict[str, str] = field(default_factory=dict)  # the entry that one lies in, by entry
    _journals: dict[str, Journal] = field(default_factory=dict)
    _entries: dict[str, _Light] = field(default_factory=dict)
    _number: int = 0

    def __post_init__(self) -> None:
        self.files = Files(self.archive, lambda: self._next("artefact"))

    # --- first: what is what ----------------------------------------------------------------------------------------

    def sort(self, entries: Iterable[Stored]) -> None:
        """Take in all that was chosen. What cannot go is left out by name."""
        lying: list[tuple[str, Entry]] = []  # without their texts
        files: list[tuple[str, Held]] = []
        for stored in entries:
            entry = stored.entry
            if why := why_not(entry):
                self.leave(stored.id, entry, why)
            elif entry.kind not in ONLY_NAMES:
                kind = self.kinds[stored.id] = becomes(entry)
                if kind != "file":
                    self._count(stored, kind)
                elif of_mahara(entry):
                    self.files.know(stored)
                if kind in {"folder", "task", "row", "file"}:
                    lying.append((stored.id, replace(entry, content_html="", extra={})))
                if kind == "file":
                    files += [(stored.id, Held.of(stored, file)) for file in entry.files]
        for entry_id, light in self._entries.items():
            self._journal_of(light).entries.append(self.ids[entry_id])
        for entry_id, entry in lying:
            self._lies(entry_id, entry)
        for entry_id, held in files:
            self.file(entry_id, held, self.within(entry_id))
        for entry_id in [one for one, kind in self.kinds.items() if kind == "file" and one not in self.ids]:
            del self.kinds[entry_id]

    def _count(self, stored: Stored, kind: Becomes) -> None:
        id_ = parts.PERSON if kind == "profile" else self._next(_NUMBERED.get(kind, "artefact"))
        self.ids[stored.id] = id_
        if kind == "journal":
            self._journals[stored.id] = Journal(id_, about(stored), stored.id)
        elif kind == "entry":
            self._entries[stored.id] = _Light.of(stored)

    def _journal_of(self, entry: _Light) -> Journal:
        """Return the journal of an entry: the one that it was in, chosen or not, else one for its source."""
        above = self.entry_at(entry.parent)
        if self.kinds.get(above) == "journal":
            return self._journals[above]
        found = self.archive.by_key(entry.parent) if self.beyond and entry.parent else None
        found = found if found and found.entry.kind == "journal" else None
        name = found.id if found else entry.source
        if name not in self._journals:
            own = about(found) if found else About(entry.host or entry.source, entry.published, entry.published)
            self._journals[name] = Journal(self._next("artefact"), own, found.id if found else "")
        return self._journals[name]

    def _lies(self, entry_id: str, entry: Entry) -> None:
        """Note in what an entry lies; one that would lie in itself lies in nothing, or Mahara would never end."""
        wanted = {"task": "plan", "row": "section"}.get(self.kinds[entry_id], "folder")
        above = self.entry_at(entry.parent or "")
        if self.kinds.get(above) != wanted:
            if wanted == "section":
                self.leave(entry_id, entry, "its section of the résumé does not come along")
                del self.kinds[entry_id], self.ids[entry_id]
            return
        higher: str | None = above
        while higher:
            if higher == entry_id:
                return
            higher = self._above.get(higher)
        self._above[entry_id] = above
        self.inside.setdefault(above, []).append(entry_id)

    def within(self, entry_id: str) -> Id:
        """Return the id of the folder, plan or section that an entry lies in; ``""`` where it lies in none."""
        return self.ids.get(self._above.get(entry_id, ""), "")

    def entry_at(self, key: str) -> str:
        """Return the id of the entry with a key; ``""`` where there is none."""
        return self.addresses.keys.get(key, "")

    def named(self, entry: Entry, native: object) -> Id:
        """Return the new id of what an entry names by a number of its own site; ``""`` where it does not come along."""
        site = entry.keys[0].rpartition("/")[0]
        return self.ids.get(self.entry_at(f"{site}/{native}"), "")

    # --- then: parts ------------------------------------------------------------------------------------------------

    def parts(self, stored: Stored) -> Iterator[Part]:
        """Yield what one entry becomes; nothing for what is made elsewhere, and what was left out."""
        kind, entry = self.kinds.get(stored.id, ""), stored.entry
        if kind == "folder":
            within = [self.ids[one] for one in self.inside.get(stored.id, ()) if one in self.ids]
            id_, above = self.ids[stored.id], self.within(stored.id)
            yield parts.folder(id_, about(stored), lines(entry.content_html), above, within)
        elif kind == "plan":
            yield from self._plan(stored)
        elif kind == "task" and not self.within(stored.id):
            self.leave(stored.id, entry, "its plan does not come along: it goes as a plan of its own")
            yield parts.plan(self.ids[stored.id], about(stored), lines(entry.content_html), ())
        elif kind == "note":
            yield self._note(stored)
        elif kind == "page":
            yield self._page(stored)
        elif kind == "entry":
            yield self._entry(stored)

    def _plan(self, stored: Stored) -> Iterator[Part]:
        """Yield a plan and its tasks: Mahara puts them in the order of the file."""
        plan, entry = self.ids[stored.id], stored.entry
        held = in_order(entry, "tasks", self.inside.get(stored.id, ()), self)
        yield parts.plan(plan, about(stored), described(entry), [self.ids[one] for one in held])
        for one in held:
            if task := self.archive.entry(one):
                due = str(task.entry.extra.get("target") or "")
                done, text = task.entry.status == "completed", described(task.entry)
                due = due if _DAY.fullmatch(due) else ""
                yield parts.task(self.ids[one], about(task), text, plan, done=done, due=due)

    def _note(self, stored: Stored) -> Part:
        entry = stored.entry
        text = self.words(stored.id, entry, entry.content_html, links=True)
        files = self._attached(stored, text)
        lost = [*(["its tags"] if entry.tags else []), *(["that its files are attached to it"] if files else [])]
        if lost:
            self.leave(stored.id, entry, f"Mahara's importer forgets of a note: {' and '.join(lost)}")
        return parts.note(self.ids[stored.id], about(stored), text.html, files)

    def _page(self, stored: Stored) -> Part:
        text = self.words(stored.id, stored.entry, stored.entry.content_html, links=False)
        blocks = [parts.text_block("", text.html)] if text.html else []
        if files := self._attached(stored, text):
            blocks.append(parts.files_block("Files", files))
        return parts.page(self.ids[stored.id], about(stored), blocks, "")

    def _entry(self, stored: Stored) -> Part:
        entry = stored.entry
        if of_mahara(entry) and entry.kind != "journal-entry":
            why = f"Mahara imports nothing of its kind ({entry.kind}): it goes as a journal entry"
            self.leave(stored.id, entry, why)
        text = self.words(stored.id, entry, entry.content_html, links=True)
        files, draft = self._attached(stored, text), entry.status in DRAFTS
        within = self._journal_of(self._entries[stored.id]).id
        return parts.journal_entry(self.ids[stored.id], about(stored), text.html, within, files, draft=draft)

    def journals(self) -> Iterator[Part]:
        """Yield the journals, each with the ids of its entries."""
        for journal in self._journals.values():
            stored = self.archive.entry(journal.entry_id) if journal.entry_id else None
            html = self.words(stored.id, stored.entry, stored.entry.content_html, links=True).html if stored else ""
            yield parts.journal(journal.id, journal.about, html, journal.entries)

    def _attached(self, stored: Stored, text: Words) -> tuple[Id, ...]:
        """
        Return the files to attach to an entry.

        Mahara tells what is attached from what is only linked; elsewhere, what a text links is part of it.
        """
        entry = stored.entry
        brought = [self.file(stored.id, Held.of(stored, file)) for file in entry.files]
        listed = entry.extra.get("attachments")
        if of_mahara(entry):
            own = [self.named(entry, one) for one in (listed if isinstance(listed, list) else [])]
            found = (*own, *text.pictures)
        else:
            found = (*brought, *text.files)
        return tuple(dict.fromkeys(one for one in found if one))

    # --- files and texts --------------------------------------------------------------------------------------------

    def file(self, entry_id: str, held: Held, within: Id = "") -> Id:
        """Return the id of a file, which goes into the zip once; ``""``, and a note, where its bytes are not held."""
        filed = self.files.add(held, within)
        if filed is None:
            called = held.file.name or held.file.url
            self.leave(entry_id, held.entry, f"the bytes of its file {called} are not held, or are damaged")
            return ""
        if self.kinds.get(held.owner) == "file":
            self.ids.setdefault(held.owner, filed.id)
        return filed.id

    @property
    def count(self) -> int:
        """How many entries go."""
        return sum(entry_id in self.ids for entry_id in self.kinds)

    def file_at(self, address: str, base: str = "", entry_id: str = "") -> Id:
        """Return the id of the file at an address in a text; ``""`` where it is none of ours."""
        found = self.addresses.file(address, base)
        return self.file(entry_id or found.owner, found) if found else ""

    def file_of(self, digest: Digest, entry_id: str) -> Id:
        """Return the id of a file that an entry brought; ``""`` where it is not held."""
        if id_ := self.files.of(digest):
            return id_
        stored = self.archive.entry(entry_id)
        found = next((file for file in stored.entry.files if file.sha256 == digest), None) if stored else None
        return self.file(entry_id, Held.of(stored, found)) if stored and found else ""

    def words(self, entry_id: str, entry: Entry, html: str, *, links: bool) -> Words:
        """Return a text with its pictures, and its links where Mahara takes them, turned to files in the export."""
        made = words(
            html,
            lambda address: self.file_at(address, entry.url, entry_id),
            lambda address: elsewhere(address, entry.url),
            links=links,
            of_mahara=bool(of_mahara(entry)),
        )
        if made.lost:
            self.leave(entry_id, entry, f"{made.lost} of its pictures, which have no file and no address of their own")
        if len(made.html) > parts.LONGEST_TEXT:
            self.leave(entry_id, entry, "its text, which is longer than what Mahara's importer can read")
            return Words("", made.files, made.lost)
        return made

    def _next(self, what: str) -> Id:
        self._number += 1
        return f"{what}{self._number}"

    def new_id(self, what: str) -> Id:
        """Return a new id for a ``view``, a ``collection`` or an ``artefact`` that no entry is."""
        return self._next(what)

    def leave(self, entry_id: str, entry: Entry, why: str) -> None:
        """Note what of an entry stays behind, once."""
        self.left_out[LeftOut(entry_id, title_of(entry), why)] = None


def described(entry: Entry) -> str:
    """Return what the owner wrote of a plan or a task, without the days and tasks that a harvest told below it."""
    return lines(str(entry.extra.get("description_html", entry.content_html)))


def in_order(entry: Entry, name: str, inside: Iterable[str], content: Content) -> list[str]:
    """Return entries in the order in which their plan or section lists them; what it does not list comes last."""
    listed = entry.extra.get(name)
    site = entry.keys[0].rpartition("/")[0]
    order = {content.entry_at(f"{site}/{one}"): n for n, one in enumerate(listed if isinstance(listed, list) else [])}
    return sorted((one for one in inside if one in content.ids), key=lambda one: order.get(one, len(order)))
