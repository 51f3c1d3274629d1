"""The posts that the owner held, on her statement: who may see which, in which order, in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import time_machine

from archive.entry import Visibility
from bridge.building import Desk, build
from bridge.config import Role
from bridge.portfolio import generation, posts_held
from bridge.portfolio.narrative import Narrative, Passage
from bridge.portfolio.released import Released
from bridge.session import Session
from bridge.workspace import Workspace
from tests.portfolio.samples import assembled
from tests.publish.folder import Folder

PRIVATE, ASSESSOR, PUBLIC = Visibility
ALWAYS = (None, None)


def role(title, since, until=None, place="Northshire University", visibility="public") -> Role:
    return Role.model_validate({"title": title, "place": place, "from": since, "to": until, "visibility": visibility})


LEAD = role("Team lead", "2024-02-01")
SECONDED = role("Seconded adviser", "2021-09-13", "2021-12-10")
LIBRARIAN = role("Librarian", "2014-03-01", "2020-05-31", place="Eastmere Library")
ROLES = (LIBRARIAN, SECONDED, LEAD)


def statement(text="I came by way of a library.", *, ready=True) -> dict[str, Narrative]:
    return {"context": Narrative("context", ready=ready, visibility=PUBLIC, passages=(Passage("", "", text),))}


def section(roles, edition=PUBLIC, window=ALWAYS, **fields):
    made = {"context": posts_held.make(roles, window)}
    found = assembled([], fields.pop("narratives", statement()), edition, below=made, **fields)
    return next(one for one in found.sections if one.id == "context")


def lines(roles, edition=PUBLIC, window=ALWAYS, **fields) -> list[str]:
    html = "".join(p.html for p in section(roles, edition, window, **fields).parts if p.id == posts_held.PART)
    return [line[4:-5] for line in html.split("\n") if line.startswith("<li>")]


def test_posts_stand_below_the_owner_s_own_text_with_the_post_of_today_first():
    """Then the newest; title, place, and the dates in words."""
    shown = section(ROLES)

    assert [part.id for part in shown.parts] == ["", posts_held.PART]
    assert lines(ROLES) == [
        "Team lead, Northshire University, since February 2024",
        "Seconded adviser, Northshire University, September to December 2021",
        "Librarian, Eastmere Library, March 2014 to May 2020",
    ]


def test_a_post_that_ends_later_is_one_of_today():
    """A secondment with its last day ahead stands above one that began later and is over."""
    now = role("Seconded", "2026-09-01", "2027-02-28")
    over = role("Helper", "2026-10-01", "2026-10-20")

    assert [line.split(",")[0] for line in lines((over, now))] == ["Seconded", "Helper"]
    assert lines((over,)) == ["Helper, Northshire University, October 2026"]


def test_a_post_that_has_not_begun_is_not_held():
    """The page says what was, and what is."""
    assert lines((role("Head of everything", "2027-01-01"),)) == []


@pytest.mark.parametrize(("edition", "seen"), [(PUBLIC, 1), (ASSESSOR, 2), (PRIVATE, 3)])
def test_a_post_stands_only_where_its_owner_opened_it(edition, seen):
    """A post says private unless it says something else."""
    closed = Role.model_validate({"title": "Carer", "from": "2020-01-01"})

    assert len(lines((LEAD, role("Union rep", "2022-01-01", visibility="assessor"), closed), edition)) == seen


def test_nothing_stands_where_nothing_may_be_seen():
    """No heading without a list."""
    assert [part.id for part in section((role("Carer", "2020-01-01", visibility="private"),)).parts] == [""]


def test_what_is_said_of_a_post_is_text():
    """A title is no markup."""
    assert lines((role("<b>Lead</b> & more", "2024-01-01", place=""),)) == [
        "&lt;b&gt;Lead&lt;/b&gt; &amp; more, since January 2024"
    ]


def test_a_window_keeps_what_was_held_on_one_of_its_days():
    """Its first and its last day are part of it."""
    window = (date(2021, 12, 10), date(2024, 1, 31))

    assert [line.split(",")[0] for line in lines(ROLES, window=window)] == ["Seconded adviser"]


def test_words_of_the_last_release_do_not_bring_a_closed_post_back():
    """While the statement is being written anew its posts are those that may be seen today."""
    parts = section((LEAD, LIBRARIAN)).parts
    last = {"context": Released("context", "Contextual Statement", parts, ())}
    closed = LIBRARIAN.model_copy(update={"visibility": "private"})

    found = section((LEAD, closed), narratives=statement(ready=False), released=last)

    assert found.released
    assert "by way of a library" in found.parts[0].html
    assert "Team lead" in found.parts[1].html
    assert "Librarian" not in repr(found)


# --- in a workspace -------------------------------------------------------------------------------------------------

CONFIG = """\
owner: Jane Example
timezone: Europe/London
roles:
  - {title: Team lead, place: Northshire, from: 2024-02-01, visibility: public}
  - {title: Librarian, from: 2014-03-01, to: 2020-05-31, visibility: public}
  - {title: Carer, from: 2020-06-01, to: 2021-09-01}
targets:
  preview: {type: static, path: site, edition: public}
"""


@pytest.fixture
def jane(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "jane")
    folder.session()
    (folder.root / "config.yaml").write_text(CONFIG)
    folder.hold()
    return folder


def test_the_posts_of_config_yaml_stand_on_the_page(jane: Folder):
    """Those that are public, in every build; no claim of the owner's is written for it."""
    jane.write("context", "I came by way of a library.")
    before = (jane.root / "portfolio/original/context.md").read_text()

    _, built = build(jane.desk(), PUBLIC)

    assert "<li>Team lead, Northshire, since February 2024</li>" in built.release.fragment
    assert "Librarian, March 2014 to May 2020" in built.release.fragment
    assert "Carer" not in built.release.document
    assert (jane.root / "portfolio/original/context.md").read_text() == before


def test_a_review_lists_the_posts_of_its_window(jane: Folder):
    """The statement that is brought up to date says what was held since the last portfolio."""
    with time_machine.travel("2026-11-22"):
        jane.desk()
        portfolio = jane.root / "portfolio"
        review = generation.new(portfolio / "review-1", "cmalt-review", "cmalt", started=date(2026, 1, 1))
        first = generation.current(portfolio)
        generation.write(replace(review, portfolio=first.portfolio, window=(date(2023, 6, 1), date(2026, 5, 31))))
        desk = Desk(Session(Workspace(jane.root)), "review-1").begin()
        path = portfolio / "review-1" / "context-update.md"
        path.write_text("---\nsection: context-update\nvisibility: public\nready: true\n---\n\nI lead a team now.\n")

        shown = Desk(desk.session, "review-1").portfolio(PUBLIC)

    (updated,) = [one for one in shown.sections if one.id == "context-update"]
    assert "Team lead" in repr(updated)
    assert "Librarian" not in repr(updated)
