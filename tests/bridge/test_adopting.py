"""A page made by hand becomes a generation, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.entry import Visibility
from archive.errors import KeepfolioError, UsageError
from bridge import adopting
from bridge.building import Desk, build
from bridge.session import Session
from bridge.workspace import Workspace

PAGE = """<!doctype html><html><head><title>My CMALT – Jane</title><script>alert(1)</script></head>
<body><header>Site menu</header>
<main><article><h1>CMALT portfolio</h1><div class="entry-content">
<h2>Core area 1</h2><p>I <em>chose</em> Panopto&nbsp;— because of captions.</p>
<table><tr><th>a</th><td>b</td></tr></table>
<form><input value="x"></form></div></article></main><footer>Proudly powered</footer></body></html>"""


@pytest.fixture
def session(tmp_path: Path) -> Session:
    folder = tmp_path / "jane"
    folder.mkdir()
    (folder / "config.yaml").write_text("owner: Jane\n")
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    return Session(Workspace(folder))


def test_every_word_is_taken_and_nothing_of_the_site_around_it(session: Session) -> None:
    """The words of the main part, in order; no menu, footer, form or script."""
    taken = adopting.adopt(session, str(session.workspace.root / "page.html"), "original")

    text = (taken.folder / adopting.FILE_NAME).read_text(encoding="utf-8")
    assert taken.same
    assert taken.words == 11
    assert "Panopto" in text
    assert not any(word in text for word in ("menu", "powered", "alert", "<form"))


def test_the_adopted_words_are_built_as_a_page(session: Session) -> None:
    """Until a review is begun, the portfolio is the adopted page; its words are all on it."""
    adopting.adopt(session, str(session.workspace.root / "page.html"), "original")

    portfolio, built = build(Desk(session), Visibility.PUBLIC)

    assert portfolio.title == "CMALT portfolio"
    for word in ("Core area 1", "chose", "because of captions"):
        assert word in built.release.fragment
    assert not list((session.workspace.portfolio / "original").glob("*.md"))


def test_the_original_survives_the_folder(session: Session) -> None:
    """What was adopted is sealed: it is an own word of the owner."""
    adopting.adopt(session, str(session.workspace.root / "page.html"), "original")

    names = {stored.entry.native_id for stored in session.archive.entries(kind="workspace")}

    assert f"portfolio/original/{adopting.FILE_NAME}" in names


def test_a_generation_is_never_taken_over_twice(session: Session) -> None:
    """A second adopt under the same name changes nothing."""
    page = str(session.workspace.root / "page.html")
    taken = adopting.adopt(session, page, "original")
    before = (taken.folder / adopting.FILE_NAME).read_bytes()

    with pytest.raises(UsageError):
        adopting.adopt(session, page, "original")

    assert (taken.folder / adopting.FILE_NAME).read_bytes() == before


def test_a_page_without_words_is_refused(session: Session, tmp_path: Path) -> None:
    """A page that only a script fills has nothing to adopt."""
    empty = tmp_path / "empty.html"
    empty.write_text("<html><body><script>fill()</script></body></html>")

    with pytest.raises(KeepfolioError, match="no words"):
        adopting.adopt(session, str(empty), "original")

    assert not (session.workspace.portfolio / "original").exists()


def test_the_proof_is_of_the_built_page(session: Session) -> None:
    """Words that a reader of the source sees and the built page cannot hold are counted and their kind is named."""
    page = session.workspace.root / "page.html"
    page.write_text(PAGE.replace('<form><input value="x">', "<form>Find me <button>Go</button>"), encoding="utf-8")

    taken = adopting.adopt(session, str(page), "original")

    assert not taken.same
    assert sorted(taken.missing) == ["Find", "Go", "me"]
    assert taken.left_out == ("1 form",)
    assert taken.words == 11


@pytest.mark.parametrize(
    "html",
    [
        "<dl><dt>Term</dt><dd>Its meaning</dd></dl>",
        "<section>one</section><section>two</section>",
        "<b>A</b>ccess<br>x",
    ],
)
def test_words_neither_run_together_nor_fall_apart(session: Session, html: str) -> None:
    """Definition lists, sections and bold initials: each word is on the built page as a reader saw it."""
    page = session.workspace.root / "page.html"
    page.write_text(f"<html><body><main>{html}</main></body></html>")

    assert adopting.adopt(session, str(page), "original").same


@pytest.mark.parametrize(
    "body", [b"\x89PNG\r\n\x1a\n\0\0 words words", b"%PDF-1.7 words", b"<?xml version='1.0'?><rss>x</rss>"]
)
def test_what_is_no_page_is_refused(session: Session, tmp_path: Path, body: bytes) -> None:
    """A picture, a PDF or an export is not taken for words, and nothing is written."""
    (tmp_path / "x.html").write_bytes(body)

    with pytest.raises(UsageError, match="no web page"):
        adopting.adopt(session, str(tmp_path / "x.html"), "original")

    assert not (session.workspace.portfolio / "original").exists()


def test_a_page_without_a_title_is_called_as_its_file(session: Session, tmp_path: Path) -> None:
    """Plain text has no title: the file's name is one, and its paragraphs stay paragraphs."""
    (tmp_path / "my portfolio.txt").write_text("First <words>.\n\nSecond words.")

    taken = adopting.adopt(session, str(tmp_path / "my portfolio.txt"), "original")

    assert (taken.title, taken.words, taken.same) == ("my portfolio", 4, True)


def test_the_page_is_looked_at_first(session: Session) -> None:
    """A wrong file is told as such, also where the generation is there already."""
    adopting.adopt(session, str(session.workspace.root / "page.html"), "original")

    with pytest.raises(UsageError, match="no file"):
        adopting.adopt(session, "nowhere.html", "original")
