"""A page of a Mahara shows other entries: what is opened with it is named, and what its owner closed is not shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.entry import MediaFile, Visibility
from bridge import marking
from bridge.portfolio import within
from bridge.portfolio.narrative import Cited, Narrative, Passage
from tests.portfolio.samples import Item, assembled, item

SITE = "https://mahara.example"
PUBLIC, PRIVATE, ASSESSOR = Visibility.PUBLIC, Visibility.PRIVATE, Visibility.ASSESSOR


def thing(number: int, kind: str, title: str, html: str = "", **fields) -> Item:
    known = {
        "keys": (f"mahara:mahara.example/artefact{number}",),
        "url": f"{SITE}/x?id={number}",
        "visibility": PRIVATE,
    }
    return item(number, title, kind=kind, content_html=html, **{**known, **fields})


def file(number: int, name: str, media_type: str = "application/pdf") -> MediaFile:
    url = f"{SITE}/artefact/file/download.php?file={number}"
    return MediaFile(name=name, url=url, media_type=media_type, sha256=f"{number:064x}")


LETTER, PHOTO = file(5, "letter.pdf"), file(6, "photo.png", "image/png")
SPRINT = thing(1, "journal-entry", "Sprint 4", "<p>We moved <em>forty</em> courses in a week.</p>")
SHORT = thing(2, "note", "On time", "<p>Done.</p>")
SALARY = thing(3, "journal-entry", "Salary", "<p>What I am paid is nobody\u2019s business.</p>")
LETTER_ITSELF = thing(5, "file", "letter.pdf", files=(LETTER,))
PHOTO_ITSELF = thing(6, "file", "photo.png", files=(PHOTO,))
COMMENT = thing(7, "comment", "Comment", "<p>Words of my page, said again.</p>", author="others")
PAGE = thing(
    9,
    "page",
    "1a Constraints",
    "<p>Words of my page, said again.</p><h2>Tagged entries</h2><h3>Sprint 4</h3>"
    f'<p>We moved <strong>forty</strong>\n courses in a week.</p><p>Done.</p><img alt="A room" src="{PHOTO.url}">'
    f'<a href="{LETTER.url}">letter.pdf</a>',
    files=(LETTER, PHOTO),
)
ALL = [SPRINT, SHORT, SALARY, LETTER_ITSELF, PHOTO_ITSELF, COMMENT, PAGE]
BY_ID = {held.id: held for held in ALL}


def section(*cited: str, **fields) -> dict[str, Narrative]:
    text = Passage("description", "Description", "Words.")
    evidence = tuple(Cited(one) for one in cited)
    return {"1a": Narrative("1a", ready=True, visibility=PUBLIC, passages=(text,), evidence=evidence, **fields)}


def public(marks: dict[str, Visibility], *cited: Item, edition: Visibility = PUBLIC):
    return assembled(ALL, section(*(one.id for one in cited)), edition, marks=marks)


def test_what_stands_in_a_page_is_found_by_its_words():
    """Mark-up and spaces may differ; a word or two are nobody's own without their title; others' words are not ours."""
    assert [held.id for held in within.shown(PAGE, BY_ID)] == [SPRINT.id, LETTER_ITSELF.id, PHOTO_ITSELF.id]
    titled = replace(PAGE, entry=replace(PAGE.entry, content_html="<h2>On time</h2><p>Done.</p>", files=()))
    assert [held.id for held in within.shown(titled, BY_ID)] == [SHORT.id]


def test_only_pages_of_the_same_account_show_entries():
    """A post with the same words is no page of that Mahara, and neither is the page of another site."""
    elsewhere = thing(
        20, "journal-entry", "Sprint 4", SPRINT.entry.content_html, keys=("mahara:other.example/artefact1",)
    )
    post = item(21, "A post", content_html=PAGE.entry.content_html)
    assert within.shown(PAGE, {elsewhere.id: elsewhere}) == ()
    assert within.shown(post, BY_ID) == ()


def test_marking_names_all_that_goes_along():
    """Entries that the readers may not see by themselves, and every file by its name."""
    along = marking.goes_along(PAGE, BY_ID, {PAGE.id: PUBLIC}, PUBLIC)
    assert ([held.id for held in along.words], along.files) == ([SPRINT.id], ("letter.pdf", "photo.png"))
    known = marking.goes_along(PAGE, BY_ID, {PAGE.id: PUBLIC, SPRINT.id: PUBLIC}, PUBLIC)
    assert known.words == ()


def test_what_is_left_out_and_shown_all_the_same_is_said_so():
    """No list calls private what stands on the page; what does not stand there is private and nothing else."""
    portfolio = public({PAGE.id: PUBLIC}, PAGE, SPRINT, SALARY, LETTER_ITSELF)

    why = {left.id: left.why for left in portfolio.left_out if left.section == "1a"}
    assert why == {
        SPRINT.id: "it is private, but “1a Constraints” shows it",
        SALARY.id: "it is private",
        LETTER_ITSELF.id: "it is private, but “1a Constraints” shows it",
    }


@pytest.mark.parametrize("closed", [PRIVATE, ASSESSOR])
def test_words_closed_by_name_keep_the_page_back(closed):
    """The owner's word on the entry decides over the one on the page that shows it, and the reason names it."""
    portfolio = public({PAGE.id: PUBLIC, SPRINT.id: closed}, PAGE)

    assert "forty" not in repr(portfolio)
    assert f"shows “Sprint 4”, which you marked {closed.value}" in repr(portfolio.left_out)
    if closed is ASSESSOR:
        assert "forty" in repr(public({PAGE.id: PUBLIC, SPRINT.id: closed}, PAGE, edition=ASSESSOR))


