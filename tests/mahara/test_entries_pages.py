"""A page keeps every word that it shows, in the order of its layout, and nothing that is there to be clicked on."""

from __future__ import annotations

import re
from html import unescape

import pytest

from archive.entry import fingerprint
from tests.mahara.leap_feeds import SITE, entry, file_entry, items_of, made, real, xhtml

CHROME = set(
    re.split(
        r"\s+",
        """
    Quick edit Add comment Details details Comments and (1) Download Attached × Close Delete Place feedback Feedback
    - Make public Yes No Your web browser cannot play this media file. mins ago 2 Overdue RSS Instructions Peer
    assessment 1 Posted by Sam contents: Folder Post * per post. Maximum 1500 characters your private View whole wall
    Fields marked '*' are required. portfolios 3 All entries 21 November 2026 23:35 post
    """,
    )
)
"""Words of Mahara's own on the pages of the real export: of its buttons, and the day of a comment."""


def words(text: str) -> set[str]:
    plain = unescape(re.sub(r"<[^>]*>", " ", text))
    return {word.strip(',"') for word in plain.split()}


@pytest.fixture(scope="module")
def sam(tmp_path_factory):
    return real("sam-all-2210.zip", tmp_path_factory.mktemp("spool"))


@pytest.mark.parametrize("number", [6, 7, 8, 9, 10, 11, 12, 13])
def test_no_word_of_a_real_page_is_lost(sam, number):
    """But those of buttons: each that Mahara drew is in the text, its block, what others said, or a journal's entry."""
    found = sam.found[f"view{number}"]
    (item,) = items_of(found.raw)
    shown = words(" ".join(map(str, item.content.itertext())))
    extra = found.entry.extra
    kept = words(found.entry.content_html)
    kept |= {w for block in extra["blocks"] for w in words(f"{block['html']} {block['heading']}")}
    kept |= {w for said in extra.get("feedback", []) for w in words(f"{said['who']} {said['words']}")}
    for e in sam.of_kind("journal-entry").values() if number == 11 else ():  # the page shows five of its six
        kept |= words(f"{e.title} {e.content_html} {e.published:%d %B %Y, %H:%M} {' '.join(e.tags)}")
    lost = {w for w in shown - kept - CHROME if not re.fullmatch(r"\[[\d.]+(?:[KM]?B?\]\}?)?|(?:KB|B|bytes)\]\}?", w)}
    assert not lost


@pytest.mark.parametrize("number", [8, 9, 10, 11, 12, 13])
def test_nothing_to_click_on_stays(sam, number):
    """No button, icon, form, or link that leads nowhere."""
    html = sam.entries[f"view{number}"].content_html
    for chrome in ("Add comment", "Quick edit", "Details", "Download", "Posted by", "mins ago", "Place feedback", "×"):
        assert chrome not in html
    assert not re.search(r'href="#|class=|style=|<button|<input|<span|<div|id="', html)


def test_others_words_are_no_words_of_the_page(sam):
    """They are entries of their own, and stand with the page for reading."""
    page = sam.entries["view10"]
    assert "Love the photos." not in page.content_html
    assert {"who": "Priya Shah", "words": "Love the photos."} in page.extra["feedback"]
    assert sam.entries["artefact108"].parent == page.keys[0]


def test_a_video_a_pdf_and_a_recording_are_links_where_mahara_draws_nothing(sam):
    """What their blocks name is on the page, and the files are with it."""
    page = sam.entries["view10"]
    for shown in ("https://www.youtube.com/embed/dQw4w9WgXcQ", "module-evaluation-2024.pdf", "podcast-interview.mp3"):
        assert shown in page.content_html
    assert {"module-evaluation-2024.pdf", "podcast-interview.mp3"} <= {f.name for f in page.files}


def test_a_page_begins_with_its_description(sam):
    page = sam.entries["view8"]
    assert page.extra["description"] == "Portfolio for renewal."
    assert page.content_html.startswith("<p>Portfolio for renewal.</p>")


