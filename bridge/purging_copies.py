"""The copies of the archive that are within reach, after something was removed from it."""

from __future__ import annotations

from pathlib import Path

from archive.errors import KeepfolioError
from bridge import copies
from bridge.copies import Copy, Replicated
from bridge.purging_published import NotReached
from bridge.session import Session

AGAIN = "Then run: keepfolio purge"


def bring_up_to_date(session: Session) -> tuple[list[Copy], list[NotReached]]:
    """
    Give every copy that this computer has made the parts of today, which takes the replaced ones away.

    Returns those that are done, and why the others are not.
    """
    reached: list[Copy] = []
    missed: list[NotReached] = []
    for copy in copies.known(session):
        try:
            done = copies.replicate(session, copy.place)
        except KeepfolioError as problem:
            missed.append(_missed(copy.place, problem.message, problem.mend))
            continue
        if wrong := _wrong(done):
            missed.append(_missed(copy.place, wrong, f"Look at it: keepfolio verify --copy {copy.place}"))
        else:
            reached.append(copy)
    return reached, missed


def _wrong(done: Replicated) -> str:
    if not done.whole:
        return f"It is not whole: {(*done.broken, *done.damaged)[0].path} is not what it should be."
    if done.extra:
        return f"It has what your archive has not, and that is left alone: {', '.join(done.extra)}."
    if done.aside:
        return f"It has parts of a branch that you set aside: {', '.join(done.aside)}. They may hold it; delete them."
    return ""


def _missed(place: Path, why: str, mend: str) -> NotReached:
    return NotReached(f"The copy in {place}", why, f"{mend} {AGAIN}" if mend else AGAIN)
