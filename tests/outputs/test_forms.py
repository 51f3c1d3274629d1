"""One file, plain text, and the same words in all forms."""

import base64
import io
import re

import pypdf
import pytest
from bs4 import BeautifulSoup

from bridge.render.outputs import pdf, single, words
from bridge.render.sanitise import text
from connectors.wordpress.page import paste
from tests.outputs import samples


def test_one_file_asks_for_nothing(document, uploads, path):
    """Every picture is in it, and every attached file; nothing in it loads from anywhere."""
    made = single.single(document, uploads, path, "files")
    soup = BeautifulSoup(made.html, "html.parser")
    assert made.beside == {}
    assert len(soup.find_all("img")) >= 3
    assert all(image["src"].startswith("data:image/") for image in soup.find_all("img"))
    assert "keepfolio:" not in made.html
    assert not soup.find_all(["script", "link", "iframe", "object", "embed"])


def test_an_attached_file_is_saved_under_its_own_name(document, uploads, path):
    """A browser opens no data: address; it saves one, as the very bytes."""
    made = single.single(document, uploads, path, "files")
    link = BeautifulSoup(made.html, "html.parser").find("a", download="slides.pptx")
    assert base64.b64decode(link["href"].partition(",")[2]) == samples.FILES["slides.pptx"]


def test_what_one_file_has_no_room_for_lies_beside_it(document, uploads, path):
    """The largest goes out first; its link leads to the folder beside."""
    made = single.single(document, uploads, path, "mine-files", most=10_000)
    assert list(made.beside) == ["report.pdf"]
    assert 'href="mine-files/report.pdf"' in made.html
    assert 'download="award.pdf"' in made.html


def test_plain_text_is_the_page_without_its_form(document):
    """Headings, lists, tables and addresses as lines; no markup, no menu."""
    told = words.plain(document)
    assert told.startswith("Jane Example: CMALT portfolio\n")
    assert (
        "\n\n1a: An understanding of the constraints and benefits of different technologies\n\nDescription\n\n" in told
    )
    assert "What | A\nCaptions | yes\n" in told
    assert "as a list <https://example.org/list>." in told
    assert "[Picture: Six people]" in told
    assert "A short brief one & more." in told
    assert "Back to contents" not in told
    assert "<p>" not in told


def test_plain_text_leaves_no_word_out(document):
    """All words of the page are in it, in their order."""
    told = iter(re.sub(r" <https?://[^>]*>|\[Picture:[^]]*\]|\|", "", words.plain(document)).split())
    for word in samples.words(document):
        assert word in told, word


def test_one_file_says_the_same(document, uploads, path):
    """The same words in the same order as the page in a folder."""
    page = samples.words(document)
    assert len(page) > 150
    assert samples.words(single.single(document, uploads, path, "files").html) == page


def test_blocks_for_wordpress_say_the_same(public, document):
    """But for what an editor needs: names of files to upload, and numbers of tables, which have no other name there."""
    blocks = re.sub(r"<!--.*?-->", "", paste(public.release)[0], flags=re.DOTALL)
    blocks = re.sub(r"\(kf-[0-9a-f]{8}-[a-z.-]+\)|(?<=>)Table \d+(?=<)", " ", blocks)
    assert text(_without_ways(blocks)).split() == samples.words(document)


def test_a_pdf_says_the_same(document, uploads, path):
    """Letter by letter, but for the two lines at the edges: where a PDF breaks a line is not what it says."""
    if pdf.missing():
        pytest.skip(pdf.missing())
    reader = pypdf.PdfReader(io.BytesIO(pdf.pdf(document, uploads, path)))
    sheets = ["\n".join(sheet.extract_text().split("\n")[:-2]) for sheet in reader.pages]
    assert _letters(" ".join(sheets[1:])) == _letters(" ".join(samples.words(document)))


def _without_ways(area):
    return re.sub(r'<p class="kf-back">.*?</p>|<nav\b.*?</nav>', " ", area, flags=re.DOTALL)


def _letters(found):
    return re.sub(r"[\W_]+", "", found)
