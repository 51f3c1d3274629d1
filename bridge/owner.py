"""
The owner's own words are safe too: changed files of ``portfolio/`` and ``config.yaml`` are sealed, and given back.

Every build, publish and run calls ``keep``; ``give_back`` writes what a lost folder held. Both are plain copies: what
the owner wrote is never changed, and a file that is there is never overwritten.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive.entry import Entry, MediaFile, Visibility
from archive.errors import ArchiveDamaged
from archive.store import Archive, Origin
from bridge.workspace import Workspace

SOURCE = "workspace"
KIND = "workspace"
GENERATION = "generation.yaml"  # the file that makes a folder of portfolio/ a generation


@dataclass(frozen=True)
class Returned:
    """What ``give_back`` did: files written, files left alone because they differ, both by path in the workspace."""

    written: tuple[str, ...]
    differing: tuple[str, ...]


def keep(archive: Archive, workspace: Workspace) -> int:
    """Seal the owner's files that changed since they were last sealed; return how many did."""
    kept = {stored.entry.native_id: stored for stored in archive.entries(source=SOURCE, kind=KIND)}
    present = dict(_owner_files(workspace))
    changed = [
        name
        for name, path in present.items()
        if name not in kept or _digest(path) not in {f.sha256 for f in kept[name].entry.files}
    ]
    missing = _lost(kept, present)
    gone = [kept[name] for name in kept if name not in present and not name.startswith(missing)]
    if not changed and not gone:
        return 0
    with archive.append(Origin(name=SOURCE, type=KIND)) as writer:
        for name in changed:
            path = present[name]
            with path.open("rb") as stream:
                digest = writer.add_file(stream, name=path.name, media_type=_media_type(path))
            writer.put(_entry(name, path, digest), name.encode(), "txt")
        for stored in gone:
            writer.tombstone(stored.id, "the owner removed the file")
        writer.seal()
    return len(changed) + len(gone)


def lost(archive: Archive, workspace: Workspace) -> tuple[str, ...]:
    """
    Return what vanished as a whole: config.yaml, or the whole folder of a generation.

    One removed file is the owner's doing; a whole folder is more likely an accident, and is never taken as her wish.
    """
    kept = {stored.entry.native_id: stored for stored in archive.entries(source=SOURCE, kind=KIND)}
    return _lost(kept, dict(_owner_files(workspace)))


def _lost(kept: Iterable[str], present: Iterable[str]) -> tuple[str, ...]:
    there = list(present)
    wholes = ["config.yaml", *(name.removesuffix(GENERATION) for name in kept if name.endswith(f"/{GENERATION}"))]
    return tuple(whole for whole in sorted(wholes) if not any(name.startswith(whole) for name in there))


def give_back(archive: Archive, workspace: Workspace, *, removed: bool = False) -> Returned:
    """
    Write the owner's files as they were last sealed. A file that is there and differs is left alone and named.

    ``removed``: also those that the owner had removed herself.
    """
    written: list[str] = []
    differing: list[str] = []
    live = archive.entries(source=SOURCE, kind=KIND)
    for stored in (*live, *(archive.entries(source=SOURCE, kind=KIND, deleted=True) if removed else ())):
        name = stored.entry.native_id
        place = _safe_place(workspace.root, name)
        digest = stored.entry.files[0].sha256 if stored.entry.files else ""
        if not archive.path_of(digest):
            raise ArchiveDamaged(
                f"The archive names {name}, and does not hold it.", mend="Run `keepfolio verify --deep` to see more."
            )
        if place.exists():
            if _digest(place) != digest:
                differing.append(name)
            continue
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with archive.read(digest) as stream, open(place, "xb", opener=_private) as out:
            while block := stream.read(1 << 20):
                out.write(block)
        written.append(name)
    return Returned(tuple(written), tuple(differing))


def _owner_files(workspace: Workspace) -> Iterator[tuple[str, Path]]:
    if workspace.config.is_file():
        yield "config.yaml", workspace.config
    for path in sorted(workspace.portfolio.rglob("*")):
        relative = path.relative_to(workspace.root)
        if path.is_file() and not path.is_symlink() and not any(part.startswith(".") for part in relative.parts):
            yield relative.as_posix(), path


def _entry(name: str, path: Path, digest: str) -> Entry:
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Entry(
        keys=(f"workspace:{name}",),
        kind=KIND,
        native_id=name,
        title=name,
        visibility=Visibility.PRIVATE,
        updated=changed,
        files=(
            MediaFile(
                name=path.name,
                url=name,
                media_type=_media_type(path),
                size=path.stat().st_size,
                role="original",
                sha256=digest,
            ),
        ),
        scope=SOURCE,
        stamp=digest,
    )


def _media_type(path: Path) -> str:
    if path.suffix in {".md", ".yaml"}:
        return "text/markdown" if path.suffix == ".md" else "application/yaml"
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _safe_place(root: Path, name: str) -> Path:
    """Return where a sealed name belongs; an archive from elsewhere must not write outside the workspace."""
    parts = name.split("/")
    ours = name == "config.yaml" or (parts[0] == "portfolio" and len(parts) > 1)
    if not ours or not all(map(_is_plain, parts)):
        raise ArchiveDamaged(
            f"The archive names a file that does not belong into a workspace: {name!r}.",
            code="unsafe-name",
            unchanged="Nothing was written outside of your folder.",
        )
    return root.joinpath(*parts)


def _is_plain(part: str) -> bool:
    """Say whether a name could be one that ``keep`` took: not hidden, and one that every disk can hold."""
    odd = part.startswith(".") or any(c < " " or c in "\\:" or "\ud800" <= c <= "\udfff" for c in part)
    return not odd and 0 < len(part.encode("utf-8", "replace")) <= 255


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
