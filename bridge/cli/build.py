"""``build``: the portfolio as a page, a file, a PDF, a zip or plain text, on this computer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.entry import Visibility
from bridge.cli.common import command, leave, printable, result
from bridge.cli.portfolio import EDITIONS, desk_of_today

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.forms import Made
    from bridge.portfolio.model import Portfolio
    from connectors.contract import Finding

FORMS = ("folder", "file", "pdf", "zip", "text")
PARTLY = 3


@command("build")
@click.option("--edition", type=EDITIONS, help="Who it is for (default: private, your own draft; public with --paste).")
@click.option("--generation", default="", help="Which portfolio, by its folder's name (default: the one you work on).")
@click.option("--as", "form", type=click.Choice(FORMS), default="folder", help="What it becomes (default: folder).")
@click.option("--layout", type=click.Choice(["flat", "pages"]), help="One page, or one for each area.")
@click.option("--section", "sections", multiple=True, help="Only this section, to share it; may be given again.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="With --section: the last day of sharing, for its head."
)
@click.option(
    "--budget", type=click.FloatRange(min=0.1), help="How many MB a zip may have (default: your framework's)."
)
@click.option("--out", type=click.Path(path_type=Path), help="Where to (default: in build/).")
@click.option("--open", "open_", is_flag=True, help="Open it.")
@click.option("--paste", is_flag=True, help="Also give block markup and files to put into WordPress by hand.")
def build(
    edition: str | None,
    generation: str,
    form: str,
    layout: str | None,
    sections: tuple[str, ...],
    until: datetime | None,
    budget: float | None,
    out: Path | None,
    open_: bool,
    paste: bool,
) -> None:
    """
    Make the portfolio, on this computer only.

    The private edition is your own draft and shows what is still missing. For assessors, folder and zip are a bundle:
    it opens without the internet, has its evidence inside, and is made as small as your framework asks. --paste is for
    sites where keepfolio may not write: WordPress.com without a plan, or an author's account.
    """
    from bridge import building, bundling, forms, owner, renewing
    from bridge.session import now

    if until and not sections:
        raise click.UsageError("--until goes with --section: it says how long a part is shared.")
    if until and until.date() < now().date():
        raise click.UsageError(f"--until {until.date().isoformat()} is a day gone by.")
    if paste and form != "folder":
        raise click.UsageError("--paste goes with a folder: leave --as out.")
    desk = desk_of_today(generation).begin()
    owner.keep(desk.session.archive, desk.workspace)
    wish = forms.Wish(
        edition=Visibility(edition or ("public" if paste else "private")),
        form=form,
        layout=layout or desk.session.config.portfolio.layout,
        sections=sections,
        until=until.date() if until else None,
        budget=round(budget * bundling.MB) if budget else None,
        out=out,
    )
    made = forms.make(desk, wish)
    if not sections:
        unchanged = renewing.said(desk, wish.edition, made.built.release.fragment)
        made = replace(made, notes=(*unchanged, *made.notes))
    pasted = building.write_paste(made.built, made.path.parent / "paste") if paste else None
    found = forms.before_giving(desk, made.portfolio)
    result(_value(wish.edition, made, pasted, found), lambda: _words(wish.edition, made, pasted, found))
    if open_:
        click.launch(str(made.path))
    if not made.fits:
        leave(PARTLY)


def _value(edition: Visibility, made: Made, pasted: Path | None, found: Sequence[Finding]) -> dict[str, Any]:
    portfolio = made.portfolio
    return {
        "edition": edition.value,
        "path": str(made.path),
        "words": portfolio.words,
        "figures": portfolio.figures,
        "evidence": portfolio.evidence,
        "left_out": [{"id": item.id, "why": item.why} for item in portfolio.left_out],
        "release": made.built.release.id,
        "paste": str(pasted) if pasted else "",
        "size": made.size,
        "fits": made.fits,
        "reduced": [{"name": one.name, "before": one.before, "after": one.after} for one in made.reduced],
        "notes": list(made.notes),
        "findings": [
            {"code": f.code, "section": f.section, "severity": f.severity, "message": f.message, "mend": f.mend}
            for f in found
        ],
    }


def _words(edition: Visibility, made: Made, pasted: Path | None, found: Sequence[Finding]) -> str:
    from bridge import views
    from bridge.portfolio.wording import size

    lines = [
        _counted(edition, made.portfolio),
        *(f"  Left out: {printable(i.title or i.id)}: {i.why}" for i in made.portfolio.left_out),
        *(f"  Made smaller: {one.name}, {size(one.before)} to {size(one.after)}" for one in made.reduced),
    ]
    if made.reduced:
        lines.append(f"  The originals of {views.counted(len(made.reduced), 'file')} stay in your archive as they are.")
    lines += [f"  {printable(note)}" for note in made.notes]
    lines.append(f"  {made.path} ({size(made.size)})")
    if pasted:
        lines.append(f"  To paste: {pasted} (read HOW.txt in it first)")
    lines += ["", "Before you give it away:"] if found else []
    for finding in found:
        lines += [f"  {printable(finding.message)}  [{finding.code}]", f"      {printable(finding.mend)}"]
    return "\n".join(lines)


def _counted(edition: Visibility, portfolio: Portfolio) -> str:
    from bridge import views

    return (
        f"Built the {edition.value} edition: {views.counted(portfolio.words, 'word')}, "
        f"{views.counted(portfolio.figures, 'figure')}, "
        f"{views.counted(portfolio.evidence, 'piece')} of evidence."
    )
