"""How a portfolio is handed in, judged and renewed, in a framework file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bridge.portfolio.schema.facts import Fact, Id, Strict, Value


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
