"""What an address in a text means here: a file that is held, another entry, or somewhere else."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urljoin

from archive.entry import Entry, Key, MediaFile
from bridge.export import Wanted, chosen

if TYPE_CHECKING:
    from archive.store import Archive, Stored
    from bridge.session import Session

_SIZE = re.compile(r"-(?:\d+x\d+|scaled|rotated|e\d{10,})(?=\.\w+$)")
_COMES_APART = re.compile(r"(?i)\Ahttps?://(?:www\.)?")


@dataclass(frozen=True)
class Held:
    """A file, and the entry that brought it, without its text. ``moment`` names the year where it is kept."""

    file: MediaFile
    owner: str
    entry: Entry
    moment: datetime

    @classmethod
    def of(cls, stored: Stored, file: MediaFile) -> Self:
        """Return a file of an entry."""
        light = replace(stored.entry, content_html="", extra={})
        return cls(file, stored.id, light, stored.entry.published or stored.first_seen)


@dataclass
class Addresses:
    """Files and entries by the addresses that texts give them. Holds no texts."""

    files: dict[str, Held] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)
    keys: dict[Key, str] = field(default_factory=dict)

    def file(self, address: str, base: str = "") -> Held | None:
        """Return the file at an address; a smaller size of a picture, as WordPress makes them, is that picture."""
        whole = urljoined(base, address)
        plain = whole.partition("#")[0].partition("?")[0]
        for form in (whole, plain, _SIZE.sub("", plain), _SIZE.sub("", _SIZE.sub("", plain))):
            if found := self.files.get(_form(form)):
                return found
        return None

    def entry(self, address: str, base: str = "") -> str:
        """Return the id of the entry whose own page this is; ``""`` where it is none of them."""
        whole = urljoined(base, address)
        return self.entries.get(_form(whole)) or self.keys.get(f"guid:{whole}", "")

    def learn(self, stored: Stored, *, as_entry: bool = True) -> None:
        """Take in an entry's files, and its own addresses."""
        entry = stored.entry
        for file in entry.files:
            if file.sha256 and file.url:
                self.files.setdefault(_form(file.url), Held.of(stored, file))
        if as_entry:
            for key in entry.keys:
                self.keys.setdefault(key, stored.id)
            if entry.url:
                self.entries.setdefault(_form(entry.url), stored.id)


def learned(session: Session, archive: Archive, wanted: Wanted, without: Container[str] = ()) -> Addresses:
    """
    Return the addresses of what was asked for, and of every file that its texts may show.

    A post is chosen by its tag, and its pictures are not tagged: they come along. Who may see them is asked, though.
    ``without``: ids of what stays, whose addresses mean something else.
    """
    addresses = Addresses()
    for stored in chosen(session, archive, wanted, without):
        addresses.learn(stored)
    if not wanted.everything:
        for stored in chosen(session, archive, Wanted(visibility=wanted.visibility)):
            addresses.learn(stored, as_entry=False)
    return addresses


def urljoined(base: str, address: str) -> str:
    """Return the whole address of a link on a page; as it is where that makes no sense."""
    try:
        return urljoin(base, address)
    except ValueError:  # brackets that are no IPv6 address
        return address


def _form(address: str) -> str:
    return unquote(_COMES_APART.sub("//", address.partition("#")[0])).rstrip("/")
