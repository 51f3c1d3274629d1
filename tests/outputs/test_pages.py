"""A page for each area: whole pages, and every way between them leads somewhere."""

import re
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from connectors import areas, pages
from tests.outputs.samples import words


@pytest.fixture
def made(document):
    return pages.split(document)


def test_a_page_for_each_heading_of_the_second_level(made):
    """In reading order, named after what the heading is and not after what it is called."""
    assert list(made)[:4] == ["index.html", "context.html", "1.html", "3.html"]
    assert "kept.html" in made


def test_each_page_stands_alone(made):
    """A language, a title of its own, one h1, a skip link that arrives, one main, navigation with names."""
    titles = set()
    for name, html in made.items():
        soup = BeautifulSoup(html, "html.parser")
        titles.add(soup.title.get_text())
        assert soup.html["lang"] == "en-GB"
        assert [h.get_text() for h in soup.find_all("h1")] == ["Jane Example: CMALT portfolio"]
        assert len(soup.find_all("main")) == 1
        assert soup.find(id=soup.select_one("a.kf-skip")["href"][1:]).name == "main"
        labels = [nav["aria-label"] for nav in soup.find_all("nav")]
        assert len(set(labels)) == len(labels), name
        ids = [tag["id"] for tag in soup.find_all(id=True)]
        assert len(set(ids)) == len(ids), name
    assert len(titles) == len(made)


def test_every_link_within_the_portfolio_arrives(made):
    """Contents, ways back, evidence in full: each names a page that is there, and a place that is on it."""
    places = {
        name: {tag["id"] for tag in BeautifulSoup(html, "html.parser").find_all(id=True)} for name, html in made.items()
    }
    seen = 0
    for name, html in made.items():
        for link in BeautifulSoup(html, "html.parser").find_all("a", href=re.compile(r"^(#|[^:]+\.html)")):
            page, _, place = link["href"].partition("#")
            assert (page or name) in made, link
            assert not place or place in places[page or name], link
            seen += bool(page)
    assert seen > len(made) * 3


def test_evidence_in_full_is_one_page_for_all(made):
    """A text that the portfolio brings along is linked across pages."""
    assert 'href="kept.html#kf-item-1"' in made["3.html"]


def test_one_page_leads_to_the_next_and_back(made):
    """From the contents through every page, and back the same way."""
    for before, after in pairwise(made):
        there = BeautifulSoup(made[before], "html.parser").select_one(".kf-turn a[rel=next]")
        back = BeautifulSoup(made[after], "html.parser").select_one(".kf-turn a[rel=prev]")
        assert there["href"] == after
        assert back["href"] == before


def test_the_contents_say_where_one_is(made):
    """On each page its own entry is marked, and no other."""
    for name, html in made.items():
        current = BeautifulSoup(html, "html.parser").select("[aria-current=page]")
        assert len(current) == (0 if name == "index.html" else 1)
        if current:
            assert current[0].get_text() in BeautifulSoup(html, "html.parser").title.get_text()


def test_the_words_are_those_of_the_one_page(document, made):
    """Page after page, the same words in the same order."""
    assert [word for html in made.values() for word in words(html)] == words(document)


def test_names_of_pages_never_lead_elsewhere():
    """Whatever a heading's id is, its page is a plain file beside the others, and no two are the same."""
    areas = "".join(
        f'<section class="kf-section kf-level-2"><h2 id="{place}">T</h2></section>'
        for place in ("kf-../../x", "kf-index", "kf-a.b", "kf-a/b", "kf-")
    )
    document = (
        f'<html lang="en"><title>P</title><style></style><body class="p"><main id="m">{areas}</main></body></html>'
    )
    made = pages.split(document)
    assert len(made) == 6
    assert all(re.fullmatch(r"[a-z0-9-]+\.html", name) for name in made)


def test_a_text_nested_without_end_can_be_cut():
    """Harvested quotations may be as deep as their author likes."""
    deep = "<blockquote>" * 5000 + "deep" + "</blockquote>" * 5000
    page = f'<html><body><main><section class="kf-level-2"><h2 id="a">A</h2>{deep}</section></main></body></html>'
    assert [area.count("<blockquote>") for area in areas.cut(page).areas] == [5000]
