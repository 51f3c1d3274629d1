"""What a person is told about exports from Moodle: what they hold, what they lack, and what only she can do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from connectors.contract import Finding

_KINDS = {
    "post": "blog entries",
    "forum-post": "forum posts",
    "file": "private files",
    "submission": "submissions",
    "badge": "badges",
    "prior-learning": "pieces of evidence of prior learning",
    "plan": "learning plans",
    "competency": "rated competencies",
    "database-entry": "database entries",
    "glossary-entry": "glossary entries",
    "wiki-page": "wiki pages",
    "completion": "completed courses",
    "enrolment": "courses",
    "note": "notes that teachers wrote about you",
    "comment": "comments",
}
NEVER = (
    "A data request never holds the files attached to forum posts (keep a token harvest, type: moodle, or “Export to "
    "portfolio” beside it), and Moodle writes its times to the minute. Messages, quizzes, choices and the site's log "
    "of your clicks are in it, and keepfolio does not keep them."
)
ASK_TWICE = (
    "Ask for your data now, and again shortly before the account closes: approval may take days, and the file can be "
    "fetched only for a while. Put each export.zip beside the others."
)
PORTFOLIO = (
    "Where “Export to portfolio” stands below a forum thread, a submission or a database entry, choose “File download” "
    "and Leap2A: that zip has the files of forum posts."
)
_SOMEWHERE = "https://YOUR-MOODLE"


def ask(root: str) -> str:
    """Return where a person asks for her data."""
    where = f"{root or _SOMEWHERE}/admin/tool/dataprivacy/mydatarequests.php"
    return f"{where} > New request > Export all of my personal data"


def counts(kinds: Iterable[str]) -> str:
    """Return how many of each kind there are, in words."""
    found = Counter(kinds)
    return ", ".join(f"{words} {found[kind]}" for kind, words in _KINDS.items() if found[kind]) or "nothing"


def left_out(counted: Mapping[str, int]) -> Iterator[str]:
    """Yield what an export has that is not, or not for certain, the owner's own."""
    for what, count in sorted(counted.items()):
        yield f"Left out, because it may be other people's: {what} ({count})."


def checklist(root: str) -> Iterator[Finding]:
    """Yield what only a person can do, with the institution's own addresses."""
    site = root or _SOMEWHERE
    steps = (
        (
            "ask-for-data",
            ASK_TWICE,
            ask(root),
        ),
        ("badges-zip", "Download all badges at once (badges.zip).", f"{site}/badges/mybadges.php > Download all"),
        (
            "export-to-portfolio",
            PORTFOLIO,
            f"{site}/my/courses.php",
        ),
        (
            "blog-feed",
            "Without a data request: open your blog, follow the orange feed symbol at its end, and save that page.",
            f"{site}/blog/index.php",
        ),
    )
    for code, message, mend in steps:
        yield Finding(code, "note", message, mend)
