"""``keepfolio renew`` on the sample: begin a review, see how far it is, and find the words of then as they were."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from archive.entry import Visibility
from bridge import building
from bridge.portfolio import generation
from bridge.portfolio.renewal.proof import Proof
from tests.renewal.workspace import PLANS, Owner, record

CAPTURE = "Three ways to record a lecture, and how we chose"


def files(owner: Owner) -> dict[str, bytes]:
    folder = owner.file("")
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_review_is_begun_for_the_same_page(owner: Owner) -> None:
    """Same portfolio, the framework that extends the first, the time since the decision; nothing claimed."""
    before = files(owner)

    done = owner.run("renew")

    review = generation.named(owner.file(""), "review-1")
    original = generation.named(owner.file(""), "original")
    assert (review.portfolio, review.framework, review.continues) == (original.portfolio, "cmalt-review", "original")
    assert review.window is not None
    assert review.window[0] == date(2024, 5, 31)
    assert re.search(r"[\d,]+ words of 2024 unchanged", done.output)
    assert {name: files(owner)[name] for name in before} == before
    for path in owner.file("review-1").glob("*.md"):
        body = path.read_text().split("---", 2)[2]
        assert not re.sub(r"<!--.*?-->|^## .*$", "", body, flags=re.DOTALL | re.MULTILINE).strip()


def test_run_again_it_tells_how_far_the_review_is_and_changes_nothing(renewing: Owner) -> None:
    """Words and states by section; not one byte of the folder is other, and nothing new is sealed."""
    renewing.write("review-1/summary", "I moved to another place, and compare the two.")
    before, held = files(renewing), len(list(renewing.desk().session.archive.entries()))

    told = renewing.json("renew")

    assert files(renewing) == before
    assert len(list(renewing.desk().session.archive.entries())) == held
    states = {one["section"]: (one["state"], one["words"]) for one in told["sections"]}
    assert states["summary"] == ("ready", 9)
    assert states["future-plans"] == ("empty", 0)
    assert not told["new"]


@pytest.mark.parametrize(
    ("decided", "window"),
    [
        ("2024-05-31", (date(2024, 5, 31), date(2027, 5, 31))),  # a cycle that still runs: what comes belongs to it
        ("2020-11-01", (date(2020, 11, 1), date(2026, 11, 22))),  # six years
        ("2024-02-29", (date(2024, 2, 29), date(2027, 2, 28))),
    ],
)
def test_the_time_counts_from_the_last_portfolio_and_is_no_fixed_three_years(
    owner: Owner, decided: str, window: tuple[date, date]
) -> None:
    """Missed cycles are covered whole."""
    path = owner.file("original/generation.yaml")
    path.write_text(path.read_text().replace("2024-05-31", decided))

    with time_machine.travel("2026-11-22T12:00:00Z", tick=True):
        owner.run("renew")

    assert generation.named(owner.file(""), "review-1").window == window


def test_the_owner_may_say_which_time(owner: Owner) -> None:
    """``--since`` and ``--until`` go before what is known."""
    owner.run("renew", "--since", "2023-01-01", "--until", "2025-12-31", "--name", "second")

    assert generation.named(owner.file(""), "second").window == (date(2023, 1, 1), date(2025, 12, 31))


def test_a_time_that_ends_before_it_begins_changes_nothing(owner: Owner) -> None:
    """It is refused before anything is written or sealed."""
    before = files(owner)

    owner.run("renew", "--since", "2025-01-01", "--until", "2024-01-01", code=2)

    assert files(owner) == before


@pytest.mark.parametrize("name", ["../out", "a b", ""])
def test_a_name_never_leads_out_of_the_folder(owner: Owner, name: str) -> None:
    """What is no plain name is refused; none at all is the next number."""
    owner.run("renew", "--name", name, code=2 if name else 0)

    assert {one.name for one in generation.every(owner.file(""))} == (
        {"original"} if name else {"original", "review-1"}
    )


def test_a_review_is_what_is_worked_on_whatever_it_is_called(owner: Owner) -> None:
    """Also where both began on one day, and its name comes first in the alphabet."""
    path = owner.file("original/generation.yaml")
    today = datetime.now(UTC).date().isoformat()
    path.write_text(path.read_text().replace("started: 2025-07-05", f"started: {today}"))

    owner.run("renew", "--name", "a-review")

    assert owner.desk().generation.name == "a-review"


def test_what_is_with_the_assessors_is_not_renewed(owner: Owner) -> None:
    """Its result comes first."""
    path = owner.file("original/generation.yaml")
    path.write_text(path.read_text().replace("state: passed", "state: submitted"))

    owner.run("renew", code=2)

    assert not owner.file("review-1").exists()


def test_the_plans_of_then_stand_beside_the_new_ones_and_on_no_page(renewing: Owner) -> None:
    """As a comment in the section's file; the page has them once, in the earlier portfolio."""
    text = renewing.file("review-1/future-plans.md").read_text()
    assert f"What you planned in 2024:\n\n{PLANS}" in text

    for edition in Visibility:
        _, page = renewing.built(edition)
        assert "What you planned" not in page
        assert page.count("captions are made") == 1


