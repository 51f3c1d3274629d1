"""
The bundle: a portfolio with everything that it shows, as one zip or folder that opens without the internet.

In it lie ``index.html``, a first page that says how to read it, ``contents.txt``, and the files under readable names in
``evidence/``. Where a framework takes only so many bytes, pictures and PDFs go as smaller copies; the originals stay in
the archive. The same portfolio gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.entry import Visibility
from bridge import building, outfolder
from bridge.building import Desk
from bridge.portfolio.model import Portfolio
from bridge.portfolio.wording import size
from bridge.render import documents, page
from bridge.render.outputs import fitting, names, pdf, start
from connectors import areas, pages
from connectors.contract import Upload
from connectors.wanted import with_addresses

MB = 1_000_000
EVIDENCE = "evidence"
_PROPRIETARY = {
    "doc": "Word",
    "docx": "Word",
    "ppt": "PowerPoint",
    "pptx": "PowerPoint",
    "xls": "Excel",
    "xlsx": "Excel",
}
_PER_FILE = 256  # bytes that the lists may grow by for a file that was made smaller
_NO_HOUR = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


@dataclass(frozen=True)
class Limits:
    """How many bytes a bundle should have, and may have at most; None where nobody says."""

    advised: int | None
    most: int | None


@dataclass(frozen=True)
class Reduced:
    """A file that was made smaller to fit; sizes in bytes."""

    name: str
    before: int
    after: int


@dataclass(frozen=True)
class Bundle:
    """
    A bundle that was written.

    Attributes:
        path: The zip, or the folder.

        size: In bytes, as a zip has it.

        reduced: What was made smaller, in the order of names.

        notes: What a person should know of it.

        fits: False where it is larger than it may be, though all was made smaller that can be. It is whole.
    """

    path: Path
    size: int
    reduced: tuple[Reduced, ...]
    notes: tuple[str, ...]
    fits: bool = True


def bundle(
    desk: Desk,
    edition: Visibility,
    out: Path,
    budget: int | None = None,
    *,
    made: tuple[Portfolio, page.Built] | None = None,
    layout: str = "flat",
) -> Bundle:
    """
    Write the bundle of an edition.

    Args:
        desk: What a build reads.

        edition: Who it is for.

        out: A zip where its name ends in ``.zip``, else a folder.

        budget: Bytes; None: what the framework takes (see ``limits``).

        made: The portfolio and its release, where they are built already: a share is a part of one. Build it at a
            desk that is ``alone``.

        layout: ``flat``, or ``pages`` for a page for each area.

    Raises:
        UsageError: The folder holds something that no build left there.
    """
    portfolio, built = made or building.build(replace(desk, alone=True), edition)
    allowed = Limits(budget, budget) if budget else limits(desk)
    cache = desk.workspace.build / ".cache"
    files, copies = _fitted(portfolio, built, layout, allowed.advised, cache)
    total = _zip_size(files)
    if out.suffix.lower() == ".zip":
        _write_zip(out, files)
    else:
        _write_folder(out, files)
    uploads = {one.name: one for one in built.release.uploads}
    reduced = tuple(
        Reduced(place, uploads[name].size, copies[name].size)
        for name, place in _places(built, copies).items()
        if copies[name].size != uploads[name].size
    )
    fits = allowed.most is None or total <= allowed.most
    return Bundle(out, total, reduced, tuple(_notes(built, copies, files, allowed)), fits)


def limits(desk: Desk) -> Limits:
    """Return what the framework's own rules for a submission say of its size."""
    submission = desk.framework.spec.submission
    rules = submission.file_rules if submission else None
    return Limits(rules.recommended_max_mb * MB, rules.attachment_max_mb * MB) if rules else Limits(None, None)


def _fitted(
    portfolio: Portfolio, built: page.Built, layout: str, budget: int | None, cache: Path
) -> tuple[dict[str, bytes | Path], dict[str, fitting.Copy]]:
    """Return the files of the bundle by their place in it, and the copies that are among them by upload name."""
    uploads = built.release.uploads

    def path(upload: Upload) -> Path:
        return built.files[upload.sha256]

    copies = fitting.fit(uploads, path, None, cache)
    files = _laid_out(portfolio, built, layout, copies)
    if budget is not None and _zip_size(files) > budget:
        own = _zip_size({place: content for place, content in files.items() if isinstance(content, bytes)})
        room = max(0, budget - own - _PER_FILE * len(uploads))
        copies = fitting.fit(uploads, path, room, cache)
        files = _laid_out(portfolio, built, layout, copies)
    return files, copies


