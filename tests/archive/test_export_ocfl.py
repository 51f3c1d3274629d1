"""An OCFL 1.1 storage root: valid for others, one object for each entry, one version for each event."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import ocfl as ocfl_py  # type: ignore[import-untyped] # it has no types
import pytest

from archive.entry import format_time
from archive.export import ocfl
from archive.store import Archive
from tests.archive.histories import eventful
from tests.archive.make import BLOG, keep, keep_with_file, picture, post


def validated(root: Path) -> Any:
    """Return ocfl-py's view of a root that it finds valid, digests included, warnings of one kind only."""
    store = ocfl_py.StorageRoot(root=str(root))
    assert store.validate(validate_objects=True, check_digests=True, log_warnings=True), (store.errors, str(store.log))
    said = {code for _, text in store.errors for code in re.findall(r"\[([EW]\d+\w*)\]", text)}
    assert said <= {"W004"}, store.errors  # SHA-256, as in the archive; SHA-512 is only preferred
    return store


def inventory(root: Path, object_id: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((root / ocfl.object_path(object_id) / "inventory.json").read_bytes())
    return value


def test_ocfl_py_finds_every_object_valid(archive: Archive, tmp_path: Path) -> None:
    """Structure, inventories and every digest: by a validator that is not ours; no object too many."""
    done = ocfl.write(eventful(archive), tmp_path / "ocfl")
    store = validated(done.path)
    assert store.num_objects == store.good_objects == done.entries + 1


def test_a_reader_of_the_layout_finds_every_object(archive: Archive, tmp_path: Path) -> None:
    """By extension 0003 alone, as ocfl-py knows it."""
    root = ocfl.write(eventful(archive), tmp_path / "ocfl").path
    store = ocfl_py.StorageRoot(root=str(root))
    store.open_root_fs()
    store.check_root_structure()
    found = {identifier: path for path, identifier in store.list_objects()}
    assert {s.id for s in archive.entries()} < found.keys()
    for identifier, path in found.items():
        assert store.object_path(identifier) == path.strip("/") == ocfl.object_path(identifier)


def test_each_event_is_a_version(archive: Archive, tmp_path: Path) -> None:
    """Created when it happened, told in words, by the source that brought it."""
    keep(archive, post(1))
    keep(archive, post(1, title="Again"))
    (stored,) = archive.entries()
    with archive.append(BLOG) as writer:
        writer.tombstone(stored.id, "404")
        writer.seal()
    root = ocfl.write(archive, tmp_path / "ocfl").path
    versions = inventory(root, stored.id)["versions"]
    events = archive.versions(stored.id)
    assert [v["created"] for v in versions.values()] == [format_time(e.when) for e in events]
    assert [v["message"] for v in versions.values()] == [
        "New (Post 1)", "Changed (Again)", "Deleted by its source; kept here (Again)",
    ]  # fmt: skip
    assert {v["user"]["name"] for v in versions.values()} == {"blog"}
    assert {v["user"]["address"] for v in versions.values()} == {"https://b.org"}


def test_bytes_that_an_earlier_version_holds_are_not_repeated(archive: Archive, tmp_path: Path) -> None:
    """A new version of a post keeps its picture by reference."""
    entry = post(1, files=(picture(),))
    _, digest = keep_with_file(archive, entry, b"bytes")
    keep_with_file(archive, post(1, title="Again", files=(picture(),)), b"bytes")
    root = ocfl.write(archive, tmp_path / "ocfl").path
    (stored,) = archive.entries()
    about = inventory(root, stored.id)
    assert about["manifest"][digest][0].startswith("v1/content/files/")
    assert digest in about["versions"]["v2"]["state"]
    assert not list((root / ocfl.object_path(stored.id)).glob("v2/content/files/*"))


def test_the_record_loses_nothing(archive: Archive, tmp_path: Path) -> None:
    """``record.json`` is the line as it was sealed; only places differ."""
    eventful(archive)
    root = ocfl.write(archive, tmp_path / "ocfl").path
    sealed = [
        json.loads(line)
        for path in sorted(archive.root.glob("segments/*/data/records.jsonl"))
        for line in path.read_bytes().splitlines()
    ]
    history = root / ocfl.object_path(ocfl.HISTORY) / "v1/content"
    order = [json.loads(line) for line in (history / "records.jsonl").read_bytes().splitlines()]
    assert len(order) == len(sealed)
    for told, line in zip(order, sealed, strict=True):
        assert _bare(_record(root, told) if "object" in told else told) == _bare(line)


def test_an_archive_in_which_nothing_is_gives_a_valid_root(archive: Archive, tmp_path: Path) -> None:
    """Empty is not broken."""
    validated(ocfl.write(archive, tmp_path / "ocfl").path)


@pytest.mark.parametrize("part", ["config.json", "ocfl_layout.json", "0=ocfl_1.1"])
def test_the_root_says_how_it_is_laid_out(archive: Archive, tmp_path: Path, part: str) -> None:
    """The files that the specification asks for are there, and nothing else at the top."""
    root = ocfl.write(eventful(archive), tmp_path / "ocfl").path
    assert list(root.rglob(part))
    assert {p.name for p in root.iterdir() if p.is_file()} == {"ocfl_layout.json", "0=ocfl_1.1"}


def _record(root: Path, told: dict[str, Any]) -> dict[str, Any]:
    where = root / ocfl.object_path(told["object"])
    about = json.loads((where / "inventory.json").read_bytes())
    (digest,) = [d for d, names in about["versions"][told["version"]]["state"].items() if "record.json" in names]
    value: dict[str, Any] = json.loads((where / about["manifest"][digest][0]).read_bytes())
    return value


def _bare(line: dict[str, Any]) -> dict[str, Any]:
    """A line without the places of bytes: those are the object's own."""
    files = sorted(f["sha256"] for f in line.get("files", ()))
    raw = line.get("raw", {}).get("sha256")
    return {k: v for k, v in line.items() if k not in {"raw", "readable", "files"}} | {"raw": raw, "files": files}
