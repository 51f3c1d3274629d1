"""Asking a Moodle for the owner's data, and fetching it once it is ready. Only the owner does so, never a schedule."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import UsageError
from bridge import runs
from bridge.session import Session

if TYPE_CHECKING:
    from connectors.moodle.request import Export
    from connectors.moodle.site import Moodle


@dataclass(frozen=True)
class Fetched:
    """Where the zip was saved, and the source of the configuration that reads that folder (``""``: none yet)."""

    path: Path
    read_by: str


def moodle(session: Session, name: str) -> Moodle:
    """
    Return the Moodle of that name, as one that may be asked; close it.

    Raises:
        UsageError: It is another type of source.

        KeepfolioError: Its account closed, or its login was refused before.
    """
    from connectors.moodle.site import Moodle

    if session.config.sources[name].type != "moodle":
        raise UsageError(
            f"Only a source of type moodle can be asked for your data; {name} is none.",
            code="not-offered",
            mend=f"Run: keepfolio check {name}   (what only you can take out of it)",
        )
    runs.may_be_asked(session, name)
    source = runs.open_source(session, name, lambda: False)
    assert isinstance(source, Moodle)
    return source


def place(session: Session) -> tuple[Path, str]:
    """Return the folder for such zips, and the name of the source that reads it, if there is one."""
    for name, part in session.config.sources.items():
        path = getattr(part, "path", None)
        if part.type == "moodle-export" and isinstance(path, Path) and not path.is_file() and not path.suffix:
            return path, name
    return session.workspace.root / "exports" / "vle", ""


def save(session: Session, source: Moodle, export: Export) -> Fetched:
    """
    Fetch the zip of a request that is ready, once; readable by its owner alone.

    Raises:
        SourceUnavailable: It did not come whole; nothing is left of it.
    """
    folder, name = place(session)
    target = folder / f"moodle-data-{export.number}.zip"
    if target.exists():
        return Fetched(target, name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f".{target.name}.part")
    try:
        with source.fetch_export(export) as stream, open(part, "wb", opener=_private) as out:
            shutil.copyfileobj(stream, out, 1 << 20)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return Fetched(target, name)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
