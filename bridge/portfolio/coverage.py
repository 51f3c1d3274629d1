"""How far a portfolio is, and how well it is covered: by section, by rule, and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from markupsafe import Markup

from bridge.portfolio.cpd import page as record
from bridge.portfolio.cpd import traces
from bridge.portfolio.editions import Edition
from bridge.portfolio.framework import Framework, Section
from bridge.portfolio.making import MakePanel
from bridge.portfolio.model import PageSection, Panel
from bridge.portfolio.narrative import Narrative
from bridge.portfolio.principles import Standing
from bridge.portfolio.schema import Requirement
from bridge.portfolio.writing import Counted
from bridge.render import drawings


@dataclass(frozen=True)
class Progress:
    """
    How far a section is: its words, its evidence, and the owner's word that it is ready count alike.

    ``lacking`` names what is not there: part titles in lower case, ``words``, ``evidence``, ``ready``.
    """

    section: str
    share: Fraction
    lacking: tuple[str, ...]

    @property
    def percent(self) -> int:
        """Return the share in whole percent; 100 only where nothing is lacking."""
        return whole_percent(self.share)


def progress(
    section: Section,
    shown: PageSection | None,
    narrative: Narrative | None,
    *,
    evidence: int,
    written: bool = True,
    made: bool = False,
) -> Progress:
    """
    Return how far a section is.

    Args:
        section: As the framework asks for it.

        shown: As the owner's draft shows it.

        narrative: Its file.

        evidence: How many pieces it has.

        written: Whether the words stand in the owner's files; else nobody counts them.

        made: Of a section that keepfolio makes (of the CPD record, of themes): whether there is anything.
    """
    parts = {part.id: part for part in shown.parts} if shown else {}
    texts = [part for part in section.parts if part.id != "evidence" and part.required]
    steps: list[Fraction] = []
    lacking: list[str] = []
    if section.kind:
        lacking += [] if made else ["entries"]
        steps.append(Fraction(made))
    elif written and texts:
        there = [part for part in texts if part.id in parts and not parts[part.id].placeholder]
        lacking += [part.title.lower() for part in texts if part not in there]
        steps.append(Fraction(len(there), len(texts)))
    elif written:
        full = shown is not None and not shown.placeholder
        lacking += [] if full else ["words"]
        steps.append(Fraction(full))
    if not section.kind and any(part.id == "evidence" for part in section.parts):
        lacking += [] if evidence else ["evidence"]
        steps.append(Fraction(evidence > 0))
    ready = narrative is not None and narrative.ready
    lacking += [] if ready else ["ready"]
    steps.append(Fraction(ready))
    return Progress(section.id, sum(steps, Fraction()) / len(steps), tuple(lacking))


def covered(section: Section, evidence: int) -> Progress:
    """Return how far a dimension is, which asks for evidence alone."""
    return Progress(section.id, Fraction(evidence > 0), () if evidence else ("evidence",))


def overall(each: Sequence[Progress]) -> int:
    """Return how far all of these are together, in percent; 100 only where nothing is lacking."""
    return whole_percent(sum((one.share for one in each), Fraction()) / len(each) if each else Fraction(1))


def whole_percent(share: Fraction) -> int:
    """Return a share in whole percent; 100 only for all of it."""
    return 100 if share == 1 else min(99, int(share * 100 + Fraction(1, 2)))


@dataclass(frozen=True)
class Pieces:
    """How many pieces of evidence each section has; a heading that gathers others has theirs."""

    counts: Mapping[str, int]
    children: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, framework: Framework, pathway: str, counts: Mapping[str, int]) -> Pieces:
        """Return the pieces of a pathway's sections."""
        flat = framework.flat(pathway)
        within = {s.id: tuple(c.id for c in flat if c.group == s.id) for s in flat if s.gathers}
        within["all"] = tuple(s.id for s in flat if not s.gathers)
        return cls(counts, within)

    def __getitem__(self, section: str) -> int:
        return sum(self.counts.get(one, 0) for one in self.children.get(section, (section,)))

    def share(self, rules: Sequence[Requirement]) -> Fraction:
        """Return how much of what the rules count is there; of everything, where they count nothing."""
        wanted = have = 0
        for rule in rules:
            wanted += len(rule.must)
            have += sum(bool(self[name]) for name in rule.must)
            if rule.min_of is not None:
                of = self.children.get(rule.min_of.group, (rule.min_of.group,))
                wanted += rule.min_of.count
                have += min(rule.min_of.count, sum(bool(self[name]) for name in of))
        if not wanted:
            wanted, have = len(self.children["all"]), sum(bool(self[name]) for name in self.children["all"])
        return Fraction(have, wanted)

    def lacking(self, rule: Requirement) -> Iterator[str]:
        """Yield, in words, what a requirement still asks for; nothing when it is met, or is for people to judge."""
        for name in rule.must:
            if not self[name]:
                yield name
        if rule.min_of is not None:
            of = self.children.get(rule.min_of.group, (rule.min_of.group,))
            without = [name for name in of if not self[name]]
            short = rule.min_of.count - (len(of) - len(without))
            if short > 0:
                yield ", ".join(without) if short == len(without) else f"{short} more of {', '.join(without)}"
        for least in rule.at_least:
            short = least.count - sum(self[name] for name in least.within)
            if short > 0:
                yield f"{short} more in {' or '.join(least.within)}"


