"""A generation: the original portfolio, the first review, ... Each is a folder of ``portfolio/``."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from archive.errors import UsageError
from bridge.portfolio import ownerfile
from bridge.portfolio.ownerfile import Text

FILE_NAME = "generation.yaml"
State = Literal["draft", "submitted", "referred", "resubmitted", "passed", "failed", "closed"]


@dataclass(frozen=True)
class Stage:
    """One step on a generation's way: what it became, when, and the release that was sealed then, if one was."""

    state: State
    on: date
    release: str = ""
    note: str = ""


@dataclass(frozen=True)
class Generation:
    """
    One generation.

    Attributes:
        name: Its folder's name, such as ``original`` or ``review-1``.

        portfolio: The UUID that marks its page as ours.

        titles: What the owner calls sections that are the owner's to name: ``{"specialist-1": "Accessibility"}``.

        window: The first and last day of the time that it covers, for a review.

        outcome: The id of one of the framework's outcomes, once there is a result.

        due: When the next review is due, if somebody said so: else it is counted. ``unknown`` when nobody can tell.

        continues: The name of the generation that this one is the review of, or ``""``.

        separate: Another portfolio from the same archive, for another framework: only on request, never the current.

        stages: What became of it so far, oldest first.
    """

    name: str
    folder: Path
    portfolio: str
    framework: str
    pathway: str
    title: str = ""
    state: State = "draft"
    started: date | None = None
    submitted: date | None = None
    decided: date | None = None
    window: tuple[date, date] | None = None
    titles: dict[str, str] = field(default_factory=dict)
    outcome: str = ""
    due: date | Literal["unknown"] | None = None
    continues: str = ""
    separate: bool = False
    stages: tuple[Stage, ...] = ()


