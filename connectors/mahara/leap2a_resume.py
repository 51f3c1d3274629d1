"""Résumé and profile of a Leap2A file as texts that a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from archive.entry import Json
from connectors.mahara import leap2a_html
from connectors.mahara.leap2a_html import Tree
from connectors.mahara.leap2a_items import Date, Field, Item
from connectors.mahara.leap2a_survey import Row


def section(item: Item, rows: Mapping[str, Row], parts: Mapping[str, Sequence[Item]]) -> tuple[Tree, Json]:
    """Return a section as a list of its rows, in the order that the owner gave them."""
    named = item.to("has_part")
    order = {link.to: link.order for link in item.links if link.rel == "has_part"}
    held = sorted((name for name in named if name in rows), key=lambda name: order[name] or rows[name].order)
    tree = item.content
    if held:
        listed = etree.SubElement(tree, "ul")
        for name in held:
            row = rows[name]
            said = [row.title, *_said(parts.get(name, ())), when(row.dates)]
            etree.SubElement(listed, "li").text = ", ".join(dict.fromkeys(filter(None, said)))
    return tree, {"rows": list(held)} if held else {}


def row(item: Item, parts: Sequence[Item]) -> tuple[Tree, Json]:
    """Return a row: who and what it was with, when, and what the owner wrote of it."""
    lines = list(dict.fromkeys(filter(None, [*_said(parts), item.role, when(item.dates)])))
    tree = leap2a_html.empty()
    if lines:
        first = etree.SubElement(tree, "p")
        first.text = lines[0]
        for line in lines[1:]:
            etree.SubElement(first, "br").tail = line
    leap2a_html.append(tree, item.content)
    extra: Json = {}
    for part in parts:
        extra[_PART_NAMES.get(part.leap, part.leap or "part")] = part.title
    return tree, extra


def profile(item: Item) -> tuple[Tree, Json]:
    """Return what a person says of herself, and the fields of her profile."""
    tree = item.content
    told: Json = {}
    if item.person:
        listed = etree.SubElement(tree, "ul")
        for field in item.person:
            value = leap2a_html.from_html(field.value)
            line = etree.SubElement(listed, "li")
            etree.SubElement(line, "strong").text = f"{field.label}:"
            line[0].tail = " " + (value.text or "").strip()
            line.extend(list(value))
        told["persondata"] = [_told(field) for field in item.person]
    return tree, told


def _told(field: Field) -> Json:
    said: Json = {"type": field.type, "label": field.label, "service": field.service}
    value = leap2a_html.from_html(field.value)
    for line in value.iter("br"):
        line.tail = f"\n{line.tail or ''}"
    said["value"] = "\n".join(filter(None, (" ".join(part.split()) for part in leap2a_html.inner(value).split("\n"))))
    return {name: value for name, value in said.items() if value}


def when(dates: Sequence[Date]) -> str:
    """Return the dates of a row as the owner wrote them: free text, such as ``Sept 2008 – July 2011``."""
    said = {date.point: date.label or date.text for date in dates}
    start, end = said.get("start", ""), said.get("end", "")
    return f"{start} – {end}" if start and end else start or end


_PART_NAMES = {"organization": "organisation", "achievement": "qualification"}


def _said(parts: Sequence[Item]) -> list[str]:
    said: list[str] = []
    for part in parts:
        said += [part.title, leap2a_html.words(part.content)]
    return said
