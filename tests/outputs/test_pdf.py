"""The PDF, read back: for screen readers, with bookmarks and evidence, without hours, asking nobody."""

import io
import logging
import subprocess
import sys
from importlib.resources import files as resources

import pypdf
import pytest
from bs4 import BeautifulSoup

from archive.errors import UsageError
from bridge.render.outputs import pdf
from tests.outputs import samples

pytestmark = pytest.mark.skipif(bool(pdf.missing()), reason=pdf.missing())


@pytest.fixture(scope="module")
def made(public):
    uploads = {one.name: one for one in public.release.uploads}
    return pdf.pdf(public.release.document, uploads, lambda upload: public.files[upload.sha256])


@pytest.fixture
def reader(made):
    return pypdf.PdfReader(io.BytesIO(made))


def test_it_is_tagged_titled_and_in_a_language(reader):
    """What PDF/UA asks of a document as a whole."""
    root = reader.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Jane Example: CMALT portfolio"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert all(page["/Tabs"] == "/S" for page in reader.pages)


def test_its_bookmarks_are_the_headings(reader, document):
    """Each heading once, in reading order."""
    headings = BeautifulSoup(document, "html.parser").find_all(["h1", "h2", "h3", "h4", "h5", "h6"])
    assert [" ".join(mark.title.split()) for mark in flat(reader.outline)] == [h.get_text() for h in headings]


def test_its_figures_have_their_alternative_texts(reader, document):
    """Every picture of the page is a Figure with the same words."""
    wanted = sorted(image["alt"] for image in BeautifulSoup(document, "html.parser").find_all("img"))
    tree = structure(reader.root_object["/StructTreeRoot"])
    found = sorted(one["/Alt"] for one in tree if one.get("/S") == "/Figure")
    assert found == wanted
    assert "Six people" in found


def test_its_headings_and_tables_are_structure(reader):
    """A screen reader finds headings by level, and the heads of a table."""
    kinds = [one.get("/S") for one in structure(reader.root_object["/StructTreeRoot"])]
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/L", "/LI", "/Link"} <= set(kinds)


def test_its_links_stay_links(reader):
    """To the web by their address, to evidence in full by its place."""
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots", ())]
    addresses = {note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})}
    assert "https://example.org/list" in addresses
    places = {str(name) for name in reader.named_destinations}
    inner = [note for note in notes if note["/Subtype"] == "/Link" and "/URI" not in note.get("/A", {})]
    led = {str(note.get("/Dest") or note["/A"].get("/D")) for note in inner}
    assert "kf-item-1" in led
    assert led <= places


def test_evidence_is_inside_under_readable_names(reader):
    """Attached documents travel in the file itself."""
    held = {
        note["/FS"]["/UF"]: note["/FS"]["/EF"]["/F"].get_data()
        for page in reader.pages
        for note in (one.get_object() for one in page.get("/Annots", ()))
        if note["/Subtype"] == "/FileAttachment"
    }
    assert set(held) == {"report.pdf", "award.pdf", "slides.pptx"}
    assert held["slides.pptx"] == samples.FILES["slides.pptx"]


def test_the_same_page_gives_the_same_bytes(made, document, uploads, path):
    """No hour and no chance in it."""
    assert pdf.pdf(document, uploads, path) == made
    assert b"CreationDate" not in made
    assert b"ModDate" not in made


def test_nothing_is_asked_of_disk_or_network(tmp_path, uploads, path, httpserver):
    """A page that somehow names a file of this computer, or a server, gets neither."""
    (tmp_path / "secret.png").write_bytes(samples.noise(60, 60, "PNG"))
    page = (
        '<html lang="en"><title>T</title><style></style><body><main><h1>T</h1>'
        f'<img alt="a" src="{(tmp_path / "secret.png").as_uri()}"><img alt="b" src="{httpserver.url_for("/x.png")}">'
        f'<img alt="c" src="../../secret.png"><a href="keepfolio:kf-00000000-none.pdf">none</a></main></body></html>'
    )
    reader = pypdf.PdfReader(io.BytesIO(pdf.pdf(page, uploads, path)))
    assert not [image for sheet in reader.pages for image in sheet.images]
    assert httpserver.log == []


