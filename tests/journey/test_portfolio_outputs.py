"""A whole Senior CMALT with its first renewal, built into every form in which it can be read."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from pypdf import PdfReader

from archive.entry import Visibility
from bridge.portfolio import frontmatter
from bridge.render import checks
from tests.page import chromium, probes
from tests.sample import inside, workspace
from tests.sample.workspace import CONTENT, Sample

pytestmark = pytest.mark.slow

EDITIONS = ("public", "assessor", "private")
FORMS = ("folder", "file", "zip", "pdf", "text")


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Sample:
    return workspace.ready().copy(tmp_path_factory.mktemp("outputs"))


@pytest.fixture(scope="module")
def built(sample) -> Callable[..., Path]:
    """Return a function that builds a form of an edition once, and gives its place."""
    made: dict[tuple[str, ...], Path] = {}

    def build(edition: str, form: str = "folder", *more: str) -> Path:
        wanted = (edition, form, *more)
        if wanted not in made:
            out = ("--out", str(sample.root / "build" / "-".join(re.sub(r"\W+", "", word) for word in wanted)))
            place = out if more else ()
            said = sample.done("build", "--edition", edition, "--as", form, *more, *place, "--json").json
            assert said["fits"]
            made[wanted] = Path(said["path"])
        return made[wanted]

    return build


# --- the same words everywhere --------------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    """Return the words of a text without anything that a form may set differently."""
    return re.findall(r"[\w£%]+", text.replace("\u00ad", ""))


def written(edition: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each paragraph that the owner wrote for an edition, by its file; headings, tables and lists left out."""
    for path in sorted(CONTENT.glob("*/**/*.md")):
        parts = frontmatter.split(path.read_text(encoding="utf-8"), path.name)
        visible = re.search(r"^visibility: (\w+)", parts.yaml, re.MULTILINE)
        if visible and Visibility(visible[1]).openness >= Visibility(edition).openness:
            body = frontmatter.without_comments(parts.body, path.name, 1)
            for paragraph in body.split("\n\n"):
                if paragraph.strip() and paragraph.strip()[0] not in "#|-<":
                    yield f"{path.parent.name}/{path.name}", words_of(paragraph.replace("*", ""))


def page_text(html: str) -> str:
    """Return what a reader sees of a page."""
    page = BeautifulSoup(html, "lxml")
    for away in page(["style", "script", "svg", "nav"]):
        away.decompose()
    return page.get_text(" ")


def pdf_text(path: Path) -> str:
    """Return the text of a PDF without what stands at the edges of its sheets: part, title and number."""
    reader = PdfReader(path)
    parts = {str(mark.title) for mark in flat(reader.outline)}
    return "\n".join(_inner(page.extract_text().splitlines(), parts) for page in reader.pages)


def _inner(lines: list[str], parts: set[str]) -> str:
    """Return a sheet's own text; no heading ends a sheet, so a part's name at its end is that of the edge."""
    if re.search(r"\d+ / \d+$", lines[-1]):
        lines = lines[:-1]
    return "\n".join(lines[:-1] if lines and lines[-1] in parts else lines)


def said_by(form: str, place: Path) -> str:
    """Return the text that a form of the portfolio shows."""
    match form:
        case "pdf":
            return pdf_text(place)
        case "text":
            return place.read_text(encoding="utf-8")
        case "zip":
            with zipfile.ZipFile(place) as packed:
                return page_text(packed.read("index.html").decode())
        case "pages":
            return "\n".join(page_text(p.read_text(encoding="utf-8")) for p in place.parent.glob("*.html"))
        case "paste":
            return page_text((place.parent / "paste" / "blocks.html").read_text(encoding="utf-8"))
        case _:
            return page_text(place.read_text(encoding="utf-8"))


def missing_from(text: str, edition: str) -> list[str]:
    """Return the beginnings of the owner's paragraphs that do not stand in a text whole and in their order."""
    told = f" {' '.join(words_of(text))} "
    return [f"{name}: {' '.join(words[:9])}" for name, words in written(edition) if f" {' '.join(words)} " not in told]


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("form", FORMS)
def test_every_paragraph_stands_in_every_form(built, edition, form):
    """What the owner wrote is in each form of each edition, word for word."""
    text = said_by(form, built(edition, form))

    assert missing_from(text, edition) == []


@pytest.mark.parametrize("edition", ["public", "assessor"])
def test_a_page_for_each_area_has_the_same_words(built, edition):
    """Sub-pages are cut from the one page: nothing is lost between them."""
    text = said_by("pages", built(edition, "folder", "--layout", "pages"))

    assert missing_from(text, edition) == []


def test_blocks_for_wordpress_have_the_same_words(built):
    """What is pasted into a WordPress by hand is the public edition, word for word."""
    text = said_by("paste", built("public", "folder", "--paste"))

    assert missing_from(text, "public") == []


def test_the_sample_is_as_large_as_a_real_one(sample):
    """A Senior CMALT with its renewal: thousands of words, and more than forty pieces of evidence."""
    said = sample.done("build", "--edition", "assessor", "--json").json

    assert said["words"] > 9_000
    assert said["evidence"] >= 40
    assert said["figures"] >= 12


# --- the PDF --------------------------------------------------------------------------------------------------------


def structure(reader: PdfReader) -> Iterator[dict]:
    """Yield every element of a PDF's structure."""
    waiting = [reader.root_object["/StructTreeRoot"].get_object()]
    while waiting:
        element = waiting.pop()
        yield element
        below = element.get("/K", [])
        below = below if isinstance(below, list) else [below]
        waiting += [
            o for one in below if isinstance(o := one.get_object() if hasattr(one, "get_object") else one, dict)
        ]


