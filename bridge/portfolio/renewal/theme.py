"""
One theme of a review: a file of its own, beside the section files.

    ---
    theme: Design methodology
    reason: "What my team needed most"
    order: 1
    unit: theme
    visibility: public
    ready: false
    journey:
      intended: ""
      learned: ""
    entries: [c0012]
    evidence: []
    ---

    ## Description

The names under ``journey`` are the columns of the framework's own table; comments reach no output.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from archive.entry import Visibility
from archive.errors import UsageError
from bridge.portfolio import frontmatter, ownerfile
from bridge.portfolio.cpd import choosing
from bridge.portfolio.cpd.record import Activity
from bridge.portfolio.framework import Part
from bridge.portfolio.narrative import Cited, Passage, is_placeholder
from bridge.portfolio.ownerfile import Text
from bridge.portfolio.schema import Column
from bridge.yamlfile import ConfigError, Problem

FOLDER = "themes"


@dataclass(frozen=True)
class Theme:
    """
    One theme, or one activity that stands for itself.

    Attributes:
        id: Its file's name without the ending.

        journey: The owner's words by the columns of the framework's table.

        entries: Ids of CPD entries that belong to it, beside those that name it themselves.

        passages: The owner's texts, by the parts of the framework.
    """

    id: str
    title: str
    reason: str = ""
    order: int = 0
    unit: Literal["theme", "activity"] = "theme"
    visibility: Visibility = Visibility.PRIVATE
    ready: bool = False
    journey: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[str, ...] = ()
    evidence: tuple[Cited, ...] = ()
    waived: frozenset[str] = frozenset()
    passages: tuple[Passage, ...] = ()
    path: Path = Path()

    @property
    def file(self) -> str:
        """Return where the owner finds it: ``portfolio/review-1/themes/design-methodology.md``."""
        return "/".join(self.path.parts[-4:])

    def activities(self, record: Sequence[Activity], window: tuple[date, date] | None = None) -> tuple[Activity, ...]:
        """Return its CPD entries by date: those that it names, and those in the window that name it."""
        known = choosing.by_id(record)
        name = self.title.casefold()
        naming = [one for one in choosing.within(record, window or choosing.EVERY_DAY) if name in _folded(one.themes)]
        found = {one.id: one for one in (*(known[i] for i in self.entries if i in known), *naming)}
        return choosing.in_order(found.values())


def _folded(names: Iterable[str]) -> list[str]:
    return [name.casefold() for name in names]


class _Cited(BaseModel):
    model_config = ConfigDict(extra="forbid")
    entry: Text
    why: Text = ""
    visibility: Visibility | None = None
    caption: Text = ""


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    theme: Text = Field(min_length=1)
    reason: Text = ""
    order: int = 0
    unit: Literal["theme", "activity"] = "theme"
    visibility: Visibility = Visibility.PRIVATE
    ready: bool = False
    journey: dict[str, Text] = Field(default_factory=dict)
    entries: list[Text] = []
    evidence: list[_Cited] = []
    waive: list[Text] = []

    @field_validator("journey", mode="before")
    @classmethod
    def _no_journey(cls, value: object) -> object:
        return {} if value is None else value

    @field_validator("entries", "evidence", "waive", mode="before")
    @classmethod
    def _nothing(cls, value: object) -> object:
        return [] if value is None else value


def read(
    folder: Path, columns: Sequence[Column], parts: Sequence[Part], *, mistakes: list[Problem] | None = None
) -> tuple[Theme, ...]:
    """
    Return the themes of a generation in its owner's order.

    Args:
        folder: The generation's.

        columns: Of the learning journey, as the framework has them.

        parts: Of each theme, as the framework asks for them.

        mistakes: Where given, they are put in it, and the files that have none are returned.

    Raises:
        ConfigError: A file has a mistake; all mistakes of all files are in the message, with file and line.
    """
    found: list[Theme] = []
    problems: list[Problem] = []
    for path in sorted((folder / FOLDER).glob("*.md")):
        try:
            found.append(_read(path, columns, parts))
        except ConfigError as error:
            problems += error.problems
        except UsageError as error:
            if mistakes is None:
                raise
            problems.append(Problem(f"{FOLDER}/{path.name}", 1, 1, error.message))
    for theme in found:
        same = [other.file for other in found if other.title.casefold() == theme.title.casefold()]
        if theme.file != same[0]:
            problems.append(Problem(f"{FOLDER}/{theme.path.name}", 2, 1, f"that theme already has a file, {same[0]}"))
    if problems and mistakes is None:
        raise ConfigError(problems, mend=f"Put this right in {folder / FOLDER}, then run the command again.")
    if mistakes is not None:
        mistakes += problems
    return tuple(sorted(found, key=lambda theme: (theme.order, theme.id)))


def _read(path: Path, columns: Sequence[Column], parts: Sequence[Part]) -> Theme:
    name = f"{FOLDER}/{path.name}"
    split = frontmatter.split(ownerfile.read_text(path), name)
    front = ownerfile.parse(split.yaml, _FrontMatter, name, first_line=split.yaml_line)
    known = [column.id for column in columns]
    unknown = [key for key in front.journey if key not in known]
    if unknown:
        line = split.yaml_line + next(
            (n for n, text in enumerate(split.yaml.split("\n")) if text.strip().startswith(f"{unknown[0]}:")), 0
        )
        has = f"it has: {', '.join(known)}" if known else "the framework has none"
        raise ConfigError([Problem(name, line, 1, f"journey: there is no column {unknown[0]!r}; {has}")])
    body = frontmatter.without_comments(split.body, name, split.body_line)
    return Theme(
        id=path.stem,
        title=front.theme,
        reason=front.reason,
        order=front.order,
        unit=front.unit,
        visibility=front.visibility,
        ready=front.ready,
        journey={key: " ".join(text.split()) for key, text in front.journey.items()},
        entries=tuple(front.entries),
        evidence=tuple(Cited(c.entry, c.why, c.visibility, caption=c.caption) for c in front.evidence),
        waived=frozenset(front.waive),
        passages=tuple(_passages(body, parts, name, split.body_line)),
        path=path,
    )


def _passages(body: str, parts: Sequence[Part], name: str, first_line: int) -> list[Passage]:
    titles = {part.title.casefold(): part for part in parts}
    found: dict[str, Passage] = {}
    for heading, line, text in frontmatter.headed(body):
        if not heading and not text.strip():
            continue
        part = titles.get(heading.casefold())
        id_ = part.id if part else slug(heading)
        if id_ in found:
            raise ConfigError([Problem(name, first_line + line, 1, f"the heading {heading!r} stands twice")])
        found[id_] = Passage(id_, part.title if part else heading, text)
    return list(found.values())


def missing(theme: Theme, columns: Sequence[Column], parts: Sequence[Part]) -> list[str]:
    """Return what its owner has not written yet, by its name: the reason, cells, texts."""
    written = {passage.id for passage in theme.passages if not passage.placeholder}
    cells = [c.title for c in columns if is_placeholder(theme.journey.get(c.id, ""))]
    texts = [part.title for part in parts if part.required and part.id != "evidence" and part.id not in written]
    return [*(["why it is a theme"] if not theme.reason else []), *cells, *texts]


def slug(title: str) -> str:
    """Return a name for a file and for an address: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "theme"


