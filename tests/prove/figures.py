"""A line of the table, and what a proof needs to make one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


class Unavailable(Exception):
    """What a proof needs is not on this machine."""


@dataclass(frozen=True)
class Figure:
    """
    How often something was tried, and how often it came out.

    ``must``: ``all`` times; or only ``some``, where something is broken on purpose and the proof has to notice.
    """

    what: str
    out: int
    tried: int
    must: Literal["all", "some"] = "all"
    example: str = ""

    @property
    def holds(self) -> bool:
        return 0 < self.out == self.tried if self.must == "all" else self.out > 0

    @property
    def row(self) -> str:
        mark = "" if self.holds else " **(must not be)**"
        must = "all" if self.must == "all" else "more than 0"
        return f"| {self.what} | {self.out:,} of {self.tried:,}{mark} | {must} |"


@dataclass(frozen=True)
class Size:
    """How large this run is (1: the full size), and a folder for it."""

    folder: Path
    scale: float

    def of(self, full: int) -> int:
        return max(1, round(full * self.scale))

    def new(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        return folder


def right(what: str, results: Iterable[str]) -> Figure:
    """Count the results that are as they must be: ``""``."""
    found = list(results)
    wrong = [problem for problem in found if problem]
    return Figure(what, len(found) - len(wrong), len(found), example=next(iter(wrong), ""))


def wrong(what: str, results: Iterable[str]) -> Figure:
    """Count the results that are not, where some must be."""
    found = list(results)
    return Figure(what, sum(map(bool, found)), len(found), "some")


def table(figures: Iterable[Figure]) -> str:
    """Return the figures in Markdown."""
    return "\n".join(
        ["| What was tried | How often it came out | Must be |", "| --- | ---: | ---: |", *(f.row for f in figures)]
    )
