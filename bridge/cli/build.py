"""``build``: the portfolio as a page, on this computer."""

from __future__ import annotations

from pathlib import Path

import click

from archive.entry import Visibility
from bridge.cli.common import command, printable, result
from bridge.cli.portfolio import EDITIONS, desk_of_today


@command("build")
@click.option("--edition", type=EDITIONS, help="Who it is for (default: private, your own draft; public with --paste).")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="The folder (default: build/EDITION).")
@click.option("--open", "open_", is_flag=True, help="Open the page in the browser.")
@click.option("--paste", is_flag=True, help="Also give block markup and files to put into WordPress by hand.")
def build(edition: str | None, out: Path | None, open_: bool, paste: bool) -> None:
    """
    Make the portfolio page, on this computer only.

    The private edition is your own draft and shows what is still missing. --paste is for sites where keepfolio may
    not write: WordPress.com without a plan, or an author's account.
    """
    from bridge import building, owner, views

    desk = desk_of_today().begin()
    owner.keep(desk.session.archive, desk.workspace)
    wanted = Visibility(edition or ("public" if paste else "private"))
    portfolio, built = building.build(desk, wanted)
    folder = out or desk.workspace.build / wanted.value
    place = building.write(built, folder)
    pasted = building.write_paste(built, folder / "paste") if paste else None
    value = {
        "edition": wanted.value,
        "path": str(place),
        "words": portfolio.words,
        "figures": portfolio.figures,
        "evidence": portfolio.evidence,
        "left_out": [{"id": item.id, "why": item.why} for item in portfolio.left_out],
        "release": built.release.id,
        "paste": str(pasted) if pasted else "",
    }

    def words() -> str:
        lines = [
            (
                f"Built the {wanted.value} edition: {views.counted(portfolio.words, 'word')}, "
                f"{views.counted(portfolio.figures, 'figure')}, "
                f"{views.counted(portfolio.evidence, 'piece')} of evidence."
            ),
            *(f"  Left out: {printable(i.title or i.id)}: {i.why}" for i in portfolio.left_out),
            f"  {place}",
        ]
        if pasted:
            lines.append(f"  To paste: {pasted} (read HOW.txt in it first)")
        return "\n".join(lines)

    result(value, words)
    if open_:
        click.launch(str(place))
