"""An archive of format version 1, made when that format was new, is read by today's program to the last byte."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from archive.care.fixity import verify
from archive.entry import to_json
from archive.store import Archive
from archive.values import Origin
from tests.archive.make import post
from tests.archive.readers import assert_valid_for_others, read_as_the_readme_says
from tests.prove.golden import found

GOLDEN = Path(__file__).parents[1] / "fixtures/archive/format-1"
EXPECTED = json.loads(GOLDEN.with_suffix(".json").read_text("ascii"))


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    """A copy: git keeps no modes and no empty folders."""
    root = tmp_path / "golden"
    shutil.copytree(GOLDEN, root)
    for path in (root, *root.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    (root / "staging").mkdir(mode=0o700)
    return root


def test_everything_in_it_is_found(golden: Path, tmp_path: Path):
    """Entries, versions, raw bytes, contents, files, failures, cursors: as on the day when it was made."""
    with Archive.open(golden, tmp_path / "state") as archive:
        assert json.loads(json.dumps(found(archive))) == EXPECTED


def test_it_is_whole(golden: Path, tmp_path: Path):
    with Archive.open(golden, tmp_path / "state") as archive:
        assert verify(archive, "deep").findings == ()
    assert_valid_for_others(golden)


def test_the_readme_of_its_day_finds_the_same(golden: Path):
    state = read_as_the_readme_says(golden)
    contents = {i: value["content"] for i, value in state.items()}
    assert contents == {i: held["entry"].get("content_html", "") for i, held in EXPECTED["entries"].items()}


def test_it_can_be_added_to(golden: Path, tmp_path: Path):
    """What was there stays as it was, and what had been removed for good stays away."""
    with Archive.open(golden, tmp_path / "state") as archive:
        with archive.append(Origin("blog", "wordpress")) as writer:
            assert writer.put(post(1), b"{}") == "created"
            gone = post(1047, keys=("guid:https://blog.example.org/?p=1047",))
            assert writer.put(gone, b"{}") == "forgotten"
            writer.seal()
        assert verify(archive, "deep").findings == ()
        for some_id, held in EXPECTED["entries"].items():
            stored = archive.entry(some_id)
            assert stored
            assert json.loads(json.dumps(to_json(stored.entry))) == held["entry"]
