"""A folder with exports, a real archive, and the harvest between them."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive.entry import Entry
from archive.store import Archive, Origin
from bridge.harvest import Report, harvest
from bridge.unattended import Silent
from connectors.contract import Finding
from connectors.http import Http
from connectors.mahara.export import ExportSource, source
from tests.contract.suite import context

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mahara"
ALL, LATER = "sam-all-2210.zip", "sam-all-later-newns.zip"
COLLECTION, PAGE = "sam-collection1-2210.zip", "sam-view9-nocomments-2210.zip"
LEAP_ONLY = "sam-leap-only-2210.zip"
OF_1910, OF_2004 = "sam-leap-1910-real.zip", "sam-all-2004-real.zip"
"""Made by servers of those days, by 22.10 the others."""
OF_2204 = "sam-leap-only-derived-2204-ns.zip"
"""``LEAP_ONLY`` with the namespaces of 22.04, which no server made."""
SITE = "127.0.0.1:8088"


class Place:
    """What an owner has: a folder for exports, and an archive."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "exports"
        self.folder.mkdir()
        self.spool = tmp_path / "spool"
        self.spool.mkdir()
        self.archive = Archive.create(tmp_path / "archive", tmp_path / "index")
        self.options: dict[str, Any] = {}

    def drop(self, *names: str) -> None:
        """Put fixtures into the folder."""
        for name in names:
            shutil.copyfile(FIXTURES / name, self.folder / name)

    def replace(self, *names: str) -> None:
        """Let these fixtures be all that lies in the folder."""
        for path in self.folder.iterdir():
            path.unlink()
        self.drop(*names)

    def source(self, stop: Any = lambda: False) -> ExportSource:
        options = {"path": self.folder, **self.options}
        return source("mahara", options, context(Http(user_agent="keepfolio/test"), stop=stop, spool=self.spool))

    def check(self) -> list[Finding]:
        found = self.source()
        try:
            return list(found.check())
        finally:
            found.close()

    def harvest(self, stop: Any = lambda: False, **more: Any) -> Report:
        """Harvest as the command does."""
        report, found = Report("mahara"), self.source(stop)
        origin = Origin("mahara", "mahara-export")
        try:
            harvest(self.archive, origin, found, report=report, progress=Silent("mahara"), stop=stop, **more)
        finally:
            found.close()
        return report

    def held(self) -> Counter[str]:
        return Counter(stored.entry.kind for stored in self.archive.entries())

    def entry(self, name: str, site: str = SITE) -> Entry:
        stored = self.archive.by_key(f"mahara:{site}/{name}")
        assert stored, name
        return stored.entry

    def is_deleted(self, name: str, site: str = SITE) -> bool:
        stored = self.archive.by_key(f"mahara:{site}/{name}")
        assert stored, name
        return stored.deleted

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield native id and digest of every file's own bytes, read back from the archive."""
        for stored in self.archive.entries(kind="file"):
            with self.archive.read(stored.entry.files[0].sha256) as stream:
                yield stored.entry.native_id, hashlib.file_digest(stream, "sha256").hexdigest()


def changes(report: Report) -> dict[str, int]:
    return {"created": report.created, "updated": report.updated, "deleted": report.deleted}


NOTHING = {"created": 0, "updated": 0, "deleted": 0}
