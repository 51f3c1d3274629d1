"""Pictures of the archive that could break a long text up: the owner's own first, each with licence and credit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from archive.entry import MediaFile, Visibility
from bridge.portfolio import wording
from bridge.portfolio.mapping import never
from bridge.portfolio.marks import Marks, effective
from bridge.portfolio.model import Entries, Held
from bridge.render import sanitise

MOST = 3
"""So many pictures are named; more would not be read."""


@dataclass(frozen=True)
class Picture:
    """A picture that a section could show. ``near``: it stands in, or shares a tag with, what the section cites."""

    held: Held
    file: MediaFile
    near: bool

    @property
    def title(self) -> str:
        """Return what a person calls it."""
        return self.held.entry.title or self.file.name

    @property
    def rights(self) -> str:
        """Return its licence and credit in words; where neither is known, the condition on which it may be used."""
        said = [
            sanitise.text(self.file.licence),
            f"credit: {sanitise.text(self.file.credit)}" if self.file.credit else "",
        ]
        return ", ".join(part for part in said if part) or "no licence noted: use it if you made it"

    @property
    def known(self) -> bool:
        """Return whether somebody noted its licence or its maker."""
        return bool(self.file.licence or self.file.credit)


@dataclass(frozen=True)
class Pictures:
    """
    The pictures that an edition may show.

    Attributes:
        entries: What is held.

        marks: The owner's word on who may see single items (``marks.settled``).

        edition: Who is to see them.
    """

    entries: Entries
    marks: Marks
    edition: Visibility

    def near(self, cited: Iterable[str], besides: Iterable[str] = ()) -> tuple[Picture, ...]:
        """
        Return pictures for a text with this evidence, at most ``MOST``: near ones first, then those of known licence.

        One that has nothing to do with the text, and whose rights nobody noted, is not offered. ``besides``: entries
        whose pictures are shown already. A picture that many entries show is named once.
        """
        cited = tuple(cited)
        tags = {tag.casefold() for i in cited if i in self._by_id for tag in self._by_id[i].entry.tags}
        parents = {key for i in cited if i in self._by_id for key in self._by_id[i].entry.keys}
        shown = {f.sha256 for i in besides if i in self._by_id for f in self._by_id[i].entry.files}
        found: dict[str, Picture] = {}
        for held, file in self._all:
            if file.sha256 in shown:
                continue
            shares = bool(tags & {tag.casefold() for tag in held.entry.tags})
            near = held.id in cited or shares or held.entry.parent in parents
            picture = Picture(held, file, near)
            if not (picture.near or picture.known):
                continue
            if file.sha256 not in found or _worth(picture) < _worth(found[file.sha256]):
                found[file.sha256] = picture
        return tuple(sorted(found.values(), key=_worth)[:MOST])

    @cached_property
    def _by_id(self) -> dict[str, Held]:
        return {held.id: held for held in self.entries.values()}

    @cached_property
    def _all(self) -> list[tuple[Held, MediaFile]]:
        return [
            (held, file)
            for held in self.entries.values()
            if held.entry.files and self._usable(held)
            for file in held.entry.files
            if file.sha256 and file.role in ("original", "attachment") and wording.is_image(file)
        ]

    def _usable(self, held: Held) -> bool:
        gone = held.deleted or held.entry.status == "trash"
        open_ = effective(held, self.marks).openness >= self.edition.openness
        return (
            held.entry.author == "own" and open_ and not gone and not never(held.entry) and held.entry.kind != "badge"
        )


def offered(pictures: Sequence[Picture]) -> str:
    """Return which pictures there are, with their rights; "" where there is none."""
    named = "; ".join(f"“{picture.title}” ({picture.rights})" for picture in pictures)
    return f"Your archive has {named}." if named else ""


def in_words(pictures: Sequence[Picture], section: str) -> str:
    """Return which pictures could stand in a section, with the command that cites the first; "" where there is none."""
    if not pictures:
        return ""
    return f'{offered(pictures)} Run: keepfolio cite {section} "{pictures[0].title}" --why "..."'


def _worth(picture: Picture) -> tuple[bool, bool, bool, str, str]:
    """Sort near ones first, then those whose rights are known, then single pictures before those within a text."""
    single = picture.held.entry.kind in wording.FILE_KINDS
    return not picture.near, not picture.known, not single, picture.title.casefold(), picture.held.id
