"""``demo``: the whole way on a sample blog."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from bridge.cli.common import command, result, say


@command("demo")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("keepfolio-demo"))
@click.option("--open", "open_", is_flag=True, help="Open the page in the browser.")
def demo(folder: Path, open_: bool) -> None:
    """
    Show the whole way on a sample blog, in a folder of its own (default: keepfolio-demo).

    A bundled WordPress export is harvested, verified, made into a CMALT page, and published to a folder.
    Nothing leaves this computer.
    """
    from archive.care import fixity
    from archive.entry import Visibility
    from archive.errors import ArchiveDamaged
    from bridge import building, publishing, runs, views
    from bridge import demo as sample
    from bridge.cli.harvest import Watcher
    from bridge.cli.status import sections_in_words
    from bridge.session import Session

    session = Session(sample.prepare(folder))
    say(f"1. Harvesting the sample blog into {folder / 'archive'} ...")
    [report] = runs.harvest_all(session, ["blog"], progress=Watcher, stop=lambda: False)
    if report.error:
        raise report.error
    say(f"   Held: {views.counts(report.held)}.")
    say("2. Verifying every byte ...")
    verified = fixity.verify(session.archive, "full")
    if not verified.ok:
        raise ArchiveDamaged("The sample's archive is not what was stored.", mend="Run: keepfolio verify")
    say(f"   All {verified.checked['files']} files are what was stored ({views.size(verified.checked['bytes'])}).")
    say("3. Assembling the CMALT page ...")
    desk = building.Desk(session).begin()
    portfolio = desk.portfolio(Visibility.PUBLIC)
    counted = ((portfolio.words, "word"), (portfolio.figures, "figure"), (portfolio.evidence, "piece"))
    say(f"   {', '.join(views.counted(number, noun) for number, noun in counted)} of evidence.")
    say("4. Publishing it to a folder that any web server can serve ...")
    prepared = publishing.prepare(session, "preview", desk=desk)
    publishing.carry_out(prepared, approved=True)
    place = session.workspace.build / "site" / "index.html"
    say()
    say(sections_in_words(desk))
    value = {"ok": True, "path": str(place), "held": dict(report.held), "words": portfolio.words}
    result(value, f"\nLook at it:  {place}\nLook around: cd {shlex.quote(str(folder))} && {_program()}")
    if open_:
        click.launch(str(place))


def _program() -> str:
    """Return how a person calls this program: by its name where that is on the path, else by where it lies."""
    import shutil
    import sys

    return "keepfolio" if shutil.which("keepfolio") else shlex.quote(str(Path(sys.argv[0]).resolve()))
