"""
A copy of an archive, opened where it lies: a folder like the archive itself, or a ZIP for each sealed part.

An encrypted copy is ZIPs sealed by somebody else's program (age); the function that opens them is passed in. What is
read here may have been made or changed by others: names and sizes are checked before anything is unpacked.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, ClassVar, Literal, Self, TypeAlias, cast

from archive import segment
from archive.entry import Digest
from archive.errors import ArchiveDamaged, KeepfolioError, UsageError
from archive.filesystem import FileSystem
from archive.layout import about_of

Form = Literal["folder", "zip", "age"]
Through: TypeAlias = Callable[[BinaryIO, BinaryIO], None]
"""Reads all of the first, and writes to the second what it becomes: sealed, or opened."""

SUFFIX: dict[Form, str] = {"folder": "", "zip": ".zip", "age": ".zip.age"}
FOLDER: dict[Form, str] = {"folder": "segments", "zip": "zips", "age": "zips"}
TAGS = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")
PIECE = 1 << 20


class Copy(ABC):
    """
    One copy. ``place`` is its folder, ``id`` the archive's; close it when done.

    Methods raise KeyError for a part or file that is not there, and ArchiveDamaged for one that cannot be read.
    """

    form: ClassVar[Form]

    def __init__(self, place: Path, archive_id: str) -> None:
        self.place = place
        self.id = archive_id

    @property
    def folder(self) -> Path:
        """Where the parts lie; ZIPs have a folder of another name, so that no program takes it for an archive's."""
        return self.place / FOLDER[self.form]

    def path(self, name: str) -> Path:
        """Return where a part lies: a folder or one file."""
        return self.place / self.relative(name)

    def relative(self, name: str) -> str:
        """Return the same from the copy's own folder on, with ``/``."""
        return f"{FOLDER[self.form]}/{name}{SUFFIX[self.form]}"

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names of the parts, in their order."""

    @abstractmethod
    def members(self, name: str) -> dict[str, int]:
        """Return the files of a part: path -> size."""

    @abstractmethod
    def open(self, name: str, path: str) -> BinaryIO:
        """Open one file of a part."""

    @abstractmethod
    def unpacked(self, name: str) -> contextlib.AbstractContextManager[Path]:
        """Give a part as a folder, for as long as the ``with`` lasts."""

    @abstractmethod
    def drop(self, name: str, disk: FileSystem | None = None) -> None:
        """Remove a part in whose place another one stands; nothing else is ever removed from a copy."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what was opened."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


class FolderCopy(Copy):
    """A copy that is an archive itself."""

    form = "folder"

    def names(self) -> list[str]:
        return segment.names(self.folder)

    def members(self, name: str) -> dict[str, int]:
        folder = self._folder(name)
        return {
            path.relative_to(folder).as_posix(): path.stat().st_size
            for below, _, files in os.walk(folder)
            for path in (Path(below, file) for file in files)
            if path.is_file() and not path.is_symlink()
        }

    def open(self, name: str, path: str) -> BinaryIO:
        file = self._folder(name) / _checked(path)
        if file.is_symlink() or not file.is_file():  # a link may lead outside, a pipe would never end
            raise KeyError(f"{name}/{path}")
        return file.open("rb")

    @contextmanager
    def unpacked(self, name: str) -> Iterator[Path]:
        yield self._folder(name)

    def drop(self, name: str, disk: FileSystem | None = None) -> None:
        disk = disk or FileSystem()
        beside = self.place / "staging" / f"replaced-{name}"  # away in one step: half of a part would be damage
        disk.rename(self._folder(name), beside)
        disk.sync_folder(self.folder)
        disk.remove_tree(beside)

    def close(self) -> None:
        """Nothing stays open here."""

    def _folder(self, name: str) -> Path:
        if not segment.is_name(name) or not self.path(name).is_dir():
            raise KeyError(name)
        return self.path(name)


