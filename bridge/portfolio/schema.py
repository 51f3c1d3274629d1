"""
The one schema of a framework file (``schema: framework/1``).

A framework is data: its sections, parts, prompts and rules. Whatever was read in a stored document is ``verified``, and
``source`` names it by the letters of ``sources``; what is only recalled stays marked so, and is shown so.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

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


class Rule(Fact):
    """A rule on the evidence of a group: so many pieces in the group, in its first (3a) and its second (3b) child."""

    pathway: str
    rule: str | None
    min_3a: int = 0
    min_3b: int = 0
    min_total: int = 0


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
    title: str
    abbreviation: str


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


class MinOf(Strict):
    group: str
    count: int


class Requirement(Fact):
    id: Id
    rule: str
    must: Annotated[tuple[str, ...], Field(strict=False)] = ()
    min_of: MinOf | None = None


class Descriptor(Fact):
    id: Id
    title: str
    requires: Annotated[tuple[Requirement, ...], Field(strict=False)] = ()


class Size(Fact):
    words_observed: Annotated[tuple[int, ...], Field(strict=False)] = ()
    official: int | None = None


class Crosswalk(Fact):
    """Which sections of another framework each section speaks to. ``proposed`` is ours, not the bodies' own."""

    to: str
    status: Literal["proposed", "official"]
    pairs: dict[str, Annotated[tuple[str, ...], Field(strict=False)]]


class FrameworkFile(Strict):
    """The whole file."""

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
    extends: str = ""
    validity: Years | None = None
    registration: Registration | None = None
    submission: Submission | None = None
    cycle: Cycle | None = None
    grading: Grading | None = None
    principles: Annotated[tuple[Principle, ...], Field(strict=False)] | PrinciplesRef = ()
    pathways: dict[str, PathwaySpec] = Field(default_factory=dict)
    parts: Annotated[tuple[PartSpec, ...], Field(strict=False)] = ()
    sections: Annotated[tuple[SectionSpec, ...], Field(strict=False, min_length=1)]
    descriptors: Annotated[tuple[Descriptor, ...], Field(strict=False)] = ()
    words: Words | None = None
    size: Size | None = None
    output_note: str = ""
    crosswalk: Crosswalk | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> FrameworkFile:
        known_parts = {part.id for part in self.parts}
        seen: set[str] = set()
        for section in every(self.sections):
            if section.id in seen:
                raise ValueError(f"section {section.id!r} stands twice")
            seen.add(section.id)
            unknown = set(section.parts or ()) - known_parts
            if unknown:
                raise ValueError(f"section {section.id!r} asks for parts that are not in `parts`: {sorted(unknown)}")
            for count in (section.repeat, section.min_examples):
                strangers = set(count.count if count else ()) - set(self.pathways)
                if strangers:
                    raise ValueError(
                        f"section {section.id!r} names pathways that are not in `pathways`: {sorted(strangers)}"
                    )
            letters = set(section.source) - set(self.sources)
            if letters:
                raise ValueError(f"section {section.id!r} names sources that are not in `sources`: {sorted(letters)}")
        return self


def every(sections: tuple[SectionSpec, ...]) -> tuple[SectionSpec, ...]:
    """Return the sections and all below them, in page order."""
    return tuple(s for section in sections for s in (section, *every(section.children)))
