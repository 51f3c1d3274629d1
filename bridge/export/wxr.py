"""
A blog as WordPress takes it: ``blog.xml`` for Tools > Import > WordPress, and its files below ``uploads/``.

What does not come from a WordPress and has text (a journal, a note) becomes a post; a file becomes an upload.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from archive.entry import Digest, Entry, Fidelity, MediaFile, Visibility
from archive.errors import KeepfolioError
from bridge.export import Exported, Wanted
from bridge.export.wxr_choice import Choice, whole
from bridge.export.wxr_notes import notes
from bridge.export.wxr_uploads import Uploads, size_of
from bridge.marking import owner_marks
from bridge.portfolio import marks
from connectors.wordpress import wxr_write_items as items
from connectors.wordpress.wxr_write import NO_TIME, Comment, Item, write
from connectors.wordpress.wxr_write_addresses import stem, with_exact, with_files_at, without_ending
from connectors.wordpress.wxr_write_plan import Plan, from_wordpress
from connectors.wordpress.wxr_write_said import Said, said

if TYPE_CHECKING:
    from archive.store import Archive, Stored
    from bridge.session import Session


def export(session: Session, out: Path, wanted: Wanted) -> Exported:
    """Write ``blog.xml`` and ``uploads/`` into the folder."""
    archive = session.existing_archive()
    own_marks = owner_marks(session)

    def visibility(stored: Stored) -> Visibility:
        return marks.effective(stored, own_marks)

    plan = Plan(session.config.zone, all_terms=whole(wanted))
    choice = Choice(archive, wanted, visibility, plan)
    choice.make()
    if not (choice.files or choice.texts):
        raise KeepfolioError(
            "There is nothing among these that a blog can hold.",
            code="nothing-chosen",
            unchanged="Nothing was written.",
            mend="keepfolio list shows what is held; leave out --source, --kind, --tag or --visibility.",
        )
    channel = plan.settle()
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    out.chmod(0o700)
    sheet = _Sheet(archive, choice, Uploads(out / "uploads", archive, wanted.media_at))
    descriptor = os.open(out / "blog.xml", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        written = write(file, channel, sheet.items())
    return Exported(
        out / "blog.xml",
        written.items + written.comments + len(channel.terms),
        sheet.uploads.files,
        size_of(out),
        tuple(choice.left_out),
        notes(sheet.counted, sheet.types, sheet.uploads, channel, plan, written),
        whole=not sheet.uploads.damaged,
    )


@dataclass
class _Sheet:
    """Makes the items one by one, and counts what a person should know of them."""

    archive: Archive
    choice: Choice
    uploads: Uploads
    counted: Counter[str] = field(default_factory=Counter)
    types: set[str] = field(default_factory=set)  # of posts, that a WordPress knows by a plugin alone
    _titles: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # of a type, at a time
    _reached: dict[tuple[str, str, str], str] = field(default_factory=dict)  # the last time given for type, title, time
    _uploaded: dict[Digest, str] = field(default_factory=dict)  # addresses of what came from other systems
    _moved: dict[str, str] = field(default_factory=dict)  # old and new stems of a blog's own pictures

    def items(self) -> Iterator[Item]:
        """Yield the files first: the address of each is known when a text that shows it is written."""
        for name in self.choice.files:
            for item in self._of_files(*self._read(name)):
                yield self._apart(item)
        for name in self.choice.texts:
            for item in self._of_a_text(*self._read(name)):
                yield self._apart(item)

    def _read(self, name: str) -> tuple[Stored, Said]:
        stored = self.archive.entry(name)
        assert stored is not None, "it was met a moment ago"
        try:
            raw = self.archive.raw(name) if from_wordpress(stored.entry) else b""
        except KeyError:
            raw = b""
        return stored, said(raw)

    def _of_files(self, stored: Stored, facts: Said) -> Iterator[Item]:
        entry = stored.entry
        self._note(entry, facts)
        own = from_wordpress(entry)
        file = entry.files[0]
        address, path = self.uploads.put(file, _month(entry), public=own)
        guid = file.url if own else stored.id
        item = items.media(entry, facts, self.choice.plan, guid=guid, address=address, path=path)
        yield item
        if not own:
            self._remember(file, address)
            below = replace(item, number=item.parent)
            yield from self._attached(replace(entry, files=entry.files[1:]), below, {})
        elif address != file.url and file.media_type.startswith("image/"):
            # the importer finds sizes of a picture by its address, and other files by their guid, which is the old one
            self._moved[stem(file.url)] = without_ending(address)

    def _of_a_text(self, stored: Stored, facts: Said) -> Iterator[Item]:
        entry = stored.entry
        self._note(entry, facts)
        remarks = tuple(sorted(self._remarks(stored.id, entry), key=lambda one: one.number))  # answers come after
        seen = self.choice.visibility(stored)
        item = items.post(entry, facts, self.choice.plan, guid=stored.id, seen=seen, comments=remarks)
        if from_wordpress(entry):
            if not items.is_own_type(item.type):
                self.types.add(item.type)
            yield replace(item, content=with_files_at(item.content, self._moved))
            return
        moved: dict[str, str] = {}
        yield from self._attached(entry, item, moved)
        yield replace(item, content=with_exact(item.content, moved))

    def _attached(self, entry: Entry, below: Item, moved: dict[str, str]) -> Iterator[Item]:
        """Yield the files that another system keeps inside its thing, and note where each went."""
        for file in entry.files:
            if file.sha256 not in self._uploaded:
                address, path = self.uploads.put(file, _month(entry), public=False)
                number, guid = self.choice.plan.posts.new(), f"urn:sha256:{file.sha256}" if file.sha256 else address
                yield items.attached(file, below, number=number, guid=guid, address=address, path=path)
                self._remember(file, address)
                moved[file.url] = address
            else:
                moved[file.url] = self._uploaded[file.sha256]

    def _remember(self, file: MediaFile, address: str) -> None:
        if file.sha256:
            self._uploaded[file.sha256] = address

    def _remarks(self, name: str, below: Entry) -> Iterator[Comment]:
        for remark in self.choice.remarks.get(name, ()):
            stored, facts = self._read(remark)
            yield items.comment(stored.entry, facts, self.choice.plan, below=below.status)

    def _note(self, entry: Entry, facts: Said) -> None:
        own = from_wordpress(entry)
        self.counted["protected"] += own and bool(entry.extra.get("protected"))
        self.counted["teaser"] += entry.fidelity is Fidelity.FEED
        self.counted["stranger"] += entry.fidelity is Fidelity.VIEW
        self.counted["elsewhere"] += not own and entry.fidelity is not Fidelity.FEED
        self.counted["others"] += entry.author == "others"
        self.counted["objects"] += items.has_objects(entry, facts)

    def _apart(self, item: Item) -> Item:
        """
        Return the item, a second later by the local clock if WordPress's importer would take it for a copy.

        It compares type, local time and title (where there is none, type and time), and leaves copies out.
        """
        wanted = (item.type, item.title, item.times.date)
        times = replace(item.times, date=self._reached.get(wanted, item.times.date))
        while times.date != NO_TIME:
            titles = self._titles.setdefault((item.type, times.date), set())
            if item.title not in titles and (item.title or not titles):
                titles.add(item.title)
                break
            times = times.a_second_later()
        self._reached[wanted] = times.date
        self.counted["twins"] += times != item.times
        return replace(item, times=times)


def _month(entry: Entry) -> str:
    """Return the folder of a file whose address tells none."""
    moment = entry.published or entry.updated
    return f"{moment:%Y/%m}" if moment else "1970/01"
