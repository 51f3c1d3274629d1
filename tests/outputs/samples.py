"""An owner's folder with everything that an output can bring along: pictures, documents, a certificate, a kept text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pypdf
from PIL import Image
from pypdf.annotations import FreeText
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from archive.entry import Entry, MediaFile, Visibility
from bridge.render.sanitise import text
from connectors.areas import cut
from tests.publish.folder import Folder

SITE = "https://blog.example.org"


def noise(width: int, height: int, kind: str = "JPEG", **save) -> bytes:
    """Return a picture that packs badly, the same every time."""
    grain = Image.effect_mandelbrot((width, height), (-2, -1.5, 1, 1.5), 60).convert("RGB")
    dots = Image.frombytes("RGB", (64, 64), bytes((n * n * 2654435761 >> 13) % 256 for n in range(64 * 64 * 3)))
    for x in range(0, width, 64):
        for y in range(0, height, 64):
            grain.paste(dots.rotate((x // 64 * 7 + y // 64 * 13) % 4 * 90), (x, y))
    out = io.BytesIO()
    grain.save(out, kind, **save)
    return out.getvalue()


def gps(data: bytes) -> bytes:
    """Return a JPEG that says where, and by whom, it was taken."""
    with Image.open(io.BytesIO(data)) as image:
        exif = image.getexif()
        exif[0x013B] = "EXIF-AUTHOR"
        exif.get_ifd(0x8825)[1] = "N"
        out = io.BytesIO()
        image.save(out, "JPEG", quality=92, exif=exif)
    return out.getvalue()


def paper(words: str, picture: bytes = b"", author: str = "PDF-AUTHOR") -> bytes:
    """Return a PDF of a page or two with some words, an author, a comment by somebody, and perhaps a picture."""
    first = io.BytesIO()
    with Image.open(io.BytesIO(picture or noise(64, 64))) as image:
        image.convert("RGB").save(first, "PDF", quality=95)
    writer = pypdf.PdfWriter(clone_from=first)
    page = writer.pages[0]
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    page["/Resources"][NameObject("/Font")] = DictionaryObject({NameObject("/F1"): font})
    stream = DecodedStreamObject()
    stream.set_data(page.get_contents().get_data() + f" BT /F1 12 Tf 20 20 Td ({words}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.add_metadata({"/Author": author, "/Creator": "PDF-CREATOR", "/CreationDate": "D:20240101120000Z"})
    note = FreeText(text="A comment", rect=(10, 10, 60, 30))
    note[NameObject("/T")] = TextStringObject("NOTE-AUTHOR")
    writer.add_annotation(0, note)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def entry(number: int, title: str, **fields) -> Entry:
    known = {
        "keys": (f"guid:{SITE}/?p={number}",),
        "kind": "post",
        "native_id": str(number),
        "title": title,
        "url": f"{SITE}/post-{number}/",
        "status": "publish",
        "visibility": Visibility.PUBLIC,
        "published": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        "content_html": f"<p>Words of {number}.</p>",
    }
    return Entry(**{**known, **fields})


def attached(name: str, media_type: str = "", **fields) -> MediaFile:
    drawn = {"credit": "Jane Example"} if media_type.startswith("image/") else {}
    return MediaFile(name=name, url=f"{SITE}/files/{name}", media_type=media_type, **{**drawn, **fields})


FILES: Mapping[str, bytes] = {
    "chart.png": noise(900, 500, "PNG"),
    "workshop.jpg": gps(noise(2000, 1400, quality=95)),
    "certificate.jpg": gps(noise(1800, 1200, quality=95)),
    "report.pdf": paper("Report of the pilot", noise(1800, 1200, quality=95)),
    "award.pdf": paper("Awarded to Jane"),
    "slides.pptx": b"PK not really slides",
}


def whole(root: Path) -> tuple[Folder, dict[str, str]]:
    """Return a folder with a portfolio of three sections for the public, and the ids of its evidence by title."""
    folder = Folder(root)
    entries = [
        entry(1, "How we chose"),
        entry(2, "The pilot in numbers", kind="media", files=(attached("chart.png", "image/png", alt="Seven bars"),)),
        entry(3, "The workshop", kind="media", files=(attached("workshop.jpg", "image/jpeg", alt="Six people"),)),
        entry(
            4,
            "Certificate of a course",
            kind="media",
            files=(attached("certificate.jpg", "image/jpeg", alt="A certificate"),),
        ),
        entry(5, "Report", kind="media", files=(attached("report.pdf", "application/pdf"),)),
        entry(6, "Award: a diploma", kind="media", files=(attached("award.pdf", "application/pdf"),)),
        entry(7, "Slides", kind="media", files=(attached("slides.pptx"),)),
        entry(
            8,
            "What a colleague taught me",
            kind="journal-entry",
            visibility=Visibility.PRIVATE,
            url="https://mahara.example.ac.uk/8",
            content_html="<h2>Before</h2><p>I marked by hand.</p>",
        ),
        entry(
            9, "title-secret9", visibility=Visibility.PRIVATE, url=f"{SITE}/url-secret9/", content_html="text-secret9"
        ),
    ]
    ids = dict(zip((one.title for one in entries), folder.hold(*entries, files=FILES), strict=True))
    folder.mark(ids["What a colleague taught me"], "public")
    folder.write("context", "I lead a team of three. A ~~short~~ *brief* one & more.")
    folder.write(
        "1a",
        "I compared three systems.\n\n| What | A |\n|---|---|\n| Captions | yes |\n\n"
        f"![Drawn]({ids['The pilot in numbers']})",
        evidence=[ids[t] for t in ("How we chose", "The workshop", "Report", "title-secret9")],
    )
    folder.write(
        "3a",
        "The regulations reached us as a [list](https://example.org/list).",
        evidence=[
            ids[t] for t in ("Certificate of a course", "Award: a diploma", "Slides", "What a colleague taught me")
        ],
    )
    return folder, ids


# --- reading an output as somebody else does -------------------------------------------------------------------------


def words(document: str) -> list[str]:
    """Return the words of a document's own part, without menus and ways back."""
    areas = "".join(cut(document).areas)
    areas = re.sub(r"<nav\b.*?</nav>|<p class=\"kf-back\">.*?</p>|<svg\b.*?</svg>", " ", areas, flags=re.DOTALL)
    return text(areas).split()


def members(place: Path) -> dict[str, bytes]:
    """Return the files of a zip or a folder by name."""
    if place.suffix == ".zip":
        with zipfile.ZipFile(place) as packed:
            return {name: packed.read(name) for name in packed.namelist()}
    folder = place if place.is_dir() else place.parent
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".keepfolio")
    }


def said(files: Mapping[str, bytes]) -> str:
    """Return all that can be read in some files: their names, texts, and the text and metadata of PDFs and pictures."""
    return "\n".join(part for name, data in files.items() for part in (name, *_said(name, data)))


def _said(name: str, data: bytes) -> Iterable[str]:
    if name.endswith(".pdf"):
        reader = pypdf.PdfReader(io.BytesIO(data))
        yield repr(reader.metadata)
        yield repr([thing.get_object() for thing in reader.root_object.values()])
        for page in reader.pages:
            yield page.extract_text()
            yield repr([note.get_object() for note in page.get("/Annots", ())])
        yield from (part for held in reader.attachment_list for part in (held.name, *_said(held.name, held.content)))
    if name.endswith((".jpg", ".png", ".webp")):
        with Image.open(io.BytesIO(data)) as image:
            yield repr(image.info) + repr(dict(image.getexif()))
    yield data.decode("utf-8", "replace")
