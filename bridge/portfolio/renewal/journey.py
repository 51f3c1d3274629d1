"""What a review says in depth: the learning journey over all themes, and a section for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from html import escape

from archive.entry import Visibility
from bridge.portfolio import wording
from bridge.portfolio.cpd import traces
from bridge.portfolio.cpd.record import Activity
from bridge.portfolio.editions import Edition
from bridge.portfolio.framework import Framework, Part, Section
from bridge.portfolio.making import Make
from bridge.portfolio.model import LeftOut, PagePart, PageSection
from bridge.portfolio.narrative import Cited, Passage, is_placeholder
from bridge.portfolio.renewal.earlier import cited
from bridge.portfolio.renewal.seal import words_of
from bridge.portfolio.renewal.theme import Theme, slug
from bridge.portfolio.schema import Column, SectionSpec, every
from bridge.render import drawings, markdown

KIND = "cpd-depth"


@dataclass(frozen=True)
class Depth:
    """The section of a framework that goes into depth, as data: how many, which columns, which parts of each."""

    section: Section
    spec: SectionSpec

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns of the learning journey; none where the framework has no such table."""
        return self.spec.table.columns if self.spec.table else ()

    @property
    def exactly(self) -> int:
        """Return how many there must be; 0 where the framework does not say."""
        return self.spec.exactly.count if self.spec.exactly else 0

    @property
    def table_wanted(self) -> bool:
        """Whether the description is composed of a table, too."""
        composed = self.spec.composition
        return bool(self.columns) and (composed is None or "table" in composed.description)

    @property
    def activities_wanted(self) -> bool:
        """Whether the evidence is composed of a list of activities, too."""
        composed = self.spec.composition
        return composed is None or any("activities" in one for one in composed.evidence)


def depth(framework: Framework, pathway: str) -> Depth | None:
    """Return the section in which a framework goes into depth, or None."""
    specs = {spec.id: spec for spec in every(framework.spec.sections) if spec.kind == KIND}
    found = next((section for section in framework.flat(pathway) if section.id in specs), None)
    return Depth(found, specs[found.id]) if found else None


def made(
    wanted: Depth, themes: Sequence[Theme], record: Sequence[Activity], window: tuple[date, date] | None
) -> Mapping[str, Make]:
    """Return what makes the section of depth of its themes; nothing where there are none: it is the owner's own."""
    if not themes:
        return {}

    def make(written: PageSection, shelf: Edition) -> tuple[PageSection, ...]:
        shown = [theme for theme in themes if _may_stand(theme, wanted, shelf)]
        sections = [_section(theme, wanted, theme.activities(record, window), shelf) for theme in shown]
        parts = [part for part in written.parts if not part.placeholder]
        if wanted.table_wanted and shown:
            parts.insert(0, _table(wanted, shown))
        whole = replace(written, parts=tuple(parts), placeholder=not shown, words=len(words_of(parts)))
        return (whole, *sections)

    return {wanted.section.id: make}


def id_of(wanted: Depth, theme: Theme) -> str:
    """Return the id of a theme's section on the page."""
    return f"{wanted.section.id}-{slug(theme.id)}"


def _may_stand(theme: Theme, wanted: Depth, shelf: Edition) -> bool:
    """Say whether a theme is for those who read this edition, and note why where it is not."""
    if shelf.edition is Visibility.PRIVATE:
        return True
    why = ""
    if theme.visibility.openness < shelf.edition.openness:
        why = f"its file says visibility: {theme.visibility.value}"
    elif not theme.ready:
        why = "its file does not say ready: true"
    if why:
        shelf.left_out.append(LeftOut(id_of(wanted, theme), why, id_of(wanted, theme), theme.title))
    return not why


def _table(wanted: Depth, themes: Iterable[Theme]) -> PagePart:
    spec = wanted.spec.table
    assert spec is not None
    head = ["Theme", *(column.title for column in spec.columns)]
    rows = [[theme.title, *(_cell(theme, column) for column in spec.columns)] for theme in themes]
    return PagePart(spec.id, spec.title, str(drawings.table(f"{spec.title} by theme", head, rows)))


def _cell(theme: Theme, column: Column) -> str:
    text = theme.journey.get(column.id, "")
    return "" if is_placeholder(text) else text


