"""
Looking for what should not be there any more: every byte of every file is read, no index is asked.

Found are ids, digests and the bytes themselves; and, apart from them, words (a title, an address) that other entries
also use. Inside compressed files (a zip, a PDF, a Word document) nothing is found.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from archive import segment
from archive.entry import Digest

_PIECE = 1 << 20
_DECISIONS = frozenset({"redaction", "readmission"})
SHORTEST = 5
"""Characters of the shortest text that is looked for: shorter ones stand everywhere."""


@dataclass(frozen=True)
class Trace:
    """
    Something found. ``path`` is relative to the folder that was searched.

    ``kind``: ``id``, ``digest`` and ``bytes`` should not be there at all; ``text`` is a mention. ``entry`` is the id of
    the entry that the place belongs to, where that is known.
    """

    kind: Literal["id", "digest", "bytes", "text"]
    path: str
    found: str
    entry: str = ""


def prove(root: Path, ids: Iterable[str], digests: Iterable[Digest], texts: Iterable[str] = ()) -> list[Trace]:
    """
    Return what is left of some entries in an archive, or in a copy of one in a folder.

    Args:
        root: The archive's folder; everything in it is read.

        ids: Ids of what was removed; the lines that say that they were do not count.

        digests: Of their files, and of the bytes that their source sent.

        texts: Titles and addresses.
    """
    search = _Search(ids, digests, texts)
    found: list[Trace] = []
    for path in _files(root):
        name = path.relative_to(root).as_posix()
        by_line = name.startswith("segments/") and name.endswith(f"/{segment.RECORDS}")
        found += search.records(path, name) if by_line else search.file(path, name)
    owners = _owners(root, {t.path for t in found if not t.entry})
    return [Trace(t.kind, t.path, t.found, t.entry or owners.get(t.path, "")) for t in found]


def mentions(root: Path, texts: Iterable[str], ids: Iterable[str] = ()) -> list[Trace]:
    """Return the files below a folder, or the one file, in which a text or an id stands."""
    search = _Search(ids, (), texts)
    paths = [root] if root.is_file() else _files(root)
    return [t for path in paths for t in search.file(path, path.relative_to(root).as_posix())]


class _Search:
    def __init__(self, ids: Iterable[str], digests: Iterable[Digest], texts: Iterable[str]) -> None:
        self._digests = frozenset(digests)
        self._marks: dict[bytes, tuple[Literal["id", "digest"], str]] = {
            **{i.encode().lower(): ("id", i) for i in ids},
            **{d.encode(): ("digest", d) for d in self._digests},
        }
        self._texts = {form: text for text in texts if len(text) >= SHORTEST for form in forms(text)}
        self._longest = max(map(len, (*self._marks, *self._texts)), default=0)

    def records(self, path: Path, name: str) -> Iterator[Trace]:
        """Yield what lines hold; those that say what was removed name it, and that is all that may."""
        with path.open("rb") as lines:
            for line in lines:
                value = _value(line)
                known = str(value.get("id", ""))
                for trace in self._in(line.lower(), name):
                    if trace.kind == "text" or value.get("event") not in _DECISIONS:
                        yield Trace(trace.kind, name, trace.found, known)

    def file(self, path: Path, name: str) -> Iterator[Trace]:
        """Yield what a file holds, in its name or its bytes, and whether it is one that should be gone."""
        whole, line, before = hashlib.sha256(), _Lines(), b""
        found = dict.fromkeys(self._in(name.lower().encode("utf-8", "surrogateescape"), name))
        by_line = name.endswith(".jsonl")
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                whole.update(piece)
                window = before + piece.lower()
                found |= dict.fromkeys(self._in(window, name))
                before = window[-self._longest :] if self._longest else b""
                for digest in line.digests(piece) if by_line else ():
                    if digest in self._digests:
                        found[Trace("bytes", name, digest)] = None
        if whole.hexdigest() in self._digests:
            found[Trace("bytes", name, whole.hexdigest())] = None
        yield from found

    def _in(self, data: bytes, name: str) -> Iterator[Trace]:
        yield from (Trace(kind, name, what) for mark, (kind, what) in self._marks.items() if mark in data)
        yield from (Trace("text", name, t) for t in dict.fromkeys(t for f, t in self._texts.items() if f in data))


class _Lines:
    """The digests of the lines of a file that many entries share."""

    def __init__(self) -> None:
        self._rest = b""

    def digests(self, piece: bytes) -> Iterator[Digest]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        yield from (hashlib.sha256(line).hexdigest() for line in lines)


def forms(text: str) -> set[bytes]:
    """Return the forms in which a text may stand in a file: plain, in JSON, in HTML; in lower case."""
    plain = text.encode("utf-8", "backslashreplace")
    in_json = (json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    slashed = json.dumps(text)[1:-1].replace("/", "\\/")  # PHP writes addresses so
    others = (*in_json, slashed, html.escape(text), html.escape(text, quote=False))
    return {plain.lower(), *(o.encode("utf-8", "backslashreplace").lower() for o in others)}


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _value(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _owners(root: Path, paths: set[str]) -> dict[str, str]:
    """Return the entry that a file of a part belongs to, for those that one does."""
    owners: dict[str, str] = {}
    for bag in {path.split("/")[1] for path in paths if path.startswith("segments/") and path.count("/") > 1}:
        place_of: Callable[[str], str] = f"segments/{bag}/{{}}".format
        for line in segment.records(root / "segments" / bag):
            value = _value(line)
            for place in (value.get("raw"), value.get("readable"), *value.get("files", ())):
                if isinstance(place, dict) and "segment" not in place and place_of(str(place.get("path"))) in paths:
                    owners.setdefault(place_of(str(place["path"])), str(value.get("id", "")))
    return owners
