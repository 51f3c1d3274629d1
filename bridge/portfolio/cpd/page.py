"""The CPD record on the page: counts by type, a table for each year, a timeline. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from archive.entry import Visibility
from bridge.portfolio.cpd import cells, choosing, counting, traces
from bridge.portfolio.cpd.choosing import Window
from bridge.portfolio.cpd.record import Activity
from bridge.portfolio.editions import Edition
from bridge.portfolio.framework import Principle
from bridge.portfolio.making import Make
from bridge.portfolio.model import LeftOut, PagePart, PageSection
from bridge.portfolio.people import Person
from bridge.render import drawings

PART = "cpd-record"
USUAL = ("date", "title", "type", "theme", "evidence")
"""The columns where a framework names none."""

_SEEN_BY = {Visibility.PRIVATE: "only you", Visibility.ASSESSOR: "you and assessors"}


@dataclass(frozen=True)
class Record:
    """
    What the record is made from.

    Attributes:
        window: The days that it covers, both ends included.

        fields: The framework's columns.

        posts: The owner's posts, for the place of work.

        people: Whom a page may name.
    """

    activities: Sequence[Activity]
    window: Window
    fields: Sequence[str] = USUAL
    posts: Sequence[counting.Post] = ()
    people: Collection[Person] = ()
    principles: Sequence[Principle] = ()

    def with_fields(self, fields: Sequence[str]) -> Record:
        """Return the same with a section's own columns, if it names any."""
        return replace(self, fields=fields or self.fields)


def make(record: Record) -> Make:
    """Return what makes the section of the record: what the owner wrote there, then the record of the window."""

    def made(section: PageSection, edition: Edition) -> tuple[PageSection, ...]:
        inside = choosing.in_order(choosing.within(record.activities, record.window))
        took_place = choosing.done(inside)
        shown = [one for one in took_place if traces.may_show(one, edition)]
        if kept := len(took_place) - len(shown):
            what = f"{kept} of {len(took_place)} entries of the CPD record"
            edition.left_out.append(LeftOut(PART, "you have not opened them", section.id, what))
        planned = [one for one in inside if one.status == "planned" and edition.edition is Visibility.PRIVATE]
        if not shown and not planned:
            return (section,)
        found = traces.Traces(edition, section.id, choosing.by_id(shown))
        html = Markup("\n").join(_Page(record, edition, found).blocks(shown, planned))
        part = PagePart(
            PART,
            "",
            str(html),
            drawing=_timeline(shown, _span(shown, record.window, edition), edition) if shown else "",
        )
        own = [one for one in section.parts if not one.placeholder]
        cited = {item.entry_id for item in section.evidence}
        along = [item for name, item in found.along.items() if name not in cited]
        return (
            replace(
                section,
                parts=tuple(sorted((*own, part), key=lambda one: one.id == "evidence")),
                evidence=(*section.evidence, *along),
                placeholder=section.placeholder and not shown,
            ),
        )

    return made


