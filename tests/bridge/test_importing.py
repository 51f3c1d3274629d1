"""``import``, as the command calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.export import bagit
from archive.store import Archive, Origin
from bridge import importing, owner
from bridge.cli.common import Settings
from bridge.cli.importing import import_
from bridge.session import Session
from bridge.workspace import Workspace, state_root
from tests.archive.make import keep, post


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A bag of somebody's archive, with a file of their own."""
    archive = Archive.create(tmp_path / "theirs", state_root() / "archives")
    keep(archive, post(1), post(2))
    root = tmp_path / "their-workspace"
    (root / "portfolio" / "original").mkdir(parents=True)
    (root / "portfolio" / "original" / "1a.md").write_text("their words")
    (root / "config.yaml").write_text("owner: Them\n")
    owner.keep(archive, Workspace(root))
    path = bagit.write(archive, tmp_path / "bag").path
    archive.close()
    return path


@pytest.fixture
def session(tmp_path: Path) -> Session:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.yaml").write_text("owner: Me\n")
    return Session(Workspace(tmp_path / "mine"))


def test_a_dry_run_makes_no_archive(session: Session, theirs: Path) -> None:
    """It tells what would be taken, and not even an empty archive is begun."""
    report = importing.bring_in(session, theirs, dry_run=True)
    assert report.created == 4
    assert not session.has_archive()


def test_a_folder_without_a_portfolio_takes_theirs_and_restore_gives_it_back(session: Session, theirs: Path) -> None:
    """Moving with a bag alone."""
    importing.bring_in(session, theirs, dry_run=False)
    returned = owner.give_back(session.archive, session.workspace)
    assert returned.written == ("portfolio/original/1a.md",)
    assert (session.workspace.root / "portfolio/original/1a.md").read_text() == "their words"
    assert returned.differing == ("config.yaml",)


def test_a_portfolio_of_ones_own_stays_as_it_is(session: Session, theirs: Path) -> None:
    """Theirs is laid beside it: nothing is written into the folder, and nothing of mine counts as changed or lost."""
    own = session.workspace.portfolio / "original" / "1a.md"
    own.parent.mkdir(parents=True)
    own.write_text("my words")
    report = importing.bring_in(session, theirs, dry_run=False)
    assert "imported/" in report.notes[0]
    assert owner.give_back(session.archive, session.workspace) == owner.Returned((), ())
    assert owner.keep(session.archive, session.workspace) == 0
    assert own.read_text() == "my words"


def test_the_report_is_what_scripts_rely_on(session: Session, theirs: Path) -> None:
    """The shape of ``import --json``."""
    done = CliRunner().invoke(import_, [str(theirs)], obj=Settings(workspace=session.workspace.root, json=True))
    value = json.loads(done.stdout)
    assert list(value) == [
        "archive", "dry_run", "created", "updated", "unchanged", "refused", "events", "files", "bytes", "notes",
        "segments", "ok",
    ]  # fmt: skip
    assert (value["created"], value["files"], value["ok"], value["dry_run"]) == (4, 2, True, False)


def test_in_words(session: Session, theirs: Path) -> None:
    """What was taken is counted, once more is nothing new, and what the owner removed is named."""
    settings = Settings(workspace=session.workspace.root)
    said = CliRunner().invoke(import_, [str(theirs)], obj=settings).stdout
    assert said.startswith("Taken: 4 entries new, 2 files (")
    assert CliRunner().invoke(import_, [str(theirs)], obj=settings).stdout.startswith("Nothing new.\n4 entries here")
    with Session(session.workspace).archive as archive, archive.append(Origin("owner", "owner")) as writer:
        writer.redact(archive.index.id_of("wordpress:b.org/post/1") or "", for_good=True)
        writer.seal()
    said = CliRunner().invoke(import_, [str(theirs)], obj=settings).stdout
    assert "1 entry not taken:\n  Post 1: you had it removed for good" in said
