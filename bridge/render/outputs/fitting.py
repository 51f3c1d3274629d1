"""
Make the files of an output fit into so many bytes: the largest first, and no more than is needed.

Pictures and the pictures inside PDFs become smaller and coarser by steps. Nothing is left out: what cannot be made
smaller stays as it is, and the caller says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from archive.entry import Digest
from bridge.render import documents, pictures
from connectors.contract import Upload

_PICTURES = tuple(
    pictures.Recipe(side, quality, small=True)
    for side, quality in ((1600, 76), (1280, 72), (1024, 66), (800, 60), (640, 50))
)
_DOCUMENTS = ((1600, 75), (1240, 65), (900, 50))
_WORTH_IT = 0.95  # a step that saves less makes the file worse for nothing


@dataclass(frozen=True)
class Copy:
    """A file as it goes along. ``ending`` of its name: a picture may have become a JPEG."""

    path: Path
    size: int
    ending: str


def fit(uploads: Iterable[Upload], path: Callable[[Upload], Path], room: int | None, cache: Path) -> dict[str, Copy]:
    """
    Return a copy for each upload, by name, together at most ``room`` bytes where that can be had; None: no limit.

    The copies are cached, and the same for the same files and room.
    """
    copies = {one.name: Copy(path(one), one.size, one.name.rpartition(".")[2]) for one in uploads}
    if room is None:
        return copies
    steps = {one.name: _steps(one, path(one), cache) for one in uploads}
    total = sum(copy.size for copy in copies.values())
    while total > room and steps:
        name = max(steps, key=lambda one: (copies[one].size, one))
        smaller = _next(steps[name], copies[name])
        if smaller is None:
            del steps[name]
        else:
            total += smaller.size - copies[name].size
            copies[name] = smaller
    return copies


def _next(steps: list[Callable[[], Copy | None]], now: Copy) -> Copy | None:
    """Return the next smaller copy that is worth having; None when there is none."""
    while steps:
        smaller = steps.pop(0)()
        if smaller is not None and smaller.size < now.size * _WORTH_IT:
            return smaller
    return None


def _steps(upload: Upload, path: Path, cache: Path) -> list[Callable[[], Copy | None]]:
    """Return the ways to make a file smaller, gentlest first; none for what is neither a picture nor a PDF."""
    if upload.media_type.startswith("image/"):
        return [partial(_picture, path, upload.sha256, cache, recipe) for recipe in _PICTURES]
    if upload.name.endswith(".pdf"):
        return [partial(_document, path, upload.sha256, cache, *step) for step in _DOCUMENTS]
    return []


def _picture(path: Path, digest: Digest, cache: Path, recipe: pictures.Recipe) -> Copy | None:
    made = pictures.reduced(path, digest, cache, recipe)
    return Copy(made.path, made.size, made.extension) if made else None


def _document(path: Path, digest: Digest, cache: Path, longest_side: int, quality: int) -> Copy | None:
    made = documents.smaller(path, digest, cache, longest_side, quality)
    return Copy(made.path, made.size, "pdf") if made else None
