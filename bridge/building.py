"""From the archive and the owner's files to a built page: gathers inputs, calls pure functions, writes ``build/``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from archive.entry import Digest, Visibility
from archive.errors import ArchiveDamaged, UsageError
from archive.store import Archive, Stored
from bridge import adopting, releases
from bridge.portfolio import assemble, framework, generation, mapping, marks, narrative, tags
from bridge.portfolio import gaps as lacking
from bridge.portfolio.model import Portfolio
from bridge.render import page
from bridge.session import Session, now
from bridge.workspace import Workspace
from connectors.contract import Finding


class Entries(Mapping[str, Stored]):
    """The archive's live entries by id. Going through them is light; one that is asked for comes with its text."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._light = {stored.id: stored for stored in archive.entries()}
        self._whole: dict[str, Stored] = {}

    def __getitem__(self, entry_id: str) -> Stored:
        if entry_id not in self._whole:
            whole = self._archive.entry(entry_id)
            if whole is None:
                raise KeyError(entry_id)
            self._whole[entry_id] = whole
        return self._whole[entry_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._light)

    def __len__(self) -> int:
        return len(self._light)

    def __contains__(self, entry_id: object) -> bool:
        return entry_id in self._light

    def all_light(self) -> list[Stored]:
        """Return all live entries without their texts."""
        return list(self._light.values())

    def values(self) -> list[Stored]:  # type: ignore[override] # a list is enough, and costs no reading
        """Return all live entries without their texts."""
        return self.all_light()


@dataclass
class Desk:
    """All that a build reads: framework, the owner's words and choices, and what is held."""

    session: Session

    @cached_property
    def workspace(self) -> Workspace:
        """The owner's folder."""
        return self.session.workspace

    @cached_property
    def generation(self) -> generation.Generation:
        """The generation that is being worked on; made, with its section files, when there is none yet."""
        portfolio = self.workspace.portfolio
        if not generation.every(portfolio):
            chosen = self.session.config.portfolio
            made = generation.new(portfolio / "original", chosen.framework, chosen.pathway, started=now().date())
            generation.write(made)
        current = generation.current(portfolio)
        if adopting.is_adopted(current.folder):
            return current
        narrative.scaffold(current.folder, framework.load(current.framework), current.pathway, current.titles)
        return current

    @cached_property
    def framework(self) -> framework.Framework:
        """The generation's framework."""
        return framework.load(self.generation.framework)

    @cached_property
    def narratives(self) -> dict[str, narrative.Narrative]:
        """The owner's words by section."""
        return narrative.read(self.generation.folder, self.framework, self.generation.pathway)

    @cached_property
    def marks(self) -> dict[str, Visibility]:
        """The owner's word on who may see single items."""
        return marks.read(self.workspace.portfolio / marks.FILE_NAME)

    @cached_property
    def tags(self) -> tags.Tags:
        """The owner's tags and the sections that they speak for, from both places where they are written."""
        chosen = self.session.config.portfolio
        return tags.read(self.workspace.portfolio / tags.FILE_NAME).joined(chosen.tags, chosen.suggest)

    @cached_property
    def entries(self) -> Entries:
        """What is held."""
        return Entries(self.session.archive)

    @cached_property
    def connections(self) -> mapping.Connections:
        """Which entries are evidence for which section."""
        return mapping.connect(
            self.entries.all_light(),
            self.framework,
            self.generation.pathway,
            self.tags.cite,
            self.tags.suggest,
            self.narratives,
        )

    def portfolio(self, edition: Visibility, target: str = "") -> Portfolio:
        """Return the portfolio as an edition shows it; what was released counts at one target, or wherever it was last."""
        config = self.session.config
        if adopting.is_adopted(self.generation.folder):
            return adopting.portfolio(self.generation, config.owner, config.language, edition)
        return assemble.assemble(
            framework=self.framework,
            pathway=self.generation.pathway,
            narratives=self.narratives,
            connections=self.connections,
            entries=self.entries,
            marks=self.marks,
            edition=edition,
            as_of=now(),
            owner=config.owner,
            language=config.language,
            timezone=config.timezone,
            generation=self.generation,
            own_hosts=own_hosts(self.session),
            released=releases.last_sections(
                self.session.archive, [target] if target else config.targets, self.generation.portfolio, edition.value
            ),
        )


