"""Texts in every shape that exports write them become the same plain HTML."""

from __future__ import annotations

import pytest

from connectors.mahara import leap2a_html
from connectors.mahara.leap2a_addresses import Addresses
from connectors.mahara.leap2a_read import Ended
from tests.mahara.leap_feeds import HEAD, SITE, entry, file_entry, items_of, made, xhtml

FILE = f"{SITE}/artefact/file/download.php?file="


def text_of(content: str, **kind: str) -> str:
    (found,) = items_of(entry("artefact1", content=content, **kind))
    return leap2a_html.written(found.content)


@pytest.mark.parametrize(
    ("content", "html"),
    [
        (xhtml("<p>One<br/>two &amp; &lt;three&gt;</p>"), "<p>One<br>two &amp; &lt;three&gt;</p>"),
        (xhtml("plain"), "plain"),
        (xhtml("<div>her own box</div><p>and</p>"), "<div>her own box</div><p>and</p>"),
        (xhtml("<div><p>boxed</p></div>"), "<div><p>boxed</p></div>"),
        (xhtml(""), ""),
        (
            '<content type="html">&lt;p&gt;R&amp;amp;D&lt;img src="x"&gt;&lt;/p&gt;</content>',
            '<p>R&amp;D<img src="x"></p>',
        ),
        ('<content type="text">a &amp;amp; &lt;b&gt;</content>', "<p>a &amp;amp; &lt;b&gt;</p>"),
        ("<content/>", ""),
        ('<content type="xhtml"/>', ""),
        ("", ""),
    ],
)
def test_a_text_with_a_type_is_what_stands_inside_its_wrappers(content, html):
    """Exactly Atom's div and Mahara's are taken off, and no other; entities are what they stand for."""
    assert text_of(content) == html


def test_one_div_is_taken_off_where_another_system_wrote_it():
    """Atom asks for one; a second is Mahara's."""
    content = '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a</p><p>b</p></div></content>'
    assert text_of(content) == "<p>a</p><p>b</p>"


@pytest.mark.parametrize("type_", ["html", "pseudo:membership"])
def test_notes_and_rows_are_html_though_they_have_no_type(type_):
    content = "<content>&lt;p&gt;A &lt;em&gt;note&lt;/em&gt; on R&amp;amp;D&lt;/p&gt;</content>"
    assert text_of(content, type_=type_) == "<p>A <em>note</em> on R&amp;D</p>"


@pytest.mark.parametrize("type_", ["plan", "task", "folder"])
def test_plans_and_folders_are_words_and_never_html(type_):
    """Lines stay lines; an & that Mahara escaped twice is one again."""
    content = "<content>First &amp;amp; &lt;b&gt;second&lt;/b&gt;\nline\n\nparagraph</content>"
    assert text_of(content, type_=type_) == "<p>First &amp; &lt;b&gt;second&lt;/b&gt;<br>line</p><p>paragraph</p>"


def test_a_files_description_is_as_it_was_typed():
    """Mahara writes summary with an empty type, which Atom does not know; &amp; in it was typed so."""
    summary = '<summary type="">a &amp;amp; b\n&lt;c&gt;</summary>'
    (found,) = items_of(entry("artefact1", "file", "image", content=summary, leap="resource"))
    assert leap2a_html.written(found.summary) == "<p>a &amp;amp; b<br>&lt;c&gt;</p>"


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("<content>&lt;p&gt;rich&lt;/p&gt;</content>", "<p>rich</p>"),
        ("<content>5 &lt; 6 and p &gt; q</content>", "<p>5 &lt; 6 and p &gt; q</p>"),
    ],
)
def test_an_unknown_types_text_is_html_only_where_it_has_elements(content, html):
    assert text_of(content, type_="cpds", plugin="cpds") == html


def test_a_language_stays_and_other_namespaces_go():
    assert text_of(xhtml('<p xml:lang="fr" xmlns:x="u:x" x:y="z">bon</p>')) == '<p lang="fr">bon</p>'


def test_html_that_no_parser_likes_is_read_all_the_same():
    """Unclosed, crossed, and with attributes that have no name that XML could hold."""
    content = '<content type="html">&lt;p @click="x" =y&gt;a&lt;b&gt;c&lt;/p&gt;d&lt;/body&gt;e</content>'
    assert text_of(content) == "<p>a<b>c</b></p>de"


