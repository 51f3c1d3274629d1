"""What ``run`` does with nobody at the keyboard: the same functions, and a message where a word is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import Literal, TypeAlias

from archive.care import fixity, fixity_log
from archive.entry import Visibility
from archive.errors import KeepfolioError
from bridge import awaiting, building, copies, messages, owner, publishing, reminding, runs, schedule, views
from bridge.harvest import Report
from bridge.messages import Outcome
from bridge.portfolio import marks, within
from bridge.session import Session, now
from connectors.contract import Release

RESTS = {"mahara": timedelta(days=6, hours=12)}
"""
How long a source is left alone, by type, after a harvest with nobody watching.

A Mahara makes a whole export for every harvest, which is work for a server that many share.
"""

QUEUED = "export-queued"
"""The code with which a Mahara says that it makes its export later: nothing failed, and the next try takes it."""

Became: TypeAlias = Literal["published", "waiting", "with-assessors", "unchanged"]


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

    def waiting(self, what: object, percent: object) -> None:
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

    def daily() -> None:
        """Tell what is due; a file with a mistake is told by the jobs that need it."""
        try:
            reminding.remind(Session(session.workspace), say)
        except KeepfolioError as error:
            say(f"reminders: {error.message}")

    return schedule.run(session.config, session.workspace, jobs, once=once, stop=stop, tell=tell, daily=daily)


def _guarded(job: Callable[[], Outcome]) -> Outcome:
    try:
        return job()
    except KeepfolioError as error:
        return Outcome.of(error)


def harvest(session: Session, stop: Callable[[], bool]) -> Outcome:
    """Harvest all sources whose account is still open; one that has closed is mentioned, and is no failure."""
    names = session.source_names()
    closed = {name: day for name in names if (day := runs.closed_on(session, name))}
    wanted = [name for name in names if name not in closed and not _rests(session, name)]
    reports = runs.harvest_all(session, wanted, progress=Silent, stop=stop)
    queued = [r for r in reports if r.error and r.error.code == QUEUED]
    failed = {r.name: r.error for r in reports if r.error and r not in queued}
    code = runs.exit_code([r for r in reports if r not in queued])
    past = [f"{name} is not asked: its account closed on {day:%d.%m.%Y}" for name, day in closed.items()]
    later = [f"{r.name}: Mahara has queued the export; it will be fetched at the next run" for r in queued]
    text = "; ".join([_taken(reports), *past, *later, *copies.keep_up(session)])
    if failed:
        return _failure(failed, code, text, again=bool(queued))
    if queued:
        cause = ",".join(f"{r.name}:{QUEUED}" for r in queued)
        return Outcome(code, text, cause, passing=True, failed=True, later=True)
    return Outcome(code, text, "some-failed" if code else "", "Run: keepfolio status" if code else "")


def _rests(session: Session, name: str) -> bool:
    """Tell whether a source was harvested to its end so lately that a schedule does not ask it again yet."""
    rest = RESTS.get(session.config.sources[name].type)
    state = session.archive.sources().get(name)
    if rest is None or state is None or state.last_harvest is None or state.unfinished:
        return False
    again = any(failure.transient for failure in session.archive.failures(name))
    return now() - state.last_harvest < rest and not again


def _taken(reports: list[Report]) -> str:
    new = sum(r.created for r in reports)
    changed = sum(r.updated for r in reports)
    gone = sum(r.deleted for r in reports)
    return f"{new} new, {changed} changed, {gone} deleted there (kept here)"


def _failure(
    failed: Mapping[str, KeepfolioError], code: int, rest: str, mend: str = "", *, again: bool = False
) -> Outcome:
    """
    Return the outcome of a job of which whole sources or targets failed; ``rest`` says how the others went.

    ``again``: another try is wanted, whatever the failures are.
    """
    each = {name: Outcome.of(error) for name, error in failed.items()}
    # a refused login has one cause, on the day of the refusal and on those on which it is not asked any more
    causes = (f"{n}:{'refused' if runs.is_login_refused(error) else error.code}" for n, error in failed.items())
    mends = [one.mend for one in each.values()] + [mend]
    return Outcome(
        code,
        "\n".join([*(f"{name}: {one.text}" for name, one in each.items()), *([rest] if rest else [])]),
        ",".join(causes),
        "\n".join(dict.fromkeys(filter(None, mends))),
        passing=again or any(one.passing for one in each.values()),
        failed=True,
    )


def publish(session: Session) -> Outcome:
    """Publish what the owner lets go live unattended; make a preview and a message of everything else."""
    chosen = session.config.schedule.publish
    policy = chosen.unattended if chosen else "off"
    desks = {"": building.Desk(session).begin()}
    owner.keep(session.archive, session.workspace)
    became: dict[str, Became] = {}
    failed: dict[str, KeepfolioError] = {}
    for name in session.target_names(chosen.targets if chosen else ()):
        try:
            became[name] = _publish(session, name, policy, _desk(desks, session, name))
        except KeepfolioError as error:
            runs.park(session, name, error)
            failed[name] = error
    done = [name for name, what in became.items() if what == "published"]
    waiting = [name for name, what in became.items() if what == "waiting"]
    reading = [name for name, what in became.items() if what == "with-assessors"]
    said = [f"published to {', '.join(done)}"] if done else []
    held = [*waiting, *reading]
    said += _previews(desks, session, held)
    said += [awaiting.left_alone(session, name) for name in reading]
    text = "\n".join(said) or "nothing to publish"
    mends = [*([f"Run: keepfolio publish {waiting[0]}"] if waiting else []), *([awaiting.UNTIL] if reading else [])]
    mend = "\n".join(mends)
    codes = {4 if name in held else 0 for name in became} | {e.exit_code for e in failed.values()}
    if failed:
        return _failure(failed, runs.worst_of(codes), "\n".join(said), mend)
    cause = f"{'waiting' if waiting else 'with-assessors'}:{','.join(held)}" if held else ""
    return Outcome(runs.worst_of(codes), text, cause, mend, waiting=bool(held), once=bool(reading) and not waiting)


def _desk(desks: dict[str, building.Desk], session: Session, target: str) -> building.Desk:
    """Return what a target's page is built from; targets that show the same portfolio share one."""
    desk = building.desk_for(session, target)
    return desks.setdefault(desk.name, desk)


