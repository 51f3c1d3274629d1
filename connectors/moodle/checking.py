"""What ``keepfolio check`` tells about a Moodle: the ways in, what is reached, and what only a person can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.contract import Finding
from connectors.moodle import activities, assignments, badges, blog, competencies, completion, forum, private
from connectors.moodle.api import Api
from connectors.moodle.probe import Probe

READ: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Blog entries", (blog.FUNCTION,)),
    ("Private files", (private.LIST,)),
    ("Badges", (badges.FUNCTION,)),
    ("Evidence of prior learning", (competencies.EVIDENCE,)),
    ("Learning plans", (competencies.PLANS,)),
    ("Courses", (completion.COURSES,)),
    ("Forum posts", (forum.FORUMS, forum.DISCUSSIONS, forum.POSTS)),
    ("Submissions", (assignments.ASSIGNMENTS, assignments.STATUS)),
    ("Workshop submissions", (assignments.WORKSHOPS, assignments.WORKS)),
    ("Database entries", (activities.DATABASES, activities.FIELDS, activities.RECORDS)),
    ("Glossary entries", (activities.GLOSSARIES, activities.TERMS)),
    ("Wiki pages", (activities.WIKIS, activities.SUBWIKIS, activities.PAGES)),
    ("Completed courses", (completion.FUNCTION,)),
)
"""What a harvest reads, in words, and the functions that it needs."""

NEVER = (
    "A token never shows posts in hidden courses or in courses whose enrolment has ended, nor notes that teachers "
    "wrote about you; messages are not kept at all. The site's data export (source type moodle-export) has them."
)


def reached(api: Api, info: dict[str, Any]) -> Iterator[Finding]:
    """Tell who the token belongs to, and what the site lets it read."""
    yield Finding("login", "ok", f"The token opens the account of {info.get('fullname') or info.get('username')}.")
    yield Finding("release", "ok", f"Moodle {str(info.get('release') or '').partition(' ')[0]}.")
    for what, functions in READ:
        if not api.can(*functions):
            yield Finding("not-offered", "warning", f"{what}: this site does not offer it to Moodle's app.")
    yield Finding("token-reach", "note", NEVER)


def checklist(found: Probe) -> Iterator[Finding]:
    """Yield what only a person can do, with this site's own addresses."""
    root = found.root
    steps = (
        (
            "ask-for-data",
            "Ask for your data now: approval may take days, and the file can be fetched only for a while.",
            f"{root}/admin/tool/dataprivacy/mydatarequests.php > Export all of my personal data",
        ),
        (
            "badges-zip",
            "Download all badges at once as badges.zip, beside what keepfolio keeps of them.",
            f"{root}/badges/mybadges.php > Download all",
        ),
        (
            "token-weeks",
            "A token ends after 12 weeks. keepfolio says so after 10, and shows how to get the next one.",
            "keepfolio login",
        ),
    )
    for code, message, mend in steps:
        yield Finding(code, "note", message, mend)