def test_pre_keeps_its_lines():
    assert text_of(xhtml("<pre>a  b\n c</pre>")) == "<pre>a  b\n c</pre>"


KINDS = {
    "artefact40": "file",
    "artefact84": "journal-entry",
    "artefact81": "journal",
    "view9": "page",
    "collection1": "collection",
}


@pytest.mark.parametrize(
    ("address", "settled", "file"),
    [
        ("portfolio:artefact40", f"{FILE}40", "artefact40"),
        ("portfolio:40", f"{FILE}40", "artefact40"),
        (f"{SITE}/artefact/file/download.php?file=40&text=24", f"{FILE}40", "artefact40"),
        ("http://mahara.example/artefact/file/download.php?file=40&view=9", f"{FILE}40", "artefact40"),
        ("/artefact/file/download.php?file=40", f"{FILE}40", "artefact40"),
        ("../../artefact/file/download.php?file=40&embedded=1", f"{FILE}40", "artefact40"),
        (f"{SITE}/thumb.php?type=profileiconbyid&id=40&view=8&maxwidth=80", f"{FILE}40", "artefact40"),
        (f"{SITE}/artefact/artefact.php?artefact=40&view=9", f"{FILE}40", "artefact40"),
        (f"{SITE}/artefact/file/download.php?file=99", f"{FILE}99", "artefact99"),
        ("portfolio:artefact84", f"{SITE}/artefact/artefact.php?artefact=84", ""),
        (f"{SITE}/view/artefact.php?artefact=84&view=9", f"{SITE}/artefact/artefact.php?artefact=84", ""),
        ("portfolio:artefact81", f"{SITE}/artefact/blog/view/index.php?id=81", ""),
        (f"{SITE}/view/view.php?id=9&showmore=1#top", f"{SITE}/view/view.php?id=9#top", ""),
        ("portfolio:view9", f"{SITE}/view/view.php?id=9", ""),
        (f"{SITE}/group/view.php?id=3", f"{SITE}/group/view.php?id=3", ""),
        ("https://elsewhere.example/artefact/file/download.php?file=40", None, ""),
        ("https://mahara.example.evil/artefact/file/download.php?file=40", None, ""),
        ("mailto:sam@mahara.example", None, ""),
        ("#top", None, ""),
        ("notes.html", None, ""),
        ("https://[broken/", None, ""),
    ],
)
def test_every_shape_of_an_address_at_the_site_becomes_one(address, settled, file):
    """And one elsewhere stays as it is written."""
    assert Addresses(SITE, KINDS).settled(address) == (address if settled is None else settled, file)


def test_a_site_below_a_path_is_known_by_it():
    """Two Maharas on one host are two."""
    below = Addresses(f"{SITE}/mahara", KINDS)
    assert (
        below.settled("/mahara/artefact/file/download.php?file=40")[0]
        == f"{SITE}/mahara/artefact/file/download.php?file=40"
    )
    assert below.settled(f"{SITE}/other/artefact/file/download.php?file=40")[1] == ""


def test_pictures_and_links_of_the_export_get_their_addresses_back(tmp_path):
    """``<img href>`` is an ``<img src>``; what is attached and shown too is one file."""
    body = (
        '<p><img width="3" alt="A boat" rel="leap2:has_part" href="portfolio:artefact40"/>'
        '<a rel="leap2:has_part" href="portfolio:artefact41">minutes</a>'
        f'<a href="{SITE}/artefact/artefact.php?artefact=84">before</a></p>'
    )
    more = '<link rel="related" href="portfolio:artefact40"/>'
    read = made(
        entry("artefact84", content=xhtml(body), more=more)
        + file_entry(40, "boat.png")
        + file_entry(41, "m.txt", type_="file"),
        tmp_path,
        files={"40-boat.png": b"png", "41-m.txt": b"text"},
    )
    found = read.entries["artefact84"]
    assert found.content_html == (
        f'<p><img width="3" alt="A boat" src="{FILE}40"><a href="{FILE}41">minutes</a>'
        f'<a href="{SITE}/artefact/artefact.php?artefact=84">before</a></p>'
    )
    assert [(f.url, f.alt, f.role) for f in found.files] == [
        (f"{FILE}40", "A boat", "attachment"),
        (f"{FILE}41", "", "attachment"),
    ]
    assert (found.extra["embedded"], found.extra["linked"]) == (["artefact40"], ["artefact41"])


