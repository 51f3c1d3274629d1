"""``export``: what is held, in forms that others read."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.entry import Visibility
from bridge.cli.common import command, leave, printable, result
from bridge.export import FORMATS

if TYPE_CHECKING:
    from bridge.export import LeftOut

NAMED = 5  # of those left out for one reason; all stand in --json


@command("export", epilog="\b\n" + "\n".join(f"{name:<9} {words}" for name, words in FORMATS.items()))
@click.argument("form", metavar="FORMAT", type=click.Choice(list(FORMATS)))
@click.argument("out", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--source", default="", help="Only what this source saw.")
@click.option("--kind", default="", help="Only this kind: post, page, media, comment, term ...")
@click.option("--tag", default="", help="Only what carries this tag.")
@click.option("--visibility", type=click.Choice([v.value for v in Visibility]), help="Only what may be seen by these.")
@click.option("--media-at", default="", metavar="URL", help="wxr: where the new site will find the exported media.")
@click.option(
    "--for", "version", default="", metavar="VERSION", help="leap2a: the version of the Mahara, such as 22.10."
)
def export(
    form: str, out: Path, source: str, kind: str, tag: str, visibility: str | None, media_at: str, version: str
) -> None:
    """
    Write what is held into DIR, in a form that other programs read. The archive stays as it is.

    Exit code 3 when files had to be left out because they are damaged or missing in the archive.

    Private things are exported, too, unless you choose: look at who will read it before you hand it on.
    """
    from archive.errors import UsageError
    from bridge import export as formats
    from bridge import views
    from bridge.cli.opened import opened

    if media_at and not media_at.startswith(("http://", "https://")):
        raise UsageError(
            f"--media-at needs a whole address, not {media_at}.", mend="Such as https://new.example.org/up"
        )
    seen = Visibility(visibility) if visibility else None
    wanted = formats.Wanted(source, kind, tag, seen, media_at, version)
    done = formats.export(form, opened(), out, wanted)
    value = {
        "path": str(done.path),
        "entries": done.entries,
        "files": done.files,
        "bytes": done.bytes,
        "left_out": [{"id": item.id, "title": item.title, "why": item.why} for item in done.left_out],
        "notes": list(done.notes),
        "ok": done.whole,
    }

    def words() -> str:
        held = f"{views.counted(done.entries, 'entry')} and {views.counted(done.files, 'file')}"
        lines = [f"Written: {done.path} ({held}, {views.size(done.bytes)})"]
        lines += _left_out(done.left_out)
        lines += [f"  {note}" for note in done.notes]
        lines += (
            [] if done.whole else ["  NOT WHOLE: your archive lacks bytes that it should have. Run: keepfolio verify"]
        )
        return "\n".join(lines)

    result(value, words)
    leave(0 if done.whole else 3)


def _left_out(items: tuple[LeftOut, ...]) -> list[str]:
    """Return what could not go, by its reason: a blog has thousands of comments."""
    by_reason: dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        by_reason[item.why][printable(item.title or item.id)] += 1
    lines = []
    for why, times in by_reason.items():
        titles = [f"{title} ({count:,} times)" if count > 1 else title for title, count in times.items()]
        more = f" and {len(titles) - NAMED:,} more" if len(titles) > NAMED else ""
        lines.append(f"  Left out: {', '.join(titles[:NAMED])}{more}: {why}")
    return lines
