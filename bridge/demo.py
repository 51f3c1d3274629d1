"""The sample: a bundled blog, its media and its owner's words, put into a folder as if somebody had worked there."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from archive.errors import UsageError
from bridge.workspace import Workspace

MARK = ".keepfolio-demo"


def prepare(folder: Path) -> Workspace:
    """
    Return a workspace with the sample in it; a sample that is there already is used as it is.

    Raises:
        UsageError: The folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UsageError(
            f"{folder} is not empty, and not a sample that keepfolio made.",
            code="folder-in-use",
            unchanged="Nothing in it was touched.",
            mend="Name another folder: keepfolio demo FOLDER",
        )
    if not (folder / MARK).is_file():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with as_file(files("bridge.data").joinpath("demo")) as sample:
            shutil.copytree(sample / "portfolio", folder / "portfolio", copy_function=_plain_copy, dirs_exist_ok=True)
            shutil.copytree(sample / "uploads", folder / "exports" / "uploads", copy_function=_plain_copy)
            _plain_copy(sample / "blog.xml", folder / "exports" / "blog.xml")
            _plain_copy(sample / "config.yaml", folder / "config.yaml")
        (folder / MARK).write_text("A sample made by `keepfolio demo`; delete the folder when you have seen it.\n")
        _only_for_the_owner(folder)
    return Workspace(folder.resolve())


def _only_for_the_owner(folder: Path) -> None:
    """Set the modes that a real workspace has."""
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _plain_copy(source: str | Path, target: str | Path) -> str:
    """Copy bytes without the read-only marks that an installed file may carry."""
    return str(shutil.copyfile(source, target))
