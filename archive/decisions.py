"""
The owner's decisions that something must be forgotten, and what they mean for a line. Pure.

A line is to go when a later decision names its id, or an earlier one that holds for good and was not taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Position: TypeAlias = tuple[int, int]
"""A part's place in the order, and a line's in it."""

HOMES = frozenset({"file", "redacted"})
"""Events that say where bytes lie, and speak of no entry."""

_NOW: Position = (1 << 60, 0)
_Kind: TypeAlias = Literal["gone", "barred", "free"]


@dataclass(frozen=True)
class Decision:
    """One decision: the id is ``gone`` once, ``barred`` for good, or ``free`` to come again; ``time`` as sealed."""

    position: Position
    time: str
    kind: _Kind


class Decisions:
    """Which ids were to be forgotten, and when. ``note`` is told the lines of a history in their order."""

    def __init__(self) -> None:
        self._by_id: dict[str, list[Decision]] = defaultdict(list)
        self._last: Position = (-1, 0)

    def __bool__(self) -> bool:
        return bool(self._by_id)

    def note(self, position: Position, value: Mapping[str, Any]) -> None:
        """Take a line into account; one that decides nothing is passed over."""
        event = value.get("event")
        if event == "redaction":
            self._last = position
        elif event != "readmission":
            return
        kind: _Kind = "free" if event == "readmission" else "barred" if value.get("forGood") else "gone"
        for i in value["ids"]:
            self._by_id[str(i)].append(Decision(position, str(value["eventTime"]), kind))

    def decide_now(self, ids: Iterable[str]) -> None:
        """Count as if these ids were barred after everything that was noted."""
        for i in ids:
            self._by_id[i].append(Decision(_NOW, "", "barred"))
            self._last = _NOW

    @property
    def ids(self) -> frozenset[str]:
        """All ids that were to be forgotten and not let in again since."""
        return frozenset(i for i, said in self._by_id.items() if said[-1].kind != "free")

    @property
    def newest(self) -> str:
        """When something was last decided to go; ``""`` if nothing was."""
        return max((d.time for said in self._by_id.values() for d in said if d.kind != "free"), default="")

    def dooms(self, some_id: str, position: Position) -> Decision | None:
        """Return the decision by which a line about an id, at this place, must go."""
        if some_id not in self._by_id:
            return None
        barred: Decision | None = None
        for said in self._by_id[some_id]:
            if said.position > position and said.kind != "free":
                return said
            if said.position < position and said.kind != "gone":
                barred = said if said.kind == "barred" else None
        return barred

    def is_before_one(self, position: Position) -> bool:
        """Say whether anything was decided after this place."""
        return position < self._last
