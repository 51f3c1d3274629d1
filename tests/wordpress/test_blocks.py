"""Semantic HTML as WordPress's blocks: what the editor and the filter of WordPress keep, and nothing else."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.wordpress.blocks import to_blocks, with_numbers


def test_a_paragraph_keeps_its_class_and_anchor():
    """The editor's own spelling: the class in the block's attributes too, the id in the element alone."""
    assert to_blocks('<p class="kf-back" id="x">Back</p>') == (
        '<!-- wp:paragraph {"className":"kf-back"} -->\n<p class="kf-back" id="x">Back</p>\n<!-- /wp:paragraph -->'
    )


def test_a_section_is_a_group_with_blocks_inside():
    """aria-labelledby would make the block invalid; heading levels carry the structure."""
    assert to_blocks('<section class="a" aria-labelledby="t"><h3 id="t">T</h3></section>') == (
        '<!-- wp:group {"tagName":"section","className":"a"} -->\n<section class="wp-block-group a">'
        '<!-- wp:heading {"level":3} -->\n<h3 class="wp-block-heading" id="t">T</h3>\n<!-- /wp:heading -->'
        "</section>\n<!-- /wp:group -->"
    )


def test_lists_nest():
    """Each item is a block, and a list in an item stands inside of it."""
    assert to_blocks("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>") == (
        '<!-- wp:list {"ordered":true} -->\n<ol class="wp-block-list"><!-- wp:list-item -->\n<li>a'
        '<!-- wp:list -->\n<ul class="wp-block-list"><!-- wp:list-item -->\n<li>b</li>\n<!-- /wp:list-item --></ul>\n'
        "<!-- /wp:list --></li>\n<!-- /wp:list-item -->\n\n"
        "<!-- wp:list-item -->\n<li>c</li>\n<!-- /wp:list-item --></ol>\n<!-- /wp:list -->"
    )


def test_a_picture_has_its_alt_and_caption():
    """Also where the picture is a link, and where it stands alone in a paragraph."""
    assert to_blocks('<figure><img src="keepfolio:kf-1.png" alt="A" width="3"><figcaption>C</figcaption></figure>') == (
        '<!-- wp:image -->\n<figure class="wp-block-image"><img src="keepfolio:kf-1.png" alt="A" />'
        '<figcaption class="wp-element-caption">C</figcaption></figure>\n<!-- /wp:image -->'
    )
    assert '{"linkDestination":"custom"}' in to_blocks('<figure><a href="x"><img src="y" alt=""></a></figure>')
    assert to_blocks('<p><img src="y" alt=""></p>').startswith("<!-- wp:image -->")


def test_a_table_keeps_its_heads_and_caption():
    """The scroll region around it goes: the block scrolls by itself."""
    made = to_blocks(
        '<div role="region" tabindex="0"><table><caption>C</caption><tr><th scope="col">H</th></tr>'
        "<tr><td>d</td></tr></table></div>"
    )
    assert made == (
        '<!-- wp:table -->\n<figure class="wp-block-table"><table><tbody><tr><th scope="col">H</th></tr>'
        '<tr><td>d</td></tr></tbody></table><figcaption class="wp-element-caption">C</figcaption></figure>\n'
        "<!-- /wp:table -->"
    )


def test_a_table_that_scrolls_can_be_reached_with_the_keyboard():
    """WordPress takes ``tabindex`` away: a link in the table's caption is where the keyboard stops."""
    region = '<div id="t1" class="kf-scroll" role="region" tabindex="0" aria-label="Table 1">{}</div>'

    simple = to_blocks(region.format("<table><caption>Costs</caption><tr><td>d</td></tr></table>"))
    spanning = to_blocks(region.format('<table><tr><td colspan="2">d</td></tr></table>'))

    assert '<figure class="wp-block-table kf-scroll" id="t1">' in simple
    assert '<figcaption class="wp-element-caption"><a href="#t1">Table 1</a>: Costs</figcaption>' in simple
    assert spanning == (
        '<!-- wp:html -->\n<div id="t1" style="overflow:auto"><p><a href="#t1">Table 1</a></p>'
        '<table><tr><td colspan="2">d</td></tr></table></div>\n<!-- /wp:html -->'
    )


def test_a_table_that_the_editor_has_no_block_for_scrolls_too():
    """It is shown as it is, and not wider than the page."""
    table = '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>'

    assert to_blocks(table) == f'<!-- wp:html -->\n<div style="overflow:auto">{table}</div>\n<!-- /wp:html -->'


def test_long_words_in_large_headings_can_be_broken():
    """Where a syllable ends; tags, entities, words that fit and small headings stay as they are."""
    html = '<h2>Communication <a href="https://example.org/understandings">&nbsp;Understandings</a> technologies</h2>'

    made = to_blocks(f"{html}<h3>Communication</h3><h4>Internationalisation</h4>").replace("\u00ad", "|")

    assert "Commu|ni|ca|tion" in made
    assert '<a href="https://example.org/understandings">' in made
    assert ">\xa0Under|stan|dings</a> techno|lo|gies</h2>" in made
    assert ">Communication</h3>" in made
    assert ">Internationalisation</h4>" in made


