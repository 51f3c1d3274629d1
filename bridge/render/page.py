"""
The flat page: from a Portfolio to a Release, with the files that it brings along.

The fragment is theme-neutral HTML from a small, regular set of elements (section, h2 to h6, p, lists, a, figure,
blockquote, pre, table in a scroll region, nav), so that a target can make blocks of it; the document is the same with
its drawings, a head and a style of its own. Neither holds a script, an inline style, a build date or a version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from archive.entry import Digest, canonical
from bridge.portfolio.model import Portfolio
from bridge.render import pictures, sanitise, texts
from bridge.render.licence import linked
from bridge.render.outline import by_anchor, outline
from bridge.render.uploads import OFFERED, Bag, Offered, titled, upload_name
from connectors.contract import Release

AS_USUAL = pictures.Copies()

__all__ = ["OFFERED", "Built", "Offered", "render", "upload_name"]


@dataclass(frozen=True)
class Built:
    """A release, and the bytes of its uploads by digest."""

    release: Release
    files: dict[Digest, Path]


def render(
    portfolio: Portfolio, files: Callable[[Digest], Path], build: Path, copies: pictures.Copies = AS_USUAL
) -> Built:
    """
    Return the release of a portfolio.

    Args:
        portfolio: What is shown.

        files: Where the archive holds the bytes of a digest.

        build: The folder for what can be made again; reduced pictures are cached in it.

        copies: How small pictures and certificates are.

    Raises:
        OSError: A file that the page brings along cannot be read.
    """
    bag = Bag(files, build / ".cache", copies)
    shown = texts.Texts(portfolio.pictures, bag.picture, _figure)
    marked = _body(portfolio, bag, shown)
    fragment = texts.without(marked)
    document = (
        _environment()
        .get_template("document.html")
        .render(
            portfolio=portfolio,
            years=_years(portfolio),
            fragment=Markup(shown.placed(marked)),  # noqa: S704 - sanitised as it was made
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


def _body(portfolio: Portfolio, bag: Bag, shown: texts.Texts) -> str:
    """Return the safe page, with marks where its drawings belong."""
    headings = outline(portfolio)
    html = (
        _environment()
        .get_template("page.html")
        .render(
            portfolio=portfolio,
            outline=headings,
            headings=by_anchor(headings),
            text=shown,
            drawing=shown.drawing,
            picture=bag.picture,
            file=bag.file,
            titled=titled,
            linked=linked,
        )
    )
    return _without_blank_lines(sanitise.page(html))


def _figure(offered: Offered) -> str:
    return str(_environment().get_template("parts.html").module.figure(offered))  # type: ignore[attr-defined]


def _years(portfolio: Portfolio) -> str:
    """Return the years that the evidence is from: ``2019 to 2026``."""
    dates = [item.date for section in portfolio.sections for item in section.evidence]
    years = sorted({found[0] for date in dates if (found := re.search(r"\d{4}$", date))})
    return " to ".join(dict.fromkeys((years[0], years[-1]))) if years else ""


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
