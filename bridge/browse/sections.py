"""Which sections of the portfolio cite which entries: by the owner's front matter and tags, as a build sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from archive.entry import Entry
from archive.errors import KeepfolioError
from bridge.browse.catalogue import Row
from bridge.building import Desk
from bridge.portfolio import mapping
from bridge.portfolio.framework import Framework, Section
from bridge.session import Session


@dataclass(frozen=True)
class Cited:
    """Entry ids by section, titles by section in the order of the portfolio, and why nothing is known, if so."""

    entries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def cited(session: Session, rows: Iterable[Row]) -> Cited:
    """
    Return what the sections cite of these entries.

    A mistake in the owner's files must not keep her from reading her archive: it is told in ``notes``.
    """
    desk, held = Desk(session), list(rows)
    try:
        pathway = desk.generation.pathway
        connections = mapping.connect(
            _tagged(held, desk.framework, desk.tags.cite),
            desk.framework,
            pathway,
            desk.tags.cite,
            {},
            desk.narratives,
            {row.id: row.original for row in held if row.original},
        )
        titles = {
            section.id: _title(section, desk.generation.titles.get(section.id, ""))
            for section in desk.framework.flat(pathway)
            if not section.gathers
        }
    except KeepfolioError as problem:
        return Cited(notes=(f"The sections of the portfolio are left out: {problem.message}",))
    return Cited(connections.cited, titles)


def _title(section: Section, own: str) -> str:
    title = own or section.title
    return f"{section.id}: {title}" if section.id[:1].isdigit() else title


@dataclass(frozen=True, slots=True)
class _Slim:
    """As much of an entry as ``mapping.connect`` asks for."""

    id: str
    entry: Entry
    deleted: bool


def _tagged(rows: Iterable[Row], framework: Framework, own: mapping.Tags) -> Iterator[_Slim]:
    """Yield only what a tag may cite: anything else is cited by its id, and needs no looking at."""
    owns = {tag.casefold() for tags in own.values() for tag in tags}
    citing = cache(lambda tag: tag.casefold() in owns or framework.section_for_tag(tag) is not None)
    for row in rows:
        if any(map(citing, row.tags)):
            yield _Slim(row.id, row.like, row.deleted)
