"""The clocks of a workspace (reviews, membership, registration, own milestones, closing accounts), and reminders."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from archive.entry import Json
from archive.errors import KeepfolioError
from bridge import messages
from bridge.portfolio import framework, generation
from bridge.portfolio.generation import Generation
from bridge.portfolio.submission import clocks, handed, scheme
from bridge.portfolio.submission.clocks import Clock, Reminder
from bridge.portfolio.submission.scheme import Scheme
from bridge.statefile import read_json, write_json
from bridge.views import plain_date

if TYPE_CHECKING:
    from bridge.session import Session

log = logging.getLogger(__name__)

MEMBERSHIP = (90, 30, 7)
REGISTRATION = (180, 90, 30, 7)
CLOSING = (90, 30, 7)
ON_THE_DAY = (0,)


def every(session: Session) -> tuple[Clock, ...]:
    """
    Return all clocks of a workspace: by their days, those without one last.

    Raises:
        UsageError: A framework or a generation's file has a mistake.
    """
    config = session.config
    chosen = config.portfolio
    found = [*_reviews(session)]
    if chosen.membership:
        found.append(
            Clock("membership", "membership", "Membership renewal", chosen.membership, MEMBERSHIP, overdue=True)
        )
    days = [
        *(
            Clock(f"milestone:{one.on}:{one.what}", "milestone", one.what, one.on, ON_THE_DAY)
            for one in chosen.milestones
        ),
        *(
            Clock(f"closing:{name}", "closing", f"Your account at {name} closes", source.closes, CLOSING)
            for name, source in config.sources.items()
            if isinstance(source.closes, date)
        ),
    ]
    return tuple(sorted([*found, *days], key=lambda clock: (clock.due or date.max, clock.id)))


def of_the_scheme(session: Session) -> tuple[Clock, ...]:
    """Return the clocks that a glance should show; none where a file has a mistake, for that is told elsewhere."""
    try:
        return tuple(one for one in every(session) if one.kind in ("review", "membership", "registration"))
    except KeepfolioError as error:
        log.info("the clocks could not be read: %s", error.message)
        return ()


def to_json(clock: Clock, day: date) -> Json:
    """Return a clock as ``due --json`` and ``status --json`` give it."""
    return {
        "id": clock.id,
        "kind": clock.kind,
        "what": clock.what,
        "due": clock.due.isoformat() if clock.due else None,
        "standing": clocks.standing(clock, day),
        "note": clock.note,
    }


def line(clock: Clock, day: date) -> str:
    """Return a clock in one line: ``Portfolio review: 15 May 2030, in 3 years 5 months``."""
    when = f"{plain_date(clock.due)}, {clocks.standing(clock, day)}" if clock.due else clocks.standing(clock, day)
    return f"{clock.what}: {when}{f' ({clock.note})' if clock.note else ''}"


def remind(session: Session, say: Callable[[str], None]) -> None:
    """
    Tell the owner what is due, each reminder once; what no way delivered is tried again on the next day.

    What was told is remembered in the program's state. Messages hold no title and no word of anything harvested.
    """
    day = session.today
    place = session.workspace.state / "reminders.json"
    told: dict[str, Any] = read_json(place)
    due = [one for clock in every(session) if (one := clocks.reminder(clock, day, _marks(told, clock))) is not None]
    fresh = [one for one in due if told.get(_key(one.clock), {}).get("tried") != day.isoformat()]
    if not fresh:
        return
    text = "\n".join(clocks.words(one, day) for one in fresh)
    say(f"reminder: {text}")
    delivered = any(not one.problem for one in messages.remind(session.config, session.workspace, text))
    changed = {_key(one.clock): _noted(told, one, day, delivered=delivered) for one in fresh}
    try:
        write_json(place, {**told, **changed})
    except OSError as error:  # better told twice than not at all
        log.warning("what was told could not be noted: %s", error)


def _noted(told: dict[str, Any], one: Reminder, day: date, *, delivered: bool) -> dict[str, Any]:
    marks = _marks(told, one.clock)
    return {"told": [*marks, one.mark] if delivered else marks, "tried": day.isoformat()}


def _marks(told: dict[str, Any], clock: Clock) -> list[str]:
    return list(told.get(_key(clock), {}).get("told", ()))


def _key(clock: Clock) -> str:
    """Return what a clock is remembered by: another date makes it another clock. A hash, for milestones are private."""
    return hashlib.sha256(f"{clock.id}@{clock.due}".encode()).hexdigest()[:16]


def _reviews(session: Session) -> Iterator[Clock]:
    """Yield when the next review is due, and when the registration expires of whoever has not passed yet."""
    found = generation.every(session.workspace.portfolio)
    rules = {one.name: _scheme(session, one) for one in found}
    main = [one for one in found if not one.separate]
    passed = [one for one in found if _has_passed(one, rules[one.name])]
    newest = max((one for one in main if one in passed), key=_decided, default=None)
    if newest is not None:
        yield _review(newest, rules[newest.name], "review", "Portfolio review", main)
    registered = session.config.portfolio.registered
    if registered and (newest is None or _decided(newest) < registered):  # a pass ends it
        yield _registration(registered, [rules[one.name] for one in main])
    for one in passed:
        if one.separate and (one.due or rules[one.name].years):
            yield _review(one, rules[one.name], f"review:{one.name}", f"Review of {one.title or one.name}", ())


def _review(
    passed: Generation, rules: Scheme, name: str, what: str, others: list[Generation] | tuple[Generation, ...]
) -> Clock:
    due, note = _due(passed, rules)
    clock = Clock(name, "review", what, due, rules.reminders, overdue=True, note=note)
    reading = next((one for one in others if handed.is_with_assessors(one)), None)
    if reading is None:
        return clock
    since = f" since {plain_date(reading.submitted)}" if reading.submitted else ""
    return replace(clock, remind=(), note=f"it is with the assessors{since}")


def _due(passed: Generation, rules: Scheme) -> tuple[date | None, str]:
    """Return when the next review is due, and why that is not known where it is not."""
    if passed.due == "unknown":
        return None, "nobody has said when"
    if isinstance(passed.due, date):
        return passed.due, ""
    if passed.decided and rules.years:
        return clocks.after(passed.decided, years=rules.years), ""
    return None, "" if passed.decided else "the day of your last result is not noted"


def _registration(since: date, rules: list[Scheme]) -> Clock:
    years = next((one.registered_for for one in rules if one.registered_for), None)
    due = clocks.after(since, years=years) if years else None
    note = "" if years else "the framework does not say how long it holds"
    return Clock("registration", "registration", "Registration expires", due, REGISTRATION, note=note)


def _scheme(session: Session, one: Generation) -> Scheme:
    return scheme.of(framework.load(session.workspace.placed(one.framework)))


def _has_passed(one: Generation, rules: Scheme) -> bool:
    """Say whether a generation was passed; one that was closed since was, unless its outcome says otherwise."""
    if one.state == "passed":
        return True
    if one.state != "closed":
        return False
    verdicts = {outcome.id: outcome.verdict for outcome in rules.outcomes}
    return verdicts.get(one.outcome, "passed") == "passed"


def _decided(one: Generation) -> date:
    return one.decided or one.submitted or one.started or date.min
