"""What was handed in, read again from its sealed release, and what was changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from archive.entry import Visibility
from bridge import releases
from bridge.portfolio.generation import Generation
from bridge.portfolio.making import MakePanel
from bridge.portfolio.submission import comments, handed, scheme, summary, texts
from bridge.portfolio.submission.handed import Handed
from bridge.portfolio.submission.texts import Text

if TYPE_CHECKING:
    from archive.store import Archive
    from bridge.building import Desk


def texts_of(archive: Archive, release: str, titles: Mapping[str, str]) -> dict[str, Text]:
    """
    Return the texts of a sealed release by section; ``{}`` where there is none of that id.

    Args:
        archive: Where.

        release: The release's id.

        titles: Titles of entries by id, for what it cites.
    """
    return {
        name: Text(
            name,
            one.title,
            texts.words_of(one.parts),
            tuple((cited.entry, titles.get(cited.entry, "")) for cited in one.evidence),
        )
        for name, one in releases.recorded_sections(archive, release).items()
    }


def first_handed(current: Generation) -> Handed | None:
    """Return the first submission of a generation that assessors have read, or None."""
    return next(iter(handed.standing(current.folder)), None)


def handed_texts(desk: Desk, release: str) -> dict[str, Text]:
    """Return the texts of a release that was handed in, with the titles of what it cites."""
    titles = {held.id: held.entry.title or held.entry.native_id for held in desk.entries.all_light()}
    return texts_of(desk.session.archive, release, titles)


def revision_summary(desk: Desk, edition: Visibility) -> Iterator[MakePanel]:
    """Yield the revision summary for assessors, and for the owner's draft, once a portfolio came back to be revised."""
    current = desk.generation
    first = first_handed(current)
    if edition is Visibility.PUBLIC or first is None or current.state not in ("referred", "resubmitted"):
        return
    before = handed_texts(desk, first.release)
    if before:  # a release that was removed for good leaves nothing to compare with
        yield summary.panel(first.on, before, comments.read(current.folder, scheme.of(desk.framework)))
