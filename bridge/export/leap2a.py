"""A Leap2A file for Mahara: journals with their entries, pages, files, notes and plans, and the portfolio as pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.entry import Visibility, parse_time
from bridge.export import Exported, Wanted, chosen, copies
from bridge.export.leap2a_content import Content
from bridge.export.leap2a_mahara import back, person
from bridge.export.leap2a_notes import notes
from bridge.export.leap2a_pages import built, pages
from bridge.export.markdown_addresses import learned
from connectors.mahara import leap2a_write
from connectors.mahara.leap2a_parts import About, Part, plain

if TYPE_CHECKING:
    from bridge.portfolio.model import Portfolio
    from bridge.session import Session

NAME = "mahara-leap2a.zip"


def export(session: Session, out: Path, wanted: Wanted) -> Exported:
    """
    Write what was asked for as one zip for a version of Mahara.

    Raises:
        UsageError: There is no such version of Mahara, or it is too old.
    """
    version = wanted.version or leap2a_write.NEWEST
    names = leap2a_write.dialect(version)
    archive = session.existing_archive()
    stay = copies(session, archive, wanted)
    content = Content(archive, learned(session, archive, wanted), beyond=wanted.visibility is None)
    content.left_out.update(dict.fromkeys(stay.values()))
    content.sort(chosen(session, archive, wanted, stay))
    of_part = bool(wanted.source or wanted.kind or wanted.tag)
    portfolio = None if of_part else built(session, wanted.visibility or Visibility.PRIVATE)
    moment = max((stored.changed for stored in archive.entries()), default=parse_time(str(archive.about["created"])))
    owner = plain(session.config.owner) or "Portfolio owner"
    feed = leap2a_write.Feed(archive.id, f"keepfolio: {owner}", About(owner, moment, moment))
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = out / NAME
    try:
        with open(place, "xb", opener=_private) as target:
            entries = _parts(session, wanted, content, portfolio, feed.about)
            leap2a_write.write(target, names, feed, entries, map(content.files.member, content.files))
    except BaseException:
        place.unlink(missing_ok=True)  # half a file would be imported as if it were all
        raise
    size = place.stat().st_size
    files = sum(1 for _ in content.files)
    told = notes(version, size, set(content.kinds.values()), portfolio=portfolio is not None, of_part=of_part)
    return Exported(place, content.count, files, size, tuple(content.left_out), told, whole=content.files.whole)


def _parts(
    session: Session, wanted: Wanted, content: Content, portfolio: Portfolio | None, owner: About
) -> Iterator[Part]:
    """Yield every part; files come last, for texts ask for them."""
    yield person([one for one, kind in content.kinds.items() if kind == "profile"], content, owner)
    yield from content.journals()
    for stored in chosen(session, content.archive, wanted):
        yield from content.parts(stored)
        yield from back(stored, content)
    if portfolio is not None:
        yield from pages(portfolio, content, owner.updated)
    yield from map(content.files.part, content.files)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
