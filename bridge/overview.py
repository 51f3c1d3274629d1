"""What is held, what is at risk, and what comes next: the values behind ``status`` and the door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from archive.care import fixity_log
from archive.entry import Json, JsonValue, format_time, parse_time
from archive.errors import ArchiveDamaged
from bridge import advice, building, copies, harvest, owner, reminding, vanishing_seen, views
from bridge.portfolio.generation import Stage
from bridge.portfolio.submission import comments, handed, scheme
from bridge.session import Session, now

if TYPE_CHECKING:
    from archive.store import SourceState


@dataclass(frozen=True)
class Step:
    """The one thing to do next: a command, or words, and why."""

    command: str
    why: str


def status_json(session: Session, desk: building.Desk | None) -> Json:
    """Return ``status --json``; ``desk``: the portfolio that is meant, None while there is no archive."""
    archive: Json = {"head": "", "segments": 0, "entries": 0, "files": 0, "bytes": 0}
    if session.has_archive():
        summary = session.archive.summary()
        archive = {
            "head": summary.head,
            "segments": summary.segments,
            "entries": summary.entries,
            "files": summary.files,
            "bytes": summary.bytes,
        }
    return {
        "archive": archive,
        "sources": _sources(session),
        "portfolio": portfolio_json(desk) if desk else None,
        "stages": [{"state": one.state, "on": one.on.isoformat()} for one in stages(desk)] if desk else [],
        "next_runs": _next_runs(session),
        "clocks": [reminding.to_json(one, session.today) for one in reminding.of_the_scheme(session)],
        "copies": list(copies.summary_json(session)),
        "verified": _verified(session),
        "at_risk": list(at_risk(session)),
        "next_step": next_step(session, desk).command,
    }


def _verified(session: Session) -> Json | None:
    """Return when the archive was last verified and what came out, or None."""
    noted = fixity_log.last(session.workspace.archive) if session.has_archive() else None
    return {"time": format_time(noted.time), "level": noted.level, "ok": noted.ok} if noted else None


def _sources(session: Session) -> list[JsonValue]:
    states = session.archive.sources() if session.has_archive() else {}
    rows: list[JsonValue] = []
    for name, source in session.config.sources.items():
        state = states.get(name)
        rows.append(
            {
                "name": name,
                "type": source.type,
                "last_harvest": format_time(state.last_harvest) if state and state.last_harvest else None,
                "closes": source.closes.isoformat() if source.closes else None,
                "promised": dict(state.promised) if state else {},
                "held": dict(state.held) if state else {},
                "parked": state.parked if state else "",
            }
        )
    return rows


def portfolio_json(desk: building.Desk) -> Json:
    """Return the framework's sections with words, evidence, what each lacks, and how far it is; and the whole."""
    survey = advice.Survey(desk)
    draft = survey.shown
    rows: list[JsonValue] = []
    for section in desk.framework.flat(desk.generation.pathway):
        if section.gathers:
            continue
        shown = draft.get(section.id)
        evidence = desk.connections.cited.get(section.id, ())
        missing: list[JsonValue] = []
        if not section.required:
            pass  # nothing of it can be missing
        elif section.kind:
            missing += [] if survey.is_made(section.id) else ["narrative"]
        elif shown is None or shown.placeholder:
            missing.append("narrative")
        else:
            missing += [part.id for part in shown.parts if part.placeholder]
        wanted = section.required and section.assessed and not section.kind
        if not evidence and wanted and "evidence" not in missing:
            missing.append("evidence")
        rows.append(
            {
                "id": section.id,
                "title": shown.title if shown and section.owner_title else section.title,
                "narrative_words": shown.words if shown else 0,
                "evidence": len(evidence),
                "suggested": len(desk.connections.suggested.get(section.id, ())),
                "missing": missing,
                "required": section.required,
                "percent": survey.progress[section.id].percent,
            }
        )
    return {
        "framework": desk.framework.id,
        "pathway": desk.generation.pathway,
        "sections": rows,
        "percent": survey.percent,
        "ready": survey.percent == 100,
    }


def stages(desk: building.Desk) -> tuple[Stage, ...]:
    """Return what became of the portfolio so far, oldest first: handed in, referred, passed."""
    return desk.generation.stages


def at_risk(session: Session) -> list[str]:
    """Return, in words, what would be lost if the accounts closed tonight."""
    if not session.config.sources:
        return []
    if not session.has_archive():
        return ["everything on your sites: nothing is held yet"]
    risks: list[str] = []
    states, removed = session.archive.sources(), session.archive.removed()
    for name, source in session.config.sources.items():
        state = states.get(name)
        if state is None or state.last_harvest is None:
            risks.append(f"all of {name}: it was never harvested")
            continue
        if state.parked:
            risks.append(f"what is new in {name}: it is not asked any more since its login was refused")
        elif state.unfinished:
            risks.append(f"what else {name} has: {state.unfinished}")
        if source.type == "wordpress" and not getattr(source, "user", ""):
            risks.append(f"the drafts and private posts of {name}, if there are any: only a login shows them")
        if lacking := _lacking(session, state, removed):
            risks.append(f"{views.counts(lacking)} of {name}, promised and not held")
        if isinstance(source.closes, date):
            since = views.day(state.last_harvest, session.config.timezone)
            risks += _of_closing(name, source.type, (source.closes - session.today).days, since)
        if source.type == "moodle" and not getattr(source, "password_command", ""):
            risks += _of_token(session, name)
    risks += _of_links(session)
    risks += copies.risks(session)
    risks += [f"{f.what} ({f.why})" for f in session.archive.failures()]
    return risks


