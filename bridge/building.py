"""From the archive and the owner's files to a built page: gathers inputs, calls pure functions, writes ``build/``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from archive.entry import Digest, Visibility
from archive.errors import ArchiveDamaged, NeedsOwner
from archive.store import Archive, Stored
from bridge import (
    adopting,
    advice,
    composing,
    copies_of,
    crosswalks,
    outfolder,
    owner,
    releases,
    renewing,
    vanishing,
    vanishing_seen,
)
from bridge.portfolio import assemble, chosen, framework, generation, licences, mapping, marks, narrative, tags, within
from bridge.portfolio import gaps as lacking
from bridge.portfolio.cpd import file as cpd
from bridge.portfolio.cpd.record import Activity
from bridge.portfolio.model import Portfolio
from bridge.portfolio.wording import FILE_KINDS
from bridge.render import page, pictures
from bridge.session import Session, now
from bridge.workspace import Workspace
from connectors import pages
from connectors.contract import Finding

FIRST = "original"
"""The folder of a first generation."""

_NOWHERE = "nowhere.invalid"
"""A host that nobody has."""


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
    """
    All that a build reads: framework, the owner's words and choices, and what is held.

    ``name`` is the generation that is meant; ``""``: the one that is being worked on. ``alone``: what is built is read
    without the web, so that files which are public on the owner's own site are brought along, too.
    """

    session: Session
    name: str = ""
    alone: bool = False

    @cached_property
    def workspace(self) -> Workspace:
        """The owner's folder."""
        return self.session.workspace

    @cached_property
    def generation(self) -> generation.Generation:
        """The generation that is being worked on; where there is none, what ``begin`` would make. Writes nothing."""
        portfolio = self.workspace.portfolio
        if self.name:
            return generation.named(portfolio, self.name)
        if any(not one.separate for one in generation.every(portfolio)):
            return generation.current(portfolio)
        chosen = self.session.config.portfolio
        named = self.workspace.named(chosen.framework)
        return generation.new(portfolio / FIRST, named, chosen.pathway, started=self.session.today)

    def begin(self) -> Self:
        """
        Write the generation and its section files where they are missing, and return the desk.

        Raises:
            NeedsOwner: See ``insist_whole``.
        """
        self.insist_whole()
        current = self.generation
        if not (current.folder / generation.FILE_NAME).exists():
            generation.write(current)
        if not adopting.is_adopted(current.folder):
            narrative.scaffold(current.folder, self.framework, current.pathway, current.titles)
        return self

    def insist_whole(self) -> None:
        """
        Raises:
            NeedsOwner: The owner's words are in the archive and not in the folder: beginning anew would bury them.
        """
        lost = owner.lost(self.session.archive, self.workspace) if self.session.has_archive() else ()
        if lost:
            raise NeedsOwner(
                f"Your own words are missing from the folder: {', '.join(lost)}.",
                code="words-missing",
                unchanged="Nothing was written, and your archive still has them.",
                mend="Run: keepfolio restore",
            )

    @cached_property
    def framework(self) -> framework.Framework:
        """The generation's framework."""
        loaded = framework.load(self.workspace.placed(self.generation.framework))
        return loaded.in_order(self.session.config.portfolio.order)

    @cached_property
    def narratives(self) -> dict[str, narrative.Narrative]:
        """The owner's words by section, those of entries chosen as a section's text included."""
        found = narrative.read(self.generation.folder, self.framework, self.generation.pathway)
        known = narrative.sections(self.framework, self.generation.pathway)
        return {
            name: chosen.filled(one, self.entries.get(one.chosen), known[name]) if one.chosen else one
            for name, one in found.items()
        }

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
    def record(self) -> tuple[Activity, ...]:
        """The CPD record; none where there is no file."""
        return cpd.read(self.workspace.portfolio / cpd.FILE_NAME, self.session.config.language)

    @cached_property
    def entries(self) -> Entries:
        """What is held."""
        return Entries(self.session.archive)

    @cached_property
    def connections(self) -> mapping.Connections:
        """Which entries are evidence for which section."""
        others = crosswalks.frameworks(self)
        own = mapping.connect(
            self.entries.all_light(),
            self.framework,
            self.generation.pathway,
            mapping.meant(self.tags.cite, self.framework, self.generation.pathway, others),
            mapping.meant(self.tags.suggest, self.framework, self.generation.pathway, others),
            self.narratives,
            copies_of.originals(self.entries.all_light),
        )
        return crosswalks.widened(self, own)

    def portfolio(self, edition: Visibility, target: str = "") -> Portfolio:
        """
        Return the portfolio as an edition shows it, with what a target (else whichever was last) showed before.

        It is put together once: a desk shows the owner's files as they were when they were first asked for.
        """
        if (edition, target) not in self._assembled:
            self._assembled[edition, target] = self._assemble(edition, target)
        return self._assembled[edition, target]

    @cached_property
    def _assembled(self) -> dict[tuple[Visibility, str], Portfolio]:
        return {}

    def _assemble(self, edition: Visibility, target: str) -> Portfolio:
        config = self.session.config
        if adopting.is_adopted(self.generation.folder):
            return adopting.portfolio(self.generation, config.owner, config.language, edition)
        return assemble.assemble(
            framework=self.framework,
            pathway=self.generation.pathway,
            narratives=self.narratives,
            connections=self.connections,
            entries=licences.told(self.entries, self.workspace.portfolio / licences.FILE_NAME, config.owner),
            marks=self.marks,
            edition=edition,
            as_of=now(),
            owner=config.owner,
            language=config.language,
            timezone=config.timezone,
            generation=self.generation,
            own_hosts=frozenset({_NOWHERE}) if self.alone else own_hosts(self.session),
            released=releases.last_sections(
                self.session.archive, [target] if target else config.targets, self.generation.portfolio, edition.value
            ),
            making=composing.making(self),
            below=composing.below(self),
            earlier=composing.earlier(self),
            panels=composing.panels(self, edition),
            licence=config.portfolio.licence,
        )