def _laid_out(
    portfolio: Portfolio, built: page.Built, layout: str, copies: Mapping[str, fitting.Copy]
) -> dict[str, bytes | Path]:
    places = _places(built, copies)
    document = _with_sizes(built.release.document, copies)
    document = with_addresses(document, lambda name: places.get(name, name))
    texts = pages.split(document) if layout == "pages" else {pages.INDEX: document}
    where = {place: name for name, text in texts.items() for place in areas.ids(text) if name != pages.INDEX}
    lying = [
        start.Lying(places[one.name], one.title, now.size, one.size if now.size != one.size else 0)
        for one in built.release.uploads
        if (now := copies[one.name])
    ]
    texts["START-HERE.html"] = start.start_here(portfolio, lying, where, linked=True)
    told = {place: text.encode() for place, text in texts.items()}
    if not pdf.missing():
        told["START-HERE.pdf"] = pdf.pdf(
            start.start_here(portfolio, lying, where, linked=False), {}, lambda one: built.files[one.sha256]
        )
    own = [start.Lying(place, _what(place), len(content)) for place, content in sorted(told.items())]
    told["contents.txt"] = start.contents(portfolio, own, lying).encode()
    return told | {places[name]: copy.path for name, copy in copies.items()}


_LABEL = re.compile(r'(<a href="keepfolio:(kf-[0-9a-f]{8}-[A-Za-z0-9._-]+)"[^>]*>[^<]*, )[0-9.]+ [kM]B(?=\)</a>)')


def _with_sizes(document: str, copies: Mapping[str, fitting.Copy]) -> str:
    """Return the page with the sizes that the files have in the bundle: a smaller copy is not called a large one."""

    def label(found: re.Match[str]) -> str:
        return f"{found[1]}{size(copies[found[2]].size)}" if found[2] in copies else found[0]

    return _LABEL.sub(label, document)


def _what(place: str) -> str:
    if place.startswith("START-HERE"):
        return "How to read it"
    return "The portfolio: open this one" if place == pages.INDEX else "A part of the portfolio"


def _places(built: page.Built, copies: Mapping[str, fitting.Copy]) -> dict[str, str]:
    endings = {name: copy.ending for name, copy in copies.items()}
    named = names.readable(built.release.uploads, endings)
    return {name: f"{EVIDENCE}/{readable}" for name, readable in named.items()}


def _notes(
    built: page.Built, copies: Mapping[str, fitting.Copy], files: Mapping[str, bytes | Path], allowed: Limits
) -> list[str]:
    notes, total, places = [], _zip_size(files), _places(built, copies)
    if allowed.most is not None and allowed.advised is not None and total > allowed.advised:
        largest = sorted(copies, key=lambda name: (-copies[name].size, name))[:3]
        named = ", ".join(f"{places[name]} ({size(copies[name].size)})" for name in largest)
        if total > allowed.most:
            notes.append(
                f"It has {size(total)}, and {size(allowed.most)} is the most. The largest in it: {named}. "
                "Cite a shorter recording or some pages of a document, or put the file on the web and cite its page."
            )
        else:
            notes.append(
                f"It has {size(total)}: more than the {size(allowed.advised)} that are advised, less than the "
                f"{size(allowed.most)} that are allowed. The largest in it: {named}."
            )
    for upload in built.release.uploads:
        program = _PROPRIETARY.get(upload.name.rpartition(".")[2])
        if program:
            notes.append(f"{places[upload.name]} needs {program}: a PDF of it opens everywhere.")
        elif upload.name.endswith(".pdf") and documents.says_who(copies[upload.name].path):
            notes.append(f"{places[upload.name]} is signed, locked or damaged: it went as it is, its author in it.")
    if pdf.missing():
        notes.append("START-HERE is a web page only: a PDF of it needs pipx inject keepfolio weasyprint")
    return notes


# --- writing --------------------------------------------------------------------------------------------------------


def _length(content: bytes | Path) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _zip_size(files: Mapping[str, bytes | Path]) -> int:
    """Return what a zip of these has: nothing in it is packed, for pictures and PDFs are, and zlibs differ."""
    return 22 + sum(_length(content) + 30 + 46 + 2 * len(place.encode()) for place, content in files.items())


def _write_zip(out: Path, files: Mapping[str, bytes | Path]) -> None:
    out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = out.with_name(f"{out.name}.part")
    part.touch(mode=0o600)
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as packed:
        for place in sorted(files):
            content = files[place]
            member = zipfile.ZipInfo(place, _NO_HOUR)
            member.create_system, member.external_attr = 3, 0o644 << 16
            member.file_size = _length(content)  # said before, one of more than 2 GB is written as such
            source = io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")
            with source, packed.open(member, "w") as sink:
                while chunk := source.read(1 << 20):
                    sink.write(chunk)
    part.replace(out)


def _write_folder(out: Path, files: Mapping[str, bytes | Path]) -> None:
    with TemporaryDirectory() as spool:
        wanted: dict[str, str | Path] = {}
        for number, (place, content) in enumerate(files.items()):
            if isinstance(content, bytes):
                content_at = Path(spool) / str(number)
                content_at.write_bytes(content)
                wanted[place] = content_at
            else:
                wanted[place] = content
        outfolder.fill(out, wanted)
