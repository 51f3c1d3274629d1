"""What of an archive goes into an export for WordPress, and why the rest stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.entry import Entry, Key, Visibility
from bridge.copies_of import originals
from bridge.export import LeftOut, Wanted, why_copy
from connectors.wordpress import wxr_write_items as items
from connectors.wordpress.wxr_write_addresses import stem, stems_in
from connectors.wordpress.wxr_write_plan import HEADS, REMARKS, Place, Plan, from_wordpress, places

if TYPE_CHECKING:
    from archive.store import Archive, Stored

NEVER = frozenset({"workspace", "receipt", "release"})
"""What keepfolio itself made or keeps of its owner: it is no part of a blog."""


NO_POSTS = {
    **dict.fromkeys(("journal", "folder", "collection"), "It only holds other things, which go by themselves."),
    **dict.fromkeys(("profile", "occupation", "industry"), "It is of your profile, and no post of a blog."),
    "resume-row": "The section of the résumé that it belongs to has it.",
}
"""Kinds of other systems that would be no posts to anybody."""


@dataclass
class Choice:
    """What goes: met once without content, kept as ids and keys alone."""

    archive: Archive
    wanted: Wanted
    visibility: Callable[[Stored], Visibility]
    plan: Plan
    files: list[str] = field(default_factory=list)  # ids of what becomes an upload and nothing else
    texts: list[str] = field(default_factory=list)
    remarks: dict[str, list[str]] = field(default_factory=dict)  # ids, by that of what they stand below
    left_out: list[LeftOut] = field(default_factory=list)
    _ids: dict[Key | Place, str] = field(default_factory=dict)
    _copies: dict[str, str] = field(default_factory=dict)  # ids of originals that go, by their copies'

    def make(self) -> None:
        """Meet everything that is held."""
        self._copies = originals(self._chosen)
        said_below: list[tuple[str, Entry]] = []
        spare: dict[str, Entry] = {}  # files that were not asked for, and may belong to what was
        for stored in self.archive.entries(self.wanted.source):
            entry = stored.entry
            if entry.kind in HEADS:
                self.plan.head(entry)
            elif entry.kind in NEVER or not self._seen(stored):
                continue
            elif entry.kind in REMARKS:
                said_below.append((stored.id, entry))
            elif self._asked_for(entry):
                self._take(stored)
            elif entry.kind == "media" and entry.files:
                spare[stored.id] = entry
        if spare and self.texts:
            self._bring_along(spare)
        for name, entry in said_below:
            self._put_below(name, entry)

    def _chosen(self) -> Iterator[Stored]:
        for stored in self.archive.entries(self.wanted.source):
            if self._asked_for(stored.entry) and self._seen(stored):
                yield stored

    def _seen(self, stored: Stored) -> bool:
        return self.wanted.visibility in (None, self.visibility(stored))

    def _asked_for(self, entry: Entry) -> bool:
        return self.wanted.kind in ("", entry.kind) and (not self.wanted.tag or self.wanted.tag in entry.tags)

    def _take(self, stored: Stored) -> None:
        entry = stored.entry
        is_file, why = self._of_a_blog(entry) if from_wordpress(entry) else self._of_another_system(stored)
        if why:
            self.left_out.append(LeftOut(stored.id, entry.title, why))
        else:
            self._goes(stored.id, entry, self.files if is_file else self.texts)

    def _goes(self, name: str, entry: Entry, among: list[str]) -> None:
        among.append(name)
        self.plan.item(entry)
        self._ids.update(dict.fromkeys([*entry.keys, *places(entry.keys)], name))

    def _of_a_blog(self, entry: Entry) -> tuple[bool, str]:
        """Return (it is nothing but a file, why it cannot go)."""
        is_file = entry.kind == "media"
        return is_file, "It names no file." if is_file and not entry.files else ""

    def _of_another_system(self, stored: Stored) -> tuple[bool, str]:
        """Return the same for what has no number of a blog."""
        if original := self.archive.entry(self._copies.get(stored.id, "")):
            why = why_copy(original.entry)
            return False, f"{why[:1].upper()}{why[1:]}."
        whole = self.archive.entry(stored.id) or stored
        if whole.entry.author == "others":
            return False, "Somebody else wrote it."
        if whole.entry.kind in NO_POSTS:
            return False, NO_POSTS[whole.entry.kind]
        if whole.entry.content_html.strip():
            return False, ""
        return bool(whole.entry.files), "" if whole.entry.files else "It has neither a text nor a file."

    def _bring_along(self, spare: dict[str, Entry]) -> None:
        """Take the files that the chosen posts show, and those that were uploaded to them."""
        by_place = {place: name for name, entry in spare.items() for place in places(entry.keys)}
        by_stem = {stem(file.url): name for name, entry in spare.items() for file in entry.files}
        needed = {name for name, entry in spare.items() if self._found(entry.parent)}
        for text in self.texts:
            stored = self.archive.entry(text)
            if stored is not None:
                place = items.featured_place(stored.entry)
                needed.add(by_place.get(place, "") if place else "")
                needed.update(by_stem.get(shown, "") for shown in stems_in(stored.entry.content_html))
        for name, entry in spare.items():
            if name in needed:
                self._goes(name, entry, self.files)

    def _put_below(self, name: str, entry: Entry) -> None:
        above = self._found(entry.parent)
        if above:
            self.plan.remark(entry)
            self.remarks.setdefault(above, []).append(name)
        elif whole(self.wanted):
            self.left_out.append(LeftOut(name, entry.creator, "What it was said about is not in the export."))

    def _found(self, key: Key | None) -> str:
        """Return the id of what a key names; a route that did not see a parent may have its type wrong."""
        names = (key, *places((key,))) if key else ()
        return next((self._ids[name] for name in names if name in self._ids), "")


def whole(wanted: Wanted) -> bool:
    """Tell whether everything of the sources goes."""
    return not (wanted.kind or wanted.tag or wanted.visibility)
