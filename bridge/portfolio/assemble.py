"""
Put a portfolio together. Pure: no clock, no disk, no network; equal inputs give an equal value.

The rule that everything here serves: an item appears only in editions at or below its own visibility.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from archive.entry import Visibility
from bridge.portfolio import editions, within, wording
from bridge.portfolio.editions import Edition
from bridge.portfolio.framework import Framework, Section
from bridge.portfolio.generation import Generation
from bridge.portfolio.making import Make, MakeEarlier, MakePanel
from bridge.portfolio.mapping import Connections
from bridge.portfolio.marks import Marks, settled
from bridge.portfolio.model import (
    Entries,
    Evidence,
    LeftOut,
    PagePart,
    PageSection,
    Portfolio,
    credited,
)
from bridge.portfolio.narrative import Cited, Narrative, Passage
from bridge.portfolio.released import Released
from bridge.render import markdown, sanitise


def assemble(
    *,
    framework: Framework,
    pathway: str,
    narratives: Mapping[str, Narrative],
    connections: Connections,
    entries: Entries,
    marks: Marks,
    edition: Visibility,
    as_of: datetime,
    owner: str,
    language: str,
    timezone: str,
    generation: Generation,
    own_hosts: frozenset[str] = frozenset(),
    released: Mapping[str, Released] = MappingProxyType({}),
    making: Mapping[str, Make] = MappingProxyType({}),
    below: Mapping[str, Make] = MappingProxyType({}),
    earlier: Sequence[MakeEarlier] = (),
    panels: Sequence[MakePanel] = (),
    licence: str = "",
) -> Portfolio:
    """
    Return the portfolio as an edition shows it.

    Args:
        framework: The framework, with its sections in page order.

        pathway: One of its pathways.

        narratives: The section files.

        connections: What is cited where.

        entries: At least all that ``connections`` cites, and the media that the owner's texts show.

        marks: The owner's word on who may see single items.

        edition: ``private`` is the owner's own draft and shows what is still missing; the others hold only sections
            that are ready, or were when it was last released.

        as_of: Evidence published later (a scheduled post) is left out.

        owner: The owner's name.

        language: Of the page, as a language tag.

        timezone: Of the dates on the page.

        generation: Which portfolio this is, and what the owner calls its areas.

        own_hosts: Hosts that are the owner's own. A public file there is linked; one elsewhere is brought along, for
            what others host vanishes. Empty: every public address counts as the owner's.

        released: Sections as this edition last showed them: while a file is not ready its page keeps those words.

        making: What is made for a section beside the owner's own text, by section id.

        below: The same, made anew even where a section keeps the words of the last release.

        earlier: Earlier generations on the same page, in the order in which they stand below this one.

        panels: What stands before and after the sections.

        licence: What others may do with the page, in the owner's words.
    """
    language = language or framework.language
    shelf = Edition(entries, settled(marks, entries), edition, as_of, ZoneInfo(timezone), own_hosts, language)
    sections: list[PageSection] = []
    for section in framework.flat(pathway):
        narrative = narratives.get(section.id)
        cited = connections.cited.get(section.id, ())
        if section.gathers:
            sections.append(PageSection(section.id, section.title, section.level, gathers=True))
        elif why := _closed(narrative, edition) or _text_closed(narrative, shelf):
            if narrative is not None or cited:
                shelf.left_out.append(LeftOut(section.id, why, section=section.id, title=section.title))
        elif why := _unready(narrative, edition):
            last = [one for one in released.values() if section.id in (one.id, one.within)]
            if last:
                for one in last:
                    sections += _made(below, _as_released(section, one, narrative, shelf), shelf)
                why = f"{why}; the page shows the text of the last release"
            shelf.left_out.append(LeftOut(section.id, why, section=section.id, title=section.title))
        else:
            written = _section(section, narrative, cited, generation, shelf)
            first, *inside = _made(making, written, shelf)
            sections += [*_made(below, first, shelf), *inside]
    sections = [s for s in sections if not s.gathers or _has_child(s, sections, framework, pathway)]
    sections = list(_left_to_themes(sections))
    sections += [one for make in earlier for one in make(shelf)]
    made = [panel for make_panel in panels if (panel := make_panel(sections, shelf)) is not None]
    figures = [f for s in sections for item in s.evidence for f in item.figures] + list(shelf.pictures.values())
    return Portfolio(
        id=generation.portfolio,
        title=generation.title or f"{owner}: {framework.pathway_title(pathway)} portfolio",
        subtitle=framework.title,
        owner=owner,
        language=language,
        edition=edition,
        sections=tuple(sections),
        kept=tuple(shelf.kept.values()),
        pictures=dict(sorted(shelf.pictures.items())),
        credits=credited(figures),
        words=sum(section.words for section in sections),
        figures=len(figures),
        left_out=tuple(_said_whole(shelf, sections)),
        panels=tuple(made),
        licence=licence,
    )


def _made(making: Mapping[str, Make], section: PageSection, shelf: Edition) -> tuple[PageSection, ...]:
    """Return a section with what is made for it, if anything is."""
    return making[section.id](section, shelf) if section.id in making else (section,)


def _said_whole(shelf: Edition, sections: Iterable[PageSection]) -> Iterator[LeftOut]:
    """Yield what was left out; of what stands on the page all the same, within another's text, that is said."""
    opened = dict.fromkeys(item.entry_id for section in sections for item in section.evidence if not item.url)
    ids = {left.id for left in shelf.left_out if left.id in shelf.entries}
    inside: dict[str, str] = {}
    for entry_id in opened if ids else ():
        outer = shelf.entries[entry_id]
        for held in within.shown(outer, shelf.entries, ids):
            inside.setdefault(held.id, outer.entry.title)
    for left in shelf.left_out:
        title = inside.get(left.id)
        yield replace(left, why=f"{left.why}, but “{title}” shows it") if title else left


