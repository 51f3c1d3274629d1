"""
The portfolio as a PDF: tagged, titled, with bookmarks, and with its evidence inside. Made by WeasyPrint, an extra.

Nothing is asked of the network: the only addresses that it may open are our own files. Same input, same bytes: no hour
and no path goes into it.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from PIL import ImageFile

from archive.errors import UsageError
from bridge.render.outputs.names import readable
from connectors.contract import Upload

_LINKED = re.compile(r'<a href="keepfolio:(kf-[0-9a-f]{8}-[A-Za-z0-9._-]+)"')
_PREFIX = "keepfolio:"
_CONTENTS = re.compile(r'(<nav class="kf-contents)(".*?</nav>)', re.DOTALL)
_LONG = r"\1 kf-long\2"
_LINES = 42  # of contents that have room below the title on one sheet


def missing() -> str:
    """Return why no PDF can be made here; "" where one can."""
    try:
        library()
    except ImportError:
        return "the part of keepfolio that makes a PDF is not installed"
    except OSError as error:  # its libraries for text are the system's
        return f"a library of your system that sets text is missing ({str(error).splitlines()[0][:120]})"
    return ""


def library() -> Any:
    """
    Return WeasyPrint.

    Its first import has Pillow take cut pictures and broken texts in them, in the whole program: that is taken back.
    """
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    import weasyprint

    ImageFile.LOAD_TRUNCATED_IMAGES = before
    return weasyprint


def require() -> None:
    """
    Say how a PDF comes to be possible.

    Raises:
        UsageError: WeasyPrint, or the library Pango that it sets text with, is not here.
    """
    why = missing()
    if not why:
        return
    mend = "pipx inject keepfolio weasyprint (or: pip install 'keepfolio[pdf]')"
    if "library" in why:
        mend = "Install Pango: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0, or brew install pango"
    raise UsageError(
        f"No PDF was made: {why}.",
        code="no-pdf",
        unchanged="Every other form works without it: folder, file, zip and text.",
        mend=mend,
    )


def pdf(document: str, uploads: Mapping[str, Upload], path: Callable[[Upload], Path]) -> bytes:
    """
    Return a document of ours as PDF/UA-1.

    Args:
        document: The page; it names its files as ``keepfolio:NAME``.

        uploads: Its files by that name. Pictures are shown, what is linked is embedded.

        path: Where the bytes of one are.

    Raises:
        UsageError: See ``require``.
    """
    require()
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyOurs(URLFetcher):  # type: ignore[misc] # the library has no types
        """Opens the files of this document and nothing else, neither of the disk nor of the network."""

        def fetch(self, url: str, headers: object = None) -> Any:
            del headers
            name = url.removeprefix(_PREFIX).partition("/")[0]  # an attached file says its readable name behind it
            upload = uploads.get(name) if url.startswith(_PREFIX) else None
            if upload is None:
                raise ValueError(f"{url} is no file of this document")
            return URLFetcherResponse(url, path(upload).read_bytes(), {"Content-Type": upload.media_type})

    logging.getLogger("weasyprint").setLevel(
        logging.CRITICAL
    )  # it tells of each rule of style that print has no use for
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    names = readable(uploads.values())
    html = _LINKED.sub(lambda found: f'<a rel="attachment" href="{_attached(found[1], names)}"', document)
    before, end, after = html.rpartition("</style>")
    html = before + _style() + end + _on_one_page(after)
    made: bytes = (
        library()
        .HTML(string=html, url_fetcher=OnlyOurs(), base_url="keepfolio:")
        .write_pdf(
            pdf_variant="pdf/ua-1",
            pdf_identifier=hashlib.sha256(document.encode()).digest()[:16],
            finisher=_without_hours,
        )
    )
    return made


@cache
def _style() -> str:
    return resources("bridge.render.outputs").joinpath("print.css").read_text(encoding="utf-8")


def _on_one_page(body: str) -> str:
    """Return a page whose contents, if they are longer than a sheet, stand in two columns of smaller type."""
    nav = _CONTENTS.search(body)
    return body if nav is None or nav[0].count("<li>") <= _LINES else _CONTENTS.sub(_LONG, body, count=1)


def _attached(name: str, names: Mapping[str, str]) -> str:
    """Return the address of an embedded file: readers call it by the last part of it."""
    return f"{_PREFIX}{name}/{names.get(name, name)}"


def _without_hours(document: object, made: Any) -> None:
    """Take the hour of making out of embedded files; the library has no option for it."""
    del document
    for thing in made.objects:
        parameters = getattr(thing, "extra", {}).get("Params") if hasattr(thing, "extra") else None
        if parameters:
            for key in ("CreationDate", "ModDate"):
                parameters.pop(key, None)
