"""The owner's posts, for the statement of a portfolio and that of a review (see ``bridge.composing``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bridge import cpd_pages
from bridge.portfolio import posts_held

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.making import Make

STATEMENT, UPDATED_STATEMENT = "context", "context-update"


def making(desk: Desk) -> Mapping[str, Make]:
    """Return what lists the posts: all of them in a portfolio's statement, those of its time in a review's."""
    roles = desk.session.config.roles
    return {
        STATEMENT: posts_held.make(roles, (None, None)),
        UPDATED_STATEMENT: posts_held.make(roles, cpd_pages.days(desk)),
    }