def test_the_pdf_is_tagged_titled_and_bookmarked(built):
    """Read back by another program: language, title, tags for headings and tables, a bookmark for each section."""
    reader = PdfReader(built("assessor", "pdf"))
    tags = {str(element.get("/S")) for element in structure(reader)}

    assert reader.root_object["/Lang"] == "en-GB"
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Nerys Calloway: Senior CMALT portfolio"
    assert {"/H1", "/H2", "/H3", "/P", "/Table", "/TH", "/TD", "/Figure", "/L", "/LI", "/Link"} <= tags
    titles = [bookmark.title for bookmark in flat(reader.outline)]
    assert "1a: An understanding of the constraints and benefits of different technologies" in titles
    assert "Designing courses in eight days" in titles


def test_every_figure_of_the_pdf_is_described(built):
    """Each picture has the description that the blog gives it."""
    figures = [one for one in structure(PdfReader(built("assessor", "pdf"))) if one.get("/S") == "/Figure"]
    said = [str(one.get("/Alt", "")) for one in figures]

    assert all(said)
    assert len([alt for alt in said if len(alt.split()) > 6]) >= 12
    assert any("A table of marks with two rows at the top set apart" in alt for alt in said)


def flat(outline) -> Iterator:
    for one in outline:
        yield from flat(one) if isinstance(one, list) else [one]


# --- the bundle -----------------------------------------------------------------------------------------------------


def test_the_bundle_is_whole_and_small(built):
    """One zip under 10 MB, with a start page, the portfolio and every file that it links."""
    place = built("assessor", "zip")
    with zipfile.ZipFile(place) as packed:
        names = set(packed.namelist())
        index = BeautifulSoup(packed.read("index.html"), "lxml")
        assert packed.testzip() is None

    assert place.stat().st_size < 10_000_000
    assert {"START-HERE.pdf", "index.html"} <= names
    asked = {a["href"] for a in index.find_all("a", href=True)} | {i["src"] for i in index.find_all("img")}
    beside = {
        address.partition("#")[0] for address in asked if "://" not in address and not address.startswith("data:")
    }
    assert {name for name in beside if name} <= names
    assert len([name for name in names if name.endswith(".pdf")]) >= 8


def test_a_smaller_budget_is_kept_and_told(sample, tmp_path):
    """What is too large for the budget is made smaller; each file that was is named, and its original stays."""
    said = sample.done("build", "--edition", "assessor", "--as", "zip", "--budget", "0.6", "--json", "--out",
                       str(tmp_path / "small.zip")).json  # fmt: skip

    assert Path(said["path"]).stat().st_size <= 600_000
    assert said["fits"]
    assert said["reduced"]
    assert all(one["after"] < one["before"] for one in said["reduced"])


def test_pictures_of_a_bundle_are_pictures(built):
    """Every picture that goes along opens, is no wider than asked for, and tells nothing of who took it where."""
    with zipfile.ZipFile(built("assessor", "zip")) as packed:
        for name in packed.namelist():
            if name.endswith((".png", ".jpg")):
                with Image.open(io.BytesIO(packed.read(name))) as picture:
                    picture.load()
                    assert max(picture.size) <= 1600
                    assert not picture.getexif()


# --- the page -------------------------------------------------------------------------------------------------------


KINDS = {
    "public": ("public", "folder"),
    "assessor": ("assessor", "folder"),
    "private": ("private", "folder"),
    "one file": ("public", "file"),
    "pages": ("public", "folder", "--layout", "pages"),
    "one section": ("public", "folder", "--section", "cpd-depth"),
}


@pytest.fixture(params=KINDS, ids=str)
def page(request, built) -> Path:
    return built(*KINDS[request.param])


def test_nothing_that_axe_misses(page):
    """Anchors, ids, tables, alternative texts, link texts: our own checks find no fault on any page kind."""
    for path in sorted(page.parent.glob("*.html")) if page.name == "index.html" else [page]:
        faults = list(checks.check(path.read_text(encoding="utf-8"), base=path.parent))
        assert faults == [], path.name


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_axe_finds_nothing(page, scheme, width):
    """WCAG 2.2 AA on every page kind, in light and wide, in dark and narrow."""
    tab = chromium.browser().new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    try:
        tab.goto(page.as_uri())
        assert probes.axe(tab) == []
    finally:
        tab.close()


@pytest.mark.browser
def test_everything_fits_a_narrow_window(page):
    """At 320 px (400 % zoom) nothing is cut off or wider than the window, with a reader's own spacing, too."""
    tab = chromium.browser().new_page(viewport={"width": 1280, "height": 900})
    try:
        tab.goto(page.as_uri())
        assert probes.reflow(tab) == []
        assert probes.text_spacing(tab) == []
    finally:
        tab.close()


@pytest.mark.browser
def test_a_bundle_asks_nobody(built, tmp_path):
    """Opened from a folder without a network, it asks for its own files only, and all of them are there."""
    with zipfile.ZipFile(built("assessor", "zip")) as packed:
        packed.extractall(tmp_path / "bundle")
    tab = chromium.browser().new_page()
    asked: list[str] = []
    broken: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("requestfailed", lambda request: broken.append(request.url))
    try:
        tab.goto((tmp_path / "bundle" / "index.html").as_uri())
        tab.wait_for_load_state("load")
        assert tab.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    finally:
        tab.close()

    assert broken == []
    assert all(address.startswith(("file://", "data:")) for address in asked)


def test_files_of_an_output_have_readable_names(built):
    """A person sees what each file of the bundle is."""
    names = inside.files(built("assessor", "folder").parent)

    assert "evidence/caption-guide.pdf" in names
    assert not [name for name in names if name.startswith("evidence/kf-")]
