"""``plan``, ``publish``, ``withdraw`` and ``rollback``: what strangers see, and only after the owner's word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.errors import NeedsOwner, UsageError
from bridge.cli.common import command, interactive, leave, result, say

if TYPE_CHECKING:
    from bridge.publish import Plan
    from bridge.publish.plan import Keep
    from bridge.publishing import Prepared
    from bridge.session import Session

KEEP = click.option(
    "--keep", type=click.Choice(["theirs", "ours"]), help="After an edit on the site: whose words stay."
)
YES = click.option("--yes", is_flag=True, help="Agree to what the plan makes public. Never answers a conflict.")
GENERATION = click.option("--generation", default="", help="Another portfolio than the target is to show, by name.")
WAIVE = click.option("--waive", multiple=True, metavar="CODE[:ITEM]", help="Let this kind of finding go, this once.")


@command("plan")
@click.argument("target", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the plan to a file.")
@click.option("--preview", is_flag=True, help="Only the text, as a draft: nothing is uploaded.")
@GENERATION
@KEEP
def plan(target: str | None, output: Path | None, preview: bool, generation: str, keep: str | None) -> None:
    """Show what publishing would do, with every address that becomes public. It only asks, and writes nothing."""
    from bridge import building, publishing
    from bridge.cli.opened import opened

    session = opened()
    name = _one_target(session, target)
    desk = building.desk_for(session, name, generation)
    prepared = publishing.prepare(session, name, desk=desk, keep=_keep(keep), preview=preview)
    value = prepared.plan.to_json() | _proved(prepared)
    if output:
        # --plan gives the same answers again
        answers = {"keep": keep or "", "preview": preview, "generation": generation}
        output.write_text(json.dumps(value | answers, indent=2), encoding="utf-8")
        say(f"Written to {output}. Carry it out with: keepfolio publish {prepared.name} --plan {output}")
    result(value, lambda: _planned(prepared))


@command("publish")
@click.argument("target", required=False)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Carry out this plan, if it still holds.",
)
@click.option("--dry-run", is_flag=True, help="The same as `keepfolio plan`.")
@click.option("--preview", is_flag=True, help="Only the text, as a draft: nothing is uploaded.")
@GENERATION
@YES
@KEEP
@WAIVE
def publish(
    target: str | None,
    plan_file: Path | None,
    dry_run: bool,
    preview: bool,
    generation: str,
    yes: bool,
    keep: str | None,
    waive: tuple[str, ...],
) -> None:
    """
    Put the portfolio where the plan says, exactly as the plan says.

    A page on your site is made as a draft (unless config.yaml says otherwise) and updated in place later. What you
    set on the site stays. What a person edited there is never overwritten without your word (--keep).
    """
    from bridge import building, publishing
    from bridge.cli.opened import opened

    session = opened()
    name = _one_target(session, target)
    saved = _from_file(plan_file) if plan_file else {}
    desk = building.desk_for(session, name, generation or str(saved.get("generation", "")))
    if not dry_run:
        desk.begin()
    keep, preview = keep or saved.get("keep"), preview or bool(saved.get("preview"))
    prepared = publishing.prepare(session, name, desk=desk, keep=_keep(keep), preview=preview)
    if plan_file:
        prepared.plan = _still_holds(saved, prepared.plan)
    if dry_run:
        result(prepared.plan.to_json() | _proved(prepared), lambda: _planned(prepared))
        return
    _carry_out(prepared, yes=yes, waived=waive)


@command("withdraw")
@click.argument("target", required=False)
@YES
@KEEP
def withdraw(target: str | None, yes: bool, keep: str | None) -> None:
    """Take the portfolio back from a target: the page goes, and the files that only it used are deleted there."""
    from bridge import publishing
    from bridge.cli.opened import opened

    session = opened()
    prepared = publishing.prepare_withdrawal(session, _one_target(session, target), keep=_keep(keep))
    _carry_out(prepared, yes=yes)


@command("rollback")
@click.argument("target", required=False)
@click.option("--list", "listing", is_flag=True, help="Only list what was published, newest first.")
@click.option("--to", "release", default="", help="The release, by the beginning of its id; else the one before.")
@YES
@KEEP
def rollback(target: str | None, listing: bool, release: str, yes: bool, keep: str | None) -> None:
    """
    Publish an earlier version again, from keepfolio's own record.

    What became private since stays private: then the earlier version is refused, and names it.
    """
    from bridge import publishing
    from bridge.cli.opened import opened

    session = opened()
    name = _one_target(session, target)
    if listing:
        past = publishing.published(session, name)
        rows = [{"release": p.release, "at": p.at.isoformat()} for p in past]
        result({"releases": rows}, lambda: "\n".join(f"{p.release[:10]}  {p.at:%Y-%m-%d %H:%M} UTC" for p in past))
        return
    earlier = publishing.earlier_release(session, name, release)
    prepared = publishing.prepare(session, name, keep=_keep(keep), release=earlier)
    _carry_out(prepared, yes=yes)


def _planned(prepared: Prepared) -> str:
    """Return a plan in words, and why it cannot be carried out while assessors are reading."""
    from bridge.cli import plans

    alone = f"\n\n{prepared.left_alone}" if prepared.left_alone and prepared.plan.actions else ""
    return plans.in_words(prepared) + alone


def _carry_out(prepared: Prepared, *, yes: bool, waived: tuple[str, ...] = ()) -> None:
    from bridge import publishing
    from bridge.cli import plans

    plan = prepared.plan
    approved = yes
    publishing.insist_ready(prepared, waived)
    if plan.actions and not plan.conflicts and interactive() and not yes:
        say(plans.in_words(prepared))
        approved = click.confirm("Do this?", default=False, err=True)
        if not approved:
            say("Nothing was sent.")
            leave(4)
    elif plan.actions and not plan.conflicts and not yes and _strangers_notice(plan):
        raise NeedsOwner(
            f"This changes what strangers see at {prepared.name}, and nobody is here to agree.",
            code="not-approved",
            unchanged="Nothing was sent.",
            mend="Look at it with keepfolio plan, then say --yes.",
        )
    done = publishing.carry_out(prepared, approved=approved, waived=waived)
    value = plan.to_json() | _proved(prepared)
    value |= {"receipts": [_receipt(r) for r in done.receipts], "url": done.url, "ok": True}
    value["theirs"] = [str(path) for path in done.theirs]
    value["refused"] = dict(done.refused)
    result(value, lambda: plans.done_words(prepared, done))
    leave(3 if done.refused else 0)


def _proved(prepared: Prepared) -> dict[str, object]:
    """Return what was proved of the earlier generations on the page."""
    return {"unchanged": [one.to_json() for one in prepared.proofs]}


def _strangers_notice(plan: Plan) -> bool:
    return plan.opens or any(step.do == "withdraw" for step in plan.actions)


def _receipt(receipt: object) -> dict[str, object]:
    from dataclasses import asdict

    from connectors.contract import Receipt

    assert isinstance(receipt, Receipt)
    return asdict(receipt)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no plan: {error}.", mend="Make one: keepfolio plan -o FILE") from error
    return value if isinstance(value, dict) else {}


def _still_holds(value: dict[str, Any], fresh: Plan) -> Plan:
    from bridge.publish import Plan

    saved = Plan.from_json(value)
    if saved != fresh:
        raise NeedsOwner(
            f"The portfolio or what is at {fresh.target} changed since this plan was made.",
            code="stale-plan",
            unchanged="Nothing was sent.",
            mend=f"Look at the new plan: keepfolio plan {fresh.target}",
        )
    return saved


def _one_target(session: Session, name: str | None) -> str:
    if name:
        return session.target_names((name,))[0]
    names = session.target_names()
    if len(names) == 1:
        return names[0]
    have = ", ".join(names) or "none"
    raise UsageError(
        f"Say which target; config.yaml has: {have}.",
        mend="For example: keepfolio plan " + (names[0] if names else "NAME"),
    )


def _keep(answer: str | None) -> Keep:
    return "theirs" if answer == "theirs" else "ours" if answer == "ours" else ""
