"""What a thing of a VLE has beside its text, in words: which forum, which attempt, what grade, who issued a badge."""

from __future__ import annotations

from datetime import date

from archive.entry import Entry, JsonValue
from bridge import views

_SYSTEMS = ("moodle:", "badge:")
"""Systems, by their keys, whose ``extra`` has these names; elsewhere the same name may mean something else."""

_LABELS = {
    "course_name": "course",
    "forum": "forum",
    "assignment": "assignment",
    "workshop": "workshop",
    "database": "database",
    "glossary": "glossary",
    "wiki": "wiki",
    "attempt": "attempt",
    "grade": "grade",
    "graded": "graded",
    "grade_name": "rating",
    "issuer": "issued by",
    "issued": "issued",
    "expires": "expires",
    "seen_valid": "confirmed",
    "revoked_or_unknown": "not confirmed",
    "due": "due",
    "starts": "begins",
    "ends": "ends",
    "completed": "completed",
    "copy_of": "a copy of",
}


def particulars(entry: Entry, original: str = "") -> list[tuple[str, str]]:
    """
    Return labels and words, in the order in which a person asks; nothing for what is not of a VLE.

    ``original``: what the owner knows the original of a copy by, where that is held; else its address is told.
    """
    if not entry.keys[0].startswith(_SYSTEMS):
        return []
    told = {**entry.extra, **({"copy_of": original} if original else {})}
    facts = [(label, _words(told.get(name))) for name, label in _LABELS.items()]
    return [(label, words) for label, words in (*facts, *_told(entry)) if words]


def _told(entry: Entry) -> list[tuple[str, str]]:
    """Return what is told in words of its own: whom a post answers, and to whom a badge was given."""
    found = []
    answers = entry.extra.get("answers")
    if isinstance(answers, dict):
        whose = "a post of your own" if answers.get("role") == "myself" else "a post of another participant"
        length = f"{answers['length']:,} characters" if isinstance(answers.get("length"), int) else ""
        found.append(("answers", ", ".join(filter(None, (whose, _words(answers.get("date")), length)))))
    if isinstance(given := entry.extra.get("recipient_is_owner"), bool):
        found.append(("given to", "you" if given else "somebody else"))
    return found


def _words(value: JsonValue) -> str:
    """Return a value as a person reads it, a day written out."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        return views.plain_date(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)
