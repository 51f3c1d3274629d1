"""A page with panels, themes, an earlier generation and drawings, in a real browser."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from archive.entry import Visibility
from tests.page import probes

pytestmark = pytest.mark.browser


@pytest.fixture(params=list(Visibility), ids=str)
def page(request, tab, rich_on_disk):
    """The page in each edition, open."""
    tab.goto(rich_on_disk(request.param).as_uri())
    return tab


@pytest.fixture
def public(tab, rich_on_disk):
    """The public page, open."""
    tab.goto(rich_on_disk(Visibility.PUBLIC).as_uri())
    return tab


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320], ids=["wide", "narrow, or at 400 % zoom"])
def test_axe_finds_nothing(page, scheme, width):
    """WCAG 2.2 AA and good practice; 1,280 px at 400 % are 320 px."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})

    assert probes.axe(page) == []


def test_nothing_is_wider_than_a_narrow_window(page):
    """Five columns of a learning journey, a drawing of three years, a DOI: all at 320 px, also with wide spacing."""
    assert probes.reflow(page) == []
    assert probes.text_spacing(page) == []


def test_the_keyboard_goes_through_all_of_it(public):
    """Each stop shows itself: links, tables and drawings that scroll."""
    assert probes.focus(public) == []
    public.locator(".kf-drawn").first.focus()
    assert public.evaluate("document.activeElement.getAttribute('aria-label')") == "Drawing 1"


def test_targets_are_large_enough(page):
    """Links that stand alone are at least 24 px high, wide and narrow."""
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert probes.targets(page, "main") == []


@pytest.mark.parametrize("width", [1280, 320])
def test_words_in_drawings_can_be_read(public, width):
    """No letter is smaller than 11 px, however narrow the window."""
    public.set_viewport_size({"width": width, "height": 900})

    sizes = public.evaluate(
        """[...document.querySelectorAll('svg text')].map(t =>
            parseFloat(t.getAttribute('font-size')) * t.ownerSVGElement.getScreenCTM().a)"""
    )

    assert min(sizes) >= 11


def test_words_in_drawings_do_not_lie_upon_each_other(public):
    """Labels of rows, years, and what the columns are called keep apart from each other."""
    clashes = public.evaluate(
        """[...document.querySelectorAll('svg')].flatMap(svg => {
            const words = [...svg.querySelectorAll('text')].filter(t => t.textContent);
            const boxes = words.map(t => t.getBBox());
            return words.flatMap((t, i) => words.slice(i + 1).filter((u, j) => {
                const a = boxes[i], b = boxes[i + 1 + j];
                return a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1
                    && a.y < b.y + b.height - 3 && b.y < a.y + a.height - 3 })
                .map(u => `${t.textContent} | ${u.textContent}`)) })"""
    )

    assert clashes == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawings_take_the_colours_of_the_page(public, scheme):
    """Their words have the ink of the text, and their marks stand out from the paper by 3 to 1 (WCAG 1.4.11)."""
    public.emulate_media(color_scheme=scheme)

    ink, words = public.evaluate(
        "[document.body, document.querySelector('svg text')].map((e, i) => getComputedStyle(e)[i ? 'fill' : 'color'])"
    )
    contrast = public.evaluate(
        """() => { const light = c => { const [r, g, b] = c.match(/\\d+/g).map(v => v / 255)
                .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                return .2126 * r + .7152 * g + .0722 * b };
            const of = (s, p) => light(getComputedStyle(document.querySelector(s))[p]);
            const [a, b] = [of('.kf-mark', 'fill'), of('.kf-drawn', 'backgroundColor')].sort((x, y) => y - x);
            return (a + .05) / (b + .05) }"""
    )

    assert words == ink
    assert contrast >= 3


def test_drawings_are_named_for_screen_readers(public):
    """The tree of names that a screen reader is given holds them, with their summaries."""
    names = public.locator("main").aria_snapshot()

    assert 'img "CPD from June 2024 to November 2026"' in names
    assert 'region "Drawing 1"' in names


def test_addresses_are_printed_once(public):
    """On paper the list of references has the addresses; texts and DOIs are not followed by the same again."""
    public.emulate_media(media="print")
    after = "a => getComputedStyle(a, '::after').content"

    for selector, shown in [
        (".kf-section:not(.kf-panel) p a[href^='https://design']", False),
        (".kf-references a[href^='https://design']", True),
        (".kf-references a[href^='https://doi.org']", False),
        (".kf-title a[href^='https://blog']", True),
    ]:
        content = public.locator(selector).first.evaluate(after)
        assert ("https://" in content) == shown, selector


def test_paper_has_all_words_and_its_outline(public):
    """As a PDF by the browser's own printing: tagged, titled, its headings as bookmarks, nothing cut off."""
    data = public.pdf(format="A4", tagged=True, outline=True, print_background=True)
    pdf = PdfReader(io.BytesIO(data))
    words = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())

    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.metadata.title == "Senior CMALT portfolio"
    for sentence in (
        "Asked of me Northshire Port Talvern",
        "Future direction",
        "Training that I took: ",
        "CC BY-SA 4.0",
    ):
        assert sentence in words
    assert "Back to contents" not in words
