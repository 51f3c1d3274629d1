"""A folder of what a person saved from Moodle, a real archive, and the harvest between them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.entry import Entry
from archive.store import Archive, Origin
from bridge.harvest import Report, harvest
from bridge.unattended import Silent
from connectors.contract import Context, Finding
from connectors.http import Http
from connectors.moodle.export import ExportSource, source

FIXTURES = Path(__file__).parents[1] / "fixtures" / "moodle" / "exports"
REQUEST = FIXTURES / "gdpr-export.zip"
SITE = "moodle:vle.northshire.example"
TRUTH = json.loads((FIXTURES.parent / "truth.json").read_text())
USER = "System _.1/User Rowan Ashby _.12"


class Saved:
    """What an owner has: files, and an archive."""

    def __init__(self, folder: Path, path: Path = REQUEST, archive: Archive | None = None) -> None:
        self.folder = folder
        self.archive = archive or Archive.create(folder / "archive", folder / "index")
        self.options: dict[str, Any] = {"path": path, "url": "", "user": "", "timezone": "Europe/London"}

    def source(self, stop: Callable[[], bool] = lambda: False) -> ExportSource:
        context = Context(
            http=Http(user_agent="keepfolio/test"),
            secret=lambda _: "",
            spool=self.folder,
            now=lambda: datetime.now(UTC),
            stop=stop,
        )
        return source("old", self.options, context)

    def check(self) -> list[Finding]:
        return list(self.source().check())

    def harvest(self) -> Report:
        report = Report("old")
        harvest(
            self.archive,
            Origin("old", "moodle-export"),
            self.source(),
            report=report,
            progress=Silent("old"),
            stop=lambda: False,
        )
        return report

    def entries(self, kind: str = "") -> list[Entry]:
        return [stored.entry for stored in self.archive.entries(kind=kind, content=True)]

    def entry(self, name: str, site: str = SITE) -> Entry:
        """The entry with the key ``SITE/name``."""
        stored = self.archive.by_key(f"{site}/{name}")
        assert stored, name
        return next(s.entry for s in self.archive.entries(content=True) if s.id == stored.id)

    def held(self) -> Counter[str]:
        return Counter(entry.kind for entry in self.entries())

    def sha1s(self, entry: Entry) -> dict[str, str]:
        """SHA-1 of the archived bytes of each file, by its name."""
        return {file.name: self._sha1(file.sha256) for file in entry.files if file.sha256}

    def kept(self) -> str:
        """All words that are archived."""
        raw = b"".join(self.archive.raw(stored.id) for stored in self.archive.entries())
        return raw.decode() + repr(self.entries())

    def _sha1(self, digest: str) -> str:
        with self.archive.read(digest) as stream:
            return hashlib.sha1(stream.read(), usedforsecurity=False).hexdigest()


def rewritten(
    path: Path, change: Callable[[str, bytes], bytes | None], more: Mapping[str, object] | None = None
) -> Path:
    """Write the data request anew, each member changed (None: left out), with more members, as JSON or bytes."""
    with zipfile.ZipFile(REQUEST) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = change(info.filename, old.read(info))
            if data is not None:
                new.writestr(info.filename, data)
        for name, value in (more or {}).items():
            new.writestr(name, value if isinstance(value, bytes) else json.dumps(value))
    return path


def with_more(path: Path, more: Mapping[str, object]) -> Path:
    """Write the data request with more members."""
    return rewritten(path, lambda name, data: None if name in more else data, more)


def sha1s(files: list[dict[str, Any]]) -> dict[str, str]:
    return {one["filename"]: one["sha1"] for one in files}
