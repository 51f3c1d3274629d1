"""
Everything as Markdown: one file for each entry, with YAML front matter, its media beside it, and an index.

    index.md
    posts/2024/2024-03-04-on-moodle-1042.md     a folder for each kind and year; comments stand below their post
    media/2024/5d1c09aa-workshop-photo.jpg      files, each once
    portfolio/original/1a.md                    the owner's own files, as they are
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from archive.entry import Entry
from archive.errors import ArchiveDamaged
from bridge import contents, owner, views
from bridge.export import Exported, LeftOut, Wanted, chosen, copies
from bridge.export import markdown_matter as matter
from bridge.export.markdown_addresses import Addresses, Held, learned, urljoined
from bridge.export.markdown_folder import Folder, from_file, is_plain
from bridge.export.markdown_text import escaped, to_markdown
from bridge.marking import owner_marks
from bridge.portfolio import marks

if TYPE_CHECKING:
    from archive.store import Stored
    from bridge.session import Session

REMARKS = views.REMARKS | {"reply"}
"""Kinds that stand below what they are about."""

ONLY_NAMES = frozenset({"term", "user", "settings"})
"""Kinds that are often no more than a name, which stands in the front matter of what bears it."""

_WEB = ("http://", "https://", "mailto:", "tel:")


def export(session: Session, out: Path, wanted: Wanted) -> Exported:
    """Write what was asked for as Markdown files into the folder."""
    archive = session.existing_archive()
    folder = Folder(out, archive)
    stay = copies(session, archive, wanted)
    writer = _Writer(folder, learned(session, archive, wanted, stay), owner_marks(session))
    writer.left_out += stay.values()
    writer.place(chosen(session, archive, wanted, stay))
    own = archive.entries(kind=owner.KIND) if wanted.everything else ()
    for stored in chain(chosen(session, archive, wanted), own):
        writer.write(stored)
    writer.write_index()
    return Exported(out, writer.entries, folder.media, folder.bytes, tuple(writer.left_out), whole=not folder.damaged)


@dataclass
class _Writer:
    folder: Folder
    addresses: Addresses
    marks: marks.Marks
    entries: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    _places: dict[str, str] = field(default_factory=dict)  # of entries, by id
    _remarks: dict[str, list[str]] = field(default_factory=dict)  # ids of comments, by the id of what they are about
    _inside: dict[str, list[str]] = field(default_factory=dict)  # ids of what belongs to something, by its id
    _called: dict[str, tuple[str, str]] = field(default_factory=dict)  # kind and title, by id
    _listed: list[tuple[str, str, str, str]] = field(default_factory=list)  # folder, day, title, place

    def place(self, entries: Iterable[Stored]) -> None:
        """Give each entry its file before any is written, for texts link to each other."""
        remarks: dict[str, Entry] = {}
        for stored in entries:
            if stored.entry.kind in REMARKS:
                remarks[stored.id] = stored.entry
            elif _has_something(stored.entry):
                self._places[stored.id] = self.folder.place_of(stored.entry)
                self._called[stored.id] = (stored.entry.kind, matter.title_of(stored.entry))
                if above := self.addresses.keys.get(stored.entry.parent or ""):
                    self._inside.setdefault(above, []).append(stored.id)
        for entry_id, entry in remarks.items():
            above = self.addresses.keys.get(entry.parent or "", "")
            if above in self._places and above not in remarks:
                self._remarks.setdefault(above, []).append(entry_id)
            else:
                self._places[entry_id] = self.folder.place_of(entry)

    def write(self, stored: Stored) -> None:
        """Write one entry, with what was said about it."""
        if stored.entry.kind == owner.KIND:
            self._copy_own(stored)
        elif place := self._places.get(stored.id):
            self._write(stored, place)

    def write_index(self) -> None:
        """Write the list of everything, by folder and day."""
        lines, last = ["# Contents"], ""
        for folder, day, title, place in sorted(self._listed):
            if folder != last:
                lines += ["", f"## {folder}", ""]
                last = folder
            lines.append(f"- {f'{day} ' if day else ''}[{escaped(title)}]({place})")
        self.folder.put("index.md", "\n".join(lines) + "\n")

    def _write(self, stored: Stored, place: str) -> None:
        entry = stored.entry
        found = (self.folder.archive.entry(one) for one in self._remarks.get(stored.id, ()))
        said = [one for one in found if one is not None]
        files = [matter.of_file(file, self._file(Held.of(stored, file), place)) for file in entry.files]
        known = matter.of_entry(stored, marks.effective(stored, self.marks), files)
        known["comments"] = [matter.of_remark(one) for one in said]
        text = self._text(stored, place)
        parts = [matter.front(known), text, _beside(files, text), self._held_in(stored, place, text)]
        if said:
            parts.append("## Comments\n")
        for one in said:
            day = f", {one.entry.published:%Y-%m-%d}" if one.entry.published else ""
            parts += [f"### {escaped(one.entry.creator or 'Somebody')}{day}\n", self._text(one, place)]
        self.folder.put(place, "\n".join(part for part in parts if part.strip()))
        self.entries += 1 + len(said)
        day = f"{entry.published:%Y-%m-%d}" if entry.published else ""
        self._listed.append((PurePosixPath(place).parent.as_posix(), day, matter.title_of(entry), place))

    def _held_in(self, stored: Stored, place: str, text: str) -> str:
        """Return links to what a folder, a journal or its like holds, in its own order, if its text has none."""
        if stored.entry.kind not in contents.HOLDERS:
            return ""
        keys = self.addresses.keys
        first = [there for key in contents.named(stored.entry) if (there := keys.get(key, "")) in self._places]
        inside = contents.ordered(
            stored.entry.kind, self._inside.get(stored.id, ()), first, lambda name: self._called[name]
        )
        ways = {i: from_file(self._places[i], place) for i in inside}
        links = [f"- [{escaped(self._called[i][1])}]({way})" for i, way in ways.items() if f"({way})" not in text]
        return "\n".join(["## In it\n", *links]) + "\n" if links else ""

    def _text(self, stored: Stored, place: str) -> str:
        """Return an entry's text, its links and pictures turned to what lies beside it."""
        base = stored.entry.url

        def address(given: str) -> str:
            if held := self.addresses.file(given, base):
                if copied := self._file(held, place):
                    return copied
            elif not given.startswith("#") and (there := self._places.get(self.addresses.entry(given, base))):
                return from_file(there, place)
            whole = urljoined(base, given)
            return whole if whole.startswith((*_WEB, "data:image/")) else ""

        return to_markdown(stored.entry.content_html, address)

    def _file(self, held: Held, place: str) -> str:
        """Return the way to the copy of a file; ``""``, and a note, where its bytes are not held."""
        file = held.file
        copied = self.folder.media_of(file.sha256, file.name, held.moment) if file.sha256 else ""
        if not copied:
            what = "are missing or not what was stored" if file.sha256 in self.folder.damaged else "are not held"
            why = f"the bytes of its file {file.name or file.url} {what}"
            self._leave(LeftOut(held.owner, matter.title_of(held.entry), why))
        return copied and from_file(copied, place)

    def _copy_own(self, stored: Stored) -> None:
        """Copy a file of the owner's own under its own name; that is checked, for an archive may be anybody's."""
        name = stored.entry.native_id
        if name == "config.yaml":
            return
        if not name.startswith("portfolio/") or not is_plain(name):
            self._leave(LeftOut(stored.id, name, "its name is not one that a file here may have"))
            return
        try:
            self.folder.copy(name, stored.entry.files[0].sha256)
        except (KeyError, IndexError):
            self._leave(LeftOut(stored.id, name, "its bytes are not held"))
            return
        except ArchiveDamaged:
            self._leave(LeftOut(stored.id, name, "its bytes are missing or not what was stored"))
            return
        except FileExistsError:
            self._leave(LeftOut(stored.id, name, "there is a file or folder of that name already"))
            return
        self.entries += 1
        self._listed.append((PurePosixPath(name).parent.as_posix(), "", PurePosixPath(name).name, name))

    def _leave(self, what: LeftOut) -> None:
        if what not in self.left_out:  # a picture may stand in several texts
            self.left_out.append(what)


def _beside(files: list[dict[str, Any]], text: str) -> str:
    """Return the files that the text does not show, as pictures and links."""
    lines = []
    for file in files:
        if (path := file.get("path", "")) and f"({path})" not in text:
            picture = str(file.get("type", "")).startswith("image/")
            words = escaped(file.get("alt", "") if picture else file.get("name", "") or path)
            lines.append(f"{'!' if picture else ''}[{words}]({path})\n")
    return "\n".join(lines)


def _has_something(entry: Entry) -> bool:
    return bool(entry.content_html or entry.files) or entry.kind not in ONLY_NAMES