def test_a_block_has_all_that_building_it_again_needs(sam):
    """Place, settings as values with things by their ids, and texts with the addresses that texts have."""
    profile, text, *_ = sam.entries["view8"].extra["blocks"]
    assert {k: profile[k] for k in ("type", "title", "x", "y", "width", "height")} == {
        "type": "profileinfo", "title": "About me", "x": 0, "y": 0, "width": 12, "height": 3,
    }  # fmt: skip
    assert profile["settings"]["artefactid"] == "artefact52"
    assert profile["settings"]["fields"] == ["firstname", "lastname", "occupation", "city"]
    assert 'src="http://127.0.0.1:8088/artefact/file/download.php?file=40"' in text["settings"]["text"]
    gallery = sam.entries["view10"].extra["blocks"][0]
    assert gallery["settings"]["artefactids"] == ["artefact37", "artefact38", "artefact39"]
    tagged = sam.entries["view9"].extra["blocks"][1]
    assert tagged["settings"]["tagsin"] == ["cmalt-1a"]


def test_a_cover_that_leaked_is_not_believed(sam):
    """Mahara writes the cover of the first collection on everything after it."""
    with_cover = {name for name, found in sam.entries.items() if "cover" in found.extra}
    assert with_cover == {"collection1"}


def block(number: int, kind: str, title: str, body: str) -> str:
    head = f'<h2 class="title card-header"><span class="collapse-inline">{title}</span></h2>' if title else ""
    return (
        f'<div id="user_block_{number}"><div class="bt-{kind} card" id="user_blockinstance_{number}">{head}'
        f'<div class="block" id="user_blockinstance_{number}_target">{body}</div></div></div>'
    )


def instance(kind: str, title: str, x: int, y: int, settings: str = "") -> str:
    return (
        f'<mahara:blockinstance mahara:blocktype="{kind}" mahara:blocktitle="{title}" mahara:positionx="{x}" '
        f'mahara:positiony="{y}" mahara:width="6" mahara:height="3">{settings}</mahara:blockinstance>'
    )


def page(tmp_path, drawn: str, view: str, more: str = ""):
    view = f'<mahara:view mahara:newlayout="1" mahara:type="portfolio">{view}</mahara:view>'
    return made(entry("view1", type_="", content=xhtml(drawn), more=view, leap="selection") + more, tmp_path)


BY_NC_SA = """<mahara:noncommercial>[1]</mahara:noncommercial><mahara:noderivatives>[1]</mahara:noderivatives>
<mahara:version>[40]</mahara:version>"""


@pytest.mark.parametrize(
    ("chosen", "licence"),
    [
        ('<mahara:license>["by-nd"]</mahara:license>', "by-nd/3.0"),
        (BY_NC_SA, "by-nc-sa/4.0"),
        ("", ""),
    ],
)
def test_a_licence_that_mahara_left_empty_is_said(tmp_path, chosen, licence):
    """By its name, or by the answers from which Mahara makes one; a block in which nothing was chosen is empty."""
    drawn, view = block(1, "creativecommons", "Licence", ""), instance("creativecommons", "Licence", 0, 0, chosen)
    found = page(tmp_path, drawn, view).entries["view1"].content_html
    assert (f'href="https://creativecommons.org/licenses/{licence}/"' in found) == bool(licence)
    assert ("Creative Commons" in found) == bool(licence)


def test_blocks_stand_in_the_order_of_the_layout(tmp_path):
    """From the top, and from the left; the drawn block goes with its own place, two of one type as well."""
    drawn = (
        block(1, "text", "Low", "<p>low</p>")
        + block(2, "text", "Right", "<p>right</p>")
        + block(3, "image", "Left", "<p>left</p>")
    )
    view = instance("text", "Low", 0, 5) + instance("text", "Right", 6, 0) + instance("image", "Left", 0, 0)
    html = page(tmp_path, drawn, view).entries["view1"].content_html
    assert html == "<h2>Left</h2><p>left</p><h2>Right</h2><p>right</p><h2>Low</h2><p>low</p>"


def test_the_owners_words_stay_whatever_classes_they_have(tmp_path):
    """She pasted them from elsewhere: an icon, a hidden line, a button of another site."""
    own = '<p><span class="icon">star</span> <span class="d-none">hidden</span><a class="btn" href="#x">press</a></p>'
    drawn = block(1, "text", "", f'<div class="textblock card-body">{own}</div>')
    html = page(tmp_path, drawn, instance("text", "", 0, 0)).entries["view1"].content_html
    assert html == '<p>star hidden<a href="#x">press</a></p>'


