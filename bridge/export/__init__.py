"""
What leaves in forms that others read: one module for each format, all called the same way.

Each module has ``export(session, out, wanted) -> Exported`` and is imported when its format is asked for.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from archive.entry import Entry, Visibility
from archive.errors import UsageError

if TYPE_CHECKING:
    from archive.store import Archive
    from archive.values import Stored
    from bridge.session import Session
    from bridge.workspace import Workspace

FORMATS = {
    "bagit": "One bag with everything and its history; any BagIt tool checks it, and keepfolio imports it.",
    "ocfl": "An OCFL 1.1 storage root, one object for each entry with its versions; keepfolio imports it.",
    "markdown": "A Markdown file for each entry, with its media beside it.",
    "wxr": "A file that WordPress imports: posts, pages, media, terms and comments.",
    "leap2a": "A file that Mahara imports: journals, files and the portfolio as pages.",
    "browse": "A website for reading everything in a browser, without a network and without this program.",
}
"""The formats of ``keepfolio export``, and what each is for. The module of each is ``bridge.export.NAME``."""


@dataclass(frozen=True)
class Wanted:
    """
    What to export, and how. Empty fields mean everything.

    ``media_at`` (wxr): the address below which the exported media will be found by the site that imports them.
    ``version`` (leap2a): the version of Mahara that will read it, such as ``22.10``.
    """

    source: str = ""
    kind: str = ""
    tag: str = ""
    visibility: Visibility | None = None
    media_at: str = ""
    version: str = ""

    @property
    def everything(self) -> bool:
        """Whether nothing was chosen: formats that hold a whole archive refuse a choice."""
        return not (self.source or self.kind or self.tag or self.visibility)


@dataclass(frozen=True)
class LeftOut:
    """One entry that the format cannot hold, and why; in words."""

    id: str
    title: str
    why: str


@dataclass(frozen=True)
class Exported:
    """
    What was written. ``path`` is the file or folder to hand over; ``notes`` say what a reader of it will drop or need.

    ``entries`` and ``files`` count what is in it, ``bytes`` is its size on disk. Not ``whole`` when the archive names
    files whose bytes are missing from it or damaged; they were left out.
    """

    path: Path
    entries: int
    files: int
    bytes: int
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = field(default=())
    whole: bool = True


def export(name: str, session: Session, out: Path, wanted: Wanted) -> Exported:
    """
    Write the archive in a format into a folder that does not exist yet, or is empty.

    Raises:
        UsageError: The format is unknown, the folder is in use or lies in the archive, or a choice was made that the
            format cannot honour, or that nothing answers to (``nothing-chosen``).
    """
    if name not in FORMATS:
        raise UsageError(f"There is no format called {name}.", mend=f"Choose one of: {', '.join(FORMATS)}.")
    if name in {"bagit", "ocfl"} and not wanted.everything:
        raise UsageError(
            f"{name} holds the whole archive.",
            code="whole-only",
            unchanged="Nothing was written.",
            mend="Leave out --source, --kind, --tag and --visibility; or choose markdown or wxr.",
        )
    session.existing_archive()
    insist_free(out, session.workspace.archive)
    insist_not_among_own(out, session.workspace)
    if not wanted.everything and next(chosen(session, session.archive, wanted), None) is None:
        raise UsageError(
            "Nothing that is held is of your choice.",
            code="nothing-chosen",
            unchanged="Nothing was written.",
            mend="keepfolio list shows what is held; leave out --source, --kind, --tag or --visibility.",
        )
    done: Exported = import_module(f"bridge.export.{name}").export(session, out, wanted)
    return done


def insist_free(out: Path, archive: Path) -> None:
    """Refuse a folder that holds something, or that lies in the archive."""
    where = out.expanduser().resolve()
    if where.is_relative_to(archive.resolve()):
        raise UsageError(
            f"{out} lies in the archive itself.",
            code="inside-archive",
            unchanged="Nothing was written.",
            mend="Name a folder beside it.",
        )
    if where.exists() and (not where.is_dir() or any(where.iterdir())):
        raise UsageError(
            f"There is something in {out} already.",
            code="folder-in-use",
            unchanged="Nothing was written.",
            mend="Name a folder that is empty or does not exist yet.",
        )


def insist_not_among_own(out: Path, workspace: Workspace) -> None:
    """Refuse a folder among the owner's own files: the next harvest would take all of it into the archive."""
    where = out.expanduser().resolve()
    for own in (workspace.portfolio, workspace.root / "inbox"):
        if where.is_relative_to(own.resolve()):
            raise UsageError(
                f"{out} lies among your own files, and would be kept as one of them.",
                code="among-own-files",
                unchanged="Nothing was written.",
                mend="Name a folder elsewhere.",
            )


def chosen(
    session: Session, archive: Archive, wanted: Wanted, without: Container[str] = (), *, content: bool = True
) -> Iterator[Stored]:
    """
    Yield the live entries that were asked for; ``visibility`` as the owner's marks decide it.

    ``without``: ids of what stays, such as ``copies``. Not ``content``: texts are not read.
    """
    from bridge.marking import owner_marks
    from bridge.portfolio import marks

    own = owner_marks(session) if wanted.visibility else None
    for stored in archive.entries(wanted.source, wanted.kind, wanted.tag, content=content):
        if stored.id in without:
            continue
        if own is None or marks.effective(stored, own) == wanted.visibility:
            yield stored


def copies(session: Session, archive: Archive, wanted: Wanted) -> dict[str, LeftOut]:
    """Return, by id, what stays because it is a copy of something that was asked for, too."""
    from bridge.copies_of import originals

    stay: dict[str, LeftOut] = {}
    for copy, first in originals(lambda: chosen(session, archive, wanted, content=False)).items():
        one, original = archive.entry(copy), archive.entry(first)
        if one and original:
            stay[copy] = LeftOut(copy, one.entry.title, why_copy(original.entry))
    return stay


def why_copy(original: Entry) -> str:
    """Say why the copy of an entry stays."""
    return f"it is a copy of “{original.title or original.url}”, which goes itself"
