"""
Harvested texts as a page on this computer may show them: nothing runs, nothing is asked of the network.

Pictures come from the archive, links to what is held lead to its page here, other links stay what they were; a picture
that is not held becomes a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from markupsafe import Markup, escape

from bridge.browse.places import Places
from bridge.browse.shelf import Shelf
from bridge.render import markdown, sanitise

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_LINK = re.compile(r'(<a href="([^"]*)"[^>]*>)(.*?)</a>', re.DOTALL)
_EMPTY_HEADING = re.compile(r"<h([1-6])>(?:\s|&nbsp;|<br>)*</h\1>")
_ALT = re.compile(r'\balt="\s*"')
_OWN_PICTURE = re.compile(r"([\"'])keepfolio:")


class Texts:
    """Makes texts safe and local. ``asked`` gathers what each asks of the places, for the next run to compare."""

    def __init__(self, places: Places, shelf: Shelf) -> None:
        self._places = places
        self._shelf = shelf

    def shown(self, html: str, base: str, up: str, level: int, asked: set[str]) -> Markup:
        """
        Return a text under a heading of a level.

        ``base`` is the address that its relative ones are relative to; ``up`` leads from its page to the site's folder.
        """
        if not html.strip():
            return Markup()
        safe = _EMPTY_HEADING.sub("", sanitise.prose(_OWN_PICTURE.sub(r"\1urn:keepfolio:", html)))
        safe = markdown.under(safe, level, pictures=self._pictures(base, up, asked), links=self._links(base, up, asked))
        safe = _LINK.sub(_named, safe).replace("<pre>", '<pre tabindex="0">')
        safe = _TABLE.sub(
            lambda found: f'<div class="b-scroll" role="region" tabindex="0" aria-label="Table">{found[0]}</div>', safe
        )
        return Markup(safe)  # noqa: S704 - sanitised, then changed in safe ways only

    def _pictures(self, base: str, up: str, asked: set[str]) -> Callable[[str], str | None]:
        def picture(address: str) -> str | None:
            digest = self._places.file(_absolute(address, base), asked)
            href = self._shelf.picture(digest) if digest else ""
            return f"{up}{href}" if href else None

        return picture

    def _links(self, base: str, up: str, asked: set[str]) -> Callable[[str], str | None]:
        def link(address: str) -> str | None:
            whole = _absolute(address, base)
            if not whole:
                return None
            if page := self._places.page(whole, asked):
                return f"{up}{page}"
            digest = self._places.file(whole, asked)
            if href := self._shelf.link(digest) if digest else "":
                return f"{up}{href}"
            return whole if whole.startswith(("http://", "https://", "mailto:")) else None

        return link


def plain_text(html: str) -> str:
    """Return the words of some harvested HTML."""
    return sanitise.text(html) if html else ""


def web_address(address: str) -> str:
    """Return an address if it is one of the web, else ``""``: nothing else from outside becomes a link."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in {"http", "https"} and parts.hostname else ""


def _absolute(address: str, base: str) -> str:
    """Return an address in full; ``""`` for one that leads to its own page, or is relative to nobody knows what."""
    if address.startswith("urn:keepfolio:"):
        return address.removeprefix("urn:")
    if address.startswith(("http://", "https://", "mailto:", "urn:")):
        return address
    if not address or address.startswith("#") or not web_address(base):
        return ""
    try:
        return web_address(urljoin(base, address))
    except ValueError:
        return ""


def _named(found: re.Match[str]) -> str:
    """Give a link without words a name: a screen reader must have something to say."""
    if sanitise.text(found[3]):
        return found[0]
    if "<img" in found[3]:
        return f"{found[1]}{_ALT.sub('alt=' + chr(34) + 'Picture' + chr(34), found[3])}</a>"
    return f"{found[1]}{escape(Markup(found[2]).unescape())}</a>"  # noqa: S704 - unescaped, then escaped again
