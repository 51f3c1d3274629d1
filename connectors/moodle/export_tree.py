"""
A data-request zip as a tree: contexts (``Course … _.17``), documents (``data.json``) and files (``_files``) in them.

The names of folders are cut, escaped and in the owner's language. Nothing is read from them but numbers; what a
document is, its shape says. The zip is hostile input: documents are capped, names lead nowhere.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from archive.entry import Json
from connectors.contract import Failed, FileGone, SourceUnavailable
from connectors.packs import Pack

MAX_DOCUMENT = 16 * 2**20
"""Bytes of one document. Only the site's log of somebody's years is larger; of that the beginning is enough."""
LOG = "logs"

_CONTEXT = re.compile(r"(.+) _\.(\d+)")
_NUMBERED = re.compile(r"_(\d+)")
_PLACES = "user|mod|course|message|badges|calendar|my|blog|grade|theme|login|admin|enrol|local|report"
_OWN_ADDRESS = re.compile(rf"https?://[^\s\"'<>\\]{{1,300}}?(?=/(?:{_PLACES})/[\w./-]{{0,100}}\.php)")
_AUTHOR = re.compile(rb'"authorid":\s*(\d{1,12}),\s*"author_of_the_action_was_you":\s*("[^"\n]{1,80}")')
_BEGIN = 2**20
_TELLING = frozenset({"contexturl", "customdata"})
_WHO = (("authorid", "author_of_the_action_was_you"), ("relateduserid", "related_user_was_you"))
_OF_THE_SITE = 2
_AGAIN = "Download the data request again, and put the new file in place of this one."


@dataclass(frozen=True)
class Place:
    """A context: a course, an activity, a person. ``path`` names its folder and those of the contexts around it."""

    path: tuple[str, ...]

    @property
    def number(self) -> int:
        found = _CONTEXT.fullmatch(self.path[-1])
        return int(found[2]) if found else 0

    @property
    def label(self) -> str:
        """What its folder is called, without its number; an escaped ``&`` is put back."""
        found = _CONTEXT.fullmatch(self.path[-1])
        return re.sub(r"\bamp;", "&", found[1]) if found else ""

    def around(self) -> Iterator[Place]:
        """Yield this and the contexts around it, outwards."""
        for depth in range(len(self.path), 0, -1):
            yield Place(self.path[:depth])


@dataclass(frozen=True)
class Document:
    """A JSON file: where it lies below its context, and what it says."""

    member: str
    place: Place
    below: tuple[str, ...]
    value: Any

    @property
    def folder(self) -> tuple[str, ...]:
        return self.below[:-1]

    def has(self, *names: str) -> bool:
        return isinstance(self.value, dict) and all(name in self.value for name in names)


@dataclass(frozen=True)
class Stored:
    """A file: below which folder of its context, in which area of Moodle, of which item; ``path`` is ``/a/b``."""

    member: str
    size: int
    stamp: str
    place: Place
    folder: tuple[str, ...]
    area: str
    item: int | None
    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass
class Tree:
    """One export. Raises SourceUnavailable where it is damaged, when it is first asked for anything."""

    pack: Pack
    failed: list[Failed] = field(default_factory=list)

    @cached_property
    def documents(self) -> list[Document]:
        """All documents that can be read; what cannot is in ``failed``."""
        return [one for name in sorted(self.pack.names()) if (one := self._document(name)) is not None]

    @cached_property
    def files(self) -> list[Stored]:
        """All files that people put into Moodle, small twins of pictures left out."""
        found = [one for name in sorted(self.pack.names()) if (one := self._stored(name)) is not None]
        names = {one.member for one in found}
        return [one for one in found if not _is_twin(one, names)]

    @cached_property
    def profile(self) -> Document | None:
        """The document about the person whose export this is."""
        found = [one for one in self.documents if one.has("username", "firstname", "lastname")]
        return found[0] if len(found) == 1 else None

    @cached_property
    def person(self) -> Place | None:
        return self.profile.place if self.profile else None

    @cached_property
    def name(self) -> str:
        """The person's name."""
        given = self.profile.value if self.profile else {}
        return " ".join(str(given.get(part) or "") for part in ("firstname", "lastname")).strip()

    @cached_property
    def site(self) -> Document | None:
        """The document about the site: its name is a course's, and the course is no course."""
        named = [one for one in self.documents if one.has("fullname", "shortname", "format")]
        found = [one for one in named if len(one.place.path) == _OF_THE_SITE]
        return found[0] if len(found) == 1 else None

    @cached_property
    def roots(self) -> Counter[str]:
        """The addresses of the site that Moodle's own notices in the export carry, each with how often."""
        seen: Counter[str] = Counter()
        for one in self.documents:
            if one.place == self.person and isinstance(one.value, dict):
                for row in one.value.values():
                    if isinstance(row, dict) and not _TELLING.isdisjoint(row):
                        told = " ".join(str(row.get(name) or "") for name in sorted(_TELLING)).replace("\\/", "/")
                        seen.update(_OWN_ADDRESS.findall(html.unescape(told)))
        return seen

    def yes(self, word: object) -> bool:
        """
        Tell whether this is the word for yes in the language of the export.

        Who asks for his data has confirmed his account: that line of the profile holds the word.
        """
        given = self.profile.value if self.profile else {}
        word, yes = str(word), given.get("confirmed")
        return word == yes and yes != given.get("deleted")

    @cached_property
    def number(self) -> int:
        """The person's number at the site, 0 where the export does not tell for certain."""
        for one in self.documents:
            rows = one.value.get(LOG) if isinstance(one.value, dict) else None
            for row in rows if isinstance(rows, list) else ():
                for who, flag in _WHO:
                    if isinstance(row, dict) and self.yes(row.get(flag)) and str(row.get(who)).isdigit():
                        return int(row[who])
        enrolled = {row["userid"] for one in self.documents for row in _roles(one)}
        return int(enrolled.pop()) if len(enrolled) == 1 else 0

    def fail(self, below: tuple[str, ...], why: str) -> None:
        """Remember that a document cannot be read; there is no better one until the owner saves it again."""
        self.failed.append(Failed(f"{'/'.join(below)} in {self.pack.name}", why, _AGAIN, transient=False))

    def near(self, place: Place, *names: str) -> Document | None:
        """Return the document of the nearest context around a place that has these fields."""
        for outer in place.around():
            if (one := self._own.get(outer)) and one.has(*names):
                return one
        return None

    def at(self, place: Place, folder: tuple[str, ...], name: str = "data.json") -> Any:
        """Return what the document in a folder of a context says; None where there is none."""
        return self._by_place.get((place, (*folder, name)))

    def documents_in(self, place: Place, folder: tuple[str, ...]) -> list[Document]:
        """Return the documents in the folders of a folder of a context."""
        return self._inside.get((place, folder), [])

    def below(self, place: Place, folder: tuple[str, ...]) -> list[Stored]:
        """Return the files of a folder of a context, those of folders in it included."""
        return self._files_below.get((place, folder), [])

    # --- reading ------------------------------------------------------------------------------------------------------

    @cached_property
    def _own(self) -> Mapping[Place, Document]:
        return {one.place: one for one in self.documents if one.below == ("data.json",)}

    @cached_property
    def _by_place(self) -> Mapping[tuple[Place, tuple[str, ...]], Any]:
        return {(one.place, one.below): one.value for one in self.documents}

    @cached_property
    def _inside(self) -> Mapping[tuple[Place, tuple[str, ...]], list[Document]]:
        held: dict[tuple[Place, tuple[str, ...]], list[Document]] = {}
        for one in self.documents:
            if one.folder:
                held.setdefault((one.place, one.folder[:-1]), []).append(one)
        return held

    @cached_property
    def _files_below(self) -> Mapping[tuple[Place, tuple[str, ...]], list[Stored]]:
        held: dict[tuple[Place, tuple[str, ...]], list[Stored]] = {}
        for one in self.files:
            for depth in range(len(one.folder) + 1):
                held.setdefault((one.place, one.folder[:depth]), []).append(one)
        return held

    def _document(self, name: str) -> Document | None:
        split = parted(name)
        if not split or "_files" in split[1] or not name.endswith(".json"):
            return None
        member = self.pack.get(name)
        if member is None:
            return None
        try:
            with self.pack.text(name) as stream:
                value = json.loads(stream.read()) if member.size <= MAX_DOCUMENT else _log(stream.read(_BEGIN))
        except (ValueError, RecursionError, SourceUnavailable, FileGone) as error:
            why = error.message if isinstance(error, (SourceUnavailable, FileGone)) else "It is no readable JSON."
            self.fail(split[1], why)
            return None
        return Document(name, *split, value)

    def _stored(self, name: str) -> Stored | None:
        split = parted(name)
        if not split or "_files" not in split[1][:-2]:
            return None
        place, below = split
        at = below.index("_files")
        area, rest = below[at + 1], below[at + 2 :]
        # the private files of a person are of no item, and a folder of theirs may well be a number
        numbered = _NUMBERED.fullmatch(rest[0]) if area != "private" and len(rest) > 1 else None
        inside = rest[1:] if numbered else rest
        folders = [_NUMBERED.sub(r"\1", part) if _NUMBERED.fullmatch(part) else part for part in inside[:-1]]
        member = self.pack.get(name)
        if member is None:
            return None
        return Stored(
            name, member.size, member.stamp, place, below[:at], area, int(numbered[1]) if numbered else None,
            "/" + "/".join([*folders, inside[-1]]),
        )  # fmt: skip


