"""What a review still lacks in depth: findings for its owner, each with its mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from archive.entry import Visibility
from bridge.portfolio.cpd.record import Activity
from bridge.portfolio.renewal.journey import Depth, id_of
from bridge.portfolio.renewal.memories import sentences
from bridge.portfolio.renewal.theme import Theme, missing
from connectors.contract import Finding

MOST_SENTENCES = 2
LONG = 60
"""Words: two sentences of more are not short."""


def findings(
    wanted: Depth, themes: Sequence[Theme], record: Sequence[Activity], window: tuple[date, date] | None
) -> Iterator[Finding]:
    """Yield what is missing or weak in the themes of a review; one that its owner keeps to herself does not count."""
    section = wanted.section.id
    handed_in = [theme for theme in themes if theme.visibility is not Visibility.PRIVATE]
    if themes and wanted.exactly and len(handed_in) != wanted.exactly:
        kept = len(themes) - len(handed_in)
        there = f"{len(handed_in)} {'theme' if len(handed_in) == 1 else 'themes'}{f' ({kept} private)' if kept else ''}"
        message = f"{wanted.section.title}: there are {there}; exactly {wanted.exactly} are asked for."
        mend = 'keepfolio renew theme "NAME"' if len(handed_in) < wanted.exactly else "Keep those that matter most"
        yield Finding("depth-count", "warning", message, mend, section)
    for theme in handed_in:
        yield from _of(theme, wanted, theme.activities(record, window), section)


def gates(wanted: Depth, themes: Sequence[Theme], edition: Visibility) -> Iterator[Finding]:
    """Yield what must be settled before the themes of a review go live in an edition."""
    if edition is Visibility.PRIVATE:
        return
    for theme in themes:
        if theme.visibility.openness < edition.openness:
            continue
        if not theme.ready and "unready" not in theme.waived:
            mend = f"When it is ready, say so in {theme.file}, or: waive: [unready]"
            message = f"“{theme.title}” is left out: its file does not say ready: true."
            yield Finding("unready", "error", message, mend, id_of(wanted, theme))
        lacks = missing(theme, wanted.columns, wanted.section.parts) if theme.ready else []
        if lacks and "placeholder" not in theme.waived:
            message = f"“{theme.title}” lacks: {', '.join(lacks)}."
            yield Finding("placeholder", "error", message, f"Write it in {theme.file}", id_of(wanted, theme))


def _of(theme: Theme, wanted: Depth, activities: Sequence[Activity], section: str) -> Iterator[Finding]:
    name = f"“{theme.title}”"
    edit = f"Write it in {theme.file}"
    if not theme.reason:
        yield Finding("theme-reason", "warning", f"{name} has no reason yet: why is it a priority?", edit, section)
    if not activities and not theme.evidence:
        mend = f"Name it in your CPD record, or list entries in {theme.file}"
        yield Finding("theme-empty", "warning", f"{name} has no CPD entries and no evidence yet.", mend, section)
    lacks = [what for what in missing(theme, wanted.columns, wanted.section.parts) if not what.startswith("why ")]
    if lacks:
        yield Finding("theme-missing", "warning", f"{name} lacks: {', '.join(lacks)}.", edit, section)
    for column in wanted.columns:
        text = theme.journey.get(column.id, "")
        count = len(sentences(text))
        if count > MOST_SENTENCES or len(text.split()) > LONG:
            message = f"{name}, “{column.title}”: {count} sentences, {len(text.split())} words; one or two short ones."
            yield Finding("journey-long", "warning", message, f"Shorten it in {theme.file}", section)
