"""The pages in a real browser, from the disk, without a network: for everybody, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bridge.browse import lists, words
from tests.archive import make
from tests.browse.conftest import EVIL, EVIL_POST, GREETING, PHOTO, SECOND, Place, comment, fill
from tests.page import chromium

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TEXT_SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""
LOOKED_AT = [
    "index",
    "search",
    "post",
    "evil",
    "media",
    "comment",
    "deleted",
    "version",
    "year",
    "tags",
    "words",
    "own",
]


@pytest.fixture(scope="session")
def browser() -> Browser:
    """Chromium, started once."""
    return chromium.browser()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """One site for all tests here, its pages by what they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEEPFOLIO_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setattr(lists, "PER_PAGE", 40)
        place = Place(tmp_path_factory.mktemp("browse") / "jane")
        fill(place)
        place.keep(
            make.post(80, kind="workspace", keys=("workspace:n.md",), title="n.md", content_html=""),
            *(make.post(n, title=f"Filler {n}", content_html="<p>filling</p>") for n in range(100, 220)),
        )
        place.browse()
        root = place.root
        found = {
            "index": root / "index.html",
            "search": root / "search.html",
            "post": place.page(GREETING),
            "evil": place.page(EVIL_POST),
            "media": place.page(PHOTO),
            "comment": place.page(comment(70, 1)),
            "deleted": place.page(make.post(9)),
            "version": next(root.glob("entries/*/*-v1.html")),
            "second": place.page(SECOND),
            "year": root / "dates" / "2024.html",
            "tags": root / "tags" / "index.html",
            "words": root / "words" / "f.html",
            "own": place.page(make.post(80, keys=("workspace:n.md",))),
        }
        place.archive.close()
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile without a network; it notes what is asked for and what is complained of."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    made.asked = []
    made.on("request", lambda request: made.asked.append(request.url))
    yield made
    made.close()


@pytest.fixture
def tab(context: BrowserContext) -> Page:
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    return page


def ask(tab: Page, pages: dict[str, Path], question: str) -> list[str]:
    """Type into the search and return the titles that it finds."""
    tab.goto(pages["search"].as_uri())
    tab.get_by_label("Words to look for").fill(question)
    tab.keyboard.press("Enter")
    expect(tab.locator("#status")).to_have_text(re.compile("found|cannot"))
    return [link.text_content() for link in tab.locator("#found a").all()]


@pytest.mark.parametrize("name", LOOKED_AT)
def test_axe_finds_nothing(tab, pages, name):
    """WCAG 2.2 AA and good practice on every kind of page, wide and narrow, light and dark."""
    tab.goto(pages[name].as_uri())

    for width, scheme in ((1280, "light"), (320, "dark")):
        tab.emulate_media(color_scheme=scheme)
        tab.set_viewport_size({"width": width, "height": 900})
        results = Axe().run(tab, options={"runOnly": WCAG, "preload": False})
        assert results.violations_count == 0, results.generate_report()


def test_axe_finds_nothing_in_an_answered_search(tab, pages):
    """With results on it the search page is as good."""
    ask(tab, pages, "post")

    results = Axe().run(tab, options={"runOnly": WCAG, "preload": False})

    assert results.violations_count == 0, results.generate_report()


