"""
Histories from elsewhere: what a path holds is told by its content, and read as if it wished us harm.

Before anything is taken, everything is compared with what its manifests say, and every line is looked at. A name in it
leads only to a file that a manifest lists; links, pipes and names that would leave the folder are refused.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from archive import segment
from archive.chronicle import LONGEST_LINE, Chronicle, Kept, Place, Told, insist_plain, parsed
from archive.entry import Digest, Json
from archive.errors import ArchiveDamaged, KeepfolioError, UsageError
from archive.export import bagit
from archive.importing import sound

LARGEST_MANIFEST = 1 << 28
"""Bytes of a manifest, which is held in memory: two million files."""

_LARGEST_ABOUT = 1 << 16
_ARCHIVE_ID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BAG_LABELS = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "README.txt"}


class Sound(Chronicle):
    """A history from elsewhere. What it says is looked at line by line."""

    where: Path

    def lines(self) -> Iterator[Told]:
        """As ``Chronicle.lines``; lines that this program does not know are left out."""
        return (told for told in super().lines() if sound.is_known(told.value))

    def broken(self, name: str, how: str = "is not what was stored") -> KeepfolioError:
        return KeepfolioError(
            f"{self.where} cannot be taken: {shown(name)} {how}.",
            code="not-whole",
            unchanged="Your archive is as it was.",
            mend="Take another copy of it; this one was damaged on its way, or is not what it says.",
        )

    def _insist_sound(self) -> None:
        """Look at every line, and at all the bytes that it speaks of."""
        seen: set[tuple[object, ...]] = set()
        for told in self.every_line():
            if wrong := sound.fault(told.value):
                raise self.broken(told.home or bagit.RECORDS, f"has a line whose “{wrong}” cannot be right")
            if not sound.is_known(told.value):
                continue
            for where in told.value.get("files", ()):
                if self.place(told.home, where).sha256 != where["sha256"]:
                    raise self.broken(str(where["path"]))
            if told.speaks_of_entry and told.version_bytes not in seen:
                seen.add(told.version_bytes)
                told.content()
                if "raw" in told.value:
                    told.raw()


class Copied(Sound, Kept):
    """Another archive, or a copy of one, as a folder."""

    def __init__(self, root: Path) -> None:
        self.where = root
        insist_plain(root / "segments", self)
        for name in segment.names(root / "segments"):
            for tag in ("manifest-sha256.txt", "tagmanifest-sha256.txt", "bag-info.txt"):
                _insist_small(root / "segments" / name / tag, LARGEST_MANIFEST, self)
        try:
            Kept.__init__(self, root)
        except (ArchiveDamaged, ValueError, OSError):
            raise self.broken("one of its parts", "cannot be read") from None
        if not _ARCHIVE_ID.fullmatch(self.id):
            raise self.broken("archive.json")

    def check(self) -> None:
        try:
            Kept.check(self)
            for run in self.runs():
                if not isinstance(run.get("run"), str):
                    raise self.broken(str(run["part"]), "does not say who wrote it")
        except (ValueError, TypeError, OSError, RecursionError):
            raise self.broken("one of its parts", "cannot be read") from None
        self._insist_sound()


class Bag(Sound):
    """A bag that ``keepfolio export bagit`` wrote."""

    def __init__(self, root: Path) -> None:
        self.where = root
        insist_plain(root, self)
        self._listed = self._manifest("manifest-sha256.txt")
        for needed in (bagit.ABOUT, bagit.RECORDS, bagit.RUNS):
            if needed not in self._listed:
                raise self.broken(needed, "is missing")
        about = small_json(root / bagit.ABOUT, self)
        self.id = str(about.get("archive", ""))
        if about.get("format") != bagit.FORMAT or not _ARCHIVE_ID.fullmatch(self.id):
            raise self.broken(bagit.ABOUT)
        insist_readable(about.get("version"), bagit.FORMAT_VERSION, root)

    def every_line(self) -> Iterator[Told]:
        at = 0
        with self.open(self._place(bagit.RECORDS)) as lines:
            while text := lines.readline(LONGEST_LINE + 1):
                yield Told(parsed(text, self, bagit.RECORDS), self, "", at)
                at += len(text)

    def again(self, home: str, at: int) -> Told:
        with self.open(self._place(bagit.RECORDS)) as lines:
            lines.seek(at)
            return Told(parsed(lines.readline(LONGEST_LINE + 1), self, bagit.RECORDS), self, home, at)

    def place(self, home: str, where: Mapping[str, Any]) -> Place:  # noqa: ARG002 - all lies in the one bag
        return self._place(str(where["path"]))

    def runs(self) -> Iterator[Json]:
        with self.open(self._place(bagit.RUNS)) as lines:
            while text := lines.readline(LONGEST_LINE + 1):
                yield parsed(text, self, bagit.RUNS, needs="run")

    def check(self) -> None:
        """Compare all with the manifests and with what ``bag-info.txt`` promises."""
        tags = self._manifest("tagmanifest-sha256.txt")
        if not tags.keys() >= _BAG_LABELS - {"README.txt"}:
            raise self.broken("tagmanifest-sha256.txt")
        if any("/" in name or name in {"", ".", ".."} for name in tags):
            raise self.broken("tagmanifest-sha256.txt", "names a file that is elsewhere")
        insist_apart(self._listed, self)
        present = {f"data/{p.relative_to(self.where / 'data').as_posix()}": p for p in self._payload()}
        for extra in sorted(present.keys() - self._listed.keys()):
            raise self.broken(extra, "is not in its list of files")
        for name, digest in {**tags, **self._listed}.items():
            path = self.where / name
            if not path.is_file():
                raise self.broken(name, "is missing")
            if segment.digest_of(str(path)) != digest:
                raise self.broken(name)
        octets = sum(path.stat().st_size for path in present.values())
        if segment.info(self.where).get("Payload-Oxum") != [f"{octets}.{len(present)}"]:
            raise self.broken("bag-info.txt", "promises another size")
        self._insist_sound()

    def _place(self, path: str) -> Place:
        if path not in self._listed or not segment.is_inside(path):
            raise self.broken(path, "is not in its list of files")
        return Place(self.where / path, self._listed[path], path)

    def _payload(self) -> Iterator[Path]:
        return (path for path in (self.where / "data").rglob("*") if not path.is_dir())

    def _manifest(self, name: str) -> dict[str, Digest]:
        _insist_small(self.where / name, LARGEST_MANIFEST, self)
        try:
            listed = segment.manifest(self.where, name)
        except (OSError, ValueError):
            raise self.broken(name, "cannot be read") from None
        if name.startswith("manifest") and not all(map(segment.is_inside, listed)):
            raise self.broken(name, "names a file outside of its folder")
        return listed


def recognise(path: Path) -> Chronicle:
    """
    Return the history that a path holds: a bag or an OCFL root that keepfolio wrote, or an archive's folder.

    Raises:
        UsageError: It holds nothing of the kind; the message says what it seems to be, and what to do with it.

        KeepfolioError: It is one, and not whole (``not-whole``), or of a newer format (``newer-format``).
    """
    where = path.expanduser()
    if not where.exists():
        raise _refused(f"There is no {where}.", "no-such-path", "Name a folder that keepfolio has written.")
    if where.is_file():
        raise _no_folder(where)
    if (where / "archive.json").is_file() and (where / "segments").is_dir():
        return Copied(where)
    if (where / "config.yaml").is_file() and (where / "archive" / "archive.json").is_file():
        return Copied(where / "archive")
    if (where / "bagit.txt").is_file():
        if (where / bagit.ABOUT).is_file():
            return Bag(where)
        raise _refused(
            f"{where} is a bag, and not one of keepfolio.",
            "not-ours",
            "To keep its files, put it into the folder inbox of your portfolio.",
        )
    if any(where.glob("0=ocfl_*")):
        from archive.importing.foreign_ocfl import Objects

        return Objects(where)
    if (where / "archive.json").is_file() and (where / "zips").is_dir():
        mend = "HOW-TO-OPEN.txt in it tells how to unpack it; import the folder that this makes."
        raise _refused(f"{where} is a copy in ZIP files.", "packed", mend)
    if not any(where.iterdir()):
        raise _refused(f"{where} is empty.", "empty", "Name a folder that keepfolio has written.")
    raise _refused(
        f"{where} is nothing that keepfolio can bring in.",
        "not-ours",
        "Of its exports, a bag and an OCFL root can be: the others leave out history. "
        "Name a bag or an OCFL root of `keepfolio export`, or the folder of another archive. "
        "A folder of your own documents is a source: type folder.",
    )


_HEADS: tuple[tuple[bytes, str, str], ...] = (
    (b"wordpress.org/export/", "an export of WordPress", "wordpress-export"),
    (b"leap2a", "an export of Mahara", "mahara-export"),
    (b"leapspecs.org", "an export of Mahara", "mahara-export"),
)


def _no_folder(where: Path) -> UsageError:
    with where.open("rb") as file:
        head = file.read(1 << 16)
    if not head:
        return _refused(f"{where} is empty.", "empty", "Name a folder that keepfolio has written.")
    for mark, what, kind in _HEADS:
        if mark in head:
            mend = f"Add it to config.yaml as a source: {{type: {kind}, path: {where.name}}}"
            return _refused(f"{where} is {what}; that is harvested, not imported.", "a-source", mend)
    if head.startswith((b"age-encryption.org/", b"-----BEGIN AGE")):
        mend = "Decrypt it with your key (age --decrypt), unpack it, and import the folder."
        return _refused(f"{where} is encrypted.", "encrypted", mend)
    if head.startswith(b"PK\x03\x04"):
        mend = "Unpack it and import the folder. An export of Mahara or WordPress is a source instead: keepfolio add"
        return _refused(f"{where} is a zip file; a folder is needed.", "packed", mend)
    return _refused(f"{where} is a file, and nothing that keepfolio has written.", "not-ours", "Name a folder.")


def _refused(what: str, code: str, mend: str) -> UsageError:
    return UsageError(what, code=code, unchanged="Your archive is as it was.", mend=mend)


# --- shared by the readers ----------------------------------------------------------------------------------------


def small_json(path: Path, chronicle: Chronicle) -> dict[str, Any]:
    """Return a small JSON object from a file."""
    _insist_small(path, _LARGEST_ABOUT, chronicle)
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        raise chronicle.broken(path.name, "cannot be read") from None
    if not isinstance(value, dict):
        raise chronicle.broken(path.name)
    return value


def insist_readable(version: object, known: int, where: Path) -> None:
    """Refuse what a later program wrote in a form that this one does not know."""
    if not isinstance(version, int) or version > known:
        raise KeepfolioError(
            f"{where} was written by a newer keepfolio.",
            code="newer-format",
            unchanged="Your archive is as it was.",
            mend="Update keepfolio.",
        )


def insist_apart(names: Iterable[str], chronicle: Chronicle) -> None:
    """Refuse names that one folder of Windows or macOS would take for the same."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            raise chronicle.broken(name, f"is called like {other}")


def shown(name: str) -> str:
    """Return a name that came from elsewhere as it may be shown: short, and without control characters."""
    plain = "".join(c if c.isprintable() else "?" for c in name)
    return plain if len(plain) <= 120 else f"{plain[:117]}..."


def _insist_small(path: Path, limit: int, chronicle: Chronicle) -> None:
    try:
        size = path.stat().st_size
    except OSError:
        raise chronicle.broken(path.name, "is missing") from None
    if size > limit:
        raise chronicle.broken(path.name, "is too large")
