"""``harvest``: take what is new into the archive."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from archive.errors import UsageError
from bridge.cli.common import command, leave, printable, result, say, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.entry import Entry, MediaFile
    from archive.store import Change
    from bridge.harvest import Report


@command("harvest")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken; nothing is stored.")
@click.option("--full", is_flag=True, help="Compare everything, not only what the site says has changed.")
@click.option("--accept-deletions", is_flag=True, help="Yes, I deleted all that myself: let the brake go this once.")
@click.option(
    "--linked", is_flag=True, help="Instead: fetch files of a VLE that your texts link to, while they answer."
)
@click.option(
    "--request-export", is_flag=True, help="Instead: ask the named Moodle for your data, or fetch it if ready."
)
def harvest(
    sources: tuple[str, ...], dry_run: bool, full: bool, accept_deletions: bool, linked: bool, request_export: bool
) -> None:
    """
    Take what is new into the archive: all sources, or those named.

    It can be stopped with Ctrl-C at any time and run again: it goes on where it was.
    What you delete on your site stays in the archive, marked as deleted.
    """
    from bridge import runs
    from bridge.cli import harvest_more
    from bridge.cli.opened import opened
    from bridge.stopping import stoppable

    session = opened()
    if linked:
        _alone(sources, dry_run, full, accept_deletions, request_export)
        leave(harvest_more.linked(session))
    if request_export:
        _alone(dry_run, full, accept_deletions)
        harvest_more.request_export(session, sources)
        leave(0)
    names = session.source_names(sources)
    if not names:
        raise UsageError(
            "There is no source in config.yaml yet.",
            code="no-source",
            mend="Add one under sources: (config.example.yaml shows how), or begin with: keepfolio init NEW-FOLDER",
        )
    with stoppable() as stop:
        try:
            reports = runs.harvest_all(
                session,
                names,
                progress=Watcher,
                stop=stop,
                full=full,
                dry_run=dry_run,
                accept_deletions=accept_deletions,
            )
        finally:
            _clear_line()
    code = 130 if stop() else runs.exit_code(reports)
    value = {"sources": [r.to_json() | _error(r) for r in reports], "ok": code == 0}
    result(value, lambda: "\n\n".join(in_words(r, dry_run=dry_run) for r in reports))
    if stop():
        say("Stopped as you asked. What was complete is safe; the next harvest goes on from here.")
    leave(code)


def _alone(*others: object) -> None:
    if any(others):
        raise UsageError(
            "--linked and --request-export stand alone.",
            mend="Such as: keepfolio harvest --linked   or: keepfolio harvest vle --request-export",
        )


def _error(report: Report) -> dict[str, object]:
    error = report.error
    if error is None:
        return {}
    from bridge.views import naming

    mend = naming(error.mend, report.name)
    return {"error": {"code": error.code, "message": error.message, "unchanged": error.unchanged, "mend": mend}}


class Watcher:
    """Shows a harvest's progress: one living line on a terminal, a quiet line now and then in a log."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.expected: dict[str, int] = {}
        self.entries = 0
        self.files = 0
        self.live = _is_live()
        self.line = ""
        self.told = time.monotonic()
        self.begun = self.told

    def promised(self, kind: str, count: int) -> None:
        """Remember how many there are, for the share that is done."""
        self.expected[kind] = count

    def entry(self, entry: Entry, change: Change) -> None:  # noqa: ARG002 - the protocol's shape
        """Count an entry."""
        self.entries += 1
        self._tell()

    def file(self, file: MediaFile) -> None:  # noqa: ARG002 - the protocol's shape
        """Count a file."""
        self.files += 1
        self._tell()

    def sealed(self) -> None:
        """Clear the living line: what follows is printed below it."""
        _clear_line()

    def waiting(self, what: str, percent: int | None) -> None:
        """Show what the site is making ready."""
        self._tell(what if percent is None else f"{what}: {percent} %")

    def _tell(self, waiting: str = "") -> None:
        moment = time.monotonic()
        if moment - self.told < (0.2 if self.live else 10.0) or moment - self.begun < 2.0:
            return
        total = sum(self.expected.values())
        of = f" of about {total:,}" if total >= self.entries else ""
        line = f"{self.name}: {waiting or f'{self.entries:,}{of} entries, {self.files:,} files'} ..."
        if self.live:
            click.echo(f"\r\x1b[K{line}", err=True, nl=False)
        elif line != self.line:  # what is waited for is said once
            say(line)
        self.told, self.line = moment, line