def _lacking(session: Session, state: SourceState, removed: Mapping[str, int]) -> dict[str, int]:
    """Return what a source promised and the archive does not hold, not even marked as deleted."""
    short = [kind for kind, n in harvest.lacking(state.promised, state.held, removed).items() if n > 0]
    kept = harvest.kept_though_deleted(session.archive, state.name, short)
    return {k: n for k, n in harvest.lacking(state.promised, state.held, removed, kept).items() if n > 0}


def _of_links(session: Session) -> Iterator[str]:
    files = Counter((link.system, link.host) for link in vanishing_seen.files(session))
    for (system, host), number in files.items():
        what = f"{views.counted(number, 'file')} in {system} at {host}"
        yield f"{what}, which your texts link to and you do not hold: keepfolio harvest --linked"


def _of_token(session: Session, name: str) -> Iterator[str]:
    """Say when the token that a Moodle was last read with ends, once that is near; a site gives no new one before."""
    from connectors.moodle.token import LIFE, WARNED

    token = session.archive.known(name).cursor.get("token")
    since = parse_time(str(token["since"])) if isinstance(token, dict) and "since" in token else now()
    if now() - since >= WARNED:
        ends = views.plain_date((since + LIFE).date())
        yield f"what is new in {name} after {ends}: its token has ended by then; on that day run keepfolio login {name}"


def _in(days: int) -> str:
    return f"closes in {views.counted(days, 'day')}" if days else "closes today"


def _of_closing(name: str, kind: str, days: int, since: str) -> Iterator[str]:
    when = _in(days) if days >= 0 else f"closed {views.counted(-days, 'day')} ago"
    if not kind.endswith("-export"):
        yield f"what is new in {name} since {since}: it {when}"
    elif days >= 0:  # reading the same file again brings nothing new
        yield f"what is new since the export in {name} was made: the account {when}; take a last export before then"


def next_step(session: Session, desk: building.Desk | None) -> Step:
    """Return the one thing to do next."""
    config = session.config
    if not config.sources:
        return Step("keepfolio init", "there is no source yet; or add one to config.yaml")
    lost = owner.lost(session.archive, session.workspace) if session.has_archive() else ()
    if session.has_archive() and _is_less_than_it_was(session):
        return Step(
            "keepfolio repair --from COPY", "a part of your archive is missing: nothing is added until it is back"
        )
    if session.has_archive() and len(session.archive.tips()) > 1:
        return Step("keepfolio repair --join", "two computers have written to this archive at once")
    if lost:
        return Step("keepfolio restore", f"your own words are missing from the folder: {views.sentence(lost)}")
    states = session.archive.sources() if session.has_archive() else {}
    parked = [name for name, state in states.items() if state.parked and name in config.sources]
    if parked:
        return Step(f"keepfolio login {parked[0]}", "its login was refused")
    never = [n for n in config.sources if n not in states or states[n].last_harvest is None]
    unfinished = [n for n in config.sources if n in states and states[n].unfinished]
    if unfinished:
        return Step(f"keepfolio harvest {unfinished[0]}", states[unfinished[0]].unfinished)
    if never or desk is None:
        return Step(
            "keepfolio harvest", f"{views.sentence(never)} was never harvested" if never else "nothing is held yet"
        )
    if any(f.transient for f in session.archive.failures()):
        return Step("keepfolio harvest", "something did not arrive and is worth another try")
    if not desk.connections.cited and not desk.tags.suggest:
        return Step("keepfolio map", "none of your tags is connected with a section yet")
    if (step := _of_assessment(desk)) is not None:
        return step
    if (step := _of_sections(desk, desk.generation.folder.relative_to(session.workspace.root))) is not None:
        return step
    if config.targets:
        return Step("keepfolio plan", "every section has something: look at what publishing would do")
    return Step("keepfolio build --open", "every section has something: look at your page")


def _of_assessment(desk: building.Desk) -> Step | None:
    """Return what comes next for a portfolio that was handed in; None while it is being written."""
    current = desk.generation
    if handed.is_with_assessors(current):
        return Step("keepfolio result --transcript FILE", "your portfolio is with the assessors until they decide")
    if current.state == "passed":
        return Step("keepfolio renew", "your portfolio has passed: the draft of its review can begin at any time")
    if current.state == "referred":
        asking = comments.read(current.folder, scheme.of(desk.framework)).asking
        if asking:
            return Step("keepfolio result --comments", f"{views.counted(len(asking), 'comment')} to answer")
    return None


def _of_sections(desk: building.Desk, folder: Path) -> Step | None:
    """Return what comes next for the sections: the first that lacks something, then the first that is not ready."""
    sections = portfolio_json(desk)["sections"]
    assert isinstance(sections, list)
    rows = [row for row in sections if isinstance(row, dict) and row["required"]]
    for row in rows:
        if row["missing"]:
            write = f"keepfolio gaps   (then write in {folder}/{row['id']}.md)"
            return Step(write, f"{row['id']} still lacks something")
    for row in rows:
        if row["percent"] != 100:
            why = f"{row['id']} is written, and its file does not say yet that it is ready"
            return Step(f"keepfolio gaps   (then write ready: true in {folder}/{row['id']}.md)", why)
    return None


def _is_less_than_it_was(session: Session) -> bool:
    try:
        session.archive.insist_nothing_missing()
    except ArchiveDamaged:
        return True
    return False


def _next_runs(session: Session) -> list[JsonValue]:
    from bridge import schedule

    state = schedule.read_state(session.workspace)
    return [run.to_json() for run in schedule.next_runs(session.config, now(), state)]