class _Window(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> _Window:
        if self.first > self.last:
            raise ValueError("the window ends before it begins")
        return self


class _Stage(BaseModel):
    model_config = ConfigDict(extra="forbid")
    state: State
    on: date
    release: Text = ""
    note: Text = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    portfolio: uuid.UUID
    framework: Text
    pathway: Text = ""
    title: Text = ""
    state: State = "draft"
    started: date | None = None
    submitted: date | None = None
    decided: date | None = None
    window: _Window | None = None
    titles: dict[str, Text] = Field(default_factory=dict)
    outcome: Text = ""
    due: date | Literal["unknown"] | None = None
    continues: Text = ""
    separate: bool = False
    stages: list[_Stage] = Field(default_factory=list)


def read(folder: Path) -> Generation:
    """
    Return the generation that a folder holds.

    Raises:
        UsageError: It has no generation.yaml.

        ConfigError: That file has a mistake; file and line are in the message.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise UsageError(
            f"There is no {FILE_NAME} in {folder}.",
            code="no-generation",
            mend="Run: keepfolio init   in your portfolio's folder",
        )
    found = ownerfile.parse(ownerfile.read_text(path), _File, f"{folder.name}/{FILE_NAME}")
    return Generation(
        name=folder.name,
        folder=folder,
        portfolio=str(found.portfolio),
        framework=found.framework,
        pathway=found.pathway,
        title=found.title,
        state=found.state,
        started=found.started,
        submitted=found.submitted,
        decided=found.decided,
        window=(found.window.first, found.window.last) if found.window else None,
        titles=found.titles,
        outcome=found.outcome,
        due=found.due,
        continues=found.continues,
        separate=found.separate,
        stages=tuple(Stage(stage.state, stage.on, stage.release, stage.note) for stage in found.stages),
    )


def write(generation: Generation) -> Path:
    """Write the generation's file with a word on each line, and return its path. What was there is replaced."""
    dates = {"started": generation.started, "submitted": generation.submitted, "decided": generation.decided}
    lines = [
        "# One generation of your portfolio. The section files lie beside this file.",
        f"portfolio: {generation.portfolio}    # marks the page on your site as this portfolio; leave it as it is",
        f"framework: {ownerfile.quoted(generation.framework)}",
        f"pathway: {ownerfile.quoted(generation.pathway)}",
        f"title: {ownerfile.quoted(generation.title)}    # the page's heading; empty: made from your name",
        f"state: {generation.state}    # draft, submitted, referred, resubmitted, passed, failed or closed",
        *(f"{name}: {day.isoformat() if day else 'null'}" for name, day in dates.items()),
    ]
    if generation.window:
        first, last = generation.window
        lines.append(f"window: {{from: {first.isoformat()}, to: {last.isoformat()}}}")
    if generation.titles:
        lines.append("titles:    # what you call the areas that are yours to name")
        lines += [f"  {name}: {ownerfile.quoted(title)}" for name, title in generation.titles.items()]
    if generation.continues:
        lines.append(f"continues: {ownerfile.quoted(generation.continues)}    # the portfolio that this one reviews")
    if generation.separate:
        lines.append("separate: true    # another portfolio from the same archive")
    if generation.outcome:
        lines.append(f"outcome: {generation.outcome}")
    if generation.due:
        lines.append(f"due: {generation.due}    # when the next review is due: a date, or unknown")
    if generation.stages:
        lines.append("stages:    # what became of it so far")
        lines += [_stage_line(stage) for stage in generation.stages]
    path = generation.folder / FILE_NAME
    ownerfile.put(path, "\n".join(lines) + "\n", _File)
    return path


def _stage_line(stage: Stage) -> str:
    said = {"state": stage.state, "on": stage.on.isoformat(), "release": stage.release, "note": stage.note}
    shown = (f"{name}: {ownerfile.quoted(said[name]) if name == 'note' else said[name]}" for name in said if said[name])
    return f"  - {{{', '.join(shown)}}}"


def new(folder: Path, framework: str, pathway: str, *, started: date, title: str = "") -> Generation:
    """
    Return a new generation with a UUID of its own; nothing is written yet.

    Raises:
        UsageError: The folder already holds one.
    """
    if (folder / FILE_NAME).exists():
        raise UsageError(
            f"{folder} already holds a generation.", code="generation-exists", unchanged="It is as it was."
        )
    return Generation(folder.name, folder, str(uuid.uuid4()), framework, pathway, title=title, started=started)


def every(portfolio: Path) -> tuple[Generation, ...]:
    """
    Return the generations of a portfolio, oldest first.

    Raises:
        ConfigError: One of their files has a mistake.
    """
    folders = sorted(path.parent for path in portfolio.glob(f"*/{FILE_NAME}"))
    return tuple(sorted((read(folder) for folder in folders), key=lambda g: (g.started or date.min, g.name)))


def current(portfolio: Path) -> Generation:
    """
    Return the generation that is being worked on: the newest that is not closed, or else the newest.

    One for another framework (``separate``), and one that another continues, is worked on only when it is named.

    Raises:
        UsageError: There is none yet.

        ConfigError: A generation's file has a mistake.
    """
    known = tuple(g for g in every(portfolio) if not g.separate)
    continued = {g.continues for g in known}
    found = tuple(g for g in known if g.name not in continued) or known
    if not found:
        raise UsageError(
            f"There is no portfolio in {portfolio} yet.",
            code="no-generation",
            mend="Run: keepfolio init   in this folder",
        )
    return next((g for g in reversed(found) if g.state != "closed"), found[-1])


def named(portfolio: Path, name: str) -> Generation:
    """
    Return the generation of that name.

    Raises:
        UsageError: There is none; the message names the nearest, and those there are.

        ConfigError: A generation's file has a mistake.
    """
    found = {generation.name: generation for generation in every(portfolio)}
    if name not in found:
        near = get_close_matches(name, found, n=1, cutoff=0.5)
        raise UsageError(
            f"There is no portfolio called {name!r} here; "
            + (f"did you mean {near[0]}? " if near else "")
            + f"There is: {', '.join(found) or 'none'}.",
            code="no-generation",
            mend="Name one of those, or begin one: keepfolio new NAME",
        )
    return found[name]


def before(portfolio: Path, generation: Generation) -> tuple[Generation, ...]:
    """Return the generations that this one continues, newest first; a circle ends where it would begin again."""
    known = {one.name: one for one in every(portfolio)}
    chain: list[Generation] = []
    name = generation.continues
    while name in known and known[name] not in chain and name != generation.name:
        chain.append(known[name])
        name = known[name].continues
    return tuple(chain)
