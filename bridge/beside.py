"""What stands on a page beside words and evidence: the owner's posts, and her showcase (see ``bridge.composing``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from archive.entry import Visibility
from bridge import copies_of, cpd_pages
from bridge.portfolio import posts_held
from bridge.render import showcase as shown

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.making import Make, MakePanel

STATEMENT, UPDATED_STATEMENT = "context", "context-update"


def posts(desk: Desk) -> Mapping[str, Make]:
    """Return what lists the posts: all of them in a portfolio's statement, those of its time in a review's."""
    roles = desk.session.config.roles
    return {
        STATEMENT: posts_held.make(roles, (None, None)),
        UPDATED_STATEMENT: posts_held.make(roles, cpd_pages.days(desk)),
    }


def showcase(desk: Desk, _edition: Visibility) -> Iterator[MakePanel]:
    """Yield the showcase, if anything carries its tag."""
    chosen = shown.chosen(desk.entries.all_light(), copies_of.originals(desk.entries.all_light))
    if chosen:
        yield shown.make(chosen)
