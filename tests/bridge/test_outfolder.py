"""A build fills its folder: private, without leftovers, and never over what is somebody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archive.errors import UsageError
from bridge.outfolder import MARK, fill


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {MARK}


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    """Folders 0700, files 0600, whatever the umask says."""
    before = os.umask(0)
    try:
        fill(tmp_path / "out", {"index.html": "page", "files/a.txt": "a"})
    finally:
        os.umask(before)

    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "out" / "files").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "out" / "files" / "a.txt").stat().st_mode & 0o777 == 0o600


def test_what_an_earlier_build_left_goes(tmp_path: Path) -> None:
    """A file that became private is in no later build's folder."""
    fill(tmp_path, {"index.html": "one", "files/secret.pdf": "x"})
    fill(tmp_path, {"index.html": "two"})

    assert names(tmp_path) == {"index.html"}
    assert (tmp_path / "index.html").read_text() == "two"


def test_what_others_put_there_stays(tmp_path: Path) -> None:
    """A file of the owner's beside the build is left alone."""
    fill(tmp_path, {"index.html": "one"})
    (tmp_path / "notes.txt").write_text("mine")

    fill(tmp_path, {"index.html": "two"})

    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_foreign_page_is_never_overwritten(tmp_path: Path) -> None:
    """An index.html that keepfolio did not make refuses the build, and nothing is touched."""
    (tmp_path / "index.html").write_text("my own site")

    with pytest.raises(UsageError, match="did not make it"):
        fill(tmp_path, {"index.html": "page", "files/a.txt": "a"})

    assert names(tmp_path) == {"index.html"}
    assert (tmp_path / "index.html").read_text() == "my own site"


def test_a_hostile_record_leads_nowhere(tmp_path: Path) -> None:
    """Names in the record that lead outside are not followed."""
    outside = tmp_path / "outside.txt"
    outside.write_text("keep me")
    out = tmp_path / "out"
    out.mkdir()
    (out / MARK).write_text('["../outside.txt", "/etc/hostname"]')

    fill(out, {"index.html": "page"})

    assert outside.read_text() == "keep me"
