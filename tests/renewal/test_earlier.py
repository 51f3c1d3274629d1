"""An earlier generation on today's page: its words as they were, what it cites as it may be shown today."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.entry import Visibility
from bridge import renewing as renewal
from bridge.portfolio.renewal.proof import proved
from tests.renewal.workspace import Owner, ids_on

CAPTURE = "Three ways to record a lecture, and how we chose"
HEADINGS = re.compile(r"<h([1-6])\b")


def part_of(page: str, generation: str) -> list[str]:
    """Return the text of each section of an earlier generation on a page."""
    sections = BeautifulSoup(page, "lxml").find_all(id=re.compile(rf"^kf-{generation}-"))
    return [one.find_parent("section").get_text(" ") for one in sections]


def skips(page: str) -> list[tuple[int, int]]:
    """Return the places where a level of heading is skipped; the page's own h1 stands above the fragment."""
    levels = [1, *(int(level) for level in HEADINGS.findall(page))]
    return [(a, b) for a, b in pairwise(levels) if b > a + 1]


def test_it_stands_below_the_review_under_its_own_heading(renewing: Owner) -> None:
    """One heading with its year; its sections one level lower, their ids with its name before them."""
    renewing.write("review-1/summary", "I moved.")

    portfolio, page = renewing.built(Visibility.PRIVATE)

    first = next(n for n, section in enumerate(portfolio.sections) if section.generation)
    assert all(section.generation == "original" for section in portfolio.sections[first:])
    heading = portfolio.sections[first]
    assert (heading.id, heading.title, heading.level, heading.gathers) == ("original", "CMALT, 2024", 2, True)
    levels = {section.id: section.level for section in portfolio.sections}
    assert (levels["original-context"], levels["original-1"], levels["original-1a"]) == (3, 3, 4)
    ids = list(ids_on(page))
    assert len(ids) == len(set(ids))
    assert not skips(page)


@settings(max_examples=8)
@given(
    words=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60),
    edition=st.sampled_from(Visibility),
)
def test_its_words_are_the_same_whatever_is_in_the_review(page_of, words: str, edition: Visibility) -> None:
    """Byte for byte in the built page, for any text of the review; no id twice, no level skipped."""
    bare, with_review = page_of("", edition), page_of(f"A. {words}\n\n#### Deep\n\nMore.", edition)

    assert part_of(with_review, "original") == part_of(bare, "original")
    ids = list(ids_on(with_review))
    assert len(ids) == len(set(ids))
    assert not skips(with_review)


@pytest.fixture(scope="module")
def page_of(sample: Path, tmp_path_factory: pytest.TempPathFactory):
    import shutil

    root = tmp_path_factory.mktemp("property") / "rowan"
    shutil.copytree(sample, root)
    patched = pytest.MonkeyPatch()
    patched.setenv("KEEPFOLIO_STATE", str(root.parent / "state"))
    owner = Owner(root)
    owner.run("renew")

    def page(text: str, edition: Visibility) -> str:
        for section in ("summary", "context-update", "future-plans"):
            owner.write(f"review-1/{section}", text)
        return owner.built(edition)[1]

    yield page
    patched.undo()


def test_what_was_sealed_is_never_sealed_again(renewing: Owner) -> None:
    """A file of then that is changed later changes no word of the page, and ``renew`` says so."""
    before = part_of(renewing.built()[1], "original")
    path = renewing.file("original/1a.md")
    path.write_text(path.read_text().replace("Twice in three years", "Nine times in a year"))

    done = renewing.run("renew")

    assert "The files of 2024 were changed since (1a.md); the page shows what was sealed." in done.output
    assert part_of(renewing.built()[1], "original") == before
    assert renewing.json("renew")["ok"]


def test_a_change_above_the_words_is_no_change_of_words(renewing: Owner) -> None:
    """Who may read it and what it cites are no part of what its owner wrote."""
    path = renewing.file("original/1a.md")
    path.write_text(path.read_text().replace("visibility: public", "visibility: assessor"))

    assert "changed since" not in renewing.run("renew").output


