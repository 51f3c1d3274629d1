"""Looking at a target, and carrying a plan out: one action after the other, each recorded before the next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO

from archive.entry import Digest
from archive.errors import NeedsOwner
from bridge.publish.plan import THEIRS, Keep, Plan, Step, Why, digest_of, make_plan, make_withdrawal
from bridge.publish.preview import text_only
from connectors.contract import Action, Receipt, Release, Remote, Resource, Target
from connectors.wanted import REFUSED, asked


def plan_for(
    name: str,
    target: Target,
    release: Release,
    agreed: Mapping[str, Receipt],
    *,
    keep: Keep = "",
    shared: Collection[str] = (),
) -> tuple[Plan, Mapping[str, Remote]]:
    """
    Look at the target and return the plan, and what was seen (``[name].text`` is what a person edited). Sends no write.

    Raises:
        NeedsOwner: A private or assessor edition would be shown to strangers.
    """
    agreed = target.standing(agreed)
    release, wanted = _fitting(release, target)
    observed = target.observe(wanted, agreed)
    plan = make_plan(
        name,
        release,
        wanted,
        observed,
        {**target.recognise(wanted, observed), **agreed},
        reach=target.reach,
        keep=keep,
        shared=shared,
    )
    if plan.live and release.edition != "public":
        raise NeedsOwner(
            f"Strangers can read the page at {name}, and this is the {release.edition} edition.",
            code="not-for-the-public",
            unchanged="Nothing was sent.",
            mend="Set the page to draft or private on the site, or publish the public edition.",
        )
    return plan, observed


def plan_withdrawal(
    name: str, target: Target, agreed: Mapping[str, Receipt], *, keep: Keep = "", shared: Collection[str] = ()
) -> tuple[Plan, Mapping[str, Remote]]:
    """Look at the target and return what takes down all that keepfolio left there. Sends no write."""
    agreed = target.standing(agreed)
    observed = target.observe((), agreed)
    return make_withdrawal(name, observed, agreed, keep=keep, shared=shared), observed


def execute(
    plan: Plan,
    release: Release | None,
    target: Target,
    agreed: Mapping[str, Receipt],
    read: Callable[[Digest], BinaryIO],
    sealed: Callable[[Receipt], None],
    *,
    approved: bool = False,
) -> tuple[Receipt, ...]:
    """
    Carry out a plan: files, then the page that shows them, then what is taken down. A page is never half there.

    Each receipt is handed to ``sealed`` before the next action: after a failure the next plan continues from there.

    Args:
        plan: The plan that the owner saw.

        release: What it publishes; ``None`` for a withdrawal.

        target: Where.

        agreed: The receipts so far.

        read: Opens a file's bytes.

        sealed: Records a receipt durably.

        approved: The owner agreed to what the plan names in ``becomes_public``.

    Raises:
        NeedsOwner: ``conflict``, ``not-approved`` or ``stale-plan``; nothing was sent.

        TargetChanged: Someone edited the page just now; actions before it are done and recorded.
    """
    _refuse(plan, approved=approved)
    agreed = target.standing(agreed)
    wanted: tuple[Resource, ...] = ()
    if release:
        release, wanted = _fitting(release, target)
    observed = target.observe(wanted, agreed)
    if plan.release != (release.id if release else "") or plan.observed != digest_of(observed):
        raise NeedsOwner(
            f"The portfolio or what is at {plan.target} changed since this plan was made.",
            code="stale-plan",
            unchanged="Nothing was sent.",
            mend=f"Look at the new plan: keepfolio plan {plan.target}",
        )
    recognised = target.recognise(wanted, observed)
    found = [receipt for name, receipt in recognised.items() if name not in agreed]
    known = {**recognised, **agreed}
    done = [*found, *_theirs(plan, wanted, observed, known)]
    for receipt in done:
        sealed(receipt)
        known[receipt.name] = receipt
    resources = {resource.name: resource for resource in wanted}
    for step in plan.actions:
        receipt = target.execute(_action(step, resources, known), known, read)
        sealed(receipt)
        known[receipt.name] = receipt
        done.append(receipt)
    return tuple(done)


def refused(receipts: Iterable[Receipt]) -> dict[str, str]:
    """Return the files that the target took in no form, by name, and why: the page names them and links nowhere."""
    return {receipt.name: str(receipt.extra[REFUSED]) for receipt in receipts if receipt.extra.get(REFUSED)}


def _fitting(release: Release, target: Target) -> tuple[Release, tuple[Resource, ...]]:
    """What may be sent of a release: the files of an edition that is not public stay where strangers cannot reach."""
    wanted = target.shape(release)
    reach = target.reach
    if release.edition == "public" or not any(reach(r, None) for r in wanted if r.kind == "file"):
        return release, wanted
    release = text_only(release)
    return release, target.shape(release)


def _refuse(plan: Plan, *, approved: bool) -> None:
    if plan.conflicts:
        first = plan.conflicts[0]
        answer = (
            ""
            if first.why is Why.NOT_OURS
            else f"keepfolio publish {plan.target} --keep theirs   (leaves it as it is there; its text is saved beside "
            f"your files), or --keep ours   (puts the portfolio's version)"
        )
        raise NeedsOwner(
            f"{first.what} at {plan.target}: {first.why.value}.",
            code=first.why.name.lower().replace("_", "-"),
            unchanged="Nothing was sent.",
            mend=answer
            or "Choose another address for the page (targets: page in config.yaml), or: keepfolio adopt ADDRESS",
        )
    if plan.becomes_public and not approved:
        raise NeedsOwner(
            f"This makes {len(plan.becomes_public)} thing(s) public: {', '.join(plan.becomes_public)}.",
            code="not-approved",
            unchanged="Nothing was sent.",
            mend=f"Look at it and agree: keepfolio publish {plan.target}",
        )


def _action(step: Step, resources: Mapping[str, Resource], known: Mapping[str, Receipt]) -> Action:
    """The contract's action; what is taken down is known from its receipt alone."""
    what = resources.get(step.what) or Resource(step.what, known[step.what].kind)
    return Action(step.do, what, step.why.value, step.base)


def _theirs(
    plan: Plan, wanted: tuple[Resource, ...], observed: Mapping[str, Remote], known: Mapping[str, Receipt]
) -> Iterator[Receipt]:
    """The owner keeps what stands on the site: that is agreed, until the portfolio changes and the question returns."""
    for resource in wanted:
        if resource.name not in plan.theirs:
            continue
        remote = observed[resource.name]
        receipt = known.get(resource.name) or _receipt_for(resource, remote)
        extra = {**receipt.extra, THEIRS: True}
        yield replace(receipt, sent=asked(resource), returned=remote.body, revision=remote.revision, extra=extra)


def _receipt_for(resource: Resource, remote: Remote) -> Receipt:
    return Receipt(resource.name, resource.kind, remote.native_id, remote.url, "", remote.body, remote.revision)
