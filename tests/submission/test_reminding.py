"""Reminders reach the owner once each, from a scheduled run, and say nothing of what was harvested."""

from __future__ import annotations

import email
import email.policy
import threading
from datetime import UTC, datetime

import pytest
import time_machine

from bridge import messages, reminding, schedule, unattended
from bridge.config import parse
from tests.bridge.smtp_server import Mailbox, serving
from tests.submission.conftest import Owner


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def passed(owner: Owner, box: Mailbox, *, due: str = "2030-05-15", more: str = "") -> None:
    """Rowan has passed, wants mail, and has a schedule that has nothing else to do."""
    today, owner.day = owner.day, "2027-05-15"
    owner.does("result", "pass", "--due", due)
    owner.day = today
    smtp = f"{{host: localhost, port: {box.port}, security: none}}"
    owner.configures(f"messages: {{email: rowan@b.example, smtp: {smtp}}}\n")
    owner.configures('schedule: {verify: {monthly: "last 04:00"}}\n')
    config = owner.folder / "config.yaml"
    config.write_text(config.read_text().replace("portfolio:\n", f"portfolio:\n{more}", 1))


def runs(owner: Owner, day: str) -> None:
    """Do what a timer does: an hourly run, twice on that day."""
    for hour in ("09:00", "10:00"):
        with time_machine.travel(datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=UTC), tick=False):
            session = owner.session()
            unattended.run(session, once=True, say=lambda _text: None)
            session.archive.close()


def mails(box: Mailbox) -> list[str]:
    every = [email.message_from_string(one, policy=email.policy.default) for one in box.messages]
    return [one.get_content() for one in every if one["subject"] == "keepfolio: a reminder"]


def test_each_reminder_comes_once_and_then_what_is_overdue(owner: Owner) -> None:
    """A year, half a year, 90, 30 and 7 days before; then each month, by how much it is overdue."""
    with serving() as box:
        passed(owner, box)
        days = ["2029-05-14", "2029-05-15", "2029-05-16", "2029-11-16", "2030-02-14", "2030-04-15", "2030-05-08"]
        days += ["2030-05-16", "2030-05-20", "2033-07-15"]
        for day in days:
            runs(owner, day)

    said = [text.splitlines()[0] for text in mails(box)]
    assert said == [
        "Portfolio review: due on 15 May 2030, in 1 year.",
        "Portfolio review: due on 15 May 2030, in 5 months.",
        "Portfolio review: due on 15 May 2030, in 3 months.",
        "Portfolio review: due on 15 May 2030, in 30 days.",
        "Portfolio review: due on 15 May 2030, in 7 days.",
        "Portfolio review: overdue by 1 day (it was due on 15 May 2030).",
        "Portfolio review: overdue by 3 years 2 months (it was due on 15 May 2030).",
    ]


def test_an_unknown_due_date_reminds_nobody(owner: Owner) -> None:
    with serving() as box:
        passed(owner, box, due="unknown")
        for day in ("2027-06-01", "2029-06-01", "2033-06-01"):
            runs(owner, day)

    assert mails(box) == []


def test_a_milestone_is_told_once(owner: Owner) -> None:
    """In the owner's own words, on its day."""
    with serving() as box:
        passed(owner, box, more="  milestones:\n    - {on: 2027-12-24, what: Finish 2b}\n")
        for day in ("2027-12-23", "2027-12-24", "2027-12-25", "2028-01-10"):
            runs(owner, day)

    assert [text.splitlines()[0] for text in mails(box)] == ["You set yourself a day, 24 December 2027: Finish 2b."]


def test_a_reminder_that_did_not_arrive_comes_the_next_day(owner: Owner) -> None:
    """While the mail server is away nothing counts as told, and it is asked once a day."""
    with serving() as box:
        passed(owner, box)
    said: list[str] = []
    with time_machine.travel(datetime(2029, 5, 15, 9, tzinfo=UTC), tick=False):
        for _ in range(3):
            reminding.remind(owner.session(), said.append)
    assert len(said) == 1

    with serving() as box:
        config = owner.folder / "config.yaml"
        text = config.read_text()
        port = text[text.index("port: ") : text.index(", security")]
        config.write_text(text.replace(port, f"port: {box.port}"))
        runs(owner, "2029-05-16")
        runs(owner, "2029-05-17")

    assert len(mails(box)) == 1


