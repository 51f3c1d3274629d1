"""
Assignments and workshops: each attempt with its files, and what it was given: grade, feedback, files of feedback.

Feedback is another person's words about the owner's work. It stands in a section of its own at the end of the text,
so that a new grade is a new version, and once more in ``extra``.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.entry import Entry, FileRole, Json, Key, MediaFile
from connectors.contract import Yield
from connectors.moodle import comments, files, identity, text
from connectors.moodle.api import Call
from connectors.moodle.reading import Course, Reading, found, named

ASSIGNMENTS = "mod_assign_get_assignments"
STATUS = "mod_assign_get_submission_status"
WORKSHOPS = "mod_workshop_get_workshops_by_courses"
WORKS = "mod_workshop_get_submissions"
PAGE = 100
_BLANK = frozenset({"new", "reopened"})


@dataclass(frozen=True)
class Attempt:
    """One attempt: what was handed in, and what came back. ``grade`` is as the site shows it, HTML."""

    submission: Any
    grade: Any
    shown: str
    feedback: Any

    @property
    def number(self) -> int:
        """The attempt's number, from 1."""
        return int(self.submission.get("attemptnumber") or 0) + 1


def read(reading: Reading) -> Iterator[Yield]:
    """Yield every attempt at every assignment that is open to the account, with the comments on it."""
    answer = reading.activities.get(ASSIGNMENTS)
    if answer is None or not reading.offers("Submissions", STATUS):
        return
    rows = [(one, each) for one in answer.get("courses") or () for each in one.get("assignments") or ()]
    asked = [Call(STATUS, {"assignid": assignment["id"]}) for _, assignment in rows]
    names = [named("Assignment", assignment) for _, assignment in rows]
    places = []
    for (course, assignment), status in zip(rows, reading.each(asked, names), strict=True):
        for attempt in _attempts(status or {}, reading):
            entry = _entry(attempt, assignment, reading.course(course["id"]), reading)
            yield found(entry, _kept(attempt, assignment))
            if "comments" in {one.get("type") for one in attempt.submission.get("plugins") or ()}:
                places.append(_place(attempt, assignment, entry))
    yield from comments.comments(reading, places, "Comments on submissions")


def workshops(reading: Reading) -> Iterator[Yield]:
    """Yield the owner's own submissions to workshops."""
    answer = reading.activities.get(WORKSHOPS)
    if answer is None or not reading.offers("Workshop submissions", WORKS):
        return
    rows = list(answer.get("workshops") or ())
    asked = [
        Call(WORKS, {"workshopid": one["id"], "userid": reading.who.number, "groupid": 0, "page": 0, "perpage": PAGE})
        for one in rows
    ]
    names = [named("Workshop", one) for one in rows]
    for workshop, page in zip(rows, reading.each(asked, names), strict=True):
        for one in (page or {}).get("submissions") or ():
            if reading.mine(one, "authorid") and not one.get("example"):
                yield found(_work(one, workshop, reading), one)


def _attempts(status: Any, reading: Reading) -> Iterator[Attempt]:
    """Yield the attempts of one answer, each once; a teacher's view of the same assignment has none."""
    last = status.get("lastattempt") or {}
    feedback = status.get("feedback") or {}
    team = last.get("teamsubmission") or {}  # a team's work belongs to its group: it has no author number
    newest = Attempt(
        team or last.get("submission") or {},
        feedback.get("grade") or {},
        str(feedback.get("gradefordisplay") or ""),
        feedback.get("plugins") or (),
    )
    earlier = [
        Attempt(
            one.get("submission") or {},
            one.get("grade") or {},
            str((one.get("grade") or {}).get("gradefordisplay") or ""),
            one.get("feedbackplugins") or (),
        )
        for one in status.get("previousattempts") or ()
    ]
    seen = set()
    for attempt in (newest, *earlier):
        number = attempt.submission.get("id")
        own = reading.mine(attempt.submission) or (bool(team) and not attempt.submission.get("userid"))
        if number and own and number not in seen and not _is_blank(attempt):
            seen.add(number)
            yield attempt


def _is_blank(attempt: Attempt) -> bool:
    plugins = attempt.submission.get("plugins") or ()
    empty = not _text(plugins) and not _files(plugins, "attachment")
    return attempt.submission.get("status") in _BLANK and empty