class ZipCopy(Copy):
    """A copy of one ZIP for each part, made as ``write_zip`` makes them; the last one opened stays open."""

    form: ClassVar[Form] = "zip"

    def __init__(self, place: Path, archive_id: str, unseal: Through | None = None) -> None:
        super().__init__(place, archive_id)
        self._unseal = unseal
        self._opened: tuple[str, zipfile.ZipFile, BinaryIO] | None = None

    def names(self) -> list[str]:
        suffix = SUFFIX[self.form]
        try:
            found = list(os.scandir(self.folder))
        except FileNotFoundError:
            return []
        files = (e.name for e in found if e.name.endswith(suffix) and e.is_file(follow_symlinks=False))
        return sorted(n for n in (name.removesuffix(suffix) for name in files) if segment.is_name(n))

    def members(self, name: str) -> dict[str, int]:
        return {path: member.file_size for path, member in self._members(name).items()}

    def open(self, name: str, path: str) -> BinaryIO:
        members = self._members(name)
        if path not in members:
            raise KeyError(f"{name}/{path}")
        with _damage_named(self.path(name)):
            return cast("BinaryIO", self._zip(name).open(members[path]))

    @contextmanager
    def unpacked(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="keepfolio-") as above:
            folder = Path(above) / name
            folder.mkdir(mode=0o700)
            for path in self.members(name):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                with (
                    self.open(name, path) as source,
                    (folder / path).open("xb") as target,
                    _damage_named(self.path(name)),
                ):
                    shutil.copyfileobj(source, target, PIECE)
            yield folder

    def drop(self, name: str, disk: FileSystem | None = None) -> None:
        if not segment.is_name(name) or not self.path(name).is_file():
            raise KeyError(name)
        self.close()
        disk = disk or FileSystem()
        disk.remove(self.path(name))
        disk.sync_folder(self.folder)

    def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened:
            opened[1].close()
            opened[2].close()

    def _members(self, name: str) -> dict[str, zipfile.ZipInfo]:
        """Return the members by their path in the part; one that we would not have made makes the whole ZIP damaged."""
        members: dict[str, zipfile.ZipInfo] = {}
        for member in self._zip(name).infolist():
            above, _, path = member.filename.partition("/")
            if above != name or path in members or not (path in TAGS or segment.is_inside(path)):
                raise _damaged(self.path(name))
            members[path] = member
        if sum(m.file_size for m in members.values()) > self._size(name):  # ours are stored as they are; a bomb is not
            raise _damaged(self.path(name))
        return members

    def _size(self, name: str) -> int:
        self._zip(name)
        assert self._opened is not None
        return self._opened[2].seek(0, os.SEEK_END)

    def _zip(self, name: str) -> zipfile.ZipFile:
        if self._opened is None or self._opened[0] != name:
            self.close()
            if not segment.is_name(name) or self.path(name).is_symlink() or not self.path(name).is_file():
                raise KeyError(name)
            with _damage_named(self.path(name)):
                stream = self._stream(self.path(name))
                try:
                    self._opened = name, zipfile.ZipFile(stream), stream
                except BaseException:
                    stream.close()
                    raise
        return self._opened[1]

    def _stream(self, path: Path) -> BinaryIO:
        return path.open("rb")


class SealedCopy(ZipCopy):
    """A copy of encrypted ZIPs; without the function that opens them only their names can be read."""

    form = "age"

    def _stream(self, path: Path) -> BinaryIO:
        if self._unseal is None:
            raise UsageError(
                f"The copy in {self.place} is encrypted, and no key was given.",
                code="no-key",
                unchanged="Nothing was changed.",
                mend="Name the file with its key: --key FILE   (in a terminal, a passphrase is asked for)",
            )
        plain = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - closed with the ZIP
        try:
            with path.open("rb") as sealed:
                self._unseal(sealed, plain)
        except BaseException:
            plain.close()
            raise
        plain.seek(0)
        return plain


def opened(place: Path, unseal: Through | None = None) -> Copy:
    """
    Open a copy; a folder that holds one as ``archive/`` is understood too.

    ``unseal`` reads an encrypted file and writes it opened; an encrypted copy can be listed without.

    Raises:
        KeepfolioError: There is no copy (``no-copy``), or it is of a newer format.

        ArchiveDamaged: What it is a copy of cannot be read.
    """
    if not (place / "archive.json").is_file() and (place / "archive" / "archive.json").is_file():
        place /= "archive"
    if not (place / "archive.json").is_file():
        raise KeepfolioError(
            f"There is no copy of an archive in {place}.",
            code="no-copy",
            unchanged="Nothing was changed.",
            mend="Connect the disk, or name the folder that holds archive.json.",
        )
    about = about_of(place)
    return at(place, str(about["id"]), form_of(place) or "folder", unseal)


def at(place: Path, archive_id: str, form: Form, unseal: Through | None = None) -> Copy:
    """Return the copy in a place whose form and archive are known."""
    if form == "folder":
        return FolderCopy(place, archive_id)
    return (ZipCopy if form == "zip" else SealedCopy)(place, archive_id, unseal)


def form_of(place: Path) -> Form | None:
    """Return the form of a copy by what lies in it; None while that is nothing."""
    kinds: tuple[type[Copy], ...] = (FolderCopy, ZipCopy, SealedCopy)
    return next((kind.form for kind in kinds if kind(place, "").names()), None)


def write_zip(folder: Path, listed: dict[str, Digest], out: BinaryIO) -> None:
    """
    Write a part as a ZIP that is the same byte for byte whenever it is made: sorted, stored, without dates.

    It unpacks to a folder of the part's name. The file that makes a bag of it comes last.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for path in (*sorted(listed), *TAGS):
            member = zipfile.ZipInfo(f"{folder.name}/{path}", (1980, 1, 1, 0, 0, 0))
            member.create_system, member.external_attr = 3, 0o100600 << 16
            source = folder / path
            member.file_size = source.stat().st_size  # so that ZIP64 is chosen where it is needed
            with source.open("rb") as read, packed.open(member, "w") as written:
                shutil.copyfileobj(read, written, PIECE)


def _checked(path: str) -> str:
    if path not in TAGS and not segment.is_inside(path):
        raise KeyError(path)
    return path


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as problem:
        raise _damaged(path) from problem


def _damaged(path: Path) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"A part of a copy is not what was written there: {path}.",
        code="copy-damaged",
        unchanged="Your archive is as it was.",
        mend=f"Move {path} away, then run `keepfolio replicate` again to that place.",
    )
