"""What a page holds beside sections: panels, earlier generations, drawings, quotations, captions, a licence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from archive.entry import Visibility
from bridge.portfolio.model import Evidence, PagePart, PageSection, Panel
from bridge.portfolio.narrative import Cited, Narrative, Passage
from bridge.render import drawings, markdown, sanitise
from bridge.render.licence import linked
from bridge.render.outline import outline
from bridge.render.page import render
from connectors.wordpress.blocks import to_blocks
from tests.page import rich
from tests.portfolio.samples import Bytes, assembled, item


@pytest.fixture
def held(tmp_path):
    """The archive's files."""
    (tmp_path / "files").mkdir()
    return Bytes(tmp_path / "files")


@pytest.fixture
def portfolio(held):
    """A renewal with its original below."""
    return rich.portfolio(held)


@pytest.fixture
def built(portfolio, held, tmp_path):
    return render(portfolio, held.path, tmp_path / "build")


def soup(html):
    return BeautifulSoup(html, "lxml")


def shown(tmp_path, held, html, **fields):
    """Return the fragment of a page with one text."""
    section = PageSection("a", "A", 2, gathers=False, parts=(PagePart("", "", html, **fields),))
    made = replace(rich.portfolio(held), sections=(section,), panels=(), kept=(), credits=(), licence="")
    return render(made, held.path, tmp_path / "build").release


def test_panels_stand_before_and_after_the_sections(built, portfolio):
    """In the order in which they were given, each with its heading, its place in the contents, and a way back."""
    headings = [h.get_text() for h in soup(built.release.fragment).find_all("h2")]
    entries = [a.contents[0] for a in soup(built.release.fragment).select("nav > ul > li > a")]

    assert headings[:2] == ["Summary of revisions", "Summary of recent work and practice"]
    assert headings[-6:] == [
        "The four core principles",
        "The portfolio of 2021",
        "References",
        "Evidence in full",
        "Picture credits",
        "Licence",
    ]
    assert entries == headings
    names = [a.get_text() for a in soup(built.release.fragment).select(".kf-back a")]
    assert "Back to contents (from Summary of revisions)" in names


def test_contents_show_an_earlier_generation_as_a_group(portfolio):
    """Its areas stand inside it, and their parts inside them: three levels."""
    tree = {h.title: h for h in outline(portfolio)}["The portfolio of 2021"]

    assert [h.title for h in tree.inside] == [
        "Contextual statement",
        "Core area 1: Operational issues",
        "Future Plans",
    ]
    assert [h.title[:2] for h in tree.inside[1].inside] == ["1a", "1b"]


def test_contents_are_nested_lists(built):
    """The menu on the page is nested as its headings are."""
    nav = soup(built.release.fragment).nav

    assert nav.select("ul > li > ul > li > ul > li > a[href='#kf-original-1a']")
    assert nav.select("ul > li > ul > li > a[href='#kf-theme-1']")
    assert not nav.select("ul ul ul ul")


def test_headings_of_the_same_words_are_told_apart(built):
    """Today's plans and those of 2021: contents, ways back and landmarks say which, for capitals cannot be heard."""
    page = soup(built.release.fragment)
    names = [a.get_text() for a in page.select("nav a, .kf-back a")]
    regions = [
        " ".join(page.find(id=one).get_text() for one in s["aria-labelledby"].split()) for s in page.select("section")
    ]

    assert "Future plans" in names
    assert "Future Plans (The portfolio of 2021)" in names
    assert "Back to contents (from The portfolio of 2021: Future Plans)" in names
    assert len(names) == len(set(names))
    assert len(regions) == len(set(regions))


def test_headings_never_skip_however_deep(built):
    """From the title down to the parts of an earlier generation's sections: one level at a time, six at most."""
    levels = [int(h.name[1]) for h in soup(built.release.document).find_all(["h1", "h2", "h3", "h4", "h5", "h6"])]

    assert max(levels) == 5
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_drawing_is_in_the_document_and_not_in_the_fragment(built):
    """A page that stands alone shows it, in a region that the keyboard reaches; a WordPress gets the table alone."""
    document, fragment = soup(built.release.document), built.release.fragment

    found = [(svg.title.get_text(), svg.parent["role"], svg.parent["tabindex"]) for svg in document.select("svg")]
    assert found == [
        ("CPD from June 2024 to November 2026", "region", "0"),
        ("Evidence for each principle, by section", "region", "0"),
    ]
    assert [svg.parent["aria-label"] for svg in document.select("svg")] == ["Drawing 1", "Drawing 2"]
    assert "svg" not in fragment
    assert "kf-drawing" not in fragment
    assert "CPD by year" in fragment


