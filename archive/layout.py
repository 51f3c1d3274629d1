"""What stands around the sealed parts of an archive, written once: its id, and how to read it without a program."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from archive import wellformed
from archive.entry import format_time
from archive.errors import ArchiveDamaged, KeepfolioError
from archive.filesystem import FileSystem

FORMAT = "keepfolio-archive"
FORMAT_VERSION = 1
FRAME = {"Context-SHA256": "context.jsonld", "Readme-SHA256": "README.txt", "Archive-SHA256": "archive.json"}
"""
The files around the bags, by the label of ``bag-info.txt`` that holds the digest of each. They never change.

``archive.json`` is the last: whoever writes them makes a folder an archive by it.
"""
FOLDERS = ("segments", "staging")
_PART = re.compile(r"(README\.txt|context\.jsonld|archive\.json)\.\d+\.new")  # see FileSystem.write_over


def lay_out(disk: FileSystem, root: Path) -> None:
    """Make the folders and files of an empty archive; one that was begun and not finished is begun anew."""
    if not root.exists():
        root.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        disk.mkdir(root)
    tidy(disk, root)
    for name in FOLDERS:
        if not (root / name).is_dir():
            disk.mkdir(root / name)
    about = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "id": f"urn:uuid:{uuid.uuid4()}",
        "created": format_time(datetime.now(UTC).replace(microsecond=0)),
        "digest": "sha256",
    }
    disk.write_over(root / "README.txt", _data("readme.txt"))
    disk.write_over(root / "context.jsonld", _data("context.jsonld"))
    # last, and whole or not at all: this file makes it an archive
    disk.write_over(root / "archive.json", f"{json.dumps(about, indent=1)}\n".encode())
    disk.sync_folder(root)
    disk.sync_folder(root.parent)


def tidy(disk: FileSystem, root: Path) -> None:
    """Remove what a power cut may leave beside the files around the parts: a second name of the same bytes."""
    for part in [path for path in root.iterdir() if _PART.fullmatch(path.name)]:
        disk.remove(part)


def is_unfinished(root: Path) -> bool:
    """Tell whether a folder holds nothing but what ``lay_out`` left when it was cut off; an empty one does."""
    left = list(root.iterdir())
    return all(_begun(path) for path in left) and not any(
        any(path.iterdir()) for path in left if path.name in FOLDERS and path.is_dir()
    )


def _begun(path: Path) -> bool:
    return path.name in {*FOLDERS, "README.txt", "context.jsonld"} or bool(_PART.fullmatch(path.name))


def fresh(name: str) -> list[bytes]:
    """Return a file that stands around the parts as this program would write it today; none for ``archive.json``."""
    return [_data(name.lower())] if name in {"README.txt", "context.jsonld"} else []


def _data(name: str) -> bytes:
    return resources.files("archive").joinpath(name).read_bytes()


def about_of(root: Path) -> dict[str, Any]:
    """
    Return ``archive.json``.

    Raises:
        KeepfolioError: There is no archive, or it is of a newer format.

        ArchiveDamaged: It cannot be read.
    """
    path = root / "archive.json"
    try:
        about: dict[str, Any] = wellformed.about(path)
    except FileNotFoundError:
        raise KeepfolioError(
            f"There is no archive in {root}.", code="no-archive", mend="Run `keepfolio init`, or name the folder."
        ) from None
    except (OSError, ValueError) as problem:
        raise ArchiveDamaged(
            f"{path} cannot be read: {problem}.", mend="Bring it back: keepfolio repair --from COPY"
        ) from problem
    if about["format"] != FORMAT:
        raise KeepfolioError(f"{root} is no archive of keepfolio.", code="no-archive", unchanged="Nothing was changed.")
    if about["version"] > FORMAT_VERSION:
        raise KeepfolioError(
            f"The archive in {root} was made by a newer keepfolio.",
            code="newer-format",
            unchanged="Nothing was changed.",
            mend="Update keepfolio.",
        )
    for name in FOLDERS:
        if (root / name).is_symlink():  # what is done in there would be done elsewhere
            raise ArchiveDamaged(
                f"{root / name} is a link to another place.",
                unchanged="Nothing was changed, here or there.",
                mend="Put the folder itself where the link is.",
            )
    return about
