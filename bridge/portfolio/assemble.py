"""
Put a portfolio together. Pure: no clock, no disk, no network; equal inputs give an equal value.

The rule that everything here serves: an item appears only in editions at or below its own visibility.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from archive.entry import Entry, MediaFile, Visibility
from bridge.portfolio import wording
from bridge.portfolio.framework import Framework, Section
from bridge.portfolio.generation import Generation
from bridge.portfolio.mapping import NEVER_EVIDENCE, Connections
from bridge.portfolio.marks import Marks, effective
from bridge.portfolio.model import (
    Entries,
    Evidence,
    Held,
    KeptText,
    LeftOut,
    PagePart,
    PageSection,
    Portfolio,
    Shown,
)
from bridge.portfolio.narrative import Cited, Narrative, Passage
from bridge.render import markdown, sanitise

_SIZE = re.compile(r"-(?:\d+x\d+|scaled)(?=\.\w+$)")


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
            that are ready.

        as_of: Evidence published later (a scheduled post) is left out.

        owner: The owner's name.

        language: Of the page, as a language tag.

        timezone: Of the dates on the page.

        generation: Which portfolio this is, and what the owner calls its areas.

        own_hosts: Hosts that are the owner's own. A public file there is linked; one elsewhere is brought along, for
            what others host vanishes. Empty: every public address counts as the owner's.
    """
    language = language or framework.language
    room = _Room(entries, marks, edition, as_of, ZoneInfo(timezone), own_hosts, language)
    sections: list[PageSection] = []
    for section in framework.flat(pathway):
        narrative = narratives.get(section.id)
        cited = connections.cited.get(section.id, ())
        if section.gathers:
            sections.append(PageSection(section.id, section.title, section.level, gathers=True))
        elif why := _held_back(narrative, edition):
            if narrative is not None or cited:
                room.left_out.append(LeftOut(section.id, why, section=section.id, title=section.title))
        else:
            sections.append(_section(section, narrative, cited, generation, room))
    sections = [s for s in sections if not s.gathers or _has_child(s, sections, framework, pathway)]
    figures = [f for s in sections for item in s.evidence for f in item.figures] + list(room.pictures.values())
    return Portfolio(
        id=generation.portfolio,
        title=generation.title or f"{owner}: {framework.pathway_title(pathway)} portfolio",
        subtitle=framework.title,
        owner=owner,
        language=language,
        edition=edition,
        sections=tuple(sections),
        kept=tuple(room.kept.values()),
        pictures=dict(sorted(room.pictures.items())),
        credits=_credits(figures),
        words=sum(section.words for section in sections),
        figures=len(figures),
        left_out=tuple(room.left_out),
    )


