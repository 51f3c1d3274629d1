"""``browse``: everything that is held, as pages for a browser."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.common import command, leave, printable, result, say


@command("browse")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="The folder (default: archive/browse).")
@click.option("--open", "open_", is_flag=True, help="Open the first page in the browser.")
def browse(out: Path | None, open_: bool) -> None:
    """
    Make pages for reading everything that is held, with nothing but a browser.

    They lie in archive/browse, for you alone: private things are shown, too. Run it again after a harvest; what did
    not change is not written again. In another folder (--out) every file is copied, so that it can be read anywhere.
    """
    from bridge import views
    from bridge.browse import site
    from bridge.cli.opened import opened

    told = [0]

    def progress(done: int, of: int) -> None:
        if done - told[0] >= 2500:
            told[0] = done
            say(f"  {done:,} of {of:,} made")

    done = site.browse(opened(), out, progress=progress)
    value = {
        "path": str(done.path),
        "entries": done.entries,
        "pages": done.pages,
        "written": done.written,
        "removed": done.removed,
        "notes": list(done.notes),
        "ok": done.whole,
    }

    def words() -> str:
        changed = f"{views.counted(done.written, 'file')} written, {done.removed:,} removed"
        lines = [f"{views.counted(done.entries, 'entry')} on {views.counted(done.pages, 'page')} ({changed})."]
        lines += [f"  {printable(note)}" for note in done.notes]
        lines.append(f"  Look at them: {done.path}")
        return "\n".join(lines)

    result(value, words)
    if open_:
        click.launch(str(done.path))
    leave(0 if done.whole else 3)
