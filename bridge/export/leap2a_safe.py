"""Harvested HTML without anything that runs, as much of it as Mahara lets stand."""

from __future__ import annotations

import nh3
from bs4 import BeautifulSoup

from bridge.export.markdown_html import BLOCKS, TABLES, safe_soup
from bridge.render import sanitise

_WORDS = {
    "a", "abbr", "b", "big", "br", "cite", "code", "del", "em", "i", "iframe", "img", "ins", "kbd", "q", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var",
}  # fmt: skip
_EMBEDS = {"audio", "embed", "object", "source", "video"}
_ATTRIBUTES = {
    "*": {"style", "dir", "lang", "title"},
    "a": {"href"},
    "audio": {"src"},
    "col": {"span", "width"},
    "embed": {"src"},
    "iframe": {"src", "width", "height"},
    "img": {"src", "alt", "width", "height"},
    "object": {"data"},
    "ol": {"start"},
    "source": {"src"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "video": {"src"},
}
_STYLES = {
    "background-color", "border", "border-collapse", "clear", "color", "float", "font-family", "font-size",
    "font-style", "font-weight", "height", "line-height", "list-style-type", "margin", "margin-bottom", "margin-left",
    "margin-right", "margin-top", "padding", "padding-left", "text-align", "text-decoration", "vertical-align",
    "width",
}  # fmt: skip


def soup(html: str, *, of_mahara: bool) -> BeautifulSoup:
    """
    Return HTML as a tree that may be changed.

    A text that was written in Mahara keeps its sizes, colours and frames, which Mahara itself goes through again; of
    others remain words, lists, tables and pictures, with links where frames were.
    """
    if not of_mahara:
        return safe_soup(html)
    safe = nh3.clean(
        sanitise.encodable(html),
        tags=BLOCKS | TABLES | _WORDS | _EMBEDS | {"col", "colgroup"},
        clean_content_tags={"script", "style", "template", "noscript"},
        attributes=_ATTRIBUTES,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "tel", "data"},
        link_rel=None,
    )
    tree = BeautifulSoup(safe, "html.parser")
    for part in tree.find_all(list(_EMBEDS - {"source"})):
        inner = part.find("source")
        address = str(part.get("src") or part.get("data") or (inner.get("src") if inner else "") or "")
        link = tree.new_tag("a", href=address)
        link.string = address
        part.replace_with(link if address else part.get_text())
    for frame in tree.find_all("iframe"):
        if not str(frame.get("src") or "").startswith(("https://", "http://", "//")):
            frame.decompose()
    return tree
