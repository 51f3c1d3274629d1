"""Which files go to Mahara, each under which number; their bytes are looked at before one is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from archive import naming
from archive.entry import Digest
from archive.segment import digest_of
from bridge.export.leap2a_kinds import of_mahara
from bridge.export.leap2a_text import lines
from bridge.export.markdown_addresses import Held
from bridge.portfolio import wording
from bridge.render import sanitise
from connectors.mahara import leap2a_parts as parts
from connectors.mahara.leap2a_parts import About, Id, Part
from connectors.mahara.leap2a_write import Member

if TYPE_CHECKING:
    from archive.store import Archive
    from archive.values import Stored


@dataclass(frozen=True)
class Filed:
    """A file, its id, what Mahara shows of it, its name in the zip, and the folder that it lies in."""

    id: Id
    held: Held
    title: str
    said: str
    called: str
    member: str
    size: int
    folder: Id


@dataclass(frozen=True)
class _Own:
    """A file that is an entry of Mahara's: called as it was called there."""

    held: Held
    title: str
    said: str
    called: str


@dataclass
class Files:
    """
    Files by what they are: one of Mahara's is itself, whoever shows it; of others, the same bytes are one file.

    Two files of Mahara may have the same bytes, with names, folders and tags of their own.
    """

    archive: Archive
    next_id: Callable[[], Id]
    _own: dict[str, _Own] = field(default_factory=dict)  # by address
    _filed: dict[tuple[Digest, str], Filed | None] = field(default_factory=dict)
    _first: dict[Digest, Id] = field(default_factory=dict)
    _sizes: dict[Digest, int | None] = field(default_factory=dict)

    def know(self, stored: Stored) -> None:
        """Take in a file that is an entry of Mahara's, so that texts that show it mean that one."""
        called = of_mahara(stored.entry).rpartition("/")[2]
        for file in stored.entry.files:
            said = lines(stored.entry.content_html) or file.caption
            self._own[file.url] = _Own(Held.of(stored, file), stored.entry.title, said, called)

    def add(self, held: Held, folder: Id = "") -> Filed | None:
        """Return a file that goes, once; ``None`` where its bytes are not held or are damaged."""
        own = self._own.get(held.file.url)
        digest = own.held.file.sha256 if own else held.file.sha256
        name = digest, own.held.owner if own else ""
        if name not in self._filed:
            size = self._size(digest)
            self._filed[name] = None if size is None else self._new(held, own, size, folder)
        return self._filed[name]

    def of(self, digest: Digest) -> Id:
        """Return the id of a file with these bytes that goes already; ``""`` if none does."""
        return self._first.get(digest, "")

    def __iter__(self) -> Iterator[Filed]:
        yield from (filed for filed in self._filed.values() if filed)

    @property
    def whole(self) -> bool:
        """Whether every file that was asked for, and that the archive names, has its bytes."""
        return all(filed for (digest, _), filed in self._filed.items() if digest)

    @staticmethod
    def part(filed: Filed) -> Part:
        """Return a file as an entry; its title is its name, and what is said of it its description."""
        held, moment = filed.held, filed.held.moment
        tags = held.entry.tags if held.entry.kind in wording.FILE_KINDS else ()
        own = About(filed.title, moment, held.entry.updated or moment, tags)
        media_type = wording.media_type(held.file)
        return parts.file(filed.id, own, filed.said, filed.folder, media_type, filed.member, called=filed.called)

    def member(self, filed: Filed) -> Member:
        """Return the bytes of a file as a member of the zip."""
        return Member(filed.member, filed.size, partial(self.archive.read, filed.held.file.sha256))

    def _new(self, held: Held, own: _Own | None, size: int, folder: Id) -> Filed:
        held = own.held if own else held
        file, entry, id_ = held.file, held.entry, self.next_id()
        self._first.setdefault(file.sha256, id_)
        name = PurePosixPath(naming.file_path("", file.sha256, file.name, held.moment)).name[9:] or "file"
        member = f"export_info/files/{id_.removeprefix('artefact')}-{name}"
        title = own.title if own else parts.plain(file.name.replace("\\", "/").rpartition("/")[2])
        about = file.caption or file.alt or (entry.title if entry.kind in wording.FILE_KINDS else "")
        said = own.said if own else sanitise.text(about)
        title = title if title.strip() else name
        return Filed(id_, held, title, said, own.called if own else "", member, size, folder)

    def _size(self, digest: Digest) -> int | None:
        if digest not in self._sizes:
            path = self.archive.path_of(digest) if digest else None
            sound = path is not None and path.is_file() and digest_of(str(path)) == digest
            self._sizes[digest] = path.stat().st_size if sound and path else None
        return self._sizes[digest]
