"""A part of a portfolio, for a mentor or a writing group: some sections, what they show, and nothing else."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace

from bridge.portfolio.model import KeptText, PageSection, Portfolio, credited
from bridge.render import markdown


def found(portfolio: Portfolio, ids: Iterable[str]) -> tuple[str, ...]:
    """Return those of the ids that are sections of this portfolio."""
    known = {section.id for section in portfolio.sections}
    return tuple(one for one in ids if one in known)


def only(portfolio: Portfolio, ids: Iterable[str], note: str = "") -> Portfolio:
    """
    Return a portfolio of these sections: a heading brings those below it along, and stands above those of its own bare.

    Texts and pictures of evidence come along where these sections show them; panels speak of the whole and stay behind.

    Args:
        portfolio: The whole.

        ids: Of its sections.

        note: What the head of the page says beside the portfolio's own subtitle.
    """
    chosen = tuple(_chosen(portfolio.sections, frozenset(ids)))
    sections = tuple(_by_itself(section, {f"#kf-{one.id}" for one in chosen}) for section in chosen)
    cited = {item.entry_id for section in sections for item in section.evidence if item.kept}
    kept = tuple(text for text in portfolio.kept if text.entry_id in cited)
    addresses = _pictures(sections, kept)
    pictures = {address: shown for address, shown in portfolio.pictures.items() if address in addresses}
    figures = [figure for section in sections for item in section.evidence for figure in item.figures]
    return replace(
        portfolio,
        subtitle=f"{portfolio.subtitle} · {note}" if note else portfolio.subtitle,
        sections=sections,
        kept=kept,
        pictures=pictures,
        credits=credited((*figures, *pictures.values())),
        panels=(),
        words=sum(section.words for section in sections),
        figures=len(figures) + len(pictures),
        left_out=tuple(left for left in portfolio.left_out if left.section in {section.id for section in sections}),
    )


def _chosen(sections: Iterable[PageSection], ids: frozenset[str]) -> Iterable[PageSection]:
    above: list[PageSection] = []  # the headings that the section at hand stands under
    said: set[str] = set()
    for section in sections:
        above = [one for one in above if one.level < section.level]
        if section.id in ids or section.within in ids or any(one.id in ids for one in above):
            yield from (_bare(one) for one in above if one.id not in said)
            yield section
            said.update([section.id, *(one.id for one in above)])
        above.append(section)


def _bare(section: PageSection) -> PageSection:
    """Return a section as the heading that it is, without a word of its own: no level of headings may be skipped."""
    return replace(section, gathers=True, parts=(), evidence=(), placeholder=False, ready=True, words=0)


def _by_itself(section: PageSection, places: Container[str]) -> PageSection:
    """Return a section whose links to what stays behind are words."""

    def link(address: str) -> str | None:
        return None if address.startswith("#kf-") and address not in places else address

    parts = (replace(part, html=markdown.resolve(part.html, pictures=str, links=link)) for part in section.parts)
    return replace(section, parts=tuple(parts))


def _pictures(sections: Iterable[PageSection], kept: Iterable[KeptText]) -> set[str]:
    texts = [part.html for section in sections for part in section.parts] + [text.html for text in kept]
    return {address for html in texts for address in markdown.pictures_in(html)}
