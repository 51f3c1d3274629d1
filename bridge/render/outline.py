"""The headings of a page as a tree: what the menu of contents shows, and what each way back is called. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

from bridge.portfolio.model import Portfolio


@dataclass
class Heading:
    """
    A heading of the page with those inside it.

    Attributes:
        anchor: Its id.

        name: Its title, or a longer one where another heading before it has the same title.

        apart: What the name has more than the title; "" for nothing.

        labels: The ids whose words together name it, for ``aria-labelledby``.
    """

    anchor: str
    title: str
    level: int = 2
    inside: list[Heading] = field(default_factory=list)
    name: str = ""
    apart: str = ""
    labels: str = ""


def outline(portfolio: Portfolio) -> list[Heading]:
    """Return the headings of the whole page in its order, each below the nearest higher one before it."""
    roots: list[Heading] = []
    open_: list[Heading] = []
    for heading in _headings(portfolio):
        while open_ and open_[-1].level >= heading.level:
            open_.pop()
        (open_[-1].inside if open_ else roots).append(heading)
        open_.append(heading)
    _name(roots)
    return roots


def by_anchor(roots: Sequence[Heading]) -> dict[str, Heading]:
    """Return all headings by their anchors."""
    return {heading.anchor: heading for heading in flat(roots)}


def flat(roots: Iterable[Heading]) -> Iterator[Heading]:
    """Yield all headings in the order of the page."""
    for heading in roots:
        yield heading
        yield from flat(heading.inside)


def _headings(portfolio: Portfolio) -> Iterator[Heading]:
    yield from _panels(portfolio, "before")
    yield from (Heading(f"kf-{s.id}", s.title, s.level) for s in portfolio.sections if not s.generation)
    yield from _panels(portfolio, "below")
    yield from (Heading(f"kf-{s.id}", s.title, s.level) for s in portfolio.sections if s.generation)
    yield from _panels(portfolio, "after")
    if portfolio.kept:
        yield Heading("kf-kept", "Evidence in full")
    if portfolio.credits:
        yield Heading("kf-credits", "Picture credits")
    if portfolio.licence:
        yield Heading("kf-licence", "Licence")


def _panels(portfolio: Portfolio, place: str) -> Iterator[Heading]:
    return (Heading(f"kf-panel-{one.id}", one.title) for one in portfolio.panels if one.place == place)


def _name(roots: Sequence[Heading]) -> None:
    """
    The first of equal titles keeps it; a later one says where it stands, or else that it is a later one.

    Titles that differ only in capitals sound the same.
    """
    above = {inner.anchor: root for root in roots for inner in flat(root.inside)}
    taken: set[str] = set()
    for heading in flat(roots):
        outer = above.get(heading.anchor)
        for apart in chain(("", outer.title) if outer else ("",), map(str, count(2))):
            heading.name = f"{apart}: {heading.title}" if apart else heading.title
            if heading.name.casefold() not in taken:
                break
        heading.apart = apart
        heading.labels = f"{outer.anchor} {heading.anchor}" if outer and apart == outer.title else heading.anchor
        taken.add(heading.name.casefold())
