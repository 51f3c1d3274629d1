"""
What was made of the archive on this computer and may still show what was removed: it can be made again.

Only what keepfolio's own records name is removed. What a target publishes is no preview, wherever it lies: that is
taken down by its receipts.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from archive import naming, segment
from archive.entry import parse_time
from archive.forget.forgetting import decisions_of
from archive.store import Archive
from bridge import outfolder, views
from bridge.browse.folder import RECORD
from bridge.session import Session
from connectors.pages import slug

_CACHED = re.compile(r"([0-9a-f]{64})-.+")
_HANDED_IN = re.compile(r"[A-Za-z0-9_-]+-\d{4}-\d{2}-\d{2}\.zip")
_GRAIN = timedelta(seconds=2)
"""Some disks keep times in steps of two seconds: what is younger by less may be older."""


def clear(session: Session) -> Iterator[str]:
    """Remove what may show what was removed for good; yield, in words, what went. Nothing while nothing was removed."""
    parts = session.archive.root / "segments"
    decided = decisions_of(parts / name for name in segment.names(parts)).newest
    if not decided:
        return
    until = parse_time(decided) + _GRAIN
    yield from _pages_for_reading(session.archive.root / "browse", until)
    yield from _previews(session, until)
    yield from _single_files(session, until)
    yield from _pictures(session.archive, session.workspace.build / ".cache")
    yield from _state(session.workspace.state, until)


def _pages_for_reading(folder: Path, until: datetime) -> Iterator[str]:
    if _is_older(folder / RECORD, until) and _remove(folder, _recorded(folder / RECORD), folder / RECORD):
        yield "the pages for reading in archive/browse (make them again: keepfolio browse)"


def _previews(session: Session, until: datetime) -> Iterator[str]:
    build = session.workspace.build
    published = _published(session)
    for folder in sorted(_folders(build)):
        mark = folder / outfolder.MARK
        if folder.resolve() in published or not _is_older(mark, until):
            continue
        if _remove(folder, outfolder.made(folder), mark, spared=published):
            yield f"the preview in {folder.relative_to(session.workspace.root)} (make it again: keepfolio build)"


def _published(session: Session) -> list[Path]:
    return [path.resolve() for t in session.config.targets.values() if (path := getattr(t, "path", None))]


def _single_files(session: Session, until: datetime) -> Iterator[str]:
    """Remove the outputs that are one file each, by the names that builds and submissions give them."""
    build = session.workspace.build
    published = _published(session)
    stem = "-".join(filter(None, (slug(session.config.owner), "portfolio")))
    worksheets = build / "worksheets"
    for path in sorted((*build.glob("*"), *build.glob("*/*"))):
        ours = path.suffix in {".html", ".pdf", ".zip"} and (path.name.startswith(stem) or path.parent == worksheets)
        ours = ours or (path.parent == build and bool(_HANDED_IN.fullmatch(path.name)))
        if ours and _is_older(path, until) and not path.is_symlink() and path.parent.resolve() not in published:
            path.unlink()
            yield f"the file {path.relative_to(session.workspace.root)}"


def _pictures(archive: Archive, cache: Path) -> Iterator[str]:
    """Remove the reduced copies of pictures that are not held any more."""
    if not cache.is_dir() or cache.is_symlink():
        return
    named = ((path, _CACHED.fullmatch(path.name)) for path in sorted(cache.iterdir()))
    gone = [path for path, match in named if match and archive.path_of(match[1]) is None and path.is_file()]
    for path in gone:
        path.unlink()
    if gone:
        pictures = {path.name[:64] for path in gone}
        yield views.counted(len(pictures), "reduced picture")


def _state(state: Path, until: datetime) -> Iterator[str]:
    """Remove what is remembered beside the archive, in a folder of the program's own."""
    spool = state / "spool"
    if spool.is_dir() and not spool.is_symlink():
        had_some = any(path.is_file() for path in spool.rglob("*"))
        shutil.rmtree(spool)
        if had_some:
            yield "half-finished downloads"
    for name, what in (
        ("last-list.json", "the numbers of the last list"),
        ("messages.json", "which messages were sent"),
        ("links.json", "what links answered"),
    ):
        if _is_older(state / name, until):
            (state / name).unlink()
            yield what


# --- one folder -----------------------------------------------------------------------------------------------------


def _folders(root: Path) -> Iterator[Path]:
    """Yield the folders that a build filled, without following links."""
    if root.is_symlink():
        return
    for folder, _, names in os.walk(root):
        if outfolder.MARK in names:
            yield Path(folder)


def _is_older(path: Path, until: datetime) -> bool:
    return path.is_file() and path.stat().st_mtime <= until.timestamp()


def _recorded(record: Path) -> set[str]:
    """Return the names of all that ``keepfolio browse`` made, by its own record."""
    try:
        value = json.loads(record.read_text("utf-8"))
        tasks = [str(name) for _, _, sizes in value["tasks"].values() for name, _ in sizes]
        return {name for name in (*tasks, *map(str, value["also"])) if naming.is_safe(name, 255)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return set()


def _remove(folder: Path, names: Iterable[str], record: Path, *, spared: Collection[Path] = ()) -> bool:
    """Remove files of ours by name, then their record, then the folders that are empty now."""
    removed = False
    real = folder.resolve()
    below = [path for path in spared if path.is_relative_to(real)]
    above: set[Path] = {folder}
    for name in sorted(names):
        place = folder / name
        where = place.parent.resolve()
        if not where.is_relative_to(real) or any(where.is_relative_to(path) for path in below):
            continue  # a link on the way leads elsewhere, or it is what a target publishes
        for path in (place, place.with_name(f"{place.name}.part")):
            if path.is_file() or path.is_symlink():
                path.unlink()
                removed = True
        above |= {parent for parent in place.parents if parent.is_relative_to(folder)}
    record.unlink(missing_ok=True)
    for path in sorted(above, key=lambda path: len(path.parts), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return removed
