"""``export ocfl``: an OCFL storage root with everything and its history."""

from __future__ import annotations

from pathlib import Path

from archive.export import ocfl
from bridge.export import Exported, Wanted
from bridge.session import Session

_NOTES = (
    "It holds every version, and private things, too.",
    f"What it is, and how to read it, stands in the object {ocfl.HISTORY}.",
)


def export(session: Session, out: Path, wanted: Wanted) -> Exported:  # noqa: ARG001 - called as every format is
    """Write the whole archive as objects; ``wanted`` chooses nothing, as ``bridge.export.export`` has made sure."""
    done = ocfl.write(session.existing_archive(), out)
    return Exported(done.path, done.entries, done.files, done.bytes, notes=_NOTES)
