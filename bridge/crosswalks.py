"""What other portfolios of the same archive cite, brought over by a framework's crosswalk as proposals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.portfolio import crosswalk, framework, generation, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.building import Desk


def frameworks(desk: Desk) -> tuple[framework.Framework, ...]:
    """Return the frameworks of the owner's other portfolios: the same tags may speak for sections of any of them."""
    named = {one.framework for one in generation.every(desk.workspace.portfolio)}
    named.add(desk.workspace.named(desk.session.config.portfolio.framework))
    return tuple(framework.load(desk.workspace.placed(name)) for name in sorted(named - {desk.generation.framework}))


def widened(desk: Desk, own: mapping.Connections) -> mapping.Connections:
    """Return a portfolio's connections with what the crosswalk of its framework proposes; never cited by itself."""
    table = desk.framework.spec.crosswalk
    if table is None:
        return own
    other = framework.load(table.to)
    found = list(_portfolios(desk, other)) or [_by_tags(desk, other)]
    return replace(own, proposed=crosswalk.proposed(table, found, other, own))


def _portfolios(desk: Desk, other: framework.Framework) -> Iterator[mapping.Connections]:
    """Yield the connections of each portfolio that the owner has for the other framework."""
    from bridge.building import Desk

    for one in generation.every(desk.workspace.portfolio):
        if one.framework == other.id and one.name != desk.generation.name:
            beside = Desk(desk.session, one.name)
            beside.entries = desk.entries  # read once for all
            yield beside.connections


def _by_tags(desk: Desk, other: framework.Framework) -> mapping.Connections:
    """Return what the other framework's own tags cite, where the owner has no portfolio for it."""
    widest = max(other.pathways, key=lambda name: len(other.flat(name)), default="")
    return mapping.connect(desk.entries.all_light(), other, widest, {}, {})
