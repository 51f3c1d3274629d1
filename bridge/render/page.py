"""
The flat page: from a Portfolio to a Release, with the files that it brings along.

The fragment is theme-neutral HTML from a small, regular set of elements (section, h2 to h6, p, lists, a, figure,
blockquote, pre, table in a scroll region, nav), so that a target can make blocks of it; the document is the same with a
head and a style of its own. Neither holds a script, an inline style, a build date or a version.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from html import escape
from importlib.resources import files as resources
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from archive.entry import Digest, canonical
from bridge.portfolio import wording
from bridge.portfolio.model import PageSection, Portfolio, Shown
from bridge.render import markdown, pictures, sanitise
from connectors.contract import Release, Upload

_DOCUMENTS = {
    "pdf",
    "doc",
    "docx",
    "odt",
    "rtf",
    "txt",
    "md",
    "csv",
    "ppt",
    "pptx",
    "odp",
    "xls",
    "xlsx",
    "ods",
    "epub",
}
_RECORDINGS = {"mp3", "m4a", "ogg", "oga", "wav", "mp4", "m4v", "webm", "mov", "vtt", "srt"}
OFFERED = frozenset(_DOCUMENTS | _RECORDINGS | {"bib", "ics", "zip"})
"""
Endings of files that a page may bring along: nothing that a browser would run on the owner's own site, and no picture.
A picture goes up only as a reduced copy without its metadata. One that cannot be reduced (HEIC, a huge scan) stays:
its original may say where it was taken.
"""


@dataclass(frozen=True)
class Built:
    """A release, and the bytes of its uploads by digest."""

    release: Release
    files: dict[Digest, Path]


def render(portfolio: Portfolio, files: Callable[[Digest], Path], build: Path) -> Built:
    """
    Return the release of a portfolio.

    Args:
        portfolio: What is shown.

        files: Where the archive holds the bytes of a digest.

        build: The folder for what can be made again; reduced pictures are cached in it.

    Raises:
        OSError: A file that the page brings along cannot be read.
    """
    bag = _Bag(files, build / ".cache")
    fragment = _fragment(portfolio, bag)
    document = (
        _environment()
        .get_template("document.html")
        .render(
            portfolio=portfolio,
            fragment=Markup(fragment),  # noqa: S704 - sanitised as it was made
            style=Markup(_style()),  # noqa: S704 - our own file
        )
    )
    uploads = tuple(sorted(bag.uploads.values(), key=lambda upload: upload.name))
    content: dict[str, Any] = {
        "portfolio": portfolio.id,
        "edition": portfolio.edition.value,
        "title": portfolio.title,
        "language": portfolio.language,
        "fragment": fragment,
        "document": document,
        "uploads": [asdict(upload) for upload in uploads],
    }
    digest = hashlib.sha256(canonical(content)).hexdigest()
    release = Release(
        id=digest,
        portfolio=portfolio.id,
        edition=portfolio.edition.value,
        title=portfolio.title,
        language=portfolio.language,
        fragment=fragment,
        document=document,
        uploads=uploads,
    )
    return Built(release, bag.paths)


def upload_name(sha256: Digest, name: str, extension: str) -> str:
    """Return ``kf-<8 hex>-name.ext``: lower case, ASCII, and the same for the same bytes and name."""
    ascii_name = (
        unicodedata.normalize("NFKD", PurePosixPath(name.replace("\\", "/")).stem).encode("ascii", "ignore").decode()
    )
    stem = re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:60].strip("-")
    return f"kf-{sha256[:8]}-{stem or 'file'}.{extension}"


@dataclass(frozen=True)
class Offered:
    """A file as the template shows it; ``width`` is 0 for one that is not shown as a picture."""

    address: str
    label: str
    original: str
    alt: str = ""
    caption: str = ""
    credit: str = ""
    licence: str = ""
    width: int = 0
    height: int = 0


@dataclass
class _Bag:
    """The uploads of one page, each once."""

    files: Callable[[Digest], Path]
    cache: Path
    uploads: dict[str, Upload] = field(default_factory=dict)
    paths: dict[Digest, Path] = field(default_factory=dict)

    def picture(self, shown: Shown) -> Offered | None:
        """Return a picture for a figure; None when it is none that can be shown."""
        found = pictures.reduced(self.files(shown.sha256), shown.sha256, self.cache)
        if found is None:
            return None
        copy = replace(shown, sha256=found.sha256, media_type=found.media_type)
        name = self._add(copy, found.path, found.extension)
        return Offered(
            address=f"keepfolio:{name}",
            label=shown.caption or shown.name,
            original=shown.url,
            alt=_alt(shown),
            caption=shown.caption,
            credit=shown.credit,
            licence=shown.licence,
            width=found.width,
            height=found.height,
        )

    def file(self, shown: Shown) -> Offered | None:
        """Return a file for a link; None when a browser might run it."""
        extension = PurePosixPath(shown.name).suffix.lower().lstrip(".")
        if extension not in OFFERED:
            return None
        path = self.files(shown.sha256)
        name = self._add(shown, path, extension)
        return Offered(
            address=f"keepfolio:{name}",
            label=f"{shown.name} ({extension.upper()}, {wording.size(path.stat().st_size)})",
            original=shown.url,
        )

    def _add(self, shown: Shown, path: Path, extension: str) -> str:
        name = upload_name(shown.sha256, shown.name, extension)
        upload = Upload(
            name=name,
            sha256=shown.sha256,
            size=path.stat().st_size,
            media_type=shown.media_type or "application/octet-stream",
            title=shown.caption or shown.name,
            alt=_alt(shown),
            evidence=shown.entry_id,
        )
        self.uploads.setdefault(name, upload)
        self.paths[shown.sha256] = path
        return name


def _alt(shown: Shown) -> str:
    """Return the text in place of a picture: the owner's, else the caption; a file's name is no description."""
    alt = shown.alt.strip()
    if alt.lower() == shown.name.lower() or alt.lower() == PurePosixPath(shown.name).stem.lower():
        alt = ""
    return alt or shown.caption


@dataclass
class _Texts:
    """Turns the safe texts of a portfolio into what the page shows: pictures with their sizes, tables that scroll."""

    portfolio: Portfolio
    bag: _Bag
    tables: int = 0

    def __call__(self, html: str) -> Markup:
        html = _PICTURE.sub(self._picture, html)
        return Markup(_TABLE.sub(self._table, html))  # noqa: S704 - sanitised text, changed in safe ways only

    def _offered(self, attributes: str) -> Offered | None:
        shown = self.portfolio.pictures.get(markdown.attribute(attributes, "src"))
        if shown is None:
            return None
        given = replace(
            shown,
            alt=markdown.attribute(attributes, "alt") or shown.alt,
            caption=markdown.attribute(attributes, "title") or shown.caption,
        )
        return self.bag.picture(given)

    def _picture(self, found: re.Match[str]) -> str:
        """A picture in a paragraph of its own is a figure; one among words, or in a figure already, stays there."""
        offered = self._offered(found["alone"] or found["inside"] or "")
        if offered is None:
            return ""
        if found["alone"] is not None:
            return str(_environment().get_template("parts.html").module.figure(offered))  # type: ignore[attr-defined]
        size = f'width="{offered.width}" height="{offered.height}"'
        return f'<img src="{offered.address}" alt="{escape(offered.alt)}" {size}>'

    def _table(self, found: re.Match[str]) -> str:
        """Wide tables scroll inside a region that the keyboard reaches: the page itself must not at 320 px."""
        self.tables += 1
        label = f'id="kf-table-{self.tables}" role="region" tabindex="0" aria-label="Table {self.tables}"'
        return f'<div class="kf-scroll" {label}>{found[0].replace("<th>", _TH)}</div>'


_PICTURE = re.compile(r"<p>\s*<img\b(?P<alone>[^>]*)>\s*</p>|<img\b(?P<inside>[^>]*)>")
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_TH = '<th scope="col">'


def _fragment(portfolio: Portfolio, bag: _Bag) -> str:
    # The template places each text and file exactly once, in reading order: tables are numbered by it.
    html = (
        _environment()
        .get_template("page.html")
        .render(
            portfolio=portfolio,
            outline=_outline(portfolio.sections),
            text=_Texts(portfolio, bag),
            picture=bag.picture,
            file=bag.file,
        )
    )
    return _without_blank_lines(sanitise.page(html))


def _outline(sections: Sequence[PageSection]) -> list[tuple[PageSection, list[PageSection]]]:
    """Return the headings of the page with those inside each."""
    outline: list[tuple[PageSection, list[PageSection]]] = []
    for section in sections:
        if section.level > 2 and outline:
            outline[-1][1].append(section)
        else:
            outline.append((section, []))
    return outline


def _without_blank_lines(html: str) -> str:
    """Return the fragment without the template's blank lines; preformatted text keeps its own."""
    pieces = re.split(r"(<pre>.*?</pre>)", html, flags=re.DOTALL)
    return "".join(p if p.startswith("<pre>") else re.sub(r"\s*\n\s*", "\n", p) for p in pieces).strip() + "\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("bridge.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return resources("bridge.render").joinpath("style.css").read_text(encoding="utf-8")
