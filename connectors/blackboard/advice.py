"""What only a person can take out of a Blackboard, step by step, with the addresses of her own institution."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.blackboard import identity
from connectors.contract import Finding


def by_hand(url: str, user: str = "") -> Iterator[Finding]:
    """Yield the checklist; ``url`` is any address of the Blackboard, ``""`` where it is not known."""
    site = identity.origin(url) + "/ultra/" if url else "your Blackboard"
    own = identity.address(url, f"users/{user}/") if url and user else "your own folder"
    steps = {
        "your files": f"Open {site}, then Content Collection (or My Content), tick everything in {own}, and download "
        "it as a package (a zip); menus differ a little from site to site. Name it with `type: blackboard-export` in "
        "config.yaml.",
        "your portfolios": f"Open {site}, then Portfolios, and download each one: a zip with its pages and files, for "
        "`type: blackboard-export`. Nothing else reaches them.",
        "what you handed in, and its feedback": f"Open {site}, then each course's Gradebook or My Grades, and save "
        "your submissions and the feedback.",
        "your blogs, journals, wikis and discussions": "Open each one and save or print it: no program reaches them.",
    }
    for what, how in steps.items():
        yield Finding("by-hand", "note", f"By hand, before the account closes: {what}.", how)
    yield Finding(
        "original-read-only",
        "note",
        "Original courses and organisations of Blackboard are read-only after 31 December 2026.",
        "Take what you need from them before.",
    )


def counted(number: int, what: str) -> str:
    """Return a number with its noun: ``1 file``, ``2 files``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
