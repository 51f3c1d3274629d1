"""What a portfolio still lacks: findings for the owner, each with its mend. Nothing here stops a build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.entry import Visibility
from bridge.portfolio import candidates, writing
from bridge.portfolio.coverage import Pieces
from bridge.portfolio.findings import about
from bridge.portfolio.framework import Framework, Section
from bridge.portfolio.gates import gates
from bridge.portfolio.mapping import Connections
from bridge.portfolio.marks import Marks, effective, settled
from bridge.portfolio.model import Entries, PageSection, Portfolio
from bridge.portfolio.narrative import Narrative
from bridge.portfolio.schema import PrinciplesRef, Requirement
from bridge.portfolio.usable import Usable
from connectors.contract import Finding

__all__ = ["gaps", "gates"]

ABOUT_WORDS = frozenset({"not-written", "part-missing"})
"""Findings about words that a section file lacks."""

MOST_PIECES = 8
"""More pieces of evidence than this in one section: assessors asked for fewer, chosen ones."""

MOST_SECTIONS = 3
"""An entry cited in more sections than this is reported: the same evidence again and again was disliked."""

MOST_SUGGESTIONS = 3


def gaps(
    *,
    framework: Framework,
    pathway: str,
    narratives: Mapping[str, Narrative],
    connections: Connections,
    entries: Entries,
    marks: Marks,
    draft: Portfolio,
    edition: Visibility = Visibility.PUBLIC,
    as_of: datetime | None = None,
    words_without_figure: int = writing.WORDS_WITHOUT_FIGURE,
) -> tuple[Finding, ...]:
    """
    Return what is missing or weak, in page order. Pure.

    Args:
        framework: The framework.

        pathway: One of its pathways.

        narratives: The section files.

        connections: What is cited where.

        entries: At least all that is cited or suggested.

        marks: The owner's word on who may see single items.

        draft: The private edition of the same (``assemble``): the text that is judged.

        edition: The edition that the owner works towards: evidence that it may not show is named.

        as_of: Now; evidence that is published later is named. None: not looked at.

        words_without_figure: A section with more words and no picture is pointed out, with pictures of the archive.
    """
    usable = Usable(narratives, entries, settled(marks, entries), edition, as_of)
    shown = {section.id: section for section in draft.sections if not section.generation}
    made = {section.within for section in draft.sections if section.within}
    look = _Look(framework, pathway, connections, usable, made)
    pictures = candidates.Pictures(entries, usable.marks, edition)
    found: list[Finding] = []
    for section in framework.flat(pathway):
        if section.gathers:
            found += look.rules(section.rules, section)
            continue
        here = shown.get(section.id)
        found += look.missing(section, here)
        found += look.evidence(section)
        if here is not None:
            heavy = writing.is_heavy(here, words_without_figure)
            near = pictures.near(connections.cited.get(section.id, ())) if heavy else ()
            offered = candidates.in_words(near, section.id)
            found += writing.findings(section, here, words_without_figure, offered)
        found += look.plan(section)
    found += look.rules(framework.requirements(pathway))
    found += look.reused()
    found += connections.findings
    found += look.strangers()
    found += look.moved()
    found += look.unverified()
    return tuple(found)


@dataclass(frozen=True)
class _Offer:
    """What could be cited. ``closed``: who alone may see it, where the edition may not show it; else ``""``."""

    title: str
    closed: str

    @property
    def named(self) -> str:
        return f"“{self.title}” ({self.closed})" if self.closed else f"“{self.title}”"


@dataclass(frozen=True)
class _Look:
    framework: Framework
    pathway: str
    connections: Connections
    usable: Usable
    made: set[str]

    @property
    def narratives(self) -> Mapping[str, Narrative]:
        return self.usable.narratives

    def missing(self, section: Section, shown: PageSection | None) -> Iterator[Finding]:
        if not section.required:
            return
        narrative = self.narratives.get(section.id)
        if narrative is None:
            yield about(section, "no-file", "has no file yet.", "Run: keepfolio init   to add it", "error")
            return
        edit = f"Write in {narrative.file}"
        if narrative.lacking:
            mend = f"Name another entry, or none, in {narrative.file}"
            yield about(section, "text-missing", f"has no text: {narrative.lacking}.", mend, "error")
        if section.kind:
            if section.id not in self.made and (shown is None or shown.placeholder):
                yield about(section, "not-written", *_MADE_OF[section.kind], "error")
            return
        if narrative.placeholder:
            yield about(section, "not-written", "has no words of yours yet.", edit, "error")
        else:
            parts = shown.parts if shown else ()
            asked = {part.id for part in section.parts} or {""}
            for part in parts:
                if part.placeholder and part.id not in asked:
                    yield writing.empty_heading(section, part.title)
                elif part.placeholder and part.id != "evidence":
                    yield about(section, "part-missing", f"has no {part.title.lower() or 'text'} yet.", edit, "error")
            if parts and not narrative.ready and not any(part.placeholder for part in parts):
                mend = f"When it may go live, write ready: true in {narrative.file}"
                yield about(section, "unready", "is written, and does not say yet that it is ready.", mend, "note")
        if any(passage.unfinished for passage in narrative.passages):
            yield about(section, "unfinished", "still has a mark such as [TO DO] in its text.", edit)

    def evidence(self, section: Section) -> Iterator[Finding]:
        cited = self.connections.cited.get(section.id, ())
        problems = {entry_id: self.usable.problem(entry_id, section.id) for entry_id in cited}
        usable = [entry_id for entry_id, problem in problems.items() if not problem]
        private = [entry_id for entry_id, problem in problems.items() if problem and problem[0] == "evidence-private"]
        for entry_id, problem in problems.items():
            if problem and (len(private) == 1 or entry_id not in private):
                yield about(section, *problem)
        if len(private) > 1:
            yield self._all_private(section, private, len(cited))
        wanted = section.required and not section.kind
        if not usable and wanted and any(part.id == "evidence" for part in section.parts):
            nothing = f"nothing that the {self.usable.edition.value} page may show" if cited else "no evidence yet"
            yield about(section, "no-evidence", f"cites {nothing}.", self._suggestion(section), "error")
        elif section.min_examples > len(usable):
            message = f"cites {len(usable)} of at least {section.min_examples} examples."
            yield about(section, "few-examples", message, self._suggestion(section))
        elif self.connections.suggested.get(section.id) and (usable or not section.required):
            also = "could also cite" if usable else "could cite"
            yield about(section, "suggested", f"{also} what your tags suggest.", self._suggestion(section), "note")
        if proposed := self._offers(self.connections.proposed.get(section.id, ())):
            yield about(section, "crosswalk", *self._proposal(section, proposed), "note")
        if len(usable) > MOST_PIECES:
            message = f"cites {len(usable)} pieces of evidence; assessors prefer a few, chosen ones."
            yield about(section, "much-evidence", message, f"Keep the best {MOST_PIECES} or fewer")

    def _all_private(self, section: Section, private: Sequence[str], cited: int) -> Finding:
        """Return one finding for all the private evidence of a section: of a Mahara everything is private at first."""
        page = self.usable.edition.value
        of_all = f" (of {cited})" if len(private) < cited else ""
        message = f"cites {len(private)} pieces of evidence{of_all} that are private: the {page} page shows none."
        mend = f"Mark those that may be read there whole, one by one: keepfolio mark ITEM {page}"
        return about(section, "evidence-private", message, mend)

    def _suggestion(self, section: Section) -> str:
        offers = self._offers(self.connections.suggested.get(section.id, ()))
        if not offers:
            return f'Run: keepfolio cite {section.id} ITEM --why "..."'
        return f'Your tags suggest {_some(offers)}. Run: keepfolio cite {section.id} "{offers[0].title}" --why "..."'

    def _proposal(self, section: Section, offers: Sequence[_Offer]) -> tuple[str, str]:
        crosswalk = self.framework.spec.crosswalk
        assert crosswalk is not None
        ours = "a table of ours, not of the bodies" if crosswalk.status == "proposed" else "the bodies' own table"
        message = f"could cite {_some(offers)}: evidence for {crosswalk.to} already (after {ours})."
        return message, f'Run: keepfolio cite {section.id} "{offers[0].title}" --why "..."'

    def _offers(self, ids: Sequence[str]) -> list[_Offer]:
        """Return what could be cited; last what the edition may not show, for its citation alone would not help."""
        offers = []
        for one in map(self.usable.entries.get, ids):
            if one is not None and one.entry.title:
                seen = effective(one, self.usable.marks)
                closed = seen.openness < self.usable.edition.openness
                offers.append(_Offer(one.entry.title, seen.value if closed else ""))
        return sorted(offers, key=lambda offer: bool(offer.closed))

    def plan(self, section: Section) -> Iterator[Finding]:
        narrative = self.narratives.get(section.id)
        if narrative is not None and narrative.plan:
            yield about(section, "plan", f"is what you plan for: {narrative.plan}", "", "note")

    def rules(self, rules: Sequence[Requirement], group: Section | None = None) -> Iterator[Finding]:
        counts = {s: len(self.usable.of(ids)) for s, ids in self.connections.cited.items()}
        pieces = Pieces.of(self.framework, self.pathway, counts)
        for rule in rules:
            lacking = "; ".join(pieces.lacking(rule))
            counted = rule.must or rule.min_of or rule.at_least
            if not rule.rule or (counted and not lacking):
                continue
            mend = f"Cite evidence for: {lacking}" if counted else "Look whether your text and evidence show it"
            if group is not None:
                yield about(group, "rule", f"wants {rule.rule}.", mend, "warning" if counted else "note")
            else:
                which = self.framework.pathway_title(self.pathway)
                message = f"{rule.id + ': ' if rule.id else ''}{which} wants {rule.rule}."
                yield Finding("coverage" if counted else "judgement", "warning" if counted else "note", message, mend)

    def reused(self) -> Iterator[Finding]:
        if self.framework.spec.kind == "dimensions":  # one piece of practice shows several of them
            return
        uses = Counter(entry_id for ids in self.connections.cited.values() for entry_id in ids)
        for entry_id, count in uses.most_common():
            held = self.usable.entries.get(entry_id)
            if count > MOST_SECTIONS and held is not None:
                places = ", ".join(section for section, ids in self.connections.cited.items() if entry_id in ids)
                yield Finding(
                    "evidence-reused",
                    "warning",
                    f"“{held.entry.title}” is cited in {count} sections: {places}.",
                    "Choose where it says most, and cite something else for the others",
                )

    def strangers(self) -> Iterator[Finding]:
        asked = {section.id for section in self.framework.flat(self.pathway)}
        for section_id, narrative in self.narratives.items():
            if section_id not in asked:
                yield Finding(
                    "not-asked",
                    "note",
                    f"{narrative.path.name} is no section of the pathway {self.pathway}: it stays, unshown.",
                    section=section_id,
                )

    def moved(self) -> Iterator[Finding]:
        since = {move.old: move.since for move in self.framework.spec.moved}
        for narrative in self.narratives.values():
            if narrative.former:
                yield Finding(
                    "moved",
                    "note",
                    f"{narrative.former} is called {narrative.section} now ({since[narrative.former]}): the text of "
                    f"{narrative.path.name} stands there, as you wrote it.",
                    f"If you like, write section: {narrative.section} in {narrative.file}",
                    narrative.section,
                )

    def unverified(self) -> Iterator[Finding]:
        spec = self.framework.spec
        if spec.draft:
            message = f"{spec.body} itself calls {spec.title} a draft or a pilot: its headings may change."
            yield Finding("framework-draft", "note", message, "Your texts stay, whatever becomes of the headings")
        pathway = spec.pathways.get(self.pathway)
        if pathway is not None and pathway.verified is False:
            note = f" {pathway.note[:1].upper()}{pathway.note[1:]}." if pathway.note else ""
            message = f"What {pathway.title} asks for was not read in an official document.{note}"
            yield Finding("unverified", "note", message, f"Check it with {spec.body}")
        unread = [
            f"The rule {r.id} ({r.rule})" for r in self.framework.requirements(self.pathway) if r.verified is False
        ]
        unread += [f"The quota {quota.title}" for quota in spec.quotas if quota.verified is False]
        if isinstance(spec.principles, PrinciplesRef) and spec.principles.verified is False:
            unread.append("That the principles count here")
        for what in unread:
            message = f"{what} was not read in an official document."
            yield Finding("unverified", "note", message, f"Check it with {spec.body}")
        for section in self.framework.flat(self.pathway):
            if not section.verified:
                yield about(section, "unverified", "was not read in an official document.", "Check it", "note")


_MADE_OF = {
    "cpd-record": ("lists nothing yet: it is made of your CPD record.", 'Run: keepfolio cpd add "WHAT YOU DID"'),
    "cpd-depth": ("has nothing yet: it is made of themes, a file for each.", 'Run: keepfolio renew theme "TITLE"'),
}
"""What sections of a kind lack while nothing is made for them, and its mend."""


def _some(offers: Sequence[_Offer]) -> str:
    named = ", ".join(offer.named for offer in offers[:MOST_SUGGESTIONS])
    return f"{named} and {len(offers) - MOST_SUGGESTIONS} more" if len(offers) > MOST_SUGGESTIONS else named
