"""
``keepfolio run``: harvest, publish and verify in their rhythm, through sleep, clock changes and failures.

What was done when lies in a small file of the program's state, so that a restart makes up what was missed, once. Losing
that file costs one extra run. Jobs never overlap: one thread does them all.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from archive.entry import format_time, parse_time
from archive.errors import KeepfolioError, Locked
from bridge.messages import Outcome
from bridge.rhythm import Rhythm, rhythm_of
from bridge.statefile import read_json, write_json

if TYPE_CHECKING:
    from types import FrameType

    from apscheduler.schedulers.background import BackgroundScheduler

    from bridge.config import Config
    from bridge.workspace import Workspace

log = logging.getLogger(__name__)

WAKE = 30  # seconds between two looks at the clock: after a sleep or a change of the clock, due work starts within that
RETRY_AFTER = timedelta(minutes=30)  # a laptop that wakes has no network yet; doubled for each further try
TRIES = 4  # per slot
STALE = timedelta(days=8)  # a week and a day without success: the owner should know
WORST_FIRST = (5, 6, 4, 1, 2, 3, 0)

Tell = Callable[[str, Outcome], None]
"""``tell(job, outcome)``: called after each job, and when a job has not succeeded for too long."""


@dataclass(frozen=True)
class Jobs:
    """What to run. A job ends early when the stop flag is set, and says how it went; an error counts as an outcome."""

    harvest: Callable[[], Outcome]
    publish: Callable[[], Outcome]
    verify: Callable[[], Outcome]


@dataclass(frozen=True)
class NextRun:
    """When a job runs next (UTC); ``missed``: its time has passed, and it is made up at the next chance."""

    job: str
    at: datetime
    missed: bool

    def to_json(self) -> dict[str, Any]:
        return {"job": self.job, "at": format_time(self.at), "missed": self.missed}


def next_runs(config: Config, now: datetime, state: dict[str, Any]) -> list[NextRun]:
    """Return what runs when, soonest first. ``state`` comes from ``read_state``; nothing scheduled gives ``[]``."""
    runs = []
    for job, rhythm in rhythms(config).items():
        due = _wants(rhythm, state.get(job, {}), now)
        runs.append(NextRun(job, now if due else rhythm.next(now), due))
    return sorted(runs, key=lambda run: run.at)


def rhythms(config: Config) -> dict[str, Rhythm]:
    """Return the rhythm of each job that the configuration schedules, in the order in which they run."""
    wanted = {"harvest": config.schedule.harvest, "publish": config.schedule.publish, "verify": config.schedule.verify}
    return {job: rhythm_of(when, config.zone) for job, when in wanted.items() if when}


def read_state(workspace: Workspace) -> dict[str, Any]:
    """Return what was done when: by job, ``slot``, ``tries``, ``tried``, ``succeeded``, ``since``."""
    return read_json(workspace.state / "schedule.json")


def run(
    config: Config,
    workspace: Workspace,
    jobs: Jobs,
    *,
    once: bool = False,
    stop: threading.Event | None = None,
    tell: Tell = lambda _job, _outcome: None,
    daily: Callable[[], None] = lambda: None,
    wake: float = WAKE,
) -> int:
    """
    Do what is due, then (unless ``once``) wait for what comes, until SIGTERM, SIGINT or ``stop``.

    ``daily`` is called once on each day of the owner's, and at each call with ``once``; whatever it raises is logged.

    Returns:
        0 after a stop; with ``once`` the worst exit code of what ran.

    Raises:
        Locked: Another ``keepfolio run`` is at work on this workspace.
    """
    stop = stop or threading.Event()
    with _alone(workspace), _signals(stop):
        runner = _Runner(config, workspace, jobs, stop, tell, daily)
        return runner.once() if once else runner.forever(wake)


class _Runner:
    def __init__(
        self,
        config: Config,
        workspace: Workspace,
        jobs: Jobs,
        stop: threading.Event,
        tell: Tell,
        daily: Callable[[], None] = lambda: None,
    ) -> None:
        self.rhythms = rhythms(config)
        self.zone = config.zone
        self.daily = daily
        self.looked: date | None = None
        self.workspace = workspace
        self.jobs = jobs
        self.stop = stop
        self.tell = tell
        self.state = read_state(workspace)  # the lock makes it ours alone
        self.busy: set[str] = set()
        self.codes: list[int] = [0]

    def once(self) -> int:
        """Do what is due, in order, and return the worst exit code."""
        for job in self.rhythms:
            self.do(job)
        self.complain()
        self.look()
        return min(self.codes, key=WORST_FIRST.index)

    def forever(self, wake: float) -> int:
        """Hand due jobs to the scheduler's one thread until the stop flag is set; then wait for the job at work."""
        scheduler = _scheduler()
        for job, rhythm in self.rhythms.items():
            scheduler.add_job(partial(self.do, job), _trigger(rhythm), id=job, next_run_time=rhythm.next(_now()))
        scheduler.start()
        try:
            while not self.stop.is_set():
                self.make_up(scheduler)
                self.complain()
                self.look()
                self.stop.wait(wake)
        finally:
            scheduler.shutdown(wait=True)
        return 0

    def make_up(self, scheduler: BackgroundScheduler) -> None:
        """Start what is due and not at work: missed while asleep or off, to be tried again, or moved by the clock."""
        for job, rhythm in self.rhythms.items():
            if job not in self.busy and _wants(rhythm, self.state.get(job, {}), _now()):
                self.busy.add(job)  # from now, not from its start: it may have to wait for the thread
                scheduler.modify_job(job, next_run_time=_now())
        scheduler.wakeup()

    def do(self, job: str) -> None:
        """Do a job if it is still due: the scheduler may call twice for one slot, as on the October night."""
        try:
            noted = self.state.get(job, {})
            rhythm = self.rhythms[job]
            if self.stop.is_set() or not _wants(rhythm, noted, _now()):
                return
            slot = rhythm.latest(_now())
            outcome = _outcome(job, getattr(self.jobs, job))
            if self.stop.is_set() and outcome.good:
                return  # stopped early: what was complete is safe, and the slot is still to do
            self.note(job, slot, noted, outcome)
            self.codes.append(outcome.code)
            self.tell(job, outcome)
        finally:
            self.busy.discard(job)

    def note(self, job: str, slot: date, noted: dict[str, Any], outcome: Outcome) -> None:
        """Remember how the slot went."""
        now = format_time(_now())
        again = outcome.passing and not outcome.good
        tries = (int(noted.get("tries", 0)) if noted.get("slot") == slot.isoformat() else 0) + 1
        fresh = {
            "slot": slot.isoformat(),
            "tries": tries if again else TRIES,
            "tried": now,
            "since": noted.get("since", now),
        }
        if outcome.good or outcome.waiting:
            fresh["succeeded"] = now
        elif "succeeded" in noted:
            fresh["succeeded"] = noted["succeeded"]
        self.state[job] = fresh
        try:
            write_json(self.workspace.state / "schedule.json", self.state)
        except OSError as error:  # a full disk must not make it run again and again
            log.warning("what was done when could not be noted: %s", error)

    def complain(self) -> None:
        """Tell of jobs that should have succeeded long ago."""
        for job, rhythm in self.rhythms.items():
            noted = self.state.get(job, {})
            last = noted.get("succeeded") or noted.get("since")
            if not last:
                continue
            expected = rhythm.after(parse_time(last).astimezone(rhythm.zone).date())
            if _now() - expected > STALE:
                day = parse_time(last).astimezone(rhythm.zone).date()
                self.tell(
                    job, Outcome(1, f"No {job} has succeeded since {day}.", cause="stale", mend="Run: keepfolio check")
                )

    def look(self) -> None:
        """Do what is done once a day, beside all jobs: a reminder needs no archive, and waits for no harvest."""
        day = _now().astimezone(self.zone).date()
        if day == self.looked:
            return
        self.looked = day
        try:
            self.daily()
        except Exception:  # a schedule that dies of one bad day is none
            log.exception("what is due could not be told")


