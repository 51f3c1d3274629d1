"""What ``run`` does with nobody at the keyboard: the same functions, and a message where a word is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from archive import fixity
from archive.entry import Visibility
from archive.errors import KeepfolioError
from bridge import building, messages, owner, publishing, runs, schedule
from bridge.harvest import Report
from bridge.messages import Outcome
from bridge.session import Session


class Silent:
    """A harvest's progress that nobody watches."""

    def __init__(self, _name: str) -> None: ...
    def promised(self, kind: str, count: int) -> None:
        """Nobody watches."""

    def entry(self, entry: object, change: object) -> None:
        """Nobody watches."""

    def file(self, file: object) -> None:
        """Nobody watches."""

    def sealed(self) -> None:
        """Nobody watches."""


def run(session: Session, *, once: bool, say: Callable[[str], None]) -> int:
    """Run the schedule and return its exit code; every outcome is said, and reaches the owner where it must."""
    stop = threading.Event()

    def tell(job: str, outcome: Outcome) -> None:
        say(f"{job}: {outcome.text}")
        messages.report(session.config, session.workspace, job, outcome)

    def anew(job: Callable[[Session], Outcome]) -> Callable[[], Outcome]:
        """Each job opens the workspace anew: the owner may have changed words and configuration since the last."""
        return lambda: _guarded(lambda: job(Session(session.workspace)))

    jobs = schedule.Jobs(
        harvest=anew(lambda fresh: harvest(fresh, stop.is_set)), publish=anew(publish), verify=anew(verify)
    )
    return schedule.run(session.config, session.workspace, jobs, once=once, stop=stop, tell=tell)


def _guarded(job: Callable[[], Outcome]) -> Outcome:
    try:
        return job()
    except KeepfolioError as error:
        return Outcome.of(error)


def harvest(session: Session, stop: Callable[[], bool]) -> Outcome:
    """Harvest all sources."""
    reports = runs.harvest_all(session, session.source_names(), progress=Silent, stop=stop)
    failed = [r for r in reports if r.error]
    code = runs.exit_code(reports)
    if failed:
        first = failed[0].error
        assert first is not None
        text = "; ".join(f"{r.name}: {r.error.message}" for r in failed if r.error)
        of = Outcome.of(first)
        return Outcome(code, text, f"{failed[0].name}:{first.code}", first.mend, of.passing)
    return Outcome(code, _taken(reports), "some-failed" if code else "", "Run: keepfolio status" if code else "")


def _taken(reports: list[Report]) -> str:
    new = sum(r.created for r in reports)
    changed = sum(r.updated for r in reports)
    gone = sum(r.deleted for r in reports)
    return f"{new} new, {changed} changed, {gone} deleted there (kept here)"


def publish(session: Session) -> Outcome:
    """Publish what the owner lets go live unattended; make a preview and a message of everything else."""
    chosen = session.config.schedule.publish
    names = session.target_names(chosen.targets if chosen else ())
    policy = chosen.unattended if chosen else "off"
    done: list[str] = []
    waiting: list[str] = []
    desk = building.Desk(session)
    owner.keep(session.archive, session.workspace)
    for name in names:
        prepared = publishing.prepare(session, name, desk=desk)
        if not prepared.plan.actions:
            continue
        if not prepared.blocked and _may_go(session, policy, prepared):
            publishing.carry_out(prepared, approved=True)
            done.append(name)
        else:
            waiting.append(name)
    if waiting:
        _, built = building.build(desk, Visibility.PUBLIC)
        place = building.write(built, session.workspace.build / "preview")
        return Outcome(
            4,
            f"The page for {', '.join(waiting)} has changed and waits for your word. "
            f"A preview is in build/{place.parent.name}.",
            f"waiting:{','.join(waiting)}",
            f"Run: keepfolio publish {waiting[0]}",
        )
    return Outcome(0, f"published to {', '.join(done)}" if done else "nothing to publish")


def _may_go(session: Session, policy: str, prepared: publishing.Prepared) -> bool:
    from bridge.publish.policy import decide

    release = prepared.release
    assert release is not None, "only a portfolio is published unattended"
    before = publishing.newest_release(session, prepared.name)
    open_already = {
        upload.name
        for upload in release.uploads
        if (held := session.archive.entry(upload.evidence)) and held.entry.visibility is Visibility.PUBLIC
    }
    decision = decide(
        policy,
        prepared.plan,
        before=before.fragment if before else "",
        after=release.fragment,
        covered=open_already,
    )
    return decision == "publish"


def verify(session: Session) -> Outcome:
    """Verify the archive."""
    report = fixity.verify(session.existing_archive(), "full")
    if report.ok:
        return Outcome(0, f"all {report.checked['files']} files are what was stored")
    first = report.findings[0]
    return Outcome(
        5,
        f"{len(report.findings)} things in the archive are damaged, first: {first.path}",
        "damaged",
        "Run: keepfolio verify",
    )