@dataclass
class _Room:
    """What is the same for every section, and what they gather on the way."""

    entries: Entries
    marks: Marks
    edition: Visibility
    as_of: datetime
    zone: tzinfo
    own_hosts: frozenset[str]
    language: str
    left_out: list[LeftOut] = field(default_factory=list)
    pictures: dict[str, Shown] = field(default_factory=dict)
    kept: dict[str, KeptText] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_url: dict[str, list[tuple[Held, MediaFile]]] = {}
        for held in self.entries.values():
            for file in held.entry.files:
                if file.sha256 and file.url:
                    self._by_url.setdefault(_whole(file.url), []).append((held, file))

    def visibility(self, held: Held, narrowed: Visibility | None = None) -> Visibility:
        """Return who may see an item; a section may narrow that, never widen it."""
        return min(effective(held, self.marks), narrowed or Visibility.PUBLIC, key=lambda v: v.openness)

    def may_show(self, held: Held, narrowed: Visibility | None = None) -> bool:
        return self.visibility(held, narrowed).openness >= self.edition.openness

    def why_not(self, entry_id: str, narrowed: Visibility | None) -> str:
        """Say why an entry is not on the page; "" when it is."""
        held = self.entries.get(entry_id)
        if held is None:
            return "it is not in the archive"
        entry = held.entry
        if held.deleted:
            return "it was deleted at its source (your archive still has it)"
        if entry.status == "trash":
            return "it lies in the bin of its site"
        if entry.kind in NEVER_EVIDENCE:
            return f"a {entry.kind} is not evidence"
        if entry.author == "others":
            return "somebody else wrote it"
        if entry.published is not None and entry.published > self.as_of:
            return f"it appears only on {wording.day(entry.published, self.zone)}"
        if not self.may_show(held, narrowed):
            return "it is private" if self.edition is Visibility.PUBLIC else "you have not opened it to assessors"
        return ""

    def picture(self, address: str) -> str | None:
        """Return the address of a picture in a text if this edition may show it, and note it down."""
        for held, file in self._candidates(address):
            alive = not held.deleted and held.entry.status != "trash"
            if alive and self.may_show(held) and wording.is_image(file):
                self.pictures[address] = _shown(held, file)
                return address
        return None

    def link(self, address: str) -> str | None:
        """Return where a link in a text leads: an entry's id becomes its public address."""
        if not address.startswith("urn:"):
            return address
        held = self.entries.get(address)
        if held is None or self.why_not(address, None):
            return None
        return held.entry.url if held.entry.visibility is Visibility.PUBLIC and held.entry.url else None

    def _candidates(self, address: str) -> Iterable[tuple[Held, MediaFile]]:
        held = self.entries.get(address)
        if held is not None:
            return [(held, file) for file in held.entry.files if file.sha256]
        return self._by_url.get(_whole(address), ())

    def foreign(self, language: str) -> str:
        """Return a language that is not the page's, so that a screen reader changes its voice; else ""."""
        same = language.partition("-")[0].lower() == self.language.partition("-")[0].lower()
        return "" if same else language

    def is_ours(self, url: str) -> bool:
        return not self.own_hosts or (urlsplit(url).hostname or "") in self.own_hosts


def _held_back(narrative: Narrative | None, edition: Visibility) -> str:
    """Say why a whole section is not in this edition; "" when it is."""
    if edition is Visibility.PRIVATE:
        return ""
    if narrative is None:
        return "it has no file yet"
    if narrative.visibility.openness < edition.openness:
        return f"its file says visibility: {narrative.visibility.value}"
    if not narrative.ready:
        return "its file does not say ready: true"
    return ""


def _section(
    section: Section, narrative: Narrative | None, cited: Iterable[str], generation: Generation, room: _Room
) -> PageSection:
    chosen = {c.entry: c for c in narrative.evidence} if narrative else {}
    evidence = []
    for entry_id in cited:
        citation = chosen.get(entry_id, Cited(entry_id))
        why_not = room.why_not(entry_id, citation.visibility)
        if why_not:
            held = room.entries.get(entry_id)
            room.left_out.append(LeftOut(entry_id, why_not, section.id, held.entry.title if held else ""))
        else:
            evidence.append(_evidence(room.entries[entry_id], citation, room))
    parts = _parts(section, narrative, bool(evidence), room)
    return PageSection(
        id=section.id,
        title=_title(section, narrative, generation),
        level=section.level,
        gathers=False,
        parts=parts,
        evidence=tuple(evidence),
        placeholder=narrative is None or narrative.placeholder,
        ready=narrative is not None and narrative.ready,
        words=sum(len(sanitise.text(part.html).split()) for part in parts),
    )


def _title(section: Section, narrative: Narrative | None, generation: Generation) -> str:
    own = (narrative.title if narrative else "") or generation.titles.get(section.id, "")
    if section.owner_title and own:
        return f"{section.title}: {own}"
    title = own or section.title
    return f"{section.id}: {title}" if section.level > 2 and section.id[:1].isdigit() else title


