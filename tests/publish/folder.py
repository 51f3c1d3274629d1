"""An owner's folder with an archive in it: what publishing reads and seals, without the command line."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.entry import Entry, MediaFile
from archive.values import Origin
from bridge import publishing
from bridge.building import Desk
from bridge.portfolio import marks
from bridge.session import Session
from bridge.workspace import Workspace

CONFIG = """\
owner: Jane Example
timezone: Europe/London
targets:
  preview: {type: static, path: site, edition: public}
"""


@dataclass
class Folder:
    """A workspace; every question is asked in a session of its own, as every command does."""

    root: Path
    files: Mapping[str, bytes] = field(default_factory=dict)

    def session(self) -> Session:
        if not (self.root / "config.yaml").exists():
            self.root.mkdir(parents=True)
            (self.root / "config.yaml").write_text(CONFIG)
        return Session(Workspace(self.root))

    def hold(self, *entries: Entry, files: Mapping[str, bytes] | None = None) -> list[str]:
        """Put entries into the archive with the bytes of their files (by file name); return their ids."""
        archive = self.session().archive
        with archive.append(Origin(name="blog", type="wordpress")) as writer:
            for entry in entries:
                writer.put(_with_bytes(entry, writer, files or {}), b"{}", "json")
            writer.seal()
        ids = [archive.by_key(entry.keys[0]).id for entry in entries]
        archive.close()
        return ids

    def mark(self, entry_id: str, visibility: str) -> None:
        from archive.entry import Visibility

        marks.mark(self.root / "portfolio" / marks.FILE_NAME, entry_id, Visibility(visibility), "")

    def write(
        self,
        section: str,
        words: str = "",
        *,
        ready: bool = True,
        visibility: str = "public",
        evidence: Iterable[str] = (),
        more: str = "",
    ) -> None:
        """Write a section's file as the owner does."""
        self.desk().generation  # noqa: B018 - makes the folder
        cited = "".join(f"\n  - {{entry: '{one}', why: because}}" for one in evidence) or " []"
        head = f"section: {section}\nvisibility: {visibility}\nready: {str(ready).lower()}\nevidence:{cited}\n{more}"
        text = f"---\n{head}---\n"
        if words:
            text += f"\n## Description\n\n{words}\n\n## Reflection\n\nI would ask first.\n"
        (self.root / "portfolio" / "original" / f"{section}.md").write_text(text)

    def desk(self) -> Desk:
        return Desk(self.session()).begin()

    def publish(self, target: str = "preview") -> publishing.Prepared:
        """Publish, gates waived, as the owner may."""
        session = self.session()
        prepared = publishing.prepare(session, target)
        publishing.carry_out(prepared, approved=True)
        session.archive.close()
        return prepared

    def plan(self, target: str = "preview") -> publishing.Prepared:
        session = self.session()
        prepared = publishing.prepare(session, target)
        session.archive.close()
        return prepared

    @property
    def page(self) -> str:
        return (self.root / "site" / "index.html").read_text()


def _with_bytes(entry: Entry, writer, files: Mapping[str, bytes]) -> Entry:
    held: list[MediaFile] = []
    for file in entry.files:
        digest = writer.add_file(io.BytesIO(files[file.name]), name=file.name, media_type=file.media_type)
        held.append(replace(file, sha256=digest))
    return replace(entry, files=tuple(held))
