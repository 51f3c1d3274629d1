"""From handing in to the result nothing touches what assessors read, and nothing of it goes to everybody unasked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import time_machine

from archive.entry import Visibility
from archive.errors import NeedsOwner
from bridge import awaiting, building, messages, publishing, releases, unattended
from bridge.building import Desk
from tests.submission.conftest import WAIVED, Owner


def change(owner: Owner) -> None:
    owner.replaces("1a", "Both of these taught me", "All of this taught me")


@pytest.mark.parametrize("command", ["publish", "withdraw"])
def test_nothing_writes_to_what_assessors_read(submitted: Owner, command: str) -> None:
    """Each command that could stops with 4, and says why and what to do."""
    before = submitted.page
    change(submitted)

    code, _, err = submitted.run(command, "assessors", "--yes", *(WAIVED if command == "publish" else ()))

    assert code == 4
    assert submitted.page == before
    assert "is with the assessors since 1 February 2027" in err
    assert "keepfolio result" in err


def test_an_earlier_version_cannot_come_back_either(owner: Owner) -> None:
    """A rollback writes as much as a publish does."""
    owner.does("publish", "assessors", "--yes", *WAIVED)
    change(owner)
    owner.day = "2027-02-02"
    owner.does("publish", "assessors", "--yes", *WAIVED)
    owner.does("submit", "--to", "assessors", *WAIVED)
    before = owner.page

    code, _, err = owner.run("rollback", "assessors", "--yes")

    assert (code, owner.page == before) == (4, True)
    assert "with the assessors" in err


def test_a_plan_says_it(submitted: Owner) -> None:
    """Looking is free: the plan is shown, and why it is not carried out."""
    change(submitted)

    said = submitted.does("plan", "assessors")

    assert "the portfolio changed" in said
    assert "is with the assessors since 1 February 2027" in said


def test_a_target_that_they_do_not_read_is_free(submitted: Owner) -> None:
    """Her own draft elsewhere goes on."""
    submitted.configures("  draft: {type: static, path: build/draft, edition: private}\n")
    change(submitted)

    submitted.does("publish", "draft", "--yes", *WAIVED)


def test_a_schedule_makes_a_preview_and_a_message(submitted: Owner) -> None:
    """Whatever may go live unattended, this may not; the owner is told why, and finds a preview."""
    submitted.configures('schedule:\n  publish: {daily: "04:00", unattended: all}\n')
    before = submitted.page
    change(submitted)

    session = submitted.session()
    outcome = unattended.publish(session)
    session.archive.close()

    assert submitted.page == before
    assert (outcome.code, outcome.waiting) == (4, True)
    assert "with the assessors since 1 February 2027" in outcome.text
    assert "keepfolio result" in outcome.mend
    assert "keepfolio publish assessors" not in outcome.mend
    assert (submitted.folder / "build" / "preview" / "index.html").is_file()


def test_a_hand_written_state_protects_as_well(owner: Owner) -> None:
    """Without a record of what was handed in, it is every target that shows the portfolio."""
    owner.does("publish", "assessors", "--yes", *WAIVED)
    path = owner.generation / "generation.yaml"
    path.write_text(path.read_text().replace("state: draft", "state: submitted"))
    before = owner.page
    change(owner)

    assert owner.run("publish", "assessors", "--yes", *WAIVED)[0] == 4
    assert owner.page == before


def test_it_can_be_taken_back(submitted: Owner) -> None:
    """The owner who sent too early is not locked in; the step is noted."""
    change(submitted)
    submitted.does("submit", "--take-back")

    submitted.does("publish", "assessors", "--yes", *WAIVED)
    assert Desk(submitted.session()).generation.state == "draft"
    assert submitted.run("submit", "--take-back")[0] == 4


def test_it_is_handed_in_once(submitted: Owner) -> None:
    code, _, err = submitted.run("submit", *WAIVED)

    assert (code, "with the assessors since 1 February 2027" in err) == (4, True)


def test_what_assessors_would_read_is_what_is_sealed(owner: Owner) -> None:
    """A page that was not brought up to date is no submission."""
    owner.does("publish", "assessors", "--yes", *WAIVED)
    change(owner)

    code, _, err = owner.run("submit", "--to", "assessors", *WAIVED)

    assert code == 4
    assert "keepfolio publish assessors" in err
    assert not (owner.generation / "submissions.yaml").exists()


def test_what_is_not_ready_is_not_handed_in(owner: Owner) -> None:
    """Gates stand as for going live; each may be waived."""
    code, _, err = owner.run("submit")

    assert code == 4
    assert "2b is left out" in err
    assert "--waive unready" in err
    assert Desk(owner.session()).generation.state == "draft"


# --- the public edition ---------------------------------------------------------------------------------------------


def found(owner: Owner, edition: Visibility = Visibility.PUBLIC) -> list[str]:
    desk = Desk(owner.session())
    return [f.severity for f in building.gates(desk, desk.portfolio(edition)) if f.code == awaiting.NOT_PASSED]


def test_the_public_edition_waits_for_a_pass(submitted: Owner) -> None:
    """Putting it where strangers read it is refused until then, unless the owner waives it."""
    session = submitted.session()
    prepared = publishing.prepare(session, "preview")
    prepared.plan = replace(prepared.plan, live=True)  # as on a site
    with pytest.raises(NeedsOwner, match=r"\[not-passed\]"):
        publishing.insist_ready(prepared, ["unready"])
    publishing.insist_ready(prepared, ["unready", "not-passed"])
    session.archive.close()

    submitted.does("result", "pass")
    assert found(submitted) == []


def test_a_referral_still_keeps_it_from_everybody(referred: Owner) -> None:
    assert found(referred) == ["error"]
    assert found(referred, Visibility.ASSESSOR) == []


def test_a_draft_that_was_never_handed_in_is_its_owners(owner: Owner) -> None:
    """It is pointed out, and stops nothing: many holders publish while they write."""
    assert found(owner) == ["note"]
    owner.does("publish", "preview", "--yes", *WAIVED)


def test_what_was_handed_in_as_a_public_page_is_public_already(owner: Owner) -> None:
    owner.does("publish", "preview", "--yes", *WAIVED)
    owner.does("submit", "--to", "preview", *WAIVED)

    assert found(owner) == ["note"]


def test_a_review_of_a_passed_portfolio_may_stay_public(referred: Owner) -> None:
    """Its holder is a holder while the review is judged."""
    earlier = referred.folder / "portfolio" / "first"
    earlier.mkdir()
    text = (referred.generation / "generation.yaml").read_text()
    (earlier / "generation.yaml").write_text(
        text.replace("state: referred", "state: passed").replace("started: 2025-07-05", "started: 2020-01-01")
    )
    (referred.generation / "generation.yaml").write_text(text + "continues: first\n")

    assert found(referred) == []


@pytest.mark.parametrize("beside", ["rather", "and"])
def test_it_is_the_place_that_is_left_alone(submitted: Owner, beside: str) -> None:
    """Another target that leads to the same folder writes nothing there, though the first one be renamed."""
    config = submitted.folder / "config.yaml"
    another = "  mine: {type: static, path: ./build/for-assessors, edition: private}\n"
    old = "  assessors: {type: static, path: build/for-assessors, edition: assessor}\n"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, another if beside == "rather" else old + another))
    before = submitted.page
    change(submitted)

    code, _, err = submitted.run("publish", "mine", "--yes", *WAIVED)

    assert (code, submitted.page == before) == (4, True)
    assert "with the assessors" in err


def test_the_owner_is_told_once_that_a_schedule_waits_for_the_assessors(submitted: Owner) -> None:
    """Nothing that she does today ends it; what waits for her own word is told every day."""
    submitted.configures('schedule:\n  publish: {daily: "04:00", unattended: all, targets: [assessors]}\n')
    change(submitted)
    session = submitted.session()
    outcome = unattended.publish(session)
    session.archive.close()
    told: dict[str, Any] = {"publish": {outcome.cause: "2027-02-02T04:00:00Z"}}

    with time_machine.travel("2027-02-05T04:00:00Z", tick=False):
        assert not messages._is_news(told, "publish", outcome)
        assert messages._is_news(told, "publish", replace(outcome, once=False))
        assert messages._is_news({}, "publish", outcome)


def test_what_must_be_forgotten_is_removed_and_the_assessors_page_stays(submitted: Owner) -> None:
    """A removal reaches the archive; the file at their address is said not to be reached, with what mends it."""
    pictured = next(iter((submitted.folder / "build" / "for-assessors" / "files").iterdir()))
    archive = submitted.session().archive
    [release] = [s for s in archive.entries(kind="release") if s.entry.visibility is Visibility.ASSESSOR]
    uploads = releases.load_release(archive, release.entry.native_id).uploads
    shown = next(upload.evidence for upload in uploads if upload.name == pictured.name)
    archive.close()
    page, file = submitted.page, pictured.read_bytes()

    code, out, _ = submitted.run("--json", "purge", shown, "--yes")

    told = json.loads(out)
    assert (submitted.page, pictured.read_bytes()) == (page, file)
    assert (code, told["withdrawn"]) == (3, [])
    [missed] = [one for one in told["not_reached"] if "with the assessors" in one["why"]]
    assert "keepfolio publish assessors" in missed["mend"]
    assert "as it was handed in" in " ".join(one["title"] for one in told["releases"])
    assert not list((submitted.folder / "build").glob("*.zip"))

    submitted.does("submit", "--take-back")
    submitted.does("publish", "assessors", "--yes", *WAIVED)
    assert not pictured.exists()


def test_only_the_named_target_is_left_alone(owner: Owner) -> None:
    """Assessors read it there: another page of the same portfolio is free, and nothing is said of it."""
    owner.configures("  draft: {type: static, path: build/draft, edition: assessor}\n")
    for target in ("assessors", "draft"):
        owner.does("publish", target, "--yes", *WAIVED)

    assert owner.gives("submit", "--to", "assessors", *WAIVED)["targets"] == ["assessors"]

    change(owner)
    owner.does("publish", "draft", "--yes", *WAIVED)
    assert owner.run("publish", "assessors", "--yes", *WAIVED)[0] == 4