def _parts(section: Section, narrative: Narrative | None, has_evidence: bool, room: _Room) -> tuple[PagePart, ...]:  # noqa: FBT001
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
        if passage.placeholder and not covered and (room.edition is not Visibility.PRIVATE or not placeholder):
            continue
        level = section.level + (1 if passage.title else 0)
        text = "" if passage.placeholder else passage.markdown
        html = markdown.render(text, level, pictures=room.picture, links=room.link)
        shown.append(PagePart(passage.id, passage.title, html, placeholder=placeholder))
    return tuple(shown)


def _evidence(held: Held, citation: Cited, room: _Room) -> Evidence:
    entry = held.entry
    public = entry.visibility is Visibility.PUBLIC
    files = [file for file in entry.files if file.sha256]
    images = [file for file in files if wording.is_image(file)]
    kind, date = wording.kind(entry), wording.day(entry.published, room.zone)
    url, kept, brought, figures = "", False, [], []
    if entry.kind in wording.FILE_KINDS:
        figures = images[:1]
        main = next((file for file in files if file not in figures), None)
        if main is not None and not figures:
            url = main.url if public and room.is_ours(main.url) else ""
            brought = [] if url else [main]
    else:
        figures = images[:1] if citation.caption else []
        url = entry.url if public else ""
        if not url:
            brought = [file for file in files if file not in images]
            kept = _keep(held, kind, date, room)
    return Evidence(
        entry_id=held.id,
        title=entry.title or f"Untitled {kind.lower()}",
        kind=kind,
        date=date,
        why=citation.why,
        url=url,
        kept=kept,
        files=tuple(_shown(held, file) for file in brought),
        figures=tuple(_shown(held, file, citation.caption) for file in figures),
        visibility=room.visibility(held, citation.visibility),
        language=room.foreign(entry.language),
    )


def _keep(held: Held, kind: str, date: str, room: _Room) -> bool:
    """Bring the text of an item along that no public address shows; False when it has no text."""
    if held.id in room.kept:
        return True
    own = {_whole(file.url): file for file in held.entry.files if file.sha256 and wording.is_image(file)}

    def picture(address: str) -> str | None:
        if _whole(address) not in own:
            return room.picture(address)
        room.pictures[address] = _shown(held, own[_whole(address)])
        return address

    safe = sanitise.prose(held.entry.content_html)
    html = markdown.under(safe, 3, pictures=picture, links=_web_only)
    if not sanitise.text(html):
        return False
    title = held.entry.title or f"Untitled {kind.lower()}"
    room.kept[held.id] = KeptText(held.id, title, kind, date, html, room.foreign(held.entry.language))
    return True


def _whole(address: str) -> str:
    """Return the address of the picture of which WordPress shows a smaller size: ``a-300x200.png`` is ``a.png``."""
    return _SIZE.sub("", address.partition("?")[0])


def _web_only(address: str) -> str | None:
    return address if address.startswith(("http://", "https://", "mailto:")) else None


def _shown(held: Held, file: MediaFile, caption: str = "") -> Shown:
    entry: Entry = held.entry
    return Shown(
        entry_id=held.id,
        sha256=file.sha256,
        name=file.name,
        media_type=file.media_type,
        url=file.url,
        alt=file.alt,
        caption=caption or sanitise.text(file.caption) or (entry.title if entry.kind in wording.FILE_KINDS else ""),
        credit=sanitise.text(file.credit),
        licence=sanitise.text(file.licence),
    )


def _has_child(group: PageSection, sections: Iterable[PageSection], framework: Framework, pathway: str) -> bool:
    children = {s.id for s in framework.flat(pathway) if s.group == group.id}
    return any(section.id in children for section in sections)


def _credits(figures: Iterable[Shown]) -> tuple[Shown, ...]:
    """Return each picture whose maker or licence is named, once."""
    named = {figure.sha256: figure for figure in figures if figure.credit or figure.licence}
    return tuple(named.values())
