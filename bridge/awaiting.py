"""While assessors read a portfolio: what they read is left alone, and nothing of it goes to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from archive.entry import Visibility
from bridge import releases, views
from bridge.portfolio import generation
from bridge.portfolio.generation import Generation
from bridge.portfolio.submission import handed
from connectors.contract import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.building import Desk
    from bridge.portfolio.model import Portfolio
    from bridge.session import Session

NOT_PASSED = "not-passed"
UNTIL = "When they have decided: keepfolio result OUTCOME   (if you took it back: keepfolio submit --take-back)"
"""What mends it."""


def read_by_assessors(session: Session, target: str) -> Generation | None:
    """
    Return the generation that assessors are reading at a target now, or None.

    They read a place, whatever the configuration calls it: another target that leads there is left alone, too; and
    where theirs is not in the configuration any more, a target that never showed anything may be theirs by a new name.
    """
    for one in generation.every(session.workspace.portfolio):
        if handed.is_with_assessors(one):
            held = _targets_of(session, one)
            known = [name for name in held if name in session.config.targets]
            renamed = len(known) < len(held) and not _has_shown(session, target)
            if target in held or renamed or _place(session, target) in {_place(session, name) for name in known}:
                return one
    return None


def left_alone(session: Session, target: str) -> str:
    """Return, as a sentence, why nothing is written to a target now; ``""`` where it may be."""
    reading = read_by_assessors(session, target)
    if reading is None:
        return ""
    since = f" since {views.plain_date(reading.submitted)}" if reading.submitted else ""
    return f"What {target} shows is with the assessors{since}, and stays as they know it until there is a result."


def _targets_of(session: Session, one: Generation) -> tuple[str, ...]:
    """Return the targets of the last submission; without a record of it, those that show the generation."""
    noted = handed.read(one.folder)
    return noted[-1].targets if noted else tuple(showing(session, one.portfolio))


def _place(session: Session, target: str) -> str:
    """Return where a target's page is; its own name where the configuration does not say it as we know it."""
    chosen = session.config.targets.get(target)
    path: Path | None = getattr(chosen, "path", None)
    if path is not None:
        return path.resolve().as_uri()
    site = getattr(chosen, "url", "").partition("://")[2].lower()
    parts = (site, getattr(chosen, "parent", ""), getattr(chosen, "page", ""))
    return "/".join(part.strip("/") for part in parts if part) or target


def _has_shown(session: Session, target: str) -> bool:
    return session.has_archive() and bool(releases.history(session.archive, target))


def showing(session: Session, portfolio: str) -> dict[str, str]:
    """Return the targets that show a portfolio now, and which release of it."""
    found = {}
    for target in session.config.targets if session.has_archive() else ():
        pages = [done for done in releases.history(session.archive, target) if done.receipt.kind == "page"]
        if pages and pages[-1].release:  # else it was withdrawn
            newest = releases.load_release(session.archive, pages[-1].release)
            if newest.portfolio == portfolio:
                found[target] = newest.id
    return found


def gate(desk: Desk, portfolio: Portfolio) -> Iterator[Finding]:
    """
    Yield what keeps a public edition from going live: it was handed in, and has not passed.

    A draft that was never handed in is only pointed out: its owner may publish as she likes. A review whose portfolio
    has passed before may stay public, and what was handed in as a public page is public already.
    """
    current = desk.generation
    if portfolio.edition is not Visibility.PUBLIC:
        return
    if current.state in ("passed", "closed") or any(
        one.state in ("passed", "closed") for one in generation.before(desk.workspace.portfolio, current)
    ):
        return
    if current.state == "draft":
        if desk.framework.spec.grading:
            yield Finding(NOT_PASSED, "note", "This portfolio was not assessed yet; you may publish it all the same.")
        return
    public = any(one.edition is Visibility.PUBLIC for one in handed.standing(current.folder))
    yield Finding(
        NOT_PASSED,
        "note" if public else "error",
        f"This portfolio was handed in and has not passed yet (it is {current.state}).",
        "When there is a result: keepfolio result OUTCOME",
    )
