"""The owner's folder: where each thing lies, and how it is found."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from archive.errors import UsageError


@dataclass(frozen=True)
class Workspace:
    """
    One owner's folder. ``root`` holds ``config.yaml``; nothing here is created by looking.

    ``state`` lies outside of it, in the user's state folder: index, locks and what may be forgotten.
    """

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config.yaml"

    @property
    def portfolio(self) -> Path:
        return self.root / "portfolio"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def build(self) -> Path:
        return self.root / "build"

    def named(self, place: str) -> str:
        """Return a place as the owner's files name it: from the workspace on, so that the folder can be moved."""
        path = Path(place)
        return (
            path.relative_to(self.root).as_posix() if path.is_absolute() and path.is_relative_to(self.root) else place
        )

    def placed(self, name: str) -> str:
        """Return where a file that ``named`` gave a name lies; any other name comes back as it is."""
        path = self.root / name
        return str(path) if path.is_file() else name

    @property
    def state(self) -> Path:
        """``KEEPFOLIO_STATE`` or the user's state folder, and in it a folder for this workspace's path."""
        where = hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:12]
        return state_root() / "workspaces" / where


def state_root() -> Path:
    """Return the folder of the program's own state; ``KEEPFOLIO_STATE`` moves it."""
    moved = os.environ.get("KEEPFOLIO_STATE")
    if moved:
        return Path(moved)
    from platformdirs import user_state_path  # imported here: --help must stay fast

    return user_state_path("keepfolio", appauthor=False)


def find(start: Path | None) -> Workspace:
    """
    Return the workspace at ``start``, or here, or in a parent that holds ``config.yaml``.

    Raises:
        UsageError: There is none; the message says where was looked.
    """
    if start is not None:
        here = start.expanduser()
        if not (here / "config.yaml").is_file():
            raise UsageError(
                f"There is no config.yaml in {here}.",
                code="no-workspace",
                mend=f"Run: keepfolio init {here}",
            )
        return Workspace(here.resolve())
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "config.yaml").is_file():
            return Workspace(folder)
    raise UsageError(
        f"There is no config.yaml in {here} or in a folder above it.",
        code="no-workspace",
        mend="Run: keepfolio init my-portfolio   (or name the folder with --workspace)",
    )
