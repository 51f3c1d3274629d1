"""Handing a portfolio in: it is sealed as a release, and until there is a result what assessors read is left alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from archive.entry import Entry, Json, MediaFile, Visibility, canonical
from archive.errors import NeedsOwner, UsageError
from bridge import awaiting, building, bundling, owner, releases, renewing, views
from bridge.bundling import Bundle
from bridge.portfolio import generation
from bridge.portfolio.gates import is_waived, one_alone
from bridge.portfolio.generation import Generation, Stage
from bridge.portfolio.submission import comments, handed, scheme, texts
from bridge.portfolio.submission.handed import Handed
from connectors.contract import Finding

if TYPE_CHECKING:
    from archive.store import Archive
    from bridge.building import Desk
    from bridge.portfolio.model import Portfolio
    from bridge.portfolio.renewal.proof import Proof
    from bridge.session import Session

OPEN_COMMENTS = "open-comments"
NOMINATED = "nominated"


@dataclass(frozen=True)
class Submitted:
    """
    What handing in did.

    Attributes:
        held: Targets at which nothing is written until there is a result.

        behind: Those of them that show another version than what was handed in.

        conflicts: Why the nominated assessor may be too near; that was let go.

        bundle: Everything in one file, for assessors who are sent one; it is sealed, too.
    """

    generation: Generation
    handed: Handed
    held: tuple[str, ...]
    behind: tuple[str, ...]
    conflicts: tuple[str, ...]
    bundle: Bundle


def submit(
    desk: Desk,
    *,
    on: date,
    to: str = "",
    edition: Visibility = Visibility.ASSESSOR,
    nominated: str = "",
    waived: Collection[str] = (),
) -> Submitted:
    """
    Seal the portfolio as it is handed in, and note that assessors are reading it.

    Args:
        on: The day of it.

        to: The target at which assessors read it; else those that show this portfolio, if any do.

        edition: What is handed in.

        nominated: The assessor whom the owner proposes.

        waived: Codes of findings that are let go.

    Raises:
        NeedsOwner: It is with the assessors already, has passed, is not ready, or the target shows something else.
    """
    current = desk.begin().generation
    _insist_may_be_handed_in(current)
    session = desk.session
    portfolio, built = building.build(desk, edition, to)
    conflicts = tuple(_conflicts(desk, nominated))
    _insist_ready(desk, portfolio, to, waived, conflicts, renewing.proofs(desk, edition, built.release.fragment))
    showing = awaiting.showing(session, current.portfolio)
    if to and showing.get(to) != built.release.id:
        raise NeedsOwner(
            f"The page at {to} is not what you would hand in: assessors would read something else.",
            code="not-published",
            unchanged="Nothing was sealed, and nothing was sent.",
            mend=f"Publish it first: keepfolio publish {to}",
        )
    held = (to,) if to else tuple(showing)
    owner.keep(session.archive, session.workspace)
    releases.seal_release(session.archive, built.release, built.files, portfolio)
    named = _bundle_name(current, on, built.release.id)
    made = bundling.bundle(desk, edition, session.workspace.build / named)
    _seal_bundle(session.archive, made.path, current, on, built.release.id)
    one = Handed(on, edition, built.release.id, held, made.path.name, nominated)
    before = [other for other in handed.read(current.folder) if other != one]  # written, and then cut off
    handed.write(current.folder, (*before, one))
    state: generation.State = "resubmitted" if current.state == "referred" else "submitted"
    stage = Stage(state, on, built.release.id)
    after = replace(current, state=state, submitted=on, decided=None, stages=(*current.stages, stage))
    generation.write(after)
    owner.keep(session.archive, session.workspace)
    behind = tuple(name for name in held if _edition_of(session, name) is edition and showing[name] != one.release)
    return Submitted(after, one, held, behind, conflicts, made)


def _bundle_name(current: Generation, on: date, release: str) -> str:
    """Return a name that no other submission's file has: what was sent away stays where it was printed."""
    again = "-resubmitted" if current.state == "referred" else ""
    taken = {one.bundle for one in handed.read(current.folder) if one.release != release}
    names = (f"{current.name}-{on.isoformat()}{again}{f'-{n}' if n > 1 else ''}.zip" for n in count(1))
    return next(name for name in names if name not in taken)


def _seal_bundle(archive: Archive, bundle: Path, current: Generation, on: date, release: str) -> None:
    """Seal the file that assessors are sent: a target shows the page, and only the archive keeps what they had."""
    key = f"bundle:{current.portfolio}/{current.name}/{bundle.stem.removeprefix(f'{current.name}-')}"
    with archive.append(releases.RELEASES) as writer:
        with bundle.open("rb") as stream:
            digest = writer.add_file(stream, name=bundle.name, media_type="application/zip")
        file = MediaFile(
            name=bundle.name,
            url=f"keepfolio:{bundle.name}",
            media_type="application/zip",
            size=bundle.stat().st_size,
            role="original",
            sha256=digest,
        )
        entry = Entry(
            keys=(key,),
            kind="release",
            native_id=bundle.name,
            title=f"{current.title or current.name}, as it was handed in",
            visibility=Visibility.PRIVATE,
            files=(file,),
        )
        value: Json = {"format": "keepfolio-bundle/1", "on": on.isoformat(), "release": release, "sha256": digest}
        writer.put(entry, canonical(value), "json")
        writer.seal()