def test_the_worksheet_has_the_plans_of_then_beside_the_new_ones(renewing: Owner) -> None:
    """What was planned, and below it what is written so far."""
    renewing.write("review-1/future-plans", "Captions I know by now.")

    sheet = renewing.run("worksheet", "future-plans").output

    assert sheet.index("## What you planned in 2024") < sheet.index(PLANS) < sheet.index("Captions I know by now.")


def test_a_coming_review_hides_its_placeholders_and_does_not_stop_the_page(renewing: Owner) -> None:
    """While the earlier portfolio shows, a public page has none of the review's headings, and may go live."""
    portfolio, page = renewing.built(Visibility.PUBLIC)

    assert {section.generation for section in portfolio.sections} == {"original"}
    assert "Nothing written yet" not in page
    found = building.gates(renewing.desk(), portfolio)
    assert not [f for f in found if f.severity == "error" and f.code in ("unready", "missing", "placeholder")]


def test_the_placeholders_of_a_review_that_was_handed_in_stop_the_page(renewing: Owner) -> None:
    """It is a present one then: a section that is not ready is refused."""
    path = renewing.file("review-1/generation.yaml")
    path.write_text(path.read_text().replace("state: draft", "state: resubmitted"))
    portfolio, _ = renewing.built(Visibility.PUBLIC)

    found = building.gates(renewing.desk(), portfolio)

    assert {f.section for f in found if f.code == "unready"} >= {"summary", "future-plans"}


def test_the_draft_shows_what_the_review_still_lacks(renewing: Owner) -> None:
    """The owner sees the headings that are to be filled."""
    portfolio, page = renewing.built(Visibility.PRIVATE)

    assert {"summary", "cpd-depth", "future-plans"} <= {s.id for s in portfolio.sections if not s.generation}
    assert "Nothing written yet" in page


def test_an_earlier_release_never_speaks_for_the_review(owner: Owner) -> None:
    """The old "future plans" that were published do not stand under the new heading while that is not ready."""
    from bridge import publishing

    session = owner.desk().session
    prepared = publishing.prepare(session, "preview")
    publishing.carry_out(prepared, approved=True)
    owner.run("renew")

    portfolio, page = owner.built(Visibility.PUBLIC)

    assert not [section for section in portfolio.sections if section.released]
    assert page.count("captions are made") == 1


def test_build_says_that_the_words_are_unchanged(renewing: Owner) -> None:
    """Counted on the page that was built, in each edition."""
    said = [renewing.run("build", "--edition", edition.value).output for edition in Visibility]

    counts = [re.search(r"([\d,]+) words of 2024 unchanged", one) for one in said]
    assert all(counts)
    assert len({found[1] for found in counts if found}) == 3  # the editions show more and more of it


