"""What the power is cut in: every way in which the program writes, and what the next run must find."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from archive.care import copies, repair
from archive.care.fixity import verify
from archive.entry import with_digests
from archive.forget import purge
from archive.store import Archive
from tests.archive.make import BLOG, keep, picture, post
from tests.crash.model import NoSync, Promise, Recorder

Look: TypeAlias = Callable[[Path, Promise], Iterator[str]]

PERSON = b"a person who wants to be forgotten"
DOOMED = post(66, title=PERSON.decode())


class Told:
    """An archive whose every change is recorded, and what was promised of it after each step."""

    def __init__(self, base: Path, disk: Recorder) -> None:
        self.base = base
        self.disk = disk
        self.held: set[str] = set()
        self.gone: set[bytes] = set()
        self.copied: set[str] = set()
        self.archive = Archive.create(base / "archive", base / "state", disk=disk)
        self.promise()

    def promise(self, *, hurt: bool = False) -> None:
        """What was acknowledged so far must be found from here on."""
        index = self.archive.index._db.serialize()
        self.disk.promise(Promise(frozenset(self.held), frozenset(self.gone), frozenset(self.copied), hurt, index))

    def add(self, number: int) -> None:
        """Seal a part with every kind of file: an entry with a picture, a comment, and later a change."""
        with self.archive.append(BLOG) as writer:
            file = picture(f"{number}.jpg")
            digest = writer.add_file(io.BytesIO(b"bytes %d " % number * 50), name=file.name)
            entry = with_digests(post(number, files=(file,)), {file.url: digest})
            comment = post(100 + number, kind="comment", parent=entry.keys[0])
            again = post(0, title=f"Changed {number}") if number == 2 else None
            added = [item for item in (entry, comment, again) if item]
            for item in added:
                writer.put(item, b'{"raw": "bytes"}' * 20)
            writer.seal({"round": number})
        self.held.update(item.keys[0] for item in added)
        self.promise()

    def copy(self) -> None:
        """Bring a copy in another folder up to date."""
        copies.replicate(self.archive, self.base / "copy", disk=self.disk)
        self.copied.update(sealed.name for sealed in self.archive.index.segments())
        self.promise()


def harvest(told: Told) -> None:
    for number in range(4):
        told.add(number)


def forget(told: Told) -> None:
    """One entry of three parts is removed for good; what else they hold stays."""
    told.add(0)
    for number, text in enumerate((b"", b"again ")):
        with told.archive.append(BLOG) as writer:
            writer.put(post(number + 10), b"{}")
            writer.put(post(66, title=DOOMED.title, url=f"https://b.org/{number}/"), text + PERSON)
            writer.seal()
        told.held.add(post(number + 10).keys[0])
    told.promise()
    purge.purge(told.archive, purge.plan(told.archive, [str(told.archive.index.id_of(DOOMED.keys[0]))]))
    told.gone.add(PERSON)
    told.promise()
    told.add(1)


def replicate(told: Told) -> None:
    told.add(0)
    told.add(1)
    told.copy()
    told.add(2)
    told.copy()


def mend(told: Told) -> None:
    """Files of two parts are hurt, and come back from a copy that knows nothing of the newest part."""
    told.add(0)
    told.add(1)
    told.copy()
    told.add(2)
    told.promise(hurt=True)
    for pattern in ("000001-*/data/posts/*/*.json", "000002-*/manifest-sha256.txt", "000002-*/data/media/*/*"):
        path = next((told.base / "archive/segments").glob(pattern))
        told.disk.harm(path, b"what the disk made of it")
    copy = copies.opened(told.base / "copy")
    assert repair.repair(told.base / "archive", told.base / "state", [copy], disk=told.disk).ok
    told.promise()
    told.add(3)


def whole(base: Path, promise: Promise) -> Iterator[str]:
    """What must be so of any archive after the next run has opened it."""
    begun = promise != Promise() or (base / "archive" / "archive.json").exists()
    with (Archive.open if begun else Archive.create)(base / "archive", base / "state", disk=NoSync()) as archive:
        wrong = verify(archive, "deep").findings
        if wrong:
            yield f"visible and wrong: {wrong[0]}"
        yield from (f"acknowledged and lost: {key}" for key in promise.held if not _reads(archive, key))
        if any((archive.root / "staging").glob("*")):
            yield "left over in staging"
        kept = archive.index.dump()
        archive.reindex()
        if archive.index.dump() != kept:
            yield "the index that caught up is not the one that is built anew"
        keep(archive, post(77))
        if not verify(archive).ok:
            yield "cannot go on"


def forgotten(base: Path, promise: Promise) -> Iterator[str]:
    """A removal that was cut off is not shown by any reader, is named, and is completed."""
    if not promise.held:
        yield from whole(base, promise)
        return
    with Archive.open(base / "archive", base / "state", disk=NoSync()) as archive:
        decided = bool(archive.index.redacted())
        if decided and archive.by_key(DOOMED.keys[0]):
            yield "decided and still shown"
        if promise.gone and purge.unfinished(archive.root):
            yield "done, and not finished"
        if decided:
            purge.complete(archive)
    left = [path for path in (base / "archive").rglob("*") if path.is_file() and PERSON in path.read_bytes()]
    if (decided or promise.gone) and left:
        yield f"still there: {left[0]}"
    yield from whole(base, promise)


def copied(base: Path, promise: Promise) -> Iterator[str]:
    """The copy is whole as far as it goes, and the next run brings it up to date."""
    yield from whole(base, promise)
    copy = base / "copy"
    if promise.copied or (copy / "archive.json").exists():
        yield from (f"the copy is wrong: {finding}" for finding in verify(copy, "deep").findings)
        lost = promise.copied - {path.name for path in (copy / "segments").iterdir()}
        yield from (f"copied and lost: {name}" for name in lost)
    with Archive.open(base / "archive", base / "state", disk=NoSync()) as archive:
        if not copies.replicate(archive, copy, disk=NoSync()).whole or not verify(copy, "deep").ok:
            yield "the copy cannot be brought up to date"


def mended(base: Path, promise: Promise) -> Iterator[str]:
    """Repairing again, wherever it was cut off, brings everything back that the copy has, and loses nothing else."""
    if (base / "copy/archive.json").exists():
        report = repair.repair(base / "archive", base / "state", [copies.opened(base / "copy")], disk=NoSync())
        if promise.hurt and not report.ok:
            yield f"not mended: {report.findings[:1]}"
        if not promise.hurt and report.mended:
            yield f"said to be mended, and was not: {report.mended[0]}"
    yield from whole(base, promise)


def _reads(archive: Archive, key: str) -> bool:
    stored = archive.by_key(key)
    if stored is None or not archive.raw(stored.id):
        return False
    return all(archive.read(f.sha256).read() for f in stored.entry.files if f.sha256)


@dataclass(frozen=True)
class Story:
    """What is done, in calls and in words, and what is looked at; ``states`` is how many are drawn for a proof."""

    tell: Callable[[Told], None]
    look: Look
    during: str
    states: int


STORIES = {
    "harvest": Story(harvest, whole, "while an archive is begun and added to", 15_000),
    "purge": Story(forget, forgotten, "while an entry is removed for good", 3_000),
    "replicate": Story(replicate, copied, "while a copy is begun and brought up to date", 3_000),
    "repair": Story(mend, mended, "while damage is repaired from a copy", 3_000),
}
