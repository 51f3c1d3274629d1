"""
The one schema of a framework file (``schema: framework/1``).

A framework is data: its sections, parts, prompts and rules. Whatever was read in a stored document is ``verified``, and
``source`` names it by the letters of ``sources``; what is only recalled stays marked so, and is shown so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]*$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Fact(Strict):
    """A statement with its basis."""

    verified: bool | None = None
    source: Annotated[tuple[str, ...], Field(strict=False)] = ()
    note: str = ""


class Value(Fact):
    value: str = ""
    values: Annotated[tuple[str, ...], Field(strict=False)] = ()


class Words(Fact):
    """Guidance on length: warned about, never enforced. ``typical`` is what was measured in real portfolios."""

    min: int | None = None
    max: int | None = None
    typical: Annotated[tuple[int, int], Field(strict=False)] | None = None


class PerPathway(Fact):
    """A number for each pathway; null where it was not read."""

    count: dict[str, int | None]


class Exactly(Fact):
    count: int


class PartSpec(Fact):
    id: Id
    title: str
    required: bool = True


class Least(Strict):
    """So many pieces of evidence in these sections together; what stands in two of them counts in each."""

    within: Annotated[tuple[str, ...], Field(strict=False, alias="in", min_length=1)]
    count: Annotated[int, Field(ge=1)]


class MinOf(Strict):
    """So many of the sections in a group (``all``: of the whole framework) have evidence."""

    group: str
    count: Annotated[int, Field(ge=1)]


class Requirement(Fact):
    """
    What the evidence must cover, in the words of ``rule``.

    ``must`` names sections of which each has evidence, ``min_of`` how many of a group have some, ``at_least`` how many
    pieces there are. A requirement with none of these is for people to judge: it is shown and never counted.

    ``rule`` is null where nobody read whether there is one.
    """

    id: str = ""
    rule: str | None
    must: Annotated[tuple[str, ...], Field(strict=False)] = ()
    min_of: MinOf | None = None
    at_least: Annotated[tuple[Least, ...], Field(strict=False)] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the sections and groups that it speaks of."""
        group = (self.min_of.group,) if self.min_of and self.min_of.group != "all" else ()
        return (*self.must, *group, *(name for least in self.at_least for name in least.within))


class Rule(Requirement):
    """A requirement of one heading; ``pathway`` where only that one asks for it."""

    pathway: str = ""


class Column(Fact):
    id: Id
    title: str


class TableSpec(Fact):
    id: Id
    title: str
    required: bool = False
    rows: str = ""
    cell_guidance: str = ""
    columns: Annotated[tuple[Column, ...], Field(strict=False)]


class Composition(Fact):
    description: Annotated[tuple[str, ...], Field(strict=False)] = ()
    evidence: Annotated[tuple[str, ...], Field(strict=False)] = ()
    reflection: Annotated[tuple[str, ...], Field(strict=False)] = ()


