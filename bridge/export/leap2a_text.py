"""Harvested HTML as Mahara takes it: pictures and files named by their ids in the same export."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bs4 import Tag
from bs4.dammit import EntitySubstitution
from bs4.formatter import HTMLFormatter

from bridge.export.markdown_html import safe_soup
from connectors.mahara.leap2a_parts import Id, curie

OURS = "leap2:has_part"
"""How a picture or link says that it means something in the same file."""


@dataclass(frozen=True)
class Words:
    """HTML, the files that it shows or links, and how many pictures had no file and are gone."""

    html: str
    files: tuple[Id, ...]
    lost: int


def words(html: str, held: Callable[[str], Id], elsewhere: Callable[[str], str], *, links: bool) -> Words:
    """
    Return safe HTML for Mahara.

    Args:
        html: Anything that was harvested.

        held: From an address to the id of the file there; ``""`` where it is none of ours.

        elsewhere: From any other address to the whole one; ``""`` where it leads nowhere.

        links: Whether Mahara turns links to files into its own here: it does in journal entries and notes, and does
            not on pages.
    """
    soup = safe_soup(html)
    files: dict[Id, None] = {}
    lost = 0
    for part in soup.find_all(["a", "img"]):
        picture = part.name == "img"
        address = str(part.get("src" if picture else "href") or "").strip()
        ours = held(address) if address else ""
        whole = "" if ours and (picture or links) else elsewhere(address)
        words_of = {name: str(part[name]) for name in ("alt", "title") if part.get(name) and (picture or name != "alt")}
        if ours:
            files[ours] = None
        if ours and not whole:  # `rel` and `href` beside each other, last: a page's pictures are found by just that
            part.attrs = {**({"alt": words_of.get("alt", "")} if picture else {}), "rel": OURS, "href": curie(ours)}
        elif whole:
            part.attrs = {("src" if picture else "href"): whole, **words_of}
        elif picture:
            lost += 1
            part.replace_with(words_of.get("alt", ""))
        else:
            part.unwrap()
    for part in soup.find_all(["pre", "code"]):
        part.attrs = {}
    return Words(soup.decode(formatter=_IN_ORDER), tuple(files), lost)


class _InOrder(HTMLFormatter):
    """Writes attributes in the order in which they were given; by default they come by name."""

    def attributes(self, tag: Tag) -> Iterable[tuple[str, Any]]:
        return tag.attrs.items()


_IN_ORDER = _InOrder(entity_substitution=EntitySubstitution.substitute_xml)
