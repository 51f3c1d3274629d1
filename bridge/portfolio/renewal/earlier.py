"""An earlier generation on today's page: its own words, from its seal; what it cites as it may be shown today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from archive.entry import Visibility
from bridge.portfolio import editions
from bridge.portfolio.editions import Edition
from bridge.portfolio.making import MakeEarlier
from bridge.portfolio.model import Evidence, LeftOut, PagePart, PageSection
from bridge.portfolio.narrative import Cited
from bridge.portfolio.renewal.seal import Sealed, SealedSection, words_of
from bridge.render import markdown


def shown(sealed: Sealed, narrowed: Mapping[str, Visibility]) -> MakeEarlier:
    """
    Return what makes the sections of a sealed generation, for whichever edition is built.

    ``narrowed``: who may read its sections today, by id, as its files say; that closes what was open, and opens
    nothing.
    """

    def make(shelf: Edition) -> tuple[PageSection, ...]:
        found = list(_without_empty_groups(_sections(sealed, narrowed, shelf)))
        if sealed.whole:
            return tuple(_without_gaps(found, 2))
        group = PageSection(sealed.name, sealed.title, 2, gathers=True, generation=sealed.name)
        return (group, *_without_gaps(found, 3)) if found else ()

    return make


def cited(citations: Iterable[Cited], section: str, shelf: Edition) -> tuple[Evidence, ...]:
    """Return what of the cited this edition may show, each once; what it may not is noted as left out."""
    found: dict[str, Evidence] = {}
    for one in citations:
        why = shelf.why_not(one.entry, one.visibility)
        held = shelf.entries.get(one.entry)
        if why or held is None:
            shelf.left_out.append(LeftOut(one.entry, why, section, held.entry.title if held else ""))
        else:
            evidence = editions.evidence(held, one, shelf)
            found.setdefault(evidence.entry_id, evidence)
    return tuple(found.values())


def _sections(sealed: Sealed, narrowed: Mapping[str, Visibility], shelf: Edition) -> Iterator[PageSection]:
    missing: set[str] = set()
    for section in sealed.sections:
        name = sealed.at(section.id)
        if section.gathers:
            yield PageSection(name, section.title, section.level + 1, gathers=True, generation=sealed.name)
        elif why := _closed(section, narrowed, shelf):
            missing.add(section.id)
            shelf.left_out.append(LeftOut(name, why, section=name, title=f"{section.title} ({sealed.called})"))
        elif section.within not in missing:
            yield _section(sealed, section, shelf)


def _closed(section: SealedSection, narrowed: Mapping[str, Visibility], shelf: Edition) -> str:
    """Say why a section is not in this edition; "" when it is."""
    if shelf.edition.value not in section.parts:
        return "this edition did not show it when it was sealed"
    if narrowed.get(section.id, Visibility.PUBLIC).openness < shelf.edition.openness:
        return f"its file says visibility: {narrowed[section.id].value}"
    why = shelf.why_not(section.text_of, None) if section.text_of else ""
    return f"the entry that is its text: {why}" if why else ""


def _section(sealed: Sealed, section: SealedSection, shelf: Edition) -> PageSection:
    name, level = sealed.at(section.id), section.level + 1
    evidence = cited(section.evidence, name, shelf)
    parts = [_part(part, name, shelf) for part in section.parts[shelf.edition.value]]
    if evidence and not any(part.id == "evidence" for part in parts):
        parts.append(PagePart("evidence", "Evidence", ""))
    parts = [part for part in parts if part.id != "evidence" or part.html or evidence]
    return PageSection(
        id=name,
        title=section.title,
        level=level,
        gathers=False,
        parts=tuple(parts),
        evidence=evidence,
        words=len(words_of(parts)),
        within=sealed.at(section.within) if section.within else "",
        generation=sealed.name,
    )


def _part(part: PagePart, section: str, shelf: Edition) -> PagePart:
    """Return a part as it may be shown. A picture that is not held goes, and leaves no words of ours in its place."""

    def picture(address: str) -> str:
        shown = shelf.picture(address)
        if shown is None:
            shelf.left_out.append(LeftOut(address, "the archive does not hold this picture", section))
        return shown or ""

    return replace(part, html=markdown.resolve(part.html, pictures=picture, links=shelf.link))


def _without_empty_groups(sections: Iterable[PageSection]) -> Iterator[PageSection]:
    """Yield sections without headings that hold nothing in this edition."""
    listed = list(sections)
    for at, section in enumerate(listed):
        below = listed[at + 1 :]
        ends = next((n for n, other in enumerate(below) if other.level <= section.level), len(below))
        if not section.gathers or any(not other.gathers for other in below[:ends]):
            yield section


def _without_gaps(sections: Iterable[PageSection], top: int) -> Iterator[PageSection]:
    """Yield sections with levels of which none is skipped, for what stood around them may not be in this edition."""
    around: list[tuple[int, int]] = []
    for section in sections:
        while around and around[-1][0] >= section.level:
            around.pop()
        level = around[-1][1] + 1 if around else top
        around.append((section.level, level))
        yield replace(section, level=level, parts=tuple(_at(part, level) for part in section.parts))


def _at(part: PagePart, level: int) -> PagePart:
    below = level + (1 if part.title else 0)
    return replace(part, html=markdown.under(part.html, below, pictures=lambda address: address))