def test_pictures_name_their_number_in_the_media_library():
    """By it WordPress gives them width, height and smaller sizes; one that has no number stays as it is."""
    figure = '<figure><a href="x"><img src="keepfolio:kf-1.png" alt="A"></a></figure>'
    text = to_blocks(f'{figure}<figure class="kf-figure"><img src="keepfolio:kf-2.png" alt="B"></figure>')

    made = with_numbers(text, {"kf-1.png": "7", "kf-2.png": ""})

    assert '<!-- wp:image {"id":7,"linkDestination":"custom"} -->' in made
    assert '<img src="keepfolio:kf-1.png" alt="A" class="wp-image-7" /></a>' in made
    assert with_numbers(text, {}) == text
    assert with_numbers(text, {"kf-2.png": "8"}).count('{"id":8,"className":"kf-figure"}') == 1
    assert made.count("wp-image") == 1


@pytest.mark.parametrize(
    "html",
    [
        '<nav aria-label="Contents" id="c"><ul><li><a href="#a">A</a></li></ul></nav>',
        "<dl><dt>a</dt><dd>b</dd></dl>",
        '<p lang="cy">Croeso</p>',
        "<details><summary>s</summary>x</details>",
        "<ul><li><p>a</p><p>b</p></li></ul>",
    ],
)
def test_what_the_editor_has_no_block_for_is_custom_html(html):
    """Shown as it is, with its meaning for those who cannot see it."""
    assert to_blocks(html) == f"<!-- wp:html -->\n{html}\n<!-- /wp:html -->"


def test_what_wordpress_takes_away_is_not_sent():
    """Script and style go with what is in them; of other unknown elements the words stay."""
    made = to_blocks(
        '<p onclick="x" style="y">a<script>alert(1)</script><style>b{}</style> <time datetime="z">May</time> '
        "<bdi>c</bdi></p>"
        '<marquee><p>d</p></marquee><iframe src="https://e.org"></iframe>'
    )
    assert made == (
        "<!-- wp:paragraph -->\n<p>a May c</p>\n<!-- /wp:paragraph -->\n\n"
        "<!-- wp:paragraph -->\n<p>d</p>\n<!-- /wp:paragraph -->"
    )


def test_a_shortcode_in_a_sentence_is_no_instruction():
    """WordPress would fill [gallery] with pictures, in text, code and attributes alike."""
    made = to_blocks(
        '<p>Use [gallery], [/x] and [[y]], not [1].</p><pre><code>[embed]</code></pre><p><a title="[z]">t</a></p>'
    )
    assert "[1]" in made
    assert not re.search(r"\[[/\[]?[a-z]", made)
    assert made.count("&#091;") == 6


def test_an_address_alone_is_a_link_and_not_an_embed():
    """WordPress would fetch the other site's page and show it here."""
    address = "https://e.org/?a=1&amp;b=2"
    made = to_blocks(f"<p>{address}</p>").replace("\u200b", "")  # where a long word may be broken

    assert f'<p><a href="{address}">{address}</a></p>' in made


def test_words_for_screen_readers_get_the_class_of_the_themes():
    """A WordPress theme hides them from the eye by its own class."""
    assert '<span class="screen-reader-text">' in to_blocks('<p>Back<span class="kf-hidden"> (from 1a)</span></p>')


def test_json_in_a_comment_cannot_end_the_comment():
    """A class name with -- or > is escaped as WordPress escapes it."""
    made = to_blocks('<p class="a--b>c&amp;d">x</p>')
    assert '{"className":"a\\u002d\\u002db\\u003ec\\u0026d"}' in made
    comment = made.splitlines()[0]
    assert comment.index("-->") == len(comment) - 3
    assert json.loads(comment[comment.index("{") : -4]) == {"className": "a--b>c&d"}


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
TAGS = st.sampled_from(
    ["p", "div", "section", "ul", "li", "figure", "img", "a", "table", "tr", "td", "nav", "x-y", "blockquote"]
)
TREES = st.recursive(
    WORDS.map(lambda t: t.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.tuples(TAGS, WORDS, st.lists(inner, max_size=3)).map(
        lambda made: f'<{made[0]} class="{made[1].replace(chr(34), "")}">{"".join(made[2])}</{made[0]}>'
    ),
    max_leaves=12,
)


@given(TREES)
def test_every_block_that_opens_closes(html):
    """Whatever comes in, block comments nest, and nothing active comes out."""
    made = to_blocks(html)
    open_blocks: list[str] = []
    for closing, name in re.findall(r"<!-- (/?)wp:([a-z-]+)[^\n]*? -->", made):
        if closing:
            assert open_blocks.pop() == name
        else:
            open_blocks.append(name)
    assert open_blocks == []
    assert "<script" not in made
    assert "<x-y" not in made


@given(TREES)
def test_no_word_is_lost(html):
    """What a person reads in the fragment is read in the blocks."""
    from bs4 import BeautifulSoup

    def words(text):
        return "".join(BeautifulSoup(text, "html.parser").get_text().replace("\u200b", "").split())

    assert words(to_blocks(html)) == words(html)
