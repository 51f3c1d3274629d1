"""Attempts at assignments, with feedback and grade, and submissions to workshops, in a data-request zip."""

from __future__ import annotations

import html
from collections.abc import Iterator

from archive.entry import FileRole, Key, MediaFile
from connectors.contract import Found
from connectors.moodle import identity, text
from connectors.moodle.export_making import Maker, plain
from connectors.moodle.export_tree import Document, Place, Stored

_STATES = {"Submitted for grading": "submitted", "Draft (not submitted)": "draft", "No submission": "new"}
_WORKSHOP = ("title", "content", "example", "feedbackauthor", "gradeover")
_FEEDBACK = frozenset({"feedback_files", "feedback"})


def read(maker: Maker) -> Iterator[Found]:
    """Yield all of the owner's own. A teacher's export has students' attempts too: they stand a folder deeper."""
    works: dict[Place, list[Document]] = {}
    for one in maker.tree.documents:
        if one.has("attemptnumber", "status", "latest") and len(one.folder) == 2:
            yield from maker.guarded(one, _attempt(maker, one))
        elif one.has(*_WORKSHOP) and len(one.folder) == 1:
            works.setdefault(one.place, []).append(one)
    for found in works.values():
        if len(found) == 1 and not maker.tree.yes(found[0].value["example"]):
            yield from maker.guarded(found[0], _work(maker, found[0]))
        else:
            maker.leave_out("workshop submission")


def _attempt(maker: Maker, one: Document) -> Iterator[Found]:
    value, folder = one.value, one.folder[:1]
    number = value["attemptnumber"] if isinstance(value["attemptnumber"], int) else 0
    beside = [each.value for each in maker.tree.documents_in(one.place, folder) if isinstance(each.value, dict)]
    stored = maker.tree.below(one.place, folder)
    handed = _media(maker, stored, "attachment")
    returned = _media(maker, stored, "feedback")
    own = "".join(str(each["text"] or "") for each in beside if each.keys() == {"text"})
    if number < 1 or (not (own or handed) and _STATES.get(str(value["status"])) in {"new", None}):
        return
    said = "".join(str(each["commenttext"] or "") for each in beside if "commenttext" in each)
    grade = next((each for each in beside if "grader" in each), {})
    shown = _grade(grade.get("grade"))
    name = maker.activity(one.place)
    key = identity.attempt(maker.site, maker.person, one.place.number, number)
    title = name + (f" (attempt {number})" if number > 1 else "")
    yield maker.found(
        {"submission": value, "text": own, "feedback": said, "grade": grade},
        keys=(*_by_number(maker, stored), key),
        kind="submission",
        family="submissions",
        native_id=f"{one.place.number}-{number}",
        title=title,
        status=_STATES.get(str(value["status"]), str(value["status"])),
        created=value.get("timecreated"),
        modified=value.get("timemodified"),
        content=own + _feedback(shown, said),
        files=(*handed, *returned),
        extra={
            **maker.course(one.place),
            "assignment": name,
            "attempt": number,
            **({"grade": shown, "graded": maker.clock.day(grade.get("timemodified"))} if shown else {}),
            **({"feedback_html": said} if said else {}),
        },
    )
    yield from maker.comments(one.place, folder, key, title)


def _by_number(maker: Maker, stored: list[Stored]) -> tuple[Key, ...]:
    """Return the key by the attempt's own number, which only its files tell."""
    numbers = {one.item for one in stored if one.area not in _FEEDBACK and one.item is not None}
    return (identity.submission(maker.site, numbers.pop()),) if len(numbers) == 1 else ()


def _media(maker: Maker, stored: list[Stored], role: FileRole) -> list[MediaFile]:
    wanted = role == "feedback"
    return [maker.addresses.media(one, role) for one in stored if (one.area in _FEEDBACK) == wanted]


def _grade(given: object) -> str:
    """Return a grade as people write it: ``72.50``; -1 is Moodle's for none."""
    try:
        number = float(str(given))
    except ValueError:
        return ""
    return f"{number:.2f}" if number >= 0 else ""


def _feedback(shown: str, said: str) -> str:
    if not shown and not said:
        return ""
    grade = f"<p>Grade: {html.escape(shown)}</p>" if shown else ""
    return f'<section class="feedback"><h2>Feedback</h2>{grade}{said}</section>'


def _work(maker: Maker, one: Document) -> Iterator[Found]:
    value, stored = one.value, maker.tree.below(one.place, one.folder)
    numbers = {each.item for each in stored if each.item is not None}
    by_number = (identity.workshop_submission(maker.site, numbers.pop()),) if len(numbers) == 1 else ()
    shown, said = _grade(value.get("grade")), str(value["feedbackauthor"] or "")
    yield maker.found(
        value,
        keys=(*by_number, identity.workshop_of(maker.site, maker.person, one.place.number)),
        kind="submission",
        family="workshop-submissions",
        native_id=str(one.place.number),
        title=plain(value["title"]) or maker.activity(one.place),
        status="submitted",
        created=value.get("timecreated"),
        modified=value.get("timemodified"),
        content=text.as_html(value["content"], value.get("contentformat") or 1) + _feedback(shown, said),
        files=[maker.addresses.media(each) for each in stored],
        extra={**maker.course(one.place), "workshop": maker.activity(one.place), **({"grade": shown} if shown else {})},
    )
