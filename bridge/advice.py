"""What can be said of a portfolio to its owner: gathered for a desk, judged in ``portfolio/`` by pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from archive.entry import Json, Visibility
from bridge import cpd_pages, cpd_slips
from bridge.portfolio import candidates, coverage, principles, quotas, writing
from bridge.portfolio.cpd import choosing
from bridge.portfolio.marks import settled
from bridge.portfolio.usable import Usable
from bridge.session import now
from connectors.contract import Finding

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.making import MakePanel
    from bridge.portfolio.model import PageSection


def standings(desk: Desk) -> tuple[principles.Standing, ...]:
    """Return what shows each principle; of the CPD record, what lies in the time that the portfolio covers."""
    recorded = choosing.within(desk.record, cpd_pages.days(desk))
    return principles.standings(desk.framework, desk.narratives, desk.connections, recorded)


@dataclass
class Survey:
    """
    A portfolio as its owner's draft has it, seen from an edition: what each section holds, and how far it is.

    An edition that may show less evidence sees less of it.
    """

    desk: Desk
    edition: Visibility = Visibility.PRIVATE

    @cached_property
    def shown(self) -> dict[str, PageSection]:
        """The sections of today's draft by id."""
        sections = self.desk.portfolio(Visibility.PRIVATE).sections
        return {section.id: section for section in sections if not section.generation}

    def is_made(self, section: str) -> bool:
        """Say whether anything stands under a heading that keepfolio fills: of the CPD record, or of themes."""
        here = self.shown.get(section)
        below = any(other.within == section for other in self.shown.values())
        return below or (here is not None and not here.placeholder)

    @cached_property
    def usable(self) -> dict[str, tuple[str, ...]]:
        """The entries that each section cites and that the edition may show."""
        desk = self.desk
        judge = Usable(desk.narratives, desk.entries, settled(desk.marks, desk.entries), self.edition, now())
        return {section: judge.of(ids, section) for section, ids in desk.connections.cited.items()}

    @cached_property
    def standings(self) -> tuple[principles.Standing, ...]:
        """What shows each principle."""
        return standings(self.desk)

    @cached_property
    def rows(self) -> tuple[coverage.Row, ...]:
        """The coverage matrix."""
        usable = {section: set(ids) for section, ids in self.usable.items()}
        by_principle = {
            one.principle.id: {s: [i for i in ids if i in usable.get(s, ())] for s, ids in one.cited.items()}
            for one in self.standings
        }
        recorded = {
            standing.principle.id: sum(one.visibility.openness >= self.edition.openness for one in standing.activities)
            for standing in self.standings
        }
        desk = self.desk
        return coverage.rows(desk.framework, desk.generation.pathway, self.shown, self.usable, by_principle, recorded)

    @cached_property
    def progress(self) -> dict[str, coverage.Progress]:
        """How far each section is, by id: of dimensions those that the pathway's rules ask for."""
        return {row.section.id: self._progress(row) for row in self.rows}

    @property
    def percent(self) -> int:
        """Return how far all that is required is."""
        framework, pathway = self.desk.framework, self.desk.generation.pathway
        if framework.spec.kind == "dimensions":
            pieces = coverage.Pieces.of(framework, pathway, {row.section.id: row.evidence for row in self.rows})
            return coverage.whole_percent(pieces.share(framework.requirements(pathway)))
        return coverage.overall([self.progress[row.section.id] for row in self.rows if row.section.required])

    def _progress(self, row: coverage.Row) -> coverage.Progress:
        if self.desk.framework.spec.kind == "dimensions":
            return coverage.covered(row.section, row.evidence)
        return coverage.progress(
            row.section,
            self.shown.get(row.section.id),
            self.desk.narratives.get(row.section.id),
            evidence=row.evidence,
            written=self.desk.session.config.portfolio.prose == "files",
            made=self.is_made(row.section.id),
        )

    def to_json(self) -> Json:
        """Return the matrix for ``gaps --matrix --json``."""
        return {
            "matrix": [
                {
                    "section": row.section.id,
                    "title": row.title,
                    "words": row.words,
                    "figures": row.figures,
                    "evidence": row.evidence,
                    "principles": dict(row.principles),
                    "team_share": round(row.team, 2) if row.team is not None else None,
                    "percent": self.progress[row.section.id].percent,
                }
                for row in self.rows
            ],
            "principles": [
                {
                    "id": one.principle.id,
                    "title": one.principle.title,
                    "sections": list(one.sections),
                    "evidence": list(one.entries),
                    "cpd": [activity.id for activity in one.activities],
                }
                for one in self.standings
            ],
            "percent": self.percent,
        }