def test_a_text_cannot_ask_for_a_drawing_or_be_one(tmp_path, held):
    """A stranger's text with our mark in it, or with an SVG of its own, changes nothing."""
    drawing = drawings.timeline("Mine", [], date(2024, 1, 1), date(2025, 1, 1))
    text = sanitise.prose('<p title="x"><hr class="kf-drawing-1">Words<svg onload="x()"><rect/></svg></p>')

    release = shown(tmp_path, held, text, drawing=drawing)

    assert len(soup(release.document).select("svg")) == 1
    assert "onload" not in release.document


def test_what_is_given_as_a_drawing_holds_no_script(tmp_path, held):
    """A drawing out of a recorded release is cleaned as everything is."""
    release = shown(
        tmp_path, held, "<p>Words</p>", drawing='<svg class="kf-drawing"><script>x()</script></svg><b>x</b>'
    )

    assert "<script" not in release.document
    assert "<b>x" not in release.document


def test_a_table_with_a_caption_is_named_by_it(tmp_path, held):
    """What scrolls is called by what it shows; a table without a caption by its number."""
    html = markdown.render("Table: *Two* places\n\n| a |\n|---|\n| b |\n\nWords.\n\n| c |\n|---|\n| d |", 2)

    page = soup(shown(tmp_path, held, html).fragment)

    first, second = page.select("[role=region]")
    assert page.find(id=first["aria-labelledby"]).get_text() == first.caption.get_text() == "Two places"
    assert second["aria-label"] == "Table 2"
    assert not second.caption


def test_on_wordpress_a_caption_is_the_way_to_its_table(built):
    """A table block cannot take the focus: the link in its caption, to itself, can; a number only where no name is."""
    blocks = to_blocks(built.release.fragment)

    assert 'id="kf-table-2"><table><thead><tr><th scope="col">Type</th>' in blocks
    assert '<figcaption class="wp-element-caption"><a href="#kf-table-2">CPD by year</a></figcaption>' in blocks
    assert "<caption" not in blocks


def test_on_wordpress_a_link_in_a_caption_is_way_enough():
    """Links in links do not exist; and a table that no block can be keeps its caption and its way."""
    region = '<div id="t" role="region" aria-labelledby="c">{}</div>'
    table = '<table><caption id="c">{}</caption><tr><th scope="col"{}>n</th></tr><tr><td>1</td></tr></table>'

    linked_already = to_blocks(region.format(table.format('Of <a href="https://x.example">X</a>', "")))
    spanning = to_blocks(region.format(table.format("Years", ' colspan="2"')))

    assert linked_already.count("<a ") == 1
    assert '<div id="t" style="overflow:auto"><table><caption id="c"><a href="#t">Years</a></caption>' in spanning


def test_a_caption_may_follow_its_table():
    """As many people write it, and not more than its own paragraph becomes it."""
    html = markdown.render("| a |\n|---|\n| b |\n\nTable: Years\n\nWords.", 2)

    assert "<caption>Years</caption>" in html
    assert html.endswith("<p>Words.</p>")
    assert html.count("Years") == 1


def test_a_table_in_a_figure_is_called_by_what_the_figure_says(tmp_path, held):
    """WordPress puts captions of tables there."""
    html = "<figure><table><tbody><tr><th>n</th><td>1</td></tr></tbody></table><figcaption>Errors</figcaption></figure>"

    page = soup(shown(tmp_path, held, sanitise.prose(html)).fragment)

    assert page.caption.get_text() == "Errors"
    assert not page.find(["figure", "figcaption"])


