"""The owner's Markdown as safe HTML under a heading of a given level."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html import escape, unescape

from markdown_it import MarkdownIt

from bridge.render import sanitise

Resolve = Callable[[str], str | None]
"""
From an address in a text to the one that the page may show.

None where nothing is known of it: a picture elsewhere becomes a link. ``""`` for what this page must not name.
"""


def render(markdown: str, level: int, *, pictures: Resolve | None = None, links: Resolve | None = None) -> str:
    """
    Return safe HTML. HTML inside the Markdown is shown as text.

    Two things that Markdown has no sign for: a paragraph ``Table: words`` before or after a table is its caption, and a
    last line of a quotation that begins with a dash is its source.

    Args:
        markdown: The owner's text.

        level: The level of the heading above the text. The text's own headings begin one below it, skip no level and
            end at 6, whatever their number of ``#``.

        pictures: A picture whose address it resolves stays; any other becomes a link, for a page loads nothing from
            elsewhere, or is left out when its address is not one of the web, or not to be named.

        links: What links are resolved with; a link without an answer loses its address and keeps its words.
    """
    parser = _parser()
    tokens = parser.parse(markdown)
    safe = sanitise.prose(parser.renderer.render(tokens, parser.options, {}))
    safe = _CAPTIONED.sub(_with_caption, _SOURCE.sub(_with_source, safe))
    return under(safe, level, pictures=pictures, links=links)


def under(html: str, level: int, *, pictures: Resolve | None = None, links: Resolve | None = None) -> str:
    """Do the same for HTML that ``sanitise.prose`` made safe, such as the text of a harvested post."""
    return _outline(resolve(html, pictures=pictures, links=links), level).strip()


def resolve(html: str, *, pictures: Resolve | None = None, links: Resolve | None = None) -> str:
    """Ask anew for the pictures and links of safe HTML, and leave the rest as it is."""
    html = _LINKED.sub(lambda found: _linked_picture(found, pictures), html)
    html = _IMAGE.sub(lambda found: _picture(found, pictures), html)
    if links is not None:
        html = _LINK.sub(lambda found: _link(found, links), html)
    return _EMPTY.sub("", html)


def pictures_in(html: str) -> list[str]:
    """Return the addresses of the pictures in safe HTML, in its order."""
    return [attribute(found[1], "src") for found in _IMAGE.finditer(html)]


_IMAGE = re.compile(r"<img\b([^>]*)>")
_LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
_LINKED = re.compile(r"<a\b(?P<link>[^>]*)>\s*<img\b(?P<image>[^>]*)>\s*</a>")
_PICTURE_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|avif)$", re.IGNORECASE)
_HEADING = re.compile(r"<(/?)h([1-6])>")
_EMPTY = re.compile(r"<(h[1-6])>(?:\s|&nbsp;|<br>|</?(?:strong|em|b|i)>)*</\1>|<a\b[^>]*>(?:\s|&nbsp;)*</a>")
"""Headings and links without words, which harvested pages are full of: nobody sees them, a screen reader says them."""
_CAPTIONED = re.compile(
    r"<p>Table: (?P<before>[^\n]*)</p>\s*<table>|"
    r"<table>(?P<rows>(?:(?!<table>).)*?)</table>\s*<p>Table: (?P<after>[^\n]*)</p>",
    re.DOTALL,
)
_SOURCE = re.compile(r"(?P<alone><p>|\n)(?P<words>(?:—|–|--) ?(?!<p>)[^\n]+)</p>\s*</blockquote>")


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def attribute(attributes: str, name: str) -> str:
    """Return the value of an attribute in what nh3 wrote, as it was meant."""
    found = re.search(rf'\b{name}="([^"]*)"', attributes)
    return unescape(found[1]) if found else ""


def _with_caption(found: re.Match[str]) -> str:
    if found["before"] is not None:
        return f"<table><caption>{found['before']}</caption>"
    return f"<table><caption>{found['after']}</caption>{found['rows']}</table>"


def _with_source(found: re.Match[str]) -> str:
    ends = "" if found["alone"] == "<p>" else "</p>\n"
    return f"{ends}<cite>{found['words']}</cite>\n</blockquote>"


def _linked_picture(found: re.Match[str], pictures: Resolve | None) -> str:
    """A link around a picture to its own large file goes: the page brings a copy. One to elsewhere stays."""
    if _PICTURE_FILE.search(attribute(found["link"], "href").partition("?")[0]):
        return f"<img{found['image']}>"
    shown = pictures(attribute(found["image"], "src")) if pictures else None
    if shown is not None:
        return found[0] if shown else ""
    return f"<a{found['link']}>{escape(attribute(found['image'], 'alt')) or 'Picture'}</a>"


def _picture(found: re.Match[str], pictures: Resolve | None) -> str:
    address, alt = attribute(found[1], "src"), attribute(found[1], "alt")
    shown = pictures(address) if pictures else None
    if shown == "":
        return ""
    if shown is not None:
        title = attribute(found[1], "title")
        return f'<img src="{escape(shown)}" alt="{escape(alt)}" title="{escape(title)}">'
    if address.startswith(("http://", "https://")):
        return f'<a href="{escape(address)}">{escape(alt) or "Picture"}</a>'
    return ""


def _link(found: re.Match[str], links: Resolve) -> str:
    address = links(attribute(found[1], "href"))
    return f'<a href="{escape(address)}">{found[2]}</a>' if address else found[2]


def _outline(html: str, level: int) -> str:
    """Number headings by their depth in the outline: h1 then h3 is one step down, not two."""
    given: list[int] = []

    def step(found: re.Match[str]) -> str:
        here = int(found[2])
        if not found[1]:
            while given and given[-1] >= here:
                given.pop()
            given.append(here)
        return f"<{found[1]}h{min(level + len(given), 6)}>"

    return _HEADING.sub(step, html)
