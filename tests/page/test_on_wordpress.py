"""Jane's page on a real WordPress under its default theme, in a real browser."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from archive.entry import Visibility
from bridge.render.page import render
from tests.page.test_page_in_browser import WCAG
from tests.portfolio import jane
from tests.portfolio.samples import Bytes
from tests.publish import samples
from tests.wordpress.publishing import empty, publisher

pytestmark = [pytest.mark.server, pytest.mark.browser]

OURS = ".wp-block-post-content"


@pytest.fixture(scope="module")
def address(empty_wordpress, tmp_path_factory):
    """Jane's public page, published and live; where strangers find it."""
    folder = tmp_path_factory.mktemp("jane")
    (folder / "files").mkdir()
    held = Bytes(folder / "files")
    built = render(jane.portfolio(folder / "portfolio", held, Visibility.PUBLIC), held.path, folder / "build")
    with pytest.MonkeyPatch.context() as patch:
        for digest, path in built.files.items():
            patch.setitem(samples.BYTES, digest, path.read_bytes())
        site = publisher(empty_wordpress, folder, status="publish")
        site.publish(built.release)
        assert site.plan(built.release).actions == ()
    yield site.agreed["page"].url
    empty(empty_wordpress)


@pytest.fixture(params=[1280, 320])
def page(request, tab, address):
    """The page, open; wide, and as narrow as WCAG asks for."""
    tab.set_viewport_size({"width": request.param, "height": 900})
    tab.goto(address)
    return tab


def test_nothing_is_wider_than_the_window(page):
    """No sideways scrolling: long words in the theme's large headings break, and tables scroll by themselves."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")

    assert wide <= window
    beyond = page.evaluate(
        """(ours) => [...document.querySelectorAll(ours + ' *')].filter(e =>
            !e.closest('table') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML)""",
        OURS,
    )
    assert beyond == []


def test_axe_finds_nothing_in_our_part(page):
    """WCAG 2.2 AA and good practice, in what keepfolio wrote; the theme around it is not ours."""
    results = Axe().run(page, context={"include": [[OURS]]}, options={"runOnly": WCAG, "preload": False})

    assert results.violations_count == 0, results.generate_report()


def test_every_contents_entry_reaches_its_heading(page):
    """Each link in the contents shows its heading in the window, with the same words; each way back leads there."""
    links = page.locator(f"{OURS} nav a")
    assert links.count() > 10

    for n in range(links.count()):
        link = links.nth(n)
        name = link.inner_text()
        link.click()
        heading = page.locator(link.get_attribute("href"))
        assert heading.inner_text().replace("\u00ad", "") == name
        assert heading.evaluate("h => { const y = h.getBoundingClientRect().y; return y >= -1 && y < innerHeight }")
    assert page.locator("#kf-contents").count() == 1
    assert {a.get_attribute("href") for a in page.locator(".kf-back a").all()} == {"#kf-contents"}


def test_pictures_arrive_in_a_place_kept_for_them(page):
    """Width and height are known before the bytes are, so that nothing jumps; and the pictures are there."""
    pictures = page.locator(f"{OURS} img")
    assert pictures.count() == 2

    for picture in pictures.all():
        assert int(picture.get_attribute("width")) > 0
        assert int(picture.get_attribute("height")) > 0
        picture.scroll_into_view_if_needed()
        page.wait_for_function("i => i.complete && i.naturalWidth > 0", arg=picture.element_handle())


def test_the_keyboard_reaches_a_table_that_scrolls(page):
    """The link in its caption takes the focus, inside of what scrolls."""
    link = page.locator(f"{OURS} .wp-block-table figcaption a").first
    link.focus()

    assert link.inner_text() == "Table 1"
    assert link.evaluate("a => document.activeElement === a && a.closest('figure').id === a.hash.slice(1)")


def test_it_looks_as_a_portfolio(page):
    """One title, the theme's; then contents, then sections; no raw marks, and words for screen readers alone hidden."""
    levels = [
        int(h[1]) for h in page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => h.tagName)")
    ]
    words = page.locator(OURS).inner_text()

    assert levels.count(1) == 1
    assert page.locator("h1").inner_text() == "Jane Example: CMALT portfolio"
    assert page.locator(f"{OURS} h2").first.evaluate(
        "(h, nav) => h.getBoundingClientRect().y > document.querySelector(nav).getBoundingClientRect().y", f"{OURS} nav"
    )
    assert page.locator(f"{OURS} .screen-reader-text").first.bounding_box()["width"] <= 1
    for raw in ("keepfolio:", "wp:", "&amp;", "<!--"):
        assert raw not in words
