"""``export browse DIR``: the website of the archive in a folder that stands alone."""

from __future__ import annotations

from pathlib import Path

from bridge.browse import site
from bridge.export import Exported, Wanted
from bridge.session import Session


def export(session: Session, out: Path, wanted: Wanted) -> Exported:
    """Make the site with copies of all files; a choice by visibility leaves earlier versions out."""
    done = site.browse(session, out, wanted)
    size = sum(path.stat().st_size for path in done.path.parent.rglob("*") if path.is_file())
    notes = [f"Open {done.path.name} in a browser.", *done.notes]
    if wanted.visibility is not None:
        notes.append("Earlier versions were left out: what is open now may have been private then.")
    return Exported(done.path, done.entries, done.files, size, notes=tuple(notes), whole=done.whole)
