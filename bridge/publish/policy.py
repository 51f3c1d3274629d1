"""What may go live with nobody watching. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal, TypeAlias

from bridge.publish.plan import Plan

Decision: TypeAlias = Literal["publish", "preview"]

# A row of evidence as `page.html` writes it for what strangers can read elsewhere: linked on the web, with the owner's
# words nowhere in it. A row in any other form (a reason, a file or text brought along) is text like all other.
_ROW = re.compile(
    r'\s*<li>\s*<span class="kf-title"(?: lang="[^"]*")?><a href="https?://[^"]*">[^<]*</a></span><br>\s*'
    r'<span class="kf-meta"><span class="kf-kind">[^<]*</span>'
    r'(?:<span class="kf-dot">[^<]*</span><span class="kf-date">[^<]*</span>)?</span>\s*</li>'
)
_LINK = re.compile(r'(?<=\shref=")https?://[^"]*(?=")')  # not `keepfolio:NAME`: another file is more than a moved link


def decide(
    policy: str, plan: Plan, *, before: str = "", after: str = "", covered: Collection[str] | None = None
) -> Decision:
    """
    Return whether a plan may be carried out unattended, or becomes a preview and a message.

    A conflict is the owner's to decide under every policy.

    Args:
        policy: ``off``; ``mend-links``: the page's text stays as it is but for addresses of links;
            ``tagged-public-posts``: the page's text stays as it is but for rows of evidence that link public posts,
            nothing becomes public that is not ``covered``, and nothing is taken down; ``all``: everything.

        before: The text of the page as it was last published, ``""`` when that is not known.

        after: The text that the plan would publish.

        covered: What of ``plan.becomes_public`` strangers can reach elsewhere already: the owner's public posts and
            their files. None: not known, so nothing.
    """
    if plan.conflicts or not plan.actions:
        return "preview"
    match policy:
        case "mend-links":
            good = _only_updates(plan) and bool(before) and _without_links(before) == _without_links(after)
        case "tagged-public-posts":
            same = bool(before) and _without_rows(before) == _without_rows(after)
            good = same and set(plan.becomes_public) <= set(covered or ()) and not _takes_down(plan)
        case _:
            good = policy == "all"
    return "publish" if good else "preview"


def _only_updates(plan: Plan) -> bool:
    return not plan.becomes_public and all(step.do == "update" and step.kind == "page" for step in plan.actions)


def _takes_down(plan: Plan) -> bool:
    return any(step.do == "withdraw" for step in plan.actions)


def _without_rows(text: str) -> str:
    return _ROW.sub("", text)


def _without_links(text: str) -> str:
    return _LINK.sub("", text)
