"""``cpd import`` and ``cpd export``: what comes into the record from elsewhere, and how it leaves."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.entry import Visibility
from bridge.cli.common import command, interactive, printable, result, say
from bridge.cli.cpd_words import in_json, line, window, window_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bridge.cpd_offers import Offer
    from bridge.portfolio.cpd.choosing import Window
    from bridge.portfolio.cpd.record import Activity
    from bridge.session import Session


@command("import")
@click.argument("source", metavar="FILE.ics|FILE.csv|posts")
@window_options
@click.option("--all", "everything", is_flag=True, help="Take all of it, without asking.")
@click.option("--match", "matching", metavar="WORDS", help="Take what has these words in its title, without asking.")
@click.option("--again", is_flag=True, help="Offer also what you declined before.")
def import_(
    source: str, first: str | None, last: str | None, everything: bool, matching: str | None, again: bool
) -> None:
    """
    Take entries from a calendar, a table, or your tagged posts.

    Of a calendar you are asked, day by day, what belongs in your record; what you decline is not offered again. All of
    it is private. A table of another tool is read by the names of its columns, which are shown first; one that
    keepfolio wrote keeps what it says, also of who may see it. `posts` takes the posts in your archive that carry one
    of portfolio.cpd_tags; a tag such as cpd-reading gives the type.

    The same import a second time changes nothing.
    """
    from bridge import cpd_offers
    from bridge.cli.opened import opened

    session = opened()
    days = window(session, first, last)
    offered, mapping = _offers(session, source, *days)
    within = [o for o in offered if _is_in(o.activity, days)]
    open_ones = cpd_offers.open_ones(session, within, again=again)
    if mapping:
        say(mapping)
    taken: Sequence[Offer]
    declined: Sequence[Offer] = ()
    if everything or (source == "posts" and not matching):
        taken = open_ones
    elif matching:
        wanted = matching.casefold().split()
        taken = [o for o in open_ones if all(word in o.activity.title.casefold() for word in wanted)]
    elif open_ones and not interactive():
        _nobody_to_ask(source, open_ones)
    else:
        taken, declined = _asked(open_ones, by_day=not mapping)
    new = cpd_offers.take(session, taken, declined)
    alike = _alike(session, new)
    value = {
        "ok": True,
        "offered": len(within),
        "open": len(open_ones),
        "taken": [in_json(one, session.config.roles) for one in new],
        "declined": len(declined),
        "alike": [[one.id, other.id] for one, other in alike],
    }
    result(value, lambda: _told(new, len(within) - len(open_ones), len(declined), alike))


def _offers(session: Session, source: str, first: date | None, last: date | None) -> tuple[tuple[Offer, ...], str]:
    """Return what a source offers, and how the columns of a table are read."""
    from archive.errors import UsageError
    from bridge import cpd_calendar, cpd_csv, cpd_posts

    path = Path(source)
    if source == "posts":
        return cpd_posts.offers(session), ""
    if path.suffix.lower() == ".ics":
        return cpd_calendar.offers(session, path, first, last), ""
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        found = cpd_csv.found(session, path)
        if found.own:
            return found.offers, f"{path.name} is a record that keepfolio wrote; every column is read as what it is."
        rows = [f"  {ours:<10} from the column “{printable(theirs)}”" for ours, theirs in found.columns.items()]
        rest = f"\n  note       also: {printable(', '.join(found.others))}" if found.others else ""
        return found.offers, "\n".join([f"{path.name} is read like this:", *rows]) + rest
    raise UsageError(
        f"{source} is neither a calendar (.ics) nor a table (.csv).",
        unchanged="Nothing was taken from it.",
        mend="Export it as one of these, or take your tagged posts: keepfolio cpd import posts",
    )


def _is_in(activity: Activity, days: Window) -> bool:
    from bridge.portfolio.cpd import choosing

    return bool(choosing.within([activity], days))


def _nobody_to_ask(source: str, offers: Sequence[Offer]) -> None:
    from archive.errors import NeedsOwner
    from bridge import views

    example = printable(offers[0].activity.title)
    raise NeedsOwner(
        f"{views.counted(len(offers), 'entry')} could be taken, such as “{example}”, and there is nobody to ask which.",
        code="nobody-to-ask",
        unchanged="Nothing was taken.",
        mend=f'Run it in a terminal, or say which: keepfolio cpd import "{source}" --match WORDS   (or --all)',
    )


def _asked(offers: Sequence[Offer], *, by_day: bool) -> tuple[list[Offer], list[Offer]]:
    """Ask what belongs in the record; what was not reached is neither taken nor declined."""
    from bridge import views

    taken: list[Offer] = []
    declined: list[Offer] = []
    if not by_day:
        if offers and click.confirm(f"Take {views.counted(len(offers), 'entry')}?", default=False, err=True):
            taken = list(offers)
        return taken, declined
    if offers:
        say("Which of these belong in your CPD record? Numbers such as 1 3, all, or Enter for none.")
        say("q ends it and keeps your answers so far; Ctrl-C throws them away.")
        say("Of something that repeats, none leaves out the whole series, unless you took one of it before.\n")
    for day, on_day in groupby(offers, key=lambda o: o.activity.on):
        left_out = {o.declines for o in declined} - {o.declines for o in taken}
        here = [o for o in on_day if o.declines not in left_out]
        if not here:
            continue
        say(f"{day:%A} {day.day} {day:%B %Y}")
        for number, offer in enumerate(here, 1):
            say(f"  {number}  {offer.activity.title}" + (f"  ({offer.hint})" if offer.hint else ""))
        wanted = _numbers(len(here))
        if wanted is None:
            break
        taken += [offer for number, offer in enumerate(here, 1) if number in wanted]
        declined += [offer for number, offer in enumerate(here, 1) if number not in wanted]
    return taken, declined


def _numbers(most: int) -> set[int] | None:
    """Return the numbers that were answered; None to end."""
    while True:
        said = str(click.prompt("  Take", default="", show_default=False, err=True)).strip().lower()
        words = said.replace(",", " ").split()
        if said in ("q", "quit"):
            return None
        if said in ("all", "a", "y", "yes"):
            return set(range(1, most + 1))
        if said in ("none", "n", "no", "0"):
            return set()
        if all(word.isdigit() and 1 <= int(word) <= most for word in words):
            return {int(word) for word in words}
        say(f"  Write numbers from 1 to {most}, all, none, or q.")


def _alike(session: Session, new: Sequence[Activity]) -> list[tuple[Activity, Activity]]:
    """Return the new entries beside those of the record that may be the same event."""
    from bridge import cpd
    from bridge.portfolio.cpd import joining

    ids = {one.id for one in new}
    days = {one.on for one in new}
    live = [one for one in cpd.record(session) if one.on in days and one.status != "dropped"] if new else []
    return [pair for pair in joining.alike(live) if ids & {pair[0].id, pair[1].id}]


def _told(new: Sequence[Activity], known: int, declined: int, alike: Sequence[tuple[Activity, Activity]]) -> str:
    from bridge import views

    if not new and not declined:
        return "Nothing new: " + (f"{known} of them you have, or declined before." if known else "it offers nothing.")
    opened = [one for one in new if one.visibility is not Visibility.PRIVATE]
    private = f"{len(opened)} of it not private, as the table says" if opened else "all of it is private"
    lines = [f"{views.counted(len(new), 'entry')} added; {private}."]
    lines += [f"  {one.id}: {printable(line(one))}" for one in new[:20]]
    lines += [f"  and {len(new) - 20} more"] if len(new) > 20 else []
    if declined:
        lines.append(f"{declined} declined; not offered again (unless with --again).")
    lines += [
        f"{one.id} and {other.id} may be the same event. If so: keepfolio cpd join {one.id} {other.id}"
        for one, other in alike[:10]
    ]
    return "\n".join(lines)


@command("export")
@click.argument("path", metavar="FILE.csv|FILE.ics", type=click.Path(path_type=Path, dir_okay=False))
@window_options
def export(path: Path, first: str | None, last: str | None) -> None:
    """
    Write the record for a spreadsheet or a calendar.

    The file holds all that is in your record for these days, private entries too; it is yours, not for others.
    """
    from bridge import cpd, cpd_export, views
    from bridge.cli.opened import opened
    from bridge.portfolio.cpd import choosing

    session = opened()
    found = choosing.in_order(choosing.within(cpd.record(session), window(session, first, last)))
    cpd_export.write(path, found, session.config.roles)
    result(
        {"ok": True, "file": str(path), "entries": len(found)},
        lambda: f"{views.counted(len(found), 'entry')} written to {path}. Private ones are among them.",
    )
