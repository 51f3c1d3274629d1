"""``cpd add`` and ``cpd change``: what the owner says of the record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archive.entry import Visibility
from bridge.cli.common import command, printable, result
from bridge.cli.cpd_words import day, in_json, line, still_to_come, tell_changed

if TYPE_CHECKING:
    from bridge.portfolio.cpd.record import Activity
    from bridge.session import Session

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--date", "on", metavar="DATE", help="The day, such as 2026-03-01, today or yesterday."),
    click.option("--until", metavar="DATE", help="The last day, where it took several."),
    click.option("--type", "type_", metavar="TYPE", help="reading, event, webinar, training, ... or a word of yours."),
    click.option("--hours", metavar="HOURS", help="How long it took: 1.5, 1:30 or 90 min."),
    click.option("--provider", help="Who offered it."),
    click.option("--theme", "themes", multiple=True, help="A theme of yours; may be given several times."),
    click.option("--criterion", "criteria", multiple=True, help="A section of your framework, such as 1a."),
    click.option("--principle", "principles", multiple=True, help="One of your framework's principles, by its id."),
    click.option("--with", "people", multiple=True, metavar='"NAME (ROLE)"', help="Who took part, and in which role."),
    click.option(
        "--evidence",
        multiple=True,
        metavar="ITEM",
        help="What shows it or came of it: a number of keepfolio list, an id, an address, or words of a title.",
    ),
    click.option("--related", multiple=True, metavar="ITEM", help="Another CPD entry that belongs to it."),
    click.option("--note", help="A note for yourself; it stands on no page."),
    click.option("--viewed", metavar="DATE", help="The day on which you watched the recording."),
    click.option(
        "--visibility",
        type=click.Choice([v.value for v in Visibility]),
        help="Who may see this line of the record; private until you say otherwise.",
    ),
)


def _particulars(command_: F) -> F:
    """Add the options that say what an entry holds."""
    for option in reversed(_OPTIONS):
        command_ = option(command_)
    return command_


@command("add")
@click.argument("title")
@_particulars
@click.option("--reflection", help="What you make of it. You may also do that later: keepfolio cpd reflect.")
@click.option("--planned", is_flag=True, help="It did not take place yet. So is everything of a day to come.")
def add(title: str, reflection: str | None, planned: bool, **said: Any) -> None:
    """
    Note something down, in one line.

    Without --date it was today. Everything else can be said later, with keepfolio cpd change or in a spreadsheet.
    """
    from archive.errors import UsageError
    from bridge import cpd
    from bridge.cli.opened import opened
    from bridge.portfolio.cpd.record import Activity

    session = opened()
    record = cpd.record(session)
    if not title.strip():
        raise UsageError("A CPD entry needs a title.", unchanged="Nothing was written.")
    today = session.today
    one = _said(session, record, Activity(id="", on=today, title=" ".join(title.split())), said)
    if planned or one.on > today:
        one = replace(one, status="planned")
    if reflection:
        one = replace(one, reflection=reflection.strip(), reflected=today)
    (one,) = cpd.added(session, [one])
    hints = [*_hints(record, one), *still_to_come(session, one)]
    value = {"ok": True, "entry": in_json(one, session.config.roles), "file": str(cpd.path(session)), "hints": hints}

    def words() -> str:
        lines = [f"Noted as {one.id}: {printable(line(one))}.", *(f"  {hint}" for hint in hints)]
        if one.status == "planned":
            lines.append(f"  When it took place: keepfolio cpd done {one.id}")
        elif not one.reflection:
            lines.append(f'  When you know what you make of it: keepfolio cpd reflect {one.id} "..."')
        return "\n".join(lines)

    result(value, words)


@command("change")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@_particulars
@click.option("--title", help="Another title.")
@click.option("--without", multiple=True, help="Take out a theme, criterion, principle, person or piece of evidence.")
def change(items: tuple[str, ...], title: str | None, without: tuple[str, ...], **said: Any) -> None:
    """
    Change what entries say, or who may see them.

    ITEM is a number of the last cpd list, an id, or words of the title; 3-7 stands for five numbers. Themes, criteria,
    people and evidence are added to those that are there. An option with "" empties what it names.
    """
    from archive.errors import UsageError
    from bridge import cpd
    from bridge.cli.opened import opened

    session = opened()
    record = cpd.record(session)
    found = cpd.several(session, record, items)
    single = [name for name in ("on", "until", "note", "viewed") if said[name] is not None] + (
        ["title"] if title else []
    )
    if len(found) > 1 and single:
        raise UsageError(
            f"{len(found)} entries cannot all have the same {single[0].replace('on', 'date')}.",
            unchanged="Nothing was written.",
            mend="Name one entry.",
        )
    changed = [_without(_said(session, record, one, said), without) for one in found]
    if title and title.strip():
        changed = [replace(one, title=" ".join(title.split())) for one in changed]
    for one in changed:
        if one.until and one.until < one.on:
            raise UsageError("The last day is before the first one.", unchanged="Nothing was written.")
    tell_changed(session, found, cpd.changed(session, changed), _opened_titles(session, changed))


def _opened_titles(session: Session, changed: Sequence[Activity]) -> list[str]:
    """Return a word on each entry whose readers will read the title of something that they may not see."""
    from bridge.building import Desk
    from bridge.portfolio import marks

    open_ones = [one for one in changed if one.visibility is not Visibility.PRIVATE and one.evidence]
    if not open_ones or not session.has_archive():
        return []
    desk = Desk(session)
    settled = marks.settled(desk.marks, desk.entries)
    hints = []
    for one in open_ones:
        for held in (desk.entries[name] for name in one.evidence if name in desk.entries):
            seen = marks.effective(held, settled)
            if seen.openness < one.visibility.openness and held.entry.title.casefold() == one.title.casefold():
                hints.append(
                    f"Careful: {one.id} has the title of something that is {seen.value}, so its line is, too: "
                    f'“{printable(one.title)}”. Another title: keepfolio cpd change {one.id} --title "..."'
                )
    return hints


def _said(session: Session, record: Sequence[Activity], one: Activity, said: dict[str, Any]) -> Activity:
    """Return an entry with what the options say; an empty word empties what it names."""
    from archive.errors import UsageError
    from bridge import cpd
    from bridge.building import Desk
    from bridge.portfolio.cpd import cells

    allowed = cpd.Allowed(Desk(session))
    changes: dict[str, Any] = {}
    for name in ("provider", "note"):
        if said[name] is not None:
            changes[name] = said[name].strip()
    if said["type_"] is not None:
        changes["type"] = said["type_"].strip()
    if said["hours"] is not None:
        try:
            changes["hours"] = cells.hours(said["hours"]) if said["hours"].strip() else None
        except ValueError as error:
            raise UsageError(f"--hours: {error}.", unchanged="Nothing was written.") from error
    for name in ("until", "viewed"):
        if said[name] is not None:
            changes[name] = day(session, said[name], f"--{name}")
    if said["on"]:
        changes["on"] = day(session, said["on"], "--date")
    if said["visibility"]:
        changes["visibility"] = Visibility(said["visibility"])
    known = {theme.casefold(): theme for other in record for theme in other.themes}
    themes = [known.get(theme.casefold(), theme) for theme in map(cells.element, said["themes"]) if theme]
    related = [cpd.find(session, record, item).id for item in said["related"]]
    lists = {
        "themes": themes,
        "criteria": allowed.criteria(said["criteria"]),
        "principles": allowed.principles(said["principles"]),
        "people": [cells.person(cells.element(name)) for name in said["people"] if name.strip()],
        "evidence": [*(cpd.evidence(session, item) for item in said["evidence"]), *related],
    }
    changes |= {name: tuple(dict.fromkeys((*getattr(one, name), *new))) for name, new in lists.items()}
    changed = replace(one, **changes)
    if changed.until and changed.until < changed.on:
        raise UsageError("The last day is before the first one.", unchanged="Nothing was written.")
    return changed


def _without(one: Activity, words: Sequence[str]) -> Activity:
    """Return an entry without the parts of a list that are called so."""
    from archive.errors import UsageError

    for word in words:
        wanted = word.strip().casefold()
        rest: dict[str, Any] = {
            name: tuple(part for part in getattr(one, name) if part.casefold() != wanted)
            for name in ("themes", "criteria", "principles", "evidence")
        }
        rest["people"] = tuple(who for who in one.people if who.name.casefold() != wanted)
        if all(rest[name] == getattr(one, name) for name in rest):
            raise UsageError(
                f"{one.id} has no theme, criterion, principle, person or piece of evidence called {word!r}.",
                unchanged="Nothing was written.",
                mend=f"See what it has: keepfolio cpd show {one.id}",
            )
        one = replace(one, **rest)
    return one


def _hints(record: Sequence[Activity], one: Activity) -> list[str]:
    """Return what might be a slip: a type or theme that is nearly one that is used, an entry that is nearly there."""
    from bridge.portfolio.cpd import joining
    from bridge.portfolio.cpd.record import TYPES

    types = {*TYPES, *(other.type for other in record if other.type)}
    themes = {theme for other in record for theme in other.themes}
    hints = [f"“{one.type}” is a new type; there is also “{near}”." for near in _near(one.type, types)]
    hints += [
        f"“{theme}” is a new theme; you also have “{near}”." for theme in one.themes for near in _near(theme, themes)
    ]
    hints += [
        f"{other.id} of that day is much alike. If it is the same: keepfolio cpd join {other.id} {one.id}"
        for other, new in joining.alike([*record, one])
        if new.id == one.id and other.status != "dropped"
    ]
    return [printable(hint) for hint in hints]


def _near(word: str, known: Collection[str]) -> list[str]:
    """Return the known word that was probably meant by one that is not known."""
    from difflib import get_close_matches

    return [] if not word or word in known else get_close_matches(word, known, 1, 0.75)
