"""What every statement of a framework file stands on: whether it was read, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]*$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Fact(Strict):
    """A statement with its basis."""

    verified: bool | None = None
    source: Annotated[tuple[str, ...], Field(strict=False)] = ()
    note: str = ""


def facts(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Fact]]:
    """Yield all facts of a file, each with its place in it."""
    if isinstance(value, Fact):
        yield at, value
    inside: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, BaseModel):
        inside = ((field.alias or name, getattr(value, name)) for name, field in type(value).model_fields.items())
    elif isinstance(value, tuple):
        inside = enumerate(value)
    elif isinstance(value, dict):
        inside = value.items()
    for name, one in inside:
        yield from facts(one, (*at, name))


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
