"""HTML as WordPress keeps it from every account (kses, seen on 6.1): it gives back what was sent. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape

from bs4.element import Comment, NavigableString, PageElement, PreformattedString, Tag

GLOBAL = frozenset({"class", "id", "lang", "dir", "title", "role"})
ARIA = frozenset({"aria-label", "aria-labelledby", "aria-describedby", "aria-hidden"})
_PLAIN_INLINE = """
    abbr b br cite code dfn em i kbd mark s samp small span strong sub sup u var
"""
_PLAIN_BLOCK = """
    address article aside blockquote caption dd details div dl dt figcaption figure footer h2 h3 h4 h5 h6 header hr
    main nav p pre section summary table tbody tfoot thead tr ul
"""
INLINE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_PLAIN_INLINE.split(), frozenset()),
    "a": frozenset({"href", "rel", "target"}),
    "del": frozenset({"datetime"}),
    "img": frozenset({"src", "alt", "width", "height", "loading"}),
    "ins": frozenset({"datetime"}),
    "q": frozenset({"cite"}),
}
BLOCK: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_PLAIN_BLOCK.split(), frozenset()),
    "audio": frozenset({"src", "controls", "preload"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"start", "reversed", "type"}),
    "td": frozenset({"colspan", "rowspan", "headers"}),
    "th": frozenset({"colspan", "rowspan", "scope", "headers"}),
    "video": frozenset({"src", "controls", "preload", "poster", "width", "height"}),
}
KEPT = {**INLINE, **BLOCK}
VOID = frozenset({"br", "hr", "img"})
BARE = frozenset({"controls", "reversed"})
DROPPED = frozenset({"script", "style", "template", "iframe", "object", "noscript"})  # with all that is in them
FOR_THEMES = {"kf-hidden": "screen-reader-text"}  # words for screen readers alone: every theme has a class for them

ZERO_WIDTH_SPACE = "\u200b"
_LONG_WORD = re.compile(r"\S{22,}")  # more than stands on one line of a telephone, in the type of many themes
_MAY_BREAK = re.compile(r"(?<=[._/?&=])(?=\w)")

_SHORTCODE = re.compile(r"\[(?=[/\[]?[A-Za-z_])")
_SPACE = re.compile(r"[ \t\r\n]+")


def markup(node: PageElement) -> str:
    """Return an element with what WordPress keeps of it; of an element that it does not keep, what that holds."""
    if isinstance(node, PreformattedString):  # comments, doctypes
        return ""
    if isinstance(node, NavigableString):
        is_code = node.find_parent(["code", "pre", "kbd", "samp"]) is not None
        return escaped(str(node) if is_code else _LONG_WORD.sub(_breakable, str(node)))
    assert isinstance(node, Tag)
    if node.name in DROPPED:
        return ""
    inside = "".join(markup(child) for child in node.children)
    if node.name not in KEPT:
        return inside
    attributes = "".join(_kept(node))
    if node.name in VOID:
        return f"<{node.name}{attributes} />"
    return f"<{node.name}{attributes}>{inside}</{node.name}>"


def _breakable(word: re.Match[str]) -> str:
    """Let an address or a DOI be broken between its pieces: many themes let it reach out of a narrow window."""
    return _MAY_BREAK.sub(ZERO_WIDTH_SPACE, word[0])


def inline(nodes: Iterable[PageElement]) -> str:
    """Return nodes as one line of rich text."""
    return _SPACE.sub(" ", "".join(markup(node) for node in nodes)).strip(" ")


def attribute(value: object) -> str:
    """Return an attribute's value, escaped; a list of classes in one line."""
    plain = " ".join(value) if isinstance(value, list) else str(value or "")
    return _SHORTCODE.sub("&#091;", escape(plain, quote=False).replace('"', "&quot;"))


def escaped(plain: str) -> str:
    """Return text that WordPress shows as it stands: ``[gallery]`` in somebody's sentence is no instruction."""
    return _SHORTCODE.sub("&#091;", escape(plain, quote=False))


def is_blank(node: PageElement) -> bool:
    """Say whether a node is only white space, or a comment."""
    return isinstance(node, NavigableString) and (isinstance(node, Comment) or not node.strip())


def children(element: Tag, *names: str) -> list[Tag]:
    """Return the element's own children of these names."""
    return [child for child in element.children if isinstance(child, Tag) and child.name in names]


def holds_only(element: Tag, *names: str) -> bool:
    """Say whether an element holds nothing but children of these names."""
    return all(is_blank(child) or (isinstance(child, Tag) and child.name in names) for child in element.children)


def _kept(element: Tag) -> Iterator[str]:
    allowed = GLOBAL | ARIA | KEPT[element.name]
    for name in element.attrs:
        if name in BARE & allowed:
            yield f" {name}"
        elif name == "class":
            own = element.get_attribute_list("class")
            yield f' class="{attribute([FOR_THEMES.get(word, word) for word in own])}"'
        elif name in allowed or name.startswith("data-"):
            yield f' {name}="{attribute(element.get(name))}"'
