"""
Who made a picture, and what others may do with it: from its source, or from the owner, in ``portfolio/pictures.yaml``.

    pictures:
      - entry: urn:uuid:6f0c...    # The options for recording a lecture
        mine: true
      - entry: urn:uuid:91aa...    # Rabbits
        credit: Lou Example
        licence: CC BY-SA 4.0
        alt: Two rabbits fighting
        caption: A tile from Northshire Minster

A picture in the owner's own media library is no proof that the owner made it: somebody has to say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator

from archive.entry import Entry, MediaFile
from bridge.portfolio import listed, ownerfile
from bridge.portfolio.model import Entries, Held, Shown
from bridge.portfolio.ownerfile import Text

FILE_NAME = "pictures.yaml"
OWN_WORK = "own work"

_HEAD = (
    "# Who made the pictures, and what others may do with them. Written by `keepfolio picture`; edit it as you like.\n"
)


@dataclass(frozen=True)
class Note:
    """
    What the owner says of the pictures of one entry; ``""`` leaves what the source says.

    ``entry`` is the entry's id, ``file`` the name of the one picture that is meant, or ``""`` for all that it holds.
    ``mine``: the owner made it.
    """

    entry: str
    file: str = ""
    mine: bool = False
    credit: str = ""
    licence: str = ""
    alt: str = ""
    caption: str = ""


class _Note(BaseModel):
    model_config = ConfigDict(extra="forbid")
    entry: Text
    file: Text = ""
    mine: bool = False
    credit: Text = ""
    licence: Text = ""
    alt: Text = ""
    caption: Text = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    pictures: list[_Note] = []

    @field_validator("pictures", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        return [] if value is None else value


def read(path: Path) -> tuple[Note, ...]:
    """
    Return what the owner says of pictures, in the file's order; nothing where there is no file.

    Raises:
        ConfigError: The file has a mistake; file and line are in the message.
    """
    if not path.is_file():
        return ()
    found = ownerfile.parse(ownerfile.read_text(path), _File, path.name).pictures
    return tuple(Note(one.entry, one.file, one.mine, one.credit, one.licence, one.alt, one.caption) for one in found)


def note(path: Path, new: Note, title: str) -> None:
    """
    Write down what the owner says of a picture; what was said of it before and is not said anew stays.

    Every other line of the file stays as it is. ``title`` stands behind the entry's id, for the reader.

    Raises:
        ConfigError: The file has a mistake; it was not changed.

        KeepfolioError: It has a layout of the owner's own; it was not changed.
    """
    notes = read(path)
    at = next((n for n, one in enumerate(notes) if (one.entry, one.file) == (new.entry, new.file)), None)
    whole = new if at is None else replace(notes[at], **{key: value for key, value in vars(new).items() if value})
    text = ownerfile.read_text(path) if path.is_file() else _HEAD
    said = [
        ("entry", f"{whole.entry}    # {ownerfile.comment(title)}" if title else whole.entry),
        ("file", listed.quoted(whole.file)),
        ("mine", "true" if whole.mine else ""),
        *((key, listed.quoted(getattr(whole, key))) for key in ("credit", "licence", "alt", "caption")),
    ]
    ownerfile.put(path, listed.put(text, path.name, "pictures", at, said), _File)


class Told(Mapping[str, Held]):
    """The archive's entries, with what the owner says of their pictures in the place of what the source left out."""

    def __init__(self, entries: Entries, notes: Sequence[Note], owner: str) -> None:
        self._entries = entries
        self._owner = owner
        self._notes = {
            file.sha256: note
            for note in notes
            if (held := entries.get(note.entry)) is not None
            for file in held.entry.files
            if file.sha256 and note.file in ("", file.name)
        }
        self._values: list[Held] | None = None

    def __getitem__(self, entry_id: str) -> Held:
        return self._told(self._entries[entry_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, entry_id: object) -> bool:
        return entry_id in self._entries

    def values(self) -> list[Held]:  # type: ignore[override] # as the archive's own: all at once, without their texts
        if self._values is None:
            self._values = [self._told(held) for held in self._entries.values()]
        return self._values

    def _told(self, held: Held) -> Held:
        if not any(file.sha256 in self._notes for file in held.entry.files):
            return held
        files = tuple(self._with_note(file) for file in held.entry.files)
        return _Told(held.id, replace(held.entry, files=files), held.deleted)

    def _with_note(self, file: MediaFile) -> MediaFile:
        note = self._notes.get(file.sha256)
        if note is None:
            return file
        credit = note.credit or file.credit or ((self._owner or OWN_WORK) if note.mine else "")
        return replace(
            file,
            credit=credit,
            licence=note.licence or file.licence,
            alt=note.alt or file.alt,
            caption=note.caption or file.caption,
        )


@dataclass(frozen=True)
class _Told:
    id: str
    entry: Entry
    deleted: bool


def told(entries: Entries, path: Path, owner: str) -> Entries:
    """
    Return the entries as the owner completed them in the file; themselves where there is none.

    Raises:
        ConfigError: The file has a mistake; file and line are in the message.
    """
    notes = read(path)
    return Told(entries, notes, owner) if notes else entries


def is_known(shown: Shown) -> bool:
    """Tell whether anything says who made a picture, or what may be done with it; many say so in the caption."""
    return bool(shown.credit.strip() or shown.licence.strip() or _SAYS_WHO.search(shown.caption))


_SAYS_WHO = re.compile(
    r"(?i:\b(?:photo(?:graph)?|picture|image|drawing|illustration|diagram|screenshot|credit|source)s?(?: credit)?"
    r"(?::| by| ©) ?(?!unknown|the web|the internet|google))[A-ZÀ-Þ]"
    r"|(?i:\bCC[ -]?(?:BY|0)\b|\bpublic domain\b|© ?\w)"
)
"""A name behind "Photo:" or "Drawing by" begins with a capital: "by kind of diagram: with the picture" names nobody."""


@dataclass(frozen=True)
class Licence:
    """A licence as it is written out, where it can be read, and whether others may share the work."""

    name: str
    url: str = ""
    open: bool = False


_CC = re.compile(
    r"(?:cc|creative\s*commons)[\s:-]*(?:licence|license)?[\s-]*"
    r"(by(?:[\s-]*(?:nc|sa|nd))*|attribution(?:[\s-]*(?:non-?commercial|share-?alike|no-?deriv\w*))*)"
    r"[\s-]*(?:v?(\d\.\d))?",
    re.IGNORECASE,
)
_PARTS = {
    "noncommercial": "NC",
    "sharealike": "SA",
    "nc": "NC",
    "sa": "SA",
    "nd": "ND",
    "attribution": "BY",
    "by": "BY",
}
_CC_URL = re.compile(r"creativecommons\.org/(?:licenses/([a-z-]+)/(\d\.\d)|publicdomain/(zero|mark))", re.IGNORECASE)


_LONGEST = 500
"""Characters: what is longer is no name of a licence."""

_MOODLE = re.compile(r"cc((?:-(?:nc|nd|sa))*)(?:-(\d\.\d))?")


def named(text: str) -> Licence:
    """
    Return the licence that some words name: Creative Commons, CC0, public domain, OGL, the owner's own work.

    Anything else comes back as it was written, and nobody knows whether it is open.
    """
    words = " ".join(text.split())
    if len(words) > _LONGEST:
        return Licence(words)
    low = words.casefold()
    by_address = _CC_URL.search(words)
    if short := _MOODLE.fullmatch(low):
        return _cc(f"by{short[1] or ''}", short[2] or "")
    if low == "allrightsreserved":
        return Licence("All rights reserved")
    if by_address and by_address[1]:
        return _cc(by_address[1], by_address[2])
    if (by_address and by_address[3].lower() == "zero") or re.search(r"\bcc[\s-]?0\b|\bcc zero\b", low):
        return Licence("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/", open=True)
    if by_address or "public domain" in low or low == "public":
        return Licence("Public domain", "https://creativecommons.org/publicdomain/mark/1.0/", open=True)
    if re.search(r"\bogl\b|open government licen[cs]e", low):
        version = found[0] if (found := re.search(r"\d(?:\.\d)?", low)) else "3.0"
        number = version if "." in version else f"{version}.0"
        where = f"https://www.nationalarchives.gov.uk/doc/open-government-licence/version/{number[0]}/"
        return Licence(f"Open Government Licence v{number}", where, open=True)
    if low in {OWN_WORK, "own", "my own", "my own work", "mine"}:
        return Licence("Own work")
    cc = _CC.search(words)
    return _cc(cc[1], cc[2] or "") if cc else Licence(words)


def _cc(parts: str, version: str) -> Licence:
    plain = re.sub(r"no-?deriv\w*", "nd", re.sub(r"(?<=n)-(?=commercial)|(?<=e)-(?=alike)", "", parts.casefold()))
    found = {_PARTS.get(word, word.upper()) for word in re.split(r"[\s-]+", plain) if word}
    ordered = [part for part in ("BY", "NC", "ND", "SA") if part in found]
    name = "-".join(ordered)
    if not version:
        return Licence(f"CC {name}", open=True)
    return Licence(f"CC {name} {version}", f"https://creativecommons.org/licenses/{name.lower()}/{version}/", open=True)