def report(desk: Desk, edition: Visibility) -> list[Finding]:
    """Return all that a portfolio lacks, each once: its texts and evidence, and what preflight knows without asking."""
    from bridge import building, preflight

    return list(dict.fromkeys((*building.gaps(desk, edition), *preflight.findings_for_gaps(desk))))


def findings(desk: Desk) -> Iterator[Finding]:
    """Yield what a portfolio lacks beside its sections: hours of the record, sections that the owner's order misses."""
    begins = desk.generation.window[0] if desk.generation.window else desk.generation.started
    today = desk.session.today
    wanted = desk.framework.spec.quotas
    record = desk.record if wanted else ()
    key, file = ("window" if desk.generation.window else "started"), f"portfolio/{desk.generation.name}/generation.yaml"
    for standing in quotas.standings(wanted, desk.generation.pathway, record, begins, today):
        for words in quotas.in_words(standing):
            counted = f"; the first day that counts is {key} in {file}" if standing.quota.window.kind == "fixed" else ""
            yield Finding("quota", "warning", words, f"To see the record: keepfolio cpd{counted}")
    for words in cpd_slips.found(desk, desk.record):
        yield Finding("cpd-slip", "warning", words, "Mend it in portfolio/cpd.csv, or with keepfolio cpd change")
    known = {section.id for section in desk.framework.flat(desk.generation.pathway)}
    for name in desk.framework.order:
        if desk.framework.now(name) not in known and not desk.generation.separate:
            message = f"portfolio.order names {name}, which is no section of {desk.framework.id} on this pathway."
            yield Finding("order-unknown", "note", message, "Mend it in config.yaml")


def addressed(desk: Desk, found: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings whose commands name the portfolio, where it is not the one that every command means."""
    name = desk.generation.name
    for finding in found:
        mend = finding.mend.replace("keepfolio cite ", f"keepfolio cite --generation {name} ")
        yield replace(finding, mend=mend) if desk.generation.separate else finding


def post_findings(desk: Desk, edition: Visibility) -> Iterator[Finding]:
    """Yield posts, cited or suggested, that are a long stretch of text or have a heading without content."""
    from bridge.portfolio.ownwords import own_words
    from bridge.render import sanitise

    most = desk.session.config.portfolio.words_without_figure
    pictures = candidates.Pictures(desk.entries, settled(desk.marks, desk.entries), edition)
    connections = desk.connections
    ids = [i for by in (connections.cited, connections.suggested) for of in by.values() for i in of]
    for held in (desk.entries[i] for i in dict.fromkeys(ids) if i in desk.entries):
        html = sanitise.prose(own_words(held.entry))
        title = f"“{held.entry.title or held.id}”"
        words = len(sanitise.text(html).split())
        if words > most and "<img" not in html:
            offered = candidates.offered(pictures.near([held.id]))
            message = f"{title} has {words} words and no picture: a long stretch of text."
            yield Finding("text-heavy", "warning", message, offered or "Put a picture into it, and describe it")
        for heading in writing.empty_headings(html):
            yield Finding("empty-heading", "warning", f"{title} has a heading without content: “{heading}”.")


def principle_panels(desk: Desk, edition: Visibility) -> Iterator[MakePanel]:  # noqa: ARG001 - as all of PANELS
    """Yield what makes the heading on the principles."""
    if desk.framework.principles:
        yield principles.panel(desk.framework, standings(desk))


def coverage_panels(desk: Desk, edition: Visibility) -> Iterator[MakePanel]:
    """Yield what makes the coverage matrix: for the owner and assessors, for whom it is."""
    if edition is not Visibility.PUBLIC:
        yield coverage.panel(standings(desk))
