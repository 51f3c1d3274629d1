"""
Whether everything that was sealed is still there, byte for byte.

Needs no index: what it reads is what a stranger would read.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archive import chain, segment, wellformed
from archive.care.looking import HARMLESS, Level, Look, Looked
from archive.care.places import TAGS, Copy, FolderCopy
from archive.entry import Digest
from archive.errors import ArchiveDamaged
from archive.forget import purge
from archive.layout import FOLDERS, FRAME
from archive.segment import Finding, Segment
from archive.store import Archive

__all__ = ["HARMLESS", "Finding", "Level", "Report", "strays", "verify", "verify_copy", "verify_sealed"]

_OURS = frozenset(
    {"README.txt", "archive.json", "context.jsonld", "segments", "staging", "fixity", "browse", "quarantine"}
)
_BESIDE_ZIPS = frozenset(
    {"README.txt", "archive.json", "context.jsonld", "HOW-TO-OPEN.txt", "key.age", "zips", "staging"}
)


@dataclass(frozen=True)
class Report:
    """
    What was checked and found. ``ok`` unless something sealed is missing or damaged.

    ``checked`` counts ``segments``, ``files`` and ``bytes``. Paths of findings are relative to the archive's folder.
    """

    ok: bool
    checked: dict[str, int]
    findings: tuple[Finding, ...]


def verify(
    archive: Archive | Path,
    level: Level = "full",
    sample: float | None = None,
    *,
    remembered: tuple[Digest, str] = ("", ""),
) -> Report:
    """
    Check an archive; changes nothing.

    ``quick`` compares names and sizes; ``full`` reads every byte and follows references between parts; ``deep`` also
    takes every record apart. ``sample``: read only about so many per cent of the files. A path instead of an opened
    archive is checked by itself: against the ``remembered`` newest part (id and name), if one is given.
    """
    root = archive if isinstance(archive, Path) else archive.root
    remembered = remembered if isinstance(archive, Path) else archive.remembered_head()
    look = Look(root / "segments", level, sample)
    looked = [look(name) for name in segment.names(root / "segments")]
    readable = all(one.sealed and all(f.code in HARMLESS for f in one.findings) for one in looked)
    left = purge.unfinished(root) if readable and level != "quick" else ()
    return _report((*_frame(root), *_told(root, looked), *left), looked, remembered)


def verify_copy(
    copy: Copy, level: Level = "full", sample: float | None = None, *, remembered: tuple[Digest, str] = ("", "")
) -> Report:
    """
    Check a copy of any form; changes nothing. ZIPs are unpacked one after the other, beside and not in the copy.

    ``remembered``: id and name of the newest part that was copied there.

    Raises:
        UsageError: It is encrypted and was opened without a key, or with another one.
    """
    if copy.form == "folder":
        return verify(copy.place, level, sample, remembered=remembered)
    looked = [_unpacked(copy, n, level, sample) for n in copy.names()]
    return _report((*_frame(copy.place, copy), *_told(copy.place, looked)), looked, remembered)


def verify_sealed(copy: Copy, digests: Mapping[str, Digest]) -> Report:
    """Check an encrypted copy without its key: each file against the digest noted when it was written, by part."""
    findings = list(_frame(copy.place, copy))
    there = copy.names()
    for name, digest in sorted(digests.items()):
        path = copy.relative(name)
        found = segment.digest_of(str(copy.path(name))) if name in there else ""
        if found != digest:
            findings.append(Finding("damaged" if found else "missing", path, digest, found))
    findings += [Finding("unchecked", copy.relative(n)) for n in there if n not in digests]
    checked = {"segments": len(there), "files": len(there), "bytes": sum(copy.path(n).stat().st_size for n in there)}
    return Report(all(f.code in HARMLESS for f in findings), checked, tuple(findings))


def _unpacked(copy: Copy, name: str, level: Level, sample: float | None) -> Looked:
    place = copy.relative(name)
    try:
        with copy.unpacked(name) as folder:
            looked = Look(folder.parent, level, sample, alone=True)(name)
    except ArchiveDamaged:
        return Looked((Finding("damaged", place),), 0, 0, None)
    moved = (replace(f, path=f.path.replace(f"segments/{name}", place, 1)) for f in looked.findings)
    return replace(looked, findings=tuple(moved))


def _report(frame: Iterable[Finding], looked: Sequence[Looked], remembered: tuple[Digest, str]) -> Report:
    sealed = [one.sealed for one in looked if one.sealed]
    links = _links(sealed, _hurt(looked), remembered) if len(sealed) == len(looked) else ()
    findings = (*frame, *(f for one in looked for f in one.findings), *links)
    checked = {
        "segments": len(looked),
        "files": sum(one.files for one in looked),
        "bytes": sum(one.bytes for one in looked),
    }
    return Report(all(f.code in HARMLESS for f in findings), checked, findings)


def _hurt(looked: Iterable[Looked]) -> frozenset[str]:
    """Return the names of the parts whose tag files are not what they were, so that their id may be another."""
    return frozenset(one.sealed.name for one in looked if one.sealed and any(map(_is_of_tag, one.findings)))


def _is_of_tag(finding: Finding) -> bool:
    return finding.code not in HARMLESS and finding.path.rpartition("/")[2] in TAGS


def _links(sealed: Sequence[Segment], hurt: Container[str], remembered: tuple[Digest, str]) -> Iterator[Finding]:
    """
    Yield parts that others name and that are not there, and branches that no part has joined.

    ``hurt``: names of parts that may be the one which is missed.
    """
    missing, ends = chain.missing(sealed), chain.ends(sealed)
    for parent, child in missing.items():
        yield _broken_link(parent, [s for s in ends if s.number == child.number - 1 and s.name in hurt])
    head, name = remembered
    tips = chain.tips(sealed)
    if head and head not in missing and head not in chain.held(sealed):
        yield _broken_link(head, [s for s in ends if s.name == name])
    elif len(tips) > 1:
        yield Finding("fork", "segments", "one newest part", " ".join(s.name for s in tips))


def _broken_link(expected: Digest, there: list[Segment]) -> Finding:
    """The bag with that digest is gone, or it is there and its tag manifest is not what it was."""
    if there:
        return Finding("damaged", f"segments/{there[0].name}/tagmanifest-sha256.txt", expected, there[0].id)
    return Finding("missing-segment", "segments", expected)


def _frame(root: Path, copy: Copy | None = None) -> Iterator[Finding]:
    """Yield what is wrong around the parts."""
    for name in FRAME.values():
        if not (root / name).is_file():
            yield Finding("missing", name)
    if (root / "archive.json").is_file():
        try:
            wellformed.about(root / "archive.json")
        except (OSError, ValueError):
            yield Finding("damaged", "archive.json")
    for name in FOLDERS:
        if (root / name).is_symlink() or (root / name).is_file():
            yield Finding("damaged", name, "a folder")
    yield from strays(root, copy)
    mode = root.stat().st_mode & 0o777
    if os.name == "posix" and mode & 0o077:
        yield Finding("permissions", ".", "0700", f"{mode:04o}")


def _told(root: Path, looked: Iterable[Looked]) -> Iterator[Finding]:
    """Yield the files around the parts that are not what the parts say of them."""
    for name in FRAME.values():
        said = {one.frame[name] for one in looked if name in one.frame}
        found = segment.digest_of(os.fspath(root / name)) if (root / name).is_file() else ""
        if found and said and said != {found}:
            yield Finding("damaged", name, " ".join(sorted(said)), found)


def strays(root: Path, copy: Copy | None = None) -> Iterator[Finding]:
    """Yield what lies around the parts of an archive, or of this copy of one, and does not belong there."""
    copy = copy or FolderCopy(root, "")
    ours = _OURS if copy.form == "folder" else _BESIDE_ZIPS
    yield from (Finding("stray", n) for n in _names(root) if n not in ours)
    parts, folder = {copy.path(n).name for n in copy.names()}, copy.folder
    if folder.is_dir():
        yield from (Finding("stray", f"{folder.name}/{n}") for n in _names(folder) if n not in parts)


def _names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())
