"""A workspace with an archive, made by hand: friendly entries, and hostile ones."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from archive.entry import Entry, Visibility, with_digests
from archive.store import Archive
from bridge.browse import site
from bridge.export import Wanted
from bridge.session import Session
from bridge.workspace import Workspace
from tests.archive import make

CONFIG = """\
owner: Jane Doe
language: en-GB
timezone: Europe/London
portfolio:
  framework: cmalt
  pathway: cmalt
"""
EVIL = "</title></script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u2028"
EVIL_TAGS = ("../../x", "CON", "/etc/passwd", "a\\b", "<b>bold</b>", "…", "cpd\u2028</script>", "aux.html", ".")


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return out.getvalue()


@dataclass
class Place:
    """Somebody's folder, and what she does with it."""

    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        (self.folder / "config.yaml").write_text(CONFIG, "utf-8")
        self.session = Session(Workspace(self.folder))

    @property
    def archive(self) -> Archive:
        return self.session.archive

    @property
    def root(self) -> Path:
        return self.folder / "archive" / "browse"

    def keep(self, *entries: Entry, **files: bytes) -> None:
        """Keep entries; a file of an entry whose name without its ending is given arrives with those bytes."""
        with self.archive.append(make.BLOG) as writer:
            for entry in entries:
                held = {
                    file.url: writer.add_file(io.BytesIO(files[stem]), name=file.name)
                    for file in entry.files
                    if (stem := file.name.partition(".")[0]) in files
                }
                writer.put(with_digests(entry, held), make.raw_of(entry))
            writer.seal()

    def delete(self, entry: Entry) -> None:
        stored = self.archive.by_key(entry.keys[0])
        assert stored
        with self.archive.append(make.BLOG) as writer:
            writer.tombstone(stored.id, "404 at its source")
            writer.seal()

    def browse(self, out: Path | None = None, wanted: Wanted | None = None) -> site.Browsed:
        return site.browse(self.session, out, wanted)

    def page(self, entry: Entry, root: Path | None = None) -> Path:
        """Return the page of an entry."""
        stored = self.archive.by_key(entry.keys[0])
        assert stored
        [found] = [
            page
            for page in (root or self.root).glob("entries/*/*.html")
            if not re.search(r"-v\d+\.html$", page.name) and f"<li>{stored.id}</li>" in page.read_text("utf-8")
        ]
        return found


def tree(root: Path) -> dict[str, bytes]:
    """Return what the folder holds, but its record."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != ".keepfolio-browse.json"
    }


def soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text("utf-8"), "lxml")


def local_links(page: Path) -> Iterator[Path]:
    """Yield every file that a page leads to or shows."""
    html = soup(page)
    for tag in html.find_all(["a", "img", "link", "script"]):
        address = tag.get("href") or tag.get("src") or ""
        if address and not address.startswith(("#", "http://", "https://", "mailto:")):
            yield (page.parent / unquote(address.partition("#")[0])).resolve()


def comment(number: int, on: int, **given: Any) -> Entry:
    values: dict[str, Any] = {
        "keys": (f"wordpress:b.org/comment/{number}",),
        "kind": "comment",
        "title": "",
        "creator": "Ann",
        "author": "others",
        "parent": f"wordpress:b.org/post/{on}",
        "visibility": Visibility.PUBLIC,
        "content_html": "<p>Well said.</p>",
        "url": "",
    }
    return make.post(number, **{**values, **given})


PHOTO = replace(
    make.post(50),
    kind="media",
    title="The workshop",
    content_html="",
    files=(make.picture("photo.png", media_type="image/png", alt="People at a table"),),
)
GREETING = make.post(
    1,
    title="Naïve café: a greeting",
    tags=("cpd", "cmalt-1a"),
    visibility=Visibility.PUBLIC,
    creator="Jane",
    content_html='<p>Hello, <a href="https://b.org/2/">the second</a>, <a href="https://elsewhere.example/x">away</a>.</p>'
    '<p><img src="https://b.org/uploads/photo-300x200.png" alt="People"></p>'
    '<p><img src="https://tracker.example/pixel.gif" alt="A pixel"></p>'
    "<table><tr><th>Head</th></tr><tr><td>Cell</td></tr></table><pre>code</pre>",
)
SECOND = make.post(2, title="The second", published=datetime(2023, 12, 31, 23, 30, tzinfo=UTC), tags=("cpd",))
EVIL_POST = make.post(
    3,
    title=EVIL,
    tags=EVIL_TAGS,
    creator=EVIL,
    native_id="../../../escape",
    url="javascript:alert(1)",
    language='en"><script>',
    content_html=f"<p>Evil words {EVIL}</p><a href='javascript:alert(1)'>click</a><a href='../../../../secret'>up</a>"
    "<a href='file:///etc/passwd'>file</a><svg onload=alert(1)></svg><iframe src='https://x.example'></iframe>"
    "<style>body{display:none}</style><a href='https://x.example'></a><h1></h1><h4>Deep</h4>"
    "<img src='//x.example/p.png'><a href='https://x.example/y'><img src='https://b.org/uploads/photo.png'></a>",
    files=(
        make.picture("../../evil.html", media_type="text/html", url="javascript:x"),
        make.picture("drawing.svg", media_type="image/svg+xml"),
        make.picture("paper.pdf", media_type="application/pdf", caption="<b>x</b>"),
    ),
)
SCRIPT = b"<script>document.title='owned'</script>"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty workspace."""
    return Place(tmp_path / "jane")


def fill(place: Place) -> None:
    """Put everything in that the pages must cope with."""
    place.keep(PHOTO, GREETING, SECOND, photo=png())
    place.keep(EVIL_POST, drawing=b"<svg xmlns='http://www.w3.org/2000/svg'/>", paper=b"%PDF-1.4")
    with place.archive.append(make.BLOG) as writer:
        digest = writer.add_file(io.BytesIO(SCRIPT), name="../../evil.html")
        entry = with_digests(EVIL_POST, {"javascript:x": digest})
        writer.put(replace(entry, title=f"{EVIL} again"), make.raw_of(EVIL_POST))
        writer.seal()
    place.keep(comment(70, 1), comment(71, 1, creator="Spam?", visibility=Visibility.PRIVATE, status="hold"))
    place.keep(
        make.post(4, title="日本語の題名", language="ja", content_html="<p>学習</p>", visibility=Visibility.PUBLIC)
    )
    place.keep(make.post(5, title="", published=None, kind="e-mail"))
    place.keep(make.post(9, title="Gone", content_html="<p>Still readable</p>"))
    place.delete(make.post(9))
    place.keep(replace(SECOND, title="The second, mended", content_html="<p>Better words</p>"))


@pytest.fixture
def full(place: Place) -> Place:
    """A workspace with everything that the pages must cope with, and its pages."""
    fill(place)
    place.browse()
    return place
