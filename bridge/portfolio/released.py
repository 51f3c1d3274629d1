"""
Sections as they were last released, as data.

A section that is being written anew says ``ready: false``: until it is ready its page keeps the words that were there.
Kept are the words and what was cited. Everything else (who may see an item, where it can be read) is asked anew, so
that what became private since does not come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from archive.entry import Json
from bridge.portfolio.model import Evidence, PagePart, Portfolio
from bridge.portfolio.narrative import Cited


@dataclass(frozen=True)
class Released:
    """One section of a release: its heading, its words as safe HTML, what it cited, and what it was made in."""

    id: str
    title: str
    parts: tuple[PagePart, ...]
    evidence: tuple[Cited, ...]
    within: str = ""


def record(portfolio: Portfolio) -> list[Json]:
    """Return what a release keeps of a portfolio's own sections (earlier generations have theirs), for ``read``."""
    return [
        {
            "id": section.id,
            "title": section.title,
            "within": section.within,
            "parts": [
                {"id": part.id, "title": part.title, "html": part.html, "drawing": part.drawing}
                for part in section.parts
            ],
            "evidence": [
                {"entry": item.entry_id, "why": item.why, "caption": _caption(item)} for item in section.evidence
            ],
        }
        for section in portfolio.sections
        if not section.gathers and not section.generation
    ]


def read(recorded: Iterable[Mapping[str, Any]]) -> dict[str, Released]:
    """Return the recorded sections by id."""
    return {
        section["id"]: Released(
            id=section["id"],
            title=section["title"],
            parts=tuple(PagePart(**part) for part in section["parts"]),
            evidence=tuple(Cited(**cited) for cited in section["evidence"]),
            within=section.get("within", ""),
        )
        for section in recorded
    }


def _caption(item: Evidence) -> str:
    return item.figures[0].caption if item.figures else ""
