"""``worksheet``: one section on a sheet, for a session of writing."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.common import command, result, say
from bridge.cli.portfolio import GENERATION_HELP, desk_of_today


@command("worksheet")
@click.argument("section")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it into this file (.md or .html).")
@click.option("--html", is_flag=True, help="Give it as a page to print.")
@click.option("--open", "open_", is_flag=True, help="Open it in the browser, to print it.")
@click.option("--generation", default="", help=GENERATION_HELP)
def worksheet(section: str, out: Path | None, html: bool, open_: bool, generation: str) -> None:
    """
    Give one section on a sheet: what it asks for, what is there, what is missing, and room for notes.

    It is for you alone; nothing of it ever reaches a page.
    """
    from archive.errors import UsageError
    from bridge import worksheets
    from bridge.portfolio import mapping, ownerfile
    from bridge.portfolio import worksheet as sheets
    from bridge.render import sheet as pages

    desk = desk_of_today(generation)
    wanted = mapping.citable(desk.framework, desk.generation.pathway, section)
    sheet = worksheets.sheet(desk, wanted)
    text = sheets.markdown(sheet)
    if out is not None and out.suffix.lower() not in (".md", ".html", ".htm"):
        raise UsageError(
            f"{out.name} ends neither in .md nor in .html.",
            unchanged="Nothing was written.",
            mend=f"keepfolio worksheet {wanted.id} --out {out.with_suffix('.html')}",
        )
    as_page = html or open_ or (out is not None and out.suffix.lower() in (".html", ".htm"))
    if as_page:
        text = pages.page(sheet.title, text, desk.session.config.language)
    place = out or (desk.workspace.build / "worksheets" / f"{wanted.id}.html" if open_ else None)
    if place is not None:
        if out is not None and place.exists():
            raise UsageError(
                f"{place} is there already, and your notes may be in it.",
                code="file-exists",
                unchanged="It is as it was.",
                mend="Name another file.",
            )
        ownerfile.save(place, text)
    value = {
        "section": wanted.id,
        "title": sheet.title,
        "percent": sheet.percent,
        "words": sheet.words,
        "path": str(place) if place else "",
        "text": text,
    }
    result(value, lambda: str(place) if place else text.rstrip("\n"))
    if place is not None and not open_:
        say("Print it, or write into it.")
    if open_ and place is not None:
        click.launch(str(place))