def test_headings_of_tables_say_what_they_head(tmp_path, held):
    """Beside cells it is the row, among headings the column; an empty corner is a cell."""
    html = "<table><tr><th></th><th>2024</th></tr><tr><th>Reading</th><td>3</td></tr></table>"

    page = soup(shown(tmp_path, held, html).fragment)

    assert [(th.get_text(), th["scope"]) for th in page.find_all("th")] == [("2024", "col"), ("Reading", "row")]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("> Words.\n>\n> — ALT, *Core principles*", "— ALT, <em>Core principles</em>"),
        ("> Words,\n> and more.\n> -- A colleague", "-- A colleague"),
        ("> Words – and a dash.\n> More words.", None),
        ("— Not in a quotation", None),
    ],
)
def test_a_quotation_in_markdown_names_its_source(text, source):
    """A last line that begins with a dash is its source."""
    quote = markdown.render(text, 2)

    assert (f"<cite>{source}</cite>" in quote) == (source is not None)
    assert quote.count("<p>") == quote.count("</p>") == 1


@pytest.mark.parametrize(
    "quote",
    [
        "<blockquote><p>Empathy.</p><cite>ALT, Core principles</cite></blockquote>",
        "<blockquote><p>Empathy.</p><footer><cite>ALT, Core principles</cite></footer></blockquote>",
        '<blockquote cite="https://x.example/">Empathy.\n<footer><p>ALT, Core principles</p></footer></blockquote>',
    ],
)
def test_a_harvested_quotation_keeps_its_source_on_every_way_out(tmp_path, held, quote):
    """From a post through the build into the page, and on into WordPress's own block for quotations."""
    post = item(1, "On empathy", visibility=Visibility.PRIVATE, content_html=quote, url="")
    narrative = Narrative(
        "1a",
        ready=True,
        visibility=Visibility.PUBLIC,
        evidence=(Cited(post.id),),
        passages=(Passage("description", "Description", "Words."),),
    )
    made = assembled([post], {"1a": narrative}, marks={post.id: Visibility.PUBLIC})

    fragment = render(made, held.path, tmp_path / "build").release.fragment

    assert soup(fragment).blockquote.cite.get_text() == "ALT, Core principles"
    assert "<cite>ALT, Core principles</cite></blockquote>\n<!-- /wp:quote -->" in to_blocks(fragment)


def test_a_footer_elsewhere_is_no_footer_of_the_page():
    """Only a quotation's becomes its source."""
    assert sanitise.prose("<footer><p>a</p></footer><blockquote><p>b</p></blockquote>") == (
        "<p>a</p><blockquote><p>b</p></blockquote>"
    )


def test_empty_headings_and_links_of_harvested_texts_go():
    """Nobody sees them, and a screen reader says them."""
    html = sanitise.prose("<h2><strong> </strong></h2><h3>A</h3><p><a href='https://x.example'></a>b</p>")

    assert markdown.under(html, 3) == "<h4>A</h4><p>b</p>"


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("CC BY-NC-SA 4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/"),
        ("cc-by-sa 3.0", "https://creativecommons.org/licenses/by-sa/3.0/"),
        ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("CC0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("CC BY 9.0", None),
        ("CC BY", None),
        ("All rights reserved", None),
    ],
)
def test_a_licence_that_has_an_address_is_linked(words, address):
    """Names of Creative Commons licences lead to their texts; other words stay words."""
    found = soup(linked(f"Mine: {words}, <b>but")).a

    assert (found and found["href"]) == address
    assert soup(linked(f"Mine: {words}, <b>but")).get_text() == f"Mine: {words}, <b>but"


def test_the_page_states_its_licence(built):
    """At the end, in the owner's words."""
    last = soup(built.release.fragment).find_all("section")[-1]

    assert last.find("p", class_="kf-licence").get_text() == rich.LICENCE
    assert last.a["href"] == "https://creativecommons.org/licenses/by-sa/4.0/"


def test_without_a_licence_nothing_is_said_of_one(tmp_path, held):
    """Nobody's rights are given away by a default."""
    assert "icence" not in shown(tmp_path, held, "<p>Words.</p>").fragment


def test_a_link_to_a_file_says_its_format(built):
    """Evidence that is a file on the owner's own site opens elsewhere than a page does: its link says so."""
    links = [a.get_text() for a in soup(built.release.fragment).select(".kf-title a[href$='.pdf']")]

    assert links
    assert all(words.endswith(" (PDF)") for words in links)