def _closed(narrative: Narrative | None, edition: Visibility) -> str:
    """Say why a section is not for those who read this edition; "" when it is."""
    if edition is Visibility.PRIVATE:
        return ""
    if narrative is None:
        return "it has no file yet"
    if narrative.visibility.openness < edition.openness:
        return f"its file says visibility: {narrative.visibility.value}"
    return ""


def _text_closed(narrative: Narrative | None, shelf: Edition) -> str:
    """Say why the entry that is a section's text may not stand in this edition, though the section may; else ""."""
    held = shelf.entries.get(narrative.chosen) if narrative and narrative.chosen else None
    return f"its text {why}" if held is not None and (why := shelf.shows_closed(held)) else ""


def _unready(narrative: Narrative | None, edition: Visibility) -> str:
    """Say why the words of a section's file are not for others yet; "" when they are."""
    if edition is Visibility.PRIVATE or narrative is None:
        return ""
    return narrative.lacking if narrative.ready else "its file does not say ready: true"


def _as_released(section: Section, last: Released, narrative: Narrative | None, shelf: Edition) -> PageSection:
    """Return a section with the words of the last release; what may not be shown any more is not."""
    parts = tuple(
        replace(part, html=markdown.resolve(part.html, pictures=shelf.picture, links=shelf.link)) for part in last.parts
    )
    evidence = _evidence(section, last.evidence, narrative, shelf)
    return PageSection(
        id=last.id,
        title=last.title,
        level=section.level + (1 if last.within else 0),
        gathers=False,
        parts=tuple(part for part in parts if part.id != "evidence" or part.html or evidence),
        evidence=evidence,
        released=True,
        words=_words(parts),
        within=last.within,
    )


def _section(
    section: Section, narrative: Narrative | None, cited: Iterable[str], generation: Generation, shelf: Edition
) -> PageSection:
    chosen = {c.entry: c for c in narrative.evidence} if narrative else {}
    evidence = _evidence(section, [chosen.get(i, Cited(i)) for i in cited], narrative, shelf)
    parts = _parts(section, narrative, bool(evidence), shelf)
    return PageSection(
        id=section.id,
        title=_title(section, narrative, generation),
        level=section.level,
        gathers=False,
        parts=parts,
        evidence=evidence,
        placeholder=narrative is None or narrative.placeholder,
        ready=narrative is not None and narrative.ready,
        words=_words(parts),
    )


