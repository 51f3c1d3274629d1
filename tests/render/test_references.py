"""The reference list: each place that a page's own texts lead to, once."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from archive.entry import Visibility
from bridge.portfolio.model import Evidence, PagePart, PageSection
from bridge.portfolio.narrative import Narrative, Passage
from bridge.render.references import panel, references
from tests.portfolio.samples import assembled, item

THREE = "[A](https://a.example/1) [B](https://b.example/2) [C](https://c.example/3)"


def section(html="", why=""):
    cited = (Evidence("urn:x", "Title", "Blog post", "", why, "https://blog.example/1/"),) if why else ()
    return PageSection("1a", "1a", 2, gathers=False, parts=(PagePart("", "", html),), evidence=cited)


def found(html="", why="", **options):
    return [(r.words, r.address, r.doi) for r in references([section(html, why)], **options)]


def test_each_place_is_listed_once_in_order():
    """A second link to the same place, or into the middle of it, adds nothing."""
    html = (
        '<a href="https://b.example/x">Later</a> <a href="https://a.example/">First</a>'
        '<a href="https://b.example/x#part">Again</a> <a href="https://b.example/x/">Once more</a>'
    )

    assert found(html) == [("Later", "https://b.example/x", ""), ("First", "https://a.example/", "")]


@pytest.mark.parametrize(
    ("html", "words", "doi"),
    [
        ('<a href="https://doi.org/10.1000/AbC">Conole</a>', "Conole", "10.1000/AbC"),
        ('<a href="http://dx.doi.org/10.1000%2Fabc">Conole</a>', "Conole", "10.1000/abc"),
        ('<a href="https://doi.org/10.1000/abc">https://doi.org/10.1000/abc</a>', "", "10.1000/abc"),
        ("<p>Conole (2013), doi:10.1000/abc.</p>", "", "10.1000/abc"),
        ("<p>(https://doi.org/10.1007/978-1-4419-8517-0)</p>", "", "10.1007/978-1-4419-8517-0"),
    ],
)
def test_a_doi_is_known_however_it_is_written(html, words, doi):
    """As a link, as an address, or as words."""
    [(said, address, number)] = found(html)

    assert (said, number) == (words, doi)
    assert "doi.org/10.1" in address


def test_a_doi_in_two_cases_is_one():
    """DOIs do not know capitals; the words of a later link are better than none."""
    html = '<p>doi:10.1000/ABC</p><a href="https://doi.org/10.1000/abc">Conole</a>'

    assert found(html) == [("Conole", "https://doi.org/10.1000/abc", "10.1000/abc")]


def test_the_lines_on_why_are_read_too():
    """A DOI in the reason for a piece of evidence is one; the evidence itself has its own list."""
    assert found(why="Built on 10.1000/abc, as read") == [("", "https://doi.org/10.1000/abc", "10.1000/abc")]


def test_own_places_and_addresses_of_people_are_no_references():
    """What lies on the owner's own sites is evidence or nothing; a mail address is no place."""
    html = (
        '<a href="https://blog.example/2">Mine</a><a href="mailto:x@y.example">Mail</a>'
        '<a href="#kf-1a">Here</a><a href="https://old.example/p/">Old</a><a href="https://a.example">A</a>'
    )

    assert found(html, own_hosts={"blog.example"}, own={"https://old.example/p"}) == [("A", "https://a.example", "")]


def page(text, **options):
    entries = [item(1)]
    narrative = Narrative("context", ready=True, visibility=Visibility.PUBLIC, passages=(Passage("", "", text),))
    made = assembled(entries, {"context": narrative}, panels=[panel], **options)
    return made.panels


def test_a_panel_lists_words_host_and_doi():
    """Words lead where the text led; a DOI is shown as one, so that paper can be read too."""
    [made] = page(THREE + " (doi:10.1000/abc) <https://d.example/a/b>")
    lines = BeautifulSoup(made.html, "lxml").find_all("li")

    assert (made.id, made.title, made.place) == ("references", "References", "after")
    assert [line.get_text() for line in lines] == [
        "A, a.example",
        "B, b.example",
        "C, c.example",
        "doi:10.1000/abc",
        "d.example/a/b",
    ]
    assert lines[3].a["href"] == "https://doi.org/10.1000/abc"


def test_few_references_are_no_list():
    """Two links in a text need no list of their own."""
    assert page("[A](https://a.example/1) [B](https://b.example/2)") == ()


def test_links_to_what_the_archive_holds_of_the_owners_are_no_references():
    """Own posts are evidence, wherever they are."""
    assert page("[A](https://a.example/1) [B](https://b.example/2) [Own](https://blog.example.org/post-1/#x)") == ()


def test_words_cannot_be_markup():
    """A link's words are escaped again."""
    [made] = page(THREE + " [`<b>&`](https://d.example/)")

    assert "&lt;b&gt;&amp;</a>" in made.html
