"""Courses: that the owner takes part, and that a course was completed, and when."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from archive.entry import Entry, Key
from connectors.contract import Promised, Yield
from connectors.moodle import identity, text
from connectors.moodle.api import Call
from connectors.moodle.reading import Course, Reading, found

COURSES = "core_enrol_get_users_courses"
FUNCTION = "core_completion_get_course_completion_status"


def read(reading: Reading) -> Iterator[Yield]:
    """Yield the courses that are open to the account, and completions."""
    yield Promised("enrolment", len(reading.courses))
    for course in reading.courses.values():
        yield found(_enrolment(course, reading), _kept(course))
    # asked only where there can be one: each refusal costs a request
    tracked = [
        course
        for course in reading.courses.values()
        if course.about.get("completionhascriteria", True) and course.about.get("completionusertracked", True)
    ]
    if not tracked or not reading.offers("Completed courses", FUNCTION):
        return
    asked = [Call(FUNCTION, {"courseid": one.number, "userid": reading.who.number}) for one in tracked]
    names = [f"Completion of “{one.name}”" for one in tracked]
    for course, answer in zip(tracked, reading.each(asked, names), strict=True):
        status = (answer or {}).get("completionstatus") or {}
        if status.get("completed"):
            yield found(_completion(course, status, reading), status)


def _keys(make: Any, family: str, course: Course, reading: Reading) -> tuple[Key, ...]:
    """By the course's context, as the zip has it; and by its number, where the site does not tell the context."""
    by_number = identity.key(reading.who.site, f"{family}-course", f"{reading.person}-{course.number}")
    return (make(reading.who.site, reading.person, course.context), by_number) if course.context else (by_number,)


def _enrolment(course: Course, reading: Reading) -> Entry:
    about = course.about
    starts, ends = text.moment(about.get("startdate")), text.moment(about.get("enddate"))
    return Entry(
        keys=_keys(identity.enrolment, "enrolment", course, reading),
        kind="enrolment",
        native_id=str(course.number),
        title=course.name,
        url=f"{reading.who.root}/course/view.php?id={course.number}",
        author="about-me",
        published=starts,
        content_html=text.definitions(
            [("Course", html.escape(course.short)), ("From", text.day(starts)), ("Until", text.day(ends))]
        ),
        scope=reading.scope("enrolments"),
        stamp=f"{about.get('startdate')}-{about.get('enddate')}",
        extra={**course.extra, "starts": text.day(starts), "ends": text.day(ends)},
    )


def _kept(course: Course) -> dict[str, Any]:
    names = ("id", "shortname", "fullname", "idnumber", "startdate", "enddate", "completed", "visible")
    return {name: course.about.get(name) for name in names}


def _completion(course: Course, status: Any, reading: Reading) -> Entry:
    criteria = [one for one in status.get("completions") or () if one.get("complete")]
    times = [when for when in (text.moment(one.get("timecompleted")) for one in criteria) if when]
    when = max(times, default=None)
    rows = [(str(one.get("title") or ""), text.day(text.moment(one.get("timecompleted")))) for one in criteria]
    return Entry(
        keys=_keys(identity.completion, "completion", course, reading),
        kind="completion",
        native_id=str(course.number),
        title=f"Completed: {course.name}",
        url=f"{reading.who.root}/course/view.php?id={course.number}",
        author="about-me",
        status="completed",
        published=when,
        content_html=text.definitions([("Course", html.escape(course.name)), *rows]),
        scope=reading.scope("completions"),
        stamp=str(when or ""),
        extra={**course.extra, "completed": text.day(when)},
    )