def _evidence(
    section: Section, cited: Iterable[Cited], narrative: Narrative | None, shelf: Edition
) -> tuple[Evidence, ...]:
    """Return what of the cited may be shown, and note what may not; the section's file may narrow that, never widen."""
    narrowed = {c.entry: c.visibility for c in narrative.evidence} if narrative else {}
    found: dict[str, Evidence] = {}
    pictured: set[str] = set()
    for citation in cited:
        why_not = shelf.why_not(citation.entry, narrowed.get(citation.entry))
        if why_not:
            held = shelf.entries.get(citation.entry)
            shelf.left_out.append(LeftOut(citation.entry, why_not, section.id, held.entry.title if held else ""))
        else:
            shown = editions.evidence(shelf.entries[citation.entry], citation, shelf)
            found.setdefault(shown.entry_id, shown)  # two ids may be one entry by now
            if citation.caption or shelf.entries[citation.entry].entry.kind in wording.FILE_KINDS:
                pictured.add(shown.entry_id)
    return tuple(_each_picture_once(list(found.values()), pictured))


def _each_picture_once(listed: Sequence[Evidence], pictured: Container[str]) -> Iterator[Evidence]:
    """Yield evidence with a picture that is attached to several texts at the first; ``pictured`` keep theirs."""
    shown = {figure.sha256 for item in listed if item.entry_id in pictured for figure in item.figures}
    for item in listed:
        if item.entry_id in pictured:
            yield item
            continue
        figures = tuple(figure for figure in item.figures if figure.sha256 not in shown)
        shown.update(figure.sha256 for figure in figures)
        yield replace(item, figures=figures)


def _left_to_themes(sections: Sequence[PageSection]) -> Iterator[PageSection]:
    """Yield sections without the pictures that stand there by no choice, and in full in a theme below as well."""
    within = [section for section in sections if section.within]
    shown = {figure.sha256 for section in within for item in section.evidence for figure in item.figures}
    for section in sections:
        if section.within or not shown:
            yield section
            continue
        evidence = (
            item if item.why else replace(item, figures=tuple(f for f in item.figures if f.sha256 not in shown))
            for item in section.evidence
        )
        yield replace(section, evidence=tuple(evidence))


def _words(parts: Iterable[PagePart]) -> int:
    return sum(len(sanitise.text(part.html).split()) for part in parts)


def _title(section: Section, narrative: Narrative | None, generation: Generation) -> str:
    own = (narrative.title if narrative else "") or generation.titles.get(section.id, "")
    if section.owner_title and own:
        return f"{section.title}: {own}"
    title = own or section.title
    return f"{section.id}: {title}" if section.level > 2 and section.id[:1].isdigit() else title


def _parts(section: Section, narrative: Narrative | None, has_evidence: bool, shelf: Edition) -> tuple[PagePart, ...]:  # noqa: FBT001
    """Return the framework's parts in its order, then the owner's own; missing ones only in the owner's draft."""
    passages = {passage.id: passage for passage in narrative.passages} if narrative else {}
    asked = [Passage(part.id, part.title, "") for part in section.parts] or [Passage("", "", "")]
    ids = {passage.id for passage in asked}
    before = [p for p in passages.values() if p.id == "" and p.id not in ids]
    own = [p for p in passages.values() if p.id != "" and p.id not in ids]
    if has_evidence and "evidence" not in ids and "evidence" not in passages:
        own.append(Passage("evidence", "Evidence", ""))
    shown = []
    for passage in [*before, *(passages.get(p.id, p) for p in asked), *own]:
        covered = passage.id == "evidence" and has_evidence
        placeholder = passage.placeholder and not covered and not (passage.id == "" and own)
        if passage.placeholder and not covered and (shelf.edition is not Visibility.PRIVATE or not placeholder):
            continue
        level = section.level + (1 if passage.title else 0)
        text = "" if passage.placeholder else passage.markdown
        html = markdown.render(text, level, pictures=shelf.picture, links=shelf.link)
        html += markdown.under(passage.html, level, pictures=shelf.picture, links=shelf.web_link)
        shown.append(PagePart(passage.id, passage.title, html, placeholder=placeholder))
    return tuple(shown)


def _has_child(group: PageSection, sections: Iterable[PageSection], framework: Framework, pathway: str) -> bool:
    children = {s.id for s in framework.flat(pathway) if s.group == group.id}
    return any(section.id in children for section in sections)
