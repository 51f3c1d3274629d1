"""Reading an OCFL storage root that ``keepfolio export ocfl`` wrote: its objects are one history."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from archive.chronicle import LONGEST_LINE, Place, Told, insist_plain, parsed
from archive.entry import Digest, Json
from archive.errors import UsageError
from archive.export import ocfl
from archive.importing.foreign import LARGEST_MANIFEST, Sound, insist_apart, insist_readable, small_json
from archive.segment import digest_of

_OBJECT_ID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERSION = re.compile(r"v[1-9][0-9]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class _Inventory(NamedTuple):
    """What an object holds: by version and name the digest, and by digest the file."""

    states: Mapping[str, Mapping[str, Digest]]
    files: Mapping[Digest, str]


class Objects(Sound):
    """The history in a storage root. A line's home is ``ID VERSION``."""

    def __init__(self, root: Path) -> None:
        self.where = root
        insist_plain(root, self)
        config = small_json(root / ocfl.LAYOUT_FILE, self) if (root / ocfl.LAYOUT_FILE).is_file() else {}
        if config != ocfl.LAYOUT_CONFIG or not (root / ocfl.object_path(ocfl.HISTORY)).is_dir():
            raise UsageError(
                f"{root} is an OCFL storage root, and not one of keepfolio.",
                code="not-ours",
                unchanged="Your archive is as it was.",
                mend="To keep its files, put them into the folder inbox of your portfolio.",
            )
        self._inventory = lru_cache(256)(self._read_inventory)
        about = small_json(self._history(ocfl.ABOUT).path, self)
        self.id = str(about.get("archive", ""))
        if about.get("format") != ocfl.FORMAT or not _OBJECT_ID.fullmatch(self.id):
            raise self.broken(ocfl.ABOUT)
        insist_readable(about.get("version"), ocfl.FORMAT_VERSION, root)

    def every_line(self) -> Iterator[Told]:
        at = 0
        with self.open(self._history(ocfl.RECORDS)) as lines:
            while text := lines.readline(LONGEST_LINE + 1):
                yield self._told(parsed(text, self, ocfl.RECORDS), at)
                at += len(text)

    def again(self, home: str, at: int) -> Told:
        if home != _HISTORY:
            return self._record(home)
        with self.open(self._history(ocfl.RECORDS)) as lines:
            lines.seek(at)
            return self._told(parsed(lines.readline(LONGEST_LINE + 1), self, ocfl.RECORDS), at)

    def place(self, home: str, where: Mapping[str, Any]) -> Place:
        object_id, _, version = home.rpartition(" ")
        inventory, name = self._inventory(object_id), str(where["path"])
        digest = inventory.states.get(version, {}).get(name, "")
        if digest not in inventory.files:
            raise self.broken(f"{object_id} {version} {name}", "is not in its list of files")
        folder = self.where / ocfl.object_path(object_id)
        return Place(folder / inventory.files[digest], digest, f"{object_id}/{inventory.files[digest]}")

    def runs(self) -> Iterator[Json]:
        with self.open(self._history(ocfl.RUNS)) as lines:
            while text := lines.readline(LONGEST_LINE + 1):
                yield parsed(text, self, ocfl.RUNS, needs="run")

    def check(self) -> None:
        """Compare every file of every object that the history names with the object's inventory."""
        self._check_object(ocfl.HISTORY)
        checked = {ocfl.HISTORY}
        for told in self.every_line():
            object_id = told.home.rpartition(" ")[0]
            if object_id not in checked:
                checked.add(object_id)
                self._check_object(object_id)
        self._insist_sound()

    def _history(self, name: str) -> Place:
        return self.place(_HISTORY, {"path": name})

    def _told(self, value: dict[str, Any], at: int) -> Told:
        if "object" not in value:
            return Told(value, self, _HISTORY, at)
        object_id, version = value["object"], value.get("version")
        if not isinstance(object_id, str) or not _OBJECT_ID.fullmatch(object_id) or not isinstance(version, str):
            raise self.broken(ocfl.RECORDS, "has a line that is no record")
        return self._record(f"{object_id} {version}")

    def _record(self, home: str) -> Told:
        place = self.place(home, {"path": ocfl.RECORD})
        with self.open(place) as file:
            text = file.read(LONGEST_LINE + 1)
        if len(text) <= LONGEST_LINE and hashlib.sha256(text).hexdigest() != place.sha256:
            raise self.broken(place.name)
        value = parsed(text, self, place.name)
        if value.get("id") != home.rpartition(" ")[0]:
            raise self.broken(place.name, "is about another entry")
        return Told(value, self, home)

    def _check_object(self, object_id: str) -> None:
        folder, inventory = self.where / ocfl.object_path(object_id), self._inventory(object_id)
        insist_apart(inventory.files.values(), self)
        for digest, path in inventory.files.items():
            if not (folder / path).is_file():
                raise self.broken(f"{object_id}/{path}", "is missing")
            if digest_of(str(folder / path)) != digest:
                raise self.broken(f"{object_id}/{path}")

    def _read_inventory(self, object_id: str) -> _Inventory:
        path = self.where / ocfl.object_path(object_id) / "inventory.json"
        try:
            if path.stat().st_size > LARGEST_MANIFEST:
                raise self.broken(object_id, "has a list of files that is too large")
            data = path.read_bytes()
            named = path.with_name("inventory.json.sha256").read_bytes()[:64].decode()
        except (OSError, ValueError):
            raise self.broken(object_id, "is missing") from None
        if hashlib.sha256(data).hexdigest() != named:
            raise self.broken(object_id, "has a list of files that is not what was stored")
        try:
            return _taken_apart(json.loads(data), object_id)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise self.broken(object_id, "has a list of files that cannot be read") from None


_HISTORY = f"{ocfl.HISTORY} v1"


def _taken_apart(value: Mapping[str, Any], object_id: str) -> _Inventory:
    files = {digest: paths[0] for digest, paths in value["manifest"].items()}
    if value["id"] != object_id or value["digestAlgorithm"] != "sha256":
        raise ValueError(object_id)
    if not all(_DIGEST.fullmatch(digest) and _is_content(path) for digest, path in files.items()):
        raise ValueError(object_id)
    states = {
        version: {name: digest for digest, names in about["state"].items() for name in names}
        for version, about in value["versions"].items()
    }
    return _Inventory(states, files)


def _is_content(path: str) -> bool:
    """Say whether a path stays in the content of its object."""
    version, content, *parts = path.split("/")
    inside = bool(parts) and not {"", ".", ".."}.intersection(parts) and "\\" not in path and "\0" not in path
    return inside and content == "content" and _VERSION.fullmatch(version) is not None
