"""
What was handed in, when, and where assessors read it: ``portfolio/<generation>/submissions.yaml``.

    submissions:
      - on: 2027-02-01
        edition: assessor
        release: 8c1f...    # the sealed release
        targets: [site]     # nothing is written there until there is a result
        nominated: "Sam Taylor"
        taken_back: 2027-02-03    # where it was taken back before there was a result
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from archive.entry import Visibility
from bridge.portfolio import ownerfile
from bridge.portfolio.generation import Generation
from bridge.portfolio.ownerfile import Text

FILE_NAME = "submissions.yaml"
WITH_ASSESSORS = frozenset({"submitted", "resubmitted"})
"""States between handing in and a result."""


@dataclass(frozen=True)
class Handed:
    """
    One submission. ``bundle`` is the name of the file that was sealed for the assessors, ``""`` where there was none.

    ``nominated`` is the assessor whom the owner proposed. It is private, as everybody's name here.
    """

    on: date
    edition: Visibility
    release: str
    targets: tuple[str, ...] = ()
    bundle: str = ""
    nominated: str = ""
    taken_back: date | None = None


class _Handed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    on: date
    edition: Visibility = Visibility.ASSESSOR
    release: Text = ""
    targets: list[Text] = Field(default_factory=list)
    bundle: Text = ""
    nominated: Text = ""
    taken_back: date | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    submissions: list[_Handed] = Field(default_factory=list)


def read(folder: Path) -> tuple[Handed, ...]:
    """
    Return the submissions of a generation, oldest first.

    Raises:
        ConfigError: The file has a mistake; file and line are in the message.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return ()
    found = ownerfile.parse(ownerfile.read_text(path), _File, f"{folder.name}/{FILE_NAME}")
    return tuple(
        Handed(one.on, one.edition, one.release, tuple(one.targets), one.bundle, one.nominated, one.taken_back)
        for one in found.submissions
    )


def standing(folder: Path) -> tuple[Handed, ...]:
    """Return the submissions that assessors have read or are reading: those that were not taken back."""
    return tuple(one for one in read(folder) if one.taken_back is None)


def write(folder: Path, handed: Iterable[Handed]) -> Path:
    """Write the file as a person would, and return its path. What was there is replaced."""
    lines = ["# What you handed in. Until there is a result nothing is written to these targets.", "submissions:"]
    lines += [line for one in handed for line in _lines(one)]
    path = folder / FILE_NAME
    ownerfile.put(path, "\n".join(lines) + "\n", _File)
    return path


def is_with_assessors(generation: Generation) -> bool:
    """Say whether assessors are reading a generation now."""
    return generation.state in WITH_ASSESSORS


def _lines(one: Handed) -> Iterator[str]:
    yield f"  - on: {one.on.isoformat()}"
    yield f"    edition: {one.edition.value}"
    yield f"    release: {one.release}"
    yield f"    targets: [{', '.join(map(ownerfile.quoted, one.targets))}]"
    for name, value in (("bundle", one.bundle), ("nominated", one.nominated)):
        if value:
            yield f"    {name}: {ownerfile.quoted(value)}"
    if one.taken_back:
        yield f"    taken_back: {one.taken_back.isoformat()}"
