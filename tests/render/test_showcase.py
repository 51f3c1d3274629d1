"""The showcase: what carries its tag, with picture and link, for those who may see it, and evidence for nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from archive.entry import Visibility
from archive.errors import NeedsOwner
from bridge import publishing
from bridge.cli import main
from bridge.portfolio.mapping import connect
from bridge.portfolio.narrative import Cited, Narrative, Passage
from bridge.render import checks, page, showcase
from tests.portfolio.samples import CMALT, Bytes, Item, assembled, item, picture
from tests.publish.folder import Folder

PRIVATE, ASSESSOR, PUBLIC = Visibility


@pytest.fixture
def held(tmp_path: Path) -> Bytes:
    return Bytes(tmp_path)


def shown(entries: list[Item], edition=PUBLIC, *, marks=None, cites=(), copies=None):
    passages = (Passage("description", "Description", "I made it."), Passage("reflection", "Reflection", "Again."))
    cited = tuple(Cited(one) for one in cites)
    narrative = Narrative("1a", ready=True, visibility=PUBLIC, passages=passages, evidence=cited)
    ids = showcase.chosen(entries, copies or {})
    return assembled(entries, {"1a": narrative}, edition, marks=marks or {}, panels=[showcase.make(ids)] if ids else [])


def panel(portfolio) -> BeautifulSoup:
    found = [one for one in portfolio.panels if one.id == showcase.PANEL]
    return BeautifulSoup(found[0].html if found else "", "html.parser")


def titles(portfolio) -> list[str]:
    return [heading.get_text() for heading in panel(portfolio).find_all("h3")]


def test_what_carries_the_tag_stands_there_newest_first():
    """Title, kind, date and link; however the tag is written."""
    old = item(1, "An Articulate module", tags=("Showcase",), published=datetime(2020, 5, 1, tzinfo=UTC))
    new = item(2, "A game about referencing", tags=("CMALT showcase",), published=datetime(2026, 5, 1, tzinfo=UTC))
    other = item(3, "On rabbits", tags=("rabbits", "showcases"))

    found = shown([old, other, new])

    assert titles(found) == ["A game about referencing", "An Articulate module"]
    assert panel(found).a["href"] == new.entry.url
    assert panel(found).p.get_text() == "Blog post · 1 May 2026"


def test_there_is_no_heading_without_a_piece():
    """Nothing tagged, or nothing that these readers may see."""
    closed = item(1, "A draft", tags=("showcase",), visibility=PRIVATE)

    assert shown([item(3, "On rabbits")]).panels == ()
    assert shown([closed]).panels == ()
    assert titles(shown([closed], PRIVATE)) == ["A draft"]


def test_it_is_evidence_for_no_section():
    """Neither counted nor cited, and its tag is no slip of one that cites."""
    entries = [item(1, "A game", tags=("cmalt-showcase", "showcase"))]

    found = shown(entries)

    assert found.evidence == 0
    assert found.kept == ()
    assert connect(entries, CMALT, "cmalt", {}, {}).findings == ()


def test_each_has_its_picture(held: Bytes):
    """As the page shows any: a small copy, described by its owner or else by its title, with its maker named."""
    drawn = replace(held.add("board.png", picture(), alt="A board of forty fields"), credit="Jane Example")
    unnamed = held.add("IMG_2041.png", picture(colour="#7a4b2b"), alt="IMG_2041")
    entries = [item(1, "A game", tags=("showcase",), files=(drawn,)), item(2, "A map", tags=("showcase",))]
    entries[1] = replace(entries[1], entry=replace(entries[1].entry, files=(unnamed,)))

    portfolio = shown(entries)
    built = page.render(portfolio, held.path, held.folder / "build")

    images = BeautifulSoup(built.release.fragment, "html.parser").find_all("img")
    assert {one["alt"] for one in images} == {"A board of forty fields", "A map"}
    assert portfolio.figures == 2
    assert [one.credit for one in portfolio.credits] == ["Jane Example"]
    assert list(checks.check(built.release.document)) == []


def test_a_post_shows_the_first_picture_of_its_text_that_may_be_seen(held: Bytes):
    """A blog keeps pictures apart from posts; one that its owner closed is passed over."""
    closed, drawn = held.add("closed.png", picture(), alt="Closed"), held.add("board.png", picture(), alt="A board")
    words = f'<p>I made it.</p><p><img src="{closed.url}"></p><p><img src="{drawn.url}"></p>'
    post = item(1, "A game", tags=("showcase",), content_html=words)
    media = [
        item(2, "Closed", kind="media", files=(closed,), visibility=PRIVATE),
        item(3, "Board", kind="media", files=(drawn,)),
    ]

    portfolio = shown([post, *media])

    assert [one.alt for one in portfolio.pictures.values()] == ["A board"]
    assert portfolio.left_out == ()


def test_a_private_piece_is_in_no_public_page(held: Bytes):
    """Nor its title, nor its picture; what was left out is said once."""
    file = held.add("secret.png", picture(), alt="A secret board")
    closed = item(1, "A secret game", tags=("showcase",), files=(file,), visibility=PRIVATE)

    portfolio = shown([closed, item(2, "A game", tags=("showcase",))], cites=(closed.id,))
    built = page.render(portfolio, held.path, held.folder / "build")

    assert "secret" not in built.release.document.lower()
    assert built.release.uploads == ()
    assert [left.title for left in portfolio.left_out if left.id == closed.id] == ["A secret game"]


def test_no_text_comes_along_for_the_showcase():
    """Where nothing public shows it, its title leads to its text only if a section brings that along."""
    journal = item(
        1, "How I made it", kind="journal-entry", tags=("showcase",), visibility=PRIVATE, url="https://m.example/a/1"
    )
    open_ = {journal.id: PUBLIC}

    alone, cited = shown([journal], marks=open_), shown([journal], marks=open_, cites=(journal.id,))

    assert alone.kept == ()
    assert titles(alone) == ["How I made it"]
    assert panel(alone).a is None
    assert panel(cited).a["href"] == "#kf-item-1"


def test_others_words_and_folders_are_no_piece():
    """A tag on what somebody else made, or on what only holds other things, shows nothing."""
    entries = [
        item(1, "Theirs", tags=("showcase",), author="others"),
        item(2, "All", kind="folder", tags=("showcase",)),
    ]

    assert showcase.chosen(entries, {}) == ()


def test_a_copy_stands_as_its_original():
    """Once."""
    original, copy = item(1, "A game"), item(2, "A game", tags=("showcase",))

    assert showcase.chosen([original, copy], {copy.id: original.id}) == (original.id,)


def test_a_title_is_text():
    """No markup of a title reaches the page."""
    found = shown([item(1, "<img src=x> & more", tags=("showcase",))])

    assert titles(found) == ["<img src=x> & more"]
    assert panel(found).img is None


# --- in a workspace -------------------------------------------------------------------------------------------------


@pytest.fixture
def jane(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "jane")
    folder.session()
    folder.hold(item(1, "A game about referencing", tags=("showcase",)).entry, item(2, "On rabbits").entry)
    folder.write("context", "I work here.")
    return folder


def test_the_tag_is_enough(jane: Folder, capsys: pytest.CaptureFixture[str]):
    """No key, no command: the page has its showcase, and a link to it in its contents."""
    with pytest.raises(SystemExit) as ended:
        main(["--workspace", str(jane.root), "build", "--edition", "public"])

    assert (ended.value.code or 0) == 0
    capsys.readouterr()
    text = (jane.root / "build/public/index.html").read_text()
    assert re.search(r'href="#kf-panel-showcase">Showcase<', text)
    assert "A game about referencing" in text
    assert "rabbits" not in text


def test_an_earlier_version_with_a_piece_that_was_closed_since_is_refused(jane: Folder):
    """Going back to it would show the title again, though no section cites it."""
    jane.publish()
    [first] = publishing.published(jane.session(), "preview")
    entry = next(e.id for e in jane.desk().entries.values() if "game" in e.entry.title)
    jane.mark(entry, "private")
    jane.publish()
    session = jane.session()

    assert "A game" not in jane.page
    with pytest.raises(NeedsOwner, match="A game about referencing"):
        publishing.prepare(session, "preview", release=publishing.earlier_release(session, "preview", first.release))
