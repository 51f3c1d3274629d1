"""What ``verify`` and ``status`` say of copies: no more than was looked at, and nothing good of what is not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.errors import UsageError
from bridge import copies, purging
from bridge.cli import main
from bridge.session import Session
from bridge.workspace import Workspace
from tests.archive.make import keep, post

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    root = tmp_path / "jane"
    root.mkdir()
    (root / "config.yaml").write_text("{}\n")
    session = Session(Workspace(root))
    for number in (1, 2, 3):
        keep(session.archive, post(number))
    return session


@pytest.fixture
def run(session: Session, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--workspace", str(session.workspace.root), *words])
        return int(ended.value.code or 0), capsys.readouterr().out

    return command


def halved(session: Session, place: Path, left: int) -> Path:
    """Leave so many parts of a new copy, as one that was cut off has them; nothing remembers it."""
    copies.replicate(session, place)
    copies.forget(session, place)
    for folder in sorted((place / "segments").iterdir())[left:]:
        shutil.rmtree(folder)
    return place


@pytest.mark.parametrize("left", [0, 1])
def test_a_copy_that_was_cut_off_is_not_well(session: Session, run: Run, tmp_path: Path, left: int) -> None:
    place = halved(session, tmp_path / "copy", left)
    parts = session.archive.summary().segments

    code, out = run("verify", "--copy", str(place))
    assert (code, f"lacks {parts - left} of {parts} parts" in out, "well" in out) == (3, True, False)

    code, out = run("--json", "verify", "--copy", str(place))
    value = json.loads(out)
    assert (code, value["ok"], [f["code"] for f in value["findings"]]) == (3, False, ["incomplete"])


def test_an_empty_copy_is_not_well_by_itself(session: Session, tmp_path: Path) -> None:
    """On a computer that knows nothing of the archive."""
    report = copies.verify(None, halved(session, tmp_path / "copy", 0), "full", None)
    assert (report.ok, [f.code for f in report.findings]) == (False, ["incomplete"])


def test_a_copy_that_was_begun_elsewhere_is_counted(session: Session, tmp_path: Path) -> None:
    """And falls behind in ``status``, without being called damaged."""
    place = tmp_path / "copy"
    copies.replicate(session, place)
    keep(session.archive, post(4))

    assert not copies.verify(session, place, "full", None).ok

    [known] = copies.known(session)
    assert (known.sound, copies.behind(session, known)) == (True, 1)


@pytest.mark.damages
def test_a_damaged_copy_is_not_called_good(session: Session, run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    copies.replicate(session, good)
    copies.replicate(session, bad)
    next((bad / "segments").rglob("records.jsonl")).write_bytes(b"")

    assert run("verify", "--copy", str(bad))[0] == 5

    line = copies.overview_line(session)
    assert f"the best is {good}" in line
    assert f"DAMAGED: {bad}" in line


def test_a_copy_that_is_away_is_not_the_best(session: Session, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    copies.replicate(session, place)
    place.rename(tmp_path / "elsewhere")

    line = copies.overview_line(session)

    assert f"not connected now: {place}" in line
    assert copies.summary_json(session)[0]["attached"] is False


def test_a_copy_can_be_forgotten(session: Session, run: Run, tmp_path: Path) -> None:
    """Its bytes stay, nothing waits for it any more, and at its place another can begin."""
    place = tmp_path / "copy"
    copies.replicate(session, place)
    before = sorted(place.rglob("*"))

    assert run("replicate", "--forget", str(place))[0] == 0

    assert sorted(place.rglob("*")) == before
    assert copies.known(session) == []
    assert run("replicate", "--forget", str(place))[0] == 2
    shutil.rmtree(place)
    assert copies.replicate(session, place).whole


def test_forgetting_needs_a_place(run: Run, tmp_path: Path) -> None:
    assert run("replicate", "--forget")[0] == 2
    assert run("replicate", "--forget", "--zip", str(tmp_path / "copy"))[0] == 2


def test_a_copy_that_still_holds_what_was_removed_says_so(session: Session, run: Run, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    copies.replicate(session, place)
    copies.forget(session, place)
    [stored, *_] = session.archive.entries(kind="post")
    purging.carry_out(session, purging.propose(session, [stored.id]))

    code, out = run("verify", "--copy", str(place))

    assert (code, "still holds what you have removed" in out) == (3, True)


@pytest.mark.damages
def test_a_copy_is_checked_beside_a_damaged_archive(session: Session, tmp_path: Path) -> None:
    """That is when its owner most wants to know."""
    place = tmp_path / "copy"
    copies.replicate(session, place)
    root = session.workspace.root
    session.archive.close()
    (root / "archive" / "archive.json").write_text("{")

    assert copies.verify(Session(Workspace(root)), place, "full", None).ok


def test_what_was_not_read_is_not_called_good(session: Session, run: Run) -> None:
    """Each way says what it looked at."""
    full, quick, sample = run("verify")[1], run("verify", "--quick")[1], run("verify", "--sample", "50")[1]

    assert "each what was stored" in full
    assert "bytes were not read" in quick
    assert "others were not" in sample
    assert "what was stored" not in quick + sample


@pytest.mark.parametrize("ways", [("--quick", "--deep"), ("--quick", "--sample", "5"), ("--deep", "--sample", "5")])
def test_two_ways_at_once_are_a_slip(run: Run, ways: tuple[str, ...]) -> None:
    assert run("verify", *ways)[0] == 2


def test_what_is_no_copy_of_this_computer_cannot_be_forgotten(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        copies.forget(session, tmp_path)
