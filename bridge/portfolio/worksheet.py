"""
A sheet for one session of writing: what a section asks for, what is there, what is missing, and room for notes.

It is for its owner alone: nothing of it reaches a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bridge.portfolio import guidance
from bridge.portfolio.framework import Section
from bridge.portfolio.narrative import Narrative
from connectors.contract import Finding


@dataclass(frozen=True)
class Piece:
    """Something of the archive, as the sheet names it: evidence, or what could be some."""

    title: str
    kind: str = ""
    date: str = ""
    why: str = ""


@dataclass(frozen=True)
class Sheet:
    """
    One section's sheet.

    Attributes:
        section: As the framework asks for it.

        title: As its owner calls it.

        portfolio: What it belongs to ("Senior CMALT").

        printed: The day, written out.

        percent: How far the section is.

        words: How many are written.

        narrative: The section's file, if there is one.

        then: What its owner wrote in it in the portfolio before, with the year.

        lacking: What ``gaps`` says of it.

        cited: Its evidence.

        suggested: What the owner's tags suggest; ``proposed`` what a crosswalk of ours does; ``pictures`` pictures.
    """

    section: Section
    title: str
    portfolio: str
    printed: str
    percent: int
    words: int
    narrative: Narrative | None
    then: str = ""
    lacking: Sequence[Finding] = ()
    cited: Sequence[Piece] = ()
    suggested: Sequence[Piece] = ()
    proposed: Sequence[Piece] = ()
    pictures: Sequence[Piece] = ()


_SAID_ELSEWHERE = frozenset({"plan", "suggested", "crosswalk"})
"""Findings that have a place of their own on the sheet."""


def markdown(sheet: Sheet) -> str:
    """Return the sheet as Markdown; harvested titles are plain text in it."""
    return "\n".join(_lines(sheet)).rstrip("\n") + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    done = f"{sheet.percent} % done, {sheet.words} {'word' if sheet.words == 1 else 'words'}"
    yield from (f"# {_plain(sheet.title)}", "", f"{_plain(sheet.portfolio)} · {sheet.printed} · {done}", "")
    yield from _headed("What it asks for", [*_asked(sheet.section)])
    lacking = [f for f in sheet.lacking if f.code not in _SAID_ELSEWHERE]
    yield from _headed("What is missing", _items(_finding(f) for f in lacking) or ["Nothing."])
    if sheet.narrative is not None and sheet.narrative.plan:
        yield from _headed("What you plan for it", [_plain(sheet.narrative.plan)])
    if sheet.then:
        year, _, text = sheet.then.partition(":\n\n")
        yield from _headed(_plain(year), [text])
    yield from _headed("Written so far", [*_written(sheet.narrative)] or ["Nothing yet."])
    yield from _headed("Evidence", _items(map(_piece, sheet.cited)) or ["None yet."])
    offered = [
        ("Your tags suggest:", sheet.suggested),
        ("Evidence elsewhere already, by a table of ours:", sheet.proposed),
        ("Pictures:", sheet.pictures),
    ]
    could = [line for intro, pieces in offered if pieces for line in (intro, "", *_items(map(_piece, pieces)), "")]
    if could:
        yield from _headed("What could be cited", could)
    yield from ("## Notes", "")


def _asked(section: Section) -> Iterator[str]:
    if section.prompt:
        yield from (f"**{_plain(section.prompt)}**", "")
    yield from _items(_plain(hint) for hint in guidance.hints(section))
    for part in section.parts:
        yield from _items(
            [f"{_plain(part.title)}: {_plain(' '.join(guidance.PART_HINTS.get(part.id, ())))}".rstrip(": ")]
        )


def _written(narrative: Narrative | None) -> Iterator[str]:
    """Yield the owner's own text; its headings go one below the sheet's."""
    for passage in narrative.passages if narrative else ():
        if passage.markdown.strip():
            yield from (*([f"### {_plain(passage.title)}", ""] if passage.title else []), passage.markdown.strip(), "")


def _headed(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from (f"## {title}", "", *lines, "")


def _items(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines if line]


def _finding(finding: Finding) -> str:
    return f"{_plain(finding.message)} {_plain(finding.mend)}".rstrip()


def _piece(piece: Piece) -> str:
    about = ", ".join(part for part in (piece.kind, piece.date) if part)
    why = f": {_plain(piece.why)}" if piece.why else ""
    return f"“{_plain(piece.title)}”{f' ({_plain(about)})' if about else ''}{why}"


def _plain(text: str) -> str:
    """Return text on one line that Markdown leaves as it is."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))