def scaffold(
    title: str,
    reason: str,
    order: int,
    columns: Sequence[Column],
    parts: Sequence[Part],
    from_then: Mapping[str, Sequence[str]],
) -> str:
    """
    Return a theme's file with nothing claimed in it.

    ``from_then``: the owner's own sentences by column, "" for the others: they stand beside the empty cells as
    comments, which reach no output.
    """
    lines = [
        "---",
        f"theme: {ownerfile.quoted(title)}",
        f"reason: {ownerfile.quoted(reason)}    # why this is one of your priorities; it stands on the page",
        f"order: {order}",
        "unit: theme    # theme, or activity for a single one",
        "visibility: public    # who may read this theme once it is ready: private, assessor or public",
        "ready: false    # true: this theme may go live",
        *_remembered("Other sentences of yours from then:", from_then.get("", ())),
        "journey:    # one or two short sentences each, in your own words",
    ]
    for column in columns:
        lines.append(f'  {column.id}: ""    # {ownerfile.comment(column.title)}')
        lines += [f"  {line}" for line in _remembered("You wrote then:", from_then.get(column.id, ()))]
    lines += [
        "entries: []    # CPD entries by their ids, beside those that name this theme themselves",
        "evidence: []    # what else shows it: - {entry: ID, why: ...}",
        "---",
        "",
    ]
    for part in parts:
        lines += [f"## {part.title}", "", *_HINTS.get(part.id, ()), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


_HINTS = {
    "description": ("<!-- A summary of what you did; the table of the learning journey stands above all themes. -->",),
    "evidence": ("<!-- Your CPD entries of this theme and what they link to are listed here by themselves. -->",),
    "reflection": ("<!-- On your own learning and practice, rather than a commentary on the sector. -->",),
}


def _remembered(heading: str, sentences: Sequence[str]) -> list[str]:
    return [f"# {heading}", *(f"#   {ownerfile.comment(one)}" for one in sentences)] if sentences else []