def _publish(session: Session, name: str, policy: str, desk: building.Desk) -> Became:
    """Publish at one target, or find that it has to wait."""
    runs.may_publish(session, name)
    prepared = publishing.prepare(session, name, desk=desk)
    if not prepared.plan.actions:
        return "unchanged"
    if prepared.left_alone:
        return "with-assessors"
    if prepared.blocked or not _may_go(session, policy, prepared) or _draws_in_more(desk, prepared):
        return "waiting"
    publishing.carry_out(prepared, approved=True)
    return "published"


def _previews(desks: dict[str, building.Desk], session: Session, waiting: Sequence[str]) -> Iterator[str]:
    """Make a preview of each portfolio that waits; yield for which targets it is, and where."""
    targets: dict[str, list[str]] = {}
    for name in waiting:
        targets.setdefault(_desk(desks, session, name).name, []).append(name)
    for generation, names in targets.items():
        _, built = building.build(desks[generation], Visibility.PUBLIC)
        place = building.write(built, session.workspace.build / (f"preview-{generation}" if generation else "preview"))
        yield (
            f"The page for {', '.join(names)} has changed and waits for your word. "
            f"A preview is in build/{place.parent.name}."
        )


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
        before=_text(before) if before else "",
        after=_text(release),
        covered=open_already,
    )
    return decision == "publish"


def _draws_in_more(desk: building.Desk, prepared: publishing.Prepared) -> bool:
    """
    Say whether a page that the owner opened shows private entries by now that no release of it has shown.

    A Mahara draws in whatever carries a tag, so that a page grows after it was opened: no policy was asked about that.
    """
    if prepared.portfolio is None:
        return False
    before = publishing.newest_release(desk.session, prepared.name)
    text = _text(before) if before else ""
    decided = marks.settled(desk.marks, desk.entries)
    return any(
        marks.effective(held, decided).openness < prepared.portfolio.edition.openness and not within.stands(held, text)
        for held in building.drawn_in(desk, prepared.portfolio)
    )


def _text(release: Release) -> str:
    """Return all that strangers would read: the page's heading is no part of the fragment."""
    return f"<h1>{escape(release.title)}</h1>\n{release.fragment}"


def verify(session: Session) -> Outcome:
    """Verify the archive."""
    archive = session.existing_archive()
    report = fixity.verify(archive, "full")
    fixity_log.note(archive.root, report, "full", archive.head, disk=archive.disk)
    if report.ok:
        return Outcome(0, f"all {report.checked['files']} files are what was stored")
    return Outcome(
        5,
        # not which: a path may hold the title of a post
        f"Damaged or missing in the archive: {views.counted(len(report.findings), 'thing')}.",
        "damaged",
        "Run: keepfolio verify",
    )
