"""An account at a Moodle, a real archive, and the harvest between them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.entry import Entry, site_of
from archive.store import Archive, Origin
from bridge.harvest import Report, harvest
from bridge.unattended import Silent
from connectors.contract import Context
from connectors.http import Http
from connectors.http_address import host_of
from connectors.moodle.site import Moodle, source
from tests.moodle.fake import PRIVATE, TOKEN, FakeMoodle


class Place:
    """What an owner has: a token or a password, and an archive."""

    def __init__(self, fake: FakeMoodle, folder: Path) -> None:
        self.fake = fake
        self.folder = folder
        self.archive = Archive.create(folder / "archive", folder / "index")
        self.options: dict[str, Any] = {"url": fake.url, "user": ""}
        self.secrets: Mapping[str, str] = {"token": f"{TOKEN}:{PRIVATE}"}
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    @property
    def site(self) -> str:
        return site_of(self.fake.url)

    def http(self) -> Http:
        return Http(user_agent="keepfolio/test", attempts=2, backoff=0.001, configured={host_of(self.fake.url)})

    def context(self, http: Http | None = None) -> Context:
        spool = self.folder / "spool"
        spool.mkdir(exist_ok=True)
        return Context(
            http=http or self.http(),
            secret=lambda what: self.secrets.get(what, ""),
            spool=spool,
            now=lambda: self.now,
            stop=lambda: False,
        )

    def source(self) -> Moodle:
        return source("vle", self.options, self.context())

    def harvest(self, **more: Any) -> Report:
        """Harvest as the command does; an error is raised."""
        report = Report("vle")
        harvest(
            self.archive,
            Origin("vle", "moodle"),
            self.source(),
            report=report,
            progress=Silent("vle"),
            stop=lambda: False,
            **more,
        )
        return report

    def entries(self, kind: str = "") -> list[Entry]:
        return [stored.entry for stored in self.archive.entries(kind=kind, content=True)]

    def entry(self, name: str) -> Entry:
        """The entry with the key ``moodle:SITE/name``."""
        stored = self.archive.by_key(f"moodle:{self.site}/{name}")
        assert stored, name
        return next(s.entry for s in self.archive.entries(content=True) if s.id == stored.id)

    def is_deleted(self, name: str) -> bool:
        stored = self.archive.by_key(f"moodle:{self.site}/{name}")
        assert stored, name
        return bool(stored.deleted)

    def held(self) -> Counter[str]:
        return Counter(entry.kind for entry in self.entries())

    def state(self) -> dict[str, str]:
        """What is held, to see that nothing changed."""
        return {s.id: f"{s.version} {s.deleted}" for s in self.archive.entries()}

    def sha1s(self, entry: Entry) -> dict[str, str]:
        """SHA-1 of the archived bytes of each file, by its name."""
        return {file.name: self._sha1(file.sha256) for file in entry.files if file.sha256}

    def _sha1(self, digest: str) -> str:
        with self.archive.read(digest) as stream:
            return hashlib.file_digest(stream, "sha1").hexdigest()

    def everything_written(self) -> Iterator[tuple[Path, bytes]]:
        """Each file below the owner's folder and its bytes."""
        for path in self.folder.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()

    def raw(self, entry: Entry) -> Any:
        stored = self.archive.by_key(entry.keys[0])
        assert stored
        return json.loads(self.archive.raw(stored.id))
