"""Entries of a CPD record, and a workspace with one."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from archive.entry import Visibility
from bridge.portfolio.cpd import cells, file
from bridge.portfolio.cpd.record import Activity, With


def activity(name: str = "c0001", on: str = "2026-03-01", title: str = "Captions that help", **fields) -> Activity:
    return Activity(name, date.fromisoformat(on), title, **fields)


_TEXT = st.text(max_size=40).map(cells.clean)
_WORD = st.text(min_size=1, max_size=20).map(cells.element).filter(bool)
_NAME = _WORD.map(lambda text: text.replace("(", "").replace(")", "").strip()).filter(bool)
_DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1))
_LIST = st.lists(_WORD, max_size=3, unique=True).map(tuple)
_PEOPLE = st.lists(st.builds(With, _NAME, st.just("") | _NAME), max_size=3, unique=True).map(tuple)


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    """Any entry that a file can hold."""
    on = draw(_DAYS)
    return Activity(
        id="",
        on=on,
        title=draw(_TEXT.filter(bool)),
        until=draw(st.none() | _DAYS.filter(lambda day: day >= on)) if draw(st.booleans()) else None,
        type=draw(_TEXT),
        hours=draw(st.none() | st.decimals(0, 9999, places=2).map(cells.plain)),
        provider=draw(_TEXT),
        status=draw(st.sampled_from(file.STATUSES)),
        themes=draw(_LIST),
        criteria=draw(_LIST),
        principles=draw(_LIST),
        people=draw(_PEOPLE),
        evidence=draw(_LIST),
        note=draw(_TEXT),
        reflection=draw(_TEXT),
        reflected=draw(st.none() | _DAYS),
        viewed=draw(st.none() | _DAYS),
        visibility=draw(st.sampled_from(list(Visibility))),
        seen=draw(_LIST),
    )


records = st.lists(activities(), max_size=5)
