"""``renew``: begin the review of a portfolio, with the time since the last one, and the plans of then."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from archive.errors import UsageError
from bridge import adopting, owner, renewing
from bridge.building import Desk
from bridge.portfolio import framework, generation, ownerfile
from bridge.portfolio.framework import Framework
from bridge.portfolio.generation import Generation
from bridge.portfolio.narrative import Narrative
from bridge.portfolio.renewal import window

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_DONE = frozenset({"passed", "closed"})
_AT_THE_ASSESSORS = frozenset({"submitted", "referred", "resubmitted"})


@dataclass(frozen=True)
class Begun:
    """A review's desk, and whether it was begun just now; ``earlier`` is what it is the review of, if anything is."""

    desk: Desk
    anew: bool
    earlier: str = ""


def renew(desk: Desk, name: str = "", since: date | None = None, until: date | None = None, pathway: str = "") -> Begun:
    """
    Begin the review of the portfolio that is being worked on; where it is a review already, change nothing.

    A review that was prepared beside a page taken over (``init --renewal``) learns here what it continues.

    Args:
        desk: Of the portfolio that is being worked on.

        name: Of the review: its folder in ``portfolio/``. "": the next ``review-N``.

        since: The first day of its time; None: the day on which the earlier one was decided, or submitted.

        until: Its last day; None: today, or the day on which the review is due, or the end of a cycle that still runs.

        pathway: One of the framework's, where it has any.

    Raises:
        UsageError: There is nothing to renew, its result is not there yet, no framework reviews it, or nobody knows
            since when.

        NeedsOwner: The owner's own words are missing from the folder.
    """
    current = desk.generation
    if since and since > desk.session.today:
        raise UsageError(
            f"{since.isoformat()} is still to come: a review tells of the time that was.",
            code="since-to-come",
            unchanged="Nothing was changed.",
            mend="Say the day on which your last portfolio was decided",
        )
    if current.continues and current.state not in _DONE:
        _insist_no_other_time(current, since, until)
        for one in generation.before(desk.workspace.portfolio, current):  # of one tied by hand, or whose seal is gone
            renewing.seal(Desk(desk.session, one.name), _year(one, current))
        return Begun(desk, anew=False, earlier=current.continues)
    if not current.continues and desk.framework.spec.extends:
        return _joined(desk, since, until)
    _insist_on_something(desk)
    desk.insist_whole()
    made = _generation(desk, name, since, until, pathway)
    renewing.seal(desk, _year(current, made), anew=True)
    return _begin(desk, made)


def _insist_no_other_time(current: Generation, since: date | None, until: date | None) -> None:
    """Say where the time of a review that was begun stands: an option that does nothing must not seem to do it."""
    first, last = current.window or (None, None)
    if (since or first, until or last) != (first, last):
        stands = f" covers {first.isoformat()} to {last.isoformat()}" if first and last else " is begun already"
        raise UsageError(
            f"The review {current.name}{stands}; renew does not change that.",
            code="begun",
            unchanged="Nothing was changed.",
            mend=f"Write its time in portfolio/{current.name}/generation.yaml: window",
        )


def _joined(desk: Desk, since: date | None, until: date | None) -> Begun:
    """Tie a review that was prepared before to the portfolio that it reviews, if one is there by now."""
    current = desk.generation
    others = [one for one in generation.every(desk.workspace.portfolio) if one.name != current.name]
    earlier = next((one for one in reversed(others) if not one.separate), None)
    if earlier is None:
        return Begun(desk, anew=False)
    covers = current.window or _window(desk, desk.framework, earlier, since, until)
    made = replace(current, continues=earlier.name, window=covers)
    renewing.seal(Desk(desk.session, earlier.name), _year(earlier, made))
    generation.write(made)
    return _begin(desk, made)


def _begin(desk: Desk, made: Generation) -> Begun:
    """Write the review's files, with the earlier plans beside the new ones, as comments."""
    review = Desk(desk.session, made.name)
    review.generation = made
    there = {path.name for path in made.folder.glob("*.md")}
    review.begin()
    for section, said in from_then(review).items():
        path = made.folder / f"{section}.md"
        if path.name not in there and path.is_file():
            _add_comment(path, said)
    owner.keep(desk.session.archive, desk.workspace)
    return Begun(Desk(desk.session, made.name), anew=True, earlier=made.continues)


def _insist_on_something(desk: Desk) -> None:
    current = desk.generation
    if not (current.folder / generation.FILE_NAME).is_file() or not renewing.has_words(desk):
        raise UsageError(
            "There is no portfolio to renew yet.",
            code="nothing-to-renew",
            unchanged="Nothing was changed.",
            mend="Take over the page that you have: keepfolio adopt URL",
        )
    if current.state in _AT_THE_ASSESSORS:
        raise UsageError(
            f"The portfolio {current.name} is {current.state}: its result is not there yet.",
            code="not-decided",
            unchanged="Nothing was changed.",
            mend="When the result is there, record it first: keepfolio result",
        )
    if current.state == "failed":
        raise UsageError(
            f"The portfolio {current.name} did not pass, so there is nothing to review yet.",
            code="not-passed",
            unchanged="Nothing was changed.",
            mend="Revise it, then hand it in again: keepfolio submit",
        )


