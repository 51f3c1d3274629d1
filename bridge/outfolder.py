"""
A folder that a build fills: only the owner may read it, what an earlier build left and this one does not name goes,
and nothing that somebody else put there is touched.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from archive.errors import UsageError

MARK = ".keepfolio-build.json"


def fill(folder: Path, wanted: Mapping[str, str | Path]) -> None:
    """
    Put texts, and copies of files, into a folder by their names in it; a name may lie in a folder below.

    Raises:
        UsageError: Something of that name is there that an earlier build did not leave.
    """
    ours = made(folder)
    foreign = sorted(name for name in wanted if name not in ours and (folder / name).exists())
    if foreign:
        raise UsageError(
            f"{folder / foreign[0]} is there already, and keepfolio did not make it.",
            code="folder-in-use",
            unchanged="Nothing in that folder was touched.",
            mend="Name another folder: keepfolio build --out FOLDER",
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(
        folder / MARK, json.dumps(sorted({*ours, *wanted}), indent=1)
    )  # first: a build that is cut off is still ours
    for name in ours - set(wanted):
        (folder / name).unlink(missing_ok=True)
    for name, content in wanted.items():
        place = folder / name
        place.parent.mkdir(exist_ok=True, mode=0o700)
        _write(place, content)
    _write(folder / MARK, json.dumps(sorted(wanted), indent=1))


def made(folder: Path) -> set[str]:
    """Return the names of what an earlier build left in the folder, by its own record."""
    try:
        names = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    safe = (str(name) for name in names if isinstance(name, str))
    return {name for name in safe if not name.startswith("/") and ".." not in Path(name).parts}


def _write(place: Path, content: str | Path) -> None:
    part = place.with_name(f"{place.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        if isinstance(content, str):
            out.write(content.encode("utf-8"))
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, out)
    part.replace(place)
