"""Publishing for commands and schedule: build, look, plan; then, once the owner agrees, gates, seal, execute."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from archive.entry import Digest, Visibility
from archive.errors import NeedsOwner
from bridge import awaiting, building, owner, publish, releases, renewing, runs
from bridge.portfolio import marks, within
from bridge.portfolio.gates import UNFINISHED, is_waived, one_alone
from bridge.session import Session, now
from connectors.contract import Finding, Receipt, Release, Remote, Target
from connectors.pages import INDEX

if TYPE_CHECKING:
    from bridge.portfolio.model import Portfolio
    from bridge.portfolio.renewal.proof import Proof
    from bridge.publish.plan import Keep

PROSE_FOLDER = "from-the-site"


@dataclass
class Prepared:
    """
    A plan and all that carrying it out needs.

    ``unready`` is what must be settled before it goes live; ``portfolio`` is what the release shows, where it was built
    just now; ``opened`` are the titles of items whose text stands on the page and on no public page of their own.
    ``left_alone`` says why nothing may be written there at all: assessors are reading it. ``proofs`` compare what the
    page shows of earlier generations with their seals.
    """

    session: Session
    name: str
    target: Target
    plan: publish.Plan
    release: Release | None
    files: Mapping[Digest, Path]
    observed: Mapping[str, Remote]
    agreed: Mapping[str, Receipt]
    unready: tuple[Finding, ...] = ()
    portfolio: Portfolio | None = None
    opened: tuple[str, ...] = ()
    left_alone: str = ""
    proofs: tuple[Proof, ...] = ()

    @property
    def blocked(self) -> tuple[Finding, ...]:
        """
        The gates that refuse this plan: it does something, and strangers see it.

        A folder may be served to anybody by its owner: it may be unfinished, and shows nothing of others unasked.
        """
        if not self.plan.actions:
            return ()
        if self.plan.opens:
            return self.unready
        folder = self.session.config.targets[self.name].type == "static"
        return tuple(f for f in self.unready if f.code not in UNFINISHED) if folder else ()

    @property
    def as_draft(self) -> bool:
        """Whether a new page would be a draft."""
        return getattr(self.session.config.targets[self.name], "status", "") == "draft"

    def address_of(self, name: str) -> str:
        """Return where a resource is, or the address that a new page is to have; a file is called by its name."""
        seen = self.observed.get(name)
        if seen is not None and seen.url:
            return seen.url
        chosen = self.session.config.targets[self.name]
        site, slug = getattr(chosen, "url", ""), getattr(chosen, "page", "")
        if name == "page" and site:
            return "/".join(part for part in (site.rstrip("/"), getattr(chosen, "parent", ""), slug) if part) + "/"
        return name


@dataclass(frozen=True)
class Done:
    """
    What publishing did: its receipts, and where the page is.

    ``theirs`` are files with what a person wrote there; ``refused`` are uploads that the site took in no form, and why.
    """

    receipts: tuple[Receipt, ...]
    url: str
    theirs: tuple[Path, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


def prepare(
    session: Session,
    name: str,
    *,
    desk: building.Desk | None = None,
    keep: Keep = "",
    preview: bool = False,
    release: Release | None = None,
) -> Prepared:
    """
    Build, look at the target, and return the plan. Sends no writing request.

    Args:
        desk: What is built from; else what the target is to show.

        keep: The owner's answer to a conflict.

        preview: Only the text, as a draft: nothing is uploaded.

        release: An earlier release to publish again; else the portfolio as it is now.
    """
    archive = session.archive
    files: Mapping[Digest, Path] = {}
    unready: tuple[Finding, ...] = ()
    opened: tuple[str, ...] = ()
    proofs: tuple[Proof, ...] = ()
    portfolio: Portfolio | None = None
    if release is not None:
        _insist_still_open(session, release)
    else:
        desk = desk or building.desk_for(session, name)
        edition = Visibility(getattr(session.config.targets[name], "edition", "public"))
        portfolio, built = building.build(desk, edition, name)
        release, files = built.release, built.files
        opened = building.opened(desk, portfolio)
        proofs = renewing.proofs(desk, edition, release.fragment)
        found = (*building.gates(desk, portfolio, name), *renewing.disproved(proofs))
        unready = tuple(f for f in found if f.severity == "error")
    if preview:
        text = publish.text_only(release)
        release, portfolio = text, portfolio if text is release else None
    target = runs.open_target(session, name)
    agreed = releases.receipts(archive, name)
    shared = releases.addresses_elsewhere(archive, session.config.targets, name)
    plan, observed = publish.plan_for(name, target, release, agreed, keep=keep, shared=shared)
    if preview and (plan.live or any(step.do == "withdraw" for step in plan.actions)):
        raise NeedsOwner(
            f"A preview without its pictures would replace what is shown at {name}.",
            code="preview-over-live",
            unchanged="Nothing was sent.",
            mend="Look at it on this computer: keepfolio build --edition public --open",
        )
    alone = awaiting.left_alone(session, name)
    return Prepared(
        session, name, target, plan, release, files, observed, agreed, unready, portfolio, opened, alone, proofs
    )


def prepare_withdrawal(session: Session, name: str, *, keep: Keep = "") -> Prepared:
    """Look at the target and return the plan that takes down all that keepfolio left there."""
    archive = session.archive
    target = runs.open_target(session, name)
    agreed = releases.receipts(archive, name)
    shared = releases.addresses_elsewhere(archive, session.config.targets, name)
    plan, observed = publish.plan_withdrawal(name, target, agreed, keep=keep, shared=shared)
    alone = awaiting.left_alone(session, name)
    return Prepared(session, name, target, plan, None, {}, observed, agreed, left_alone=alone)


def earlier_release(session: Session, name: str, wanted: str) -> Release:
    """
    Return the release to roll back to: the one named, or the last one before what is there now.

    Raises:
        NeedsOwner: There is no earlier one.
    """
    if wanted:
        return releases.load_release(session.archive, wanted)
    order = [done.release for done in published(session, name)]
    if len(order) < 2:
        raise NeedsOwner(
            f"There is no version before the one that is at {name}.",
            code="nothing-earlier",
            unchanged="Nothing was sent.",
        )
    return releases.load_release(session.archive, order[1])


def newest_release(session: Session, name: str) -> Release | None:
    """Return what was last published at a target, or None."""
    order = published(session, name)
    return releases.load_release(session.archive, order[0].release) if order else None


def published(session: Session, name: str) -> list[releases.Published]:
    """Return the releases that a target has shown, newest first, each with when it was last put there."""
    newest: dict[str, releases.Published] = {}
    for done in releases.history(session.archive, name):
        if done.release:
            newest[done.release] = done
    return sorted(newest.values(), key=lambda done: done.at, reverse=True)


def insist_ready(prepared: Prepared, waived: Collection[str] = ()) -> None:
    """
    Refuse what is not ready to be seen, and any change of what assessors are reading.

    Raises:
        NeedsOwner: Gates stand that nobody waived, or there is no result yet; nothing was sent.
    """
    if prepared.left_alone and prepared.plan.actions:
        raise NeedsOwner(prepared.left_alone, code="with-assessors", unchanged="Nothing was sent.", mend=awaiting.UNTIL)
    blocked = [f for f in prepared.blocked if not is_waived(f, waived)]
    if blocked:
        codes = dict.fromkeys(f.code for f in blocked)
        raise NeedsOwner(
            "The page is not ready to be seen:\n" + "\n".join(f"  {f.message} [{f.code}]" for f in blocked),
            code="gate",
            unchanged="Nothing was sent.",
            mend="Put these right, or let a kind of them go this once: "
            + " ".join(f"--waive {code}" for code in codes)
            + one_alone(blocked),
        )


def _insist_still_open(session: Session, release: Release) -> None:
    """Refuse an earlier release that shows what its owner, or its source, has closed since."""
    archive = session.archive
    entries = building.Entries(archive)
    decided = marks.settled(marks.read(session.workspace.portfolio / marks.FILE_NAME), entries)
    edition = Visibility(release.edition)
    narrowed = within.narrowed(decided, edition)
    shown = [archive.entry(entry_id) for entry_id in releases.shown_by(archive, release)]
    if None in shown:
        raise NeedsOwner(
            "That version shows something that you had removed for good.",
            code="removed-since",
            unchanged="Nothing was sent.",
            mend="Publish the portfolio as it is now. To remove such versions, too: keepfolio purge --releases",
        )
    closed = [
        held.entry.title or held.entry.native_id
        for held in shown
        if held
        and (marks.effective(held, decided).openness < edition.openness or within.shown(held, entries, narrowed))
    ]
    if closed:
        raise NeedsOwner(
            f"That version shows what is not for these readers any more: {', '.join(dict.fromkeys(closed))}.",
            code="closed-since",
            unchanged="Nothing was sent.",
            mend="Open them again with keepfolio mark, or publish the portfolio as it is now.",
        )


def carry_out(prepared: Prepared, *, approved: bool, waived: Collection[str] = ()) -> Done:
    """
    Do what the plan says, and seal the owner's words, the release and every receipt.

    Raises:
        NeedsOwner: A gate, a conflict, a stale plan, or a new address that nobody approved; nothing was sent.
    """
    insist_ready(prepared, waived)
    session, archive = prepared.session, prepared.session.archive
    owner.keep(archive, session.workspace)
    if prepared.plan.actions and prepared.release and not prepared.plan.conflicts:
        releases.seal_release(archive, prepared.release, prepared.files, prepared.portfolio)
    release_id = prepared.release.id if prepared.release else ""
    with releases.recording(archive, prepared.name, release=release_id, now=now) as sealed:
        receipts = publish.execute(
            prepared.plan,
            prepared.release,
            prepared.target,
            prepared.agreed,
            releases.reader(archive, prepared.files),
            sealed,
            approved=approved,
        )
    return Done(receipts, _address(prepared, receipts), tuple(_their_words(prepared)), publish.refused(receipts))


def _address(prepared: Prepared, receipts: tuple[Receipt, ...]) -> str:
    """Return where the page is: as the site says now, for a page that went live has another address than its draft."""
    pages = [r for r in (*prepared.agreed.values(), *receipts) if r.kind == "page"]
    if not pages:
        return ""
    first = next((r for r in reversed(pages) if r.name == INDEX), pages[-1])  # a portfolio may have many pages
    seen = prepared.observed.get(first.name)
    return (seen.url if seen else "") or first.url


def _their_words(prepared: Prepared) -> list[Path]:
    """Write what a person edited on the site beside the owner's files, never over one."""
    written = []
    for name in prepared.plan.theirs:
        folder = prepared.session.workspace.portfolio / PROSE_FOLDER
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = folder / f"{now():%Y-%m-%d-%H%M%S}-theirs.html"
        place.write_text(prepared.observed[name].text, encoding="utf-8")
        written.append(place)
    return written
