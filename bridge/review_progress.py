"""How far a review is: what is filled and what is missing, and whether the earlier words are as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from archive.entry import Visibility
from bridge import building, cpd_pages, renewing
from bridge.building import Desk
from bridge.portfolio.cpd import choosing
from bridge.portfolio.model import PageSection, Portfolio
from bridge.portfolio.narrative import Passage
from bridge.portfolio.renewal import journey, theme
from bridge.portfolio.renewal.proof import Proof
from bridge.portfolio.renewal.theme import Theme


@dataclass(frozen=True)
class SectionState:
    """One section, or a theme (``within`` names its section): how many words, and what is missing of a theme."""

    id: str
    title: str
    words: int
    state: Literal["empty", "written", "ready"]
    within: str = ""
    entries: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """
    A review as it stands.

    Attributes:
        done: CPD entries of its time that took place; ``unreflected`` of them have no reflection yet.

        planned: CPD entries of its time that are to come.

        proofs: The earlier generations on its page, compared with their seals.

        changed: Files of earlier generations that were changed since, by generation.

        unreadable: Which of them cannot be read at all, in words.
    """

    name: str
    window: tuple[date, date] | None
    sections: tuple[SectionState, ...]
    done: int
    unreflected: int
    planned: int
    proofs: tuple[Proof, ...]
    changed: tuple[tuple[str, tuple[str, ...]], ...]
    unreadable: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """Return how many words the review has by now."""
        return sum(section.words for section in self.sections)


def progress(desk: Desk) -> Progress:
    """Return how far the desk's generation is. Builds the owner's draft, and writes nothing of it."""
    portfolio, built = building.build(desk, Visibility.PRIVATE)
    listed = choosing.within(desk.record, desk.generation.window or choosing.EVERY_DAY)
    changed = ((sealed.called, renewing.changed_since(one, sealed)) for one, sealed in renewing.sealed_before(desk))
    return Progress(
        name=desk.generation.name,
        window=desk.generation.window,
        sections=tuple(_sections(desk, portfolio)),
        done=len(choosing.done(listed)),
        unreflected=len(choosing.unreflected(listed)),
        planned=sum(one.status == "planned" for one in listed),
        proofs=renewing.proofs(desk, Visibility.PRIVATE, built.release.fragment),
        changed=tuple((called, files) for called, files in changed if files),
        unreadable=renewing.unreadable(desk),
    )


def _sections(desk: Desk, portfolio: Portfolio) -> Iterator[SectionState]:
    """Yield the review's own sections in the page's order, a theme with what belongs to it."""
    wanted = renewing.depth(desk)
    deep = {journey.id_of(wanted, one): one for one in renewing.themes(desk, wanted)} if wanted else {}
    record, made_of_record = desk.record, cpd_pages.making(desk)
    for shown in portfolio.sections:
        if shown.gathers or shown.generation:
            continue
        one = deep.get(shown.id)
        state = SectionState(shown.id, shown.title, shown.words, _state(shown), shown.within)
        if deep and wanted and shown.id == wanted.section.id:  # the table above its themes is made of them
            written = desk.narratives.get(shown.id)
            state = replace(state, words=_passages_words(written.passages) if written else 0)
        if shown.id in made_of_record:
            listed = len(choosing.done(choosing.within(record, cpd_pages.days(desk))))
            state = replace(state, entries=listed)
            if listed and state.state == "empty":
                state = replace(state, state="ready" if shown.ready else "written")
        if one is None or wanted is None:
            yield state
        else:
            entries = len(choosing.done(one.activities(record, desk.generation.window)))
            lacks = tuple(theme.missing(one, wanted.columns, wanted.section.parts))
            yield replace(state, entries=entries, missing=lacks, words=_own_words(one))


def _own_words(one: Theme) -> int:
    """Return how many words of a theme its owner wrote: what the page says of it by itself is no progress."""
    short = sum(len(text.split()) for text in (one.reason, *one.journey.values()))
    return short + _passages_words(one.passages)


def _passages_words(passages: Iterable[Passage]) -> int:
    return sum(len(one.markdown.split()) for one in passages if not one.placeholder)


def _state(shown: PageSection) -> Literal["empty", "written", "ready"]:
    if shown.placeholder or not shown.words:
        return "empty"
    return "ready" if shown.ready else "written"
