"""
Which files are certificates: of these nothing goes out but a small copy, for others could be made of the original.

One counts as such that is called one: by a tag of its entry, by its own name, or by the title of an entry that is a
file. Better one picture too small than one certificate too large.
"""

from __future__ import annotations

import re

from archive.entry import Entry, MediaFile
from bridge.portfolio.wording import FILE_KINDS

_WORD = re.compile(r"(?<![a-z])(?:certificates?|certifications?|diplomas?)(?![a-z])", re.IGNORECASE)


def is_certificate(entry: Entry, file: MediaFile) -> bool:
    """Say whether a file of an entry is a certificate."""
    called = [*entry.tags, file.name, *([entry.title] if entry.kind in FILE_KINDS else [])]
    return any(_WORD.search(name) for name in called)