def test_the_record_of_the_time_is_counted(owner: Owner) -> None:
    """What took place, what has no reflection yet, what is planned."""
    record(owner)

    assert owner.json("renew")["record"] == {"done": 4, "unreflected": 2, "planned": 1}


def test_nothing_is_renewed_where_nothing_was_written(tmp_path: Path) -> None:
    """An empty portfolio has nothing to seal."""
    from bridge import demo

    demo.prepare(tmp_path / "empty")
    for path in (tmp_path / "empty" / "portfolio" / "original").glob("*.md"):
        path.unlink()

    Owner(tmp_path / "empty").run("renew", code=2)

    assert not (tmp_path / "empty" / "portfolio" / "review-1").exists()


def test_what_was_written_after_a_review_was_given_up_is_sealed_with_the_next(owner: Owner) -> None:
    """Begun too early and set aside: the words of the first portfolio are those on the day of the second try."""
    owner.run("renew")
    path = owner.file("review-1/generation.yaml")
    path.write_text(path.read_text() + "separate: true\n")
    assert generation.current(owner.file("")).name == "original"
    owner.write("original/future-plans", "I will keep bees.")

    told = owner.json("renew")

    assert (told["review"], told["continues"], told["changed_since"]) == ("review-2", "original", {})
    assert "I will keep bees." in owner.built()[1]


def test_a_review_that_lost_its_folder_seals_nothing(renewing: Owner) -> None:
    """A folder that went by accident must not give later words the place of the sealed ones."""
    renewing.run("build")
    shutil.rmtree(renewing.file("review-1"))
    renewing.write("original/future-plans", "I will keep bees.")

    renewing.run("renew", code=4)
    renewing.run("restore")

    assert "I will keep bees." not in renewing.built()[1]
    assert renewing.json("renew")["changed_since"] == {"2024": ["future-plans.md"]}


@pytest.mark.parametrize("continues", ["orignal", "review-1"])
def test_an_earlier_portfolio_is_never_lost_by_a_slip(renewing: Owner, continues: str) -> None:
    """A page on which it could not stand does not go live."""
    path = renewing.file("review-1/generation.yaml")
    path.write_text(path.read_text().replace('continues: "original"', f'continues: "{continues}"'))
    desk = renewing.desk("review-1")

    found = building.gates(desk, desk.portfolio(Visibility.PUBLIC))

    assert [one.message for one in found if one.code == "earlier-missing"] == [
        f"The earlier portfolio {continues} is not on this page: portfolio/{continues} is not there, or in a circle."
    ]


def test_plan_and_publish_prove_the_words_of_then(renewing: Owner) -> None:
    """In words and as data, before and after; the same number that renew counts on that edition."""
    said = re.search(r"[\d,]+ words of 2024 unchanged", renewing.run("plan", "preview").output)
    [proof] = renewing.json("plan", "preview")["unchanged"]

    assert said is not None
    assert said[0] == f"{proof['words']:,} words of 2024 unchanged"
    assert (proof["generation"], proof["same"], proof["changed"]) == ("2024", True, [])
    done = renewing.run("publish", "preview", "--yes", "--waive", "unready")
    assert said[0] in done.output
    assert renewing.json("publish", "preview", "--dry-run")["unchanged"] == [proof]


