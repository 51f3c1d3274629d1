"""
An OCFL 1.1 storage root (https://ocfl.io/1.1/spec/): one object for each entry, one version for each event.

Each version holds ``record.json`` (the line as it was sealed, with places in the object), the raw form, the readable
page and the files; bytes that an earlier version holds are not repeated. One more object, ``HISTORY``, holds the order
of everything and what belongs to no entry. Layout extension 0003; all digests are SHA-256, as in the archive.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from archive import naming
from archive.chronicle import Kept, Told
from archive.decisions import HOMES
from archive.entry import Digest, Json, JsonValue, canonical, format_time, parse_time
from archive.export import Tree, Written, growing
from archive.export.bagit import ENDINGS
from archive.store import Archive

FORMAT = "keepfolio-ocfl"
FORMAT_VERSION = 1
HISTORY = "info:keepfolio/history"
RECORD = "record.json"
RECORDS = "records.jsonl"
RUNS = "runs.jsonl"
ABOUT = "archive.json"
ROOT_MARK = ("0=ocfl_1.1", b"ocfl_1.1\n")
LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
LAYOUT_FILE = f"extensions/{LAYOUT}/config.json"
LAYOUT_CONFIG: Json = {
    "extensionName": LAYOUT,
    "digestAlgorithm": "sha256",
    "tupleSize": 3,
    "numberOfTuples": 3,
}

_OBJECT_MARK = ("0=ocfl_object_1.1", b"ocfl_object_1.1\n")
_TYPE = "https://ocfl.io/1.1/spec/#inventory"
_AS_IF = "000000-00000000T000000Z-ocfl-0000"
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_EVENTS = {
    "creation": "New",
    "update": "Changed",
    "completion": "Completed: keys, files or a source were added",
    "deletion": "Deleted by its source; kept here",
    "restoration": "Back at its source",
}


def write(archive: Archive, out: Path) -> Written:
    """
    Write the storage root into a folder that is empty or does not exist; nothing is left there if that fails.

    Raises:
        ArchiveDamaged: A file of the archive is missing, or not what was stored.

        KeepfolioError: The disk is full, or does not let us.
    """
    history = Kept(archive.root)
    with growing(out, archive.disk) as tree:
        done = _Root(tree, history).fill()
    return Written(out, *done, tree.bytes)


def object_path(object_id: str) -> str:
    """Return where an object lies in the root, by extension 0003."""
    digest = hashlib.sha256(object_id.encode()).hexdigest()
    safe = "".join(c if c in _PLAIN else "".join(f"%{b:02x}" for b in c.encode()) for c in object_id)
    return f"{digest[:3]}/{digest[3:6]}/{digest[6:9]}/{safe}"


class _Object:
    """One object in the making, a version at a time."""

    def __init__(self, tree: Tree, object_id: str) -> None:
        self.where = object_path(object_id)
        self.digests: set[Digest] = set()
        self._id = object_id
        self._tree = tree
        self._manifest: dict[Digest, list[JsonValue]] = {}
        self._versions: dict[str, Json] = {}
        self._state: dict[Digest, list[JsonValue]] = {}

    @property
    def next(self) -> str:
        return f"v{len(self._versions) + 1}"

    def holds(self, digest: Digest, name: str) -> bool:
        """Name bytes in the next version if an earlier one holds them, and say whether that is so."""
        if digest in self._manifest:
            self._named(digest, name)
        return digest in self._manifest

    def add(self, name: str, data: bytes) -> Digest:
        """Put a file into the next version."""
        digest = hashlib.sha256(data).hexdigest()
        if not self.holds(digest, name):
            self._tree.write(f"{self.where}/{self._place(digest, name)}", data)
        return digest

    def copy(self, name: str, told: Told, where: Mapping[str, Any]) -> None:
        """Put a file of a line into the next version."""
        digest = str(where["sha256"])
        if self.holds(digest, name):
            return
        with told.file(where) as stream:
            found = self._tree.copy(f"{self.where}/{self._place(digest, name)}", stream)
        if found != digest:
            raise told.chronicle.broken(name)
        self.digests.add(digest)

    def grown(self, name: str, digest: Digest) -> None:
        """Note a file that was appended to at ``content(name)``."""
        self._place(digest, name)

    def content(self, name: str) -> str:
        """Return where a file of the next version lies in the root."""
        return f"{self.where}/{self.next}/content/{name}"

    def close_version(self, when: str, message: str, user: Mapping[str, str]) -> None:
        """End the version, and write the inventory as it is with it."""
        version = self.next
        about: Json = {"created": when, "message": message, "user": dict(user), "state": {**self._state}}
        self._versions[version] = about
        self._state = {}
        self._write_inventory(f"{self.where}/{version}/", version)

    def close(self) -> None:
        """End the object."""
        self._write_inventory(f"{self.where}/", f"v{len(self._versions)}")
        self._tree.write(f"{self.where}/{_OBJECT_MARK[0]}", _OBJECT_MARK[1])

    def _named(self, digest: Digest, name: str) -> None:
        names = self._state.setdefault(digest, [])
        if name not in names:
            names.append(name)

    def _place(self, digest: Digest, name: str) -> str:
        path = f"{self.next}/content/{name}"
        self._manifest.setdefault(digest, []).append(path)
        self._named(digest, name)
        return path

    def _write_inventory(self, folder: str, head: str) -> None:
        inventory: Json = {
            "id": self._id,
            "type": _TYPE,
            "digestAlgorithm": "sha256",
            "head": head,
            "contentDirectory": "content",
            "manifest": {**self._manifest},
            "versions": {**self._versions},
        }
        data = f"{json.dumps(inventory, indent=1)}\n".encode()
        digest = self._tree.write(f"{folder}inventory.json", data)
        self._tree.write(f"{folder}inventory.json.sha256", f"{digest} inventory.json\n".encode())


class _Root:
    def __init__(self, tree: Tree, history: Kept) -> None:
        self._tree = tree
        self._history = history
        self._runs = list(history.runs())
        self._users = {user["name"]: user for user in (_user(run, history.id) for run in self._runs)}

    def fill(self) -> tuple[int, int]:
        """Write everything; return how many objects of entries and how many different files."""
        self._tree.write(*ROOT_MARK)
        layout = {"extension": LAYOUT, "description": "Hashed n-tuples, then the object's id, percent-encoded."}
        self._tree.write("ocfl_layout.json", _pretty(layout))
        self._tree.write(LAYOUT_FILE, _pretty(LAYOUT_CONFIG))
        told_of, digests = self._write_history()
        for entry_id, lines in told_of.items():
            digests |= self._write_entry(entry_id, lines)
        return len(told_of), len(digests)

    def _write_history(self) -> tuple[dict[str, list[tuple[str, int]]], set[Digest]]:
        """Write the order of all; return where the lines of each entry are to be read."""
        history, where = self._history, _Object(self._tree, HISTORY)
        told_of: dict[str, list[tuple[str, int]]] = {}
        for told in history.lines():
            value: Json = {**told.value}
            if told.speaks_of_entry:
                lines = told_of.setdefault(str(value["id"]), [])
                lines.append((told.home, told.at))
                value = {k: value[k] for k in ("event", "eventTime")}
                value |= {"object": told.value["id"], "version": f"v{len(lines)}"}
            elif value["event"] in HOMES:
                value |= {"event": "file", "files": [self._alone(where, told, f) for f in told.value["files"]]}
            self._tree.append(where.content(RECORDS), canonical(value) + b"\n")
        for run in self._runs:
            self._tree.append(where.content(RUNS), canonical(run) + b"\n")
        about: Json = {"format": FORMAT, "version": FORMAT_VERSION, "archive": history.id}
        where.add(ABOUT, _pretty(about))
        where.add("README.txt", resources.files("archive.export").joinpath("ocfl-readme.txt").read_bytes())
        for name in (RECORDS, RUNS):
            self._tree.append(where.content(name), b"")
        grown = self._tree.grown()
        for name in (RECORDS, RUNS):
            where.grown(name, grown[where.content(name)])
        ended = [str(run["ended"]) for run in self._runs if "ended" in run]
        where.close_version(
            max(ended, default=format_time(parse_time("1970-01-01T00:00:00Z"))),
            "The order of everything, and what belongs to no entry",
            {"name": "keepfolio", "address": "https://pypi.org/project/keepfolio/"},
        )
        where.close()
        return told_of, where.digests

    def _alone(self, where: _Object, told: Told, file: Mapping[str, Any]) -> Json:
        name = _file_name(told, file, str(file.get("originalName", "")))
        where.copy(name, told, file)
        return {k: v for k, v in file.items() if k != "segment"} | {"path": name}

    def _write_entry(self, entry_id: str, lines: list[tuple[str, int]]) -> set[Digest]:
        where = _Object(self._tree, entry_id)
        for home, at in lines:
            told = self._history.again(home, at)
            value = self._with_bytes(where, told)
            where.add(RECORD, canonical(value) + b"\n")
            event, title = str(value["event"]), str(told.value["entry"].get("title", ""))
            words = f"{_EVENTS.get(event, event)} ({title})" if title else _EVENTS.get(event, event)
            source = str(value["origin"])
            user = self._users.get(source, {"name": source, "address": self._history.id})
            where.close_version(str(value["eventTime"]), words, user)
        where.close()
        return where.digests

    def _with_bytes(self, where: _Object, told: Told) -> Json:
        """Keep what a line brings, and return the line with its places in the object."""
        value: Json = {**told.value}
        entry: Any = told.value["entry"]
        published = parse_time(entry["published"]) if entry.get("published") else None
        stem = naming.entry_stem(_AS_IF, entry["kind"], published, entry.get("title", ""), entry["native_id"])
        stem = stem.rpartition("/")[2]
        if raw := told.value.get("raw"):
            name = f"raw/{stem}.{ENDINGS[told.raw_type]}"
            if not where.holds(raw["sha256"], name):
                where.add(name, told.raw())
            value["raw"] = {"sha256": raw["sha256"], "size": raw["size"], "path": name}
        if readable := told.value.get("readable"):
            name = f"{stem}.html"
            where.add(name, told.page())
            value["readable"] = {k: v for k, v in readable.items() if k == "whole"} | {"path": name}
        if "files" in value:
            names = {f.get("sha256"): f.get("name", "") for f in entry.get("files", ())}
            value["files"] = [self._file(where, told, f, names.get(f["sha256"], "")) for f in told.value["files"]]
        return value

    def _file(self, where: _Object, told: Told, file: Mapping[str, Any], name: str) -> Json:
        path = _file_name(told, file, name)
        where.copy(path, told, file)
        return {"sha256": file["sha256"], "size": file["size"], "path": path}


def _file_name(told: Told, file: Mapping[str, Any], name: str) -> str:
    moment = parse_time(str(told.value["eventTime"]))
    return f"files/{naming.file_path(_AS_IF, file['sha256'], name, moment).rpartition('/')[2]}"


def _user(run: Json, archive_id: str) -> dict[str, str]:
    """Return who brought a version: its source; one without an address gets that of the archive."""
    given = run.get("origin")
    origin: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    address = str(origin.get("address", ""))
    return {"name": str(origin.get("name", "")), "address": address if ":" in address else archive_id}


def _pretty(value: Json | dict[str, str]) -> bytes:
    return f"{json.dumps(value, indent=1)}\n".encode()
