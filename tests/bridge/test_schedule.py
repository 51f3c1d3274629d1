"""`run` does what is due once, makes up what was missed, and ends politely."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from archive.errors import KeepfolioError, Locked, NeedsOwner
from bridge import schedule
from bridge.messages import Outcome
from bridge.schedule import next_runs, read_state, run
from connectors.contract import SourceRefused
from tests.bridge.schedules import Work, configured, workspace

DAILY = configured('{harvest: {daily: "03:30"}}')


@pytest.fixture
def folder(tmp_path):
    return workspace(tmp_path / "w")


def once(config, folder, work, at: str, **more) -> int:
    with time_machine.travel(datetime.fromisoformat(at).replace(tzinfo=UTC), tick=False):
        return run(config, folder, work.jobs(), once=True, tell=work.tell, **more)


def test_a_missed_run_is_made_up_once(folder):
    """After four days off, one harvest is made up, not four."""
    work = Work()

    for at in ("16 09:00", "16 10:00", "20 09:00", "20 09:05", "21 03:00", "21 03:31"):
        once(DAILY, folder, work, f"2026-11-{at}")

    assert work.done == ["harvest"] * 3


@pytest.mark.parametrize("night", ["2026-10-25", "2026-03-29"])
def test_on_the_nights_of_the_clock_change_it_runs_once(folder, night):
    """A daily 01:30 in London runs once on the October night and once on the March night."""
    work = Work()
    config = configured('{harvest: {daily: "01:30"}}')
    midnight = datetime.fromisoformat(night).replace(tzinfo=UTC)
    once(config, folder, work, str((midnight - timedelta(hours=12)).replace(tzinfo=None)))
    work.done.clear()

    for minutes in range(-60, 360, 10):
        once(config, folder, work, str((midnight + timedelta(minutes=minutes)).replace(tzinfo=None)))

    assert work.done == ["harvest"]


def test_due_jobs_run_in_order_and_the_worst_code_counts(folder):
    """Harvest comes before publish and verify; `--once` ends with the worst code."""
    work = Work(publish=lambda: Outcome(4, "A page was edited."), verify=lambda: Outcome(3))
    config = configured('{verify: {daily: "03:30"}, publish: {daily: "03:30"}, harvest: {daily: "03:30"}}')

    assert once(config, folder, work, "2026-11-22 12:00") == 4
    assert work.done == ["harvest", "publish", "verify"]


def test_an_error_is_an_outcome(folder):
    """A job that raises is told, and the others run all the same."""

    def refused():
        raise NeedsOwner("Too much was deleted.", code="brake", mend="Run: keepfolio harvest")

    def broken():
        raise ZeroDivisionError("secret detail")

    work = Work(harvest=refused, publish=broken)
    config = configured('{publish: {daily: "03:30"}, harvest: {daily: "03:30"}, verify: {daily: "03:30"}}')

    once(config, folder, work, "2026-11-22 12:00")

    assert [(job, o.code, o.cause) for job, o in work.told] == [
        ("harvest", 4, "brake"),
        ("publish", 1, "unexpected"),
        ("verify", 0, ""),
    ]
    assert "secret detail" not in work.told[1][1].text


def test_a_passing_failure_is_tried_again_but_not_forever(folder):
    """A laptop that woke without a network tries again after half an hour, one, two; then waits for the next day."""

    def offline():
        raise KeepfolioError("No network.", code="unavailable")

    work = Work(harvest=offline)
    start = datetime(2026, 11, 22, 4, 0)
    tried = []

    for minutes in range(0, 23 * 60, 10):
        before = len(work.done)
        once(DAILY, folder, work, str(start + timedelta(minutes=minutes)))
        if len(work.done) > before:
            tried.append(minutes)

    assert tried == [0, 30, 90, 210]


def test_what_waits_for_the_owner_is_not_tried_again(folder):
    """A decision or a refused password is asked for once in a slot."""

    def refused():
        raise SourceRefused("Wrong password.", code="wrong-password")

    work = Work(harvest=refused)

    for hour in range(4, 12):
        once(DAILY, folder, work, f"2026-11-22 {hour:02}:00")

    assert work.done == ["harvest"]


def test_after_eight_days_without_success_the_owner_is_told(folder):
    """A daily job that last worked nine days ago is told as such; a monthly one between two runs is not."""
    work = Work()
    config = configured('{harvest: {daily: "03:30"}, publish: {monthly: "1 04:00"}}')
    once(config, folder, work, "2026-11-02 12:00")
    work.does["harvest"] = lambda: Outcome(4, "x", cause="y")
    work.told.clear()

    once(config, folder, work, "2026-11-11 02:00")
    assert [o.cause for _, o in work.told] == ["y"]

    once(config, folder, work, "2026-11-11 12:00")
    assert [(job, o.cause) for job, o in work.told][1:] == [("harvest", "y"), ("harvest", "stale")]
    assert "2026-11-02" in work.told[-1][1].text


def test_what_waits_for_a_word_never_counts_as_too_long(folder):
    """A publish that made its preview each month did its part; one that failed beside a good one did not."""
    config = configured('{publish: {daily: "04:00"}}')
    waiting = Work(publish=lambda: Outcome(4, "x", cause="waiting:site", waiting=True))
    failing = Work(publish=lambda: Outcome(3, "x", cause="site:refused", failed=True))

    for day in range(1, 22):
        once(config, folder, waiting, f"2026-11-{day:02} 12:00")
    assert "stale" not in [o.cause for _, o in waiting.told]

    for day in range(1, 12):
        once(config, folder, failing, f"2026-12-{day:02} 12:00")
    assert "stale" in [o.cause for _, o in failing.told]


def test_next_runs_tell_what_is_missed(folder):
    """`status` shows what comes when, and what has yet to be made up."""
    config = configured('{harvest: {daily: "03:30"}, publish: {monthly: "1 04:00"}}')
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    once(config, folder, Work(), "2026-11-22 12:00")

    assert [(r.job, r.at.isoformat(), r.missed) for r in next_runs(config, now, read_state(folder))] == [
        ("harvest", "2026-11-23T03:30:00+00:00", False),
        ("publish", "2026-12-01T04:00:00+00:00", False),
    ]
    assert [r.missed for r in next_runs(config, now, {})] == [True, True]
    assert next_runs(config, now, {})[0].to_json() == {"job": "harvest", "at": "2026-11-22T12:00:00Z", "missed": True}
    assert next_runs(configured("{}"), now, {}) == []


def test_a_second_run_is_refused(folder):
    """While one `run` works, another ends with code 6 and says who works; afterwards it may."""

    def meanwhile():
        with pytest.raises(Locked) as raised:
            run(DAILY, folder, Work().jobs(), once=True)
        assert raised.value.exit_code == 6
        return Outcome(text=raised.value.message)

    work = Work(harvest=meanwhile)
    once(DAILY, folder, work, "2026-11-22 12:00")

    assert f"process {os.getpid()}" in work.told[0][1].text
    assert run(DAILY, folder, Work().jobs(), once=True) == 0


def test_the_loop_starts_what_is_due_and_stops(folder):
    """Without `--once`, what was missed starts at once; the stop flag ends the loop with 0."""
    stop = threading.Event()
    work = Work(verify=lambda: stop.set() or Outcome(4))
    config = configured('{harvest: {daily: "03:30"}, verify: {daily: "03:30"}}')

    assert run(config, folder, work.jobs(), stop=stop, wake=0.01) == 0
    assert work.done == ["harvest", "verify"]


def test_the_loop_notices_that_time_has_passed(folder):
    """A run that becomes due while the computer sleeps starts when it wakes."""
    stop = threading.Event()
    work = Work(harvest=lambda: Outcome() if len(work.done) == 1 else stop.set() or Outcome())
    with time_machine.travel(datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) as clock:

        def asleep(_job, _outcome):
            clock.move_to(datetime(2026, 11, 25, 12, 0, tzinfo=UTC))

        run(DAILY, folder, work.jobs(), stop=stop, tell=asleep, wake=0.01)

    assert work.done == ["harvest", "harvest"]


def test_a_job_that_overruns_is_not_started_twice(folder):
    """While a harvest is at work, no look at the clock and no new slot starts another one."""
    stop, looks = threading.Event(), threading.Semaphore(0)
    with time_machine.travel(datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) as clock:

        def long():
            clock.move_to(datetime(2026, 11, 25, 12, 0, tzinfo=UTC))  # it takes until after two more slots
            for _ in range(20):
                looks.acquire()
            stop.set()
            return Outcome()

        work = Work(harvest=long)
        whole = schedule._Runner.make_up

        def look(self, scheduler):
            whole(self, scheduler)
            looks.release()

        schedule._Runner.make_up = look
        try:
            run(DAILY, folder, work.jobs(), stop=stop, wake=0.001)
        finally:
            schedule._Runner.make_up = whole

    assert work.done == ["harvest"]


def test_a_stopped_job_is_still_to_do(folder):
    """A harvest that was asked to stop half-way goes on at the next start."""
    stop = threading.Event()
    once(DAILY, folder, Work(harvest=lambda: stop.set() or Outcome()), "2026-11-22 12:00", stop=stop)

    work = Work()
    once(DAILY, folder, work, "2026-11-22 12:01")

    assert work.done == ["harvest"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_job_finish_and_exits_with_0(folder, number, tmp_path):
    """SIGTERM and Ctrl-C set the stop flag; the job at work ends by itself, and the program with 0."""
    program = f"""
