"""The bundle for assessors: whole, small enough, opening anywhere, the same bytes every time."""

import io
import json
import re
import zipfile
from dataclasses import replace

import pypdf
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from archive.entry import Visibility
from bridge import building, bundling
from bridge.cli import main
from bridge.portfolio.wording import size
from bridge.render.outputs import pdf
from tests.outputs import samples

ASSESSOR = Visibility.ASSESSOR


@pytest.fixture(scope="module")
def jane(tmp_path_factory):
    return samples.whole(tmp_path_factory.mktemp("bundle") / "jane")[0]


@pytest.fixture(scope="module")
def made(jane, tmp_path_factory):
    """The bundle as the framework takes it."""
    return bundling.bundle(jane.desk(), ASSESSOR, tmp_path_factory.mktemp("out") / "jane.zip")


@pytest.fixture
def inside(made):
    return samples.members(made.path)


def run(folder, *arguments):
    """Run a command in the folder; return its exit code."""
    with pytest.raises(SystemExit) as left:
        main(["--workspace", str(folder), *arguments])
    return left.value.code


def test_it_holds_a_start_the_portfolio_and_the_evidence(inside):
    """Under names that a person reads."""
    wanted = {
        "START-HERE.html",
        "contents.txt",
        "index.html",
        "evidence/award.pdf",
        "evidence/certificate.jpg",
        "evidence/chart.png",
        "evidence/report.pdf",
        "evidence/slides.pptx",
        "evidence/workshop.jpg",
    }
    assert set(inside) - {"START-HERE.pdf"} == wanted
    assert ("START-HERE.pdf" in inside) == (not pdf.missing())


def test_every_link_and_picture_is_in_it_or_on_the_web(inside):
    """Nothing is missing when it is opened from a folder, in each of its pages."""
    for name in ("index.html", "START-HERE.html"):
        soup = BeautifulSoup(inside[name], "html.parser")
        places = {tag["id"] for tag in BeautifulSoup(inside["index.html"], "html.parser").find_all(id=True)}
        for tag in soup.find_all(["a", "img"]):
            address = tag.get("href") or tag["src"]
            if not address.startswith(("https://", "http://", "mailto:")):
                file, _, place = address.partition("#")
                assert (file or name) in inside, address
                assert not place or place in places | {tag["id"] for tag in soup.find_all(id=True)}
            assert tag.name == "a" or not address.startswith("http")


def test_its_first_page_shows_what_is_inside_of_what(inside):
    """As the menu of the page does: sections below their area, and what stands at the end of the page, too."""
    tree = BeautifulSoup(inside["START-HERE.html"], "html.parser").find(class_="kf-tree")
    [area] = (link.parent for link in tree.find_all("a", href="index.html#kf-1"))
    assert [link["href"] for link in area.ul.find_all("a")] == ["index.html#kf-1a"]
    assert tree.find("a", href="index.html#kf-1a").find_parents("ul")[1] is tree.ul
    assert tree.find("a", string="Evidence in full")


def test_its_first_page_says_how_much_there_is(inside):
    """Somebody who has three of them to read plans the evening; documents stand apart from pictures."""
    page = BeautifulSoup(inside["START-HERE.html"], "html.parser")
    assert "3 pictures" in page.get_text()
    documents, pictures = page.find_all("ul", class_="kf-files")
    assert [link["href"] for link in documents.find_all("a")] == [
        "evidence/award.pdf",
        "evidence/report.pdf",
        "evidence/slides.pptx",
    ]
    assert len(pictures.find_all("li")) == 3


def test_it_loads_nothing_from_elsewhere(inside):
    """No script, no style, font or frame of anybody."""
    for name, data in inside.items():
        if name.endswith(".html"):
            page = data.decode()
            assert not BeautifulSoup(page, "html.parser").find_all(
                ["script", "link", "iframe", "object", "embed", "base"]
            )
            assert not re.search(r"@import|url\(", page)


