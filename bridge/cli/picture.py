"""``picture``: who made the pictures of the portfolio, and what others may do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archive.entry import Visibility
from archive.errors import UsageError
from bridge.cli.common import command, printable, result
from bridge.cli.portfolio import desk_of_today

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.licences import Note
    from bridge.portfolio.model import Shown


@command("picture")
@click.argument("item", required=False)
@click.option("--mine", is_flag=True, help="You made it yourself.")
@click.option("--all-mine", is_flag=True, help="You made all pictures of the portfolio of which nothing is known.")
@click.option("--credit", default="", help="Who made it.")
@click.option("--licence", default="", help="What others may do with it, such as CC BY 4.0.")
@click.option("--alt", default="", help="What it shows, for those who do not see it.")
@click.option("--caption", default="", help="What stands below it.")
@click.option("--file", default="", metavar="NAME", help="Only this one, where ITEM holds several pictures.")
def picture(
    item: str | None, mine: bool, all_mine: bool, credit: str, licence: str, alt: str, caption: str, file: str
) -> None:
    """
    Say who made a picture. Without ITEM: list the pictures of the portfolio, and what is known of each.

    A picture of unknown maker and licence keeps the public page from going live. What you say stands in
    portfolio/pictures.yaml; it counts before what the source says.
    """
    from bridge.portfolio.licences import Note

    desk = desk_of_today()
    if all_mine and not item:
        _note(desk, [Note(shown.entry_id, shown.name, mine=True) for shown in _pictures(desk) if not _known(shown)])
    elif item:
        if not any((mine, credit, licence, alt, caption)):
            raise UsageError("Say something of it: --mine, --credit, --licence, --alt or --caption.")
        _note(desk, [Note(_find(desk, item), file, mine, credit, licence, alt, caption)])
    else:
        _list(desk)


def _known(shown: Shown) -> bool:
    from bridge.portfolio.licences import is_known

    return is_known(shown)


def _pictures(desk: Desk) -> list[Shown]:
    """Return the pictures that an edition shows, each once, but for badges: those are issued to be shown."""
    from bridge.portfolio.gates import BADGE

    found: dict[str, Shown] = {}
    for edition in (Visibility.PUBLIC, Visibility.ASSESSOR, Visibility.PRIVATE):
        portfolio = desk.portfolio(edition)
        for section in portfolio.sections:
            for item in section.evidence:
                for shown in item.figures if item.kind != BADGE else ():
                    found.setdefault(shown.sha256, shown)
        for shown in portfolio.pictures.values():
            found.setdefault(shown.sha256, shown)
    return list(found.values())


def _find(desk: Desk, item: str) -> str:
    """Return the id of the entry that is meant; a caption on the page names it, too."""
    from bridge.items import find
    from bridge.portfolio import wording

    wanted = item.casefold()
    shown = _pictures(desk)
    exact = {s.entry_id for s in shown if wanted in (s.caption.casefold(), s.name.casefold())}
    words = wanted.split()
    near = {s.entry_id for s in shown if words and all(word in s.caption.casefold() for word in words)}
    for named in (exact, near):
        if len(named) == 1:
            return named.pop()
    try:
        found = find(desk.session.existing_archive(), desk.workspace, item)
    except UsageError as error:
        if error.code == "no-such-item":
            error.mend = "See what the portfolio shows: keepfolio picture"
        raise
    if not any(wording.is_image(one) for one in found.entry.files):
        raise UsageError(
            f"“{printable(found.entry.title or found.entry.native_id)}” holds no picture.",
            code="no-picture",
            unchanged="Nothing was written.",
            mend="See which pictures the portfolio shows: keepfolio picture",
        )
    return found.id


def _note(desk: Desk, new: list[Note]) -> None:
    from bridge.portfolio import licences

    path = desk.workspace.portfolio / licences.FILE_NAME
    titles = {note.entry: desk.entries[note.entry].entry.title for note in new}
    for note in new:
        licences.note(path, note, titles[note.entry])
    named = [titles.get(note.entry, note.file) or note.entry for note in new]
    lines = [f"Noted: {printable(name)}" for name in named] or ["Of every picture its maker or licence is known."]
    result({"ok": True, "noted": [note.entry for note in new], "file": str(path)}, "\n".join([*lines, f"  {path}"]))


def _list(desk: Desk) -> None:
    from bridge.portfolio import licences

    pictures = _pictures(desk)
    value = [
        {
            "id": shown.entry_id,
            "name": shown.name,
            "caption": shown.caption,
            "credit": shown.credit,
            "licence": licences.named(shown.licence).name if shown.licence else "",
            "known": licences.is_known(shown),
        }
        for shown in pictures
    ]

    def words() -> str:
        lines = []
        for shown, told in zip(pictures, value, strict=True):
            said = ", ".join(str(part) for part in (told["credit"], told["licence"]) if part)
            title = printable(shown.caption or shown.name)
            lines.append(f"+ {title}: {said}" if said else f"! {title}: maker and licence unknown")
        unknown = sum(not told["known"] for told in value)
        if unknown:
            lines += ["", f"Of {unknown}, nobody knows who made them. If you did: keepfolio picture --all-mine"]
        return "\n".join(lines) or "The portfolio shows no picture yet."

    result({"pictures": value}, words)