@dataclass
class _Page:
    record: Record
    edition: Edition
    traces: traces.Traces
    moved: bool = False

    def blocks(self, shown: Sequence[Activity], planned: Sequence[Activity]) -> Iterable[Markup]:
        """Yield the pieces of the record, in reading order."""
        if shown:
            yield Markup("<p>{}</p>").format(_in_a_sentence(shown, _span(shown, self.record.window, self.edition)))
        by_type = counting.counted(shown, lambda one: (one.type,) if one.type else ())
        if len(by_type) > 1:
            yield _by_type(by_type)
        self.moved = len({place for one in shown for place in self._places(one)}) > 1
        columns = self._columns(shown)
        for year, inside in counting.counted(shown, lambda one: (str(one.on.year),)).items():
            head = f"CPD in {year}: {_how_many(inside)}"
            rows = [[column(one) for _, column in columns] for one in inside]
            yield drawings.table(head, [name for name, _ in columns], rows)
        if "principles" in self.record.fields and any(self._principles(one) for one in shown):
            yield Markup("<p>The principles by their numbers:</p>\n<ol>{}</ol>").format(
                Markup().join(Markup("<li>{}</li>").format(p.title) for p in self.record.principles)
            )
        if planned:
            lines = (Markup("<li>{}: {}</li>").format(day(one.on), one.title) for one in planned)
            yield Markup("<p>Planned, and in your draft only:</p>\n<ul>{}</ul>").format(Markup().join(lines))

    def _columns(self, shown: Sequence[Activity]) -> list[tuple[str, Callable[[Activity], str]]]:
        """Return the columns that hold something, each with what makes its cells; few, for a page is narrow."""
        fields = frozenset(self.record.fields)
        columns: list[tuple[str, bool, Callable[[Activity], str]]] = [
            ("Date", True, days),
            ("Activity", True, self._activity),
            ("Theme", bool({"theme", "principles"} & fields), self._belongs),
            ("Evidence", "evidence" in fields, lambda one: Markup("<br>").join(self.traces.of(one))),
            ("Reflection", "reflection" in fields, lambda one: traces.reflection(one, self.edition)),
        ]
        return [(name, cell) for name, wanted, cell in columns if wanted and any(cell(one) for one in shown)]

    def _activity(self, one: Activity) -> Markup:
        drafted = self.edition.edition is Visibility.PRIVATE
        said = [
            one.type.capitalize(),
            _hours(one.hours) if one.hours else "",
            traces.provider(one, self.edition),
            traces.company(one, self.record.people, self.edition),
            f"at {' and '.join(self._places(one))}" if self.moved and self._places(one) else "",
            f"recording watched on {day(one.viewed)}" if one.viewed and one.viewed != one.on else "",
            _SEEN_BY.get(one.visibility, "") if drafted else "",
        ]
        more = ", ".join(part for part in said if part)
        name = Markup("{}").format(traces.title(one, self.edition))
        return Markup('{}<br><span class="kf-meta">{}</span>').format(name, more) if more else name

    def _places(self, one: Activity) -> tuple[str, ...]:
        """Return the places of work, where the framework asks for them; one that never changed says nothing."""
        return counting.places(one, self.record.posts) if "workplace" in self.record.fields else ()

    def _belongs(self, one: Activity) -> str:
        principles = self._principles(one) if "principles" in self.record.fields else ""
        numbered = f"principle {principles}" if principles else ""
        return "; ".join(part for part in (*one.themes, numbered) if part)

    def _principles(self, one: Activity) -> str:
        ids = [principle.id for principle in self.record.principles]
        return ", ".join(str(ids.index(name) + 1) for name in one.principles if name in ids)


def _by_type(by_type: dict[str, tuple[Activity, ...]]) -> Markup:
    hours = any(one.hours for inside in by_type.values() for one in inside)
    rows = []
    for name, inside in by_type.items():
        count = counting.total(inside)
        row = [name.capitalize() or "Other", str(count.entries)]
        rows.append([*row, str(cells.plain(count.hours)) if count.hours else ""] if hours else row)
    return drawings.table("CPD by type", ["Type", "Activities", *(["Hours"] if hours else [])], rows)


def _timeline(shown: Sequence[Activity], span: tuple[date, date], edition: Edition) -> str:
    marks = [
        drawings.Mark(traces.title(one, edition), one.on, one.until, one.type.capitalize() or "Other") for one in shown
    ]
    return drawings.timeline("CPD over time", marks, *span)


def _span(shown: Sequence[Activity], window: Window, edition: Edition) -> tuple[date, date]:
    """Return the first and the last day that the record speaks of: of a time that still runs, until today."""
    first = window[0] or min(one.on for one in shown)
    today = edition.as_of.astimezone(edition.zone).date()
    latest = max(one.until or one.on for one in shown)
    return first, max(latest, min(window[1] or latest, today))


def _in_a_sentence(shown: Sequence[Activity], span: tuple[date, date]) -> str:
    return f"{_how_many(shown)}, from {day(span[0])} to {day(span[1])}."


def _how_many(shown: Sequence[Activity]) -> str:
    count = counting.total(shown)
    activities = f"{count.entries} {'activity' if count.entries == 1 else 'activities'}"
    if not count.hours:
        return activities
    return f"{activities}, {_hours(count.hours)} noted"


def _hours(hours: Decimal) -> str:
    return f"{cells.plain(hours)} {'hour' if hours == 1 else 'hours'}"


def day(when: date) -> str:
    """Return a day written out: ``1 March 2026``."""
    return f"{when.day} {when:%B %Y}"


def days(activity: Activity) -> str:
    """Return the days of an entry: ``1 March 2026``, ``2 to 4 September 2026``."""
    first, last = activity.on, activity.until or activity.on
    if first == last:
        return day(first)
    same = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same else day(first)} to {day(last)}"
