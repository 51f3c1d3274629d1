"""
Names on disk: safe on every file system, and readable.

ASCII lower case ``[a-z0-9._-]``, at most 100 characters below ``segments/``, no reserved Windows name, no trailing dot.
The original name stays in the record; nothing is ever looked up by a name on disk.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import UTC, datetime

LONGEST = 100
"""Characters of a path below ``segments/``: a synchronised folder's own path eats up to 80 of Windows' 260."""

_ROOM_FOR_A_NUMBER = 4
_LONGEST_SOURCE = 12
_LONGEST_FOLDER = 13
_LONGEST_ID = 10
_RESERVED = frozenset({"con", "prn", "aux", "nul"} | {f"{n}{i}" for n in ("com", "lpt") for i in range(10)})
_PLURALS = {
    "media": "media",
    "settings": "settings",
    "reply": "replies",
    "badge": "badges",
    "e-mail": "e-mail",
    "cpd": "cpd",
}
_SAFE_PART = r"(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:[./]|$))[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*"
_SAFE = re.compile(f"{_SAFE_PART}(?:/{_SAFE_PART})*")


def slug(text: str, longest: int = 40) -> str:
    """Return a readable ASCII form of any text, ``""`` where nothing readable is left. Never a reserved name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    short = words[: max(longest, 0)].rstrip("-")
    return f"{short[: longest - 2]}-x" if short in _RESERVED and longest > 2 else short


def short_hash(text: str, digits: int = 8) -> str:
    """Return some hex digits that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:digits]


def segment_name(number: int, moment: datetime, source: str, random: str) -> str:
    """Return ``000001-20260301T120004Z-blog-3f9a``: in order by number, then time."""
    return f"{number:06d}-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{slug(source, _LONGEST_SOURCE) or 'source'}-{random}"


def folder_of(kind: str) -> str:
    """Return the folder for a kind: ``post`` -> ``posts``, ``journal-entry`` -> ``journal-entri``."""
    name = slug(kind, _LONGEST_FOLDER) or "other"
    plural = _PLURALS.get(name) or (f"{name[:-1]}ies" if re.search(r"[^aeiou]y$", name) else f"{name}s")
    return slug(plural, _LONGEST_FOLDER)


def entry_stem(segment: str, kind: str, published: datetime | None, title: str, native_id: str) -> str:
    """Return the path of a version's files without its extension: ``data/posts/2024/2024-03-04-on-moodle-1042``."""
    day = published.astimezone(UTC).date().isoformat() if published else ""  # %Y does not pad the year 999
    folder = f"data/{folder_of(kind)}/{day[:4] or 'undated'}"
    tail = identifier(native_id)
    room = LONGEST - len(segment) - 1 - len(folder) - 1 - len(f"{day}-{tail}.jsonl") - 1 - _ROOM_FOR_A_NUMBER
    parts = [day, slug(title, room), tail]
    return f"{folder}/{'-'.join(p for p in parts if p)}"


def identifier(native_id: str) -> str:
    """Return a short name for a system's own number or path; what is long or odd becomes a hash."""
    plain = native_id.lower()
    if len(plain) <= _LONGEST_ID and re.fullmatch(r"[a-z0-9]+", plain) and plain not in _RESERVED:
        return plain
    return short_hash(native_id)


def file_path(segment: str, digest: str, name: str, moment: datetime) -> str:
    """Return where the bytes of a media file lie: ``data/media/2024/5d1c09aa-workshop-photo.jpg``."""
    stem, dot, extension = name.rpartition(".")
    ending = slug(extension, 8) if dot and stem else ""
    folder = f"data/media/{moment.astimezone(UTC):%Y}"
    room = LONGEST - len(segment) - 1 - len(folder) - 1 - 9 - len(ending) - 1 - _ROOM_FOR_A_NUMBER
    words = slug(stem if ending else name, min(room, 60))
    base = "-".join(p for p in (digest[:8], words) if p)
    return f"{folder}/{base}{'.' if ending else ''}{ending}"


def numbered(path: str, number: int) -> str:
    """Return the path with a number before its extension, for the second and later files that want one name."""
    folder, _, name = path.rpartition("/")
    stem, dot, extension = name.partition(".")
    return f"{folder}/{stem}-{number}{dot}{extension}"


def is_safe(path: str, longest: int = LONGEST) -> bool:
    """Say whether a path in a bag could have been made here: safe on NTFS, exFAT, APFS and in a synchronised folder."""
    return len(path) <= longest and _SAFE.fullmatch(path) is not None
