"""The page in a real browser: for everybody, at every width, with the keyboard, and on paper."""

from __future__ import annotations

from itertools import pairwise

import pytest

from archive.entry import Visibility
from bridge.portfolio import framework
from bridge.portfolio.mapping import connect
from bridge.render.page import render
from tests.page import probes
from tests.page.conftest import lay_out
from tests.portfolio.samples import Bytes, assembled

pytestmark = pytest.mark.browser

EDITIONS = [Visibility.PUBLIC, Visibility.PRIVATE]


@pytest.fixture(params=EDITIONS, ids=str)
def page(request, tab, jane_on_disk):
    """Jane's page, open."""
    tab.goto(jane_on_disk(request.param).as_uri())
    return tab


@pytest.fixture
def public(tab, jane_on_disk):
    """Jane's public page, open."""
    tab.goto(jane_on_disk(Visibility.PUBLIC).as_uri())
    return tab


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing(page, scheme, width):
    """WCAG 2.2 AA and good practice, in both schemes, wide and narrow."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})

    assert probes.axe(page) == []


def test_every_contents_entry_reaches_its_heading(page):
    """Each link in the contents shows its heading in the window, with the same words."""
    links = page.locator("nav a")
    assert links.count() > 10

    for n in range(links.count()):
        link = links.nth(n)
        name = link.inner_text()
        link.click()
        heading = page.locator(link.get_attribute("href"))
        assert heading.inner_text() == name
        assert heading.evaluate("h => { const y = h.getBoundingClientRect().y; return y >= 0 && y < innerHeight }")


def test_every_way_back_reaches_the_contents(page):
    """Each "Back to contents" leads there."""
    assert {a.get_attribute("href") for a in page.locator(".kf-back a").all()} == {"#kf-contents"}
    assert page.locator("#kf-contents").count() == 1


def test_no_sideways_scrolling_at_320_pixels(page):
    """At 320 px the page is as wide as the window; only tables scroll, in regions of their own."""
    assert probes.reflow(page) == []


def test_readers_may_set_their_own_spacing(page):
    """With the spacing of WCAG 1.4.12 all still fits, and nothing is cut off."""
    assert probes.text_spacing(page) == []


def test_the_skip_link_comes_first_and_works(public):
    """The first stop of the keyboard is the skip link; it shows itself and leads to the text."""
    public.keyboard.press("Tab")

    assert public.evaluate("document.activeElement.className") == "kf-skip"
    assert public.evaluate("document.activeElement.getBoundingClientRect().y >= 0")
    public.keyboard.press("Enter")
    assert public.evaluate("document.activeElement.id") == "kf-main"


def test_the_keyboard_sees_where_it_is_and_reaches_wide_tables(public):
    """What has the focus has an outline; a table that scrolls can be reached."""
    public.keyboard.press("Tab")
    public.keyboard.press("Tab")
    width = public.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    assert width >= 2
    public.locator(".kf-scroll").first.focus()
    assert public.evaluate("document.activeElement.className") == "kf-scroll"


def test_one_heading_of_level_one_and_no_level_skipped(page):
    """The outline goes down one level at a time."""
    levels = [
        int(h[1]) for h in page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => h.tagName)")
    ]

    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_links_of_the_same_name_lead_to_the_same_place(page):
    """No two links share their words and differ in where they lead; none says only "here"."""
    places = {}
    for link in page.locator("a").all():
        places.setdefault(" ".join(link.text_content().split()), set()).add(link.get_attribute("href"))

    assert {name: found for name, found in places.items() if len(found) > 1} == {}
    assert not {"here", "click here", "read more", ""} & {name.lower() for name in places}


def test_all_pictures_arrive_and_nothing_comes_from_elsewhere(public, context):
    """Each picture loads from beside the page, in the size that it names; no other address is asked for."""
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    public.reload()

    assert public.evaluate("[...document.images].length") == 2
    assert public.evaluate("[...document.images].every(i => i.complete && i.naturalWidth == i.getAttribute('width'))")
    assert all(address.startswith("file://") for address in asked)


def test_targets_are_large_enough_for_a_finger(public):
    """Links that stand alone (contents, evidence, back) are at least 24 px high."""
    public.set_viewport_size({"width": 320, "height": 640})

    assert probes.targets(public, "main") == []


def test_the_contents_stand_beside_the_text_where_there_is_room(public):
    """Wide: the contents stay in view while reading. Narrow: they come first."""
    public.evaluate("scrollTo({top: 3000, behavior: 'instant'})")
    beside = public.evaluate("document.querySelector('nav').getBoundingClientRect().top")
    public.set_viewport_size({"width": 700, "height": 900})
    public.evaluate("scrollTo({top: 3000, behavior: 'instant'})")

    assert 0 <= beside < 100
    assert public.evaluate("document.querySelector('nav').getBoundingClientRect().bottom") < 0


def test_paper_shows_addresses_and_no_menus(public):
    """In print the contents and back links are gone, and where links lead can be read."""
    public.emulate_media(media="print")

    assert not public.locator("nav").is_visible()
    assert not public.locator(".kf-back").first.is_visible()
    address = public.locator(".kf-title a[href^='http']").first.evaluate("a => getComputedStyle(a, '::after').content")
    assert "https://blog.example.org/post-1/" in address


@pytest.mark.parametrize("name", framework.names())
def test_the_empty_draft_of_every_framework(tab, tmp_path, name):
    """Before a word is written the owner's draft is already a page that axe has nothing against."""
    loaded = framework.load(name)
    pathway = next(iter(loaded.pathways), "")
    connections = connect([], loaded, pathway, {}, {})
    draft = assembled([], {}, Visibility.PRIVATE, framework=loaded, pathway=pathway, connections=connections)
    tab.goto(lay_out(render(draft, Bytes(tmp_path).path, tmp_path / "build"), tmp_path / "site").as_uri())

    assert probes.axe(tab) == []
    assert tab.get_by_text("Nothing written yet").count() >= 5
