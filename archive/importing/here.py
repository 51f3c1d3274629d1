"""What an archive holds already, as an import asks for it; read from the sealed lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from archive.chronicle import Chronicle, Kept
from archive.entry import Digest, Json, canonical, parse_time
from archive.importing.sound import is_name, is_time
from archive.store import Archive

OWN_KINDS = frozenset({"workspace", "release", "receipt"})
"""Kinds that keepfolio made itself: they belong to one workspace, and two workspaces are never mixed."""

TYPE = "keepfolio"
"""The type of the origin of what an import adds."""


class Here:
    """
    What is here, by the id that it has now.

    Attributes:
        marks: Of every line (``mark_of``); ``made_here``: those of entries of ``OWN_KINDS``.

        removed: By id, when the owner last had it removed.

        sources: Those that wrote here, each with its address.
    """

    def __init__(self, archive: Archive) -> None:
        self.marks: set[bytes] = set()
        self.made_here: set[bytes] = set()
        self._lines: dict[str, set[bytes]] = {}
        self._fingerprints: dict[str, set[Digest]] = {}
        self._digests: dict[str, set[Digest]] = {}
        self.removed: dict[str, datetime] = {}
        history = Kept(archive.root)
        self.sources = addresses(history)
        for told in history.every_line():
            self._note(told.value, archive)

    def _note(self, value: Mapping[str, Any], archive: Archive) -> None:
        mark = mark_of(value)
        self.marks.add(mark)
        if value["event"] == "redaction":
            self.removed |= dict.fromkeys(value["ids"], parse_time(value["eventTime"]))
        if "entry" not in value:
            return
        now = archive.index.current(value["id"])
        self._lines.setdefault(now, set()).add(mark)
        self._fingerprints.setdefault(now, set()).add(value["fingerprint"])
        self._digests.setdefault(now, set()).update(f["sha256"] for f in value.get("files", ()))
        if value["entry"]["kind"] in OWN_KINDS:
            self.made_here.add(mark)

    def lines(self, ids: Iterable[str]) -> set[bytes]:
        """Return the marks of all lines about some entries."""
        return _all(self._lines, ids)

    def fingerprints(self, ids: Iterable[str]) -> set[Digest]:
        """Return those of all versions of some entries."""
        return _all(self._fingerprints, ids)

    def digests(self, ids: Iterable[str]) -> set[Digest]:
        """Return those of all files of all versions of some entries."""
        return _all(self._digests, ids)


def mark_of(value: Mapping[str, Any]) -> bytes:
    """Return what tells whether two lines are the same: all that counts, and not where bytes lie."""
    names = ("event", "eventTime", "id", "version", "fingerprint", "ids", "what", "branches")
    told: Json = {name: value[name] for name in names if name in value}
    if "entry" not in value and "files" in value:
        told["files"] = sorted(f["sha256"] for f in value["files"])
    return hashlib.blake2b(canonical(told), digest_size=16).digest()


def addresses(history: Chronicle) -> dict[str, str]:
    """Return the sources that wrote a history, each with its last address; imports are none."""
    return {name: str(origin.get("address", "")) for name, origin, _ in _origins(history)}


def last_harvests(history: Chronicle) -> dict[str, str]:
    """Return when each source was last seen to bring something, as ``format_time`` writes it."""
    return {name: ended for name, _, ended in _origins(history) if is_time(ended)}


def _origins(history: Chronicle) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    for run in history.runs():
        origin = run.get("origin")
        if isinstance(origin, Mapping) and is_name(origin.get("name")) and origin.get("type") != TYPE:
            yield str(origin["name"]), origin, str(run.get("ended", ""))


def _all(of: Mapping[str, set[Any]], ids: Iterable[str]) -> set[Any]:
    return set().union(*(of.get(i, set()) for i in ids))
