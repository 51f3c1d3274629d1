"""
What a data-request zip holds in courses: forum posts, notes, enrolments, completions.

Such a zip also holds what others wrote around the owner's own. Own is what the export marks so: a post by its flag, a
note by whom it is about. What is not certain is left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from archive.entry import Json, Key
from connectors.contract import Found
from connectors.moodle import export_keys, identity, text
from connectors.moodle.export_making import Maker, plain
from connectors.moodle.export_tree import Document

_POST = re.compile(r"(\d{9,12})-.*-(\d+)", re.DOTALL)
_DISCUSSION = re.compile(r"(\d+)-")
_ENROLMENT = frozenset({"status", "timestart", "timeend", "timecreated"})


def read(maker: Maker) -> Iterator[Found]:
    """Yield all of it."""
    for one in maker.tree.documents:
        if one.place != maker.tree.person and isinstance(one.value, dict):
            yield from maker.guarded(one, _made(maker, one))


def _made(maker: Maker, one: Document) -> Iterator[Found]:
    """Yield what a document is: its fields say it."""
    if one.has("subject", "message", "author_was_you"):
        yield from _post(maker, one)
    elif one.has("content", "publishstate", "usermodified"):
        yield from _note(maker, one)
    elif isinstance(one.value.get("criteria"), list) and one.has("status", "required"):
        yield from _completion(maker, one)
    elif one.folder and all(isinstance(row, dict) and row.keys() >= _ENROLMENT for row in one.value.values()):
        yield from _enrolment(maker, one)


# --- forums ---------------------------------------------------------------------------------------------------------


def _post(maker: Maker, one: Document) -> Iterator[Found]:
    named = _POST.fullmatch(one.folder[-1]) if one.folder else None
    if named is None or not maker.tree.yes(one.value["author_was_you"]):
        return
    number, value = named[2], one.value
    discussion = _discussion(one.folder)
    answered = maker.tree.at(one.place, one.folder[:-1])
    answers = answered if isinstance(answered, dict) and "author_was_you" in answered else None
    mine = answers is not None and maker.tree.yes(answers["author_was_you"])
    above = _POST.fullmatch(one.folder[-2]) if len(one.folder) > 1 else None
    maker.forums[number] = one.place.number
    extra: Json = {
        **maker.course(one.place),
        "forum": maker.activity(one.place),
        **({"discussion": int(discussion)} if discussion else {}),
        "private_reply": maker.tree.yes(value.get("privatereply")),
        **({"answers": _answered(answers, above, own=mine)} if answers else {}),
    }
    yield maker.found(
        {**value, "tags": maker.tags(one)},
        keys=(identity.forum_post(maker.site, number),),
        kind="forum-post",
        family="forum-posts",
        native_id=number,
        title=plain(value["subject"]),
        url=f"{maker.root}/mod/forum/discuss.php?d={discussion}#p{number}" if discussion else "",
        published=datetime.fromtimestamp(int(named[1]), UTC),
        modified=value.get("modified"),
        content=str(value["message"] or ""),
        files=[
            maker.addresses.media(file)
            for file in maker.tree.below(one.place, one.folder)
            if file.folder == one.folder  # below lie the files of those who answered
        ],
        parent=identity.forum_post(maker.site, above[2]) if mine and above else None,
        tags=maker.tags(one),
        extra=extra,
    )


def _discussion(folder: tuple[str, ...]) -> str:
    first = next(at for at, part in enumerate(folder) if _POST.fullmatch(part))
    found = _DISCUSSION.match(folder[first - 2]) if first >= 2 else None
    return found[1] if found else ""


def _answered(post: Json, named: re.Match[str] | None, *, own: bool) -> Json:
    """Of another person's post: when, how many characters, whose; nothing else."""
    when = datetime.fromtimestamp(int(named[1]), UTC) if named else None
    return {
        "date": text.day(when),
        "length": len(text.plain(str(post.get("message") or ""))),
        "role": "myself" if own else "another participant",
    }


# --- about the owner ------------------------------------------------------------------------------------------------


def _note(maker: Maker, one: Document) -> Iterator[Found]:
    """Yield a note that a teacher wrote about the owner; those that the owner wrote about others are not taken."""
    value, me = one.value, maker.tree.number
    if not me or value.get("userid") != me or value.get("usermodified") == me:
        maker.leave_out("note about another person, or of one's own")
        return
    words, state = str(value["content"] or ""), str(value["publishstate"])
    key = export_keys.note(maker.site, maker.person, one.place.number, state, words)
    course = maker.course(one.place)
    yield maker.found(
        value,
        keys=(key,),
        kind="note",
        family="notes",
        native_id=key.rpartition("/")[2],
        title=f"Note in {course['course_name']}" if course else "Note",
        status=state,
        author="others",
        creator="",
        created=value.get("datecreated"),
        modified=value.get("datemodified"),
        content=words if "<" in words else text.paragraphs(words),
        extra=course,
    )


def _completion(maker: Maker, one: Document) -> Iterator[Found]:
    criteria = [each for each in one.value["criteria"] if isinstance(each, dict)]
    done = [each for each in criteria if maker.tree.yes(each.get("completed"))]
    if not done or (one.value["status"] != "Complete" and len(done) < len(criteria)):
        return
    times = [when for when in (maker.clock.read(each.get("timecompleted")) for each in done) if when]
    latest = max(times, default=None)
    course, number = maker.course(one.place), one.place.number
    name = str(course.get("course_name") or one.place.label)
    rows = [(plain(each.get("criteria")), maker.clock.day(each.get("timecompleted"))) for each in done]
    yield maker.found(
        one.value,
        keys=(identity.completion(maker.site, maker.person, number),),
        kind="completion",
        family="completions",
        native_id=str(number),
        title=f"Completed: {name}",
        author="about-me",
        creator="",
        status="completed",
        created=None if latest else next((each.get("timecompleted") for each in done), None),
        published=latest,
        content=text.definitions([("Course", html.escape(name)), *rows]),
        extra={**course, "completed": max((day for _, day in rows), default="")},
    )


def _enrolment(maker: Maker, one: Document) -> Iterator[Found]:
    """Yield that the owner took part in a course, ended enrolments too; one entry, however often enrolled."""
    course, number = maker.course(one.place), one.place.number
    about = maker.tree.near(one.place, "shortname", "fullname")
    if not course or about is None or about.place != one.place or not one.value:
        return
    starts, ends = (maker.clock.day(about.value.get(name)) for name in ("startdate", "enddate"))
    key: Key = identity.enrolment(maker.site, maker.person, number)
    yield maker.found(
        {"course": about.value, "enrolments": list(one.value.values())},
        keys=(key,),
        kind="enrolment",
        family="enrolments",
        native_id=str(number),
        title=str(course["course_name"]),
        author="about-me",
        creator="",
        created=about.value.get("startdate"),
        content=text.definitions([("Course", html.escape(str(course["course"]))), ("From", starts), ("Until", ends)]),
        extra={**course, "starts": starts, "ends": ends},
    )