def desk_for(session: Session, target: str, name: str = "") -> Desk:
    """Return what a build for a target reads: for the generation of that name, else for the one that it is to show."""
    return Desk(session, name or getattr(session.config.targets[target], "generation", ""))


def own_hosts(session: Session) -> frozenset[str]:
    """
    Return the hosts where the owner publishes: what is public there need not be brought along.

    Where a folder is served, others may be at home, too: its host is not counted.
    """
    targets = (t for t in session.config.targets.values() if t.type != "static")
    return frozenset(host for t in targets if (host := urlsplit(getattr(t, "url", "")).hostname))


def build(desk: Desk, edition: Visibility, target: str = "") -> tuple[Portfolio, page.Built]:
    """Return the portfolio of an edition, for a target, and its release; nothing is published, no request is sent."""
    portfolio = desk.portfolio(edition, target)
    return portfolio, rendered(desk, portfolio)


def rendered(desk: Desk, portfolio: Portfolio) -> page.Built:
    """Return the release of a portfolio, its pictures as small as the configuration says."""
    archive = desk.session.archive

    def held(digest: Digest) -> Path:
        path = archive.path_of(digest)
        if path is None:
            raise ArchiveDamaged(
                f"A file that the portfolio shows is missing from the archive ({digest[:8]}).",
                mend="Run: keepfolio verify",
            )
        return path

    wanted = desk.session.config.portfolio.pictures
    copies = pictures.Copies(
        pictures.Recipe(wanted.longest_side), pictures.Recipe(wanted.certificates, watermark=wanted.watermark)
    )
    return page.render(portfolio, held, desk.workspace.build, copies)


def write(built: page.Built, folder: Path, layout: str = "flat") -> Path:
    """Write the page (``pages``: one for each area) and everything that it shows into a folder; return its path."""
    document = built.release.document
    wanted: dict[str, str | Path] = {}
    for upload in built.release.uploads:
        wanted[f"files/{upload.name}"] = built.files[upload.sha256]
        document = document.replace(f"keepfolio:{upload.name}", f"files/{upload.name}")
    texts = pages.split(document) if layout == "pages" else {pages.INDEX: document}
    outfolder.fill(folder, {**wanted, **texts})
    return folder / pages.INDEX


def gates(desk: Desk, portfolio: Portfolio, target: str = "") -> tuple[Finding, ...]:
    """Return what must be settled before this edition goes live at a target; an adopted page was the owner's before."""
    if adopting.is_adopted(desk.generation.folder):
        return ()
    config = desk.session.config
    prose = getattr(config.targets.get(target), "prose", None) or config.portfolio.prose
    emails = (*config.emails, config.messages.email)
    of_sections = lacking.gates(
        portfolio, desk.narratives, desk.framework, desk.generation.pathway, prose=prose, emails=emails
    )
    return (*renewing.settled(desk, of_sections), *composing.gates(desk, portfolio))


def opened(desk: Desk, portfolio: Portfolio) -> tuple[str, ...]:
    """Return the titles of items whose text the page shows, itself or within another, though nothing public does."""
    every = {held.id: held for held in (*_brought(desk, portfolio), *drawn_in(desk, portfolio))}.values()
    closed = (held.entry for held in every if held.entry.visibility is not Visibility.PUBLIC)
    return tuple(entry.title or entry.native_id for entry in closed)


def drawn_in(desk: Desk, portfolio: Portfolio) -> tuple[Stored, ...]:
    """Return the entries whose words stand on the page only because an item that the owner opened shows them."""
    inside = {held.id: held for outer in _brought(desk, portfolio) for held in within.shown(outer, desk.entries)}
    return tuple(desk.entries[one.id] for one in inside.values() if one.entry.kind not in FILE_KINDS)


def _brought(desk: Desk, portfolio: Portfolio) -> list[Stored]:
    """Return the entries whose text the page brings along."""
    chosen = [
        n.chosen for n in desk.narratives.values() if n.chosen and n.section in {s.id for s in portfolio.sections}
    ]
    shown = [*(kept.entry_id for kept in portfolio.kept), *chosen]
    return [desk.entries[i] for i in dict.fromkeys(shown) if i in desk.entries]


def gaps(desk: Desk, edition: Visibility) -> list[Finding]:
    """Return what is missing or weak, seen from an edition, what could not be had, and what is linked and will go."""
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
        words_without_figure=desk.session.config.portfolio.words_without_figure,
    )
    if desk.session.config.portfolio.prose == "site":  # the words are on the site, where nobody counts them
        found = tuple(f for f in found if f.code not in lacking.ABOUT_WORDS)
    absent = [
        Finding("not-held", "warning", f"{f.what}: {f.why}", f.mend or "keepfolio accept, if it cannot be had")
        for f in desk.session.archive.failures()
    ]
    will_go = vanishing.findings(vanishing_seen.links(desk.session), "Run: keepfolio harvest --linked")
    return [*advice.addressed(desk, found), *advice.findings(desk), *renewing.findings(desk), *absent, *will_go]


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
    from connectors.wordpress.page import paste

    text, uploads = paste(built.release)
    copies = {f"files/{upload.name}": built.files[upload.sha256] for upload in uploads}
    outfolder.fill(folder, {"blocks.html": text, "HOW.txt": HOW_TO_PASTE, **copies})
    return folder
