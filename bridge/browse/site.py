"""
A website of what the archive holds: every entry on a page of its own, lists, and a search that needs no network.

Made anew at any time from the archive and the owner's files. What did not change since it was made last is not written
again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout

from archive import naming
from archive.errors import Locked, UsageError
from bridge.browse import catalogue, lists, pages, search
from bridge.browse.catalogue import Row
from bridge.browse.folder import Folder, Made, Task
from bridge.browse.history import histories
from bridge.browse.pages import Pages
from bridge.browse.sections import Cited, cited
from bridge.browse.shelf import Shelf
from bridge.export import Wanted, insist_not_among_own
from bridge.portfolio import marks
from bridge.session import Session

NAME = "browse"
"""The site's folder in the archive."""

_AT_ONCE = 2000

Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""


@dataclass(frozen=True)
class Browsed:
    """
    What was made. ``path`` is the first page.

    ``entries`` counts what a person counts, ``pages`` every page that is there; ``written`` and ``removed`` count files
    of this run. ``notes`` say in words what could not be shown; not ``whole`` when it was damaged.
    """

    path: Path
    entries: int
    pages: int
    written: int
    removed: int
    files: int
    notes: tuple[str, ...] = ()
    whole: bool = True


def browse(
    session: Session, out: Path | None = None, wanted: Wanted | None = None, progress: Progress | None = None
) -> Browsed:
    """
    Make the site, or bring it up to date.

    Args:
        session: Whose archive.

        out: The folder; by default ``browse`` in the archive. Elsewhere every file is copied into it.

        wanted: What to show; everything by default. A choice by visibility leaves earlier versions out.

        progress: Told how far it is.

    Raises:
        KeepfolioError: There is no archive yet.

        UsageError: The folder is not one that an earlier run made for this archive, or lies elsewhere in the archive.

        Locked: Another run is making it.
    """
    archive = session.existing_archive()
    chosen = wanted or Wanted()
    beside = archive.root / NAME
    root = out.expanduser().absolute() if out else beside
    inside = root.resolve() == beside.resolve()
    _insist_outside(root, archive.root, inside=inside)
    if not inside:
        insist_not_among_own(root, session.workspace)
    with _alone(archive.state):
        own = marks.read(session.workspace.portfolio / marks.FILE_NAME)
        found = catalogue.read(archive, own, chosen)
        connected = _connect(session, found)
        made = Pages(
            archive=archive,
            catalogue=found,
            shelf=Shelf(archive, found.places, beside=inside),
            owner=session.config.owner,
            language=session.config.language,
            zone=ZoneInfo(session.config.timezone),
            sections=connected.titles,
            earlier=chosen.visibility is None,
        )
        folder = Folder(root, archive.id, found.places.answers)
        damaged = _Making(made, folder, progress or _silent).everything()
        return Browsed(
            path=root / "index.html",
            entries=found.counted(),
            pages=folder.finish(),
            written=folder.written,
            removed=folder.removed,
            files=len(found.places.held),
            notes=(*connected.notes, *_damage(damaged)),
            whole=not damaged,
        )


def _silent(done: int, of: int) -> None:
    """Tell nobody."""


class _Making:
    """One run: what there is to do, and doing it with little in memory at a time."""

    def __init__(self, made: Pages, folder: Folder, progress: Progress) -> None:
        self._pages = made
        self._folder = folder
        self._progress = progress
        self._layout = naming.short_hash(f"{pages.layout()} {made.frame} {made.zone} {made.earlier}", 16)
        self._damaged: list[str] = []

    def everything(self) -> list[str]:
        """Bring the folder up to date; return the titles of what could not be read."""
        rows = self._pages.catalogue.rows
        entries = {row.page: row for row in rows.values()}
        todo = self._folder.begin([*map(self._entry, entries.values()), *self._others()])
        done = 0
        for batch in _batches(todo):
            ids = [entries[task.key].id for task in batch if task.key in entries]
            known = histories(self._pages.archive, ids)
            for task in batch:
                row = entries.get(task.key)
                made = self._pages.entry(row, known[row.id]) if row else task.make()
                if not made.whole:
                    self._damaged.append(row.title if row else f"the file {PurePosixPath(task.key).name}")
                self._folder.put(task, made)
                done += 1
                self._progress(done, len(todo))
            self._folder.save()
        return self._damaged

    def _entry(self, row: Row) -> Task:
        base = f"{self._layout} {self._pages.entry_stamp(row)}"
        return Task(row.page, base, (row.page, *self._pages.version_names(row)), _never)

    def _others(self) -> Iterator[Task]:
        rows = list(self._pages.catalogue.rows.values())
        yield from self._pages.shelf.copies()
        ways = lists.ways(rows, self._pages.zone, self._pages.sections)
        for way in ways:
            yield from self._way(way)
        yield from search.tasks(self._pages.archive, rows, self._pages.day, self._layout)
        gone = sum(1 for row in rows if row.deleted)
        yield self._page("index.html", lambda: self._pages.home(ways, gone))
        yield self._page("search.html", self._pages.search)
        for name in ("style.css", "search.js"):
            yield self._page(name, lambda name=name: pages.asset(name))  # type: ignore[misc]

    def _way(self, way: lists.Way) -> Iterator[Task]:
        yield self._page(f"{way.folder}/index.html", lambda: self._pages.index(way))
        for listing in way.lists:
            for number in range(1, listing.pages + 1):
                yield self._listing(way, listing, number)

    def _listing(self, way: lists.Way, listing: lists.Listing, number: int) -> Task:
        name = listing.name(number)
        lines = [f"{heading} {row.shown}" for heading, rows in listing.on(number) for row in rows]
        head = f"{self._layout} {listing.title} {listing.pages} {len(listing.lines) if number == 1 else ''}"
        base = naming.short_hash("\n".join([head, *lines]), 16)
        return Task(name, base, (name,), lambda: Made({name: self._pages.listing(way, listing, number)}))

    def _page(self, name: str, text: Callable[[], str]) -> Task:
        """A page that is cheaper made than described: what it says is its own stamp."""
        said = text()
        return Task(name, naming.short_hash(said, 16), (name,), lambda: Made({name: said}))


def _never() -> Made:
    raise AssertionError("pages of entries are made with their histories")


def _batches(tasks: Sequence[Task]) -> Iterator[Sequence[Task]]:
    for begin in range(0, len(tasks), _AT_ONCE):
        yield tasks[begin : begin + _AT_ONCE]


def _connect(session: Session, found: catalogue.Catalogue) -> Cited:
    connected = cited(session, found.rows.values())
    for section, ids in connected.entries.items():
        for entry_id in ids:
            row = found.rows.get(entry_id)
            if row is not None:
                row.sections = (*row.sections, section)
    return connected


def _insist_outside(root: Path, archive: Path, *, inside: bool) -> None:
    if not inside and root.resolve().is_relative_to(archive.resolve()):
        raise UsageError(
            f"{root} lies in the archive itself.",
            code="inside-archive",
            unchanged="Nothing was written.",
            mend=f"Name a folder beside it, or none: then it is {archive / NAME}.",
        )


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    lock = FileLock(state / "browse.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Locked(
            "Another run is making these pages.",
            unchanged="Nothing was changed by this command.",
            mend="Wait until it has ended, then run the same command again.",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _damage(titles: Sequence[str]) -> tuple[str, ...]:
    if not titles:
        return ()
    more = f" and {len(titles) - 3} more" if len(titles) > 3 else ""
    return (f"Could not be read whole: {', '.join(titles[:3])}{more}. Run: keepfolio verify",)
