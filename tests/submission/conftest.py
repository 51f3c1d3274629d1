"""The sample, harvested, with a page for assessors; commands run as they are, in this process, on a chosen day."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from bridge import demo, publishing, runs, submitting, unattended
from bridge.building import Desk
from bridge.cli import main
from bridge.session import Session
from bridge.workspace import Workspace
from tests.submission.transcripts import MINOR

WAIVED = ("--waive", "unready")
"""The sample is not finished: some sections are not ready."""


@dataclass
class Owner:
    """A workspace and the person at its keyboard."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    day: str = "2027-02-01"

    def run(self, *words: str) -> tuple[int, str, str]:
        """Run a command on the day; return its exit code and what it says."""
        noon = datetime.fromisoformat(f"{self.day}T12:00").replace(tzinfo=UTC)
        with time_machine.travel(noon, tick=False), pytest.raises(SystemExit) as ended:
            main(["--workspace", str(self.folder), *words])
        said = self.capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    def does(self, *words: str) -> str:
        """Run a command that works; return what it says."""
        code, out, err = self.run(*words)
        assert code == 0, err
        return out

    def gives(self, *words: str) -> Any:
        """Run a command that works; return its JSON."""
        return json.loads(self.does("--json", *words))

    def replaces(self, section: str, old: str, new: str) -> None:
        """Change a passage of a section's file."""
        path = self.generation / f"{section}.md"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def configures(self, more: str) -> None:
        """Add to config.yaml, below what is there."""
        config = self.folder / "config.yaml"
        config.write_text(config.read_text() + more)

    @property
    def generation(self) -> Path:
        return self.folder / "portfolio" / "original"

    @property
    def page(self) -> bytes:
        """What assessors read."""
        return (self.folder / "build" / "for-assessors" / "index.html").read_bytes()

    def session(self) -> Session:
        return Session(Workspace(self.folder))


@pytest.fixture(scope="session")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "rowan"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEEPFOLIO_STATE", str(folder.parent / "state"))
        session = Session(demo.prepare(folder))
        runs.harvest_all(session, ["blog"], progress=unattended.Silent, stop=lambda: False)
        session.archive.close()
    config = folder / "config.yaml"
    config.write_text(
        config.read_text() + "  assessors: {type: static, path: build/for-assessors, edition: assessor}\n"
    )
    return folder


@pytest.fixture(scope="session")
def handed_in(harvested: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, once the page for assessors was published and handed in; made once, for a bundle takes a while."""
    folder = shutil.copytree(harvested, tmp_path_factory.mktemp("handed-in") / "rowan")
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(datetime(2027, 2, 1, 12, tzinfo=UTC), tick=False):
        patch.setenv("KEEPFOLIO_STATE", str(folder.parent / "state"))
        session = Session(Workspace(folder))
        publishing.carry_out(publishing.prepare(session, "assessors"), approved=True, waived=["unready"])
        desk = Desk(session)
        submitting.submit(desk, on=date(2027, 2, 1), to="assessors", waived=["unready"])
        session.archive.close()
    return folder


@pytest.fixture
def owner(harvested: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Rowan, who has harvested a blog and written most of a portfolio."""
    return Owner(shutil.copytree(harvested, tmp_path / "rowan"), capsys)


@pytest.fixture
def submitted(handed_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Rowan, who has published a page for assessors and handed it in on 1 February 2027."""
    return Owner(shutil.copytree(handed_in, tmp_path / "rowan"), capsys)


@pytest.fixture
def referred(submitted: Owner) -> Owner:
    """Rowan, on the day the transcript came."""
    submitted.day = "2027-05-20"
    transcript = submitted.folder / "transcript.txt"
    transcript.write_text(MINOR)
    submitted.does("result", "--transcript", str(transcript))
    return submitted
