"""What the pages and lists need of every entry, without its text: small rows, so that 20,000 of them are no burden."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archive import naming
from archive.entry import Authorship, Digest, Entry, Key, Visibility, canonical, format_time, to_json
from archive.store import Archive, Stored
from bridge import contents, views
from bridge.browse.places import Places
from bridge.copies_of import originals
from bridge.export import Wanted
from bridge.portfolio import marks, wording

SAID = views.REMARKS
"""Kinds that are somebody's word on another entry, and are shown under it."""

UNLISTED = views.UNSEEN_KINDS | {"term"}
"""Kinds that a person does not look for by date, title or word; the list of their kind has them."""

OWN = ("workspace", "receipt")
"""Kinds that the archive yields only when they are asked for."""

_KINDS = {
    "term": "Tag or category",
    "user": "Account",
    "settings": "Settings of a site",
    "workspace": "File of your own",
    "release": "Portfolio page as published",
    "receipt": "Receipt of a publishing",
}


@dataclass(slots=True)
class Row:
    """
    One entry as lists show it.

    Attributes:
        page: Its page, from the site's folder on.

        title: What a person knows it by; never empty once the catalogue is complete.

        what: Its kind as a person reads it.

        seen: Who may see it, the owner's marks included.

        above: The id of the entry that it belongs to, or ``""``.

        stamp: Changes when anything of the entry itself does.

        original: The id of the entry that it is only a copy of, or ``""``.
    """

    id: str
    page: str
    title: str
    kind: str
    what: str
    seen: Visibility
    published: datetime | None
    first_seen: datetime
    deleted: bool
    creator: str
    tags: tuple[str, ...]
    sources: tuple[str, ...]
    above: str
    stamp: str
    status: str
    author: Authorship
    version: int
    sections: tuple[str, ...] = ()
    original: str = ""

    @property
    def listed(self) -> bool:
        """Whether it stands in the lists by date, title, word and tag."""
        return self.kind not in UNLISTED and not self.deleted

    @property
    def like(self) -> Entry:
        """An entry with what is known here: enough to say which section a tag of it cites for."""
        return Entry(
            keys=(self.id,),
            kind=self.kind,
            native_id="",
            status=self.status,
            author=self.author,
            published=self.published,
            tags=self.tags,
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """All that a line about it shows: where this is the same, so is the line."""
        moment = format_time(self.published) if self.published else ""
        return (self.page, self.title, self.what, self.seen.value, moment, str(self.deleted))


@dataclass
class Catalogue:
    """Every entry that is shown, the addresses that lead to something held, and what belongs under what."""

    rows: dict[str, Row] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    places: Places = field(default_factory=Places)

    def counted(self) -> int:
        """Return the number of entries that a person counts."""
        return sum(1 for row in self.rows.values() if row.listed)


def read(archive: Archive, own_marks: Mapping[str, Visibility], wanted: Wanted) -> Catalogue:
    """Return the rows of what is wanted, in order of publication; what the source deleted last."""
    found = Catalogue()
    keys: dict[str, str] = {}
    settled = marks.settled(own_marks, _marked(archive, own_marks))
    shared: dict[object, object] = {}
    inside: dict[str, tuple[Key, ...]] = {}
    copies = originals(archive.entries)
    for stored in _stored(archive, wanted):
        seen = marks.effective(stored, settled)
        if stored.id in found.rows or (wanted.visibility and seen != wanted.visibility):
            continue
        row = _row(stored, seen, archive)
        row.tags = shared.setdefault(row.tags, row.tags)  # type: ignore[assignment] # one tuple for all that are equal
        found.rows[stored.id] = row
        for key in stored.entry.keys:
            keys.setdefault(naming.short_hash(key, 12), stored.id)
        if stored.entry.kind in contents.HOLDERS:
            inside[stored.id] = contents.named(stored.entry)
        row.original = copies.get(stored.id, "")
        found.places.learn("" if row.original else row.page, stored.entry)
        found.places.learn_id(stored.id, row.page)
    for row in found.rows.values():
        row.above = keys.get(naming.short_hash(row.above, 12), "") if row.above else ""
        if row.above:
            found.below.setdefault(row.above, []).append(row.id)
    for holder, named in inside.items():
        first = (keys.get(naming.short_hash(key, 12), "") for key in named)
        found.below[holder] = contents.ordered(
            found.rows[holder].kind,
            found.below.get(holder, ()),
            filter(None, first),
            lambda entry_id: (found.rows[entry_id].kind, found.rows[entry_id].title),
        )
    for row in found.rows.values():
        row.title = row.title or _called(row, found.rows)
    return found


def what_is(entry: Entry) -> str:
    """Return what an entry is, as a person reads it."""
    return _KINDS.get(entry.kind) or wording.kind(entry)


def _stored(archive: Archive, wanted: Wanted) -> Iterator[Stored]:
    kinds = (wanted.kind, *OWN) if wanted.everything else (wanted.kind,)
    for deleted in (False, True):
        for kind in kinds:
            yield from archive.entries(wanted.source, kind, wanted.tag, deleted=deleted)


def _marked(archive: Archive, ids: Iterable[str]) -> dict[str, Stored]:
    found = ((entry_id, archive.index.line(entry_id)) for entry_id in ids)
    return {entry_id: line.stored() for entry_id, line in found if line is not None}


def _row(stored: Stored, seen: Visibility, archive: Archive) -> Row:
    entry = stored.entry
    mark = naming.short_hash(stored.id, 12)
    readable = naming.slug(entry.title or entry.kind) or "entry"
    return Row(
        id=stored.id,
        page=f"entries/{mark[:2]}/{readable}-{mark}.html",
        title=("" if entry.kind in SAID else one_line(entry.title)) or _own_name(entry),
        kind=entry.kind,
        what=what_is(entry),
        seen=seen,
        published=entry.published,
        first_seen=stored.first_seen,
        deleted=stored.deleted,
        creator=entry.creator,
        tags=entry.tags,
        sources=stored.seen_by,
        above=entry.parent or "",
        stamp=_stamp(stored, seen, archive),
        status=entry.status,
        author=entry.author,
        version=stored.version,
    )


def one_line(text: str) -> str:
    """Return a title as one line; one of spaces only is none."""
    return " ".join(text.split())


def _own_name(entry: Entry) -> str:
    """Return what an entry without a title is known by on its own; ``""`` where that depends on what it belongs to."""
    if entry.kind in SAID:
        return ""
    if entry.kind in views.UNSEEN_KINDS:
        return entry.native_id or "(untitled)"
    return entry.files[0].name if entry.files and entry.files[0].name else "(untitled)"


def _called(row: Row, rows: Mapping[str, Row]) -> str:
    above = rows.get(row.above)
    on = f"“{above.title or 'a comment'}”" if above else "something not held"
    return f"{row.creator or 'Somebody'} on {on}"


def _stamp(stored: Stored, seen: Visibility, archive: Archive) -> Digest:
    value = [
        to_json(stored.entry),
        stored.version,
        list(stored.seen_by),
        stored.deleted,
        format_time(stored.first_seen),
        format_time(stored.changed),
        stored.source,
        seen.value,
        list(archive.index.segments_of(stored.id)),
    ]
    return hashlib.sha256(canonical(value)).hexdigest()[:16]  # type: ignore[arg-type] # plain JSON values
