"""Markdown and harvested HTML on their way out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.render import markdown, sanitise


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<p onclick='x()'>a</p>",
        "<a href='javascript:alert(1)'>a</a>",
        "<a href='data:text/html,x'>a</a>",
        "<iframe src='https://example.org'></iframe>",
        "<p style='position:fixed'>a</p>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)></svg>",
        "<form action=x><input></form>",
        "<p class='kf-skip' id='kf-main'>a</p>",
        "<img src='keepfolio:kf-00000000-other.png'>",
        "<meta http-equiv=refresh content=0>",
        "<base href='https://evil.example/'>",
    ],
)
def test_nothing_of_a_strangers_html_acts(html):
    """Scripts, handlers, frames, styles, ids, and names of our own uploads are taken out of harvested HTML."""
    clean = sanitise.prose(html)

    for word in (
        "script",
        "onclick",
        "onerror",
        "onload",
        "iframe",
        "style",
        "svg",
        "form",
        "class",
        "id=",
        "keepfolio",
    ):
        assert word not in clean
    for word in ("javascript:", "data:", "meta", "base"):
        assert word not in clean


def test_html_in_the_owners_markdown_is_text():
    """What looks like HTML is shown as it was written."""
    assert markdown.render("<b>bold</b> & <script>x</script>", 2) == (
        "<p>&lt;b&gt;bold&lt;/b&gt; &amp; &lt;script&gt;x&lt;/script&gt;</p>"
    )


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a\n\n## b\n\n# c", ["h4", "h5", "h4"]),
        ("### a\n\n##### b\n\n### c", ["h4", "h5", "h4"]),
        ("### a\n\n# b", ["h4", "h4"]),
        ("# a\n\n## b\n\n### c\n\n#### d", ["h4", "h5", "h6", "h6"]),
    ],
)
def test_headings_follow_the_one_above_and_skip_nothing(text, levels):
    """However many ``#`` the owner used, levels begin below the part's heading and go down one at a time."""
    import re

    assert re.findall(r"<(h\d)>", markdown.render(text, 3)) == levels


def test_tables_and_quotes_and_lists():
    """The usual Markdown works."""
    html = markdown.render("| a |\n|---|\n| b |\n\n> q\n\n- l\n\n~~s~~", 3)

    for piece in ("<table>", "<blockquote>", "<ul>", "<s>s</s>"):
        assert piece in html


def test_pictures_and_links_go_through_their_resolvers():
    """A picture stays when it resolves, becomes a link when it is of the web, and is left out otherwise."""
    text = "![a & b](urn:x 'T') ![c](https://e.example/?a=1&b=2) ![d](urn:y)\n\n[l](urn:x) [m](urn:y)"

    html = markdown.render(
        text, 3, pictures={"urn:x": "urn:x"}.get, links=lambda a: "https://x.example/" if a == "urn:x" else None
    )

    assert '<img src="urn:x" alt="a &amp; b" title="T">' in html
    assert '<a href="https://e.example/?a=1&amp;b=2">c</a>' not in html  # links are resolved, too
    assert "d" not in html.split("</p>")[0].replace("&amp;", "")[-3:]
    assert html.endswith('<p><a href="https://x.example/">l</a> m</p>')


def test_words_are_those_that_a_reader_sees():
    """Blocks part words, inline mark-up does not, and entities are letters."""
    assert sanitise.text("<p>one</p><p>two</p><ul><li>3<b>4</b></li></ul>a<br>b &amp; c<script>x</script>") == (
        "one two 34 a b & c"
    )


@given(st.text(alphabet="<>a/ \"'=#*`[]()!&;:\n-|", max_size=80))
def test_any_markdown_gives_balanced_safe_html(text):
    """Whatever is typed, cleaning the result again changes nothing."""
    html = markdown.render(text, 3)

    assert sanitise.prose(html).strip() == html


@pytest.mark.parametrize(
    ("html", "result"),
    [
        ('<a href="https://b.example/big.jpg?w=9"><img src="urn:x" alt="a"></a>', '<img src="urn:x" alt="a" title="">'),
        (
            '<a href="https://film.example/1"><img src="urn:x" alt="a"></a>',
            '<a href="https://film.example/1"><img src="urn:x" alt="a" title=""></a>',
        ),
        (
            '<a href="https://film.example/1"><img src="https://e.example/x.png" alt="a"></a>',
            '<a href="https://film.example/1">a</a>',
        ),
    ],
)
def test_pictures_that_are_links(html, result):
    """A picture linked to its own file stands alone; a link to elsewhere stays, in words where none is shown."""
    assert markdown.under(html, 3, pictures={"urn:x": "urn:x"}.get) == result
