"""
``purge``: remove something for good, everywhere within reach.

With ``--json``::

    {"ok", "dry_run", "entries": [{"id", "kind", "title", "url", "versions", "for_good"}], "parts", "files", "bytes",
     "kept_files": [{"sha256", "needed_by": [TITLE]}], "releases": [{"id", "title", "live_at": [TARGET]}],
     "belonging": [{"id", "kind", "title"}], "gaps": [TITLE], "withdrawn": [{"target", "url"}],
     "not_reached": [{"what", "why", "mend"}]}

``parts``, ``files`` and ``bytes`` count what is made anew and what goes from the archive, ``releases`` are the sealed
pages that show it and stay (of a dry run: that show it), ``gaps`` what else shows a file of it that goes. Once it
was done, also::

    {"pages": [{"target", "url"}], "copies": [PLACE], "removed_here": [WORDS], "leftovers": [{"kind", "path", "found"}],
     "mentions": [{"entry", "title", "path", "found"}], "own_files": [PATH], "elsewhere": [WORDS]}

``pages`` still name it until they are published anew. ``--list``: {"removed": [{"id", "kind", "time", "why"}]}.
Exit code 3 when something within reach was not reached, or is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archive.errors import NeedsOwner, UsageError
from bridge.cli.common import command, interactive, leave, result, say

if TYPE_CHECKING:
    from archive.entry import Json
    from archive.store import Archive
    from bridge.purging import Proposal, Report
    from bridge.session import Session

WORD = "remove"
"""What a person types: one key is too few for what cannot be undone."""


@command("purge")
@click.argument("items", nargs=-1, metavar="[ITEM]...")
@click.option("--by", "creator", metavar="NAME", help="Everything that another person wrote under exactly this name.")
@click.option("--why", default="", metavar="TEXT", help="The reason; it is kept beside the date.")
@click.option("--releases", "with_releases", is_flag=True, help="Also earlier versions of your page that show it.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@click.option("--list", "listing", is_flag=True, help="List what was removed for good: ids and dates.")
@click.option("--readmit", metavar="ID", help="Let something that was removed be taken again, when its source has it.")
def purge(
    items: tuple[str, ...],
    creator: str | None,
    why: str,
    with_releases: bool,
    yes: bool,
    dry_run: bool,
    listing: bool,
    readmit: str | None,
) -> None:
    """
    Remove something for good: from the archive with all its versions and files, from previews and copies within reach,
    and from where it was published. It is never taken from its source again. This cannot be undone.

    Without ITEM: end a removal that was cut off, and reach copies that were not connected then.
    """
    from bridge import purging
    from bridge.cli.opened import opened

    _insist_alone(items, creator, listing=listing, readmit=readmit)
    session = opened()
    archive = session.existing_archive()
    if listing:
        _list(archive)
    elif readmit:
        purging.readmit(archive, readmit)
        result(
            {"ok": True, "readmitted": readmit},
            "It may be taken again: the next harvest keeps it, if its source has it.",
        )
    elif items or creator:
        _remove(session, items, creator, why, with_releases=with_releases, yes=yes, dry_run=dry_run)
    elif dry_run:
        _still_to_do(session, with_releases=with_releases)
    else:
        _told(archive, purging.complete(session, with_releases=with_releases))


def _insist_alone(items: tuple[str, ...], creator: str | None, *, listing: bool, readmit: str | None) -> None:
    if bool(items or creator) + listing + bool(readmit) > 1:
        raise UsageError(
            "--list and --readmit stand alone, without anything to remove.", unchanged="Nothing was changed."
        )


def _remove(
    session: Session,
    items: tuple[str, ...],
    creator: str | None,
    why: str,
    *,
    with_releases: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    from bridge import purging
    from bridge.items import find

    archive = session.archive
    found = [find(archive, session.workspace, item) for item in items]
    found += purging.by_creator(archive, creator) if creator else []
    words = (creator,) if creator else ()
    say("Looking through everything that is held ...")
    proposal = purging.propose(session, [s.id for s in found], with_releases=with_releases, words=words)
    if dry_run:
        result(_value(archive, proposal, None), lambda: _in_words(archive, proposal))
        return
    if not yes:
        _ask(archive, proposal)
    _told(archive, purging.carry_out(session, proposal, why), proposal)


def _ask(archive: Archive, proposal: Proposal) -> None:
    if not interactive():
        raise NeedsOwner(
            "This removes things for good, and nobody is here to agree.",
            code="not-approved",
            unchanged="Nothing was removed.",
            mend="Look at it with --dry-run, then say --yes.",
        )
    say(_in_words(archive, proposal))
    answer = click.prompt(f"This cannot be undone. Type {WORD} to do it", default="", show_default=False, err=True)
    if str(answer).strip().casefold() != WORD:
        say("Nothing was removed.")
        leave(4)


def _list(archive: Archive) -> None:
    from bridge import purging

    removed = purging.forgotten(archive)
    value = [{"id": one.entry, "kind": one.kind, "time": one.time, "why": one.why} for one in removed]
    lines = [f"{one.time[:10]}  {one.entry}  {one.kind}{f'  ({one.why})' if one.why else ''}" for one in removed]
    result({"removed": value}, "\n".join(lines) or "Nothing was removed for good.")


def _still_to_do(session: Session, *, with_releases: bool) -> None:
    from archive.forget.purge import unfinished
    from bridge import purging

    left = unfinished(session.archive.root)
    pages = purging.earlier_pages(session) if with_releases else ()
    lines = ["A removal was cut off; it would be ended now." if left else "No removal was cut off."]
    if with_releases:
        lines += ["These earlier versions of your page would go:" if pages else
                  "No earlier version of your page shows what was removed."]  # fmt: skip
        lines += [f"  “{one.title}”" for one in pages]
    value: Json = {"ok": not left, "dry_run": True, "parts": len(left)}
    if with_releases:
        value["releases"] = [{"id": one.id, "title": one.title, "live_at": [*one.live_at]} for one in pages]
    result(value, "\n".join(lines))


def _told(archive: Archive, report: Report, proposal: Proposal | None = None) -> None:
    result(_value(archive, proposal, report), lambda: _done_words(report))
    leave(0 if report.ok else 3)


# --- for a script ---------------------------------------------------------------------------------------------------


def _value(archive: Archive, proposal: Proposal | None, report: Report | None) -> Json:
    from bridge.purging import needed_by

    plan = report.plan if report else proposal.plan if proposal else None
    assert plan is not None, "there is something to tell of"
    shown = report.releases_left if report else proposal.shown if proposal else ()
    value: Json = {
        "ok": report.ok if report else True,
        "dry_run": report is None,
        "entries": [
            {"id": g.id, "kind": g.kind, "title": g.title, "url": g.url, "versions": g.versions, "for_good": g.for_good}
            for g in plan.entries
        ],
        "parts": len(report.swept.parts) if report else len(plan.parts),
        "files": report.swept.files if report else len(plan.digests),
        "bytes": report.swept.bytes if report else 0,
        "kept_files": [{"sha256": d, "needed_by": [*users]} for d, users in needed_by(archive, plan.kept).items()],
        "releases": [{"id": one.id, "title": one.title, "live_at": [*one.live_at]} for one in shown],
        "belonging": [{"id": b.id, "kind": b.kind, "title": b.title} for b in (proposal.belonging if proposal else ())],
        "gaps": [*(proposal.gaps if proposal else ())],
    }
    if report is None and proposal:
        addresses = [(w.target, address) for w in proposal.withdrawals for address in w.addresses]
        value["withdrawn"] = [{"target": target, "url": url} for target, url in addresses]
        value["not_reached"] = [{"what": n.what, "why": n.why, "mend": n.mend} for n in proposal.missed]
    return value | _reached(report) if report else value


def _reached(report: Report) -> Json:
    return {
        "withdrawn": [{"target": target, "url": url} for target, url in report.withdrawn],
        "pages": [{"target": target, "url": url} for target, url in report.pages],
        "copies": [*report.copies],
        "removed_here": [*report.removed_here],
        "not_reached": [{"what": n.what, "why": n.why, "mend": n.mend} for n in report.not_reached],
        "leftovers": [{"kind": t.kind, "path": t.path, "found": t.found} for t in report.leftovers],
        "mentions": [
            {"entry": t.entry, "title": title, "path": t.path, "found": t.found} for t, title in report.mentions
        ],
        "own_files": [*report.own_files],
        "elsewhere": [*report.elsewhere],
    }


# --- for a person ---------------------------------------------------------------------------------------------------


def _in_words(archive: Archive, proposal: Proposal) -> str:
    from bridge import views
    from bridge.purging import needed_by

    plan = proposal.plan
    lines = ["This would be removed for good:"]
    for going in plan.entries:
        versions = f", {views.counted(going.versions, 'version')}" if going.versions > 1 else ""
        lines.append(f"  {going.kind} “{going.title or going.id}”{versions}  {going.url}".rstrip())
        lines += [] if going.for_good else ["    all that was kept of it; a later one is kept again"]
    if plan.digests:
        lines.append(f"  with {views.counted(len(plan.digests), 'file')} that nothing else needs")
    lines += [
        f"  A file of it stays, because this needs it, too: {views.sentence(f'“{t}”' for t in users)}"
        for users in needed_by(archive, plan.kept).values()
    ]
    if proposal.gaps:
        shown = [f"“{title}”" for title in proposal.gaps[:20]]
        shown += [f"{len(proposal.gaps) - 20} more"] if len(proposal.gaps) > 20 else []
        lines.append(f"  Shown in {views.sentence(shown)}: there will be a gap.")
    for withdrawal in proposal.withdrawals:
        lines += ["", f"Taken down at {withdrawal.target}:", *(f"  {address}" for address in withdrawal.addresses)]
    if proposal.shown:
        lines += ["", "Versions of your page that show it:", *(f"  {_page(one, proposal)}" for one in proposal.shown)]
    if proposal.belonging:
        lines += ["", "These belong to it, and stay unless you name them as well:"]
        lines += [f"  {one.kind} “{one.title}”  {one.id}" for one in proposal.belonging[:20]]
        lines += [f"  and {len(proposal.belonging) - 20} more"] if len(proposal.belonging) > 20 else []
    lines += _not_reached(proposal.missed)
    return "\n".join(lines)


def _page(one: object, proposal: Proposal) -> str:
    from bridge import views
    from bridge.purging_published import Shown

    assert isinstance(one, Shown)
    if one.live_at:
        return f"“{one.title}”: stays, for it is what {views.sentence(one.live_at)} shows now; publish first"
    return (
        f"“{one.title}”: goes, too"
        if proposal.with_releases
        else f"“{one.title}”: stays; to remove it, too: --releases"
    )


def _done_words(report: Report) -> str:
    from bridge import views

    lines: list[str] = []
    named = [f"“{going.title}”" for going in report.plan.entries if going.title]
    named = [*named[:20], f"{len(named) - 20} more"] if len(named) > 20 else named
    if named:
        lines.append(f"Removed for good: {views.sentence(named)}.")
    elif report.swept.parts:
        lines.append("The removal that was cut off is ended. What was removed: keepfolio purge --list")
    elif report.plan.entries:
        lines.append("Nothing was left to remove. What was removed before: keepfolio purge --list")
    else:
        return "Nothing was ever removed for good, so there is nothing to do. Nothing was touched."
    if report.swept.parts:
        lines.append(
            f"  {views.counted(report.swept.files, 'file')}, {views.size(report.swept.bytes)} of the archive are gone."
        )
    lines += [f"  Taken down at {target}: {url}" for target, url in report.withdrawn]
    lines += [f"  Removed here: {what}" for what in report.removed_here]
    lines += [f"  The copy in {place} is without it, too." for place in report.copies]
    if not report.leftovers:
        lines.append("  Proved: every byte of the archive was read, and nothing of what was removed is there.")
    lines += [f"  STILL THERE: {trace.found} in {trace.path}" for trace in report.leftovers]
    lines += _not_reached(report.not_reached)
    lines += _to_do(report)
    lines += ["", "What keepfolio cannot reach:", *(f"  {what}" for what in report.elsewhere)]
    return "\n".join(lines)


def _to_do(report: Report) -> list[str]:
    lines: list[str] = []
    for target, url in report.pages:
        lines += ["", f"The page at {target} still names it: {url}", f"  Run: keepfolio publish {target}"]
    if report.releases_left:
        lines += [
            "",
            "Earlier versions of your page still show it:",
            *(f"  “{one.title}”" for one in report.releases_left),
        ]
        lines += ["  Run: keepfolio purge --releases" + ("   (after publishing)" if report.pages else "")]
    if report.own_files:
        lines += [
            "",
            "Files of your own name it; they are yours to change:",
            *(f"  {name}" for name in report.own_files),
        ]
    mentions = dict.fromkeys((title or trace.path, trace.found) for trace, title in report.mentions)
    if mentions:
        lines += ["", "Also mentioned, and left:"]
        lines += [f"  “{found}” in {where}" for where, found in list(mentions)[:20]]
        lines += [f"  and {len(mentions) - 20} more"] if len(mentions) > 20 else []
    return lines


def _not_reached(missed: object) -> list[str]:
    from collections.abc import Iterable

    from bridge.purging_published import NotReached

    assert isinstance(missed, Iterable)
    lines: list[str] = []
    for one in missed:
        assert isinstance(one, NotReached)
        lines += ["", f"NOT REACHED: {one.what}", f"  {one.why}"]
        lines += [f"  To mend it: {one.mend}"] if one.mend else []
    return lines