def test_nobody_is_reminded_of_a_review_that_is_being_judged(submitted: Owner) -> None:
    """While assessors read the review its due date is no news; it is said beside it."""
    earlier = submitted.folder / "portfolio" / "first"
    earlier.mkdir()
    text = (submitted.generation / "generation.yaml").read_text()
    (earlier / "generation.yaml").write_text(
        text.replace("state: submitted", "state: passed", 1)
        .replace("started: 2025-07-05", "started: 2020-01-01")
        .replace("decided: null", "decided: 2023-01-10")
        .partition("stages:")[0]
    )
    (submitted.generation / "generation.yaml").write_text(text + "continues: first\n")

    [clock] = submitted.gives("due")["clocks"]

    assert (clock["due"], clock["standing"]) == ("2026-01-10", "overdue by 1 year")
    assert clock["note"] == "it is with the assessors since 1 February 2027"
    with time_machine.travel(datetime(2027, 3, 1, tzinfo=UTC), tick=False):
        said: list[str] = []
        reminding.remind(submitted.session(), said.append)
    assert said == []


def test_both_clocks_are_shown(owner: Owner) -> None:
    """Review and membership are two dates, at the door and in `status`; registration counts until the first pass."""
    config = owner.folder / "config.yaml"
    dates = "portfolio:\n  registered: 2026-09-01\n  membership: 2027-06-30\n"
    config.write_text(config.read_text().replace("portfolio:\n", dates, 1))
    assert "Registration expires: 1 September 2028, in 1 year 7 months" in owner.does()

    owner.does("result", "pass", "--date", "2027-01-10")
    for command in ((), ("status",)):
        said = owner.does(*command)
        assert "Portfolio review: 10 January 2030, in 2 years 11 months" in said
        assert "Membership renewal: 30 June 2027, in 4 months" in said
        assert "Registration" not in said
    kinds = [clock["kind"] for clock in owner.gives("status")["clocks"]]
    assert kinds == ["membership", "review"]


def test_the_calendar_file_is_written(owner: Owner) -> None:
    """With an account that closes, for it takes its texts along."""
    config = owner.folder / "config.yaml"
    kind = "    type: wordpress-export"
    config.write_text(config.read_text().replace(kind, f"    closes: 2027-07-31\n{kind}"))
    owner.does("result", "pass", "--date", "2027-01-10")
    place = owner.folder / "due.ics"

    owner.does("due", "--ics", str(place))

    text = place.read_text()
    assert "SUMMARY:Portfolio review" in text
    assert "SUMMARY:Your account at blog closes" in text
    assert "DTSTART;VALUE=DATE:20300110" in text
    assert "TRIGGER:-P365D" in text


def test_a_run_that_goes_on_looks_once_a_day(owner: Owner) -> None:
    """On each day of the owner's, whatever the last look came to: a mistake in a file ends no schedule."""
    looks: list[datetime] = []

    def look() -> None:
        looks.append(datetime.now(UTC))
        raise RuntimeError

    session = owner.session()
    config = parse("timezone: Europe/London\n", "config.yaml", owner.folder)
    jobs = schedule.Jobs(messages.Outcome, messages.Outcome, messages.Outcome)
    runner = schedule._Runner(config, session.workspace, jobs, threading.Event(), lambda *_: None, look)
    for moment in ("2027-07-01T09:00", "2027-07-01T22:30", "2027-07-01T23:30", "2027-07-02T08:00"):  # UTC
        with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=UTC), tick=False):
            runner.look()

    assert [f"{one:%d %H:%M}" for one in looks] == ["01 09:00", "01 23:30"]


def test_what_is_due_is_listed_by_its_day(owner: Owner) -> None:
    """A milestone of next month stands above the review in three years."""
    config = owner.folder / "config.yaml"
    milestones = '  milestones: [{what: "Ask the mentor", on: 2027-03-01}]\n'
    config.write_text(config.read_text().replace("portfolio:\n", f"portfolio:\n{milestones}", 1))
    owner.does("result", "pass")

    assert [one["kind"] for one in owner.gives("due")["clocks"]] == ["milestone", "review"]
