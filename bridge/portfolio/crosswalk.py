"""From one framework to another: what is evidence for a section there may be some for a section here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge.portfolio.framework import Framework
from bridge.portfolio.mapping import Connections
from bridge.portfolio.schema import Crosswalk

_PRINCIPLE = "principle:"
"""Before the id of a principle of the other framework, among the pairs of a crosswalk."""


def proposed(
    crosswalk: Crosswalk, others: Sequence[Connections], other: Framework, own: Connections
) -> dict[str, tuple[str, ...]]:
    """
    Return the entries that a crosswalk proposes for the sections of a framework, by section. Pure.

    Args:
        crosswalk: Pairs of sections of the other framework (or ``principle:ID``) with sections of this one.

        others: What portfolios of the other framework cite.

        other: The other framework: of its repeated sections each counts (``specialist-2`` as ``specialist``).

        own: What this portfolio cites and its owner's tags suggest: neither is proposed again.
    """
    repeated = {section.id for section in other.spec.sections if section.repeat}
    found: dict[str, dict[str, None]] = {}
    for connections in others:
        named = {f"{_PRINCIPLE}{name}": ids for name, ids in connections.principles.items()}
        for theirs, ids in {**connections.cited, **named}.items():
            stem = theirs.rpartition("-")[0]
            for section in crosswalk.pairs.get(stem if stem in repeated else theirs, ()):
                found.setdefault(section, {}).update(dict.fromkeys(ids))
    rest = {section: _new(ids, section, own) for section, ids in found.items()}
    return {section: ids for section, ids in rest.items() if ids}


def _new(ids: Mapping[str, None], section: str, own: Connections) -> tuple[str, ...]:
    known = {*own.cited.get(section, ()), *own.suggested.get(section, ())}
    return tuple(entry_id for entry_id in ids if entry_id not in known)