def test_elements_in_the_wrong_namespace_are_known_all_the_same():
    """Cover, instructions and completion stand in Atom's namespace, in which there are none."""
    more = "<coverimage>portfolio:artefact36</coverimage><progresscompletion>true</progresscompletion>"
    (found,) = items_of(entry("view1", type_="", content=xhtml("how", "subtitle"), more=more, leap="selection"))
    assert (found.cover, found.progress, leap2a_html.written(found.instructions)) == ("artefact36", True, "how")


def test_prefixed_atom_is_read():
    """Another system may write atom:entry."""
    head = HEAD.replace("xmlns=", "xmlns:atom=").replace("<feed", "<atom:feed")
    for name in ("id", "title", "updated", "generator", "author", "name"):
        head = head.replace(f"<{name}>", f"<atom:{name}>").replace(f"</{name}>", f"</atom:{name}>")
    said = "<atom:title>T</atom:title><atom:id>portfolio:a1</atom:id><rdf:type rdf:resource='leap2:entry'/>"
    one = f"<atom:entry>{said}</atom:entry>"
    (found,) = items_of(one, head, "</atom:feed>")
    assert (found.id, found.title, found.leap) == ("a1", "T", "entry")


def test_the_first_namespaces_of_all_are_read():
    """Of 2009, with types in a namespace of their own, and files as the source of a content."""
    head = """<?xml version="1.0" encoding="utf-8"?><feed xmlns='http://www.w3.org/2005/Atom'
 xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:leap='http://wiki.cetis.ac.uk/2009-03/Leap2A_predicates#'
 xmlns:leaptype='http://wiki.cetis.ac.uk/2009-03/Leap2A_types#'
 xmlns:categories='http://wiki.cetis.ac.uk/2009-03/Leap2A_categories/'
 xmlns:mine='https://other.example/x/'><id>https://other.example/x</id>"""
    one = """<entry><title>T</title><id>mine:7a</id><rdf:type rdf:resource="leaptype:resource"/>
 <content src="files/a.png" type="image/png"/><link rel="leap:is_part_of" href="https://other.example/x/sel"/>
 <category term="Folder" scheme="categories:selection_type#"/><leap:date leap:point="end">2009</leap:date></entry>"""
    (found,) = items_of(one, head)
    assert (found.id, found.leap, found.to("is_part_of")) == ("7a", "resource", ["sel"])
    assert [(link.rel, link.to, link.type) for link in found.links if link.rel == "enclosure"] == [
        ("enclosure", "files/a.png", "image/png")
    ]
    assert found.categorised("selection_type") == "Folder"
    assert [(d.point, d.text) for d in found.dates] == [("end", "2009")]


def test_a_title_is_one_line_and_keeps_its_spaces():
    """Two of them are part of a file's name."""
    found = items_of(entry("a", title="x  y\tz") + entry("b", title="\n  x\n  y\n"))
    assert [one.title for one in found] == ["x  y z", "x y"]


def test_a_script_stays_a_script_and_never_becomes_one():
    """Words of an iframe or a script that look like an element are words."""
    frame = '<iframe src="x">&lt;/iframe&gt;&lt;script&gt;</iframe>'
    text = text_of(xhtml(f"<style>a &gt; b</style>{frame}<script>&lt;/script&gt;</script>"))
    assert text == f"<style>a > b</style>{frame}<script>&lt;/script&gt;</script>"


def test_what_xml_forbids_is_left_out_and_said(tmp_path):
    """A control character, by itself and by its number, and a letter that only HTML knows."""
    read = made(entry("artefact1", title="A\x01B&#11;C", content="<content>d&nbsp;e</content>"), tmp_path)
    found = read.entries["artefact1"]
    assert (found.title, found.content_html) == ("ABC", "<p>d&nbsp;e</p>")
    assert "characters that XML does not allow" in found.extra["repaired"]
    assert read.survey.repaired == 1
    assert b"\x01" in read.found["artefact1"].raw


def test_a_file_cut_in_the_middle_gives_what_came_before(tmp_path):
    """It says so, and the half entry is none."""
    read = made(entry("artefact1") + entry("artefact2")[:80], tmp_path, whole=False)
    assert list(read.entries) == ["artefact1"]
    assert "ends in the middle" in read.survey.broken
    assert not read.survey.whole
    assert isinstance(items_of(entry("artefact1"), end="")[-1], Ended)
