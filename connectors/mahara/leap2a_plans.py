"""
What a person set beside a text, in words: the days of a task, the tasks of a plan.

It stands in the text because only that makes a new version of an entry. What the owner wrote herself is kept apart as
``description_html`` wherever words of ours stand below it, so that it can go back to a Mahara as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from lxml import etree

from archive.entry import Json
from connectors.mahara import leap2a_html
from connectors.mahara.leap2a_addresses import number_of
from connectors.mahara.leap2a_html import Tree
from connectors.mahara.leap2a_items import Item
from connectors.mahara.leap2a_resume import when
from connectors.mahara.leap2a_survey import Row


def dated(text: Tree, item: Item) -> tuple[Tree, Json]:
    """Return a text with what its entry says of days, and of the person's part in it, in paragraphs below."""
    due = due_on(item)
    lines = [item.role, when([day for day in item.dates if day.point != "target"]), f"Due: {_day(due)}" if due else ""]
    added = [line for line in lines if line]
    extra: Json = {"description_html": leap2a_html.written(text)} if added else {}
    for line in added:
        etree.SubElement(text, "p").text = line
    return text, extra


def plan(text: Tree, item: Item, rows: Mapping[str, Row]) -> tuple[Tree, Json]:
    """
    Return what a plan says, and its tasks in the order of their days.

    Mahara shows them so; in the file they stand in the order in which its database happened to give them.
    """
    extra: Json = {"description_html": leap2a_html.written(text)}
    tasks = sorted(item.to("has_part"), key=lambda name: _place(name, rows))
    known = [rows[name].title for name in tasks if name in rows]
    if known:
        listed = etree.SubElement(text, "ol")
        for title in known:
            etree.SubElement(listed, "li").text = title
    return text, {**extra, "tasks": [*tasks]} if tasks else {}


def due_on(thing: Item | Row) -> str:
    """Return the day by which something is to be done, as the export says it; ``""`` for none."""
    return next((day.text or day.label for day in thing.dates if day.point == "target"), "")


def _place(name: str, rows: Mapping[str, Row]) -> tuple[bool, str, str]:
    due = due_on(rows[name]) if name in rows else ""
    return not due, due, number_of(name).zfill(20)


def _day(text: str) -> str:
    """Return a day as a person writes it; whatever else stands there as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {day:%B %Y}"
