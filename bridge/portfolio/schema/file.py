"""The whole of a framework file, and that its parts hang together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bridge.portfolio.ownerfile import Mistakes
from bridge.portfolio.schema.assessment import Cycle, Grading, Principle, PrinciplesRef, Registration, Submission, Years
from bridge.portfolio.schema.facts import Fact, Id, Strict, Words, facts
from bridge.portfolio.schema.rules import Quota, Requirement
from bridge.portfolio.schema.sections import PartSpec, SectionSpec, every, placed
from bridge.yamlfile import Path as Place

Mistake = tuple[Place, str]
"""Where in the file, and what is wrong there."""


class PathwaySpec(Fact):
    """One way through the framework. ``requires`` is what its evidence must cover as a whole."""

    title: str
    abbreviation: str = ""
    descriptor: str = ""
    requires: Annotated[tuple[Requirement, ...], Field(strict=False)] = ()


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
        mistakes = [
            *self._mistakes_of_sections(),
            *self._mistakes_of_rules(),
            *self._mistakes_of_moves(),
            *self._mistakes_of_sources(),
        ]
        if mistakes:
            raise Mistakes(mistakes)
        return self

    def _mistakes_of_sections(self) -> Iterator[Mistake]:
        known_parts = {part.id for part in self.parts}
        seen: set[str] = set()
        for at, section in placed(self.sections):
            name = f"section {section.id!r}"
            if section.id in seen:
                yield (*at, "id"), f"{name} stands twice"
            seen.add(section.id)
            if unknown := sorted(set(section.parts or ()) - known_parts):
                yield (*at, "parts"), f"{name} asks for parts that are not in `parts`: {', '.join(unknown)}"
            counts = [count.count for count in (section.repeat, section.min_examples) if count]
            required = section.required if isinstance(section.required, dict) else {}
            rules = {rule.pathway for rule in section.rules if rule.pathway}
            if unknown := sorted({*rules, *required, *(p for count in counts for p in count)} - set(self.pathways)):
                yield at, f"{name} names pathways that are not in `pathways`: {', '.join(unknown)}"

    def _mistakes_of_sources(self) -> Iterator[Mistake]:
        for at, fact in facts(self):
            if unknown := sorted(set(fact.source) - set(self.sources)):
                name = ".".join(str(part) for part in at if isinstance(part, str))
                yield (*at, "source"), f"{name} names sources that are not in `sources`: {', '.join(unknown)}"

    def _mistakes_of_rules(self) -> Iterator[Mistake]:
        known = {section.id for section in every(self.sections)}
        repeated = {section.id for section in every(self.sections) if section.repeat}
        rules: list[tuple[Place, str, Requirement]] = [
            ((*at, "rules"), f"section {section.id!r}", rule)
            for at, section in placed(self.sections)
            for rule in section.rules
        ]
        rules += [
            (("pathways", name, "requires"), f"pathway {name!r}", rule)
            for name, path in self.pathways.items()
            for rule in path.requires
        ]
        for at, where, rule in rules:
            if unknown := sorted(n for n in rule.names if n not in known and n.rpartition("-")[0] not in repeated):
                yield at, f"{where} has a rule on sections that are not there: {', '.join(unknown)}"
        for n, quota in enumerate(self.quotas):
            if unknown := sorted(set(quota.pathways) - set(self.pathways)):
                words = f"quota {quota.id!r} names pathways that are not in `pathways`: {', '.join(unknown)}"
                yield ("quotas", n, "pathways"), words

    def _mistakes_of_moves(self) -> Iterator[Mistake]:
        known = {section.id for section in every(self.sections)}
        seen: set[str] = set()
        for n, move in enumerate(self.moved):
            if move.old in known:
                yield ("moved", n, "old"), f"`moved` takes {move.old!r} away, and it is a section"
            if move.old in seen:
                yield ("moved", n, "old"), f"`moved` names {move.old!r} twice"
            seen.add(move.old)
            if move.new not in known:
                yield ("moved", n, "new"), f"`moved` leads to {move.new!r}, which is no section"


def published() -> dict[str, Any]:
    """Return the JSON Schema of a framework file, for editors: ``docs/reference/framework.schema.json``."""
    return {"title": "A framework of keepfolio", **FrameworkFile.model_json_schema(by_alias=True)}
