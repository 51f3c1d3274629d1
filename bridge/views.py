"""What the commands answer: the promised JSON shapes, and the words for a person. No printing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from archive.entry import Entry, Json, JsonValue, Visibility, format_time
from archive.store import Archive, Failure, Stored

RESUME_KINDS = (
    "coverletter",
    "interest",
    "educationhistory",
    "employmenthistory",
    "certification",
    "book",
    "membership",
    "personalgoal",
    "academicgoal",
    "careergoal",
    "personalskill",
    "academicskill",
    "workskill",
)
"""The sections of a Mahara résumé."""

KIND_NAMES = {
    "term": "tag or category",
    "media": "media file",
    "journal-entry": "journal entry",
    "resume-row": "résumé entry",
    "forum-post": "forum post",
    "submission": "piece of submitted work",
    "database-entry": "database entry",
    "glossary-entry": "glossary entry",
    "wiki-page": "wiki page",
    "prior-learning": "piece of prior learning",
    "competency": "rated competency",
    "completion": "completed course",
    "enrolment": "course taken part in",
    "badge-proof": "badge confirmation",
    "annotationfeedback": "annotation feedback",
    "peerassessment": "peer assessment",
    **dict.fromkeys(RESUME_KINDS, "résumé section"),
    **dict.fromkeys(("profile", "occupation", "industry"), "part of the profile"),
}
"""How kinds are called where they are counted; Mahara has many that are one to a person."""

_SHORT_NAMES = {
    "annotationfeedback": "feedback",
    "peerassessment": "peer assessment",
    "resume-row": "résumé entry",
    **dict.fromkeys(RESUME_KINDS, "résumé section"),
    **dict.fromkeys(("occupation", "industry"), "profile"),
}
"""How kinds are called in a column, where their own names say less."""

REMARKS = frozenset({"comment", "pingback", "trackback", "annotationfeedback", "peerassessment"})
"""Kinds that are somebody's word on another entry, and stand with it."""

UNSEEN_KINDS = frozenset({"user", "settings", "workspace", "receipt", "release"})
"""What is kept for keepfolio's own sake, and no person counts as held."""

STATUSES = {"inherit": "", "hold": "waits for approval", "trash": "in the bin", "site": "seen by the site's users"}
"""Systems' words that say nothing to a person, and what is said instead."""

PLURALS = {
    "tag or category": "tags and categories",
    "entry": "entries",
    "journal entry": "journal entries",
    "résumé entry": "résumé entries",
    "annotation feedback": "annotation feedbacks",
    "part of the profile": "parts of the profile",
    "piece of submitted work": "pieces of submitted work",
    "database entry": "database entries",
    "glossary entry": "glossary entries",
    "piece of prior learning": "pieces of prior learning",
    "rated competency": "rated competencies",
    "course taken part in": "courses taken part in",
}


def entry_json(stored: Stored, visibility: Visibility) -> Json:
    """Return one row of ``list --json``; ``visibility`` is the effective one, the owner's marks included."""
    entry = stored.entry
    return {
        "id": stored.id,
        "source": stored.seen_by[0] if stored.seen_by else "",
        "seen_by": list(stored.seen_by),
        "kind": entry.kind,
        "native_id": entry.native_id,
        "title": entry.title,
        "url": entry.url,
        "status": entry.status,
        "visibility": visibility.value,
        "published": _time(entry.published),
        "updated": _time(entry.updated),
        "tags": list(entry.tags),
        "files": len(entry.files),
        "sha256": [f.sha256 for f in entry.files if f.sha256],
        "deleted": stored.deleted,
    }


def show_json(archive: Archive, stored: Stored, visibility: Visibility) -> Json:
    """Return ``show --json``: the entry whole, with its files, versions and provenance."""
    entry = stored.entry
    attachments: list[JsonValue] = []
    for file in entry.files:
        path = archive.path_of(file.sha256) if file.sha256 else None
        attachments.append(
            {
                "name": file.name,
                "media_type": file.media_type,
                "size": file.size,
                "sha256": file.sha256,
                "path": str(path.relative_to(archive.root)) if path else "",
                "url": file.url,
                "alt": file.alt,
                "caption": file.caption,
            }
        )
    versions: list[JsonValue] = [
        {"version": v.number, "event": v.event, "time": format_time(v.when), "source": v.source}
        for v in archive.versions(stored.id)
    ]
    return {
        **entry_json(stored, visibility),
        "creator": entry.creator,
        "author": entry.author,
        "content_html": entry.content_html,
        "attachments": attachments,
        "links": links(entry),
        "versions": versions,
        "provenance": {
            "keys": list(entry.keys),
            "fidelity": entry.fidelity.name.lower(),
            "first_seen": _time(stored.first_seen),
            "changed": _time(stored.changed),
        },
        "extra": dict(entry.extra),
    }


