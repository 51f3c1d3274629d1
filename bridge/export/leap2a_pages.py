"""The portfolio as Mahara shows it: a collection with one page for each section, its evidence in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from archive.entry import Visibility
from bridge.building import Desk
from bridge.export.leap2a_content import Content
from bridge.export.leap2a_text import elsewhere, words
from bridge.portfolio import generation
from connectors.mahara import leap2a_parts as parts
from connectors.mahara.leap2a_parts import About, Block, Id, Part

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.portfolio.model import Evidence, PageSection, Portfolio
    from bridge.session import Session


def built(session: Session, edition: Visibility) -> Portfolio | None:
    """Return the portfolio that is being worked on, as an edition shows it; ``None`` while none was begun."""
    if not generation.every(session.workspace.portfolio):
        return None
    return Desk(session).portfolio(edition)


def pages(portfolio: Portfolio, content: Content, moment: datetime) -> Iterator[Part]:
    """Yield a page for each section that says or shows something, then the collection that holds them in order."""
    whole = content.new_id("collection")
    made: list[Id] = []
    for section in portfolio.sections:
        blocks = [*_written(section, portfolio, content), *_evidence(section, content)]
        if blocks:
            made.append(content.new_id("view"))
            yield parts.page(made[-1], About(parts.plain(section.title), moment, moment), blocks, whole)
    if made:
        about = About(parts.plain(portfolio.title), moment, moment)
        yield parts.collection(whole, about, portfolio.subtitle, made)


def _written(section: PageSection, portfolio: Portfolio, content: Content) -> Iterator[Block]:
    """Yield the owner's words, a block for each part."""

    def held(address: str) -> Id:
        shown = portfolio.pictures.get(address)
        return content.file_of(shown.sha256, shown.entry_id) if shown else content.file_at(address)

    for part in section.parts:
        if part.html:
            yield parts.text_block(part.title, words(part.html, held, elsewhere, links=False).html)


def _evidence(section: PageSection, content: Content) -> Iterator[Block]:
    """Yield the list of the evidence, then the evidence itself wherever it came along."""
    if not section.evidence:
        return
    yield parts.text_block("Evidence", f"<ul>{''.join(map(_listed, section.evidence))}</ul>")
    files: dict[Id, None] = {}
    for item in section.evidence:
        id_, kind = content.ids.get(item.entry_id, ""), content.kinds.get(item.entry_id, "")
        if id_ and kind == "entry":
            yield parts.entry_block(item.title, id_)
        elif id_ and kind == "note":
            yield parts.note_block(item.title, id_)
        elif id_ and kind == "plan":
            yield parts.plans_block(item.title, [id_])
        pictures = [content.file_of(shown.sha256, shown.entry_id) for shown in item.figures]
        for picture in filter(None, pictures):
            yield parts.picture_block(item.title, picture)
        brought = [content.file_of(shown.sha256, shown.entry_id) for shown in item.files]
        own = [id_] if kind == "file" and id_ not in pictures else []
        files |= dict.fromkeys(filter(None, [*brought, *own]))
    if files:
        yield parts.files_block("Files", files)


def _listed(item: Evidence) -> str:
    title = f'<a href="{escape(item.url)}">{escape(item.title)}</a>' if item.url else escape(item.title)
    what = escape(" · ".join(filter(None, (item.kind, item.date))))
    why = f"<br>{escape(item.why)}" if item.why else ""
    return f"<li>{title}<br>{what}{why}</li>"
