"""
The reference list: where the page's own texts lead to, each place once, in the order in which it is first named.

What is listed are links and DOIs in the texts of the sections and in the lines on why something is evidence. Places of
the owner's own, and evidence, have their lists already. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from bridge.portfolio.editions import Edition
from bridge.portfolio.making import MakePanel
from bridge.portfolio.model import PageSection, Panel
from bridge.render import markdown, sanitise

if TYPE_CHECKING:
    from archive.entry import Visibility
    from bridge.building import Desk

FEWEST = 3
"""With fewer the list would only repeat what the eye has just seen."""

_LINK = re.compile(r"<a\b(?P<attributes>[^>]*)>(?P<words>.*?)</a>", re.DOTALL)
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]+[^\s\"<>.,;:)\]’”]")
_DOI_HOSTS = ("doi.org", "dx.doi.org")
_ADDRESS = re.compile(r"^(?:https?://|www\.|doi:|10\.\d{4,9}/)\S+$", re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    """A place that a text leads to. ``doi`` is "" for one without."""

    words: str
    address: str
    doi: str = ""


def panels(_desk: Desk, _edition: Visibility) -> Iterator[MakePanel]:
    """Yield the panel of references (see ``bridge.composing``)."""
    yield panel


def panel(sections: Sequence[PageSection], shelf: Edition) -> Panel | None:
    """Return the reference list of a page; None where its texts lead to only a few places outside."""
    own = (held.entry for held in shelf.entries.values() if held.entry.url and held.entry.author != "others")
    return listed(references(sections, shelf.own_hosts, {_place(entry.url) for entry in own}))


def listed(found: Sequence[Reference]) -> Panel | None:
    """Return references as a panel; None for only a few."""
    if len(found) < FEWEST:
        return None
    lines = Markup("\n").join(map(_line, found))
    listed = Markup('<ol class="kf-references">\n{}\n</ol>').format(lines)
    return Panel("references", "References", listed, place="after")


def references(
    sections: Sequence[PageSection], own_hosts: Container[str] = (), own: Container[str] = ()
) -> tuple[Reference, ...]:
    """Return what the texts of sections refer to outside of the owner's own hosts and addresses."""
    found: dict[str, Reference] = {}
    for reference in _named(sections):
        host = urlsplit(reference.address).hostname or ""
        key = reference.doi.lower() or _place(reference.address)
        if not host or host in own_hosts or key in own:
            continue
        if key not in found or (reference.words and not found[key].words):
            found[key] = reference
    return tuple(found.values())


def _place(address: str) -> str:
    """Return an address as it is compared: without the place on the page that it leads to."""
    return address.partition("#")[0].rstrip("/")


def _named(sections: Sequence[PageSection]) -> Iterator[Reference]:
    for section in sections:
        for part in section.parts:
            yield from _in_html(part.html)
        for item in section.evidence:
            yield from _in_words(item.why)


def _in_html(html: str) -> Iterator[Reference]:
    """Links and DOIs as they come; a DOI inside of a link is the link's."""
    done = 0
    for link in _LINK.finditer(html):
        yield from _in_words(sanitise.text(html[done : link.start()]))
        address = markdown.attribute(link["attributes"], "href")
        if address.startswith(("http://", "https://")):
            yield _reference(sanitise.text(link["words"]), address)
        done = link.end()
    yield from _in_words(sanitise.text(html[done:]))


def _in_words(words: str) -> Iterator[Reference]:
    for doi in _DOI.findall(unescape(words)):
        yield Reference("", f"https://doi.org/{doi}", doi)


def _reference(words: str, address: str) -> Reference:
    parts = urlsplit(address)
    doi = unquote(parts.path.lstrip("/")) if parts.hostname in _DOI_HOSTS else ""
    return Reference("" if _ADDRESS.match(words) else words, address, doi if _DOI.fullmatch(doi) else "")


def _line(reference: Reference) -> Markup:
    if reference.doi:
        shown = Markup('<a href="{}">doi:{}</a>').format(reference.address, reference.doi)
        return Markup("<li>{}{}</li>").format(f"{reference.words}, " if reference.words else "", shown)
    parts = urlsplit(reference.address)
    place = f"{parts.hostname or ''}{parts.path.rstrip('/')}"
    if not reference.words:
        return Markup('<li><a href="{}">{}</a></li>').format(reference.address, place)
    host = Markup('<span class="kf-host">{}</span>').format(parts.hostname)
    return Markup('<li><a href="{}">{}</a>, {}</li>').format(reference.address, reference.words, host)
