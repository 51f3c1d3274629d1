"""
Where Mahara exports lie: a zip, a zip of zips, a bare ``leap2a.xml``, an unpacked folder, or a folder of any of these.

They are known by what is in them and not by their names: browsers and people rename them.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from archive.errors import KeepfolioError, UsageError
from connectors.contract import SourceUnavailable
from connectors.mahara.leap2a_package import EXPORT_AGAIN, FILES, HEAD, Package
from connectors.packed import unreadable
from connectors.packs import FolderPack, ZipPack, is_file

FEEDS = ("leap2a.xml", "leap.xml", "leap2.xml")
DEEP = 3
_SHOWN = 5
_USERNAMES = "usernames.csv"
_LONGEST_LIST = 16 * 2**20
_FEED = re.compile(rb"<(?:[\w.-]+:)?feed[\s>]")
_PAGE = re.compile(rb"<(?:!doctype\s+)?html[\s>]", re.IGNORECASE)
_SIGNS = (b"leap2a.xml", b"export_info/", b"HTML/")


@dataclass
class Lying:
    """
    What lies at a path.

    ``damaged`` are exports that cannot be read, ``others`` files that are none (each with its name and why),
    ``administrators`` whether one is a zip of several people's exports.
    """

    packages: tuple[Package, ...] = ()
    damaged: list[tuple[str, KeepfolioError]] = field(default_factory=list)
    others: list[tuple[str, KeepfolioError]] = field(default_factory=list)
    administrators: bool = False


def packages(path: Path, spool: Path) -> tuple[Package, ...]:
    """
    Return the exports at a path, each once.

    Args:
        path: A zip, a zip of zips, a bare XML file, an unpacked folder, or a folder of any of these.

        spool: A folder for the zips that lie in a zip.

    Raises:
        UsageError: There is no export at the path.

        SourceUnavailable: What is there is no export, or cannot be read.
    """
    return look(path, spool).packages


def look(path: Path, spool: Path) -> Lying:
    """Return all that lies at a path, exports and others. See ``packages``."""
    lying = Lying()
    try:
        lying.packages = _each_once(_found(path, spool, lying), lying)
    except OSError as error:
        raise unreadable(error.filename or str(path), error) from error
    if lying.packages:
        return lying
    reasons = [*lying.damaged, *(lying.others if path.is_file() else ())]
    if reasons:
        raise reasons[0][1]
    instead = f": {_none_of([name for name, _ in lying.others])}" if lying.others else ""
    raise _nothing(f"There is no Mahara export in the folder {path}{instead}.")


def _found(path: Path, spool: Path, lying: Lying) -> Iterator[Package]:
    real = path.resolve()  # the owner may well name a link
    if real.is_dir():
        yield from _in_folder(real, real, spool, lying, 0)
    elif real.is_file():
        yield from _in_file(real, path.name, spool, lying, asked=True)
    else:
        raise _nothing(f"There is no file or folder {path}.")


def _in_folder(folder: Path, top: Path, spool: Path, lying: Lying, depth: int) -> Iterator[Package]:
    """Yield the exports of a folder: those that lie in it, then those of its folders."""
    inside = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".") and path.name != "__MACOSX"]
    folders = [path for path in inside if path.is_dir() and not path.is_symlink()]
    unpacked = False
    for path in inside:
        if path in folders:
            continue
        name = path.relative_to(top).as_posix()
        if not is_file(path):
            lying.others.append((name, _no_export(name, "It is a link, or no plain file.")))
            continue
        for package in _in_file(path, name, spool, lying):
            unpacked = unpacked or package.unpacked
            yield package
    for path in folders if depth < DEEP else ():
        # the files of an unpacked export: a zip among them is evidence
        if not (unpacked and path.name in {"export_info", "files", "HTML"}):
            yield from _in_folder(path, top, spool, lying, depth + 1)


def _in_file(path: Path, name: str, spool: Path, lying: Lying, *, asked: bool = False) -> Iterator[Package]:
    """Yield the exports in a file; ``asked``: it was named by the owner, and did not just lie there."""
    try:
        with path.open("rb") as file:
            start = file.read(HEAD)
    except OSError as error:
        lying.damaged.append((name, unreadable(name, error)))
        return
    if not start and name.lower().endswith((".zip", ".xml")):
        lying.damaged.append((name, _empty(name)))
    elif start.startswith(b"PK"):
        yield from _in_zip(ZipPack(name, lambda: path, EXPORT_AGAIN), spool, lying, start, asked=asked)
    elif _is_leap2a(start):
        yield Package(name, FolderPack(name, path.parent, path.name, FILES, EXPORT_AGAIN), path.name)
    elif _PAGE.search(start) and name.lower().endswith((".zip", ".xml")):
        lying.damaged.append((name, _web_page(name)))
    elif _FEED.search(start) and b"Access denied" in start:
        lying.damaged.append((name, _no_export(name, "It says that access is denied.")))
    else:
        lying.others.append((name, _no_export(name)))


def _in_zip(
    pack: ZipPack, spool: Path, lying: Lying, start: bytes = b"", *, asked: bool = False, nested: bool = False
) -> Iterator[Package]:
    try:
        names = list(pack.names())
    except KeepfolioError as error:
        # a document is a zip as well, and half a photo album is not our business
        ours = nested or any(sign in start for sign in _SIGNS) or "mahara" in pack.name.lower()
        (lying.damaged if ours else lying.others).append((pack.name, error))
        return
    feeds = _feeds(names)
    for feed in feeds:
        where = PurePosixPath(feed).parent.as_posix()
        yield Package(pack.name if len(feeds) == 1 else f"{pack.name} > {where}", pack, feed)
    if feeds:
        return
    inner = [name for name in names if name.lower().endswith(".zip") and not _shadow(name)]
    # each has to be copied to be looked into: not those of anybody's backup that lies in the same folder
    likely = asked or _USERNAMES in names or any("mahara" in name.lower() for name in (pack.name, *inner))
    if inner and likely and not nested:
        yield from _in_zips(pack, inner, spool, lying)
    elif any(name.startswith("HTML/") for name in names):
        only = _no_export(pack.name, "It is an export as web pages only.")
        only.code = "web-pages-only"
        lying.damaged.append((pack.name, only))
    else:
        lying.others.append((pack.name, _no_export(pack.name)))
    pack.close()


def _in_zips(pack: ZipPack, inner: list[str], spool: Path, lying: Lying) -> Iterator[Package]:
    folder = Path(tempfile.mkdtemp(prefix="exports-", dir=spool))
    usernames = _usernames(pack)
    for number, name in enumerate(inner):
        copy = _Copy(pack, name, folder / f"{number}.zip")
        zipped = ZipPack(f"{pack.name} > {name}", copy.path, EXPORT_AGAIN, copy.drop)
        for package in _in_zip(zipped, spool, lying, nested=True):
            lying.administrators = True
            package.username = usernames.get(PurePosixPath(name).name, "")
            yield package
        zipped.close()


def _usernames(pack: ZipPack) -> dict[str, str]:
    """Return whose each zip in an administrator's zip is, by its name (admin/users/bulkexport.php); none if unsaid."""
    if pack.get(_USERNAMES) is None:
        return {}
    try:
        with pack.open(_USERNAMES) as listed:
            rows = csv.DictReader(io.StringIO(listed.read(_LONGEST_LIST).decode("utf-8-sig", "replace")))
            return {row["exportfile"]: row["username"] for row in rows if row.get("exportfile") and row.get("username")}
    except (KeepfolioError, csv.Error):
        return {}


