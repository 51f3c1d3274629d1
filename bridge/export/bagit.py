"""``export bagit``: one bag with everything and its history."""

from __future__ import annotations

from pathlib import Path

from archive.export import bagit
from bridge.export import Exported, Wanted
from bridge.session import Session

_NOTES = (
    "It holds every version, and private things, too.",
    "Check it with any BagIt tool, or with sha256sum as its README.txt says.",
)


def export(session: Session, out: Path, wanted: Wanted) -> Exported:  # noqa: ARG001 - called as every format is
    """Write the whole archive as one bag; ``wanted`` chooses nothing, as ``bridge.export.export`` has made sure."""
    done = bagit.write(session.existing_archive(), out, owner=session.config.owner)
    return Exported(done.path, done.entries, done.files, done.bytes, notes=_NOTES)
