"""A Leap2A file for Mahara: journals with their entries, pages, files, notes and plans, and the portfolio as pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.entry import Visibility, parse_time
from bridge.export import Exported, Wanted, chosen
from bridge.export.leap2a_content import Content
from bridge.export.leap2a_pages import built, pages
from bridge.export.markdown_addresses import learned
from connectors.mahara import leap2a_write
from connectors.mahara.leap2a_parts import About, Part, plain

if TYPE_CHECKING:
    from bridge.portfolio.model import Portfolio
    from bridge.session import Session

NAME = "mahara-leap2a.zip"
A_SITES_LIMIT = 50_000_000  # bytes; what many servers take as an upload, if nobody changed it


def export(session: Session, out: Path, wanted: Wanted) -> Exported:
    """
    Write what was asked for as one zip for a version of Mahara.

    Raises:
        UsageError: There is no such version of Mahara, or it is too old.
    """
    version = wanted.version or leap2a_write.NEWEST
    names = leap2a_write.dialect(version)
    archive = session.existing_archive()
    content = Content(archive, learned(session, archive, wanted))
    content.sort(chosen(session, archive, wanted))
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
            leap2a_write.write(target, names, feed, entries, map(content.member, content.filed()))
    except BaseException:
        place.unlink(missing_ok=True)  # half a file would be imported as if it were all
        raise
    size = place.stat().st_size
    files = sum(1 for _ in content.filed())
    notes = _notes(version, size, portfolio, of_part=of_part)
    return Exported(place, content.count, files, size, tuple(content.left_out), notes, whole=content.whole)


def _parts(
    session: Session, wanted: Wanted, content: Content, portfolio: Portfolio | None, feed: About
) -> Iterator[Part]:
    """Yield every part; files come last, for texts ask for them."""
    yield from content.journals()
    for stored in chosen(session, content.archive, wanted):
        if part := content.part(stored):
            yield part
    if portfolio is not None:
        yield from pages(portfolio, content, feed.updated)
    yield from map(content.file_part, content.filed())


def _notes(version: str, size: int, portfolio: Portfolio | None, *, of_part: bool) -> tuple[str, ...]:
    notes = [
        f"Written for Mahara {version}. In Mahara: main menu, Manage, Import.",
        "Import it once: every import makes new copies of everything, and there is no undo.",
        "Mahara drops the dates of pages, and puts all files into one folder named after the day.",
        "All of it is private there until you share it.",
    ]
    if size > A_SITES_LIMIT:
        notes.append(f"It has {size // 1_000_000} MB, and many sites take less: ask, or export by --source or --tag.")
    if portfolio is None and not of_part:
        notes.append("There is no portfolio yet, so it holds none. Run: keepfolio build")
    if of_part:
        notes.append("The portfolio is in an export of everything only.")
    return tuple(notes)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