def test_a_public_file_of_the_own_site_is_inside_too(jane, inside):
    """Assessors need no web for it, though the page on the web only links it."""
    page = building.build(jane.desk(), ASSESSOR)[1].release.document
    assert 'href="https://blog.example.org/files/report.pdf"' in page
    assert b'href="evidence/report.pdf"' in inside["index.html"]


def test_the_list_names_all_that_is_there_and_what_is_on_the_web(inside):
    """Need 118: what is cited elsewhere is listed."""
    told = inside["contents.txt"].decode()
    assert all(name in told for name in inside if name != "contents.txt")
    assert "How we chose\n    https://blog.example.org/post-1/" in told


def test_proprietary_formats_are_pointed_out(made):
    """ALT asks to avoid them; they go along all the same."""
    assert any("evidence/slides.pptx needs PowerPoint" in note for note in made.notes)


def test_it_says_its_size_to_the_byte(made):
    """What counts towards a limit is what the file has."""
    assert made.size == made.path.stat().st_size


def test_nothing_is_reduced_that_has_room(made):
    """A picture is made worse for a reason only."""
    assert made.reduced == ()
    assert made.fits


def test_the_same_portfolio_gives_the_same_bytes(jane, made, tmp_path):
    """Dates, order and modes are fixed."""
    again = bundling.bundle(jane.desk(), ASSESSOR, tmp_path / "again.zip")
    assert again.path.read_bytes() == made.path.read_bytes()
    with zipfile.ZipFile(made.path) as packed:
        assert {one.date_time for one in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any(one.extra or one.comment for one in packed.infolist())


def test_as_a_folder_it_holds_the_same(jane, made, inside, tmp_path):
    """Zip or folder: one content."""
    assert samples.members(bundling.bundle(jane.desk(), ASSESSOR, tmp_path / "folder").path) == inside


def test_pages_for_areas_go_in_too(jane, tmp_path):
    """The first page leads to the right one of them."""
    inside = samples.members(bundling.bundle(jane.desk(), ASSESSOR, tmp_path / "p.zip", layout="pages").path)
    assert {"1.html", "3.html", "kept.html"} <= set(inside)
    assert b'href="1.html#kf-1a"' in inside["START-HERE.html"]
    assert b'src="evidence/chart.png"' in inside["1.html"]


# --- budget ---------------------------------------------------------------------------------------------------------


def test_a_small_budget_is_kept(jane, made, tmp_path):
    """The largest are made smaller until it fits; what they were is said, to the assessor as well."""
    small = bundling.bundle(jane.desk(), ASSESSOR, tmp_path / "small.zip", budget=made.size * 2 // 3)
    inside = samples.members(small.path)
    assert small.fits
    assert small.path.stat().st_size <= made.size * 2 // 3
    assert small.reduced
    for one in small.reduced:
        assert len(inside[one.name]) == one.after < one.before
        assert (
            f"{one.name}  ({size(one.after)}, made smaller from {size(one.before)})" in inside["contents.txt"].decode()
        )
    assert f"report.pdf (PDF, {size(len(inside['evidence/report.pdf']))})" in inside["index.html"].decode()


def test_the_largest_goes_first_and_no_more_than_needed(jane, made, tmp_path):
    """Where a little is missing, one file gives it."""
    sizes = {name: len(data) for name, data in samples.members(made.path).items() if name.startswith("evidence/")}
    small = bundling.bundle(jane.desk(), ASSESSOR, tmp_path / "small.zip", budget=made.size - 20_000)
    assert [one.name for one in small.reduced] == [max(sizes, key=sizes.get)]


def test_smaller_files_are_still_files(jane, made, tmp_path):
    """A smaller PDF keeps its words and pages, a smaller picture its shape."""
    small = samples.members(bundling.bundle(jane.desk(), ASSESSOR, tmp_path / "s.zip", budget=made.size // 3).path)
    whole = samples.members(made.path)
    before, after = (pypdf.PdfReader(io.BytesIO(one["evidence/report.pdf"])) for one in (whole, small))
    assert len(small["evidence/report.pdf"]) < len(whole["evidence/report.pdf"]) / 2
    assert after.pages[0].extract_text() == before.pages[0].extract_text()
    assert after.pages[0].mediabox == before.pages[0].mediabox
    with Image.open(io.BytesIO(small["evidence/workshop.jpg"])) as image:
        assert image.width < 1600
        assert abs(image.width / image.height - 2000 / 1400) < 0.01


def test_the_originals_stay_as_they_are(jane, made, tmp_path):
    """Only copies are made smaller: the archive's bytes are those that came."""
    bundling.bundle(jane.desk(), ASSESSOR, tmp_path / "s.zip", budget=made.size // 3)
    archive = jane.session().archive
    held = {
        path.read_bytes()
        for stored in archive.entries()
        for f in stored.entry.files
        if (path := archive.path_of(f.sha256))
    }
    assert held == set(samples.FILES.values())


def test_what_does_not_fit_is_said_and_nothing_is_dropped(jane, made, tmp_path, capsys):
    """Partly done: the whole bundle is there, the largest files are named, and what to do."""
    out = tmp_path / "tiny.zip"
    asked = ("build", "--edition", "assessor", "--as", "zip", "--budget", "0.1", "--out", str(out), "--json")
    assert run(jane.root, *asked) == 3
    value = json.loads(capsys.readouterr().out)
    assert value["fits"] is False
    assert "evidence/" in value["notes"][0]
    assert "put the file on the web" in value["notes"][0]
    whole = {name.rpartition(".")[0] for name in samples.members(made.path)}
    assert {name.rpartition(".")[0] for name in samples.members(out)} == whole  # a picture may have become a JPEG


def test_the_frameworks_own_limits_count(jane):
    """ALT advises 10 MB and takes 25."""
    assert bundling.limits(jane.desk()) == bundling.Limits(10_000_000, 25_000_000)


def test_between_advised_and_allowed_it_is_said(jane, tmp_path, monkeypatch):
    """Nothing is wrong, but an assessor will wait."""
    monkeypatch.setattr(bundling, "limits", lambda desk: bundling.Limits(100_000, 25_000_000))
    small = bundling.bundle(jane.desk(), ASSESSOR, tmp_path / "s.zip")
    assert small.fits
    assert "that are advised" in small.notes[0]


def test_a_locked_document_goes_as_it_is_and_that_is_said(tmp_path):
    """Changing a signed or locked document would break it; its author is in it, and the owner hears so."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(samples.paper("Locked")))
    writer.encrypt("pass", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    folder = samples.Folder(tmp_path / "jane")
    files = {"locked.pdf": locked.getvalue()}
    held = samples.entry(1, "Locked", kind="media", files=(samples.attached("locked.pdf", "application/pdf"),))
    (one,) = folder.hold(held, files=files)
    folder.write("1a", "Words.", evidence=[one])
    made = bundling.bundle(folder.desk(), ASSESSOR, tmp_path / "b.zip", budget=50_000)
    assert samples.members(made.path)["evidence/locked.pdf"] == locked.getvalue()
    assert any("evidence/locked.pdf is signed, locked or damaged" in note for note in made.notes)


def test_without_the_pdf_extra_it_starts_with_a_page(jane, tmp_path, monkeypatch):
    """All else is there, and the missing piece is named."""
    monkeypatch.setattr(pdf, "missing", lambda: "it is not installed")
    made = bundling.bundle(jane.desk(), ASSESSOR, tmp_path / "b.zip")
    assert "START-HERE.pdf" not in samples.members(made.path)
    assert "START-HERE.html" in samples.members(made.path)
    assert any("pipx inject keepfolio weasyprint" in note for note in made.notes)


def test_a_bundle_opens_read_only(made, tmp_path):
    """Need 66: unpacked, it is plain files that nobody must be able to write."""
    with zipfile.ZipFile(made.path) as packed:
        packed.extractall(tmp_path)
        assert {one.external_attr >> 16 for one in packed.infolist()} == {0o644}


def test_a_website_for_assessors_is_refused_and_the_bundle_named(tmp_path, capsys):
    """A page on a WordPress cannot be kept secret: where somebody asks for it, the bundle is offered."""
    (tmp_path / "config.yaml").write_text(
        "targets:\n  site: {type: wordpress, url: 'https://x.example.org', user: jane, edition: assessor}\n"
    )
    assert run(tmp_path, "plan", "site") == 2
    assert "keepfolio build --edition assessor --as zip" in " ".join(capsys.readouterr().err.split())


HOSTILE = "x\n  evidence/other.pdf  (1 kB)"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A bundle of evidence whose source chose names, types and addresses to do harm."""
    folder = samples.Folder(tmp_path_factory.mktemp("hostile") / "jane")
    bad = 'text/html" onmouseover="alert(1)'
    ids = folder.hold(
        samples.entry(1, HOSTILE, url="javascript:alert(1)"),
        samples.entry(2, "A", kind="media", files=(samples.attached("CON.txt", bad),)),
        samples.entry(3, "B", kind="media", files=(samples.attached("../../aux.pdf", "text/html"),)),
        samples.entry(4, "C", kind="media", files=(samples.attached("lpt1.png", "image/png", alt="A"),)),
        files={"CON.txt": b"a", "../../aux.pdf": samples.FILES["award.pdf"], "lpt1.png": samples.FILES["chart.png"]},
    )
    folder.write("1a", "Words.", evidence=ids)
    return folder


def test_names_that_windows_keeps_for_itself_are_changed(hostile, tmp_path):
    """A zip with ``con.txt`` in it cannot be unpacked there."""
    made = bundling.bundle(hostile.desk(), Visibility.ASSESSOR, tmp_path / "b.zip")
    assert {name for name in samples.members(made.path) if name.startswith("evidence/")} == {
        "evidence/con-file.txt",
        "evidence/aux-file.pdf",
        "evidence/lpt1-file.png",
    }


def test_the_first_page_runs_nothing(hostile, tmp_path):
    """An address that is none of the web is no link, and a title makes no line of its own in the list."""
    made = bundling.bundle(hostile.desk(), Visibility.ASSESSOR, tmp_path / "b.zip")
    inside = {name: data.decode("utf-8", "replace") for name, data in samples.members(made.path).items()}
    assert "javascript:" not in inside["START-HERE.html"] + inside["contents.txt"] + inside["index.html"]
    assert "evidence/other.pdf" not in [line.strip().split(" ")[0] for line in inside["contents.txt"].split("\n")]


def test_a_media_type_is_never_markup(hostile):
    """What a source calls a file's type stands in the one file's addresses: it is a type, and none that runs."""
    from bridge import forms

    made = forms.make(replace(hostile.desk(), alone=True), forms.Wish(Visibility.ASSESSOR, "file"))
    assert {upload.media_type for upload in made.built.release.uploads} == {"application/octet-stream", "image/png"}
    assert "onmouseover" not in made.path.read_text()


@pytest.mark.parametrize(
    "address", ["http://[foo/", "https://a.example:999999/x", "javascript:alert(1)", "//a.example/x"]
)
@pytest.mark.parametrize("kind", ["post", "media"])
def test_an_address_that_is_none_stops_no_build(tmp_path, address, kind):
    """A source may send anything as an address: what stands there is named and not linked, or brought along."""
    folder = samples.Folder(tmp_path / "jane")
    file = replace(samples.attached("award.pdf", "application/pdf"), url=address)
    held = samples.entry(1, "Odd", url=address, kind=kind, files=(file,) if kind == "media" else ())
    folder.write("1a", "Words.", evidence=folder.hold(held, files=samples.FILES))
    portfolio, built = building.build(folder.desk(), Visibility.PUBLIC)
    building.gates(folder.desk(), portfolio)
    assert portfolio.sections[-1].evidence[0].url == ""
    assert f'href="{address}"' not in built.release.document


def test_a_recording_of_any_size_goes_along(jane, tmp_path, monkeypatch):
    """What is too large for the first format of zips is written in the second; here a small one stands for it."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10_000)
    made = bundling.bundle(jane.desk(), ASSESSOR, tmp_path / "b.zip")
    assert len(samples.members(made.path)) > 5
