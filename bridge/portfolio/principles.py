"""The principles that a portfolio is judged by as a whole: what shows each, and a heading on the page that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from html import escape

from archive.entry import Visibility
from bridge.portfolio import wording
from bridge.portfolio.cpd import traces
from bridge.portfolio.cpd.record import Activity
from bridge.portfolio.editions import Edition
from bridge.portfolio.framework import Framework
from bridge.portfolio.making import MakePanel
from bridge.portfolio.mapping import Connections
from bridge.portfolio.model import PageSection, Panel
from bridge.portfolio.narrative import Narrative
from bridge.portfolio.schema import Principle


@dataclass(frozen=True)
class Standing:
    """
    What shows one principle.

    Attributes:
        sections: Sections whose file says that they show it as a whole.

        cited: Entries by section: those whose tag or citation names it.

        loose: Entries whose tag names it and that no section cites.

        activities: Entries of the CPD record.
    """

    principle: Principle
    sections: tuple[str, ...]
    cited: Mapping[str, tuple[str, ...]]
    loose: tuple[str, ...]
    activities: tuple[Activity, ...]

    @property
    def entries(self) -> tuple[str, ...]:
        """Return the entries of the archive that show it, each once."""
        return tuple(dict.fromkeys((*(i for ids in self.cited.values() for i in ids), *self.loose)))

    @property
    def shown(self) -> bool:
        """Return whether anything shows it."""
        return bool(self.sections or self.entries or self.activities)


def standings(
    framework: Framework,
    narratives: Mapping[str, Narrative],
    connections: Connections,
    activities: Iterable[Activity] = (),
) -> tuple[Standing, ...]:
    """Return what shows each principle of a framework, in its order. Planned and dropped CPD shows nothing. Pure."""
    done = [activity for activity in activities if activity.status == "done"]
    return tuple(_standing(principle, narratives, connections, done) for principle in framework.principles)


def _standing(
    principle: Principle, narratives: Mapping[str, Narrative], connections: Connections, done: Sequence[Activity]
) -> Standing:
    tagged = connections.principles.get(principle.id, ())
    cited: dict[str, tuple[str, ...]] = {}
    for section, ids in connections.cited.items():
        narrative = narratives.get(section)
        named = {c.entry for c in narrative.evidence if principle.id in c.principles} if narrative else set()
        if showing := tuple(i for i in ids if i in named or i in tagged):
            cited[section] = showing
    in_sections = {i for ids in connections.cited.values() for i in ids}
    return Standing(
        principle,
        sections=tuple(name for name, narrative in narratives.items() if principle.id in narrative.principles),
        cited=cited,
        loose=tuple(i for i in tagged if i not in in_sections),
        activities=tuple(activity for activity in done if principle.id in activity.principles),
    )


def panel(framework: Framework, found: Sequence[Standing]) -> MakePanel:
    """
    Return what makes the heading on the principles: each with links to the sections and evidence that show it.

    It names only what stands on the page, or what the edition may show. A principle that nothing there shows is named
    in the owner's own draft alone, as "none yet".
    """

    def make(sections: Sequence[PageSection], shelf: Edition) -> Panel | None:
        here = [section for section in sections if not section.generation]
        blocks = [(one.principle, list(_showing(one, here, shelf))) for one in found]
        if shelf.edition is not Visibility.PRIVATE:
            blocks = [(principle, items) for principle, items in blocks if items]
        html = "".join(_block(principle, items) for principle, items in blocks)
        return Panel("principles", framework.principles_title, html) if blocks else None

    return make


def _block(principle: Principle, items: Sequence[str]) -> str:
    listed = f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else "<p>None yet</p>"
    return f"<h3>{escape(principle.title)}</h3>{listed}"


def _showing(standing: Standing, sections: Sequence[PageSection], shelf: Edition) -> Iterator[str]:
    """Yield the items of one principle's list as safe HTML: whole sections, evidence, then the CPD record."""
    named: dict[str, list[str]] = {}
    for section in sections:
        if section.id in standing.sections and not section.placeholder:
            yield _link(f"#kf-{section.id}", section.title)
        for item in section.evidence:
            if item.entry_id in standing.cited.get(section.within or section.id, ()):
                title = _link(item.url, item.title) if item.url else escape(item.title)
                named.setdefault(title, []).append(_link(f"#kf-{section.id}", section.title))
    yield from (f"{title} (in {', '.join(places)})" for title, places in named.items())
    for entry_id in standing.loose:
        held = shelf.entries.get(entry_id)
        if held is not None and not shelf.why_not(entry_id, None) and shelf.link(entry_id):
            date = wording.day(held.entry.published, shelf.zone)
            yield _link(held.entry.url, held.entry.title or held.entry.url) + (f", {date}" if date else "")
    for activity in standing.activities:
        if traces.may_show(activity, shelf):
            noon = datetime.combine(activity.on, time(12), shelf.zone)
            yield f"{escape(traces.title(activity, shelf))}, {wording.day(noon, shelf.zone)}"


def _link(address: str, words: str) -> str:
    return f'<a href="{escape(address)}">{escape(words)}</a>'
