"""``import``: an archive that was handed over, or another one of one's own, becomes part of this one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.entry import Json
from archive.importing.foreign import recognise
from archive.importing.taking import Report, foresee, take
from archive.store import Archive
from bridge import owner
from bridge.session import Session


def bring_in(session: Session, path: Path, *, dry_run: bool, stop: Callable[[], bool] = lambda: False) -> Report:
    """
    Take what a path holds into the archive; with ``dry_run`` only say what that would do.

    A workspace with a portfolio of its own keeps it: the other one's files are laid beside it. One without takes them
    as its own, and ``keepfolio restore`` gives them back.

    Raises:
        UsageError: The path holds nothing that keepfolio has written, or a copy of this very archive.

        KeepfolioError: What it holds is damaged, or not what it says.

        Locked, ArchiveDamaged, NeedsOwner: as for every command that writes.
    """
    theirs = recognise(path)
    if dry_run and not session.has_archive():
        with (
            TemporaryDirectory() as empty,
            Archive.create(Path(empty, "archive"), Path(empty, "state")) as nothing,
        ):
            return foresee(nothing, theirs)
    if dry_run:
        return foresee(session.archive, theirs)
    if any(session.workspace.portfolio.rglob("*")):
        owner.keep(session.archive, session.workspace)
    return take(session.archive, theirs, stop=stop)


def to_json(report: Report, *, dry_run: bool) -> Json:
    """Return the report as ``import --json`` prints it."""
    return {
        "archive": report.archive,
        "dry_run": dry_run,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "refused": [{"id": item.id, "title": item.title, "why": item.why} for item in report.refused],
        "events": report.events,
        "files": report.files,
        "bytes": report.bytes,
        "notes": [*report.notes],
        "segments": [*report.parts],
        "ok": not report.stopped,
    }
