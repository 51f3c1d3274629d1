"""What the owner marked, settled by the ids of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.portfolio import marks

if TYPE_CHECKING:
    from bridge.portfolio.marks import Marks
    from bridge.session import Session


def owner_marks(session: Session) -> Marks:
    """Return the owner's marks by the ids of today: two entries that turned out to be one have one mark."""
    found = marks.read(session.workspace.portfolio / marks.FILE_NAME)
    if not found:
        return found  # and nothing heavy is imported for it
    from bridge.building import Entries

    return marks.settled(found, Entries(session.archive))
