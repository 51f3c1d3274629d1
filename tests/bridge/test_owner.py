"""The owner's own words are safe: sealed when they change, given back, and never buried under empty ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive.errors import NeedsOwner
from bridge import owner
from bridge.building import Desk
from bridge.session import Session
from bridge.workspace import Workspace


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A workspace with a config, a portfolio and words in it, all sealed."""
    folder = tmp_path / "jane"
    folder.mkdir()
    (folder / "config.yaml").write_text("owner: Jane\n")
    session = Session(Workspace(folder))
    Desk(session).begin()
    (folder / "portfolio" / "original" / "1a.md").write_text("---\nsection: 1a\n---\n\n## Description\n\nMy words.\n")
    owner.keep(session.archive, session.workspace)
    return session


def again(session: Session) -> Session:
    return Session(session.workspace)


def words(session: Session) -> str:
    return (session.workspace.portfolio / "original" / "1a.md").read_text()


def test_nothing_changed_seals_nothing(session: Session) -> None:
    """Keeping twice adds nothing."""
    head = session.archive.head

    assert owner.keep(session.archive, session.workspace) == 0
    assert session.archive.head == head


def test_looking_writes_nothing(tmp_path: Path) -> None:
    """A portfolio that was not begun is looked at without being made."""
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "config.yaml").write_text("owner: Jane\n")

    desk = Desk(Session(Workspace(folder)))

    assert desk.narratives == {}
    assert desk.generation.pathway == "cmalt"
    assert not (folder / "portfolio").exists()


def test_a_lost_folder_is_not_taken_for_a_wish(session: Session) -> None:
    """After `rm -r portfolio` a harvest marks nothing as removed, and restore gives all of it back."""
    shutil.rmtree(session.workspace.portfolio)
    owner.keep(session.archive, session.workspace)

    returned = owner.give_back(again(session).archive, session.workspace)

    assert "portfolio/original/1a.md" in returned.written
    assert "My words." in words(session)


def test_nothing_new_is_begun_over_lost_words(session: Session) -> None:
    """Build, cite and publish refuse to scaffold anew while the words are in the archive only."""
    shutil.rmtree(session.workspace.portfolio)

    with pytest.raises(NeedsOwner, match=r"portfolio/original/") as refused:
        Desk(again(session)).begin()

    assert "restore" in refused.value.mend
    assert not session.workspace.portfolio.exists()


def test_one_removed_file_is_the_owner_s_doing(session: Session) -> None:
    """It is not given back by itself, and is when she asks for it."""
    (session.workspace.portfolio / "original" / "1a.md").unlink()
    assert owner.keep(session.archive, session.workspace) == 1

    plain = owner.give_back(session.archive, session.workspace)
    asked = owner.give_back(session.archive, session.workspace, removed=True)

    assert plain.written == ()
    assert asked.written == ("portfolio/original/1a.md",)


def test_what_differs_is_left_alone_and_earlier_words_can_be_read(session: Session) -> None:
    """Restore never overwrites; every earlier version is held."""
    place = session.workspace.portfolio / "original" / "1a.md"
    place.write_text("---\nsection: 1a\n---\n\nOther words.\n")
    owner.keep(session.archive, session.workspace)
    place.write_text("not sealed yet")

    returned = owner.give_back(session.archive, session.workspace)
    held = session.archive.by_key("workspace:portfolio/original/1a.md")
    assert held is not None
    first = session.archive.version(held.id, 1).entry.files[0].sha256

    assert returned.differing == ("portfolio/original/1a.md",)
    assert place.read_text() == "not sealed yet"
    assert b"My words." in session.archive.read(first).read()


def test_links_and_hidden_files_are_no_own_words(session: Session, tmp_path: Path) -> None:
    """A link may lead anywhere, and a hidden file is a program's: neither is sealed."""
    (tmp_path / "elsewhere.txt").write_text("not mine")
    (session.workspace.portfolio / "link.md").symlink_to(tmp_path / "elsewhere.txt")
    (session.workspace.portfolio / ".DS_Store").write_bytes(b"x")

    assert owner.keep(session.archive, session.workspace) == 0


def test_a_framework_of_one_s_own_is_found_after_the_folder_was_moved(tmp_path: Path) -> None:
    """The generation names the file from the workspace on, not from this computer's root."""
    from importlib.resources import files

    folder = tmp_path / "jane"
    folder.mkdir()
    shipped = files("bridge.data.frameworks").joinpath("cmalt.yaml").read_text(encoding="utf-8")
    (folder / "mine.yaml").write_text(shipped.replace("\nid: cmalt\n", "\nid: my-cmalt\n"))
    (folder / "config.yaml").write_text("owner: Jane\nportfolio: {framework: mine.yaml}\n")
    Desk(Session(Workspace(folder))).begin()
    moved = folder.rename(tmp_path / "moved")

    desk = Desk(Session(Workspace(moved)))

    assert str(tmp_path) not in (moved / "portfolio" / "original" / "generation.yaml").read_text()
    assert desk.framework.id == "my-cmalt"
