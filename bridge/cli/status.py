"""``status``, and the door: what ``keepfolio`` alone prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bridge.cli.common import command, result, settings, table
from bridge.cli.portfolio import GENERATION_HELP

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.session import Session


@command("status")
@click.option("--generation", default="", help=GENERATION_HELP)
def status(generation: str) -> None:
    """Tell what is held, what is at risk, how far the portfolio is, and what comes next."""
    from bridge import overview
    from bridge.building import Desk
    from bridge.cli.opened import opened

    session = opened()
    desk = Desk(session, generation) if session.has_archive() else None
    value = overview.status_json(session, desk)

    def words() -> str:
        lines = [_held(session), *_copies(session), *_clocks(session), ""]
        lines += _source_lines(session)
        if desk is not None:
            lines += ["", *_stages(desk), sections_in_words(desk)]
        lines += _taken_over(session)
        lines += ["", *_risk_lines(session)]
        lines += _runs_in_words(session)
        return "\n".join(lines)

    result(value, words)


@click.command("door", hidden=True)
def door() -> None:
    """Print what is held, what is at risk and the next step; without a workspace, how to begin."""
    from archive.errors import UsageError
    from bridge import overview
    from bridge.building import Desk
    from bridge.cli.opened import opened

    try:
        session = opened()
    except UsageError:
        if settings().workspace:
            raise
        result({"workspace": None, "next_step": "keepfolio init my-portfolio"}, _welcome())
        return
    desk = Desk(session) if session.has_archive() else None
    step = overview.next_step(session, desk)
    risks = overview.at_risk(session)
    value = {"workspace": str(session.workspace.root), "at_risk": risks, "next_step": step.command}

    def words() -> str:
        lines = [
            _held(session),
            *_copies(session),
            *_clocks(session),
            *_risk_lines(session),
            "",
            f"Next: {step.command}",
            f"      ({step.why})",
        ]
        return "\n".join(lines)

    result(value, words)


def _welcome() -> str:
    return """\
keepfolio keeps your professional evidence and makes a portfolio of it.

  keepfolio demo                 see the whole way on a sample, in a minute
  keepfolio init my-portfolio    begin your own
  keepfolio --help               all commands"""


def _held(session: Session) -> str:
    from bridge import views

    if not session.has_archive():
        return "Held: nothing yet."
    return f"Held: {views.counts(session.archive.kinds())} ({views.size(session.archive.summary().bytes)})."


def _copies(session: Session) -> list[str]:
    """Return where else the archive lies, and when it was last looked at; nothing while there is no archive."""
    from archive.care import fixity_log
    from bridge import copies, views

    if not session.has_archive():
        return []
    noted = fixity_log.last(session.workspace.archive)
    lines = [copies.overview_line(session)]
    if noted:
        what = "all was well" if noted.ok else "DAMAGE was found: keepfolio verify"
        lines.append(f"Verified: {views.day(noted.time, session.config.timezone)}, {what}.")
    return lines


def _stages(desk: Desk) -> list[str]:
    """Return what became of the portfolio so far, in one line; nothing while it is a first draft."""
    from bridge import overview, views

    steps = [f"{one.state} {views.plain_date(one.on)}" for one in overview.stages(desk)]
    return [f"Your portfolio: {', '.join(steps)}."] if steps else []


def _clocks(session: Session) -> list[str]:
    """Return when review and membership are due: two dates, a line each."""
    from bridge import reminding

    day = session.today
    return [reminding.line(clock, day) for clock in reminding.of_the_scheme(session)]


def _risk_lines(session: Session) -> list[str]:
    from bridge import overview, views

    risks = overview.at_risk(session)
    if session.has_archive():
        failed = session.archive.failures()
        each = {f"{f.what} ({f.why})" for f in failed}
        risks = [*(risk for risk in risks if risk not in each), *views.failures(failed)]
    if not risks:
        return ["At risk: nothing. If every account closed tonight, you would still hold all that your sources listed."]
    shown = [f"  {risk}" for risk in risks[:8]]
    more = [f"  ... and {len(risks) - 8} more"] if len(risks) > 8 else []
    return ["At risk, if your accounts closed tonight:", *shown, *more]


def _source_lines(session: Session) -> list[str]:
    from bridge import views

    states = session.archive.sources() if session.has_archive() else {}
    lines = []
    for name, source in session.config.sources.items():
        state = states.get(name)
        last = views.day(state.last_harvest, session.config.timezone) if state and state.last_harvest else "never"
        lines.append(f"{name} ({source.type}): last harvest {last}")
        if state and state.held:
            lines.append(f"  held {views.counts(state.held)}")
        if state and state.parked:
            lines.append(f"  not asked any more: {state.parked}  (keepfolio login {name})")
    return lines


def _taken_over(session: Session) -> list[str]:
    from bridge import adopting

    return [
        f"Taken over from a page made by hand: “{one.title}” (portfolio/{one.name})"
        for one in adopting.taken_over(session.workspace.portfolio)
    ]


def _runs_in_words(session: Session) -> list[str]:
    from bridge import schedule, views
    from bridge.session import now

    runs = schedule.next_runs(session.config, now(), schedule.read_state(session.workspace))
    return [f"Next {run.job}: {views.day(run.at, session.config.timezone)}" for run in runs]


def sections_in_words(desk: Desk) -> str:
    """Return a table of the sections: words, evidence, gaps; ``written`` is one without a gap, however short."""
    from bridge import overview

    portfolio = overview.portfolio_json(desk)
    sections = portfolio["sections"]
    assert isinstance(sections, list)
    rows = []
    for row in sections:
        assert isinstance(row, dict)
        missing = row["missing"]
        assert isinstance(missing, list)
        offered = f" (+{row['suggested']} suggested)" if row["suggested"] else ""
        narrative = desk.narratives.get(str(row["id"]))
        marked = narrative is not None and any(passage.unfinished for passage in narrative.passages)
        gap = ", ".join([*(str(m) for m in missing), *(["a mark such as [TO DO]"] if marked else [])])
        rows.append(
            [
                str(row["id"]),
                str(row["title"]),
                str(row["narrative_words"]),
                f"{row['evidence']}{offered}",
                f"{row['percent']} %",
                f"gap: {gap}" if gap else "written" if row["narrative_words"] else "",
            ]
        )
    whole = "Ready: all is there." if portfolio["ready"] else f"The whole: {portfolio['percent']} %."
    return table(["section", "title", "words", "evidence", "done", ""], rows, give_way=(1, 3, 5)) + f"\n{whole}"
