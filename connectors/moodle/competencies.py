"""Evidence of prior learning, learning plans, and how competencies were rated."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any, Literal

from archive.entry import Entry, Json
from connectors.contract import Promised, Yield
from connectors.moodle import files, identity, text
from connectors.moodle.api import Api, Call
from connectors.moodle.faults import Refusal
from connectors.moodle.reading import Account, Reading, found

EVIDENCE = "tool_lp_data_for_user_evidence_list_page"
ONE_EVIDENCE = "tool_lp_data_for_user_evidence_page"
PLANS = "tool_lp_data_for_plans_page"
PLAN = "tool_lp_data_for_plan_page"
RATING = "tool_lp_data_for_user_competency_summary"
FAMILY = "prior-learning"


def first(who: Account) -> list[Call]:
    """Return the questions for all evidence and all plans."""
    return [Call(EVIDENCE, {"userid": who.number}), Call(PLANS, {"userid": who.number})]


def read(reading: Reading) -> Iterator[Yield]:
    """Yield evidence, plans, and the competencies that were rated in either."""
    rated: dict[int, Any] = {}
    yield from _evidence(reading, rated)
    yield from _plans(reading, rated)
    yield from _ratings(reading, rated)


def exists(api: Api, number: str) -> Literal["unlisted", "gone", "unknown"]:
    """Look straight at one piece of evidence."""
    reply = api.call(ONE_EVIDENCE, id=number)
    if isinstance(reply, Refusal):
        return "gone" if reply.code == "invalidrecord" else "unknown"
    return "unlisted"


def _evidence(reading: Reading, rated: dict[int, Any]) -> Iterator[Yield]:
    answer = reading.opening.get(EVIDENCE)
    if answer is None:
        return
    rows = [one for one in answer.get("evidence") or () if reading.mine(one)]
    yield Promised("prior-learning", len(rows))
    keys = set()
    for one in rows:
        linked = one.get("usercompetencies") or ()
        rated |= {pair["competency"]["id"]: pair for pair in linked if _is_rated(pair, reading)}
        entry = _evidence_entry(one, [_name(pair["competency"]) for pair in linked], reading)
        keys.add(entry.keys[0])
        yield found(entry, one)
    yield reading.listed(FAMILY, keys)


def _evidence_entry(one: Any, competencies: list[str], reading: Reading) -> Entry:
    who, url = reading.who, str(one.get("url") or "")
    return Entry(
        keys=(identity.prior_learning(who.site, one["id"]),),
        kind="prior-learning",
        native_id=str(one["id"]),
        title=str(one.get("name") or ""),
        url=f"{who.root}/admin/tool/lp/user_evidence.php?id={one['id']}",
        creator=who.name,
        published=text.moment(one.get("timecreated")),
        updated=text.moment(one.get("timemodified")),
        content_html=text.as_html(one.get("description"), one.get("descriptionformat"))
        + text.definitions([("Address", text.link(url)), ("Competencies", html.escape(", ".join(competencies)))]),
        files=files.media(one.get("files")),
        scope=reading.scope(FAMILY),
        stamp=str(one.get("timemodified") or ""),
        extra={"evidence_url": url, "competencies": list(competencies)},
    )


def _plans(reading: Reading, rated: dict[int, Any]) -> Iterator[Yield]:
    answer = reading.opening.get(PLANS)
    if answer is None:
        return
    rows = [one for one in answer.get("plans") or () if reading.mine(one)]
    yield Promised("plan", len(rows))
    can = bool(rows) and reading.offers("What is in learning plans", PLAN)
    pages = reading.each([Call(PLAN, {"planid": one["id"]}) for one in rows], "A learning plan") if can else []
    for one, page in zip(rows, pages or [None] * len(rows), strict=True):
        if can and page is None:
            continue  # what was refused says nothing of what is held
        inside = (page or {}).get("competencies") or ()
        rated |= {pair["competency"]["id"]: pair for pair in inside if _is_rated(pair, reading)}
        yield found(_plan_entry(one, inside, reading), one)


def _plan_entry(one: Any, inside: Any, reading: Reading) -> Entry:
    who = reading.who
    due = text.day(text.moment(one.get("duedate")))
    rows = [("Due", due), *((_name(pair["competency"]), html.escape(_rating(pair) or "not rated")) for pair in inside)]
    return Entry(
        keys=(identity.plan(who.site, one["id"]),),
        kind="plan",
        native_id=str(one["id"]),
        title=str(one.get("name") or ""),
        url=f"{who.root}/admin/tool/lp/plan.php?id={one['id']}",
        creator=who.name,
        status=str(one.get("statusname") or one.get("status") or ""),
        published=text.moment(one.get("timecreated")),
        updated=text.moment(one.get("timemodified")),
        content_html=text.as_html(one.get("description"), one.get("descriptionformat")) + text.definitions(rows),
        scope=reading.scope("plans"),
        stamp=str(one.get("timemodified") or ""),
        extra={"due": due},
    )


def _ratings(reading: Reading, rated: dict[int, Any]) -> Iterator[Yield]:
    if not rated:
        return
    yield Promised("competency", len(rated))
    asked = [Call(RATING, {"userid": reading.who.number, "competencyid": number}) for number in rated]
    can = reading.offers("Notes on ratings of competencies", RATING)
    summaries = reading.each(asked, "The notes on a rating") if can else [None] * len(asked)
    for pair, summary in zip(rated.values(), summaries, strict=True):
        if can and summary is None:
            continue
        notes = [_note(one) for one in (summary or {}).get("evidence") or ()]
        yield found(_rating_entry(pair, notes, reading), {**pair, "notes": notes})


def _rating_entry(pair: Any, notes: list[Json], reading: Reading) -> Entry:
    who, competency, rating = reading.who, pair["competency"], pair["usercompetency"]
    words = text.definitions([("Rating", html.escape(_rating(pair)))]) + "".join(
        f"<p>{html.escape(' '.join(str(note[part]) for part in ('date', 'what', 'note') if note[part]))}</p>"
        for note in notes
    )
    return Entry(
        keys=(identity.competency(who.site, reading.person, competency["id"]),),
        kind="competency",
        native_id=str(competency["id"]),
        title=str(competency.get("shortname") or ""),
        url=str(rating.get("url") or ""),
        author="about-me",
        published=text.moment(rating.get("timecreated")),
        updated=text.moment(rating.get("timemodified")),
        content_html=text.as_html(competency.get("description"), competency.get("descriptionformat")) + words,
        scope=reading.scope("competencies"),
        stamp=str(rating.get("timemodified") or ""),
        extra={
            "idnumber": str(competency.get("idnumber") or ""),
            "grade": rating.get("grade"),
            "grade_name": str(rating.get("gradename") or ""),
            "proficient": bool(rating.get("proficiency")),
        },
    )


def _note(one: Any) -> Json:
    """What an assessor wrote; not who."""
    return {
        "date": text.day(text.moment(one.get("timecreated"))),
        "what": text.plain(str(one.get("description") or "")),
        "note": text.plain(str(one.get("note") or "")),
    }


def _is_rated(pair: Any, reading: Reading) -> bool:
    rating = pair.get("usercompetency") or {}
    return bool(reading.mine(rating) and rating.get("grade") is not None)


def _rating(pair: Any) -> str:
    rating = pair.get("usercompetency") or {}
    if rating.get("grade") is None:
        return ""
    name = str(rating.get("gradename") or rating["grade"])
    return f"{name} (proficient)" if rating.get("proficiency") else name


def _name(competency: Any) -> str:
    return str(competency.get("shortname") or competency.get("idnumber") or "")