def _generation(desk: Desk, name: str, since: date | None, until: date | None, pathway: str) -> Generation:
    earlier = desk.generation
    named = _framework(desk)
    review = framework.load(desk.workspace.placed(named))
    folder = desk.workspace.portfolio / _folder_name(desk, name)
    way = pathway or (earlier.pathway if earlier.pathway in review.pathways else "")
    review.flat(way)  # an unknown pathway is said before anything is written
    made = generation.new(folder, named, way, started=desk.session.today)
    title = earlier.title or f"{desk.session.config.owner}: {desk.framework.pathway_title(earlier.pathway)} portfolio"
    covers = _window(desk, review, earlier, since, until, adopted=adopting.is_adopted(earlier.folder))
    return replace(made, portfolio=earlier.portfolio, continues=earlier.name, window=covers, title=title)


def _folder_name(desk: Desk, name: str) -> str:
    taken = {one.name for one in generation.every(desk.workspace.portfolio)}
    number = next(n for n in range(1, len(taken) + 2) if f"review-{n}" not in taken)
    chosen = name or f"review-{number}"
    if not _NAME.fullmatch(chosen):
        raise UsageError(
            f"A portfolio cannot be called {chosen!r}: letters, digits and hyphens only.",
            code="bad-name",
            unchanged="Nothing was changed.",
            mend=f"keepfolio renew --name review-{number}",
        )
    return chosen


def _framework(desk: Desk) -> str:
    """Return the framework that reviews the desk's; a review is reviewed by its own."""
    current, chosen = desk.framework, desk.session.config.portfolio.framework
    candidates = [desk.workspace.named(chosen), *framework.names()]
    if current.spec.extends:
        return desk.generation.framework
    for one in candidates:
        if framework.load(desk.workspace.placed(one)).spec.extends == current.id:
            return one
    raise UsageError(
        f"There is no framework for reviewing {current.title}.",
        code="no-review",
        unchanged="Nothing was changed.",
        mend=f"Write one with `extends: {current.id}`, and name its file as portfolio.framework in config.yaml",
    )


def _window(
    desk: Desk, review: Framework, earlier: Generation, since: date | None, until: date | None, *, adopted: bool = True
) -> tuple[date, date]:
    first = since or (earlier.decided or earlier.submitted if adopted else window.ended(earlier))
    if first is None:
        raise UsageError(
            f"Nobody has said when the portfolio {earlier.name} was decided.",
            code="unknown-since",
            unchanged="Nothing was changed.",
            mend="Say since when: keepfolio renew --since 2023-05-31",
        )
    years = review.spec.cycle.years if review.spec.cycle else None
    today = desk.session.today
    due = earlier.due if since is None and isinstance(earlier.due, date) else None
    found = window.of(first, until or (max(due, today) if due else None), today, years)
    if found[1] < found[0]:
        raise UsageError("The time ends before it begins.", code="bad-window", unchanged="Nothing was changed.")
    return found


def _year(earlier: Generation, made: Generation) -> int:
    """Return the year that the earlier generation is called by; what was taken over is known by the time since."""
    known = 0 if adopting.is_adopted(earlier.folder) else window.year(earlier)
    return known or (made.window[0].year if made.window else 0)


def from_then(review: Desk) -> dict[str, str]:
    """Return what the owner wrote in the portfolio before, by the sections that are asked for again: plans, mostly."""
    if not review.generation.continues:
        return {}
    then = Desk(review.session, review.generation.continues)
    year = _year(then.generation, review.generation) or then.generation.name
    if adopting.is_adopted(then.generation.folder):
        found = {"future-plans": adopting.passage(then.generation, "future plans")}
    else:
        found = {section: _text(written) for section, written in then.narratives.items()}
    asked = [section.id for section in review.framework.flat(review.generation.pathway) if not section.gathers]
    return {
        section: f"What you {'planned' if 'plan' in section else 'wrote'} in {year}:\n\n{text}"
        for section in asked
        if (text := found.get(section, ""))
    }


def _text(written: Narrative) -> str:
    return "\n\n".join(p.markdown.strip() for p in written.passages if not p.placeholder and p.markdown)


def _add_comment(path: Path, said: str) -> None:
    """Add a comment to a section file that was made just now, before anything that its owner will write."""
    lines = ownerfile.read_text(path).split("\n")
    at = next((n for n, line in enumerate(lines) if line.startswith("## ")), len(lines))
    comment = ["<!--", *said.replace("-->", "-- >").split("\n"), "-->", ""]
    ownerfile.save(path, "\n".join([*lines[:at], *comment, *lines[at:]]).rstrip("\n") + "\n")