import sys, threading
from pathlib import Path
from bridge.schedule import Jobs, run
from bridge.messages import Outcome
from tests.bridge.schedules import configured, workspace

stop = threading.Event()

def harvest():
    print("at work", flush=True)
    stop.wait()
    print("finished", flush=True)
    return Outcome()

work = workspace(Path({str(folder.root)!r}))
sys.exit(run(configured('{{harvest: {{daily: "03:30"}}}}'), work, Jobs(harvest, Outcome, Outcome), stop=stop))
"""
    running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout.readline() == "at work\n"
        running.send_signal(number)
        out, _ = running.communicate(timeout=60)
    finally:
        running.kill()

    assert (out, running.returncode) == ("finished\n", 0)


def test_state_survives_nonsense(folder):
    """A damaged state file costs one extra run, not the schedule."""
    once(DAILY, folder, Work(), "2026-11-22 12:00")
    (folder.state / "schedule.json").write_text("{")
    work = Work()

    once(DAILY, folder, work, "2026-11-22 12:01")

    assert work.done == ["harvest"]


def test_a_state_that_cannot_be_written_does_not_run_twice(folder):
    """With a full disk a job is not started at every look at the clock."""
    folder.state.mkdir(parents=True)
    (folder.state / "schedule.json").mkdir()
    runner = schedule._Runner(DAILY, folder, Work().jobs(), threading.Event(), lambda _job, _outcome: None)

    runner.once()
    again = Work()
    runner.jobs = again.jobs()
    runner.once()

    assert again.done == []
