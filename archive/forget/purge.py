"""
Removing entries for good: from every sealed part, provably, and nothing else with them.

First the decision is sealed: from then on no reader shows the entries. Then each part that speaks of them is sealed
anew without them, beside itself, and only when the new one is whole the old one goes. The decision says what must be
gone, so a removal that was cut off at any point is completed by ``complete`` or by sweeping again.

What is made anew is a function of what was there: a copy that is swept by itself ends with the same parts.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive import chain, segment
from archive.decisions import HOMES
from archive.entry import Digest, Json, JsonValue, Key, canonical
from archive.errors import ArchiveDamaged, KeepfolioError
from archive.filesystem import FileSystem, explanation
from archive.forget.forgetting import Part, Span, Survey, decisions_of
from archive.recovery import recover, remove_replaced, settle_replaced
from archive.segment import Finding, Segment, Staging
from archive.store import Archive
from archive.values import Origin

__all__ = ["Going", "PurgePlan", "Purged", "Swept", "complete", "plan", "purge", "settle", "sweep", "unfinished"]

ORIGIN = Origin("owner", "owner")
UNFINISHED = "purge-unfinished"
"""The code of the findings of ``unfinished``."""

OWN_KINDS = frozenset({"workspace", "release", "receipt"})
"""Kinds that are made here: what comes under their keys later is kept again."""

_PIECE = 1 << 20


@dataclass(frozen=True)
class Going:
    """One entry that goes. ``ids`` are all that it ever answered to; ``for_good``: it is not kept again."""

    id: str
    ids: tuple[str, ...]
    keys: tuple[Key, ...]
    kind: str
    title: str
    url: str
    versions: int
    for_good: bool


@dataclass(frozen=True)
class PurgePlan:
    """
    What removing some entries means; data only.

    Attributes:
        entries: What goes.

        parts: Names of the parts that are sealed anew.

        digests: Files that go, by digest.

        raws: The entries' own bytes as their source sent them, by digest.

        kept: Files of theirs that stay, by digest, with the ids of the entries that need them.

        texts: Titles and addresses of every version, for ``traces.prove``.
    """

    entries: tuple[Going, ...]
    parts: tuple[str, ...]
    digests: frozenset[Digest]
    raws: frozenset[Digest]
    kept: Mapping[Digest, tuple[str, ...]]
    texts: tuple[str, ...]

    @property
    def ids(self) -> frozenset[str]:
        """Every id that must not be found afterwards."""
        return frozenset(i for going in self.entries for i in going.ids)


@dataclass(frozen=True)
class Swept:
    """What a sweep did: by the name of each part that it replaced, the new one; and how many files and bytes went."""

    parts: Mapping[str, str] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Purged:
    """What was removed: ``ids`` of every decision that holds; ``swept`` of this run."""

    ids: frozenset[str]
    swept: Swept


def plan(archive: Archive, ids: Iterable[str]) -> PurgePlan:
    """
    Say what removing these entries means; changes nothing.

    Raises:
        KeyError: One of them is not held.

        ArchiveDamaged: A part cannot be read.
    """
    entries = tuple({going.id: going for going in (_going(archive, i) for i in ids)}.values())
    survey = Survey(archive.root, now=(i for going in entries for i in going.ids))
    return PurgePlan(
        entries=entries,
        parts=tuple(part.name for part in survey.parts),
        digests=frozenset(survey.digests),
        raws=frozenset(survey.raws),
        kept={digest: tuple(users) for digest, users in survey.kept.items()},
        texts=tuple(survey.texts),
    )


def purge(archive: Archive, planned: PurgePlan, why: str = "") -> Purged:
    """
    Remove for good what the plan names; ``why`` stays in the archive beside the ids.

    Raises:
        ArchiveDamaged: A part that must be sealed anew is not whole, or the newest one is missing; nothing was changed.

        NeedsOwner: Two machines have written at once; nothing was changed.

        Locked: Another run writes; nothing was changed.

        KeyError: An entry is not held any more; nothing was changed.

        KeepfolioError: The disk is full, or fails. After the decision was sealed, ``complete`` goes on from there.
    """
    _insist_whole(archive.root, planned.parts)
    with archive.append(ORIGIN) as writer:
        for going in planned.entries:
            writer.redact(going.id, for_good=going.for_good, why=why)
        writer.seal()
        return _carried_out(archive)


def complete(archive: Archive) -> Purged:
    """Bring to an end what was decided and is not done; as ``purge``."""
    with archive.append(ORIGIN):
        return _carried_out(archive)


def sweep(disk: FileSystem, root: Path) -> Swept:
    """
    Seal every part anew that holds what must be gone by the decisions in it. Can be repeated; nobody else writes.

    ``root``: an archive, or a copy of one in a folder.

    Raises:
        ArchiveDamaged: A part cannot be read, or is not what was sealed.

        KeepfolioError: The disk is full, or fails.
    """
    try:
        _prepare(disk, root)
        survey, done, files, octets = Survey(root), {}, 0, 0
        for part in survey.parts:
            before = segment.read(root / "segments" / part.name)
            after = _reseal(disk, root, before, part)
            remove_replaced(disk, root, before.name, after.name)
            done[before.name] = after.name
            files, octets = files + before.files - after.files, octets + before.bytes - after.bytes
        return Swept(done, files, octets)
    except OSError as problem:
        known = explanation(problem, root)
        mend = known.mend.replace("the same command again", "`keepfolio purge`")
        raise KeepfolioError(
            known.message,
            code=known.code,
            unchanged="What was to go is not shown any more, and nothing else was touched; its bytes are not all gone.",
            mend=f"{mend} It goes on from here: keepfolio purge",
        ) from problem


def settle(disk: FileSystem, root: Path) -> None:
    """In a copy that was just given the newest parts, remove those in whose place they stand."""
    sealed = [segment.read(root / "segments" / name) for name in segment.names(root / "segments")]
    settle_replaced(disk, root, chain.replaced(sealed))


def unfinished(root: Path) -> list[Finding]:
    """Return the parts that still hold what must be gone by a sealed decision; ``complete`` ends that."""
    folder = root / "segments"
    if not decisions_of(folder / name for name in segment.names(folder)):
        return []
    return [Finding(UNFINISHED, f"segments/{part.name}") for part in Survey(root).parts]


def _going(archive: Archive, some_id: str) -> Going:
    line = archive.index.line(some_id)
    if line is None:
        raise KeyError(some_id)
    entry = line.entry()
    return Going(
        id=line.value["id"],
        ids=tuple(archive.index.ids_of(line)),
        keys=entry.keys,
        kind=entry.kind,
        title=entry.title,
        url=entry.url,
        versions=line.value["version"],
        for_good=entry.kind not in OWN_KINDS,
    )


def _carried_out(archive: Archive) -> Purged:
    swept = sweep(archive.disk, archive.root)
    ids = decisions_of(archive.root / "segments" / n for n in segment.names(archive.root / "segments")).ids
    archive.reindex()
    archive.note_head()
    archive.memory.forget(ids)
    return Purged(ids, swept)


def _insist_whole(root: Path, names: Iterable[str]) -> None:
    for name in names:
        for finding in segment.check(root / "segments" / name):
            if finding.code != "stray":
                raise _damaged(f"{name}/{finding.path}", "Nothing was removed, and nothing else was changed.")


def _prepare(disk: FileSystem, root: Path) -> None:
    """A copy may lack the folder for work in progress, or hold what a crash left there."""
    if not (root / "staging").is_dir():
        disk.mkdir(root / "staging")
        disk.sync_folder(root)
    recover(disk, root)
    settle(disk, root)


# --- one part anew --------------------------------------------------------------------------------------------------


def _reseal(disk: FileSystem, root: Path, before: Segment, part: Part) -> Segment:
    """Seal a part without what must go from it, beside itself."""
    folder = root / "segments" / before.name
    staging = Staging(disk, root, _new_name(folder.parent, before, part))
    try:
        staging.begin()
        for path, digest in segment.manifest(folder).items():
            if path not in {segment.RECORDS, segment.RUN} and path not in part.paths:
                _copy(disk, staging, folder, path, digest, part.spans.get(path, ()))
        for line in _lines(folder, part):
            staging.append_record(line)
        run = {**segment.run(folder), "resealed": part.time}
        return staging.seal(run, _info(folder, before))
    except BaseException:
        staging.drop()
        raise


def _new_name(segments: Path, before: Segment, part: Part) -> str:
    """Return the name with other digits; the same ones wherever the same is taken out of the same part."""
    what = json.dumps(
        [before.id, part.time, sorted(part.lines), sorted(part.paths), sorted(part.spans.items())], sort_keys=True
    )
    stem, taken = before.name[:-4], {*segment.names(segments), *(name for _, name in before.replaces)}
    for number in range(1 << 16):
        name = stem + hashlib.sha256(f"{what}{number}".encode()).hexdigest()[:4]
        if name not in taken:
            return name
    raise AssertionError("one part is sealed anew 65,536 times")


def _info(folder: Path, before: Segment) -> Iterator[tuple[str, str]]:
    for label, values in segment.info(folder).items():
        if label not in {"Payload-Oxum", "Replaces-Segment"}:
            yield from ((label, value) for value in values)
    yield from (("Replaces-Segment", f"{i} {name}") for i, name in ((before.id, before.name), *before.replaces))


def _lines(folder: Path, part: Part) -> Iterator[bytes]:
    """Yield the records that stay, and where bytes lie of which only records said so that go."""
    for number, text in enumerate(segment.records(folder), 1):
        goes = number in part.lines
        value: dict[str, Any] = json.loads(text) if goes or part.paths else {}
        if not goes and value.get("event") not in HOMES:
            yield text
            continue
        places = [p for p in value.get("files", ()) if "segment" not in p and p["path"] not in part.paths]
        if not goes and places == value["files"]:
            yield text
        elif places:
            home: Json = {"event": "redacted", "eventTime": part.time} if goes else value
            yield canonical(home | {"files": [_bare(p) for p in places]})


def _bare(place: Mapping[str, Any]) -> JsonValue:
    """The name that one entry had for a file is not the name that another one has."""
    return {k: v for k, v in place.items() if k != "originalName"}


def _copy(disk: FileSystem, staging: Staging, folder: Path, path: str, digest: Digest, blank: Iterable[Span]) -> None:
    if not segment.is_inside(path):
        raise _damaged(f"{folder.name}/{path}")
    incoming = staging.folder.parent / f"incoming-{secrets.token_hex(8)}"
    was, now, size, descriptor = hashlib.sha256(), hashlib.sha256(), 0, disk.create(incoming)
    try:
        with (folder / path).open("rb") as file:
            while piece := file.read(_PIECE):
                was.update(piece)
                piece = _blanked(piece, size, blank)
                now.update(piece)
                size += len(piece)
                disk.write(descriptor, piece)
    finally:
        disk.close(descriptor)
    if was.hexdigest() != digest:
        raise _damaged(f"{folder.name}/{path}")
    staging.adopt(incoming, path, now.hexdigest(), size)


def _blanked(piece: bytes, begins: int, spans: Iterable[Span]) -> bytes:
    """Put spaces where items were, so that those behind them stay where they are."""
    for offset, length in spans:
        first, last = max(offset - begins, 0), min(offset + length - begins, len(piece))
        if first < last:
            piece = piece[:first] + b" " * (last - first) + piece[last:]
    return piece


def _damaged(what: str, unchanged: str = "") -> ArchiveDamaged:
    return ArchiveDamaged(
        f"A file of your archive is missing or damaged: {what}.",
        unchanged=unchanged or "What was to go is not shown any more; its bytes are not all gone.",
        mend="Run `keepfolio verify`, bring back from a copy what it names, then: keepfolio purge",
    )