def _wants(rhythm: Rhythm, noted: dict[str, Any], now: datetime) -> bool:
    """Tell whether a job is to run now: a new slot, or another try at one that failed for a passing reason."""
    if not noted:
        return True
    slot = date.fromisoformat(noted["slot"])
    if rhythm.is_due(now, slot):
        return True
    tries = int(noted["tries"])
    waited = now - parse_time(noted["tried"])
    return tries < TRIES and waited >= RETRY_AFTER * 2 ** (tries - 1)


def _outcome(job: str, function: Callable[[], Outcome]) -> Outcome:
    try:
        return function()
    except KeepfolioError as error:
        return Outcome.of(error)
    except Exception as error:  # a schedule that dies of one bad night is none
        log.exception("the %s failed", job)
        return Outcome(
            1,
            f"The {job} failed unexpectedly ({type(error).__name__}).",
            cause="unexpected",
            mend=f"Run: keepfolio {job} -v",
        )


def _scheduler() -> BackgroundScheduler:
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    # The default grace of one second would skip what a sleeping laptop missed. One thread: the archive has one writer.
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    return BackgroundScheduler(executors={"default": ThreadPoolExecutor(1)}, job_defaults=defaults, timezone=UTC)


def _trigger(rhythm: Rhythm) -> Any:
    from apscheduler.triggers.base import BaseTrigger

    class Slots(BaseTrigger):  # type: ignore[misc]  # the library has no types
        """APScheduler's own cron trigger runs 01:30 twice on the October night."""

        def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
            return rhythm.next(max(now, previous) if previous else now)

    return Slots()


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    from filelock import FileLock, Timeout

    workspace.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    holder = workspace.state / "run.json"
    lock = FileLock(workspace.state / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        known = read_json(holder)
        who = f" (process {known['pid']}, since {known['since']})" if known else ""
        raise Locked(
            f"Another `keepfolio run` is at work on this folder{who}.",
            unchanged="Nothing was started.",
            mend="Let it work, or stop it first.",
        ) from error
    try:
        write_json(holder, {"pid": os.getpid(), "since": format_time(_now())})
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Turn SIGTERM and SIGINT into the stop flag, so that the job at work ends with everything sealed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _now() -> datetime:
    return datetime.now(UTC)
