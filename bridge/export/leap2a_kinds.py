"""What an entry becomes in Mahara, or why it stays behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from archive.entry import Entry
from bridge.portfolio import wording
from bridge.render import sanitise
from connectors.mahara import leap2a_parts as parts
from connectors.mahara import leap2a_parts_resume as resume
from connectors.mahara.leap2a_parts import About

if TYPE_CHECKING:
    from archive.values import Stored

Becomes: TypeAlias = Literal[
    "journal", "entry", "note", "plan", "task", "folder", "file", "page", "blocks", "collection", "profile", "about",
    "text", "section", "row",
]  # fmt: skip
"""
``page`` is a page of a website, ``blocks`` one of Mahara's; ``about`` a field of the profile that is an entry of its
own; ``text``, ``section`` and ``row`` are of the résumé.
"""

REMARKS = frozenset({"comment", "pingback", "trackback", "reply"})
ONLY_NAMES = frozenset({"term", "user", "settings"})
OF_KEEPFOLIO = frozenset({"release", "receipt", "workspace"})
DRAFTS = frozenset({"draft", "auto-draft", "pending", "future"})
ABOUT = frozenset({"occupation", "industry"})
_AS_THEY_ARE = frozenset({"collection", "folder", "journal", "note", "plan", "profile", "task"})
_PAGES_OF_THE_ACCOUNT = frozenset({"profile", "dashboard"})


def of_mahara(entry: Entry) -> str:
    """Return what Mahara calls it, such as ``blog/blogpost``; ``""`` for what came from elsewhere."""
    return str(entry.extra.get("mahara") or "")


def becomes(entry: Entry) -> Becomes:
    """Return what an entry becomes."""
    kind = entry.kind
    if kind in wording.FILE_KINDS:
        return "file"
    if kind in _AS_THEY_ARE:
        return kind  # type: ignore[return-value] # the set above is part of the type
    if not of_mahara(entry):
        return "page" if kind == "page" else "entry"
    if kind == "page":
        return "blocks"
    if kind in ABOUT:
        return "about"
    if kind in resume.TEXTS:
        return "text"
    if kind in resume.SECTIONS:
        return "section"
    return "row" if kind == "resume-row" else "entry"


def why_not(entry: Entry) -> str:
    """Say why an entry cannot go to Mahara; ``""`` if it can."""
    if entry.kind in REMARKS:
        return "a comment: others wrote it, and Mahara shows imported comments without their names"
    if entry.kind in OF_KEEPFOLIO:
        return "it is keepfolio's own; the portfolio itself goes as pages"
    if entry.kind in ONLY_NAMES:
        return "Mahara has no place for what is said of a tag or a person" if entry.content_html else ""
    if entry.status == "trash":
        return "it lies in the bin of its site"
    if entry.author == "others":
        return "somebody else wrote it, and Mahara would show it as yours"
    if entry.kind in wording.FILE_KINDS and not entry.files:
        return "it has no file"
    if entry.kind == "note" and not sanitise.text(entry.content_html):
        return "Mahara takes no note without words"
    if of_mahara(entry) and entry.kind == "page" and page_type(entry) in _PAGES_OF_THE_ACCOUNT:
        return "every account has one of its own, and Mahara imports no other"
    if entry.kind == "annotation":
        return "Mahara's importer drops annotations; the page has its words as a text"
    return ""


def page_type(entry: Entry) -> str:
    """Return ``portfolio``, ``profile`` or ``dashboard``."""
    return of_mahara(entry).rpartition("/")[2]


def about(stored: Stored) -> About:
    """Return what every part has; an undated draft has the day on which it was first seen."""
    entry = stored.entry
    published = entry.published or entry.updated or stored.first_seen
    title = parts.plain(entry.title) or f"Untitled {wording.kind(entry).lower()}"
    return About(entry.title if of_mahara(entry) else title, published, entry.updated or published, entry.tags)
