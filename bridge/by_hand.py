"""What only a person can take out of a VLE, told also to somebody whose login is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.contract import Finding, SourceUnavailable

if TYPE_CHECKING:
    from bridge.config_sources import SourceConfig
    from connectors.http import Http


def by_hand(part: SourceConfig, http: Http) -> Iterator[Finding]:
    """Yield the list for a source, with its institution's own addresses; nothing for what is no VLE."""
    if part.type == "moodle":
        from connectors.moodle.checking import checklist
        from connectors.moodle.probe import probe

        try:
            yield from checklist(probe(str(getattr(part, "url", "")), http))
        except SourceUnavailable:
            return  # that it does not answer was said already
    elif part.type == "blackboard":
        from connectors.blackboard import advice

        yield from advice.by_hand(str(getattr(part, "url", "")), str(getattr(part, "user", "")))
