"""Names that a person reads, for the files of an output."""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors.contract import Upload

_OURS = re.compile(r"kf-[0-9a-f]{8}-")
_OF_WINDOWS = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
"""Names that Windows keeps for itself, whatever the ending: a zip with one of them cannot be unpacked there."""


def readable(uploads: Iterable[Upload], endings: dict[str, str] | None = None) -> dict[str, str]:
    """
    Return a readable name for each upload, by the name that the page gives it; no two are the same.

    ``endings``: other endings, by upload name, for files that became another format.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for upload in sorted(uploads, key=lambda one: one.name):
        stem, _, ending = _OURS.sub("", upload.name, count=1).rpartition(".")
        ending = (endings or {}).get(upload.name, ending)
        stem = f"{stem}-file" if _OF_WINDOWS.fullmatch(stem) else stem
        name, number = f"{stem}.{ending}", 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}.{ending}"
        taken.add(name)
        names[upload.name] = name
    return names
