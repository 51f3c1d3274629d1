"""The exports of one account as they are seen together: what each shows and proves, and what they lack."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.entry import Json, Key
from connectors.contract import Known, SourceUnavailable
from connectors.mahara.leap2a_entries import feedback_scope
from connectors.mahara.leap2a_merge import Merged
from connectors.mahara.leap2a_package import EXPORT_AGAIN, Package
from connectors.mahara.leap2a_survey import FEEDBACK, Survey

_PRIVATE = re.compile(rb"<[\w.:-]*category\b(?=[^<>]*audience#)[^<>]*Private")


@dataclass(frozen=True)
class Export:
    """An export, and what one reading of it found out. ``feedback``: all that others said is in it."""

    package: Package
    survey: Survey
    feedback: bool


@dataclass(frozen=True)
class Part:
    """An export as ``merge`` sees it: what is the owner's, or what others said."""

    export: Export
    feedback: bool

    @property
    def exported(self) -> datetime | None:
        return self.export.survey.head.exported

    @property
    def full(self) -> bool:
        return self.export.survey.full

    @property
    def proves(self) -> bool:
        return is_whole(self.export) and (self.export.feedback or not self.feedback)

    @property
    def shows(self) -> Collection[Key]:
        numbers = self.export.survey.numbers
        return set().union(*(keys for kind, keys in numbers.items() if (kind in FEEDBACK) == self.feedback))

    @property
    def names(self) -> Collection[Key]:
        return self.shows if self.feedback else self.export.survey.keys

    @property
    def updated(self) -> Mapping[Key, str]:
        return self.export.survey.updated


class Held:
    """What the archive holds of one listing, as ``merge`` asks for it."""

    def __init__(self, known: Known, scope: str) -> None:
        self.keys = known.keys(scope)
        self.retry = known.retry
        self.stamp = known.stamp


def is_whole(export: Export) -> bool:
    return export.survey.full and export.survey.whole


def scope_of(exports: list[Export], *, feedback: bool) -> str:
    scope = exports[0].survey.scope
    return feedback_scope(scope) if feedback else scope


def counting(exports: list[Export]) -> int:
    """Return the place of the newest whole export: what is wrong with those before it does not matter any more."""
    return max((at for at, export in enumerate(exports) if is_whole(export)), default=0)


def broken(exports: list[Export]) -> SourceUnavailable | None:
    """Return what is wrong with an export that ends in the middle."""
    for export in exports[counting(exports) :]:
        if export.survey.broken:
            return SourceUnavailable(
                export.survey.broken,
                code="export-cut",
                unchanged="What came before is kept, and nothing is taken as deleted.",
                mend=EXPORT_AGAIN,
            )
    return None


def expected(exports: list[Export], whole: Merged, feedback: Merged, before: Json) -> Json:
    """Return how many things of each kind there are; where the exports are older than what is held, as before."""
    remembered = before.get("promised")
    promised: Json = dict(remembered) if isinstance(remembered, dict) else {}
    kinds = {key: kind for export in exports for kind, keys in export.survey.numbers.items() for key in keys}
    for merged, said in ((whole, False), (feedback, True)):
        if merged.expected is None:
            continue
        promised = {kind: count for kind, count in promised.items() if (kind in FEEDBACK) != said}
        promised |= Counter(kinds[key] for key in merged.expected if key in kinds)
    return dict(sorted(promised.items()))


def has_private_feedback(package: Package) -> bool:
    """Tell whether a comment in it is private: then the owner asked for all feedback. Mahara says it nowhere else."""
    tail = b""
    with package.feed() as feed:
        while block := feed.read(2**20):
            if _PRIVATE.search(tail + block):
                return True
            tail = block[-1024:]
    return False
