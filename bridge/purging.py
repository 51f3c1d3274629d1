"""
Removing entries for good, everywhere within reach: the owner's right, and that of others, to have something forgotten.

``propose`` looks and changes nothing; ``carry_out`` does it: what strangers can reach first, then the archive, then
what was made of it here, then the copies; and then reads everything to prove it. What cannot be reached is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive import segment
from archive.entry import Digest, parse_time
from archive.errors import ArchiveDamaged, KeepfolioError, NeedsOwner, UsageError
from archive.forget import purge, traces
from archive.forget.purge import PurgePlan, Swept
from archive.forget.traces import Trace
from archive.index import Redacted
from archive.segment import Finding
from archive.store import Archive, Stored
from bridge import purging_copies, purging_here, views
from bridge.purging_published import (
    NotReached,
    Shown,
    Withdrawal,
    pages_naming,
    showing,
    standing,
    take_down,
    withdrawals,
    withdrawn_receipts,
)
from bridge.session import Session

ALWAYS_ELSEWHERE = (
    "The source itself: what stands there is not touched, and is not taken again.",
    "Copies, exports and built pages that you put in other places, and backups of this computer or of the site.",
    "E-mails and downloads of people who have it, search engines and web archives.",
)
"""What no program of ours reaches, in words for the owner."""


@dataclass(frozen=True)
class Belonging:
    """An entry that belongs to one that goes (a comment on it), and stays unless it is named, too."""

    id: str
    kind: str
    title: str
    to: str


@dataclass(frozen=True)
class Proposal:
    """
    What removing means, to be shown before anything is done.

    ``plan``: the archive. ``shown``: sealed pages that show it, of which ``with_releases`` go too. ``withdrawals``:
    uploads to be taken down. ``missed``: targets that could not be asked. ``words``: also looked for afterwards.
    ``gaps``: what others are called that show a file which goes.
    """

    plan: PurgePlan
    shown: tuple[Shown, ...]
    with_releases: bool
    withdrawals: tuple[Withdrawal, ...]
    missed: tuple[NotReached, ...]
    belonging: tuple[Belonging, ...]
    words: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass
class Report:
    """
    What was done and what is left.

    ``leftovers`` should not be there at all; ``mentions`` are words in other entries, with the entry's title;
    ``own_files`` are the owner's own, which are never edited; ``elsewhere`` is what no program reaches.
    """

    plan: PurgePlan
    swept: Swept = field(default_factory=Swept)
    withdrawn: list[tuple[str, str]] = field(default_factory=list)
    pages: list[tuple[str, str]] = field(default_factory=list)
    releases_left: list[Shown] = field(default_factory=list)
    removed_here: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    not_reached: list[NotReached] = field(default_factory=list)
    leftovers: list[Trace] = field(default_factory=list)
    mentions: list[tuple[Trace, str]] = field(default_factory=list)
    own_files: list[str] = field(default_factory=list)
    elsewhere: tuple[str, ...] = ALWAYS_ELSEWHERE

    @property
    def ok(self) -> bool:
        """Whether everything within reach is done and proved."""
        return not self.leftovers and not self.not_reached


def by_creator(archive: Archive, name: str) -> list[Stored]:
    """
    Return what other people wrote under exactly this name, deleted at its source or not.

    Raises:
        UsageError: There is nothing by that name.
    """
    everything = (*archive.entries(), *archive.entries(deleted=True))
    found = [s for s in everything if s.entry.creator == name and s.entry.author == "others"]
    if not found:
        raise UsageError(
            f"Nothing that other people wrote is held under the name “{name}”.",
            code="no-such-name",
            unchanged="Nothing was changed.",
            mend="The name must be exactly as it is kept; see it with: keepfolio list --kind comment --json",
        )
    return found


def propose(
    session: Session, ids: Iterable[str], *, with_releases: bool = False, words: Iterable[str] = ()
) -> Proposal:
    """
    Look at everything that removing these entries means; changes nothing. Targets are asked what they hold.

    ``words``: looked for afterwards beside titles and addresses, such as a person's name.

    Raises:
        NeedsOwner: One is what a target shows now, or the record of a file that is there: that is taken down first.
    """
    archive = session.archive
    chosen = _called(archive, purge.plan(archive, ids))
    _insist_not_standing(session, chosen)
    shown = tuple(s for s in showing(session, chosen.ids, chosen.texts) if s.id not in chosen.ids)
    found, missed = withdrawals(session, shown)
    keys = {key for going in chosen.entries for key in going.keys}
    belonging = tuple(
        Belonging(s.id, s.entry.kind, views.called(archive, s), str(s.entry.parent))
        for s in archive.entries()
        if s.entry.parent in keys and s.id not in chosen.ids
    )
    return Proposal(chosen, shown, with_releases, found, missed, belonging, tuple(words), _gaps(archive, chosen))


def carry_out(session: Session, proposal: Proposal, why: str = "") -> Report:
    """
    Do it. The owner has agreed to the proposal.

    Raises:
        ArchiveDamaged, NeedsOwner, Locked: As ``purge.purge``; nothing was changed in the archive.
    """
    _insist_free(session)
    report = Report(proposal.plan, not_reached=list(proposal.missed))
    for withdrawal in proposal.withdrawals:
        try:
            done = take_down(session, withdrawal)
            report.withdrawn += [(withdrawal.target, withdrawal.agreed[receipt.name].url) for receipt in done]
        except KeepfolioError as problem:
            what = f"Files at {withdrawal.target}: {', '.join(withdrawal.addresses)}"
            report.not_reached.append(NotReached(what, problem.message, problem.mend))
    report.pages = list(pages_naming(session, proposal.shown))
    whole = _with_releases(session, proposal) if proposal.with_releases else proposal.plan
    going = {i for entry in whole.entries for i in entry.ids}
    report.releases_left = [one for one in proposal.shown if one.id not in going]
    report.plan = whole
    report.swept = purge.purge(session.archive, whole, why).swept
    return _everywhere_else(session, report, proposal.words)


def complete(session: Session, *, with_releases: bool = False) -> Report:
    """
    Bring to an end what was decided before: what was cut off, and copies that were not in reach then.

    ``with_releases``: also the sealed pages that cite what was removed.
    """
    _insist_free(session)
    archive = session.archive
    ids = frozenset(archive.index.redacted())
    shown = showing(session, ids) if ids else ()
    going = [one.id for one in shown if with_releases and not one.live_at]
    chosen = _called(archive, purge.plan(archive, going))
    done = purge.purge(archive, chosen) if going else purge.complete(archive)
    if not done.ids:  # nothing was ever removed: there is nothing to clear, and nothing to prove
        return Report(chosen)
    known = replace(chosen, entries=(*chosen.entries, *_decided(done.ids - chosen.ids)))
    report = Report(known, swept=done.swept, pages=list(pages_naming(session, shown)))
    report.releases_left = [one for one in shown if one.id not in going]
    return _everywhere_else(session, report, ())


def earlier_pages(session: Session) -> tuple[Shown, ...]:
    """Return the sealed pages that show what was removed, and that no target shows now."""
    ids = frozenset(session.archive.index.redacted())
    return tuple(one for one in showing(session, ids) if not one.live_at) if ids else ()


def forgotten(archive: Archive) -> list[Redacted]:
    """Return what was removed for good, newest first."""
    removed = set(archive.index.redacted().values())
    return sorted(removed, key=lambda one: (parse_time(one.time), one.entry), reverse=True)


def readmit(archive: Archive, some_id: str) -> None:
    """
    Let something that was removed for good be taken again, when its source shows it.

    Raises:
        UsageError: Nothing of that id was removed.
    """
    with archive.append(purge.ORIGIN) as writer:
        try:
            writer.readmit(some_id)
        except KeyError:
            raise UsageError(
                f"Nothing with the id {some_id} was removed for good.",
                code="no-such-item",
                unchanged="Nothing was changed.",
                mend="See what was: keepfolio purge --list",
            ) from None
        writer.seal()


# --- the archive ----------------------------------------------------------------------------------------------------


def _insist_not_standing(session: Session, chosen: PurgePlan) -> None:
    """Refuse to lose what only lets us take down, or change, what strangers see."""
    ours = {going.id for going in chosen.entries if going.kind in {"release", "receipt"}}
    now = standing(session) & ours if ours else frozenset()
    if named := [going.title for going in chosen.entries if going.id in now]:
        raise NeedsOwner(
            f"This is what is published now: {', '.join(named)}.",
            code="published-now",
            unchanged="Nothing was removed.",
            mend="Publish something else there, or take it down with keepfolio withdraw, then remove it.",
        )


def _insist_free(session: Session) -> None:
    """Refuse a damaged archive, a fork or another run before anything is touched, at a target as here."""
    from archive.care import fixity

    with session.archive.append(purge.ORIGIN):
        wrong = [f for f in fixity.verify(session.archive, "full").findings if _is_damage(f, session.archive.root)]
    if wrong:
        raise ArchiveDamaged(
            f"Your archive is damaged ({wrong[0].path}), and nothing is removed from a damaged one.",
            unchanged="Nothing was removed, and nothing was taken down.",
            mend="Run `keepfolio verify` to see what is damaged; bring it back with keepfolio repair --from COPY",
        )


def _is_damage(finding: Finding, root: Path) -> bool:
    """What a removal that was cut off left is no damage: going on is what mends it."""
    from archive.care import fixity

    if finding.code in fixity.HARMLESS or finding.code == purge.UNFINISHED:
        return False
    return finding.code != "missing-reference" or not purge.unfinished(root)


def _gaps(archive: Archive, chosen: PurgePlan) -> tuple[str, ...]:
    """Return what entries are called that stay and show a file which goes, in any of the sizes that sites make."""
    held = filter(None, (archive.entry(going.id) for going in chosen.entries))
    files = (file for stored in held for file in stored.entry.files if file.sha256 in chosen.digests and file.url)
    stems = {file.url.partition("://")[2].rpartition(".")[0] for file in files} - {""}
    if not stems:
        return ()
    others = (s for s in archive.entries(content=True) if s.id not in chosen.ids)
    return tuple(views.called(archive, s) for s in others if any(stem in s.entry.content_html for stem in stems))


def _with_releases(session: Session, proposal: Proposal) -> PurgePlan:
    """Add the sealed pages, but one that a target still shows, and the records of what was taken down."""
    pages = [one.id for one in proposal.shown if not one.live_at]
    whole = purge.plan(
        session.archive,
        [*(g.id for g in proposal.plan.entries), *pages, *withdrawn_receipts(session, proposal.shown)],
    )
    return replace(_called(session.archive, whole), texts=proposal.plan.texts)


def _called(archive: Archive, planned: PurgePlan) -> PurgePlan:
    """Give what has no title the name that a person knows it by, while it is still held."""
    named = ((going, None if going.title else archive.entry(going.id)) for going in planned.entries)
    entries = (replace(going, title=views.called(archive, held)) if held else going for going, held in named)
    return replace(planned, entries=tuple(entries))


def _decided(ids: Collection[str]) -> tuple[purge.Going, ...]:
    return tuple(purge.Going(i, (i,), (), "", "", "", 0, for_good=True) for i in sorted(ids))


# --- everything else ------------------------------------------------------------------------------------------------


def _everywhere_else(session: Session, report: Report, words: Sequence[str]) -> Report:
    report.removed_here = list(purging_here.clear(session))
    reached, missed = purging_copies.bring_up_to_date(session)
    report.copies += [str(copy.place) for copy in reached]
    report.not_reached += missed
    aside = session.archive.root / "quarantine"
    if aside.is_dir() and any(aside.iterdir()):
        report.not_reached.append(
            NotReached(
                f"What keepfolio repair had set aside, in {aside}",
                "Damaged files may hold it in a form that cannot be searched.",
                "Look what is in that folder, then delete it.",
            )
        )
    _prove(session, report, words)
    for copy in reached:
        if copy.form == "folder":  # of the others it is known that the parts which held it are gone
            report.leftovers += [
                replace(t, path=str(copy.place / t.path))
                for t in traces.prove(copy.place, report.plan.ids, report.plan.digests | report.plan.raws)
                if not session.archive.entry(t.entry)
            ]
    return report


def _prove(session: Session, report: Report, words: Sequence[str]) -> None:
    archive, workspace, plan = session.archive, session.workspace, report.plan
    texts = tuple(dict.fromkeys((*plan.texts, *words)))
    found = traces.prove(archive.root, plan.ids, plan.digests | plan.raws, texts)
    said = {trace.found for trace in found if trace.kind == "text"}  # the index repeats what other entries say
    for trace in found:
        if (trace.kind == "text" and _is_sealed(trace)) or archive.entry(trace.entry):
            report.mentions.append((trace, _name(archive, trace.entry)))
        else:
            report.leftovers.append(trace)
    for folder in (archive.state, workspace.state):
        left = traces.mentions(folder, [t for t in texts if t not in said]) if folder.is_dir() else []
        report.leftovers += [replace(trace, path=str(folder / trace.path)) for trace in left]
    for place in (workspace.portfolio, workspace.root / "inbox", workspace.root / "exports"):
        if place.is_dir():
            own = traces.mentions(place, texts, plan.ids)
            report.own_files += sorted({f"{place.name}/{t.path}" for t in own} - set(report.own_files))


def _is_sealed(trace: Trace) -> bool:
    """What other entries say lies in the sealed parts; nothing else in the archive's folder may name it."""
    first, _, rest = trace.path.partition("/")
    return first == "segments" and segment.is_name(rest.partition("/")[0])


def _name(archive: Archive, some_id: str) -> str:
    held = archive.entry(some_id) if some_id else None
    if held is None:
        return ""
    return f"an earlier save of {held.entry.title}" if held.entry.kind == "workspace" else held.entry.title


def needed_by(archive: Archive, kept: Mapping[Digest, Sequence[str]]) -> dict[Digest, list[str]]:
    """Return the titles of the entries that need files which stay."""
    return {digest: [_name(archive, i) or i for i in users] for digest, users in kept.items()}
