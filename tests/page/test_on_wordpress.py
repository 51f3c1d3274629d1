"""Pages on a real WordPress, in a real browser: under its default theme of blocks, and under an older one of PHP."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.entry import Visibility
from bridge.render.page import render
from tests.page import probes, rich
from tests.portfolio import jane
from tests.portfolio.samples import Bytes
from tests.publish import samples
from tests.wordpress.publishing import empty, publisher

pytestmark = [pytest.mark.server, pytest.mark.browser]

OURS = ".entry-content"
THEMES = ["twentytwentythree", "twentytwentyone"]


def published(site, folder: Path, make) -> str:
    """Publish a public page and return where strangers find it."""
    (folder / "files").mkdir(parents=True)
    held = Bytes(folder / "files")
    made = make(folder / "portfolio", held)
    built = render(made, held.path, folder / "build")
    with pytest.MonkeyPatch.context() as patch:
        for digest, path in built.files.items():
            patch.setitem(samples.BYTES, digest, path.read_bytes())
        target = publisher(site, folder, status="publish")
        target.publish(built.release)
        assert target.plan(built.release).actions == ()  # WordPress gave back what it was given
    return target.agreed["page"].url


@pytest.fixture(scope="module")
def addresses(empty_wordpress, tmp_path_factory):
    """Jane's page and the one with everything, published and live."""
    folder = tmp_path_factory.mktemp("pages")
    yield {
        "jane": published(empty_wordpress, folder / "jane", jane.portfolio),
        "rich": published(empty_wordpress, folder / "rich", lambda _, held: rich.portfolio(held, Visibility.PUBLIC)),
    }
    empty(empty_wordpress)


@pytest.fixture(scope="module", params=THEMES)
def theme(request, empty_wordpress):
    """The site in another look: its pages stay what they are."""
    empty_wordpress.php(f"switch_theme('{request.param}');")
    yield request.param
    empty_wordpress.php(f"switch_theme('{THEMES[0]}');")


@pytest.fixture(params=[1280, 320])
def width(request):
    """Wide, and as narrow as WCAG asks for (which is also 1,280 px at 400 % zoom)."""
    return request.param


@pytest.fixture(params=["jane", "rich"])
def page(request, tab, addresses, theme, width):
    """A page, open."""
    return opened(tab, addresses[request.param], theme, width)


@pytest.fixture
def janes(tab, addresses, theme, width):
    """Jane's page, open."""
    return opened(tab, addresses["jane"], theme, width)


def opened(tab, address, theme, width):
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(address)
    assert f"/themes/{theme}/" in tab.content()
    return tab


def test_nothing_is_wider_than_the_window(page):
    """No sideways scrolling: long words in the theme's large headings break, and tables scroll by themselves."""
    assert probes.reflow(page, OURS, page.viewport_size["width"]) == []


def test_axe_finds_nothing_in_our_part(page):
    """WCAG 2.2 AA and good practice, in what keepfolio wrote; the theme around it is not ours."""
    assert probes.axe(page, OURS) == []


def test_every_contents_entry_reaches_its_heading(page):
    """Each link in the contents shows its heading in the window, with the same words; each way back leads there."""
    links = page.locator(f"{OURS} nav a")
    assert links.count() > 10

    for n in range(links.count()):
        link = links.nth(n)
        name = link.evaluate("a => a.firstChild.data")
        link.click()
        heading = page.locator(link.get_attribute("href"))
        assert heading.inner_text().replace("\u00ad", "") == name
        assert heading.evaluate("h => { const y = h.getBoundingClientRect().y; return y >= -1 && y < innerHeight }")
    assert page.locator("#kf-contents").count() == 1
    assert {a.get_attribute("href") for a in page.locator(".kf-back a").all()} == {"#kf-contents"}


def test_pictures_arrive_in_a_place_kept_for_them(janes):
    """Width and height are known before the bytes are, so that nothing jumps; and the pictures are there."""
    pictures = janes.locator(f"{OURS} img")
    assert pictures.count() == 2

    for picture in pictures.all():
        assert int(picture.get_attribute("width")) > 0
        assert int(picture.get_attribute("height")) > 0
        picture.scroll_into_view_if_needed()
        janes.wait_for_function("i => i.complete && i.naturalWidth > 0", arg=picture.element_handle())


def test_the_keyboard_reaches_a_table_that_scrolls(page):
    """The link in its caption takes the focus, inside of what scrolls."""
    link = page.locator(f"{OURS} .wp-block-table figcaption a").first
    link.focus()

    assert link.inner_text() in ("Table 1", "What assessors asked for, and where it was answered")
    assert link.evaluate("a => document.activeElement === a && a.closest('figure').id === a.hash.slice(1)")


def test_it_looks_as_a_portfolio(janes):
    """One title, the theme's; then contents, then sections; no raw marks, and words for screen readers alone hidden."""
    levels = [
        int(h[1])
        for h in janes.evaluate("[...document.querySelectorAll('main :is(h1,h2,h3,h4,h5,h6)')].map(h => h.tagName)")
    ]
    words = janes.locator(OURS).inner_text()

    assert levels.count(1) == 1
    assert janes.locator("main h1").inner_text() == "Jane Example: CMALT portfolio"
    assert janes.locator(f"{OURS} h2").first.evaluate(
        "(h, nav) => h.getBoundingClientRect().y > document.querySelector(nav).getBoundingClientRect().y", f"{OURS} nav"
    )
    assert janes.locator(f"{OURS} .screen-reader-text").first.bounding_box()["width"] <= 1
    for raw in ("keepfolio:", "wp:", "&amp;", "<!--"):
        assert raw not in words


def test_quotations_keep_their_source_and_drawings_their_table(tab, addresses, theme):
    """What a WordPress cannot show, an SVG, its table says; a quotation's source stands below it."""
    page = opened(tab, addresses["rich"], theme, 1280)

    assert page.locator(f"{OURS} svg").count() == 0
    assert page.locator(f"{OURS} figcaption", has_text="CPD by year").count() == 1
    assert page.locator(f"{OURS} blockquote cite").first.inner_text() == "— A colleague, after the first workshop"
