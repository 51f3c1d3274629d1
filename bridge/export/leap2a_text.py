"""Harvested HTML as Mahara takes it: pictures and files named by their ids in the same export."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bs4 import Tag
from bs4.dammit import EntitySubstitution
from bs4.formatter import HTMLFormatter

from bridge.export.leap2a_safe import soup
from bridge.export.markdown_addresses import urljoined
from bridge.export.markdown_html import safe_soup
from connectors.mahara.leap2a_parts import Id, curie

OURS = "leap2:has_part"
"""How a picture or link says that it means something in the same file."""


@dataclass(frozen=True)
class Words:
    """
    HTML, the files that it shows or links, and how many pictures had no file and are gone.

    ``pictures`` are the files that it shows, ``linked`` those that it links by their old address, because Mahara turns
    no links into its own there.
    """

    html: str
    files: tuple[Id, ...] = ()
    lost: int = 0
    linked: tuple[Id, ...] = ()
    pictures: tuple[Id, ...] = ()


def words(
    html: str,
    held: Callable[[str], Id],
    elsewhere: Callable[[str], str],
    *,
    links: bool,
    of_mahara: bool = False,
) -> Words:
    """
    Return safe HTML for Mahara.

    Args:
        html: Anything that was harvested.

        held: From an address to the id of the file there; ``""`` where it is none of ours.

        elsewhere: From any other address to the whole one; ``""`` where it leads nowhere.

        links: Whether Mahara turns links to files into its own here: it does in journal entries and notes, and does
            not on pages.

        of_mahara: Whether it was written in Mahara, and may keep what Mahara knows.
    """
    tree = soup(html, of_mahara=of_mahara)
    files: dict[Id, None] = {}
    linked: dict[Id, None] = {}
    pictures: dict[Id, None] = {}
    lost = 0
    for part in tree.find_all(["a", "img"]):
        picture = part.name == "img"
        address = str(part.get("src" if picture else "href") or "").strip()
        ours = held(address) if address else ""
        whole = "" if ours and (picture or links) else elsewhere(address)
        kept = {name: str(value) for name, value in part.attrs.items() if value and name not in {"src", "href"}}
        if ours:
            files[ours] = None
            if picture:
                pictures[ours] = None
            if whole:
                linked[ours] = None
        if ours and not whole:  # `rel` and `href` beside each other, last: a page's pictures are found by just that
            part.attrs = {**({"alt": ""} if picture else {}), **kept, "rel": OURS, "href": curie(ours)}
        elif whole:
            part.attrs = {("src" if picture else "href"): whole, **kept}
        elif picture:
            lost += 1
            part.replace_with(kept.get("alt", ""))
        else:
            part.unwrap()
    for part in tree.find_all(["pre", "code"]):
        part.attrs = {}
    return Words(tree.decode(formatter=_IN_ORDER), tuple(files), lost, tuple(linked), tuple(pictures))


def elsewhere(address: str, base: str = "") -> str:
    """
    Return an address as a whole one that a browser may follow; ``""`` where it leads nowhere.

    That of a file of a Mahara loses all but its number: with ``embedded=1``, the importer would take the number for
    one of this export.
    """
    whole = _OF_A_FILE.sub(r"\1", urljoined(base, address))
    return whole if whole.startswith(("http://", "https://", "mailto:", "tel:")) else ""


_OF_A_FILE = re.compile(r"(?s)(/artefact/file/download\.php\?file=[0-9]+).*")


def lines(html: str) -> str:
    """Return the words of a text where Mahara takes no other: a new line for each, an empty one between paragraphs."""
    tree = safe_soup(html)
    for part in tree.find_all(["br", "li", "tr", *_PARAGRAPHS]):
        part.append("\n\n" if part.name in _PARAGRAPHS else "\n")
    text = "\n".join(" ".join(line.split()) for line in tree.get_text().split("\n"))
    return _GAPS.sub("\n\n", text).strip()


_PARAGRAPHS = ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre")
_GAPS = re.compile(r"\n{3,}")


class _InOrder(HTMLFormatter):
    """Writes attributes in the order in which they were given; by default they come by name."""

    def attributes(self, tag: Tag) -> Iterable[tuple[str, Any]]:
        return tag.attrs.items()


_IN_ORDER = _InOrder(entity_substitution=EntitySubstitution.substitute_xml)