def test_no_sideways_scrolling_at_320_pixels(browser, pages):
    """At 320 px, and with the spacing of WCAG 1.4.12, each page is as wide as the window."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True)
    tab = context.new_page()
    wide = {}
    for name in LOOKED_AT:
        tab.goto(pages[name].as_uri())
        wide[name] = [tab.evaluate("document.documentElement.scrollWidth")]
        tab.add_style_tag(content=TEXT_SPACING)
        wide[name].append(tab.evaluate("document.documentElement.scrollWidth"))
    context.close()

    assert wide == {name: [320, 320] for name in LOOKED_AT}


@pytest.mark.parametrize("name", [*LOOKED_AT, "second"])
def test_nothing_is_asked_of_the_network_and_nothing_runs(tab, context, pages, name):
    """Each page asks only for files of this computer; scripts in what was harvested never run, nor try to."""
    tab.goto(pages[name].as_uri())
    tab.wait_for_load_state()

    assert all(address.startswith("file://") for address in context.asked)
    assert tab.title() != "owned"
    assert tab.said == []


def test_the_picture_is_shown(tab, pages):
    """A picture of the archive loads in a post and on its own page."""
    for name in ("post", "media"):
        tab.goto(pages[name].as_uri())
        tab.evaluate("Promise.all([...document.images].map(i => { i.loading = 'eager'; return i.decode() }))")
        assert tab.evaluate("[...document.images].map(i => i.naturalWidth)") == [60]


def test_the_policy_stops_what_slipped_through(tab, pages):
    """Were a script or a far picture in a page after all, the browser would not run or load it."""
    tab.goto(pages["post"].as_uri())
    stopped = tab.evaluate(
        """() => new Promise(resolve => {
            const found = [];
            document.addEventListener('securitypolicyviolation', event => {
                found.push(event.effectiveDirective);
                if (found.length === 2) resolve(found.sort());
            });
            const script = document.createElement('script');
            script.textContent = "document.title = 'owned'";
            document.body.append(script);
            const picture = new Image();
            picture.src = 'https://tracker.example/x.png';
            document.body.append(picture);
        })"""
    )

    assert stopped == ["img-src", "script-src-elem"]
    assert tab.title() != "owned"


def test_everything_can_be_found_without_scripts(browser, pages):
    """From the first page by links alone: by date, by title, by word; the search page says where to go instead."""
    context = browser.new_context(java_script_enabled=False, offline=True)
    tab = context.new_page()
    for way, then in (("Dates", "2024"), ("Titles", "N"), ("Words", "C")):
        tab.goto(pages["index"].as_uri())
        tab.locator("main").get_by_role("link", name=way, exact=True).click()
        tab.locator("main").get_by_role("link", name=then, exact=True).click()
        while not tab.get_by_role("link", name=GREETING.title, exact=True).count():
            tab.get_by_role("link", name="Next page").first.click()
        tab.get_by_role("link", name=GREETING.title, exact=True).click()
        assert tab.get_by_role("heading", level=1).text_content() == GREETING.title
        assert tab.get_by_text("Hello, ").is_visible()
    tab.goto(pages["search"].as_uri())
    assert tab.get_by_role("heading", name="Without scripts").is_visible()
    assert not tab.get_by_label("Words to look for").is_visible()
    tab.get_by_role("link", name="Every title under each of its words").click()
    assert tab.get_by_role("heading", level=1).text_content() == "Words"
    context.close()


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("naive CAFE", GREETING.title),
        ("naïve café", GREETING.title),
        ("hello away", GREETING.title),
        ("gree", GREETING.title),
        ("paper.pdf evil", f"{EVIL} again"),
        ("題名", "日本語の題名"),
        ("学習", "日本語の題名"),
        ("still readable", "Gone"),
        ("better", "The second, mended"),
        ("ann well", "Ann on “Naïve café: a greeting”"),
    ],
)
def test_the_search_finds(tab, pages, question, title):
    """Words of title, text, file, tag and writer, whole or begun, with or without accents, in any script."""
    found = ask(tab, pages, question)

    assert " ".join(title.split()) in [" ".join(one.split()) for one in found]
    assert tab.title() != "owned"


@pytest.mark.parametrize("question", ["constructor", "__proto__", "hello nowhere", "<script>", "zzz"])
def test_the_search_says_when_there_is_nothing(tab, pages, question):
    """Words that mean something to the language of the script are only words."""
    expected = "Nothing was found" if question != "<script>" else "found"

    ask(tab, pages, question)

    assert expected in tab.locator("#status").text_content()
    assert tab.said == []


def test_a_result_leads_to_its_page_and_back_keeps_the_question(tab, pages):
    """The question is in the address, so that the way back shows the same results."""
    ask(tab, pages, "naive cafe")
    tab.get_by_role("link", name=GREETING.title, exact=True).click()
    assert tab.get_by_role("heading", level=1).text_content() == GREETING.title

    tab.go_back()

    tab.locator("#found a").first.wait_for()
    assert tab.get_by_label("Words to look for").input_value() == "naive cafe"


def test_many_results_come_in_portions(tab, pages):
    """Fifty at once; the button shows more, and takes the keyboard to the first of them."""
    assert len(ask(tab, pages, "filling")) == 50
    tab.get_by_role("button", name="Show more").click()

    assert tab.locator("#found a").count() == 100
    assert tab.evaluate("document.activeElement === document.querySelectorAll('#found a')[50]")


def test_the_same_words_here_and_there(tab, pages):
    """The browser takes a text apart as the program did; otherwise what is there would not be found."""
    samples = [
        "Ärger, naïve CAFÉ! x_y 12½ ﬁne",
        "日本語とカナ 한국어",
        "don’t e-mail ΣΊΣΥΦΟΣ ß ﷺ",
        "İstanbul İ ıI",
        "हिन्दी",
    ]
    source = (Path(words.__file__).with_name("search.js")).read_text("utf-8")
    taken = source[source.index("  var WORD") : source.index("  var form")]
    plain = source[source.index("  function plain") : source.index("  function initial")]
    there = tab.evaluate(f"(all) => {{ var LONGEST = 40; {taken} {plain} return all.map(words) }}", samples)

    assert there == [list(dict.fromkeys(words.words(sample))) for sample in samples]


def test_the_keyboard_reaches_everything(tab, pages):
    """The skip link comes first and shows itself; what has the focus has an outline; wide tables can be reached."""
    tab.goto(pages["post"].as_uri())
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "b-skip"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().y >= 0")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    tab.keyboard.press("Tab")
    assert tab.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    for selector in (".b-scroll", "pre"):
        tab.locator(selector).first.focus()
        assert tab.evaluate(f"document.activeElement.matches('{selector}')")


def test_no_heading_level_is_skipped(tab, pages):
    """One heading of level one; the outline goes down one step at a time, whatever the harvested text had."""
    for name in LOOKED_AT:
        tab.goto(pages[name].as_uri())
        levels = tab.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]))")
        assert levels.count(1) == 1, name
        assert all(b <= a + 1 for a, b in pairwise(levels)), (name, levels)
