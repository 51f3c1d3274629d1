"""What the owner let go in the section files: what it lets go, and what is written there to no effect."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bridge.portfolio.gates import is_waived
from connectors.contract import Finding

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.model import Portfolio

CODES = frozenset(
    {
        "licence-unknown",
        "missing",
        "person-as-shown",
        "person-no-permission",
        "person-unknown",
        "personal-data",
        "placeholder",
        "quoted-by-others",
        "unready",
    }
)
"""What a section file can let go."""


def findings(desk: Desk, portfolio: Portfolio, target: str = "") -> Iterator[Finding]:
    """Yield a note for each section that lets something go, and one for each line there that lets nothing go."""
    from bridge import building

    waiving = {name: one for name, one in desk.narratives.items() if one.waived}
    if not waiving:
        return
    strict = copy(desk)
    strict.narratives = {name: replace(one, waived=frozenset()) for name, one in desk.narratives.items()}
    every = building.gates(strict, portfolio, target)
    within = {section.id: section.within or section.id for section in portfolio.sections}
    for name, narrative in waiving.items():
        here = [finding for finding in every if within.get(finding.section, finding.section) == name]
        if gone := sum(is_waived(finding, narrative.waived) for finding in here):
            count = "1 finding is" if gone == 1 else f"{gone} findings are"
            yield Finding("waived", "note", f"{count} let go in {narrative.file}.", section=name)
        for one in sorted(narrative.waived):
            if not any(is_waived(finding, {one}) for finding in here):
                why = _why(one, [finding for finding in here if finding.item])
                said = f"{narrative.file} waives “{one}”, and that lets nothing go here{why}."
                yield Finding("waiver-unused", "note", said, "Mend that line, or take it out", name, one)


def _why(waiver: str, here: list[Finding]) -> str:
    """Return what was probably meant: a code that there is, or a thing that is found in the section."""
    code, _, item = waiver.partition(":")
    if code not in CODES:
        near = get_close_matches(code, CODES, n=1)
        return ": there is no such code" + (f"; did you mean {near[0]}?" if near else "")
    if near := get_close_matches(item, [one.item for one in here if one.code == code], n=1, cutoff=0.5):
        return f"; did you mean {code}:{near[0]}?"
    return ""
