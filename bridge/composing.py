"""
What a page holds beside the owner's texts: gathered here for a desk, made in ``portfolio/`` by pure functions.

Each provider is a function of the desk. A new kind of content is one more line in one of these lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from archive.entry import Visibility
from bridge import advice, awaiting, beside, cpd_pages, renewing, revising
from bridge.portfolio.making import Make, MakeEarlier, MakePanel
from bridge.preflight import attached, consent
from bridge.render import references

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.model import Portfolio
    from connectors.contract import Finding

MAKING: tuple[Callable[[Desk], Mapping[str, Make]], ...] = (cpd_pages.making, renewing.making)
"""What is made for sections: by section id."""

BELOW: tuple[Callable[[Desk], Mapping[str, Make]], ...] = (beside.posts,)
"""What stands below a section's words, whether these are today's or those of the last release: by section id."""

EARLIER: tuple[Callable[[Desk], Iterator[MakeEarlier]], ...] = (renewing.earlier,)
"""Earlier generations, nearest first."""

PANELS: tuple[Callable[[Desk, Visibility], Iterator[MakePanel]], ...] = (
    revising.revision_summary,
    advice.principle_panels,
    advice.coverage_panels,
    beside.showcase,
    cpd_pages.panels,
    consent.thanks,
    references.panels,
)
"""What stands before and after the sections, in the order of the page; it may differ by edition."""

GATES: tuple[Callable[[Desk, Portfolio], Iterator[Finding]], ...] = (
    awaiting.gate,
    consent.gate,
    attached.gate,
    renewing.gates,
)
"""What must be settled before an edition goes live, beside what the sections themselves lack. ``error`` refuses."""


def making(desk: Desk) -> dict[str, Make]:
    """Return what is made for sections beside the owner's own text, by section id."""
    return {section: make for provide in MAKING for section, make in provide(desk).items()}


def below(desk: Desk) -> dict[str, Make]:
    """Return what stands below a section's words and is made anew each time, by section id."""
    return {section: make for provide in BELOW for section, make in provide(desk).items()}


def earlier(desk: Desk) -> tuple[MakeEarlier, ...]:
    """Return the earlier generations that stand on the same page, in its order."""
    return tuple(make for provide in EARLIER for make in provide(desk))


def panels(desk: Desk, edition: Visibility) -> tuple[MakePanel, ...]:
    """Return what stands before and after the sections of an edition."""
    return tuple(make for provide in PANELS for make in provide(desk, edition))


def gates(desk: Desk, portfolio: Portfolio) -> tuple[Finding, ...]:
    """Return what else must be settled before an edition goes live."""
    return tuple(finding for provide in GATES for finding in provide(desk, portfolio))
