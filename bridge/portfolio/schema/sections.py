"""The headings of a framework file, and what each is read for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bridge.portfolio.schema.facts import Fact, Id, PerPathway, Words
from bridge.portfolio.schema.rules import Rule


class PartSpec(Fact):
    id: Id
    title: str
    required: bool = True


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


class Exactly(Fact):
    count: int


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


def placed(
    sections: tuple[SectionSpec, ...], at: tuple[str | int, ...] = ("sections",)
) -> Iterator[tuple[tuple[str | int, ...], SectionSpec]]:
    """Yield the sections and all below them, in page order, each with its place in the file."""
    for n, section in enumerate(sections):
        yield (*at, n), section
        yield from placed(section.children, (*at, n, "children"))


def every(sections: tuple[SectionSpec, ...]) -> tuple[SectionSpec, ...]:
    """Return the sections and all below them, in page order."""
    return tuple(s for section in sections for s in (section, *every(section.children)))
