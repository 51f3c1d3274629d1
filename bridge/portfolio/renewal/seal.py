"""
An earlier generation as it was when its review began: sealed once, and shown from the seal ever after.

Kept are the words of each edition, safe HTML, and what each section cites. Who may see what is cited, and where it can
be read, is asked anew whenever the page is built.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from archive.entry import Digest, Json, Visibility
from bridge.portfolio import posts_held
from bridge.portfolio.model import PagePart, PageSection, Portfolio
from bridge.portfolio.narrative import Cited
from bridge.render import sanitise

FORMAT = "keepfolio-generation/1"


@dataclass(frozen=True)
class SealedSection:
    """
    One heading.

    Attributes:
        level: As it was on the page of its time, from 2.

        parts: What each edition showed, by its name; an edition that did not show the section is not there.

        evidence: What it cited, whoever may see it.

        text_of: The id of the entry whose text is the section's, or ``""``.

    A page that was taken over as it was is one section without an id.
    """

    id: str
    title: str
    level: int
    gathers: bool
    within: str = ""
    parts: Mapping[str, tuple[PagePart, ...]] = field(default_factory=dict)
    evidence: tuple[Cited, ...] = ()
    text_of: str = ""

    def words(self, edition: Visibility) -> list[str]:
        """Return the words that an edition showed, in order."""
        return words_of(self.parts.get(edition.value, ()))


@dataclass(frozen=True)
class Sealed:
    """
    One generation.

    Attributes:
        year: The year that it is called by; 0 where none was known.

        sections: In the order of its page.

        files: Digests of what its owner had written, by file name: they tell whether a file was changed since.
    """

    portfolio: str
    name: str
    title: str
    year: int
    language: str
    sections: tuple[SealedSection, ...]
    files: Mapping[str, Digest]

    @property
    def called(self) -> str:
        """Return what a person calls it: its year, where that is known."""
        return str(self.year or self.name)

    @property
    def whole(self) -> bool:
        """Whether it is one text under its own heading, with no sections of ours."""
        return any(not section.id for section in self.sections)

    def at(self, section: str) -> str:
        """Return the id of a section on the page."""
        return f"{self.name}-{section}" if section else self.name

    def shown(self, edition: Visibility) -> tuple[SealedSection, ...]:
        """Return the sections that an edition showed."""
        return tuple(one for one in self.sections if edition.value in one.parts)

    def words(self, edition: Visibility) -> int:
        """Return how many words an edition showed."""
        return sum(len(section.words(edition)) for section in self.shown(edition))


def words_of(parts: Sequence[PagePart]) -> list[str]:
    """Return the words of a section's parts in order, as a reader sees them; headings are not counted."""
    return [word for part in parts for word in sanitise.text(part.html).split()]


def sections_of(
    editions: Mapping[Visibility, Portfolio], cited: Mapping[str, Sequence[Cited]], texts: Mapping[str, str]
) -> tuple[SealedSection, ...]:
    """
    Return what is sealed of a generation.

    Args:
        editions: Its page in each edition. The owner's own has every section, and placeholders, which are no words.

        cited: What its sections cite, by their ids; of others (those made of themes) the page's own evidence is taken.

        texts: Ids of the entries whose texts are sections, by section.
    """
    shown = {edition: {s.id: s for s in portfolio.sections} for edition, portfolio in editions.items()}
    return tuple(
        SealedSection(
            id=section.id,
            title=section.title,
            level=section.level,
            gathers=section.gathers,
            within=section.within,
            parts={
                edition.value: _written(page[section.id])
                for edition, page in shown.items()
                if section.id in page and not section.gathers
            },
            evidence=tuple(cited.get(section.id, ())) or _on_the_page(section),
            text_of=texts.get(section.id, ""),
        )
        for section in editions[Visibility.PRIVATE].sections
        if not section.generation and (section.gathers or _written(section) or section.evidence)
    )


def value(sealed: Sealed) -> Json:
    """Return a sealed generation as data, for ``read``; with its words counted, and a digest over those of each."""
    return {
        "format": FORMAT,
        "portfolio": sealed.portfolio,
        "name": sealed.name,
        "title": sealed.title,
        "year": sealed.year,
        "language": sealed.language,
        "files": dict(sealed.files),
        "texts": [*sorted({section.text_of for section in sealed.sections if section.text_of})],
        "words": {edition.value: sealed.words(edition) for edition in Visibility},
        "headings": [_section_value(section) for section in sealed.sections],
    }


def read(recorded: Mapping[str, Any]) -> Sealed:
    """Return a sealed generation from its data."""
    return Sealed(
        portfolio=recorded["portfolio"],
        name=recorded["name"],
        title=recorded["title"],
        year=recorded["year"],
        language=recorded["language"],
        files=recorded["files"],
        sections=tuple(_section(section) for section in recorded["headings"]),
    )


def text(sealed: Sealed) -> str:
    """Return all its words as safe HTML, for readers of the archive who do not have the program."""
    pieces = []
    for section in sealed.sections:
        pieces.append(f"<h{section.level}>{escape(section.title)}</h{section.level}>" if section.id else "")
        pieces += [part.html for part in section.parts.get(Visibility.PRIVATE.value, ())]
    return "\n".join(pieces)


def digest(words: Sequence[str]) -> Digest:
    """Return the digest over some words."""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def _written(section: PageSection) -> tuple[PagePart, ...]:
    """Return what stands there in words; the posts held are of ``config.yaml``, where one may be closed later."""
    return tuple(part for part in section.parts if not part.placeholder and part.id != posts_held.PART)


def _on_the_page(section: PageSection) -> tuple[Cited, ...]:
    return tuple(
        Cited(item.entry_id, item.why, item.visibility, item.figures[0].caption if item.figures else "")
        for item in section.evidence
    )


def _section_value(section: SealedSection) -> Json:
    return {
        "id": section.id,
        "title": section.title,
        "level": section.level,
        "gathers": section.gathers,
        "within": section.within,
        "text_of": section.text_of,
        "parts": {edition: [_part_value(part) for part in parts] for edition, parts in section.parts.items()},
        "digests": {edition: digest(words_of(parts)) for edition, parts in section.parts.items()},
        "cites": [
            {"entry": c.entry, "why": c.why, "caption": c.caption, "visibility": c.visibility and c.visibility.value}
            for c in section.evidence
        ],
    }


def _part_value(part: PagePart) -> Json:
    return {"id": part.id, "title": part.title, "html": part.html, "drawing": part.drawing}


def _section(recorded: Mapping[str, Any]) -> SealedSection:
    return SealedSection(
        id=recorded["id"],
        title=recorded["title"],
        level=recorded["level"],
        gathers=recorded["gathers"],
        within=recorded["within"],
        parts={edition: tuple(PagePart(**part) for part in parts) for edition, parts in recorded["parts"].items()},
        evidence=tuple(
            Cited(c["entry"], c["why"], Visibility(c["visibility"]) if c["visibility"] else None, c["caption"])
            for c in recorded["cites"]
        ),
        text_of=recorded["text_of"],
    )
