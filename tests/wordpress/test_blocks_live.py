"""Our blocks on a real WordPress: given back byte for byte, and at home in its editor."""

from __future__ import annotations

import pytest

from connectors.wanted import with_addresses
from connectors.wordpress.blocks import to_blocks, with_numbers
from tests.page import chromium
from tests.wordpress.publishing import api

pytestmark = pytest.mark.server

PICTURE = "kf-0123abcd-a.png"
FRAGMENT = """
<nav class="kf-contents" id="kf-contents" aria-label="Contents"><ul><li><a href="#kf-1a">1a</a></li></ul></nav>
<section class="kf-section" aria-labelledby="kf-1a"><h2 id="kf-1a">1a: Constraints &amp; benefits</h2>
<p>I chose <em>Moodle</em> in 2024 -- not [gallery] &lt;b&gt; "quoted" 😀 a\u00a0b<br>next <code>&amp;amp;</code></p>
<h3>Evidence</h3>
<ul class="kf-evidence" role="list"><li>
<span class="kf-title"><a href="https://e.org/?a=1&amp;b=2" data-originalurl="x">T</a></span><br>
<span class="kf-meta">post · 3 May</span></li><li>plain<ul><li>nested</li></ul></li></ul>
<ol><li><p>two</p><p>paragraphs</p></li></ol>
<figure class="kf-figure"><img src="https://e.org/a.png" alt='A "b" [x] &lt;c&gt;' width="3" height="4">
<figcaption>Cap <span class="kf-credit">Picture: Me</span></figcaption></figure>
<div id="kf-table-1" class="kf-scroll" role="region" tabindex="0" aria-label="Table 1"><table><caption>Cap</caption>
<thead><tr><th scope="col">H</th></tr></thead>
<tbody><tr><th scope="row">r <a href="x">l</a></th></tr></tbody></table></div>
<h2>Communication</h2><div id="kf-table-2" role="region" tabindex="0" aria-label="Table 2"><table><tbody><tr>
<td colspan="2">wide</td></tr></tbody></table></div>
<table><tbody><tr><td colspan="2">wide</td></tr></tbody></table>
<blockquote><p>Quote</p><cite>Me</cite></blockquote><pre><code>a &lt; b [embed]</code></pre><pre>plain
  text</pre><hr><details><summary>S</summary><p>inside</p></details>
<figure><img src="keepfolio:kf-0123abcd-a.png" alt="B"></figure>
<p lang="cy">Croeso</p><dl><dt>a</dt><dd>b</dd></dl><p>https://example.org/x?a=1&amp;b</p>
<p class="kf-back"><a href="#kf-contents">Back<span class="kf-hidden"> (from 1a)</span></a></p></section>
"""


def shown() -> str:
    """Block markup as it is sent: with the picture's number and address."""
    return with_addresses(with_numbers(to_blocks(FRAGMENT), {PICTURE: "7"}), lambda name: f"https://e.org/{name}")


@pytest.mark.parametrize("role", ["admin", "editor", "author"])
def test_wordpress_gives_back_what_was_sent(empty_wordpress, role):
    """Byte for byte, also for an author, whose every word passes WordPress's filter."""
    text = shown()
    made = api(empty_wordpress, "posts", role=role, method="POST", title="x", content=text, status="draft").json()
    assert made["content"]["raw"] == text


def test_a_reader_sees_words_and_no_shortcode(empty_wordpress):
    """What a person wrote in brackets stands on the page."""
    made = api(empty_wordpress, "pages", method="POST", title="x", content=to_blocks(FRAGMENT), status="draft").json()
    shown = made["content"]["rendered"]
    assert "&#091;gallery]" in shown or "[gallery]" in shown
    assert "<iframe" not in shown


@pytest.mark.browser
def test_the_editor_finds_every_block_valid(empty_wordpress):
    """No "This block contains unexpected content", and nothing that the editor does not know."""
    text = shown()
    made = api(empty_wordpress, "pages", method="POST", title="x", content=text, status="draft").json()
    context = chromium.browser().new_context()
    page = context.new_page()
    page.goto(f"{empty_wordpress.url}/wp-login.php")
    page.fill("#user_login", "admin")
    page.fill("#user_pass", empty_wordpress.info["password"])
    page.click("#wp-submit")
    page.goto(f"{empty_wordpress.url}/wp-admin/post.php?post={made['id']}&action=edit")
    page.wait_for_function("window.wp?.data?.select('core/block-editor')?.getBlocks().length > 0")
    blocks = page.evaluate(
        """() => { const found = []; const walk = (blocks) => blocks.forEach((block) => {
            found.push([block.name, block.isValid, block.originalContent]); walk(block.innerBlocks); });
            walk(wp.data.select('core/block-editor').getBlocks()); return found; }"""
    )
    context.close()
    assert len(blocks) > 20
    assert [block for block in blocks if not block[1]] == []
    assert {name for name, _, _ in blocks} & {"core/missing", "core/freeform"} == set()
