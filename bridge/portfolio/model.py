"""The portfolio as a value: what a page shows, and nothing else. Made by ``assemble``, read by ``render``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, Protocol, TypeAlias

from archive.entry import Digest, Entry, Visibility


class Held(Protocol):
    """What is asked of an entry in the archive; ``archive.store.Stored`` is one."""

    @property
    def id(self) -> str: ...
    @property
    def entry(self) -> Entry: ...
    @property
    def deleted(self) -> bool: ...


Entries: TypeAlias = Mapping[str, Held]
"""Entries by their id, newest version of each."""


@dataclass(frozen=True)
class Shown:
    """
    A file that the page offers. The page names the copy that it brings along; ``url`` is where it was, ``""`` where
    that lets nobody in. Of a ``certificate`` nothing goes out but a small copy: others could be made of the original.
    """

    entry_id: str
    sha256: Digest
    name: str
    media_type: str
    url: str
    alt: str = ""
    caption: str = ""
    credit: str = ""
    licence: str = ""
    certificate: bool = False

    @property
    def described(self) -> str:
        """What its owner wrote in its place; a file's name is no description."""
        alt = self.alt.strip()
        return "" if alt.lower() in (self.name.lower(), PurePosixPath(self.name).stem.lower()) else alt


@dataclass(frozen=True)
class Evidence:
    """
    One piece of evidence in one section.

    Attributes:
        kind: As a person reads it: ``Blog post``.

        date: Written out in the owner's time zone (``1 March 2026``), or ``""``.

        why: The owner's one line on why it is evidence.

        url: A public address, or ``""`` where there is none.

        kept: True when the page brings the text along itself, under ``Portfolio.kept``.

        files: Files that the page brings along because no public address has them.

        figures: Pictures that the page shows.

        visibility: Who may see it; the owner's draft says so.

        language: Of its title, where it is not the page's; else ``""``.
    """

    entry_id: str
    title: str
    kind: str
    date: str
    why: str
    url: str
    kept: bool = False
    files: tuple[Shown, ...] = ()
    figures: tuple[Shown, ...] = ()
    visibility: Visibility = Visibility.PUBLIC
    language: str = ""


@dataclass(frozen=True)
class PagePart:
    """
    One part of a section: safe HTML without headings above its own level. ``id`` is "" for a section in one text.

    ``drawing`` is an inline SVG of our own making (``render.drawings``), shown where the page stands alone. It says
    nothing that ``html`` does not say in a table, for a WordPress takes no SVG.
    """

    id: str
    title: str
    html: str
    placeholder: bool = False
    drawing: str = ""


@dataclass(frozen=True)
class PageSection:
    """
    One heading of the page.

    ``parts`` come in the framework's order; ``evidence`` belongs to the part whose id is ``evidence``, or to the end.
    ``ready`` is False only in the owner's draft. ``released``: these are the words of the last release, for the file is
    not ready.

    ``id`` is the only one of its name on the page. ``within`` is the id of the section that this one was made in (a
    theme of a renewal), ``generation`` the name of the earlier generation that it belongs to; "" for today's.
    """

    id: str
    title: str
    level: int
    gathers: bool
    parts: tuple[PagePart, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    placeholder: bool = False
    ready: bool = True
    released: bool = False
    words: int = 0
    within: str = ""
    generation: str = ""


@dataclass(frozen=True)
class Panel:
    """
    A heading of keepfolio's own making beside the sections: what was revised, principles, references.

    ``html`` is safe, with headings from h3; ``drawing`` as in ``PagePart``. ``shows``: the ids of the entries in it,
    cited or not. ``place``: before all sections; below today's, which it speaks of; or after earlier generations, too.
    """

    id: str
    title: str
    html: str
    drawing: str = ""
    place: Literal["before", "below", "after"] = "below"
    shows: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeptText:
    """The text of an item that no public address shows, for the end of the page. ``html`` is safe, headings from h4."""

    entry_id: str
    title: str
    kind: str
    date: str
    html: str
    language: str = ""


@dataclass(frozen=True)
class LeftOut:
    """Something that was cited or written and is not on the page, and why. ``id`` is an entry's or a section's."""

    id: str
    why: str
    section: str = ""
    title: str = ""


def credited(figures: Iterable[Shown]) -> tuple[Shown, ...]:
    """Return each picture whose maker or licence is named, once."""
    named = {figure.sha256: figure for figure in figures if figure.credit or figure.licence}
    return tuple(named.values())


@dataclass(frozen=True)
class Portfolio:
    """
    The whole page.

    ``id`` is the portfolio's UUID; ``subtitle`` names pathway and owner; ``credits`` lists each shown picture once;
    ``pictures`` are the figures inside texts, by the address that the text gives them; ``kept`` are texts that the page
    brings along; ``panels`` what stands before and after the sections; ``licence`` what others may do with the page.
    """

    id: str
    title: str
    subtitle: str
    owner: str
    language: str
    edition: Visibility
    sections: tuple[PageSection, ...]
    kept: tuple[KeptText, ...]
    pictures: Mapping[str, Shown]
    credits: tuple[Shown, ...]
    words: int
    figures: int
    left_out: tuple[LeftOut, ...]
    panels: tuple[Panel, ...] = ()
    licence: str = ""

    @property
    def evidence(self) -> int:
        """Return how many different entries the page shows as evidence."""
        return len({item.entry_id for section in self.sections for item in section.evidence})
