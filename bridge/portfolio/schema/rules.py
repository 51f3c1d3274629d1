"""What the evidence and the CPD record must cover, in a framework file."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bridge.portfolio.schema.facts import Fact, Id, Strict


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
