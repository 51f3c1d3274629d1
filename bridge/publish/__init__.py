"""
Publishing: observe -> plan -> the owner -> execute -> read back.

    plan, observed = plan_for("site", target, release, receipts(archive, "site"))
    execute(plan, release, target, agreed, reader(archive, build), sealed, approved=True)

**Uploading is publishing.** A file on a WordPress answers every stranger, also while its page is a draft. So there is
one rule: a plan names in ``becomes_public`` whatever strangers could not reach before, and ``execute`` refuses such
a plan until the owner approved exactly it. Whoever only wants to look at a draft publishes ``text_only(release)``: the
same text, with the place of each picture marked, and nothing uploaded. Of the private and assessor editions a target
that strangers can reach gets never more than that, and nothing at all while its page is open to strangers.

A plan is data: a pure function makes it; it is shown, written to a file, and executed later if the release and the
target are still what they were.
"""

from bridge.publish.execute import execute, plan_for, plan_withdrawal, refused
from bridge.publish.plan import Plan, Step, Why, make_plan, make_withdrawal
from bridge.publish.preview import text_only

__all__ = [
    "Plan",
    "Step",
    "Why",
    "execute",
    "make_plan",
    "make_withdrawal",
    "plan_for",
    "plan_withdrawal",
    "refused",
    "text_only",
]
