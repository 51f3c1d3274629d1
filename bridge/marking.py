"""What the owner marked, settled by the ids of today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.portfolio import marks

if TYPE_CHECKING:
    from archive.entry import Visibility
    from bridge.portfolio.marks import Marks
    from bridge.portfolio.model import Entries, Held
    from bridge.session import Session


def owner_marks(session: Session) -> Marks:
    """Return the owner's marks by the ids of today: two entries that turned out to be one have one mark."""
    found = marks.read(session.workspace.portfolio / marks.FILE_NAME)
    if not found:
        return found  # and nothing heavy is imported for it
    from bridge.building import Entries

    return marks.settled(found, Entries(session.archive))


@dataclass(frozen=True)
class GoesAlong:
    """
    What an entry takes with it to those for whom it is opened.

    Attributes:
        words: Other entries whose words stand in its text, and which those may not see by themselves.

        files: Names of the files that it shows, offers or has attached.

        closed: An entry that its text shows and that the owner closed to them by name, which keeps all of it back.
    """

    words: tuple[Held, ...] = ()
    files: tuple[str, ...] = ()
    closed: Held | None = None


def goes_along(held: Held, entries: Entries, decided: Marks, readers: Visibility) -> GoesAlong:
    """Return what stands on a page with an entry whose text it brings along; ``decided`` are marks of today."""
    from bridge.portfolio import within
    from bridge.portfolio.ownwords import own_files
    from bridge.portfolio.wording import FILE_KINDS

    if held.entry.kind in FILE_KINDS:
        return GoesAlong()
    shut = within.closed_files(entries, decided, readers)
    return GoesAlong(
        tuple(
            one
            for one in within.shown(held, entries)
            if one.entry.kind not in FILE_KINDS and marks.effective(one, decided).openness < readers.openness
        ),
        tuple(dict.fromkeys(file.name for file in own_files(held.entry) if file.sha256 not in shut)),
        within.closed(held, entries, decided, readers),
    )


def shown_by_opened(held: Held, entries: Entries, decided: Marks, readers: Visibility) -> tuple[Held, ...]:
    """Return the entries that the owner opened further than to some readers, and in which another stands."""
    from bridge.portfolio import within

    wider = [entry_id for entry_id, seen in decided.items() if seen.openness > readers.openness]
    outer = [one for entry_id in wider if (one := entries.get(entry_id)) is not None and one.id != held.id]
    return tuple(one for one in outer if within.shown(one, entries, [held.id]))