def own_hosts(session: Session) -> frozenset[str]:
    """Return the hosts where the owner publishes: what is public there need not be brought along."""
    targets = session.config.targets.values()
    return frozenset(host for t in targets if (host := urlsplit(getattr(t, "url", "")).hostname))


def build(desk: Desk, edition: Visibility, target: str = "") -> tuple[Portfolio, page.Built]:
    """Return the portfolio of an edition, for a target, and its release; nothing is published, no request is sent."""
    archive = desk.session.archive

    def held(digest: Digest) -> Path:
        path = archive.path_of(digest)
        if path is None:
            raise ArchiveDamaged(
                f"A file that the portfolio shows is missing from the archive ({digest[:8]}).",
                mend="Run: keepfolio verify",
            )
        return path

    portfolio = desk.portfolio(edition, target)
    return portfolio, page.render(portfolio, held, desk.workspace.build)


def write(built: page.Built, folder: Path) -> Path:
    """Write the page and everything that it shows into a folder; return the page's path."""
    import shutil

    if folder.exists() and any(folder.iterdir()) and not (folder / "index.html").is_file():
        raise UsageError(
            f"{folder} holds something else.",
            code="folder-in-use",
            unchanged="Nothing in it was touched.",
            mend="Name another folder: keepfolio build --out FOLDER",
        )
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    document = built.release.document
    for upload in built.release.uploads:
        shutil.copyfile(built.files[upload.sha256], files / upload.name)
        document = document.replace(f"keepfolio:{upload.name}", f"files/{upload.name}")
    place = folder / "index.html"
    place.write_text(document, encoding="utf-8")
    return place


def gates(desk: Desk, portfolio: Portfolio) -> tuple[Finding, ...]:
    """Return what must be settled before this edition goes live; an adopted page was the owner's before."""
    if adopting.is_adopted(desk.generation.folder):
        return ()
    return lacking.gates(portfolio, desk.narratives, desk.framework, desk.generation.pathway)


def gaps(desk: Desk, edition: Visibility) -> list[Finding]:
    """Return what is missing or weak, seen from an edition, and what could not be had from the sources."""
    found = lacking.gaps(
        framework=desk.framework,
        pathway=desk.generation.pathway,
        narratives=desk.narratives,
        connections=desk.connections,
        entries=desk.entries,
        marks=desk.marks,
        draft=desk.portfolio(Visibility.PRIVATE),
        edition=edition,
        as_of=now(),
    )
    absent = [
        Finding("not-held", "warning", f"{f.what}: {f.why}", f.mend or "keepfolio accept, if it cannot be had")
        for f in desk.session.archive.failures()
    ]
    return [*found, *absent]


HOW_TO_PASTE = """\
How to put this portfolio on a site where keepfolio may not write

1. On your site, make a new page and keep it a draft.
2. In the editor's menu (three dots, top right) choose "Code editor", and paste all of blocks.html.
3. Choose "Visual editor" again. Each empty picture asks for its file: give it the one of that name from files/.
4. Links to files name them in brackets: upload these, too, and link them.

Uploading is publishing: a file on your site can be opened by anybody who knows its address, even while the page is a
draft. Look at files/ before you upload.
"""


def write_paste(built: page.Built, folder: Path) -> Path:
    """Write block markup and files for pasting by hand into a WordPress editor; return the folder."""
    import shutil

    from connectors.wordpress.page import paste

    text, uploads = paste(built.release)
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / "blocks.html").write_text(text, encoding="utf-8")
    (folder / "HOW.txt").write_text(HOW_TO_PASTE, encoding="utf-8")
    for upload in uploads:
        shutil.copyfile(built.files[upload.sha256], folder / "files" / upload.name)
    return folder
