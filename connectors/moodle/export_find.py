"""
Where the files lie that a person saved from Moodle: a data request, badges, Leap2A, the feed of a blog.

They are known by what is in them and not by their names: browsers and people rename them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from archive.errors import KeepfolioError, UsageError
from connectors.contract import SourceUnavailable
from connectors.moodle.export_tree import parted
from connectors.packed import unreadable
from connectors.packs import FolderPack, Pack, ZipPack, is_file

DOWNLOAD_AGAIN = "Download it again in Moodle, and put the new file in place of this one."
_FEED = "leap2a.xml"
_HEAD = 4096
_PICTURES = frozenset({".png", ".svg"})
_FIRST = ("index.html", "js/data_index.js")


@dataclass
class Lying:
    """What lies there, by kind; ``others`` is nothing of Moodle's, ``damaged`` cannot be read; both by name."""

    requests: list[Pack] = field(default_factory=list)
    badges: list[Pack] = field(default_factory=list)
    leap2a: list[Pack] = field(default_factory=list)
    feeds: list[Pack] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    damaged: list[tuple[str, KeepfolioError]] = field(default_factory=list)
    made: dict[str, float] = field(default_factory=dict)  # when each was saved, by its name

    def packs(self) -> list[Pack]:
        return [*self.requests, *self.badges, *self.leap2a, *self.feeds]


def look(path: Path) -> Lying:
    """
    Return what lies at a path: one file, an unpacked data request, or a folder of any of these.

    Raises:
        UsageError: There is nothing there, or nothing of Moodle's.

        SourceUnavailable: The one file that is named is damaged, or cannot be read.
    """
    lying = Lying()
    try:
        if is_file(path):
            _file(path, lying)
        elif path.is_dir():
            if not _folder(path, lying):
                for one in sorted(path.iterdir()):
                    _inside(one, lying)
        else:
            raise UsageError(f"There is no file or folder {path}.", code="no-export")
    except OSError as error:
        raise unreadable(str(path), error) from error
    if lying.packs():
        return lying
    if lying.damaged:
        raise lying.damaged[0][1]
    raise UsageError(f"Nothing at {path} was saved from Moodle.", code="no-export")


def _inside(path: Path, lying: Lying) -> None:
    if path.name.startswith("."):
        return
    if is_file(path):
        _file(path, lying)
    elif path.is_symlink() or not path.is_dir() or not _folder(path, lying):
        lying.others.append(path.name)


def _file(path: Path, lying: Lying) -> None:
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    lying.made[path.name] = path.stat().st_mtime
    if head.startswith(b"PK") or path.suffix.lower() == ".zip":
        _zip(path, lying)
    elif path.suffix.lower() in _PICTURES:
        lying.badges.append(_single(path))
    elif b"<rss" in head and b"<generator>Moodle" in head:
        lying.feeds.append(_single(path))
    elif path.name == _FEED:
        lying.leap2a.append(FolderPack(path.name, path.parent, _FEED, ("files",), DOWNLOAD_AGAIN))
    else:
        lying.others.append(path.name)


def _zip(path: Path, lying: Lying) -> None:
    pack = ZipPack(path.name, lambda: path, DOWNLOAD_AGAIN)
    try:
        names = list(pack.names())
        if _FEED in names:
            pack.text(_FEED).close()
    except SourceUnavailable as error:
        lying.damaged.append((path.name, error))
        return
    if any(name.endswith(".json") and parted(name) for name in names):
        lying.requests.append(pack)
    elif _FEED in names:
        lying.leap2a.append(pack)
    elif names and all(PurePosixPath(name).suffix.lower() in _PICTURES for name in names):
        lying.badges.append(pack)
    else:
        pack.close()
        lying.others.append(path.name)


def _folder(path: Path, lying: Lying) -> bool:
    """Tell whether a folder is an unpacked export, and take it as one."""
    contexts = tuple(sorted(one.name for one in path.iterdir() if parted(f"{one.name}/data.json") and one.is_dir()))
    first = next(_anything(path, contexts), None)
    if first is not None:
        lying.requests.append(FolderPack(path.name, path, first, contexts, DOWNLOAD_AGAIN))
    elif is_file(path / _FEED):
        lying.leap2a.append(FolderPack(path.name, path, _FEED, ("files",), DOWNLOAD_AGAIN))
    else:
        return False
    lying.made[path.name] = path.stat().st_mtime
    return True


def _anything(path: Path, contexts: tuple[str, ...]) -> Iterator[str]:
    """Yield a file that is in the export for certain: a folder is told to have changed by one that it begins with."""
    if contexts:
        yield from (name for name in _FIRST if is_file(path / name))
        for context in contexts:
            yield from (one.relative_to(path).as_posix() for one in (path / context).rglob("*.json") if is_file(one))


def _single(path: Path) -> Pack:
    return FolderPack(path.name, path.parent, path.name, (), DOWNLOAD_AGAIN)
