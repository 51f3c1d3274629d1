"""Checks of a finished page: each planted fault is found, and a page without faults has none."""

from __future__ import annotations

import pytest

from archive.entry import Visibility
from bridge.render.checks import check, figures_per_1000_words
from bridge.render.page import render
from tests.page import rich
from tests.page.conftest import lay_out
from tests.portfolio import jane
from tests.portfolio.samples import Bytes

CLEAN = """<!doctype html>
<html lang="en-GB">
<head><title>Portfolio</title></head>
<body>
<nav aria-label="Contents"><ul><li><a href="#a">First</a></li></ul></nav>
<h1>Portfolio</h1>
<h2 id="a">First</h2>
<p>Words, <em>some of them</em> in italics, and <a href="https://example.org/x">a report on captions</a>.
The HTML and CSS of BBC and NHS pages use ARIA.</p>
<h3>Below</h3>
<figure><img src="p.png" alt="A chart with seven bars"><figcaption>The chart</figcaption></figure>
<h2>Second</h2>
<h3>Only a heading follows, and then words</h3>
<table><caption>Years</caption><tr><th scope="col">Year</th></tr><tr><td>2026</td></tr></table>
<p><a href="files/minutes.pdf">Minutes (PDF, 4 kB)</a> <a href="https://example.org/m.pdf">The report (PDF)</a></p>
<video src="v.mp4" controls><track kind="captions" src="v.vtt"></video>
<svg role="img"><title>A timeline</title></svg>
</body>
</html>
"""

ITALICS = "<em>" + "slanted words are hard to read " * 5 + "</em>"

PLANTED = [
    ("lang-missing", '<html lang="en-GB">', "<html>"),
    ("lang-invalid", '<html lang="en-GB">', '<html lang="English">'),
    ("lang-invalid", "<h3>Below</h3>", '<h3 lang="de_DE">Below</h3>'),
    ("id-twice", "<h3>Below</h3>", '<h3 id="a">Below</h3>'),
    ("heading-skips", "<h3>Below</h3>", "<h4>Below</h4>"),
    ("heading-empty", "<h3>Below</h3>", "<h3>Below</h3><p>Words.</p><h3> </h3><p>Words.</p>"),
    ("heading-without-content", "<h2>Second</h2>", "<h2>Next Steps</h2><h2>Second</h2>"),
    ("heading-without-content", "</body>", "<h2>Next Steps</h2></body>"),
    (
        "heading-without-content",
        "<h2>Second</h2>",
        '<h2>Next Steps</h2><p class="kf-back"><a href="#a">Back to contents</a></p><h2>Second</h2>',
    ),
    ("h1-twice", "<h2>Second</h2>", "<h1>Another</h1><p>Words.</p><h2>Second</h2>"),
    ("alt-missing", ' alt="A chart with seven bars"', ""),
    ("alt-missing", 'alt="A chart with seven bars"', 'alt=""'),
    ("alt-missing", "<title>A timeline</title>", ""),
    ("alt-file-name", "A chart with seven bars", "IMG_0123.JPG"),
    ("alt-file-name", "A chart with seven bars", "p"),
    ("alt-long", "A chart with seven bars", "A chart. " * 30),
    ("table-without-headings", '<th scope="col">Year</th>', "<td>Year</td>"),
    ("table-without-scope", '<th scope="col">', "<th>"),
    ("table-without-caption", "<caption>Years</caption>", ""),
    ("link-leads-nowhere", 'href="https://example.org/x"', 'href=""'),
    ("link-leads-nowhere", 'href="https://example.org/x"', 'href="#"'),
    ("anchor-dead", 'href="https://example.org/x"', 'href="#gone"'),
    ("link-says-nothing", "a report on captions", "Click here"),
    ("link-says-nothing", "a report on captions", "read more…"),
    ("link-says-nothing", "a report on captions", ""),
    ("link-is-address", "a report on captions", "https://example.org/x"),
    ("file-format", "Minutes (PDF, 4 kB)", "Minutes (4 kB)"),
    ("file-format", "The report (PDF)", "The report"),
    ("file-size", "Minutes (PDF, 4 kB)", "Minutes (PDF)"),
    ("video-without-captions", '<track kind="captions" src="v.vtt">', ""),
    ("autoplay", "<video", "<video autoplay"),
    ("italics", "<em>some of them</em>", ITALICS),
    ("capitals", "Words,", "PLEASE DO READ ALL OF THESE WORDS,"),
]


def codes(html, **options):
    return [fault.code for fault in check(html, **options)]


def test_a_page_without_faults_has_none():
    """Nothing is found where nothing is wrong: a check that cries wolf is soon ignored."""
    assert list(check(CLEAN)) == []


@pytest.mark.parametrize(("code", "good", "bad"), PLANTED)
def test_a_planted_fault_is_found(code, good, bad):
    """Each fault, planted into the clean page, is found, and nothing else is."""
    assert good in CLEAN

    assert set(codes(CLEAN.replace(good, bad))) == {code}


def test_a_fault_says_where_it_is():
    """Its owner finds it by the heading above it."""
    [fault] = check(CLEAN.replace("a report on captions", "here"))

    assert fault.where.startswith("under “First”: <a href=")
    assert fault.message == "The link “here” does not say where it leads"


def test_files_beside_the_page_must_be_there(tmp_path):
    """With a folder, each file that the page names is looked for, and each place on another page of the same folder."""
    for name in ("p.png", "files/minutes.pdf", "v.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "other.html").write_text('<p id="there">')
    page = CLEAN.replace("</body>", '<a href="other.html#there">One</a> <a href="other.html#gone">Two</a></body>')

    found = list(check(page, base=tmp_path))

    assert [(fault.code, fault.message) for fault in found] == [
        ("file-missing", "v.vtt is not there"),
        ("anchor-dead", "other.html has no place called “gone”"),
    ]


def test_a_fragment_is_not_asked_for_its_language():
    """What goes into another's page has that page's language."""
    assert codes("<h2>A</h2><p>Words.</p>") == []


def test_figures_are_counted_by_words():
    """Pictures and drawings for each 1,000 words; menus and what a drawing says are no words."""
    page = f"<nav>{'menu ' * 500}</nav><p>{'word ' * 500}</p><img><svg><text>drawn words</text></svg>"

    assert figures_per_1000_words(page) == 4.0
    assert figures_per_1000_words("") == 0.0


@pytest.mark.parametrize("edition", list(Visibility), ids=str)
@pytest.mark.parametrize("of", [jane, rich], ids=["Jane's", "with everything"])
def test_our_own_pages_have_no_faults(tmp_path, of, edition):
    """The whole set passes on the pages that keepfolio makes, in all editions, files and all."""
    (tmp_path / "files").mkdir()
    held = Bytes(tmp_path / "files")
    made = of.portfolio(held, edition) if of is rich else of.portfolio(tmp_path / "portfolio", held, edition)
    built = render(made, held.path, tmp_path / "build")
    place = lay_out(built, tmp_path / "site")

    assert list(check(place.read_text(), base=place.parent)) == []
    assert list(check(built.release.fragment)) == []
