"""
An entry that the owner chose as the text of a section: ``narrative: urn:uuid:...`` in the section's file.

The choice opens the entry's text for that section and no further: the section's own ``visibility`` and ``ready`` decide
who reads it. Pictures and links in it are asked for as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape

from bridge.portfolio.framework import Section
from bridge.portfolio.mapping import NEVER_EVIDENCE
from bridge.portfolio.model import Held
from bridge.portfolio.narrative import Narrative, Passage
from bridge.portfolio.ownwords import own_words
from bridge.render import sanitise

_HEADING = re.compile(r"h\d")


def filled(narrative: Narrative, held: Held | None, section: Section) -> Narrative:
    """
    Return the narrative with the text of its chosen entry, split at headings that are named like the section's parts.

    What the file itself says under the same heading comes first. ``lacking`` says why the entry cannot be its text.
    """
    why_not = _why_not(held)
    if held is None or why_not:
        return replace(narrative, lacking=f"the entry that it names as its text {why_not}")
    passages = {passage.id: passage for passage in narrative.passages}
    for part_id, title, html in _parts(own_words(held.entry), section):
        before = passages.get(part_id, Passage(part_id, title, ""))
        passages[part_id] = replace(before, html=f"{before.html}{html}")
    return replace(narrative, passages=tuple(passages.values()))


def _why_not(held: Held | None) -> str:
    if held is None:
        return "is not in the archive"
    if held.deleted:
        return "was deleted at its source"
    if held.entry.status == "trash":
        return "lies in the bin of its site"
    if held.entry.author == "others":
        return "was written by somebody else"
    if held.entry.author == "about-me":
        return "is about you, and not in your own words"
    if held.entry.kind in NEVER_EVIDENCE:
        return f"is a {held.entry.kind}"
    return "" if sanitise.text(own_words(held.entry)) else "has no words"


def _parts(content: str, section: Section) -> Iterator[tuple[str, str, str]]:
    """Yield part id, title and safe HTML, in the text's order; "" before any part's heading."""
    titles = {name.casefold(): part for part in section.parts for name in (part.id, part.title)}
    from bs4 import BeautifulSoup, Tag  # imported here: most portfolios have no text of this kind

    soup = BeautifulSoup(sanitise.prose(content), "html.parser")
    for wrapper in soup.find_all("div"):  # a heading inside of groups and columns is a heading all the same
        wrapper.unwrap()
    part_id, title, html = "", "", ""
    for node in soup.children:
        heading = isinstance(node, Tag) and _HEADING.fullmatch(node.name)
        name = node.get_text(" ", strip=True).rstrip(":").casefold() if heading else ""
        if name not in titles:
            html += node.decode() if isinstance(node, Tag) else escape(str(node))
            continue
        if sanitise.text(html) or "<img" in html:
            yield part_id, title, html.strip()
        part_id, title, html = titles[name].id, titles[name].title, ""
    if sanitise.text(html) or "<img" in html:
        yield part_id, title, html.strip()