def _section(theme: Theme, wanted: Depth, activities: Iterable[Activity], shelf: Edition) -> PageSection:
    name, level = id_of(wanted, theme), wanted.section.level + 1
    listed, linked = _activities(activities, shelf) if wanted.activities_wanted else ("", ())
    own = {one.entry for one in theme.evidence}
    evidence = cited([*theme.evidence, *(one for one in linked if one.entry not in own)], name, shelf)
    parts = list(_parts(theme, wanted.section.parts, listed, bool(evidence), level, shelf))
    if theme.reason:
        parts.insert(0, PagePart("", "", f"<p>{escape(theme.reason)}</p>"))
    return PageSection(
        id=name,
        title=theme.title,
        level=level,
        gathers=False,
        parts=tuple(parts),
        evidence=evidence,
        ready=theme.ready,
        words=len(words_of(parts)),
        within=wanted.section.id,
    )


def _parts(
    theme: Theme,
    asked: Sequence[Part],
    listed: str,
    has_evidence: bool,  # noqa: FBT001
    level: int,
    shelf: Edition,
) -> Iterable[PagePart]:
    """Yield the framework's parts in its order, then the owner's own; empty ones only in the owner's draft."""
    passages = {passage.id: passage for passage in theme.passages}
    known = [Passage(part.id, part.title, "") for part in asked]
    ids = {passage.id for passage in known}
    if "evidence" not in ids and (listed or has_evidence):
        known.append(Passage("evidence", "Evidence", ""))
    first = [passage for passage in theme.passages if passage.id == ""]
    own = [passage for passage in theme.passages if passage.id and passage.id not in ids | {"evidence"}]
    for passage in [*first, *(passages.get(one.id, one) for one in known), *own]:
        made = listed if passage.id == "evidence" else ""
        covered = passage.id == "evidence" and (bool(listed) or has_evidence)
        empty = passage.placeholder and not covered
        if empty and (shelf.edition is not Visibility.PRIVATE or not passage.id):
            continue
        text = "" if passage.placeholder else passage.markdown
        below = level + (1 if passage.title else 0)
        html = markdown.render(text, below, pictures=shelf.picture, links=shelf.link)
        yield PagePart(passage.id, passage.title, html + made, placeholder=empty)


def _activities(activities: Iterable[Activity], shelf: Edition) -> tuple[str, tuple[Cited, ...]]:
    """Return the list of activities that an edition may show, with what came of each, and what to bring along."""
    items: list[str] = []
    brought: list[Cited] = []
    for one in activities:
        if one.status != "done" or not traces.may_show(one, shelf):
            continue
        outputs: list[str] = []
        for output in one.evidence:
            link, citation = _output(output, one, shelf)
            outputs += [link] if link else []
            brought += [citation] if citation else []
        more = ", ".join(escape(word) for word in (one.type, traces.provider(one, shelf)) if word)
        line = f"{_day(one.on)}: {escape(traces.title(one, shelf))}{f' ({more})' if more else ''}{_seen_by(one, shelf)}"
        below = "".join(f"<li>{output}</li>" for output in outputs)
        items.append(f"<li>{line}{f'<ul>{below}</ul>' if below else ''}</li>")
    widest = sorted(brought, key=_openness, reverse=True)  # of one that two activities link to
    return (f"<ul>{''.join(items)}</ul>" if items else ""), tuple({c.entry: c for c in reversed(widest)}.values())


def _seen_by(activity: Activity, shelf: Edition) -> str:
    """Say in the owner's draft who else reads an activity, where not everybody does."""
    if shelf.edition is not Visibility.PRIVATE or activity.visibility is Visibility.PUBLIC:
        return ""
    return "; only you" if activity.visibility is Visibility.PRIVATE else "; you and assessors"


def _openness(citation: Cited) -> int:
    return citation.visibility.openness if citation.visibility else 0


def _output(output: str, activity: Activity, shelf: Edition) -> tuple[str, Cited | None]:
    """Return an output as a link, or as its title with what to bring along; nothing where it may not be shown."""
    if not output.startswith("urn:"):
        address = shelf.web_link(output)
        return (f'<a href="{escape(address)}">{escape(_plain(output))}</a>' if address else ""), None
    citation = Cited(output, visibility=activity.visibility)
    held = shelf.entries.get(output)
    if held is None or shelf.why_not(output, citation.visibility):
        return "", citation  # left out, and noted so, where the evidence is gathered
    title = escape(held.entry.title or wording.kind(held.entry))
    address = shelf.link(output)
    return (f'<a href="{escape(address)}">{title}</a>', None) if address else (title, citation)


def _day(on: date) -> str:
    return wording.day(datetime.combine(on, time(12), UTC), UTC)


def _plain(address: str) -> str:
    return address.partition("://")[2].rstrip("/") or address