def test_tags_and_attachments_are_in_order_whatever_order_the_database_gave(tmp_path):
    """Two exports of an unchanged page are equal."""

    def drawn(tags: list[str], files: list[int]) -> str:
        links = ", ".join(f'<a class="tag" href="{SITE}/tags.php?tag={t}">{t}</a>' for t in tags)
        rows = "".join(
            f'<li><span class="title"><a href="#">{n}.txt</a></span>'
            f'<a rel="leap2:has_part" href="portfolio:artefact{n}" class="download-link"><span class="icon"/></a></li>'
            for n in files
        )
        listed = f'<div class="has-attachment"><ul>{rows}</ul></div>'
        return block(1, "blogpost", "B", f'<div class="tags"><span class="icon"/> Tags: {links}</div>{listed}')

    files = file_entry(5, "5.txt") + file_entry(6, "6.txt")
    one, two = (
        page(tmp_path / name, drawn(*order), instance("blogpost", "B", 0, 0), files).entries["view1"]
        for name, order in (("a", (["b", "a"], [6, 5])), ("b", (["a", "b"], [5, 6])))
    )
    assert fingerprint(one) == fingerprint(two)
    assert one.content_html.startswith("<h2>B</h2><p>Tags: a, b</p><ul><li><p><a href=")


def test_what_the_site_lists_at_that_moment_is_with_its_block_and_no_text_of_the_page(tmp_path):
    """A message in the inbox is no new version of the dashboard."""
    drawn = block(1, "inbox", "Inbox", "<p>Your export is ready</p>")
    found = page(tmp_path, drawn, instance("inbox", "", 0, 0)).entries["view1"]
    assert found.content_html == ""
    assert found.extra["blocks"][0]["html"] == "<p>Your export is ready</p>"
    assert found.extra["blocks"][0]["heading"] == "Inbox"


OF_17_04 = """<div class="bt-text panel" id="blockinstance_7"><h3 class="title panel-heading">T
<a href="/rss" class="inner-link"><span class="icon"/><span class="sr-only">RSS</span></a></h3>
<div class="block" id="b"><p>words</p></div></div>"""
OF_1_10 = """<div class="blockinstance cb bt-text" id="blockinstance_7"><div class="blockinstance-header">
<h2 class="title">T</h2></div><div class="blockinstance-content"><p>words</p></div></div>"""


@pytest.mark.parametrize(
    "drawn",
    [OF_17_04, OF_1_10],
    ids=["17.04", "1.10"],
)
def test_pages_of_older_versions_have_rows_and_columns(tmp_path, drawn):
    """Their blocks have no places: row, column and order are kept."""
    view = (
        '<mahara:view mahara:layout="50,50" mahara:type="portfolio"><mahara:row><mahara:column/><mahara:column>'
        '<mahara:blockinstance mahara:blocktype="text" mahara:blocktitle="T"/></mahara:column></mahara:row>'
        '<mahara:row><mahara:column><mahara:blockinstance mahara:blocktype="pdf" mahara:blocktitle="P">'
        '<mahara:artefactid>["portfolio:artefact5"]</mahara:artefactid></mahara:blockinstance></mahara:column></mahara:row></mahara:view>'
    )
    content = xhtml(f'<div class="row"><div class="column">{drawn}</div></div>')
    read = made(
        entry("view1", type_="", content=content, more=view, leap="selection") + file_entry(5, "p.pdf"), tmp_path
    )
    found = read.entries["view1"]
    assert found.content_html == (
        f'<h2>T</h2><p>words</p><h2>P</h2><p><a href="{SITE}/artefact/file/download.php?file=5">p.pdf</a></p>'
    )
    assert [(b["row"], b["column"]) for b in found.extra["blocks"]] == [(0, 1), (1, 0)]
    assert found.extra["layout"] == "50,50"


def test_a_page_of_thousands_of_elements_stays_as_it_is(tmp_path):
    """Nobody drew it by hand, and looking at each of them takes minutes."""
    drawn = block(1, "text", "T", "<b>x</b>" * 60_000)
    assert "<b>x</b><b>x</b>" in page(tmp_path, drawn, "").entries["view1"].content_html