@dataclass(frozen=True)
class Row:
    """One section of the matrix. ``principles`` counts its pieces that show each; ``team``: ``Counted.team_share``."""

    section: Section
    title: str
    words: int
    evidence: int
    figures: int
    principles: Mapping[str, int]
    team: float | None


def rows(
    framework: Framework,
    pathway: str,
    shown: Mapping[str, PageSection],
    usable: Mapping[str, Sequence[str]],
    principles: Mapping[str, Mapping[str, Sequence[str]]],
    recorded: Mapping[str, int] = MappingProxyType({}),
) -> tuple[Row, ...]:
    """
    Return the matrix: each section by what it holds.

    Args:
        framework: The framework.

        pathway: One of its pathways.

        shown: The sections as the owner's draft shows them, by id.

        usable: The entries that each section cites and may show.

        principles: The entries that show each principle, by principle and section (``principles.Standing.cited``).

        recorded: How many CPD entries name each principle; they count in the section that is the record.
    """
    found = []
    for section in framework.flat(pathway):
        if section.gathers:
            continue
        here = shown.get(section.id)
        counted = Counted(here) if here else None
        found.append(
            Row(
                section=section,
                title=here.title if here else section.title,
                words=counted.words if counted else 0,
                evidence=len(usable.get(section.id, ())),
                figures=counted.figures if counted else 0,
                principles={
                    name: len(by.get(section.id, ())) + (recorded.get(name, 0) if section.kind == record.PART else 0)
                    for name, by in principles.items()
                },
                team=counted.team_share if counted else None,
            )
        )
    return tuple(found)


def panel(found: Sequence[Standing]) -> MakePanel:
    """
    Return what makes the coverage matrix on a page: its sections by pieces of evidence, and by principle.

    The section that shows the CPD record has its entries counted, too. A principle that nothing names has no column;
    one sentence says which these are. Earlier generations are not counted: they were judged when they were new.
    """

    def make(sections: Sequence[PageSection], shelf: Edition) -> Panel | None:
        here = [section for section in sections if not (section.gathers or section.generation)]
        if not any(section.evidence for section in here):
            return None
        counted = {one.principle.id: [_showing(section, one, shelf) for section in here] for one in found}
        columns = {"Evidence": [len(section.evidence) for section in here]}
        columns |= {_short(name): counts for name, counts in counted.items() if any(counts)}
        counts = list(zip(*columns.values(), strict=True))
        titles = [section.title for section in here]
        rows = [[_linked(section), *map(str, row)] for section, row in zip(here, counts, strict=True)]
        what = "Pieces of evidence by section" + (" and principle" if len(columns) > 1 else "")
        html = drawings.table(what, ["Section", *columns], rows) + _told(here, sections, counted)
        return Panel("coverage", "Coverage", str(html), drawings.matrix("Coverage", titles, list(columns), counts))

    return make


def _told(here: Sequence[PageSection], sections: Sequence[PageSection], counted: Mapping[str, Sequence[int]]) -> Markup:
    """Return what the table cannot say: what it counts besides evidence, and what it has no column or row for."""
    said = []
    recorded = any(map(_is_record, here))
    if recorded and any(map(any, counted.values())):
        said.append("Under a principle, CPD entries count as well.")
    if without := [_short(name) for name, counts in counted.items() if not any(counts)]:
        named = without[0] if len(without) == 1 else f"{', '.join(without[:-1])} or {without[-1]}"
        said.append(f"No piece of evidence {'or CPD entry ' if recorded else ''}names {named}.")
    if earlier := [one.title for one in sections if one.generation and one.gathers and one.level == 2]:
        said.append(f"What belongs to {' and '.join(earlier)} is not counted here.")
    return Markup("<p>{}</p>").format(" ".join(said)) if said else Markup()


def _short(principle: str) -> str:
    """Return the short name of a principle, which is a sentence else."""
    return principle.replace("-", " ").capitalize()


def _is_record(section: PageSection) -> bool:
    return any(part.id == record.PART for part in section.parts)


def _linked(section: PageSection) -> Markup:
    """Return a link to a section, by its number where it has one: rows of a table are better short."""
    number, _, rest = section.title.partition(": ")
    short = number if rest and number == section.id else section.title
    return Markup('<a href="#kf-{}">{}</a>').format(section.id, short)


def _showing(section: PageSection, standing: Standing, shelf: Edition) -> int:
    showing = standing.cited.get(section.within or section.id, ())
    entries = [one for one in standing.activities if traces.may_show(one, shelf)] if _is_record(section) else []
    return sum(item.entry_id in showing for item in section.evidence) + len(entries)
