"""Where a WordPress export lies, and how it is packed."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from archive.errors import UsageError
from connectors.contract import SourceUnavailable
from connectors.packed import Capped, Zip, bomb, budget, is_locked

MAX_EXPORT = 8 * 2**30
"""Bytes of all parts, unpacked: what WordPress.com gives for its largest sites, with room."""

HEAD = ("wp:author", "wp:category", "wp:tag", "wp:term")
"""Elements of the channel that are things of their own, beside ``item``."""

EXPORT_AGAIN = "Export again in WordPress (Tools > Export > All content), and put the new file in place of this one."


@dataclass(frozen=True)
class Part:
    """One XML file of an export, readable any number of times."""

    name: str
    open: Callable[[], IO[bytes]]


def parts(path: Path) -> tuple[Part, ...]:
    """
    Return the XML files of an export: a ``.xml``, ``.xml.gz`` or ``.zip`` file, or a folder of them, in order of name.

    Raises:
        UsageError: There is nothing, or nothing of that kind, at the path.

        SourceUnavailable: A zip file is damaged, or is a bomb.
    """
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.is_file() and _kind(p))
        if not files:
            raise UsageError(
                f"There is no WordPress export (.xml, .xml.gz or .zip) in the folder {path}.",
                code="no-export",
                mend="Put the file there that WordPress gave under Tools > Export.",
            )
        return tuple(part for file in files for part in _parts_of(file))
    if not path.is_file():
        raise UsageError(
            f"There is no file {path}.",
            code="no-export",
            mend="In WordPress choose Tools > Export > All content, and name the file with path: in config.yaml.",
        )
    return _parts_of(path)


def _kind(path: Path) -> str:
    name = path.name.lower()
    return next((kind for kind in (".xml", ".gz", ".zip") if name.endswith(kind)), "")


def _parts_of(path: Path) -> tuple[Part, ...]:
    """Return the parts of one file, recognised by its first bytes and not by its name."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(b"PK"):
        return _zipped(path)
    if magic.startswith(b"\x1f\x8b"):
        most = budget(path.stat().st_size, MAX_EXPORT)
        return (
            Part(
                path.name,
                lambda: io.BufferedReader(Capped(cast("IO[bytes]", gzip.open(path)), most, path.name, EXPORT_AGAIN)),
            ),
        )
    return (Part(path.name, lambda: path.open("rb")),)


def _zipped(path: Path) -> tuple[Part, ...]:
    with closing(Zip(path, path.name, EXPORT_AGAIN)) as opened:
        members = sorted((m for m in opened.members if _is_export(m)), key=lambda m: m.filename)
    if not members:
        raise SourceUnavailable(
            f"{path.name} holds no .xml file.",
            code="no-export",
            mend="Name the zip that WordPress.com sent, or the .xml file from Tools > Export.",
        )
    for member in members:
        if is_locked(member):
            raise SourceUnavailable(
                f"{member.filename} in {path.name} is encrypted.", code="encrypted", mend="Unpack the zip yourself."
            )
        if member.file_size > budget(member.compress_size, MAX_EXPORT):
            raise bomb(path.name)
    if sum(m.file_size for m in members) > MAX_EXPORT:
        raise bomb(path.name)
    return tuple(Part(Path(m.filename).name, _member_opener(path, m)) for m in members)


def _is_export(member: zipfile.ZipInfo) -> bool:
    # __MACOSX/ holds shadows of the files with the same names
    return member.filename.lower().endswith(".xml") and not member.is_dir() and "__MACOSX" not in member.filename


def _member_opener(path: Path, member: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opener() -> IO[bytes]:
        # the stream keeps the archive's file open for itself
        with zipfile.ZipFile(path) as archive:
            stream = archive.open(member)
        # the declared size is the member's own word: what comes out is counted as well
        return io.BufferedReader(Capped(stream, member.file_size, path.name, EXPORT_AGAIN))

    return opener