def called(archive: Archive, stored: Stored) -> str:
    """
    Return what a person knows an entry by.

    Its title; ``Ann on “A post”`` for a comment; ``Re: Feedback in Course forum`` for a post; or ``(untitled)``.
    """
    entry = stored.entry
    if entry.kind == "forum-post" and entry.title and entry.extra.get("forum"):
        return f"{entry.title} in {entry.extra['forum']}"
    if entry.title and entry.kind not in REMARKS:  # a Mahara calls each of them “Comment”
        return entry.title
    if entry.kind in REMARKS:
        above = archive.by_key(entry.parent) if entry.parent else None
        return f"{entry.creator or 'Somebody'} on " + (f"“{called(archive, above)}”" if above else "something not held")
    if entry.kind in UNSEEN_KINDS:
        return entry.native_id
    return entry.files[0].name if entry.files and entry.kind == "media" else "(untitled)"


def kind_of(entry: Entry) -> str:
    """Return what an entry is, in the fewest plain words: ``journal entry``, ``résumé section``."""
    return _SHORT_NAMES.get(entry.kind, entry.kind.replace("-", " "))


def short_day(moment: datetime | None, timezone: str) -> str:
    """Return the owner's calendar day of a moment for a narrow column, such as ``1 Mar 2026``; ``""`` for none."""
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%b %Y}"


def status_of(entry: Entry) -> str:
    """Return the system's own word for what an entry is, if it says something: in a Mahara nothing is published."""
    if entry.status == "publish" and entry.keys[0].startswith("mahara:"):
        return ""
    return STATUSES.get(entry.status, entry.status)


def due(entry: Entry) -> str:
    """Return the day on which a task is to be done, in words; ``""`` for what has none."""
    target = entry.extra.get("target")
    try:
        return plain_date(date.fromisoformat(target)) if isinstance(target, str) else ""
    except ValueError:
        return target if isinstance(target, str) else ""


def not_public(entry: Entry) -> str:
    """Return how the source keeps an entry from the public, in words."""
    if entry.keys[0].startswith("mahara:"):
        return "seen by nobody but you and those with whom you shared it"
    if entry.keys[0].startswith(("moodle:", "blackboard:")):
        return "in your account at an institution, which lets no stranger in"
    if entry.status in ("publish", "inherit"):
        return "protected with a password, or part of something that is not public"
    return {
        "draft": "a draft",
        "auto-draft": "a draft",
        "pending": "waiting for review",
        "future": "not published yet",
    }.get(entry.status, "private")


def naming(mend: str, name: str) -> str:
    """Return a mend with a name behind a bare ``keepfolio login``: connectors do not know what they are called."""
    return re.sub(r"keepfolio login(?: for this source)?(?! *[\w{])", f"keepfolio login {name}", mend)


def failures(standing: Iterable[Failure]) -> list[str]:
    """Return what could not be had, in words; what one mend would bring is said once, with its number."""
    together: dict[tuple[str, str], list[Failure]] = {}
    for failure in standing:
        together.setdefault((failure.source, failure.mend or f"{failure.what} {failure.why}"), []).append(failure)
    lines = []
    for (source, _), alike in together.items():
        first = alike[0]
        more = f" and {len(alike) - 1} more like it" if len(alike) > 1 else ""
        lines.append(f"{source}: {first.what}{more}: {first.why}" + (f" {first.mend}" if first.mend and more else ""))
    return lines


def links(entry: Entry) -> list[JsonValue]:
    """Return the addresses that an entry's text links to, each once, in order."""
    if not entry.content_html:
        return []
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(entry.content_html.encode("utf-8", "replace"), "lxml", from_encoding="utf-8")
    found = [str(a["href"]) for a in soup.find_all("a", href=True)]
    return list(dict.fromkeys(found))


def counted(number: int, noun: str) -> str:
    """Return ``1 post``, ``2 posts``, ``3 entries``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {PLURALS.get(noun, noun + 's')}"


def counts(numbers: Mapping[str, int]) -> str:
    """Return ``30 posts, 2 pages and 9 media files``, the largest first."""
    seen: Counter[str] = Counter()
    for kind, n in numbers.items():
        if n and kind not in UNSEEN_KINDS:
            seen[KIND_NAMES.get(kind, kind)] += n
    words = [counted(n, kind) for kind, n in sorted(seen.items(), key=lambda item: (-item[1], item[0]))]
    return sentence(words) or "nothing"


def sentence(words: Iterable[str]) -> str:
    """Join words as a person does: ``a, b and c``."""
    listed = list(words)
    if len(listed) < 2:
        return "".join(listed)
    return ", ".join(listed[:-1]) + " and " + listed[-1]


def day(moment: datetime | None, timezone: str) -> str:
    """Return the owner's calendar day of a moment, such as ``1 March 2026``; ``""`` for none."""
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(timezone))
    return plain_date(local.date())


def plain_date(value: date) -> str:
    """Return ``1 March 2026``."""
    return f"{value.day} {value:%B %Y}"


def size(number: int) -> str:
    """Return bytes as a person reads them: ``1.4 MB``."""
    value = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError


def _time(moment: datetime | None) -> str | None:
    return format_time(moment) if moment else None
