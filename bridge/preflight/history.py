"""
What links answered, over time: kept in the user's state folder.

For each address the stretches of days in which it answered alike: "works since March 2024" is worth more than "200".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, get_args

from bridge.preflight.links import Seen, State
from bridge.statefile import read_json, write_json

if TYPE_CHECKING:
    from bridge.workspace import Workspace

FILE_NAME = "links.json"
_MOST = 20
"""Stretches that are kept of one address."""


@dataclass(frozen=True)
class Stretch:
    """Days on which an address answered alike; both were looked on."""

    state: State
    first: date
    last: date
    detail: str = ""


History = Mapping[str, tuple[Stretch, ...]]
"""By address; oldest first."""


def read(workspace: Workspace) -> dict[str, tuple[Stretch, ...]]:
    """Return what is known; nothing where nobody looked yet, or the file cannot be read."""
    known = read_json(workspace.state / FILE_NAME).get("links")
    if not isinstance(known, dict):
        return {}
    try:
        return {
            url: tuple(
                Stretch(one["state"], date.fromisoformat(one["first"]), date.fromisoformat(one["last"]), one["detail"])
                for one in stretches
                if one["state"] in get_args(State)
            )
            for url, stretches in known.items()
        }
    except (KeyError, TypeError, ValueError):
        return {}


def noted(known: History, seen: Iterable[Seen], today: date) -> dict[str, tuple[Stretch, ...]]:
    """Return the history with what was seen today; an answer like the last one makes its stretch longer."""
    found = dict(known)
    for one in seen:
        before = found.get(one.url, ())
        if before and before[-1].state == one.state:
            stretch = Stretch(one.state, before[-1].first, today, one.detail)
            found[one.url] = (*before[:-1], stretch)
        else:
            found[one.url] = (*before, Stretch(one.state, today, today, one.detail))[-_MOST:]
    return found


def write(workspace: Workspace, known: History) -> None:
    """Keep what is known."""
    links = {
        url: [
            {"state": s.state, "first": s.first.isoformat(), "last": s.last.isoformat(), "detail": s.detail}
            for s in stretches
        ]
        for url, stretches in known.items()
    }
    write_json(workspace.state / FILE_NAME, {"format": 1, "links": links})


def in_words(stretches: tuple[Stretch, ...]) -> str:
    """Say how long an address has answered as it does: "works since 3 March 2024; last failed on 1 March 2024"."""
    if not stretches:
        return "never looked at"
    now = stretches[-1]
    failing = next((s for s in reversed(stretches) if s.state != "works"), None)
    working = next((s for s in reversed(stretches) if s.state == "works"), None)
    if now.state == "works":
        last = f"; last failed on {_day(failing.last)}" if failing else ""
        return f"works since {_day(now.first)}{last}"
    last = f"; last worked on {_day(working.last)}" if working else "; it never worked when keepfolio looked"
    return f"failing since {_day(now.first)}{last}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