def test_a_word_changed_on_the_page_is_found(renewing: Owner) -> None:
    """The proof compares; it does not believe."""
    desk = renewing.desk()
    _, sealed = next(iter(renewal.sealed_before(desk)))
    _, page = renewing.built()
    assert proved(sealed, Visibility.PUBLIC, page).same

    for tampered in (
        page.replace("Both of these taught me", "Both of these told me"),
        page.replace("Both of these taught me", "Both of these taught me nothing and"),
        page.replace("I also chose badly.", ""),
    ):
        assert tampered != page
        found = proved(sealed, Visibility.PUBLIC, tampered)
        assert not found.same
        assert found.changed[0].startswith("1a: ")
        assert "NOT all words of 2024" in found.said


def test_a_section_that_is_not_there_is_not_counted(renewing: Owner) -> None:
    """What its owner closed since is left out, and said."""
    whole = renewing.json("renew")["unchanged"][0]["words"]
    path = renewing.file("original/1a.md")
    path.write_text(path.read_text().replace("visibility: public", "visibility: private"))
    desk = renewing.desk()
    _, sealed = next(iter(renewal.sealed_before(desk)))

    portfolio, page = renewing.built(Visibility.PUBLIC)

    assert "original-1a" not in {section.id for section in portfolio.sections}
    assert "I also chose badly" not in page
    found = proved(sealed, Visibility.PUBLIC, page)
    assert found.left_out[0].startswith("1a: ")
    assert found.words < whole
    assert not skips(page)


@pytest.mark.parametrize(
    ("edition", "seen"),
    [
        (Visibility.PRIVATE, {"A secret of 2024", "For assessors of 2024"}),
        (Visibility.ASSESSOR, {"For assessors of 2024"}),
        (Visibility.PUBLIC, set()),
    ],
)
def test_each_edition_has_what_it_had(renewing: Owner, edition: Visibility, seen: set[str]) -> None:
    """A section that was the owner's own, or her assessors', stays so; opening its file today opens nothing."""
    for section in ("2b", "3b"):
        path = renewing.file(f"original/{section}.md")
        path.write_text(re.sub("visibility: (private|assessor)", "visibility: public", path.read_text()))

    _, page = renewing.built(edition)

    assert {words for words in ("A secret of 2024", "For assessors of 2024") if words in page} == seen


def test_evidence_that_became_private_does_not_come_back(owner: Owner) -> None:
    """Asked anew whenever the page is built, and named among what is left out."""
    entry = owner.entry("post", CAPTURE)
    owner.run("renew")
    assert CAPTURE in owner.built(Visibility.PUBLIC)[1]

    owner.mark(entry, Visibility.PRIVATE)
    portfolio, page = owner.built(Visibility.PUBLIC)

    assert CAPTURE not in page
    assert any(left.id == entry and left.section == "original-1a" for left in portfolio.left_out)
    assert owner.json("renew")["ok"]


def test_evidence_that_was_opened_since_is_shown(owner: Owner) -> None:
    """What was kept back then may stand there now, for the owner says so today."""
    entry = owner.entry("post", "After the meeting")
    owner.run("renew")
    assert "After the meeting" not in owner.built(Visibility.PUBLIC)[1]

    owner.mark(entry, Visibility.PUBLIC)

    assert "After the meeting" in owner.built(Visibility.PUBLIC)[1]


def test_what_was_removed_for_good_does_not_come_back(owner: Owner) -> None:
    """Neither as evidence, nor as a picture in the text of then, nor as words that an entry lent to a section."""
    post, picture = owner.entry("post", CAPTURE), owner.entry("media", "Options for recording a lecture")
    path = owner.file("original/1a.md")
    path.write_text(path.read_text() + f"\n![Dots of three options]({picture})\n")
    owner.write("original/1b", "", more=f"narrative: {owner.entry('post', 'Going live')}\n")
    owner.run("renew")
    page = owner.built(Visibility.PUBLIC)[1]
    assert "Dots of three options" in page
    words_of_the_post = "original-1b" in page
    assert words_of_the_post

    for entry in (post, picture, owner.entry("post", "Going live")):
        owner.run("purge", entry, "--yes")

    portfolio, page = owner.built(Visibility.PUBLIC)
    assert CAPTURE not in page
    assert "Dots of three options" not in page
    assert "original-1b" not in {section.id for section in portfolio.sections}
    assert owner.json("renew")["ok"]


