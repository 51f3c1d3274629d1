"""What a portfolio still lacks: findings for the owner, each with its mend. Nothing here stops a build."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.entry import Visibility
from bridge.portfolio import within
from bridge.portfolio.findings import about, words_of
from bridge.portfolio.framework import Framework, Section
from bridge.portfolio.gates import gates
from bridge.portfolio.mapping import Connections, never
from bridge.portfolio.marks import Marks, effective, settled
from bridge.portfolio.model import Entries, Held, PageSection, Portfolio
from bridge.portfolio.narrative import Narrative
from connectors.contract import Finding

__all__ = ["gaps", "gates"]

ABOUT_WORDS = frozenset({"not-written", "part-missing"})
"""Findings about words that a section file lacks."""

MOST_PIECES = 8
"""More pieces of evidence than this in one section: assessors asked for fewer, chosen ones."""

MOST_SECTIONS = 3
"""An entry cited in more sections than this is reported: the same evidence again and again was disliked."""

LEAST_REFLECTION = 0.2
"""Below this share of a section's words the reflection is thin."""

LEAST_WORDS_TO_BALANCE = 80
WORDS_WITHOUT_FIGURE = 800
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
    """
    look = _Look(framework, pathway, narratives, connections, entries, settled(marks, entries), edition, as_of)
    shown = {section.id: section for section in draft.sections}
    found: list[Finding] = []
    for section in framework.flat(pathway):
        if section.gathers:
            found += look.rules(section)
        else:
            found += look.missing(section, shown.get(section.id))
            found += look.evidence(section)
            if section.id in shown:
                found += _writing(section, shown[section.id])
    found += look.reused()
    found += connections.findings
    found += look.strangers()
    found += look.unverified()
    return tuple(found)


@dataclass(frozen=True)
class _Look:
    framework: Framework
    pathway: str
    narratives: Mapping[str, Narrative]
    connections: Connections
    entries: Entries
    marks: Marks
    edition: Visibility
    as_of: datetime | None

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
        if narrative.placeholder:
            yield about(section, "not-written", "has no words of yours yet.", edit, "error")
        else:
            parts = shown.parts if shown else ()
            for part in parts:
                if part.placeholder and part.id != "evidence":
                    yield about(section, "part-missing", f"has no {part.title.lower() or 'text'} yet.", edit, "error")
        if any(passage.unfinished for passage in narrative.passages):
            yield about(section, "unfinished", "still has a mark such as [TO DO] in its text.", edit)

    def evidence(self, section: Section) -> Iterator[Finding]:
        cited = self.connections.cited.get(section.id, ())
        problems = {entry_id: self._problem(entry_id, section.id) for entry_id in cited}
        usable = [entry_id for entry_id, problem in problems.items() if not problem]
        private = [entry_id for entry_id, problem in problems.items() if problem and problem[0] == "evidence-private"]
        for entry_id, problem in problems.items():
            if problem and (len(private) == 1 or entry_id not in private):
                yield about(section, *problem)
        if len(private) > 1:
            yield self._all_private(section, private, len(cited))
        if not usable and section.required and any(part.id == "evidence" for part in section.parts):
            nothing = f"nothing that the {self.edition.value} page may show" if cited else "no evidence yet"
            yield about(section, "no-evidence", f"cites {nothing}.", self._suggestion(section), "error")
        elif section.min_examples > len(usable):
            message = f"cites {len(usable)} of at least {section.min_examples} examples."
            yield about(section, "few-examples", message, self._suggestion(section))
        elif usable and self.connections.suggested.get(section.id):
            yield about(
                section, "suggested", "could also cite what your tags suggest.", self._suggestion(section), "note"
            )
        if len(usable) > MOST_PIECES:
            message = f"cites {len(usable)} pieces of evidence; assessors prefer a few, chosen ones."
            yield about(section, "much-evidence", message, f"Keep the best {MOST_PIECES} or fewer")

    def _all_private(self, section: Section, private: Sequence[str], cited: int) -> Finding:
        """Return one finding for all the private evidence of a section: of a Mahara everything is private at first."""
        page = self.edition.value
        of_all = f" (of {cited})" if len(private) < cited else ""
        message = f"cites {len(private)} pieces of evidence{of_all} that are private: the {page} page shows none."
        mend = f"Mark those that may be read there whole, one by one: keepfolio mark ITEM {page}"
        return about(section, "evidence-private", message, mend)

    def _problem(self, entry_id: str, section: str = "") -> tuple[str, str, str] | None:
        """Say why a cited entry can't be shown: code, message, mend."""
        held = self.entries.get(entry_id)
        if held is None:
            return "evidence-unknown", f"cites {entry_id}, which is not in the archive.", "Run: keepfolio list"
        title = f"“{held.entry.title or entry_id}”"
        if held.deleted:
            return (
                "evidence-gone",
                f"cites {title}, which was deleted at its source (your archive still has it).",
                "Restore it there, or cite something else",
            )
        if held.entry.status == "trash":
            return "evidence-binned", f"cites {title}, which lies in the bin of its site.", "Restore it there"
        if why := never(held.entry):
            mend = f"Take it out: {self._undo(held, section)}"
            return "evidence-never", f"cites {title}, which no page shows: {why}.", mend
        if self.as_of and held.entry.published and held.entry.published > self.as_of:
            return (
                "evidence-later",
                f"cites {title}, which is not published yet.",
                "Nothing to do: it appears by itself",
            )
        if effective(held, self.marks).openness < self.edition.openness:
            return (
                "evidence-private",
                f"cites {title}, which the {self.edition.value} page may not show.",
                self._safe_mend(held, section),
            )
        inner = within.closed(held, self.entries, self.marks, self.edition)
        if inner is not None:
            return (
                "evidence-shows-private",
                f"cites {title}, which shows “{inner.entry.title}”: that you closed by a mark of its own.",
                f'Open that, too: keepfolio mark "{inner.entry.title}" {self.edition.value}',
            )
        return None

    def _safe_mend(self, held: Held, section: str) -> str:
        """Say what to do about evidence that an edition may not show: what gives nothing away comes first."""
        show = f'keepfolio mark "{held.entry.title or held.id}" {self.edition.value}'
        return f"Cite something else ({self._undo(held, section)}); or, if its whole text may stand on the page: {show}"

    def _undo(self, held: Held, section: str) -> str:
        """Say how a citation is taken back."""
        narrative = self.narratives.get(section)
        by_hand = narrative is not None and any(cited.entry == held.id for cited in narrative.evidence)
        named = held.entry.title if held.entry.title and not never(held.entry) else held.id  # many are “Comment”
        return f'keepfolio cite {section} "{named}" --remove' if by_hand else "take its tag away at its source"

    def _suggestion(self, section: Section) -> str:
        ids = self.connections.suggested.get(section.id, ())
        titles = [held.entry.title for held in map(self.entries.get, ids) if held is not None and held.entry.title]
        if not titles:
            return f'Run: keepfolio cite {section.id} ITEM --why "..."'
        named = ", ".join(f"“{title}”" for title in titles[:MOST_SUGGESTIONS])
        more = f" and {len(titles) - MOST_SUGGESTIONS} more" if len(titles) > MOST_SUGGESTIONS else ""
        return f'Your tags suggest {named}{more}. Run: keepfolio cite {section.id} "{titles[0]}" --why "..."'

    def rules(self, group: Section) -> Iterator[Finding]:
        children = [s for s in self.framework.flat(self.pathway) if s.group == group.id]
        counts = [sum(not self._problem(i) for i in self.connections.cited.get(s.id, ())) for s in children]
        for rule in group.rules:
            short = (
                counts[0] < rule.min_3a or (len(counts) > 1 and counts[1] < rule.min_3b) or sum(counts) < rule.min_total
            )
            if rule.rule and short:
                yield about(group, "rule", f"wants {rule.rule}.", "Cite evidence for each")

    def reused(self) -> Iterator[Finding]:
        uses = Counter(entry_id for ids in self.connections.cited.values() for entry_id in ids)
        for entry_id, count in uses.most_common():
            held = self.entries.get(entry_id)
            if count > MOST_SECTIONS and held is not None:
                yield Finding(
                    "evidence-reused",
                    "warning",
                    f"“{held.entry.title}” is cited in {count} sections.",
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

    def unverified(self) -> Iterator[Finding]:
        pathway = self.framework.spec.pathways.get(self.pathway)
        if pathway is not None and pathway.verified is False:
            note = f" {pathway.note[:1].upper()}{pathway.note[1:]}." if pathway.note else ""
            yield Finding(
                "unverified",
                "note",
                f"What {pathway.title} asks for was not read in an official document.{note}",
                "Check it with ALT",
            )
        for section in self.framework.flat(self.pathway):
            if not section.verified:
                yield about(section, "unverified", "was not read in an official document.", "Check it", "note")


def _writing(section: Section, shown: PageSection) -> Iterator[Finding]:
    """Look at a section's own words: how many, of what, and in whose name."""
    words = {part.id: len(words_of(part).split()) for part in shown.parts}
    total = sum(words.values())
    if "reflection" in words and total >= LEAST_WORDS_TO_BALANCE and words["reflection"]:
        share = words["reflection"] / total
        if share < LEAST_REFLECTION:
            message = f"is {share:.0%} reflection ({words['reflection']} of {total} words)."
            yield about(section, "thin-reflection", message, "Say what you learned and what you do differently")
    if section.words and section.words.max and total > section.words.max:
        message = f"has {total} words; the guidance is {section.words.min or 0} to {section.words.max}."
        yield about(section, "long", message, "Shorten it, or leave it: nothing is refused for length")
    if section.words and section.words.min and 0 < total < section.words.min:
        message = f"has {total} words; the guidance is {section.words.min} to {section.words.max or 'more'}."
        yield about(section, "short", message, "Say more")
    figures = sum(len(item.figures) for item in shown.evidence) + sum(part.html.count("<img") for part in shown.parts)
    if total > WORDS_WITHOUT_FIGURE and not figures:
        message = f"has {total} words and no picture: a long stretch of text."
        yield about(section, "text-heavy", message, "Cite a picture, or give a cited item a caption")
    own = " ".join(words_of(part) for part in shown.parts)
    we, i = len(_WE.findall(own)), len(_I.findall(own))
    if we > i and we > 2:
        message = f"says “we” {we} times and “I” {i} times: assessors look for your own part."
        yield about(section, "we", message, "Say what you yourself did", "note")


_WE = re.compile(r"\b(?:we|our|ours|us)\b", re.IGNORECASE)
_I = re.compile(r"\b(?:I|my|mine|me|myself)\b")
