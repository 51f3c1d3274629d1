"""A page made by hand, years ago, as the earlier portfolio: below the review, word for word."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from archive.entry import Visibility
from bridge import adopting
from bridge.portfolio import generation
from tests.renewal.workspace import Owner, ids_on

OLD = """<!doctype html><html><head><title>My CMALT</title></head>
<body><header>Site menu</header><main><h1>My CMALT</h1><div class="entry-content">
<h2>Core area 1</h2><h4>1a) Constraints</h4><p>I <em>chose</em> Panopto&nbsp;— it isn't cheap.</p>
<p><img src="https://elsewhere.example/chart.png" alt="A chart of costs"> beside it</p>
<table><tr><th>a</th><td>b</td></tr></table>
<h2>Future plans</h2><p>To learn Welsh.</p><ul><li>And to rest.</li></ul>
<h2>Confirmation</h2><p>Signed.</p></div></main></body></html>"""


@pytest.fixture
def jane(tmp_path: Path) -> Owner:
    """An owner who begins with a renewal."""
    (tmp_path / "old.html").write_text(OLD, encoding="utf-8")
    owner = Owner(tmp_path / "jane")
    owner.root.mkdir()
    (owner.root / "config.yaml").write_text("owner: Jane\nportfolio: {framework: cmalt, pathway: senior}\n")
    owner.run("adopt", str(tmp_path / "old.html"))
    return owner


def test_the_adopted_words_stand_below_the_review(jane: Owner) -> None:
    """Each in order, under the page's own title and year; headings one below it, none skipped."""
    adopted = jane.file("original/adopted.html").read_bytes()

    said = jane.run("renew", "--since", "2021-05-31").output
    jane.write("review-1/summary", "I moved.")
    portfolio, page = jane.built(Visibility.PUBLIC)

    assert "26 words of 2021 unchanged" in said
    assert [(s.id, s.level) for s in portfolio.sections] == [("summary", 2), ("original", 2)]
    assert portfolio.sections[1].title == "My CMALT, 2021"
    assert jane.file("original/adopted.html").read_bytes() == adopted
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[levels.index(2, 1) :] == [2, 3, 4, 3, 3]
    ids = list(ids_on(page))
    assert len(ids) == len(set(ids))


def test_the_words_that_are_counted_are_those_that_were_taken_over(jane: Owner) -> None:
    """The number of the renewal is that of the adoption."""
    jane.run("renew", "--since", "2021-05-31")
    main = adopting.taken_main(generation.named(jane.file(""), "original"))

    assert jane.json("renew")["unchanged"] == [
        {"generation": "2021", "words": len(adopting.words_of(main)), "same": True, "changed": [], "left_out": []}
    ]


def test_a_changed_file_of_then_is_said(jane: Owner) -> None:
    """The page shows what was sealed; that the file differs is no secret."""
    jane.run("renew", "--since", "2021-05-31")
    path = jane.file("original/adopted.html")
    path.write_text(path.read_text().replace("Panopto", "Kaltura"))

    told = jane.json("renew")

    assert told["changed_since"] == {"2021": ["adopted.html"]}
    assert "Kaltura" not in jane.built()[1]
    assert not told["unchanged"][0]["same"]


def test_a_page_with_pictures_is_taken_over_word_for_word(jane: Owner, tmp_path: Path) -> None:
    """Where a picture stood there is its description: none of the page's words is another."""
    told = jane.json("adopt", str(tmp_path / "old.html"), "--name", "again")

    assert (told["words"], told["same"], told["missing"]) == (26, True, [])


def test_nobody_knows_when_it_was_and_that_is_asked(jane: Owner) -> None:
    """The day on which it was taken over is not the day on which it was passed."""
    done = jane.run("renew", code=2)

    assert done.exception.mend == "Say since when: keepfolio renew --since 2023-05-31"
    assert not jane.file("review-1").exists()


def test_the_day_in_its_file_is_enough(jane: Owner) -> None:
    """``decided`` in generation.yaml tells since when, too."""
    path = jane.file("original/generation.yaml")
    path.write_text(path.read_text().replace("decided: null", "decided: 2019-11-30"))

    assert "words of 2019 unchanged" in jane.run("renew").output


def test_the_plans_of_then_are_found_on_the_old_page(jane: Owner) -> None:
    """Under its heading, until the next one."""
    jane.run("renew", "--since", "2021-05-31")

    text = jane.file("review-1/future-plans.md").read_text()
    assert "What you planned in 2021:\n\nTo learn Welsh.\n\nAnd to rest.\n-->" in text


def test_a_picture_that_is_not_held_leaves_no_words(jane: Owner) -> None:
    """It is named among what is left out, and nothing loads from elsewhere."""
    jane.run("renew", "--since", "2021-05-31")

    portfolio, page = jane.built(Visibility.PUBLIC)

    assert "A chart of costs" not in page
    assert "elsewhere.example" not in page
    assert any("chart.png" in left.id for left in portfolio.left_out)


def test_a_review_that_was_prepared_first_finds_what_it_continues(tmp_path: Path) -> None:
    """``init --renewal`` and then ``adopt``: the review keeps its own page, and shows the old one below."""
    (tmp_path / "old.html").write_text(OLD, encoding="utf-8")
    owner = Owner(tmp_path / "jane")
    owner.root.mkdir()
    (owner.root / "config.yaml").write_text("owner: Jane\nportfolio: {framework: cmalt-review}\n")
    made = generation.new(owner.file("review-1"), "cmalt-review", "", started=date(2026, 1, 1))
    generation.write(made)
    assert "continues no portfolio yet" in owner.run("renew").output
    owner.run("adopt", str(tmp_path / "old.html"))

    said = owner.run("renew", "--since", "2021-05-31").output

    review = generation.named(owner.file(""), "review-1")
    assert (review.portfolio, review.continues) == (made.portfolio, "original")
    assert "26 words of 2021 unchanged" in said
    assert "Panopto" in owner.built()[1]