def test_words_that_an_entry_lent_are_removed_with_it_on_request(owner: Owner) -> None:
    """The seal that holds them is named; with ``--releases`` it goes, and ``renew`` seals what is left anew."""
    entry = owner.entry("post", "How I broke the gradebook")
    owner.write("original/1b", "", more=f"narrative: {entry}\n")
    owner.run("renew")
    assert "original-1b" in owner.built()[1]
    assert "CMALT, 2024" in owner.run("purge", entry, "--dry-run").output

    owner.run("purge", entry, "--yes", "--releases")

    assert not list(renewal.sealed_before(owner.desk()))
    assert owner.json("renew")["ok"]
    page = owner.built()[1]
    assert "original-1b" not in page
    assert "I also chose badly." in page


def test_reviews_in_a_row_stand_on_one_page(renewing: Owner) -> None:
    """Original, review 1 and review 2: each with its own heading, ids and proof."""
    renewing.write("review-1/summary", "In 2025 I moved.")
    renewing.write("review-1/future-plans", "Then I will stay.")
    path = renewing.file("review-1/generation.yaml")
    path.write_text(
        path.read_text().replace("state: draft", "state: passed").replace("decided: null", "decided: 2025-09-01")
    )

    done = renewing.run("renew")
    renewing.write("review-2/summary", "I stayed.")
    portfolio, page = renewing.built(Visibility.PUBLIC)

    assert re.search(r"\d+ words of 2025 unchanged", done.output)
    assert "words of 2024 unchanged" in done.output
    headings = [section.id for section in portfolio.sections if section.level == 2]
    assert headings == ["summary", "review-1", "original"]
    assert "What you planned in 2025:\n\nThen I will stay." in renewing.file("review-2/future-plans.md").read_text()
    ids = list(ids_on(page))
    assert len(ids) == len(set(ids))
    assert not skips(page)
    assert page.index("I stayed.") < page.index("In 2025 I moved.") < page.index("I also chose badly.")


def test_no_level_is_skipped_where_what_stood_around_is_not_shown(renewing: Owner) -> None:
    """A section below one that its owner kept to herself moves up."""
    renewing.write("review-1/summary", "Mine alone.", visibility="private")
    renewing.write("review-1/context-update", "For all.")
    path = renewing.file("review-1/generation.yaml")
    path.write_text(path.read_text().replace("state: draft", "state: passed"))

    renewing.run("renew")
    portfolio, page = renewing.built(Visibility.PUBLIC)

    assert "Mine alone." not in page
    assert [s.level for s in portfolio.sections if s.id == "review-1-context-update"] == [3]
    assert not skips(page)


def test_the_seal_outlives_the_folder(renewing: Owner) -> None:
    """Without a file of the earlier generation but its name, the page still has every word."""
    before = part_of(renewing.built()[1], "original")
    for path in renewing.file("original").glob("*.md"):
        path.unlink()

    assert part_of(renewing.built()[1], "original") == before


def test_a_sealed_page_is_read_back_as_it_was(renewing: Owner) -> None:
    """Through the archive's bytes: the same value."""
    from bridge.portfolio.renewal import seal

    _, sealed = next(iter(renewal.sealed_before(renewing.desk())))

    assert seal.read(seal.value(sealed)) == replace(sealed, files=dict(sealed.files))


def test_the_seal_comes_with_an_archive_that_is_brought_in(renewing: Owner, tmp_path: Path) -> None:
    """The folder was kept, the archive comes back from a bag: the words of then are the sealed ones, not today's."""
    renewing.write("original/future-plans", "Other words since.")
    before = renewing.built(Visibility.PRIVATE)[1]
    renewing.run("export", "bagit", str(tmp_path / "bag"))
    shutil.rmtree(renewing.root / "archive")

    renewing.run("import", str(tmp_path / "bag"))

    page = renewing.built(Visibility.PRIVATE)[1]
    assert before[before.index('id="kf-original"') :] == page[page.index('id="kf-original"') :]
    assert "earlier-missing" not in renewing.run("plan", "preview").output
