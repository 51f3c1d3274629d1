"""Plans and what came of them, in words for the person who decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bridge import views

if TYPE_CHECKING:
    from bridge.publish import Plan, Step
    from bridge.publishing import Done, Prepared
    from connectors.contract import Finding

_BEFORE_LIVE = "To settle before the page goes live:"
VERBS = {
    "create": "make",
    "update": "change",
    "withdraw": "take down",
    "conflict": "CONFLICT",
}


def in_words(prepared: Prepared) -> str:
    """Return a plan for a person: what is done, whose text opens, and every address that becomes public."""
    plan = prepared.plan
    if not plan.actions:
        return "\n".join([nothing_to_do(prepared), *_unchanged(prepared)])
    lines = [f"At {plan.target}:"]
    lines += [f"  {VERBS[step.do]:<9} {_thing(prepared, step)}  ({step.why.value})" for step in plan.actions]
    if plan.conflicts:
        return "\n".join([*lines, "", "Nothing is sent while there is a conflict."])
    if plan.becomes_public:
        lines += ["", "This becomes public (strangers can open it, also while the page is a draft):"]
        lines += [f"  {prepared.address_of(name)}" for name in plan.becomes_public]
    else:
        lines += ["", "No new address becomes public."]
    if prepared.opened:
        lines += ["", "The text of these stands on the page, though your own site does not show it to strangers:"]
        lines += [f"  “{title}”" for title in prepared.opened]
    if plan.live:
        lines += ["", "The page is live: strangers read the new text at once."]
    lines += _findings("Not ready, so it is refused:", prepared.blocked)
    still_open = [finding for finding in prepared.unready if finding not in prepared.blocked]
    lines += _findings("Still open, which stops nothing here:" if prepared.blocked else _BEFORE_LIVE, still_open)
    lines += ["", *_unchanged(prepared)] if prepared.proofs else []
    return "\n".join(lines)


def _findings(head: str, found: Iterable[Finding]) -> list[str]:
    """Return findings below their head; nothing where there are none."""
    said = [f"  {finding.message} [{finding.code}]" for finding in found]
    return ["", head, *said] if said else []


def _unchanged(prepared: Prepared) -> list[str]:
    return [f"{one.said}." for one in prepared.proofs]


def nothing_to_do(prepared: Prepared) -> str:
    """Return why an empty plan is empty."""
    if prepared.release is None:
        return f"Nothing to do: nothing of keepfolio's is left at {prepared.name}."
    if prepared.plan.theirs:
        return f"Nothing to send: {prepared.name} keeps what was written there."
    return f"Nothing to do: {prepared.name} already shows the portfolio as it is."


def done_words(prepared: Prepared, done: Done) -> str:
    """Return what publishing did, where the page is, and who sees it."""
    plan = prepared.plan
    lines = [f"Done at {prepared.name}: {_summary(plan)}."] if plan.actions else [nothing_to_do(prepared)]
    lines += [f"  What was written there is kept beside your files: {path}" for path in done.theirs]
    lines += [
        f"  The site does not take {name}: {why} It is named on the page, and linked nowhere."
        for name, why in done.refused.items()
    ]
    if done.url and prepared.release is not None:
        lines.append(f"  {done.url}")
    lines += [f"  {line}" for line in _unchanged(prepared)]
    if any(step.do == "create" and step.kind == "page" for step in plan.actions) and prepared.as_draft:
        lines.append("  It is a draft: only you see it. When you want others to, press Publish on your site.")
    return "\n".join(lines)


def _thing(prepared: Prepared, step: Step) -> str:
    if step.kind == "file":
        return f"the file {step.what}"
    new = step.do == "create" and prepared.as_draft
    return f"the page {prepared.address_of(step.what)}{', as a draft' if new else ''}"


def _summary(plan: Plan) -> str:
    counted = Counter((step.do, step.kind) for step in plan.actions)
    verbs = {"create": "new", "update": "changed", "withdraw": "taken down", "conflict": "in conflict"}
    return views.sentence(f"{views.counted(n, kind)} {verbs[do]}" for (do, kind), n in counted.items())
