"""Needs 137 and 138: of certificates and pictures nothing goes out that another could be made of."""

import hashlib
import io
from dataclasses import replace

import pypdf
import pytest
from PIL import Image, ImageChops
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from archive.entry import Visibility
from bridge import building, forms
from bridge.portfolio.certificates import is_certificate
from bridge.render import documents, pictures
from tests.outputs import samples

CONFIG = """\
owner: Jane Example
timezone: Europe/London
portfolio:
  pictures: {longest_side: 800, certificates: 300, watermark: Jane's copy}
targets:
  preview: {type: static, path: site, edition: public}
"""


@pytest.fixture(scope="module")
def jane(tmp_path_factory):
    folder = samples.whole(tmp_path_factory.mktemp("certificates") / "jane")[0]
    (folder.root / "config.yaml").write_text(CONFIG)
    return folder


@pytest.fixture(scope="module")
def release(jane):
    return building.build(replace(jane.desk(), alone=True), Visibility.PUBLIC)[1]


def copy(release, name):
    """Return the bytes of the upload whose name ends so."""
    (upload,) = (one for one in release.release.uploads if one.name.endswith(name))
    return release.files[upload.sha256].read_bytes()


def test_copies_are_as_small_as_the_configuration_says(release):
    """Pictures and certificates have limits of their own."""
    for name, most in (("workshop.jpg", 800), ("certificate.jpg", 300)):
        with Image.open(io.BytesIO(copy(release, name))) as image:
            assert max(image.size) == most


def test_copies_say_nothing_of_who_and_where(release):
    """No EXIF, no text, no profile in any picture; no author, program, date or name at a comment in any PDF."""
    for upload in release.release.uploads:
        told = samples.said({upload.name: release.files[upload.sha256].read_bytes()})
        for secret in ("EXIF-AUTHOR", "PDF-AUTHOR", "PDF-CREATOR", "NOTE-AUTHOR", "20240101"):
            assert secret not in told, upload.name


def test_the_watermark_is_on_certificates_alone(tmp_path):
    """It changes the middle of the picture and leaves it to be read."""
    original = tmp_path / "c.png"
    Image.new("RGB", (1000, 700), "white").save(original)
    digest = hashlib.sha256(original.read_bytes()).hexdigest()
    plain = pictures.reduced(original, digest, tmp_path, pictures.Recipe(500))
    marked = pictures.reduced(original, digest, tmp_path, pictures.Recipe(500, watermark="Jane's copy"))
    with Image.open(plain.path) as one, Image.open(marked.path) as other:
        box = ImageChops.difference(one, other).getbbox()
        assert box[2] - box[0] > 250
        assert other.convert("L").getextrema()[0] > 100


@pytest.mark.parametrize("form", ["folder", "file", "pdf", "zip"])
@pytest.mark.parametrize("edition", [Visibility.PUBLIC, Visibility.ASSESSOR])
def test_no_form_holds_the_bytes_of_an_original(jane, form, edition):
    """Neither the picture nor the document, nor the address where a certificate lies."""
    if form == "pdf" and forms.pdf.missing():
        pytest.skip(forms.pdf.missing())
    made = forms.make(jane.desk(), forms.Wish(edition, form))
    inside = samples.members(made.path if form == "zip" else made.path.parent)
    originals = {hashlib.sha256(samples.FILES[n]).hexdigest() for n in ("certificate.jpg", "award.pdf", "workshop.jpg")}
    assert not originals & {hashlib.sha256(data).hexdigest() for data in inside.values()}
    told = samples.said(inside)
    assert not any(digest in told for digest in originals)
    assert "blog.example.org/files/certificate.jpg" not in told
    assert "blog.example.org/files/award.pdf" not in told


def test_uploads_to_a_website_are_such_copies_too(jane, release):
    """What WordPress would get is what a release holds: nothing else is ever sent."""
    held = {one.sha256 for one in release.release.uploads}
    assert not held & {
        hashlib.sha256(data).hexdigest() for name, data in samples.FILES.items() if name != "slides.pptx"
    }


def test_a_certificate_that_cannot_be_copied_stays_in_the_archive(tmp_path):
    """A locked one would have to go as it is: it is named and not offered."""
    folder = samples.Folder(tmp_path / "jane")
    held = samples.entry(1, "Diploma", kind="media", files=(samples.attached("diploma.pdf", "application/pdf"),))
    (one,) = folder.hold(held, files={"diploma.pdf": b"%PDF-1.4 damaged"})
    folder.write("1a", "Words.", evidence=[one])
    made = building.build(replace(folder.desk(), alone=True), Visibility.PUBLIC)[1]
    assert made.release.uploads == ()
    assert "diploma.pdf (kept in the archive)" in made.release.document


def test_what_counts_as_a_certificate():
    """A tag, a file's name, or the title of an entry that is a file; a post about one is a post."""
    file = samples.attached("scan.jpg")
    assert is_certificate(samples.entry(1, "My certificate", kind="media"), file)
    assert is_certificate(samples.entry(1, "Scan", tags=("Certificate",)), file)
    assert is_certificate(samples.entry(1, "Scan"), samples.attached("my-certificates-2024.jpg"))
    assert not is_certificate(samples.entry(1, "How I got my certificate"), file)
    assert not is_certificate(samples.entry(1, "Certified members", kind="media"), file)