def test_the_library_keeps_quiet(document, uploads, path, caplog):
    """It warns of each rule of style that paper has no use for: nothing that a person could do anything about."""
    with caplog.at_level(logging.WARNING):
        pdf.pdf(document, uploads, path)
    assert caplog.records == []


def test_each_sheet_says_what_it_is_a_part_of(reader):
    """The title and the number stand at the foot, where somebody finds a loose sheet; the first has its own title."""
    last = reader.pages[-1].extract_text()
    assert "Jane Example: CMALT portfolio" in last
    assert f"{len(reader.pages)} / {len(reader.pages)}" in last
    assert reader.pages[0].extract_text().count("Jane Example: CMALT portfolio") == 1


@pytest.mark.parametrize("many", [12, 40, 80])
def test_contents_are_one_sheet(many):
    """Long ones stand in two columns: none runs over, and the text begins on the second sheet."""
    pages = sheets(listed(f"Part {n}" for n in range(many)), *(part(n, "<p>Words.</p>") for n in range(many)))
    assert f"Part {many - 1}" in pages[0]
    assert "Words." not in pages[0]
    assert "Words." in pages[1]


def test_a_long_list_of_evidence_begins_below_its_heading():
    """It goes on over the page between two pieces; a box that may not break would leave the sheet before it empty."""
    items = "".join(
        f'<li><span class="kf-title">Piece {n}</span><span class="kf-why">Why {n}</span></li>' for n in range(90)
    )
    pages = sheets(listed(["Part 0"]), part(0, f'<p>Words.</p><ul class="kf-evidence">{items}</ul>'))
    assert "Part 0" in pages[1]
    assert "Piece 9" in pages[1].split("\n")
    for text in pages[1:]:
        assert text.count("Piece ") == text.count("Why ")


def test_a_heading_is_never_the_last_of_a_sheet():
    """It goes over the page with the first lines of what it heads."""
    parts = [part(n, "<p>Words.</p>" * (n % 5 + 1)) for n in range(40)]
    for text in sheets(listed(["Part 0"]), *parts)[1:]:
        *_, last, _head, _foot = text.split("\n")
        assert last == "Words."


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch):
    """The other forms work all the same, and the mend is one command."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError) as error:
        pdf.require()
    assert "pipx inject keepfolio weasyprint" in error.value.mend
    assert "folder, file, zip and text" in error.value.unchanged


def listed(titles):
    links = "".join(f'<li><a href="#p{n}">{title}</a></li>' for n, title in enumerate(titles))
    return f'<nav class="kf-contents" id="kf-contents"><ul>{links}</ul></nav>'


def part(number, html):
    return f'<section class="kf-section kf-level-2"><h2 id="p{number}">Part {number}</h2>{html}</section>'


def sheets(*blocks):
    """Return the text of each sheet of a page with our style."""
    style = resources("bridge.render").joinpath("style.css").read_text("utf-8")
    head = f'<html lang="en"><head><title>T</title><style>{style}</style></head><body>'
    header = '<header class="kf-header"><div class="kf-cover"><h1>Title</h1></div></header>'
    page = f'{head}{header}<main class="kf-main">{"".join(blocks)}</main></body></html>'
    made = pdf.pdf(page, {}, lambda upload: upload)
    return [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(made)).pages]


def flat(outline):
    for one in outline:
        if isinstance(one, list):
            yield from flat(one)
        else:
            yield one


def structure(element):
    """Yield the elements of the structure tree."""
    element = element.get_object()
    if isinstance(element, pypdf.generic.DictionaryObject):
        yield element
        kids = element.get("/K", [])
        kids = kids.get_object() if hasattr(kids, "get_object") else kids
        for kid in kids if isinstance(kids, list) else [kids]:
            if isinstance(kid.get_object(), pypdf.generic.DictionaryObject):
                yield from structure(kid)


def test_the_library_changes_nothing_for_others():
    """WeasyPrint has Pillow accept cut pictures; in this program a cut picture and a bomb in one stay refused."""
    program = "from bridge.render.outputs import pdf; pdf.library(); print(pdf.ImageFile.LOAD_TRUNCATED_IMAGES)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.strip() == "False", done.stderr