def _is_live() -> bool:
    return sys.stderr.isatty() and not settings().quiet and not settings().json


def _clear_line() -> None:
    if _is_live():
        click.echo("\r\x1b[K", err=True, nl=False)


def in_words(report: Report, *, dry_run: bool = False) -> str:
    """Return what a harvest of one source did, for a person."""
    from bridge import views

    lines = [*_refusal(report), *_taken(report, dry_run=dry_run), *_changes(report)]
    if report.held:
        lines.append(f"  {'Held now' if report.error is None else 'Held'}: {views.counts(report.held)}.")
    if report.forgotten:
        lines.append(f"  Not taken, because you removed it for good: {report.forgotten:,}.")
    if report.lacking and not dry_run:  # what it would take is not held, of course
        lines.append(f"  Not held yet: {views.counts(report.lacking)}.")
    known = report.told if not settings().verbose else frozenset()
    lines += [f"  Note: {printable(note)}" for note in report.notes if note not in known]
    if known:
        lines.append(
            f"  {views.counted(len(known), 'note')} as after the last harvest; to read again: keepfolio harvest -v"
        )
    for failed in report.failed[:10]:
        again = "will be tried again" if failed.transient else "stands until you accept it: keepfolio accept"
        lines.append(f"  Missing: {printable(failed.what)}: {failed.why} ({again})")
        if failed.mend:
            lines.append(f"    To mend it: {views.naming(failed.mend, report.name)}")
    if len(report.failed) > 10:
        lines.append(f"  ... and {len(report.failed) - 10} more; see keepfolio status --json")
    return "\n".join(lines)


def _refusal(report: Report) -> Iterator[str]:
    """Yield why a harvest did not get to its end: that comes first."""
    from bridge import views

    if report.error is None:
        return
    yield f"{report.name}: {report.error.message}"
    if report.error.unchanged:
        yield f"  Unchanged: {report.error.unchanged}"
    if report.error.mend:
        yield f"  To mend it: {views.naming(report.error.mend, report.name)}"


def _taken(report: Report, *, dry_run: bool) -> Iterator[str]:
    from bridge import views

    numbers = (
        (report.created, "new"),
        (report.updated, "changed"),
        (report.deleted, "deleted there (kept here)"),
        (report.completed, "completed with a file that was missing"),
    )
    done = views.sentence(f"{n:,} {what}" for n, what in numbers if n)
    too = f"{report.seen_too:,} that were held already are seen here, too" if report.seen_too else ""
    if report.error is not None:
        yield from [f"  Taken before that: {done}."] if done else []
    elif done:
        yield f"{report.name}: {'would take' if dry_run else 'took'} {done}{f'; {too}' if too else ''}."
    else:
        yield f"{report.name}: nothing new{f'; {too}' if too else ''}."


def _changes(report: Report) -> Iterator[str]:
    """Name what changed where it is a handful, and always what was deleted."""
    from bridge import views

    few = len(report.changes) <= 12
    for what, kind, title in report.changes:
        if few or what == "deleted":
            yield f"  {what}: {views.KIND_NAMES.get(kind, kind)} “{printable(title)}”"
    named = sum(what == "deleted" for what, _, _ in report.changes)
    if report.deleted > named:
        yield f"  ... and {report.deleted - named:,} more deleted; see keepfolio list --deleted"
