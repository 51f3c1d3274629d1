"""
Silent damage: a flipped bit, a cut end, zeros or nothing at all where a file was, in every class of file.

Everything here yields ``""`` for a harm that ``verify`` found and named by the path of the file, and else what it said.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from archive.care.fixity import verify
from archive.entry import with_digests
from archive.store import Archive
from tests.archive.make import BLOG, FEED, picture, poorer, post

CLASSES = {
    "raw": "segments/*/data/posts/*/*.json",
    "readable": "segments/*/data/posts/*/*.html",
    "media": "segments/*/data/media/*/*",
    "comments": "segments/*/data/comments/*",
    "terms": "segments/*/data/terms/*",
    "records": "segments/*/data/records.jsonl",
    "run": "segments/*/data/run.json",
    "manifest": "segments/*/manifest-sha256.txt",
    "tag manifest": "segments/*/tagmanifest-sha256.txt",
    "bag info": "segments/*/bag-info.txt",
    "bagit": "segments/*/bagit.txt",
    "readme": "README.txt",
    "archive": "archive.json",
    "context": "context.jsonld",
}


def filled(root: Path, state: Path) -> Archive:
    """Return an archive of three parts with every class of file; later parts refer to bytes of earlier ones."""
    archive = Archive.create(root, state)
    for part in range(3):
        with archive.append(BLOG) as writer:
            for number in range(part * 3, part * 3 + 3):
                file = picture(f"{number}.jpg")
                digest = writer.add_file(io.BytesIO(b"the bytes of picture %d" % number * 40), name=file.name)
                writer.put(with_digests(post(number, files=(file,)), {file.url: digest}), b'{"id": %d}' % number)
                writer.put(post(100 + number, kind="comment", parent=post(number).keys[1]), b'{"said": "well"}')
                writer.put(post(200 + number, kind="term", extra={"taxonomy": "post_tag"}), b'{"name": "cpd"}')
            writer.seal({"part": part})
    with archive.append(FEED) as writer:
        writer.put(poorer(post(1)), b"<item/>", "xml")
        writer.seal()
    return archive


def flip(data: bytes, chance: random.Random) -> bytes:
    """Turn one bit of any byte."""
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def cut(data: bytes, chance: random.Random) -> bytes:
    """Lose the end."""
    return data[: chance.randrange(len(data))]


def zero(data: bytes, chance: random.Random) -> bytes:
    """Have a run of zeros where there was something."""
    start = chance.randrange(len(data))
    end = chance.randrange(start, len(data)) + 1
    return data[:start] + bytes(end - start) + data[end:]


def delete(data: bytes, chance: random.Random) -> None:
    """Be gone."""


HARMS: dict[str, Callable[[bytes, random.Random], bytes | None]] = {
    "flips of one bit": flip,
    "truncations": cut,
    "zeroings": zero,
    "deletions": delete,
}


def harmed(base: Path, harm: str, count: int) -> Iterator[str]:
    """Harm one file after another, class by class, and mend it again."""
    chance = random.Random(11)
    with filled(base / "archive", base / "state") as archive:
        if verify(archive, "deep").findings:
            yield "wrong before anything was harmed"
        for number in range(count):
            kind = list(CLASSES)[number % len(CLASSES)]
            path = chance.choice(sorted(archive.root.glob(CLASSES[kind])))
            whole = path.read_bytes()
            damaged = HARMS[harm](whole, chance)
            if damaged is None:
                path.unlink()
            else:
                path.write_bytes(damaged)
            yield _missed(archive, path)
            path.write_bytes(whole)


def _missed(archive: Archive, path: Path) -> str:
    report = verify(archive)
    named = {finding.path for finding in report.findings}
    harmed = path.relative_to(archive.root).as_posix()
    return "" if not report.ok and harmed in named else f"{harmed}: verify named {sorted(named) or 'nothing'}"