@pytest.mark.parametrize(("shown", "itself"), [(LETTER, LETTER_ITSELF), (PHOTO, PHOTO_ITSELF)])
def test_a_file_closed_by_name_stays_away_from_the_page(shown, itself):
    """The page goes without it; without that mark it goes along."""
    assert shown.sha256 in repr(public({PAGE.id: PUBLIC}, PAGE))
    portfolio = public({PAGE.id: PUBLIC, itself.id: PRIVATE}, PAGE)

    assert "forty" in repr(portfolio.kept)
    assert shown.sha256 not in repr(portfolio)


def test_a_page_that_is_a_sections_text_obeys_too():
    """A page chosen as the text of a section does not bring in what its owner closed by name."""
    chosen = section(chosen=PAGE.id)
    assert any(part.id == "1a" for part in assembled(ALL, chosen).sections)
    portfolio = assembled(ALL, chosen, marks={SPRINT.id: PRIVATE})

    assert not any(part.id == "1a" for part in portfolio.sections)
    assert any("its text shows “Sprint 4”" in left.why for left in portfolio.left_out)


def test_closing_names_the_opened_pages_that_show_it():
    """So that nobody is surprised by a page that vanishes."""
    assert marking.shown_by_opened(SPRINT, BY_ID, {PAGE.id: PUBLIC, SPRINT.id: PRIVATE}, PRIVATE) == (PAGE,)
    assert marking.shown_by_opened(SALARY, BY_ID, {PAGE.id: PUBLIC, SALARY.id: PRIVATE}, PRIVATE) == ()


def test_one_picture_stands_once_in_a_section():
    """Two entries have the same certificate attached: it stands with the first, or with itself where it is cited."""
    first = thing(30, "journal-entry", "One", "<p>The first of two.</p>", files=(PHOTO,))
    second = thing(31, "journal-entry", "Two", "<p>The second of two.</p>", files=(PHOTO,))
    marks = {first.id: PUBLIC, second.id: PUBLIC, PHOTO_ITSELF.id: PUBLIC}

    def with_it(*cited: Item) -> list[str]:
        portfolio = assembled([first, second, PHOTO_ITSELF], section(*(one.id for one in cited)), marks=marks)
        shown = next(s for s in portfolio.sections if s.id == "1a").evidence
        return [one.entry_id for one in shown if one.figures]

    assert with_it(first, second) == [first.id]
    assert with_it(first, PHOTO_ITSELF, second) == [PHOTO_ITSELF.id]
