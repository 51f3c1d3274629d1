"""The owner's own sentences from then, to stand beside what is still empty: none is made up, and none shortened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bridge.portfolio.cpd.record import PLACE, Activity
from bridge.portfolio.schema import Column

_CUES = {
    "intended": r"\b(?:want(?:ed)?|hop(?:e|ed|ing)|plan(?:ned)?|intend(?:ed)?|aim(?:ed)?|expect(?:ed)?|to learn)\b",
    "learned": r"\b(?:learn(?:ed|t)?|realis(?:e|ed)|found|understood|discovered|taught me|surprised)\b",
    "changed": r"\b(?:now|chang(?:e|ed)|instead|differently|since then|no longer|start(?:ed)?|stopped)\b",
    "future": r"\b(?:next|will|would like|future|from now on)\b",
}
"""Words by which a sentence speaks to a column of the learning journey; a column of another name has its title's."""

_SMALL = frozenset({"what", "was", "the", "and", "from", "have", "with", "your", "practice", "direction", "learn"})
MOST = 6
"""Sentences beside one cell: more are not read."""


@dataclass(frozen=True)
class Memory:
    """
    Something that the owner wrote then: on which day, on what occasion, and the words.

    Of a text that is about more than the theme (``apart``) only sentences that speak to a column are taken.
    """

    on: date
    title: str
    text: str
    apart: bool = False


def of_record(activities: Iterable[Activity]) -> Iterator[Memory]:
    """Yield what the owner noted and made of CPD entries, each with its own day."""
    for one in activities:
        if note := "\n".join(line for line in one.note.split("\n") if not line.startswith(PLACE)):
            yield Memory(one.on, one.title, note)
        if one.reflection:
            yield Memory(one.reflected or one.on, one.title, one.reflection)


def beside(columns: Sequence[Column], memories: Iterable[Memory]) -> dict[str, list[str]]:
    """Return whole sentences by the column that they speak to, oldest first, and under "" those that speak to none."""
    found: dict[str, list[str]] = {name: [] for name in (*(column.id for column in columns), "")}
    for memory in sorted(memories, key=lambda m: (m.on, m.title)):
        for sentence in sentences(memory.text):
            line = f"{memory.on.isoformat()}, {memory.title}: “{sentence}”"
            fitting = [column.id for column in columns if _speaks_to(column, sentence)]
            for name in fitting or ([] if memory.apart else [""]):
                if line not in found[name]:
                    found[name].append(line)
    return {name: lines[:MOST] for name, lines in found.items() if lines}


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, as they were written."""
    lines = (" ".join(line.split()) for line in re.split(r"\n\s*\n|\n(?=[-*#>])", text))
    return [s for line in lines for s in re.split(r"(?<=[.!?])[”\"')]*\s+(?=[A-Z“\"'(])", line) if s]


def _speaks_to(column: Column, sentence: str) -> bool:
    cue = _CUES.get(column.id) or _of_the_title(column)
    return bool(cue and re.search(cue, sentence, re.IGNORECASE))


def _of_the_title(column: Column) -> str:
    words = [w for w in re.findall(r"[a-z]{4,}", column.title.casefold()) if w not in _SMALL]
    return rf"\b(?:{'|'.join(words)})\b" if words else ""