def test_a_clean_pdf_has_the_same_pages(tmp_path):
    """Words, comment and picture stay; the file is the same each time it is made."""
    place = tmp_path / "p.pdf"
    place.write_bytes(samples.paper("Minutes of May"))
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    first = documents.cleaned(place, digest, tmp_path / "a").path.read_bytes()
    assert documents.cleaned(place, digest, tmp_path / "b").path.read_bytes() == first
    page = pypdf.PdfReader(io.BytesIO(first)).pages[0]
    assert "Minutes of May" in page.extract_text()
    assert page["/Annots"][0]["/Contents"] == "A comment"
    assert len(page.images) == 1


def test_a_clean_pdf_runs_nothing(tmp_path):
    """What would start when it is opened is gone."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(samples.paper("Minutes")))
    action = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("beep")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject({NameObject(k): v for k, v in action.items()})
    out = io.BytesIO()
    writer.write(out)
    place = tmp_path / "p.pdf"
    place.write_bytes(out.getvalue())
    clean = documents.cleaned(place, hashlib.sha256(out.getvalue()).hexdigest(), tmp_path)
    assert b"(beep)" in out.getvalue()
    assert b"(beep)" not in clean.path.read_bytes()


DAMAGED = (
    b"",
    b"%PDF-1.7",
    b"not a pdf",
    b"%PDF-1.4\n%%EOF",
    b"%PDF-1.4\nxref\n0 99999\ntrailer<</Size 9/Root 1 0 R>>",
)


@pytest.mark.parametrize("data", DAMAGED)
def test_damaged_documents_have_no_copy(tmp_path, data):
    """Whatever is wrong with it, the build goes on."""
    place = tmp_path / "p.pdf"
    place.write_bytes(data)
    assert documents.cleaned(place, "0" * 64, tmp_path) is None
    assert documents.says_who(place)


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """The same scan once as a certificate and once as a picture in a post, and links to where both lie."""
    folder = samples.Folder(tmp_path_factory.mktemp("twice") / "jane")
    scan = samples.FILES["certificate.jpg"]
    entries = (
        samples.entry(1, "My certificate", kind="media", files=(samples.attached("certificate.jpg", "image/jpeg"),)),
        samples.entry(2, "Scan", kind="media", files=(samples.attached("scan.jpg", "image/jpeg", alt="A scan"),)),
        samples.entry(
            3,
            "My diary",
            visibility=Visibility.PRIVATE,
            url="",
            files=(samples.attached("img-1.jpg", "image/jpeg", alt="Me"),),
            content_html=f'<p>Look:</p><p><img src="{samples.SITE}/files/img-1.jpg" alt="Me"></p>'
            f'<p><a href="{samples.SITE}/files/img-1.jpg">in full</a>, <a href="{samples.SITE}/post-1/">here</a></p>',
        ),
    )
    ids = folder.hold(*entries, files=dict.fromkeys(("certificate.jpg", "scan.jpg", "img-1.jpg"), scan))
    folder.mark(ids[2], "public")
    words = f"See [it]({ids[0]}) or [the file]({samples.SITE}/files/scan.jpg).\n\n![A scan]({ids[1]})"
    folder.write("1a", words, evidence=ids[1:])
    (folder.root / "config.yaml").write_text(CONFIG)
    return folder


@pytest.mark.parametrize("edition", [Visibility.PUBLIC, Visibility.ASSESSOR])
def test_a_certificate_is_one_under_every_name(twice, edition):
    """The same bytes as an ordinary picture, or inside a post, go as the small copy alone, and no link finds them."""
    made = forms.make(twice.desk(), forms.Wish(edition, "zip"))
    inside = samples.members(made.path)
    shown = [data for name, data in inside.items() if name.endswith(".jpg")]
    assert shown
    for data in shown:
        with Image.open(io.BytesIO(data)) as image:
            assert max(image.size) == 300
    page = inside["index.html"].decode()
    assert "See it or the file." in page
    assert "in full, here" in page
    assert f"{samples.SITE}/files/" not in page
    assert f"{samples.SITE}/post-1/" not in page


def test_the_owners_own_draft_leads_to_the_original(twice):
    """Nobody else reads it."""
    portfolio = twice.desk().portfolio(Visibility.PRIVATE)
    assert f'href="{samples.SITE}/files/scan.jpg"' in "".join(p.html for s in portfolio.sections for p in s.parts)


def test_a_huge_document_is_not_read(tmp_path, monkeypatch):
    """It would fill the memory: it has no copy, and counts as one that says who made it."""
    place = tmp_path / "p.pdf"
    place.write_bytes(samples.paper("Minutes"))
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    monkeypatch.setattr(documents, "MOST_BYTES", 1000)
    assert documents.cleaned(place, digest, tmp_path) is None
    monkeypatch.setattr(documents, "_quietly", None)
    assert documents.says_who(place)
