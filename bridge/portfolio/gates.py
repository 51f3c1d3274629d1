"""What must be settled before an edition goes live. Drafts are not gated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import Literal

from archive.entry import Visibility
from bridge.portfolio import licences, ownerfile, personal, said
from bridge.portfolio.findings import about
from bridge.portfolio.framework import Framework, Section
from bridge.portfolio.model import PageSection, Portfolio, Shown
from bridge.portfolio.narrative import Narrative
from bridge.portfolio.said import Said
from connectors.contract import Finding

UNFINISHED = frozenset({"missing", "unready", "placeholder"})
"""Gates on what is still to be written; the others are about people, rights and secrets."""

Prose = Literal["files", "site"]
"""Where the owner writes: in the section files, or on the site, around what keepfolio puts there."""

BADGE = "Badge"
"""What the page calls a badge (``wording.kind``)."""


def is_waived(finding: Finding, waived: Collection[str]) -> bool:
    """
    Tell whether the owner let a finding go: by its code, or by ``CODE:ITEM`` for that one thing alone.

    ``person-no-permission:Sam Taylor`` lets one name stand; letters' case does not matter in an item.
    """
    return finding.code in waived or any(
        code == finding.code and finding.item and _same(item, finding.item)
        for code, _, item in (one.partition(":") for one in waived)
    )


def one_alone(findings: Iterable[Finding]) -> str:
    """Return how one finding alone is let go, for the end of an error's mend; ``""`` where none names its item."""
    first = next((f"{finding.code}:{finding.item}" for finding in findings if finding.item), "")
    return f'   (one thing alone: --waive "{first}")' if first else ""


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def gates(
    portfolio: Portfolio,
    narratives: Mapping[str, Narrative],
    framework: Framework,
    pathway: str,
    *,
    prose: Prose = "files",
    emails: Collection[str] = (),
) -> tuple[Finding, ...]:
    """
    Return what must be settled before an edition goes live, in page order; empty when it may.

    Severity ``error`` refuses, unless the section's front matter waives it (see ``is_waived``). Drafts are not gated.
    With ``prose="site"`` the owner writes on the site, and a file without words lacks nothing. ``emails`` are the
    owner's own addresses: they only warn.
    """
    within = {section.id: section.within for section in portfolio.sections if section.within}
    words: dict[str, list[Said]] = {}
    for one in said.everything(portfolio):
        words.setdefault(within.get(one.section, one.section), []).append(one)
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
            made = section.id in within.values()  # of other files, each with its own parts
            refused += _unwritten(section, narrative, here, "site" if made else prose)
            refused += _personal(section, narrative.file, words.get(section.id, ()), emails)
            for one_section in (here, *(s for s in portfolio.sections if s.within == section.id)):
                refused += _dubious(section, one_section, portfolio)
        waived = narrative.waived if narrative else frozenset()
        found += [finding for finding in refused if not is_waived(finding, waived)]
    return (*found, *_beside_the_sections(words.get("", ()), emails))


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


def _unwritten(section: Section, narrative: Narrative, shown: PageSection, prose: Prose) -> Iterator[Finding]:
    written = prose == "files"
    missing = [p.title for p in section.parts if written and p.required and not _has_part(shown, p.id)]
    mark = next((passage.mark for passage in narrative.passages if passage.mark), "")
    if (written and shown.placeholder) or missing or mark:
        lacks = f"lacks its {', '.join(missing).lower()}" if missing else ""
        holds = f"still holds a placeholder: “{mark}”" if mark else "" if missing else "still holds a placeholder"
        what = " and ".join(filter(None, (lacks, holds)))
        yield about(section, "placeholder", f"{what}.", f"Write it in {narrative.file}", "error")


def _beside_the_sections(words: Iterable[Said], emails: Collection[str]) -> Iterator[Finding]:
    """Yield personal data in headings of keepfolio's own making, such as the references and the CPD record."""
    for place in words:
        for one in personal.find(_readable(place), emails):
            severity: Literal["warning", "error"] = "warning" if one.own else "error"
            message = f"The page shows {one.kind}: {one.text} (in {place.where})."
            mend = "Take it out where it was written, or let it go when you publish"
            yield Finding("personal-data", severity, message, mend, item=one.text)


def _personal(section: Section, file: str, words: Iterable[Said], emails: Collection[str]) -> Iterator[Finding]:
    found = {one.text: (one, place) for place in words for one in personal.find(_readable(place), emails)}
    for one, place in found.values():
        mend = f'Take it out of {file}, or say there that it may be shown: waive: ["personal-data:{one.text}"]'
        mine = "your own e-mail address" if one.own else one.kind
        message = f"shows {mine}: {one.text} (in {place.where})."
        severity: Literal["warning", "error"] = "warning" if one.own else "error"
        yield replace(about(section, "personal-data", message, mend, severity), item=one.text)


def _readable(place: Said) -> str:
    return place.text.replace("_", " ") if place.joined and "@" not in place.text else place.text


def _dubious(section: Section, shown: PageSection, portfolio: Portfolio) -> Iterator[Finding]:
    """Yield the pictures that nobody may be known to have allowed."""
    severity: Literal["warning", "error"] = "error" if portfolio.edition is Visibility.PUBLIC else "warning"
    for figure in _figures(shown, portfolio):
        if not licences.is_known(figure):
            title = figure.caption or figure.name
            waive = ownerfile.quoted(f"licence-unknown:{title}")
            mend = (
                f'keepfolio picture "{title}" --mine   (or: --credit "WHO MADE IT" --licence "CC BY 4.0"); '
                f"or let it go in the section's file: waive: [{waive}]"
            )
            found = about(section, "licence-unknown", f"shows “{title}” without maker or licence.", mend, severity)
            yield replace(found, item=title)


def _figures(shown: PageSection, portfolio: Portfolio) -> Iterator[Shown]:
    """Yield the pictures of a section, but for badges, which are issued to be shown: its evidence's, its own text's."""
    yield from (figure for item in shown.evidence if item.kind != BADGE for figure in item.figures)
    text = " ".join(part.html for part in shown.parts)
    yield from (figure for address, figure in portfolio.pictures.items() if f'<img src="{escape(address)}"' in text)


def _has_part(shown: PageSection, part_id: str) -> bool:
    part = next((p for p in shown.parts if p.id == part_id), None)
    return part is not None and (bool(part.html) or (part_id == "evidence" and bool(shown.evidence)))
