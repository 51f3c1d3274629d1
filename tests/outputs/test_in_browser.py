"""What others open, in a real browser: by double click, without the web, for everybody."""

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe

from archive.entry import Visibility
from bridge import building, forms
from bridge.render.outputs import single
from tests.outputs import samples
from tests.page.conftest import browser, context, tab

__all__ = ["browser", "context", "tab"]

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The bundle for assessors, with pages, unpacked."""
    jane = samples.whole(tmp_path_factory.mktemp("browser") / "jane")[0]
    wish = forms.Wish(Visibility.ASSESSOR, "folder", "pages", out=tmp_path_factory.mktemp("out") / "bundle")
    return forms.make(jane.desk(), wish).path.parent


@pytest.fixture(scope="module")
def one_file(tmp_path_factory):
    """The portfolio as one file, with all that it brings along."""
    jane = samples.whole(tmp_path_factory.mktemp("one") / "jane")[0]
    built = building.build(replace(jane.desk(), alone=True), Visibility.ASSESSOR)[1]
    uploads = {one.name: one for one in built.release.uploads}
    place = tmp_path_factory.mktemp("file") / "portfolio.html"
    place.write_text(single.single(built.release.document, uploads, lambda one: built.files[one.sha256], "x").html)
    return place


PAGES = ["START-HERE.html", "index.html", "1.html", "3.html", "kept.html"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing(folder, tab, name, scheme, width):
    """WCAG 2.2 AA and good practice; no page is wider than its window."""
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto((folder / name).as_uri())

    results = Axe().run(tab, options={"runOnly": WCAG, "preload": False})

    assert results.violations_count == 0, results.generate_report()
    assert tab.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", PAGES)
def test_it_asks_for_its_own_files_alone(folder, tab, name):
    """Opened by a double click: every request is for a file beside it, and every picture is shown."""
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((folder / name).as_uri(), wait_until="networkidle")

    assert asked
    assert all(url.startswith(folder.as_uri()) for url in asked)
    assert tab.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")


def test_one_file_asks_for_nothing_at_all(one_file, tab):
    """Its pictures are in it."""
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(one_file.as_uri(), wait_until="networkidle")

    assert [url for url in asked if not url.startswith("data:")] == [one_file.as_uri()]
    assert tab.locator("img").count() >= 3
    assert tab.evaluate("[...document.images].every(image => image.naturalWidth > 0)")


def test_an_attached_file_of_one_file_can_be_saved(one_file, tab):
    """A click saves it under its own name."""
    tab.goto(one_file.as_uri())
    with tab.expect_download() as saving:
        tab.locator("a[download='slides.pptx']").first.click()
    assert saving.value.suggested_filename == "slides.pptx"
    assert saving.value.path().read_bytes() == samples.FILES["slides.pptx"]


def test_pages_are_walked_by_their_links(folder, tab):
    """From the first page to the last by "Next", and to a place on another page from the contents."""
    tab.goto((folder / "index.html").as_uri())
    seen = []
    while tab.locator("a[rel=next]").count():
        tab.locator("a[rel=next]").click()
        seen.append(tab.url.rpartition("/")[2])
    assert seen[:3] == ["context.html", "1.html", "3.html"]

    tab.locator(".kf-contents a", has_text="1a:").click()
    assert tab.url.endswith("1.html#kf-1a")
    assert tab.locator("#kf-1a").is_visible()