def _entry(attempt: Attempt, assignment: Any, course: Course, reading: Reading) -> Entry:
    who, one = reading.who, attempt.submission
    plugins = one.get("plugins") or ()
    handed = _files(plugins, "attachment")
    returned = _files(attempt.feedback, "feedback")
    own, _ = text.placed(_text(plugins), handed)
    said, _ = text.placed(_text(attempt.feedback), returned)
    graded = text.moment(attempt.grade.get("timemodified") or attempt.grade.get("timecreated"))
    extra: Json = {
        **course.extra,
        "assignment": str(assignment.get("name") or ""),
        "attempt": attempt.number,
        **({"group_work": True} if one.get("userid") == 0 else {}),
        **({"grade": text.plain(attempt.shown), "graded": text.day(graded)} if attempt.shown else {}),
        **({"feedback_html": said} if said else {}),
    }
    context = reading.contexts.get(("assign", int(assignment["id"])), 0)
    by_context = (identity.attempt(who.site, reading.person, context, attempt.number),) if context else ()
    return Entry(
        keys=(identity.submission(who.site, one["id"]), *by_context),
        kind="submission",
        native_id=str(one["id"]),
        title=str(assignment.get("name") or "") + (f" (attempt {attempt.number})" if attempt.number > 1 else ""),
        url=f"{who.root}/mod/assign/view.php?id={assignment.get('cmid')}",
        creator=who.name,
        status=str(one.get("status") or ""),
        published=text.moment(one.get("timecreated")),
        updated=text.moment(max(int(one.get("timemodified") or 0), int(attempt.grade.get("timemodified") or 0))),
        content_html=own + _feedback(attempt.shown, said),
        files=files.unique((*handed, *returned)),
        scope=reading.scope("submissions"),
        stamp=f"{one.get('timemodified')}-{attempt.grade.get('timemodified')}",
        extra=extra,
    )


def _feedback(shown: str, said: str) -> str:
    if not shown and not said:
        return ""
    grade = f"<p>Grade: {html.escape(text.plain(shown))}</p>" if shown else ""
    return f'<section class="feedback"><h2>Feedback</h2>{grade}{said}</section>'


def _text(plugins: Any) -> str:
    fields = [one for plugin in plugins for one in plugin.get("editorfields") or ()]
    return "".join(text.as_html(one.get("text"), one.get("format")) for one in fields)


def _files(plugins: Any, role: FileRole) -> tuple[MediaFile, ...]:
    areas = [area for plugin in plugins for area in plugin.get("fileareas") or ()]
    return files.unique(file for area in areas for file in files.media(area.get("files"), role))


def _kept(attempt: Attempt, assignment: Any) -> dict[str, Any]:
    """The attempt without the number of the person who graded it."""
    grade = {name: value for name, value in attempt.grade.items() if name != "grader"}
    return {
        "assignment": {name: assignment.get(name) for name in ("id", "cmid", "course", "name")},
        "submission": attempt.submission,
        "grade": grade,
        "gradefordisplay": attempt.shown,
        "feedback": list(attempt.feedback),
    }


def _place(attempt: Attempt, assignment: Any, entry: Entry) -> comments.Place:
    return comments.Place(
        "module",
        int(assignment["cmid"]),
        "assignsubmission_comments",
        int(attempt.submission["id"]),
        "submission_comments",
        entry.keys[0],
        entry.title,
        entry.url,
        entry.keys[1] if len(entry.keys) > 1 else "",
    )


def _work(one: Any, workshop: Any, reading: Reading) -> Entry:
    who, course = reading.who, reading.course(workshop.get("course"))
    handed = files.unique((*files.media(one.get("contentfiles")), *files.media(one.get("attachmentfiles"))))
    own, _ = text.placed(text.as_html(one.get("content"), one.get("contentformat")), handed)
    grade, said = str(one.get("grade") or ""), text.as_html(one.get("feedbackauthor"), one.get("feedbackauthorformat"))
    context = reading.contexts.get(("workshop", int(workshop["id"])), 0)
    by_context: tuple[Key, ...] = (identity.workshop_of(who.site, reading.person, context),) if context else ()
    extra: Json = {**course.extra, "workshop": str(workshop.get("name") or ""), **({"grade": grade} if grade else {})}
    return Entry(
        keys=(identity.workshop_submission(who.site, one["id"]), *by_context),
        kind="submission",
        native_id=str(one["id"]),
        title=str(one.get("title") or workshop.get("name") or ""),
        url=f"{who.root}/mod/workshop/submission.php?cmid={workshop.get('coursemodule')}&id={one['id']}",
        creator=who.name,
        status="submitted",
        published=text.moment(one.get("timecreated")),
        updated=text.moment(one.get("timemodified")),
        content_html=own + _feedback(grade, said),
        files=handed,
        scope=reading.scope("workshop-submissions"),
        stamp=str(one.get("timemodified") or ""),
        extra=extra,
    )
