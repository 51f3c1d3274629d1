"""An invented owner with invented evidence, for the tests of the portfolio and of its page."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image, ImageDraw

from archive.entry import Entry, MediaFile, Visibility
from bridge.portfolio import framework
from bridge.portfolio.assemble import assemble
from bridge.portfolio.generation import Generation
from bridge.portfolio.mapping import Connections, connect
from bridge.portfolio.model import Portfolio
from bridge.portfolio.narrative import Narrative

CMALT = framework.load("cmalt")
AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)
GENERATION = Generation(
    name="original",
    folder=Path("portfolio/original"),
    portfolio="0f5c3f0e-6a55-4a35-9d6c-6d5f1f1c1b11",
    framework="cmalt",
    pathway="cmalt",
    titles={"specialist-1": "Accessible media"},
)


@dataclass(frozen=True)
class Item:
    """What the archive would hold; see ``model.Held``."""

    id: str
    entry: Entry
    deleted: bool = False


def item(number: int, title: str = "", **fields) -> Item:
    """Return a public blog post with the id ``urn:uuid:<number>``, changed by ``fields``."""
    known = {
        "keys": (f"guid:https://blog.example.org/?p={number}",),
        "kind": "post",
        "native_id": str(number),
        "title": title or f"Post {number}",
        "url": f"https://blog.example.org/post-{number}/",
        "status": "publish",
        "visibility": Visibility.PUBLIC,
        "published": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        "content_html": f"<p>Words of {number}.</p>",
    }
    deleted = fields.pop("deleted", False)
    return Item(f"urn:uuid:{number:08d}-0000-4000-8000-000000000000", Entry(**{**known, **fields}), deleted)


@dataclass
class Bytes:
    """A folder that plays the archive's files: ``add`` returns a media file, ``path`` finds it by digest."""

    folder: Path
    paths: dict[str, Path] = field(default_factory=dict)

    def add(self, name: str, data: bytes, **fields) -> MediaFile:
        digest = hashlib.sha256(data).hexdigest()
        self.paths[digest] = self.folder / digest
        self.paths[digest].write_bytes(data)
        known = {"url": f"https://blog.example.org/wp-content/uploads/{name}", "size": len(data), "sha256": digest}
        return MediaFile(name=name, **{**known, **fields})

    def path(self, digest: str) -> Path:
        return self.paths[digest]


def picture(width: int = 1200, height: int = 700, colour: str = "#2f6f73", kind: str = "PNG", **save) -> bytes:
    """Return the bytes of a drawn picture."""
    image = Image.new("RGB", (width, height), colour)
    draw = ImageDraw.Draw(image)
    for n in range(1, 7):
        draw.rectangle(
            (n * width // 8, height - n * height // 9, n * width // 8 + width // 12, height - height // 18),
            fill="#f4efe6",
        )
    out = io.BytesIO()
    image.save(out, kind, **save)
    return out.getvalue()


def assembled(
    entries: list[Item],
    narratives: dict[str, Narrative],
    edition: Visibility = Visibility.PUBLIC,
    *,
    marks: dict[str, Visibility] | None = None,
    pathway: str = "cmalt",
    connections: Connections | None = None,
    by_id: dict[str, Item] | None = None,
    **fields,
) -> Portfolio:
    """Return the portfolio of these, as the program would put it together."""
    known = {
        "framework": CMALT,
        "pathway": pathway,
        "narratives": narratives,
        "connections": connections or connect(entries, CMALT, pathway, {}, {}, narratives),
        "entries": by_id or {held.id: held for held in entries},
        "marks": marks or {},
        "edition": edition,
        "as_of": AS_OF,
        "owner": "Jane Example",
        "language": "en-GB",
        "timezone": "Europe/London",
        "generation": replace(GENERATION, pathway=pathway),
    }
    return assemble(**{**known, **fields})
