"""One run over the configured sources: opened, harvested, closed one after the other; used by commands and schedule."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING

from archive.errors import ArchiveDamaged, KeepfolioError, Locked, NeedsOwner
from archive.store import Origin
from bridge import owner, refused
from bridge.by_hand import by_hand
from bridge.harvest import Progress, Report, harvest, preview
from bridge.secrets import MissingSecretError
from bridge.session import Session
from bridge.statefile import read_json, write_json
from bridge.views import plain_date
from connectors.contract import Finding, SourceRefused, TargetRefused

if TYPE_CHECKING:
    from bridge.config import Config
    from connectors.contract import Source, Target

LOGIN_REFUSED = frozenset(
    {"wrong-password", "wrong-user", "not-logged-in", "application-passwords-off", "parked"}
    | {"session-refused", "account-closed", "locked", "wrong-token", "refused"}
)
"""Codes of a refused login, where the class of an error does not tell it from other refusals."""


def harvest_all(
    session: Session,
    names: Iterable[str],
    *,
    progress: Callable[[str], Progress],
    stop: Callable[[], bool],
    full: bool = False,
    dry_run: bool = False,
    accept_deletions: bool = False,
) -> list[Report]:
    """
    Harvest each source; an error of one is kept in its report and the others go on.

    Args:
        full: Compare everything, not only what the source says has changed.

        dry_run: Say what would be taken; store nothing.
    """
    reports: list[Report] = []
    if not dry_run:
        owner.keep(session.archive, session.workspace)
    for name in names:
        if stop():
            break
        reports.append(
            _harvest_one(session, name, progress(name), stop, full=full, dry_run=dry_run, accept=accept_deletions)
        )
    return reports


def _harvest_one(
    session: Session,
    name: str,
    progress: Progress,
    stop: Callable[[], bool],
    *,
    full: bool,
    dry_run: bool,
    accept: bool,
) -> Report:
    report = Report(name)
    before = (session.http.sent.requests, session.http.sent.bytes)
    try:
        may_be_asked(session, name)
        source = open_source(session, name, stop, full=full)
        try:
            origin = Origin(name=name, type=session.config.sources[name].type)
            if dry_run:
                report = preview(session.archive, origin, source)
            else:
                report = harvest(
                    session.archive,
                    origin,
                    source,
                    report=report,
                    progress=progress,
                    stop=stop,
                    accept_deletions=accept,
                )
                report.told = _told_before(session, report)
        finally:
            source.close()
            shutil.rmtree(session.workspace.state / "spool" / name, ignore_errors=True)
    except KeepfolioError as error:
        park(session, name, error)
        report.error = error
        if not report.segments:
            report.nothing_was_kept()
    report.requests = session.http.sent.requests - before[0]
    report.bytes = session.http.sent.bytes - before[1]
    return report


def _told_before(session: Session, report: Report) -> frozenset[str]:
    """Return the notes that the owner has read after the last harvest of this source, and remember those of this."""
    place = session.workspace.state / "notes.json"
    told = read_json(place)
    if report.notes and told.get(report.name) != report.notes:
        write_json(place, {**told, report.name: report.notes})
    return frozenset(map(str, told.get(report.name, ()))) & frozenset(report.notes)


def parked(session: Session, name: str) -> str:
    """Return why a source or target is not asked any more, or ``""``."""
    state = session.archive.sources().get(remembered_as(name, session.config)) if session.has_archive() else None
    return (state.parked if state else "") or refused.why(name, session.workspace)


def park(session: Session, name: str, error: KeepfolioError) -> None:
    """Ask a source or target no more when that error says that it refused the login; any other changes nothing."""
    if is_login_refused(error) and error.code != "parked":
        note_refusal(session, name, error.message, error.code)


def note_refusal(session: Session, name: str, why: str, code: str) -> None:
    """Remember that a source or target refused the secret that the chain gives; also where there is no archive yet."""
    refused.note(name, why, code, session.config, session.workspace)
    if session.has_archive():
        session.archive.remember(remembered_as(name, session.config), parked=why)


def let_be_asked(session: Session, name: str) -> None:
    """Forget that a source or target refused a secret."""
    if session.has_archive():
        session.archive.remember(remembered_as(name, session.config), parked="")
    refused.forget(name, session.workspace)


def is_login_refused(error: KeepfolioError) -> bool:
    """Tell whether the credential was refused: sending it again would not help, and may lock the account."""
    return isinstance(error, SourceRefused) or error.code == "parked"


def remembered_as(name: str, config: Config) -> str:
    """Return the name under which the archive remembers a source or a target."""
    return name if name in config.sources else f"target:{name}"


def may_publish(session: Session, name: str) -> None:
    """
    Let a target be asked with nobody watching.

    Raises:
        TargetRefused: Its password was refused before; nothing was sent.
    """
    if why := parked(session, name):
        raise TargetRefused(**_parked(name, why))


def may_be_asked(session: Session, name: str) -> None:
    """
    Let a source be asked.

    Raises:
        SourceRefused: Its login was refused before; nothing was sent.

        NeedsOwner: Its account closed.
    """
    if why := parked(session, name):
        if session.has_archive():  # there was none yet when a check was refused
            session.archive.remember(remembered_as(name, session.config), parked=why)
        raise SourceRefused(**_parked(name, why))
    may_still_be_open(session, name)


def _parked(name: str, why: str) -> dict[str, str]:
    return {
        "message": f"{name} is not asked any more since its login was refused: {why}",
        "code": "parked",
        "unchanged": "Nothing was changed, and no password was sent.",
        "mend": f"Run: keepfolio login {name}   (or, if it is put right by now: keepfolio check {name})",
    }


def may_still_be_open(session: Session, name: str) -> None:
    """
    Let a source be logged in to.

    Raises:
        NeedsOwner: Its account closed; nothing was sent.
    """
    if day := closed_on(session, name):
        raise NeedsOwner(
            f"The account of {name} closed on {plain_date(day)}, so nobody logs in there any more.",
            code="closed",
            unchanged="What was harvested before is safe in your archive.",
            mend=f"If it is still open, change `closes` of {name} in config.yaml.",
        )


def closed_on(session: Session, name: str) -> date | None:
    """
    Return the day on which a source's account closed; None while it is open, and for a target.

    An export on this computer is never closed: nobody logs in for it.
    """
    source = session.config.sources.get(name)
    if source is None:
        return None
    closed = isinstance(source.closes, date) and source.closes < session.today and not source.type.endswith("-export")
    return source.closes if closed else None


def open_source(session: Session, name: str, stop: Callable[[], bool], *, full: bool = False) -> Source:
    """Make the source of that name from the configuration."""
    from bridge import registry

    return registry.source(session.config, name, session.context(name, stop), full=full)


def open_target(session: Session, name: str) -> Target:
    """
    Make the target of that name from the configuration.

    Raises:
        TargetRefused: What would be sent as its password was refused before.
    """
    from bridge import registry

    if why := refused.stands(name, session.config, session.workspace):
        raise TargetRefused(**_parked(name, why))
    return registry.target(session.config, name, session.context(name, lambda: False))


def check(session: Session, name: str) -> list[Finding]:
    """Ask one source or target what it reaches and what it will miss."""
    connector: Source | Target
    if name in session.config.sources:
        connector = open_source(session, name, lambda: False)
    else:
        connector = open_target(session, name)
    findings: list[Finding] = []
    try:
        findings.extend(connector.check())
    except MissingSecretError as error:
        if name not in session.config.sources:
            raise
        findings.append(Finding(error.code, "error", error.message, error.mend))
        findings += by_hand(session.config.sources[name], session.http)
    finally:
        connector.close()
    return findings


def exit_code(reports: list[Report]) -> int:
    """Return the worst of the run: 5 > 6 > 4 > 1 (none worked) > 3 > 0."""
    return worst_of({_code(report) for report in reports})


def worst_of(codes: set[int]) -> int:
    """Return the exit code of a run by those of its parts, 0 for a part that went well."""
    for worst in (ArchiveDamaged.exit_code, Locked.exit_code, NeedsOwner.exit_code):
        if worst in codes:
            return worst
    if codes and codes <= {1, 2}:
        return 1
    return 3 if codes - {0} else 0


def _code(report: Report) -> int:
    if report.error is not None:
        return report.error.exit_code
    return 3 if report.new_failures else 0