def journal(number: int, classes: str = "list-group-item clearfix", entries: int = 7) -> str:
    posts = "".join(f'<div class="{classes}"><h3 class="title">E{n}</h3><p>words</p></div>' for n in range(entries))
    return block(number, "blog", "", f'<p>About.</p><div id="user_postlist_{number}" class="list-group">{posts}</div>')


@pytest.mark.parametrize("classes", ["list-group-item clearfix", "post"])
@pytest.mark.parametrize(
    ("said", "shown"), [("", 5), ("<mahara:count>[3]</mahara:count>", 3), ('<mahara:count>["2"]</mahara:count>', 2)]
)
def test_a_journal_shows_what_a_reader_of_the_page_sees_first(tmp_path, classes, said, shown):
    """Whoever asked for the export: for her own the owner gets all of it, which are entries of their own."""
    found = page(tmp_path, journal(1, classes), instance("blog", "", 0, 0, said)).entries["view1"]
    assert found.content_html.count("<h3>") == shown
    assert found.content_html.startswith("<p>About.</p><h3>E0</h3>")


def test_each_journal_of_a_page_is_cut_by_its_own_block(tmp_path):
    """They are drawn in the order of the file and not of the layout; 0 is all."""
    counts = [f"<mahara:count>[{count}]</mahara:count>" for count in (0, 2)]
    view = instance("blog", "", 0, 5, counts[0]) + instance("text", "", 0, 3) + instance("blog", "", 0, 0, counts[1])
    found = page(tmp_path, journal(1) + block(2, "text", "", "<p>x</p>") + journal(3), view).entries["view1"]
    assert [str(b["html"]).count("<h3>") for b in found.extra["blocks"]] == [2, 0, 7]


OF_20_04_FILES = """<span class="title"><a class="modal_link" href="#"><span class="text-small">p.pdf</span></a></span>
<a rel="leap2:has_part" href="portfolio:artefact5"><span class="sr-only">Download p.pdf [0GB]</span>
<span class="icon icon-download" title="Download p.pdf [0GB]"></span></a><div class="file-description">Notes</div>"""
OF_19_10_FILES = """<a rel="leap2:has_part" href="portfolio:artefact5" class="outer-link">
<span class="sr-only">Download p.pdf</span></a><span class="icon icon-file"></span>
<h4 class="title"><a class="modal_link" href="#">p.pdf <span class="sr-only">Details</span></a>
<span class="metadata">- [0GB]</span></h4><br/><div class="file-description">Notes</div>"""
NAMELESS = """<a rel="leap2:has_part" href="portfolio:artefact5" class="download-link">
<span class="icon" title="p.pdf [1.1K]"></span></a><div class="file-description">Notes</div>"""


@pytest.mark.parametrize("listed", [OF_20_04_FILES, OF_19_10_FILES, NAMELESS], ids=["20.04", "19.10", "nameless"])
def test_a_file_and_the_arrow_beside_it_are_one_link(tmp_path, listed):
    """The name is here, the address there, and a size in a tool tip: the reader gets the name as a link."""
    drawn = block(1, "filedownload", "Files", f"<div>{listed}</div>")
    read = page(tmp_path, drawn, instance("filedownload", "Files", 0, 0), file_entry(5, "p.pdf"))
    assert read.entries["view1"].content_html == (
        f'<h2>Files</h2><p><a href="{SITE}/artefact/file/download.php?file=5">p.pdf</a></p><p>Notes</p>'
    )


def test_a_picture_at_the_site_that_the_account_left_is_not_missing_here(tmp_path):
    """A portfolio that was moved keeps addresses of the old site, whose numbers are others."""
    text = '["&lt;img src=\\"https:\\/\\/old.example\\/artefact\\/file\\/download.php?file=40&amp;amp;text=2\\"&gt;"]'
    moved = page(tmp_path, "", instance("text", "T", 0, 0, f"<mahara:text>{text}</mahara:text>"))
    assert moved.survey.lost == []
    here = page(
        tmp_path, "", instance("text", "T", 0, 0, f"<mahara:text>{text.replace('old', 'mahara')}</mahara:text>")
    )
    assert [one.words for one in here.survey.lost] == ["file 40, which “A title” shows or links to"]
    assert f'src="{SITE}/artefact/file/download.php?file=40"' in here.entries["view1"].content_html
