"""Sizes and formats of what goes to assessors, against what the framework's body takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from archive.entry import Digest, MediaFile, Visibility
from bridge.portfolio import wording
from connectors.contract import Finding

if TYPE_CHECKING:
    from bridge.portfolio.schema import FileRules
    from bridge.render.page import Built

PROPRIETARY = frozenset(
    "doc docx ppt pptx xls xlsx pages key numbers pub one vsd vsdx mpp mdb accdb psd ai indd notebook flipchart heic "  # noqa: SIM905 - words read best as lines
    "wmv wma mov rar".split()
)
"""Endings of formats that ask the reader for a certain program."""

_SHRINKS = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".webp", ".gif"})
"""Endings of what a bundle may hold as a smaller copy."""

_MB = 1_000_000


def findings(built: Built, edition: Visibility, rules: FileRules | None) -> Iterator[Finding]:
    """Yield what is too large, or needs a program that an assessor may not have; sizes are those of what is sent."""
    for upload in built.release.uploads:
        yield from _format(upload.name)
    if rules is None or edition is Visibility.PRIVATE:
        return
    sizes = {upload.name: built.files[upload.sha256].stat().st_size for upload in built.release.uploads}
    total = sum(sizes.values()) + len(built.release.document.encode())
    largest = ", ".join(f"{name} ({_size(n)})" for name, n in sorted(sizes.items(), key=lambda one: -one[1])[:3])
    advised, most = rules.recommended_max_mb, rules.attachment_max_mb
    stays = total - sum(n for name, n in sizes.items() if PurePosixPath(name).suffix.lower() in _SHRINKS)
    if stays > most * _MB:
        message = f"The edition has {_size(total)}; no more than {most} MB are taken. Largest: {largest}."
        yield Finding("too-large", "error", message, _SMALLER)
    elif total > advised * _MB:
        message = f"The edition has {_size(total)}; {advised} MB are advised. Largest: {largest}."
        yield Finding("large", "warning", message, _SMALLER)


_SMALLER = "Send the link instead of a file, cite a shorter version, or have a bundle made that fits"


def of_evidence(
    files: Iterable[tuple[str, MediaFile]], rules: FileRules | None, held: Callable[[Digest], Path | None]
) -> Iterator[Finding]:
    """
    Yield files of cited entries (section and file) that alone are larger than advised; pictures are made smaller.

    ``held`` says where the bytes of a digest lie.
    """
    if rules is None:
        return
    for section, file in files:
        path = held(file.sha256) if file.sha256 and not wording.is_image(file) else None
        size = path.stat().st_size if path else 0
        if size > rules.recommended_max_mb * _MB:
            whole = f"the whole is to have {rules.recommended_max_mb} MB"
            message = f"{section} cites {file.name}, which has {_size(size)}; {whole}."
            yield Finding("file-large", "warning", message, _SMALLER, section, file.name)


def _format(name: str) -> Iterator[Finding]:
    ending = PurePosixPath(name).suffix.lstrip(".").lower()
    if ending in PROPRIETARY:
        message = f"{name} is in a format that asks for a program of its own ({ending})."
        yield Finding("format", "warning", message, "Save it as a PDF, and cite that", item=name)


def _size(size: int) -> str:
    return f"{size / _MB:.1f} MB" if size >= _MB / 10 else f"{max(1, size // 1000)} kB"
