"""What must be settled before an edition goes live. Drafts are not gated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Literal

from bridge.portfolio.findings import about, words_of
from bridge.portfolio.framework import Framework, Section
from bridge.portfolio.model import PageSection, Portfolio, Shown
from bridge.portfolio.narrative import Narrative
from bridge.render import sanitise
from connectors.contract import Finding

Prose = Literal["files", "site"]
"""Where the owner writes: in the section files, or on the site, around what keepfolio puts there."""


def gates(
    portfolio: Portfolio,
    narratives: Mapping[str, Narrative],
    framework: Framework,
    pathway: str,
    *,
    prose: Prose = "files",
) -> tuple[Finding, ...]:
    """
    Return what must be settled before an edition goes live, in page order; empty when it may.

    Severity ``error`` refuses, unless the section's front matter waives that code (``waive: [personal-data]``).
    Drafts are not gated. With ``prose="site"`` the owner writes on the site, and a file without words lacks nothing.
    """
    shown = {section.id: section for section in portfolio.sections}
    found: list[Finding] = []
    for section in framework.flat(pathway):
        if section.gathers:
            continue
        narrative = narratives.get(section.id)
        here = shown.get(section.id)
        if here is not None and here.released:  # these words passed the gates when they were released
            continue
        refused = [*_not_ready(section, narrative, portfolio)]
        if narrative is not None and here is not None:
            refused += _on_the_page(section, narrative, here, portfolio, prose)
        waived = narrative.waived if narrative else frozenset()
        found += [finding for finding in refused if finding.code not in waived]
    return tuple(found)


def _not_ready(section: Section, narrative: Narrative | None, portfolio: Portfolio) -> Iterator[Finding]:
    held_back = next((item.why for item in portfolio.left_out if item.id == section.id), "")
    if narrative is None and section.required:
        yield about(section, "missing", "has no file yet.", "Run: keepfolio init   to add it", "error")
    elif narrative is not None and held_back and narrative.visibility.openness >= portfolio.edition.openness:
        mend = (
            f"Name another entry, or none, in {narrative.file}"
            if narrative.lacking and narrative.ready
            else f"When it is ready, say so in {narrative.file}, or: waive: [unready]"
        )
        yield about(section, "unready", f"is left out: {held_back}.", mend, "error")


def _on_the_page(
    section: Section, narrative: Narrative, shown: PageSection, portfolio: Portfolio, prose: Prose
) -> Iterator[Finding]:
    name = narrative.file
    written = prose == "files"
    missing = [p.title for p in section.parts if written and p.required and not _has_part(shown, p.id)]
    if (written and shown.placeholder) or missing or any(passage.unfinished for passage in narrative.passages):
        what = f"lacks its {', '.join(missing).lower()}" if missing else "still holds a placeholder"
        yield about(section, "placeholder", f"{what}.", f"Write it in {name}", "error")
    for kind, text in _personal(" ".join(_words(shown, portfolio))):
        mend = f"Take it out of {name}, or say there that it may be shown: waive: [personal-data]"
        yield about(section, "personal-data", f"shows {kind}: {text}", mend, "error")
    for figure in _figures(shown, portfolio):
        if not figure.licence and not figure.credit:
            title = figure.caption or figure.name
            mend = "Name its maker or licence at its source, if it is not your own work"
            yield about(section, "licence-unknown", f"shows “{title}” without maker or licence.", mend)


def _figures(shown: PageSection, portfolio: Portfolio) -> Iterator[Shown]:
    """Yield the pictures of a section: those of its evidence, and those that its own text shows."""
    yield from (figure for item in shown.evidence for figure in item.figures)
    text = " ".join(part.html for part in shown.parts)
    yield from (figure for address, figure in portfolio.pictures.items() if f'<img src="{escape(address)}"' in text)


def _words(shown: PageSection, portfolio: Portfolio) -> Iterator[str]:
    """Yield all words that a section shows or brings along: its own, those on its evidence, texts in full."""
    cited = {item.entry_id for item in shown.evidence}
    yield from (words_of(part) for part in shown.parts)
    for item in shown.evidence:
        yield from (item.title, item.why, *(figure.caption for figure in item.figures))
    yield from (sanitise.text(kept.html) for kept in portfolio.kept if kept.entry_id in cited)


_E_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_PHONE = re.compile(r"(?<![\w.])(?:\+\d{1,3}|0)[\d ()-]{8,14}\d\b")


def _personal(text: str) -> Iterator[tuple[str, str]]:
    for found in _E_MAIL.finditer(text):
        yield "an e-mail address", found[0]
    for found in _PHONE.finditer(text):
        yield "what looks like a telephone number", found[0]


def _has_part(shown: PageSection, part_id: str) -> bool:
    part = next((p for p in shown.parts if p.id == part_id), None)
    return part is not None and (bool(part.html) or (part_id == "evidence" and bool(shown.evidence)))
