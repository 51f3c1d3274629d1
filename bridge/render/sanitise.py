"""
The one policy for HTML that goes out: what a page may hold, whoever wrote it.

Two widths of the same policy: ``prose`` for text (the owner's Markdown, harvested HTML), ``page`` for a whole fragment
that keepfolio's own templates made of it. Nothing executes, nothing is styled inline, nothing loads by itself.
"""

from __future__ import annotations

import re
from html import unescape

import nh3

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = {"p", "ul", "ol", "li", "blockquote", "pre", "hr", "br", "div", "figure", "figcaption"}
_TABLES = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
_WORDS = {"a", "abbr", "b", "cite", "code", "del", "em", "i", "img", "ins", "kbd", "q", "s", "strong", "sub", "sup"}
_PROSE_TAGS = _HEADINGS | _BLOCKS | _TABLES | _WORDS
_DRAWING_TAGS = {"svg", "title", "desc", "rect", "path", "text"}
_PAGE_TAGS = (_PROSE_TAGS | {"section", "nav", "span"}) - {"h1"}  # the page around the fragment has the one h1
_DROPPED_WITH_CONTENT = {"script", "style", "iframe", "object", "embed", "template", "noscript", "form", "svg", "math"}
_PROSE_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "abbr": {"title"},
}
_PAGE_ATTRIBUTES = {
    "*": {"id", "class", "lang", "dir"},
    **_PROSE_ATTRIBUTES,
    "a": {"href", "title", "data-originalurl", "aria-describedby"},
    "section": {"aria-labelledby"},
    "nav": {"aria-label"},
    "div": {"role", "tabindex", "aria-labelledby", "aria-label"},
    "ul": {"role"},
}
_LOOK = {"class", "fill", "fill-opacity", "stroke", "stroke-opacity"}
_DRAWING_ATTRIBUTES = {
    "svg": {"class", "role", "viewBox", "width", "height", "xmlns", "font-family"},
    "rect": {*_LOOK, "x", "y", "width", "height", "rx"},
    "path": {*_LOOK, "d"},
    "text": {*_LOOK, "x", "y", "font-size", "font-weight", "text-anchor"},
}
_SCHEMES = {"http", "https", "mailto"}
_ENDS = re.compile(
    r"</?(?:p|li|h[1-6]|div|td|th|tr|br|hr|blockquote|figcaption|caption|pre|section|nav|dd|dt)\b", re.IGNORECASE
)


def encodable(text: str) -> str:
    """Return a text without halves of surrogate pairs, which some sites hold and UTF-8 cannot: ``?`` in their place."""
    return text.encode("utf-8", "replace").decode()


def prose(html: str) -> str:
    """Return text as safe HTML without ids, classes or attributes of behaviour. Relative addresses stay."""
    safe = nh3.clean(
        encodable(html),
        tags=_PROSE_TAGS | {"footer"},
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_PROSE_ATTRIBUTES,
        url_schemes=_SCHEMES | {"urn"},  # an entry's id: a picture or link that the page resolves
        link_rel=None,
    )
    return _ANY_FOOTER.sub("", _FOOTER_OF_QUOTE.sub(_as_citation, safe))


_FOOTER_OF_QUOTE = re.compile(r"<footer>((?:(?!</?footer>).)*)</footer>(?=\s*</blockquote>)", re.DOTALL)
_ANY_FOOTER = re.compile(r"</?footer>")


def _as_citation(found: re.Match[str]) -> str:
    """Many themes put the source of a quotation into its footer; elsewhere a footer would be one of the whole page."""
    return f"<cite>{re.sub(r'</?(?:p|div|cite)>', ' ', found[1]).strip()}</cite>"


def page(html: str) -> str:
    """Return a fragment made by our templates as safe HTML; uploads are named ``keepfolio:NAME`` in it."""
    return nh3.clean(
        encodable(html),
        tags=_PAGE_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_PAGE_ATTRIBUTES,
        url_schemes=_SCHEMES | {"keepfolio"},
        link_rel=None,
    )


def drawing(svg: str) -> str:
    """Return a drawing (``render.drawings``) with nothing in it but shapes and words."""
    return nh3.clean(
        encodable(svg),
        tags=_DRAWING_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT - {"svg"},
        attributes=_DRAWING_ATTRIBUTES,
        link_rel=None,
    )


def text(html: str) -> str:
    """Return the words of some HTML, with a space where a block or a line ends."""
    spaced = _ENDS.sub(r" \g<0>", encodable(html))
    return " ".join(unescape(nh3.clean(spaced, tags=set(), clean_content_tags=_DROPPED_WITH_CONTENT)).split())