class SectionSpec(Fact):
    """
    One heading.

    Attributes:
        parts: Ids of the framework's parts that are asked for; all of them where nothing is said and the section is
            assessed, none in an empty list.

        repeat: How often it is asked for, by pathway; ``item_title`` then names each.

        owner_title: The owner names it ("Accessibility").

        aliases: Other names that people use in tags: ``5`` for the specialist area, as in ``cmalt-5``.
    """

    id: Id
    title: str
    required: bool | dict[str, bool] = True
    required_note: str = ""
    assessed: bool | None = None
    prompt: str = ""
    hints: Annotated[tuple[str, ...], Field(strict=False)] = ()
    areas: Annotated[tuple[str, ...], Field(strict=False)] = ()
    parts: Annotated[tuple[str, ...], Field(strict=False)] | None = None
    words: Words | None = None
    verified_note: str = ""
    aliases: Annotated[tuple[str, ...], Field(strict=False)] = ()
    variants: Annotated[tuple[str, ...], Field(strict=False)] = ()
    rules: Annotated[tuple[Rule, ...], Field(strict=False)] = ()
    rule: str = ""
    min_examples: PerPathway | None = None
    repeat: PerPathway | None = None
    item_title: str = ""
    owner_title: bool = False
    statements: Annotated[tuple[str, ...], Field(strict=False)] = ()
    fields: Annotated[tuple[str, ...], Field(strict=False)] = ()
    kind: Literal["", "cpd-record", "cpd-depth"] = ""
    window: Literal["", "since_last_portfolio"] = ""
    unit: Annotated[tuple[str, ...], Field(strict=False)] = ()
    exactly: Exactly | None = None
    table: TableSpec | None = None
    composition: Composition | None = None
    children: Annotated[tuple[SectionSpec, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _one_shape(self) -> SectionSpec:
        if self.children and self.repeat:
            raise ValueError("a section has children or is repeated, not both")
        if self.repeat and not self.item_title:
            raise ValueError("a repeated section needs item_title")
        return self


class PathwaySpec(Fact):
    """One way through the framework. ``requires`` is what its evidence must cover as a whole."""

    title: str
    abbreviation: str = ""
    descriptor: str = ""
    requires: Annotated[tuple[Requirement, ...], Field(strict=False)] = ()


class Mark(Fact):
    id: Id
    title: str
    meaning: str = ""
    resubmit: bool = False


class Resubmission(Fact):
    must: str


class Grading(Fact):
    ref: str = ""
    scale: Annotated[tuple[Mark, ...], Field(strict=False)] = ()
    former_scale: Value | None = None
    outcomes: Annotated[tuple[Mark, ...], Field(strict=False)] = ()
    resubmission: Resubmission | None = None


class Principle(Fact):
    id: Id
    title: str
    variants: Annotated[tuple[str, ...], Field(strict=False)] = ()


class PrinciplesRef(Fact):
    ref: str
    required: bool = True


class FormField(Fact):
    id: Id
    values: Annotated[tuple[str, ...], Field(strict=False)] = ()


class FileRules(Fact):
    single_file_or_zip: bool
    recommended_max_mb: int
    attachment_max_mb: int
    avoid: str = ""


class Assessors(Fact):
    count: int
    independent: bool = False


class Submission(Strict):
    windows: Value | None = None
    form_fields: Annotated[tuple[FormField, ...], Field(strict=False)] = ()
    file_rules: FileRules | None = None
    triage: Value | None = None
    assessors: Assessors | None = None


class Years(Fact):
    years: int


class Registration(Fact):
    valid_years: int


class Late(Fact):
    allowed: bool


class Cycle(Strict):
    years: int
    counted_from: str
    late: Late | None = None
    membership: Fact | None = None
    notice: Fact | None = None
    reminders_days_before: Annotated[tuple[int, ...], Field(strict=False)] = ()


class Window(Strict):
    """
    The time that a quota looks at: so many years.

    ``fixed`` begins with the portfolio's own window (since the last one); ``rolling`` ends today, whichever day it is.
    """

    years: Annotated[int, Field(ge=1)]
    kind: Literal["fixed", "rolling"] = "fixed"


class Quota(Fact):
    """
    So much CPD in a time: hours, points, or entries.

    Attributes:
        unit: ``points`` are counted by ``points``.

        types: Types of CPD entries that count; all of them where none is named.

        except_types: Types that do not.

        points: Points for an hour of each type, or for each entry of it where ``points_for`` is ``entry``; ``other``
            stands for types that are not named.

        least_each_year: A floor for each year of the window.

        most_each_year: What counts of one year at most.
    """

    id: Id
    title: str
    unit: Literal["hours", "points", "entries"]
    at_least: Annotated[Decimal, Field(strict=False, ge=0)]
    window: Window
    types: Annotated[tuple[str, ...], Field(strict=False)] = ()
    except_types: Annotated[tuple[str, ...], Field(strict=False)] = ()
    points: dict[str, Annotated[Decimal, Field(strict=False)]] = Field(default_factory=dict)
    points_for: Literal["hour", "entry"] = "hour"
    least_each_year: Annotated[Decimal, Field(strict=False)] | None = None
    most_each_year: Annotated[Decimal, Field(strict=False)] | None = None
    pathways: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _points_are_said(self) -> Quota:
        if (self.unit == "points") != bool(self.points):
            raise ValueError("`points` and `unit: points` go together")
        return self


class Moved(Fact):
    """A heading that an edition of the framework renamed: the owner's text of ``old`` is read as that of ``new``."""

    old: Id
    new: Id
    since: str


class Size(Fact):
    words_observed: Annotated[tuple[int, ...], Field(strict=False)] = ()
    official: int | None = None


class Crosswalk(Fact):
    """Which sections of another framework each section speaks to. ``proposed`` is ours, not the bodies' own."""

    to: str
    status: Literal["proposed", "official"]
    pairs: dict[str, Annotated[tuple[str, ...], Field(strict=False)]]


class FrameworkFile(Strict):
    """
    The whole file.

    Attributes:
        tag_prefixes: A tag cites when it is one of these and a section: ``cmalt-1a``, ``CMALT 1a``.

        principle_tags: Words between a prefix and a principle's id: with ``principle``, ``cmalt-principle-current``.

        kind: ``dimensions`` are covered by evidence; what they hold in words is the owner's choice.

        draft: The body itself calls it a draft or a pilot: reports say so, pages never.

        extends: The framework that this one goes on from.

        moved: Headings of earlier editions, and what they are called now.
    """

    schema_: Literal["framework/1"] = Field(alias="schema")
    id: Id
    title: str
    body: str
    edition: str
    language: str
    checked_on: Annotated[date, Field(strict=False)]
    source: str
    sources: dict[str, str]
    tag_prefixes: Annotated[tuple[str, ...], Field(strict=False)] = ()
    kind: Literal["sections", "dimensions"] = "sections"
    draft: bool = False
    extends: str = ""
    validity: Years | None = None
    registration: Registration | None = None
    submission: Submission | None = None
    cycle: Cycle | None = None
    grading: Grading | None = None
    principles: Annotated[tuple[Principle, ...], Field(strict=False)] | PrinciplesRef = ()
    principles_title: str = "Principles"
    principle_tags: Annotated[tuple[str, ...], Field(strict=False)] = ()
    pathways: dict[str, PathwaySpec] = Field(default_factory=dict)
    parts: Annotated[tuple[PartSpec, ...], Field(strict=False)] = ()
    sections: Annotated[tuple[SectionSpec, ...], Field(strict=False, min_length=1)]
    quotas: Annotated[tuple[Quota, ...], Field(strict=False)] = ()
    moved: Annotated[tuple[Moved, ...], Field(strict=False)] = ()
    words: Words | None = None
    size: Size | None = None
    output_note: str = ""
    crosswalk: Crosswalk | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> FrameworkFile:
        mistakes = [*self._mistakes_of_sections(), *self._mistakes_of_rules(), *self._mistakes_of_moves()]
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    def _mistakes_of_sections(self) -> Iterator[str]:
        known_parts = {part.id for part in self.parts}
        seen: set[str] = set()
        for section in every(self.sections):
            name = f"section {section.id!r}"
            if section.id in seen:
                yield f"{name} stands twice"
            seen.add(section.id)
            if unknown := sorted(set(section.parts or ()) - known_parts):
                yield f"{name} asks for parts that are not in `parts`: {unknown}"
            counts = [count.count for count in (section.repeat, section.min_examples) if count]
            required = section.required if isinstance(section.required, dict) else {}
            rules = {rule.pathway for rule in section.rules if rule.pathway}
            if unknown := sorted({*rules, *required, *(p for count in counts for p in count)} - set(self.pathways)):
                yield f"{name} names pathways that are not in `pathways`: {unknown}"
            if unknown := sorted(set(section.source) - set(self.sources)):
                yield f"{name} names sources that are not in `sources`: {unknown}"

    def _mistakes_of_rules(self) -> Iterator[str]:
        known = {section.id for section in every(self.sections)}
        repeated = {section.id for section in every(self.sections) if section.repeat}
        rules: list[tuple[str, Requirement]] = [
            (f"section {section.id!r}", rule) for section in every(self.sections) for rule in section.rules
        ]
        rules += [(f"pathway {name!r}", rule) for name, path in self.pathways.items() for rule in path.requires]
        for where, rule in rules:
            if unknown := sorted(n for n in rule.names if n not in known and n.rpartition("-")[0] not in repeated):
                yield f"{where} has a rule on sections that are not there: {unknown}"
        for quota in self.quotas:
            if unknown := sorted(set(quota.pathways) - set(self.pathways)):
                yield f"quota {quota.id!r} names pathways that are not in `pathways`: {unknown}"

    def _mistakes_of_moves(self) -> Iterator[str]:
        known = {section.id for section in every(self.sections)}
        seen: set[str] = set()
        for move in self.moved:
            if move.old in known:
                yield f"`moved` takes {move.old!r} away, and it is a section"
            if move.old in seen:
                yield f"`moved` names {move.old!r} twice"
            seen.add(move.old)
            if move.new not in known:
                yield f"`moved` leads to {move.new!r}, which is no section"


def every(sections: tuple[SectionSpec, ...]) -> tuple[SectionSpec, ...]:
    """Return the sections and all below them, in page order."""
    return tuple(s for section in sections for s in (section, *every(section.children)))


def published() -> dict[str, Any]:
    """Return the JSON Schema of a framework file, for editors: ``docs/reference/framework.schema.json``."""
    return {"title": "A framework of keepfolio", **FrameworkFile.model_json_schema(by_alias=True)}