def parted(name: str) -> tuple[Place, tuple[str, ...]] | None:
    """Return a name's context and what stands below it; None for what is in no context."""
    parts = name.split("/")
    begin = next((at for at, part in enumerate(parts[:-1]) if _CONTEXT.fullmatch(part)), None)
    if begin is None:
        return None
    end = begin
    while end < len(parts) - 1 and _CONTEXT.fullmatch(parts[end]):
        end += 1
    return Place(tuple(parts[begin:end])), tuple(parts[end:])


def without(value: Any, names: frozenset[str]) -> Json:
    """Return a document without some of its fields, at any depth."""

    def cut(one: Any) -> Any:
        if isinstance(one, dict):
            return {name: cut(each) for name, each in one.items() if name not in names}
        return [cut(each) for each in one] if isinstance(one, list) else one

    return cut(value) if isinstance(value, dict) else {"value": cut(value)}


def _log(begin: bytes) -> Json:
    """Return of a log that is too large to be read who did what, as far as its beginning tells."""
    rows = [
        {"authorid": int(who), "author_of_the_action_was_you": json.loads(you)} for who, you in _AUTHOR.findall(begin)
    ]
    if not rows:
        raise ValueError("it is too large, and no log")
    return {LOG: list(rows)}


def _roles(one: Document) -> Iterator[dict[str, Any]]:
    if isinstance(one.value, dict):
        for row in one.value.values():
            if isinstance(row, dict) and row.keys() >= {"userid", "modifierid"} and str(row["userid"]).isdigit():
                yield row


def _is_twin(one: Stored, names: set[str]) -> bool:
    """The database activity keeps a small copy of each picture."""
    folder, _, name = one.member.rpartition("/")
    return name.startswith("thumb_") and f"{folder}/{name.removeprefix('thumb_')}" in names
