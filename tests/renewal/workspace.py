"""The sample's folder, with a portfolio that was passed in 2024 and three years of CPD: what a renewal starts from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from archive.entry import Visibility
from bridge import demo
from bridge.building import Desk, build
from bridge.cli import keepfolio
from bridge.cli.common import Settings
from bridge.portfolio import marks
from bridge.portfolio.model import Portfolio
from bridge.session import Session
from bridge.workspace import Workspace

PLANS = "I will learn how captions are made, and not only how they are bought.\n\nAnd I will run fewer pilots."

RECORD = """\
id,date,title,type,provider,status,themes,evidence,note,reflection,reflected,visibility
c0001,2025-03-04,Storyboards for modules,webinar,ALT,done,Design methodology; Collaboration,{capture},\
I wanted to see how others begin.,I learned that a storyboard is a conversation. I now begin each module with one.,\
2025-06-30,public
c0002,2025-09-10,Autumn school on design,event,Northshire,done,Design methodology,,,,,assessor
c0003,2026-02-11,A quarrel about rubrics,practice,,done,Design methodology,{media},,,,private
c0004,2026-12-01,A course still to come,training,,planned,Design methodology,,,,,public
c0005,2026-05-05,Writing with Geography,practice,,done,Collaboration,,,It changed who holds the pen.,,public
"""

JOURNEY = {
    "intended": "To design with a method and not by habit.",
    "learned": "That a storyboard is a conversation.",
    "changed": "I begin each module with one.",
    "future": "To teach it to two colleagues.",
}


@dataclass
class Owner:
    """A person at the command line of a workspace."""

    root: Path

    def run(self, *words: str, code: int = 0) -> Result:
        """Run a command; it must end with that code."""
        done = CliRunner().invoke(keepfolio, ["--workspace", str(self.root), *words], obj=Settings())
        found = (
            done.exit_code if done.exception is None or done.exit_code != 1 else getattr(done.exception, "exit_code", 1)
        )
        assert found == code, (done.output, done.exception)
        return done

    def json(self, *words: str) -> dict:
        return json.loads(self.run("--json", *words).stdout)

    def desk(self, name: str = "") -> Desk:
        return Desk(Session(Workspace(self.root)), name)

    def built(self, edition: Visibility = Visibility.PUBLIC) -> tuple[Portfolio, str]:
        """Return the portfolio of an edition, and its page."""
        portfolio, built = build(self.desk(), edition)
        return portfolio, built.release.fragment

    def file(self, name: str) -> Path:
        return self.root / "portfolio" / name

    def write(self, section: str, text: str, *, ready: bool = True, visibility: str = "public", more: str = "") -> None:
        """Write a section's file anew, as its owner does."""
        head = f"section: {section.rpartition('/')[2]}\nvisibility: {visibility}\nready: {str(ready).lower()}\n{more}"
        self.file(f"{section}.md").write_text(f"---\n{head}---\n\n{text}\n")

    def theme(self, title: str, *, ready: bool = True, visibility: str = "public", journey: dict | None = None) -> Path:
        """Make a theme by the command, then write it."""
        path = Path(self.json("renew", "theme", title, "--reason", f"{title} is what my team needs.")["file"])
        text = path.read_text()
        for column, words in (JOURNEY if journey is None else journey).items():
            text = text.replace(f'  {column}: ""', f'  {column}: "{words}"')
        text = text.replace("visibility: public", f"visibility: {visibility}")
        text = text.replace("ready: false", f"ready: {str(ready).lower()}")
        text = text.replace("## Description\n", f"## Description\n\nIn short: {title} took two years.\n")
        path.write_text(text.replace("## Reflection\n", f"## Reflection\n\nI was slow to trust {title}.\n"))
        return path

    def mark(self, entry: str, readers: Visibility) -> None:
        marks.mark(self.root / "portfolio" / marks.FILE_NAME, entry, readers, "")

    def entry(self, kind: str, titled: str) -> str:
        """Return the id of an entry of the archive."""
        desk = self.desk()
        return next(e.id for e in desk.entries.values() if e.entry.kind == kind and e.entry.title == titled)


def harvested(root: Path) -> Owner:
    """Return the sample with its archive filled, and its portfolio passed in 2024."""
    demo.prepare(root)
    owner = Owner(root)
    owner.run("harvest")
    generation = owner.file("original/generation.yaml")
    generation.write_text(
        generation.read_text().replace("state: draft", "state: passed").replace("decided: null", "decided: 2024-05-31")
    )
    owner.write("original/future-plans", PLANS)
    owner.write(
        "original/2b", "## Description\n\nA secret of 2024.\n\n## Reflection\n\nNobody reads it.", visibility="private"
    )
    owner.write(
        "original/3b",
        "## Description\n\nFor assessors of 2024.\n\n## Reflection\n\nTwo of them.",
        visibility="assessor",
    )
    return owner


def record(owner: Owner, **ids: str) -> None:
    """Write the CPD record of the years since."""
    owner.file("cpd.csv").write_text(RECORD.format(**{"capture": "", "media": "", **ids}))


def ids_on(page: str) -> Iterable[str]:
    from bs4 import BeautifulSoup

    return [str(tag["id"]) for tag in BeautifulSoup(page, "lxml").find_all(id=True)]