def take_back(desk: Desk, *, on: date) -> Generation:
    """
    Note that a portfolio was taken back before there was a result, and return the generation as it is then.

    Raises:
        NeedsOwner: It is not with the assessors.
    """
    current = desk.generation
    if not handed.is_with_assessors(current):
        raise NeedsOwner(
            "Your portfolio is not with the assessors, so there is nothing to take back.",
            code="not-submitted",
            unchanged="Nothing was changed.",
        )
    before: generation.State = "referred" if current.state == "resubmitted" else "draft"
    stages = (*current.stages, Stage(before, on, note="taken back"))
    *earlier, last = handed.read(current.folder) or (None,)
    stood = next((one.on for one in reversed(earlier) if one and one.taken_back is None), None)
    after = replace(current, state=before, submitted=stood, stages=stages)
    generation.write(after)  # first: once it is free, a submission that is not marked yet harms nobody
    if last is not None:
        handed.write(current.folder, (*filter(None, earlier), replace(last, taken_back=on)))
    owner.keep(desk.session.archive, desk.session.workspace)
    return after


# --- what must be settled -------------------------------------------------------------------------------------------


def _insist_may_be_handed_in(current: Generation) -> None:
    if handed.is_with_assessors(current):
        since = f" since {views.plain_date(current.submitted)}" if current.submitted else ""
        raise NeedsOwner(
            f"Your portfolio is with the assessors{since}.",
            code="with-assessors",
            unchanged="Nothing was sealed.",
            mend=awaiting.UNTIL,
        )
    if current.state in ("passed", "closed"):
        raise NeedsOwner(
            "This portfolio has passed; what comes next is its review.",
            code="passed",
            unchanged="Nothing was sealed.",
            mend="Begin the review: keepfolio renew",
        )


def _insist_ready(
    desk: Desk,
    portfolio: Portfolio,
    target: str,
    waived: Collection[str],
    conflicts: Collection[str],
    proofs: Collection[Proof],
) -> None:
    found = [
        f for f in building.gates(desk, portfolio, target) if f.severity == "error" and f.code != awaiting.NOT_PASSED
    ]
    found += [*_open_comments(desk), *renewing.disproved(proofs)]
    found += [Finding(NOMINATED, "error", f"The assessor you propose may be too near: {one}.") for one in conflicts]
    standing = [one for one in found if not is_waived(one, waived)]
    if standing:
        codes = dict.fromkeys(one.code for one in standing)
        raise NeedsOwner(
            "The portfolio is not ready to be handed in:\n"
            + "\n".join(f"  {one.message} [{one.code}]" for one in standing),
            code="gate",
            unchanged="Nothing was sealed, and nothing was sent.",
            mend="Put these right, or let a kind of them go this once: "
            + " ".join(f"--waive {code}" for code in codes)
            + one_alone(standing),
        )


def _open_comments(desk: Desk) -> Iterator[Finding]:
    """Yield the comments that a resubmission would leave without an answer. Their words are not repeated here."""
    if desk.generation.state != "referred":
        return
    for comment in comments.read(desk.generation.folder, scheme.of(desk.framework)).asking:
        where = f" on {comment.section}" if comment.section else ""
        yield Finding(
            OPEN_COMMENTS,
            "error",
            f"Comment {comment.number}{where} has no answer yet.",
            f'Say what you changed: keepfolio answered {comment.number} "the new words"',
            comment.section,
        )


def _edition_of(session: Session, target: str) -> Visibility:
    return Visibility(getattr(session.config.targets.get(target), "edition", "public"))


def edition_for(session: Session, to: str, chosen: str) -> Visibility:
    """
    Return the edition that is handed in: the one that was chosen, the target's, or else the assessors'.

    Raises:
        UsageError: The target shows another edition than the one that was chosen, or the owner's private one.
    """
    if not to:
        return Visibility(chosen or "assessor")
    there = _edition_of(session, session.target_names((to,))[0])
    if there is Visibility.PRIVATE:
        raise UsageError(
            f"The page at {to} is your private edition, with what is nobody else's to read.",
            code="private-edition",
            unchanged="Nothing was sealed.",
            mend=f"Name a target of the assessor edition, or write `edition: assessor` at {to} in config.yaml",
        )
    if chosen and Visibility(chosen) is not there:
        raise UsageError(
            f"The page at {to} is the {there.value} edition, not the {chosen} one.",
            code="other-edition",
            unchanged="Nothing was sealed.",
            mend=f"Leave out --edition, or name another target; {to} shows what config.yaml says",
        )
    return there


# --- a nominated assessor -------------------------------------------------------------------------------------------


def _conflicts(desk: Desk, nominated: str) -> Iterator[str]:
    """Yield where a nominated assessor stands in the portfolio: who worked with you should not judge your work."""
    wanted = " ".join(texts.tokens(nominated))
    if not wanted:
        return
    yield from (f"{nominated} is in people.yaml{role}" for role in _in_people(desk, nominated))
    yield from _in_record(desk, nominated)
    draft = desk.portfolio(Visibility.PRIVATE)
    for section in draft.sections:
        cited = " ".join(f"{item.title} {item.why}" for item in section.evidence)
        said = f"{section.title} {texts.words_of(section.parts)} {cited}"
        if f" {wanted} " in f" {' '.join(texts.tokens(said))} ":
            yield f"{nominated} is named in “{section.title}”"


def _in_people(desk: Desk, nominated: str) -> Iterator[str]:
    from bridge.portfolio import people

    for person in people.read(desk.workspace.portfolio / people.FILE_NAME):
        if people.same_name(nominated, person):
            yield f" ({person.role})" if person.role else ""


def _in_record(desk: Desk, nominated: str) -> Iterator[str]:
    """Yield the CPD entry in which a nominated assessor took part most lately: one says it, however many there are."""
    from bridge.portfolio import naming

    wanted = naming.plain(nominated)
    together = [one for one in desk.record if wanted in {naming.plain(person.name) for person in one.people}]
    if together:
        last = max(together, key=lambda one: one.on)
        yield f"{nominated} took part in “{last.title}” on {views.plain_date(last.on)}, says your CPD record"