def test_a_page_with_other_words_of_then_does_not_go_live(renewing: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    """It should never be; if it ever is, the owner hears of it before a stranger does."""
    wrong = Proof("2024", 10, changed=("Future Plans",))
    monkeypatch.setattr("bridge.renewing.proofs", lambda *_: (wrong,))

    assert "[words-changed]" in renewing.run("plan", "preview").output


def test_today_is_the_owners_day(owner: Owner) -> None:
    """Late in the evening in the west a review that begins today ends today, though it is tomorrow elsewhere."""
    config = owner.root / "config.yaml"
    config.write_text(re.sub(r"timezone: .*", "timezone: America/Los_Angeles", config.read_text()))
    with time_machine.travel(datetime(2031, 3, 2, 3, tzinfo=UTC), tick=False):
        assert owner.json("renew")["window"] == ["2024-05-31", "2031-03-01"]


def test_a_day_to_come_begins_no_review(owner: Owner) -> None:
    """A slip of the year is refused before anything is written."""
    before = files(owner)

    done = owner.run("renew", "--since", "2131-01-01", code=2)

    assert "still to come" in str(done.exception)
    assert files(owner) == before


def test_the_time_of_a_begun_review_is_changed_in_its_file(renewing: Owner) -> None:
    """An option that would do nothing is not passed over in silence; the same time again is no mistake."""
    done = renewing.run("renew", "--since", "2021-05-31", code=2)

    assert done.exception.mend == "Write its time in portfolio/review-1/generation.yaml: window"
    renewing.run("renew", "--since", "2024-05-31")


@pytest.mark.parametrize("broken", [b"garbage", b"---\nsection: 1c\nvisibility: nobody\n---\n", b"---\n\xff\xfe"])
def test_a_broken_file_of_a_sealed_portfolio_warns(renewing: Owner, broken: bytes) -> None:
    """
    What is sealed stands on the draft, and the review goes on.

    The file may have said who may not read it: for others its section waits, and their page waits with it.
    """
    words = renewing.json("renew")["unchanged"][0]["words"]
    renewing.file("original/1c.md").write_bytes(broken)

    told = renewing.json("renew")

    assert told["unchanged"][0]["words"] == words
    assert told["changed_since"] == {"2024": ["1c.md"]} or b"nobody" in broken
    assert "portfolio/original/1c.md cannot be read" in renewing.run("renew").output
    assert "portfolio/original/1c.md cannot be read" in renewing.run("build").output
    renewing.run("gaps")
    portfolio, _ = renewing.built(Visibility.PUBLIC)
    shown = {section.id for section in portfolio.sections}
    assert "original-1a" in shown
    assert "original-1c" not in shown
    assert "earlier-unreadable" in {one.code for one in building.gates(renewing.desk(), portfolio)}


def test_a_review_covers_the_time_until_it_is_due(owner: Owner) -> None:
    """What you were told goes before what the framework says, as it does in ``due``."""
    path = owner.file("original/generation.yaml")
    path.write_text(path.read_text() + "due: 2131-01-31\n")

    assert owner.json("renew")["window"] == ["2024-05-31", "2131-01-31"]


def test_the_record_is_what_its_section_holds(renewing: Owner) -> None:
    """A section that is made of the record is not called empty where the record has something."""
    assert "Key activities undertaken since last portfolio: nothing yet" in renewing.run("renew").output
    record(renewing)

    said = renewing.run("renew").output

    assert re.search(r"Key activities undertaken since last portfolio: .*4 entries of your record", said)


def test_words_are_those_of_the_owner(renewing: Owner) -> None:
    """What the page says of a theme by itself is no progress."""
    renewing.run("renew", "theme", "Accessibility", "--reason", "It is what my team needs now")

    told = renewing.json("renew")

    words = {one["section"]: one["words"] for one in told["sections"]}
    assert words["cpd-depth-accessibility"] == told["words"] == 7


def test_a_place_is_no_sentence_of_then(renewing: Owner) -> None:
    """The calendar wrote it."""
    renewing.file("cpd.csv").write_text(
        "id,date,title,status,themes,note\n"
        'c0001,2025-03-04,Winter school,done,Captions,"Place: Leeds\nI wanted to hear how others begin."\n'
    )

    said = renewing.run("renew", "theme", "Captions").output

    assert "hear how others begin" in said
    assert "Leeds" not in said
