"""Archives with a past, and plain comparisons of two."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from archive.entry import Entry, with_digests
from archive.store import Archive, Failure, Origin
from tests.archive.make import BLOG, FEED, keep, picture, poorer, post, raw_of

OWN = Origin("workspace", "workspace")


def eventful(archive: Archive) -> Archive:
    """Give an archive one of everything that can happen in it."""
    keep(archive, post(1), post(2), post(3), cursor={"since": "2024"})
    term = Entry(keys=("term:b.org/1",), kind="term", native_id="1", title="cpd", extra={"taxonomy": "post_tag"})
    comment = Entry(
        keys=("c:1",), kind="comment", native_id="1", parent="wordpress:b.org/post/1", content_html="<p>Fine</p>"
    )
    keep(archive, term, comment)
    with archive.append(BLOG) as writer:
        digest = writer.add_file(io.BytesIO(b"a photo"), name="photo.jpg", media_type="image/jpeg")
        late, shown = picture("late.jpg", caption="A late one"), picture("photo.jpg")
        entry = post(4, files=(shown, late))
        writer.put(with_digests(entry, {shown.url: digest}), raw_of(entry))
        writer.fail(Failure("blog", late.url, "404", key="wordpress:b.org/media/9"))
        writer.fail(Failure("blog", "https://b.org/passing", "503"))
        writer.add_file(io.BytesIO(b"nobody's file"), name="orphan.bin")
        writer.seal()
    with archive.append(BLOG) as writer:
        digest = writer.add_file(io.BytesIO(b"late bytes"), name="late.jpg")
        writer.put(with_digests(entry, {late.url: digest}), raw_of(entry))
        writer.clear(Failure("blog", "https://b.org/passing", ""))
        writer.seal()
    keep(archive, post(1, title="Post 1, revised", content_html="<p>Second thoughts</p>"), post(2, status="draft"))
    keep(archive, poorer(post(1)), poorer(post(7, keys=("url:b.org/7/",))), origin=FEED)
    with archive.append(BLOG) as writer:
        writer.tombstone(archive.index.id_of("wordpress:b.org/post/2") or "", "404")
        writer.tombstone(archive.index.id_of("wordpress:b.org/post/3") or "", "410")
        writer.seal()
    keep(archive, post(3, title="Post 3 is back"))
    keep(archive, post(7, keys=("guid:7", "url:b.org/7/")), post(8, keys=("guid:8",)))
    keep(archive, post(8, keys=("url:8",), content_html="\ud800 cannot be written"), origin=FEED)
    keep(archive, post(8, keys=("guid:8", "url:8")))  # two things turn out to be one
    keep(archive, Entry(keys=("workspace:config.yaml",), kind="workspace", native_id="config.yaml"), origin=OWN)
    return archive


def told(archive: Archive) -> dict[str, Any]:
    """Return all that an archive tells its readers, as plain values."""
    found: dict[str, Any] = {"failures": archive.failures()}
    kinds = ("", "workspace", "receipt")
    live = [s for kind in kinds for s in archive.entries(kind=kind, content=True)]
    gone = [s for kind in kinds for s in archive.entries(kind=kind, content=True, deleted=True)]
    for stored in (*live, *gone):
        numbers = sorted({v.number for v in archive.versions(stored.id)})
        found[stored.id] = {
            "stored": stored,
            "whole": archive.entry(stored.id),
            "history": archive.versions(stored.id),
            "versions": [(archive.version(stored.id, n), _raw(archive, stored.id, n)) for n in numbers],
            "files": {f.sha256: archive.read(f.sha256).read() for f in stored.entry.files if f.sha256},
            "sights": {name: archive.index.stamp(name, stored.entry.keys[0]) for name in stored.seen_by},
        }
    tables = archive.index.dump()
    found["joined"], found["digests"] = tables["joined"], [row[0] for row in tables["blobs"]]
    found["redacted"] = archive.index.redacted()
    return found


def payload(bag: Path) -> dict[str, bytes]:
    """Return the payload of a bag, without what tells of runs."""
    files = {p.relative_to(bag).as_posix(): p.read_bytes() for p in (bag / "data").rglob("*") if p.is_file()}
    return {k: v for k, v in files.items() if k not in {"data/runs.jsonl", "data/archive.json"}}


def lines_of(archive: Archive) -> list[dict[str, Any]]:
    """Return every sealed line."""
    records = sorted(archive.root.glob("segments/*/data/records.jsonl"))
    return [json.loads(line) for path in records for line in path.read_bytes().splitlines()]


def _raw(archive: Archive, entry: str, number: int) -> bytes | None:
    try:
        return archive.raw(entry, number)
    except KeyError:
        return None