@pytest.mark.parametrize(
    ("title", "address", "words"),
    [
        ("Minutes", "https://blog.example/m.PDF?v=1", "Minutes (PDF)"),
        ("Minutes (PDF)", "https://blog.example/m.pdf", "Minutes (PDF)"),
        ("A document", "https://blog.example/m.doc", "A document (DOC)"),
        ("A post", "https://blog.example/2024/post.html", "A post"),
        ("A post", "https://blog.example/2024/", "A post"),
    ],
)
def test_only_files_say_a_format_and_only_once(tmp_path, held, title, address, words):
    """A page needs no format, and a title that names it is enough."""
    evidence = Evidence("urn:x", title, "Document", "", "", address)
    section = PageSection("a", "A", 2, gathers=False, parts=(PagePart("evidence", "", ""),), evidence=(evidence,))
    made = replace(rich.portfolio(held), sections=(section,))

    page = soup(render(made, held.path, tmp_path / "b").release.fragment)

    assert page.select_one(".kf-title a").get_text() == words


def test_evidence_without_a_part_of_its_own_stands_at_the_end(tmp_path, held):
    """A section in one text shows its evidence after it."""
    made = rich.portfolio(held)
    evidence = next(s.evidence for s in made.sections if s.evidence)
    section = PageSection("a", "A", 2, gathers=False, parts=(PagePart("", "", "<p>Words.</p>"),), evidence=evidence)

    page = soup(render(replace(made, sections=(section,)), held.path, tmp_path / "b").release.fragment)

    assert len(page.select_one("section:has(> #kf-a) .kf-evidence").find_all("li")) == len(evidence)


def test_the_cover_names_owner_and_years(built):
    """Who, what, and what it rests on; the owner once, though the title names them."""
    head = soup(built.release.document).header

    assert head.select_one(".kf-owner").get_text() == rich.OWNER
    assert head.select_one(".kf-facts").get_text() == "17 pieces of evidence, 2025"


def test_the_same_panels_give_the_same_bytes(portfolio, held, tmp_path):
    """Drawings and ids are the same each time."""
    one = render(portfolio, held.path, tmp_path / "one").release
    two = render(portfolio, held.path, tmp_path / "two").release

    assert one == two


def test_a_panel_may_have_only_a_drawing_or_only_words(tmp_path, held):
    """Neither leaves an empty place."""
    made = replace(rich.portfolio(held), panels=(Panel("p", "Thanks", "<p>To all readers.</p>"),))

    document = soup(render(made, held.path, tmp_path / "b").release.document)

    assert document.find(id="kf-panel-p").find_next_sibling("p").get_text() == "To all readers."


def test_on_wordpress_a_long_word_may_be_broken_between_its_pieces():
    """A DOI is wider than a telephone in many themes. Where it leads, and code, stay as they are."""
    address = "https://doi.org/10.1080/17439884.2020.1789102"
    html = f'<p>See <a href="{address}">{address}</a>, not 4/5.</p><p><code>{address}</code></p><p>{address}</p>'

    blocks = to_blocks(html)

    assert blocks.count(f'<a href="{address}">https:/\u200b/') == 0
    assert blocks.count(f'<a href="{address}">https://\u200bdoi.\u200borg/\u200b10.\u200b1080/\u200b17439884.') == 2
    assert f"<code>{address}</code>" in blocks
    assert "not 4/5." in blocks


def test_what_speaks_of_today_stands_above_earlier_generations(tmp_path, held):
    """Principles belong to today's sections; the references are those of the whole page. The contents say the same."""
    panels = (Panel("principles", "Principles", "<p>A</p>"), Panel("end", "References", "<p>B</p>", place="after"))
    made = replace(rich.portfolio(held), panels=panels)

    page = soup(render(made, held.path, tmp_path / "b").release.document)

    earlier = f"kf-{next(section.id for section in made.sections if section.generation)}"
    wanted = ["kf-panel-principles", earlier, "kf-panel-end"]
    assert [h["id"] for h in page.find_all("h2") if h.get("id") in wanted] == wanted
    assert [a["href"][1:] for a in page.nav.find_all("a") if a["href"][1:] in wanted] == wanted