class _Copy:
    """A zip in a zip: copied out when it is asked for, and thrown away when it is closed."""

    def __init__(self, pack: ZipPack, name: str, to: Path) -> None:
        self._pack = pack
        self._name = name
        self._to = to

    def path(self) -> Path:
        if not self._to.exists():
            try:
                with self._pack.open(self._name) as inner, self._to.open("xb") as out:
                    shutil.copyfileobj(inner, out, 2**20)
            except OSError as error:
                self.drop()
                raise unreadable(self._name, error) from error
            except BaseException:
                self.drop()
                raise
        return self._to

    def drop(self) -> None:
        self._to.unlink(missing_ok=True)


def _feeds(names: list[str]) -> list[str]:
    """Return the feed of each folder of a zip that has one: at its root, or one down, for people pack again."""
    found: dict[str, str] = {}
    for name in names:
        folder, _, base = name.rpartition("/")
        if base.lower() in FEEDS and "/" not in folder and not _shadow(name):
            found[folder] = min(found.get(folder, name), name, key=lambda n: FEEDS.index(n.rpartition("/")[2].lower()))
    return sorted(found.values())


def _shadow(name: str) -> bool:
    return name.startswith("__MACOSX/")


def _each_once(found: Iterator[Package], lying: Lying) -> tuple[Package, ...]:
    """
    Return the exports without copies; of a zip and what was unpacked from it, the one with more files.

    Each is closed before the next is looked for: an institution's are hundreds.
    """
    kept: dict[str, tuple[int, Package]] = {}
    for package in found:
        try:
            if not _is_leap2a(package.start()):
                lying.damaged.append((package.name, _no_export(package.name)))
                continue
            name = package.id() or package.digest()
            size = package.count()
        except KeepfolioError as error:
            lying.damaged.append((package.name, error))
            continue
        finally:
            package.close()
        if name not in kept or size > kept[name][0]:
            kept[name] = size, package
    return tuple(package for _, package in kept.values())


def _is_leap2a(start: bytes) -> bool:
    """Tell whether XML begins as Leap2A does: a feed whose vocabulary is, in any of its generations."""
    head = start.partition(b"<entry")[0].lower()
    return _FEED.search(head) is not None and (b"leapspecs" in head or b"leap2a" in head)


def _web_page(name: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"{name} is a web page and no export: Mahara had logged you out, and its login page was saved.",
        code="login-page",
        unchanged="Nothing was taken from it.",
        mend="Log in to Mahara, export again (main menu > Manage > Export > All my data), and save that file.",
    )


def _no_export(name: str, why: str = "It holds no leap2a.xml.") -> SourceUnavailable:
    return SourceUnavailable(
        f"{name} is no Mahara export in the format Leap2A. {why}",
        code="not-leap2a",
        unchanged="Nothing was taken from it.",
        mend="In Mahara choose main menu > Manage > Export > All my data (on an old Mahara: the format Leap2A).",
    )


def _empty(name: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"{name} is empty: its download failed.",
        code="empty-file",
        unchanged="Nothing was taken from it.",
        mend=f"Delete it. {EXPORT_AGAIN}",
    )


def _none_of(names: list[str]) -> str:
    """Return what lies there instead, in words."""
    if len(names) == 1:
        return f"{names[0]} is something else"
    listed = names[:_SHOWN] + ([f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else [])
    return f"{', '.join(listed[:-1])} and {listed[-1]} are something else"


def _nothing(what: str) -> UsageError:
    return UsageError(
        what,
        code="no-export",
        unchanged="Nothing was read.",
        mend="In Mahara choose main menu > Manage > Export > All my data > Generate export, and name the file, or the "
        "folder where you put it, with path: in config.yaml.",
    )
