"""
The golden archive of a format version: made once, by the writer of its day, and opened by every program after it.

    python -m tests.prove.golden tests/fixtures/archive/format-1

What was made is never made again: a later program that cannot read it has broken a promise. To cover what the format
learns later, make a further archive beside it.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import secrets
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import time_machine

from archive.entry import Entry, MediaFile, Visibility, to_json, with_digests
from archive.forget import purge
from archive.identity import entry_id
from archive.store import Archive
from archive.values import Failure, Origin
from archive.writer import Writer
from tests.archive.make import poorer

BLOG = Origin("blog", "wordpress", "https://blog.example.org", "jane")
LAPTOP = Origin("laptop", "wordpress", "https://blog.example.org", "jane")
FEED = Origin("feed", "feed", "https://blog.example.org/feed/")
OWNER = Origin("owner", "owner")
TARGET = Origin("target:site", "target")
CHANCE = random.Random(2026)
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def thing(kind: str, number: int | str, title: str, content: str = "", **given: Any) -> Entry:
    published = datetime(2024, 3, 4, 9, 30, tzinfo=UTC)
    keys = (f"guid:https://blog.example.org/?p={number}", f"wordpress:blog.example.org/{kind}/{number}")
    values: dict[str, Any] = {
        "keys": keys, "kind": kind, "native_id": str(number), "title": title, "content_html": content,
        "url": f"https://blog.example.org/{kind}/{number}/", "status": "publish", "visibility": Visibility.PUBLIC,
        "creator": "Jane Example", "language": "en-GB", "published": published, "updated": published,
        "scope": f"{kind}s", "stamp": "2024-03-04T09:30:00",
    }  # fmt: skip
    return Entry(**{**values, **given})


def photo(name: str, **given: Any) -> MediaFile:
    url = f"https://blog.example.org/uploads/{name}"
    return MediaFile(**{"name": name, "url": url, "media_type": "image/jpeg", "alt": "A whiteboard", **given})


TERM = thing("term", 5, "cpd", extra={"taxonomy": "post_tag"})
POST = thing(
    "post", 1042, "Reflecting on Moodle: naïve café 🎓", "<p>What we <b>tried</b>.</p>\r\n<p>What we learnt.</p>",
    files=(photo("Workshop Photo.JPG"),), terms=(TERM.keys[0],), tags=("cpd",), extra={"sticky": True, "n": 1.5},
)  # fmt: skip
PAGE = thing("page", 7, "日本語", "<h2>Über mich</h2>", parent=POST.keys[0], published=None, updated=None)
COMMENT = thing("comment", 31, "", "<p>Well said.</p>", parent=POST.keys[1], author="others", creator="Ann")
PINGBACK = thing("pingback", 32, "", "<p>[...] Moodle [...]</p>", parent=POST.keys[1], author="others")
BROKEN = thing("post", 1043, "A lone \ud83c surrogate", "<p>half an emoji: \ud83c</p>", visibility=Visibility.PRIVATE)
LONE = thing("post", 1044, "Deleted at its source", "<p>Still here.</p>")
AGAIN = thing("post", 1045, "Deleted, and shown again", "<p>Back.</p>")
TWICE = thing("post", 1046, "Seen on two routes", "<p>All of it.</p>", keys=("wordpress:blog.example.org/post/1046",))
TEASER = poorer(TWICE, keys=("guid:https://blog.example.org/?p=1046",), content_html="<p>All of…</p>", native_id="g")
GONE = thing("post", 1047, "A named person", "<p>who asked to be forgotten</p>", files=(photo("face.jpg"),))
GONE_COMMENT = thing("comment", 33, "", "<p>Words of the same person</p>", parent=POST.keys[1])
THERE = thing("post", 1048, "Written on the train", "<p>On the laptop.</p>")
HERE = thing("post", 1049, "Written at home", "<p>On the desk.</p>")
WORDS = thing("workspace", "portfolio/cmalt/1a.md", "portfolio/cmalt/1a.md", visibility=Visibility.PRIVATE)
RELEASE = thing("release", "r-1", "CMALT portfolio", "<h2>Operational issues</h2>", keys=("release:r-1",))
RECEIPT = thing("receipt", "page", "page at site", "<pre>{}</pre>", keys=("receipt:site/page",))


def tell(archive: Archive) -> None:
    """Every event of the format, a day after the other."""
    with day(1), archive.append(BLOG) as writer:
        put(writer, POST, b"the bytes of a photo")
        put(writer, TERM)
        put(writer, PAGE)
        put(writer, COMMENT)
        put(writer, PINGBACK)
        put(writer, GONE, b"the bytes of a face")
        put(writer, GONE_COMMENT)
        writer.seal({"posts": "2026-03-01"})
        put(writer, BROKEN)
        put(writer, LONE)
        put(writer, AGAIN)
        put(writer, TWICE)
        writer.fail(Failure("", "late.jpg", "timed out", "harvest again", POST.keys[0]))
        writer.fail(Failure("", "lost.jpg", "404", transient=False))
        writer.seal({"posts": "2026-03-02"})
    with day(2), archive.append(FEED) as writer:
        put(writer, TEASER, raw=b"<item/>", raw_type="xml")
        put(writer, poorer(POST), raw=b"<item/>", raw_type="xml")
        writer.seal()
    with day(3), archive.append(BLOG) as writer:
        put(writer, replace(POST, title="Reflecting on Moodle, again"), b"the bytes of a better photo")
        put(writer, replace(TERM, title="CPD"))
        put(writer, replace(TWICE, keys=(*TWICE.keys, *TEASER.keys), status="private"))
        writer.tombstone(entry_id(LONE.keys[0]), "404 under a login that works")
        writer.tombstone(entry_id(AGAIN.keys[0]), "410 under a login that works")
        writer.add_file(io.BytesIO(b"bytes that no entry names"), name="alone.bin")
        writer.seal({"posts": "2026-03-04"})
    with day(4), archive.append(BLOG) as writer:
        put(writer, AGAIN)
        writer.clear(Failure("", "late.jpg", ""))
        writer.seal({"posts": "2026-03-05"})
    with day(5), archive.append(OWNER) as writer:
        put(writer, replace(WORDS, files=(photo("1a.md", url="portfolio/cmalt/1a.md"),)), b"# My own words\n")
        writer.seal()
    with day(6), archive.append(TARGET) as writer:
        put(writer, RELEASE)
        put(writer, RECEIPT)
        writer.seal()


def tell_on_two_computers(archive: Archive, elsewhere: Path) -> Archive:
    """Two parts of one number, and one that joins them."""
    shutil.copytree(archive.root, elsewhere / "archive")
    with day(7), Archive.open(elsewhere / "archive", elsewhere / "state") as there, there.append(LAPTOP) as writer:
        put(writer, THERE)
        theirs = writer.seal()
    with day(8), archive.append(BLOG) as writer:
        put(writer, HERE)
        writer.seal()
    archive.close()
    shutil.copytree(elsewhere / "archive/segments" / str(theirs), archive.root / "segments" / str(theirs))
    again = Archive.open(archive.root, archive.state.parent)
    with day(9), again.append(OWNER, joining=True) as writer:
        writer.join()
        writer.seal()
    return again


def forget(archive: Archive) -> None:
    """What the owner had removed is in no part any more, others stand in their place; one thing was let in again."""
    with day(10):
        ids = [entry_id(gone.keys[0]) for gone in (GONE, GONE_COMMENT)]
        purge.purge(archive, purge.plan(archive, ids), why="asked to be forgotten")
    with day(11), archive.append(OWNER) as writer:
        writer.readmit(entry_id(GONE_COMMENT.keys[0]))
        writer.seal()
    with day(12), archive.append(BLOG) as writer:
        put(writer, replace(GONE_COMMENT, content_html="<p>Words to be kept after all</p>"))
        writer.seal({"posts": "2026-03-12"})


def found(archive: Archive) -> dict[str, Any]:
    """Return all that a reader must find."""
    held = (
        s
        for deleted in (False, True)
        for kind in ("", "workspace", "receipt")
        for s in _entries(archive, kind, deleted)
    )
    return {
        "id": archive.id,
        "head": archive.head,
        "parts": [sealed.name for sealed in archive.index.segments()],
        "entries": {stored.id: _entry(archive, stored.id) for stored in held},
        "failures": [[f.source, f.what, f.why, f.mend, f.key, f.transient] for f in archive.failures()],
        "cursors": {name: archive.known(name).cursor for name in archive.sources()},
        "forgotten": sorted(archive.index.redacted()),
    }


def _entries(archive: Archive, kind: str, deleted: bool) -> Iterator[Any]:
    return archive.entries(kind=kind, deleted=deleted)


def _entry(archive: Archive, some_id: str) -> dict[str, Any]:
    stored = archive.entry(some_id)
    assert stored
    return {
        "entry": to_json(stored.entry),
        "version": stored.version,
        "seen_by": sorted(stored.seen_by),
        "deleted": stored.deleted,
        "raw": sha256(archive.raw(some_id)),
        "files": {f.sha256: sha256(archive.read(f.sha256).read()) for f in stored.entry.files if f.sha256},
        "versions": {n: _version(archive, some_id, n) for n in {v.number for v in archive.versions(some_id)}},
    }


def _version(archive: Archive, some_id: str, number: int) -> dict[str, str]:
    stored = archive.version(some_id, number)
    return {
        "title": stored.entry.title,
        "content": stored.entry.content_html,
        "raw": sha256(archive.raw(some_id, number)),
    }


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(writer: Writer, entry: Entry, data: bytes = b"", raw: bytes = b"", raw_type: Any = "json") -> None:
    digests = {f.url: writer.add_file(io.BytesIO(data), name=f.name) for f in entry.files if data}
    writer.put(with_digests(entry, digests), raw or f'{{"id": "{entry.native_id}"}}'.encode(), raw_type)


@contextmanager
def day(number: int) -> Iterator[None]:
    """Fixed time and chance, so that the same program makes the same bytes."""
    with (
        time_machine.travel(DAY.replace(day=number), tick=False),
        patch.object(uuid, "uuid4", lambda: uuid.UUID(int=CHANCE.getrandbits(128), version=4)),
        patch.object(secrets, "token_hex", lambda n=8: f"{CHANCE.getrandbits(n * 8):0{n * 2}x}"),
    ):
        yield


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as state:
        with day(1):
            archive = Archive.create(target, Path(state))
        tell(archive)
        with tell_on_two_computers(archive, Path(state) / "laptop") as archive:
            forget(archive)
            expected = json.dumps(found(archive), indent=1, sort_keys=True)
    (target / "staging").rmdir()
    target.with_suffix(".json").write_text(f"{expected}\n", "ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
