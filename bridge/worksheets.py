"""The worksheet of a section, gathered for a desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from archive.entry import Visibility
from bridge import advice, reviews
from bridge.portfolio import candidates, wording
from bridge.portfolio.marks import settled
from bridge.portfolio.worksheet import Piece, Sheet
from bridge.session import now

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.framework import Section

MOST = 8
"""So many suggestions fit on a sheet."""


def sheet(desk: Desk, section: Section, edition: Visibility = Visibility.PUBLIC) -> Sheet:
    """Return the sheet of a section, its gaps seen from an edition."""
    survey = advice.Survey(desk, edition)
    row = next(row for row in survey.rows if row.section.id == section.id)
    narrative = desk.narratives.get(section.id)
    whys = {cited.entry: cited.why for cited in narrative.evidence} if narrative else {}
    connections = desk.connections
    cited = connections.cited.get(section.id, ())
    pictures = candidates.Pictures(desk.entries, settled(desk.marks, desk.entries), edition)
    return Sheet(
        section=section,
        title=_title(section, row.title),
        portfolio=desk.framework.pathway_title(desk.generation.pathway),
        printed=wording.day(now(), desk.session.config.zone),
        percent=survey.progress[section.id].percent,
        words=row.words,
        narrative=narrative,
        then=reviews.from_then(desk).get(section.id, ""),
        lacking=[finding for finding in advice.report(desk, edition) if finding.section == section.id],
        cited=_pieces(desk, cited, whys),
        suggested=_pieces(desk, connections.suggested.get(section.id, ())[:MOST]),
        proposed=_pieces(desk, connections.proposed.get(section.id, ())[:MOST]),
        pictures=[Piece(one.title, why=one.rights) for one in pictures.near(cited, besides=cited)],
    )


def _title(section: Section, title: str) -> str:
    """Return a heading with its number in front: ``K4: Appropriate use ...``."""
    numbered = any(letter.isdigit() for letter in section.id[:2])
    return f"{section.id}: {title}" if numbered and not title.startswith(section.id) else title


def _pieces(desk: Desk, ids: Iterable[str], whys: dict[str, str] | None = None) -> list[Piece]:
    found = []
    for entry_id in ids:
        if entry_id in desk.entries:
            entry = desk.entries[entry_id].entry
            date = wording.day(entry.published, desk.session.config.zone)
            found.append(Piece(entry.title or entry_id, wording.described(entry), date, (whys or {}).get(entry_id, "")))
    return found
