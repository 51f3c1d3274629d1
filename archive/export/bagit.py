"""
One BagIt bag (RFC 8493) with the whole archive and its history.

``data/records.jsonl`` holds every line in order, with places in this very bag; each version's raw form and page lie
under dated names, each file once. The same archive gives the same payload, whatever parts it was sealed in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from archive import naming
from archive.chronicle import Chronicle, Kept, Told
from archive.decisions import HOMES
from archive.entry import Digest, Json, canonical, parse_time
from archive.export import Tree, Written, growing
from archive.store import Archive

FORMAT = "keepfolio-bag"
FORMAT_VERSION = 1
RECORDS = "data/records.jsonl"
RUNS = "data/runs.jsonl"
ABOUT = "data/archive.json"

_BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_DESCRIPTION = (
    "A whole keepfolio archive with its history: everything that was harvested for a professional portfolio, "
    "in every version. README.txt tells how to read it."
)
_AS_IF = "000000-00000000T000000Z-bag-0000"  # names are cut as they are in an archive


def write(archive: Archive, out: Path, *, owner: str = "") -> Written:
    """
    Write the bag into a folder that is empty or does not exist; nothing is left there if that fails.

    ``owner``: whose archive it is, for ``bag-info.txt``.

    Raises:
        ArchiveDamaged: A file of the archive is missing, or not what was stored.

        KeepfolioError: The disk is full, or does not let us.
    """
    history = Kept(archive.root)
    with growing(out, archive.disk) as tree:
        bag = _Bag(tree, history)
        bag.fill()
        _write_tags(tree, bag.payload(), history.id, owner)
    return Written(out, len(bag.entries), len(bag.digests), tree.bytes)


class _Bag:
    """The payload."""

    def __init__(self, tree: Tree, history: Chronicle) -> None:
        self.entries: set[str] = set()
        self.digests: dict[Digest, Json] = {}
        self._tree = tree
        self._history = history
        self._listed: dict[str, Digest] = {}
        self._places: dict[tuple[str, int], Json] = {}

    def fill(self) -> None:
        needed = {f["sha256"] for told in self._history.lines() if told.speaks_of_entry for f in _files(told)}
        for told in self._history.lines():
            value = dict(told.value)
            if told.speaks_of_entry:
                value = self._with_bytes(told)
            elif value["event"] in HOMES:
                files = [f for f in _files(told) if f["sha256"] not in needed and f["sha256"] not in self.digests]
                value |= {
                    "event": "file",
                    "files": [self._kept(told, f, str(f.get("originalName", ""))) for f in files],
                }
                if not files:
                    continue
            self._tree.append(RECORDS, canonical(value) + b"\n")
        for run in self._history.runs():
            self._tree.append(RUNS, canonical(run) + b"\n")
        about = {"format": FORMAT, "version": FORMAT_VERSION, "archive": self._history.id, "digest": "sha256"}
        self._write(ABOUT, f"{json.dumps(about, indent=1)}\n".encode())
        for name in (RECORDS, RUNS):  # an archive in which nothing is yet has no line
            self._tree.append(name, b"")

    def payload(self) -> dict[str, Digest]:
        """Return every payload file and its digest."""
        return {**self._listed, **self._tree.grown()}

    def _with_bytes(self, told: Told) -> Json:
        """Keep what a line brings, and return the line with its places here."""
        value: Json = {**told.value}
        self.entries.add(str(value["id"]))
        entry: Any = told.value["entry"]
        published = parse_time(entry["published"]) if entry.get("published") else None
        stem = naming.entry_stem(_AS_IF, entry["kind"], published, entry.get("title", ""), entry["native_id"])
        if "raw" in value:
            value["raw"] = self._raw(told, stem)
        if "readable" in value:
            value["readable"] = self._page(told, stem)
        if "files" in value:
            names = {f.get("sha256"): f.get("name", "") for f in entry.get("files", ())}
            value["files"] = [self._kept(told, f, names.get(f["sha256"], "")) for f in _files(told)]
        return value

    def _raw(self, told: Told, stem: str) -> Json:
        where = told.value["raw"]
        known = told.identity_of(where)
        if known not in self._places:
            place: Json = {"sha256": where["sha256"], "size": where["size"]}
            data = told.raw()
            if "offset" in where:
                group = str(where["path"])
                place |= {"path": group, "offset": self._tree.append(group, data + b"\n")}
            else:
                place["path"] = path = self._tree.free_name(f"{stem}.{ENDINGS[told.raw_type]}")
                self._write(path, data)
            self._places[known] = place
        return self._places[known]

    def _page(self, told: Told, stem: str) -> Json:
        where = told.value["readable"]
        known = told.identity_of(where)
        if known not in self._places:
            path = self._tree.free_name(f"{stem}.html")
            self._write(path, told.page())
            self._places[known] = {k: v for k, v in where.items() if k == "whole"} | {"path": path}
        return self._places[known]

    def _kept(self, told: Told, where: Mapping[str, Any], name: str) -> Json:
        digest = str(where["sha256"])
        if digest not in self.digests:
            moment = parse_time(str(told.value["eventTime"]))
            path = self._tree.free_name(naming.file_path(_AS_IF, digest, name, moment))
            with told.file(where) as stream:
                self._listed[path] = self._tree.copy(path, stream)
            if self._listed[path] != digest:
                raise self._history.broken(path)
            self.digests[digest] = {"sha256": digest, "size": where["size"], "path": path}
        more = ("mediaType", "originalName") if told.value["event"] in HOMES else ()
        return self.digests[digest] | {k: where[k] for k in more if k in where}

    def _write(self, path: str, data: bytes) -> None:
        self._listed[path] = self._tree.write(path, data)


ENDINGS = {"json": "json", "xml": "xml", "txt": "txt", "html": "raw.html"}


def _files(told: Told) -> list[dict[str, Any]]:
    return list(told.value.get("files", ()))


def _write_tags(tree: Tree, payload: Mapping[str, Digest], archive_id: str, owner: str) -> None:
    """Write what makes it a bag; ``bagit.txt`` comes last, so that half a bag is none."""
    info = [
        ("Bagging-Date", f"{datetime.now(UTC):%Y-%m-%d}"),
        ("Bag-Software-Agent", "keepfolio"),
        *((("Source-Organization", owner),) if owner else ()),
        ("External-Identifier", archive_id),
        ("Internal-Sender-Description", _DESCRIPTION),
        ("Payload-Oxum", f"{tree.bytes}.{len(payload)}"),
    ]
    tags = {
        "README.txt": resources.files("archive.export").joinpath("bag-readme.txt").read_bytes(),
        "bag-info.txt": "".join(f"{label}: {' '.join(value.split())}\n" for label, value in info).encode(),
        "manifest-sha256.txt": "".join(f"{d}  {path}\n" for path, d in sorted(payload.items())).encode(),
    }
    listed = {name: tree.write(name, data) for name, data in tags.items()}
    listed["bagit.txt"] = hashlib.sha256(_BAGIT).hexdigest()
    tree.write("tagmanifest-sha256.txt", "".join(f"{d}  {name}\n" for name, d in sorted(listed.items())).encode())
    tree.write("bagit.txt", _BAGIT)
