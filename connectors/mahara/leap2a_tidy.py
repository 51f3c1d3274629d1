"""What is left of a drawn page when its chrome is gone -> plain HTML: no boxes, no style, no loose words."""

from __future__ import annotations

import re

from lxml import etree

from connectors.mahara import leap2a_html
from connectors.mahara.leap2a_html import Tree

_KEPT = frozenset({
    "href", "src", "alt", "title", "width", "height", "colspan", "rowspan", "scope", "start", "lang", "dir", "cite",
    "datetime", "rel", "controls", "poster", "data", "type",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_BOXES = frozenset({"div", "section", "article"})
_STAYS_EMPTY = frozenset({
    "br", "hr", "img", "td", "th", "iframe", "audio", "video", "source", "embed", "object", "col", "param", "track",
})  # fmt: skip


def tidy(tree: Tree) -> Tree:
    """Return a text without boxes and style, every word at its top in a paragraph. Uses the tree up."""
    preformatted = {inside for pre in tree.iter("pre") for inside in pre.iter(etree.Element)}
    for element in tree.iterdescendants(etree.Element):
        for name in list(element.attrib):
            if name not in _KEPT or not (element.get(name) or name == "alt"):
                del element.attrib[name]
    for element in reversed(list(tree.iterdescendants(etree.Element))):
        if element not in preformatted:
            _without_box(element)
    for element in [tree, *tree.iterdescendants(etree.Element)]:
        if element not in preformatted:
            element.text = _spaced(element.text)
        if element is not tree and element.getparent() not in preformatted:
            element.tail = _spaced(element.tail)
    for element in [tree, *tree.iterdescendants(*_BLOCKS)]:
        if element not in preformatted:
            _trim(element)
    for element in reversed(list(tree.iterdescendants(etree.Element))):  # a line break alone was no content
        if element not in preformatted and _is_empty(element):
            leap2a_html.drop(element)
    return _in_paragraphs(tree)


def _spaced(text: str | None) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _is_empty(element: etree._Element) -> bool:
    return not len(element) and not (element.text or "").strip() and element.tag not in _STAYS_EMPTY


def _without_box(element: etree._Element) -> None:
    if _is_empty(element):
        leap2a_html.drop(element)
    elif element.tag in {"span", "font"}:
        leap2a_html.unwrap(element)
    elif element.tag in _BOXES:
        if not any(child.tag in _BLOCKS for child in element):
            element.tag = "p"
            return
        for part in _loose(element):
            _wrap(element, part)
        leap2a_html.unwrap(element)


def _loose(tree: etree._Element) -> list[tuple[etree._Element | None, list[etree._Element]]]:
    """Return runs of words and inline elements between blocks: the element before each run, and the elements in it."""
    runs: list[tuple[etree._Element | None, list[etree._Element]]] = [(None, [])]
    for child in tree:
        if child.tag in _BLOCKS:
            runs.append((child, []))
        else:
            runs[-1][1].append(child)
    return runs


def _wrap(tree: etree._Element, run: tuple[etree._Element | None, list[etree._Element]]) -> None:
    """Put a run into a paragraph; one without words and pictures stays as it is."""
    before, inside = run
    text = (tree.text if before is None else before.tail) or ""
    if (
        not text.strip()
        and not any(not _is_empty(e) and e.tag != "br" for e in inside)
        and not any((e.tail or "").strip() for e in inside)
    ):
        return
    made = etree.Element("p")
    made.text = text
    if before is None:
        tree.text = None
        tree.insert(0, made)
    else:
        before.tail = None
        before.addnext(made)
    made.extend(inside)


def _in_paragraphs(tree: Tree) -> Tree:
    for run in _loose(tree):
        _wrap(tree, run)
    for line in list(tree.iterchildren("br")):
        leap2a_html.drop(line)
    for paragraph in tree.iterchildren("p"):
        _trim(paragraph)
    for element in tree.iterchildren(etree.Element):
        element.tail = None if element.tag in _BLOCKS else element.tail
    return tree


def _trim(element: etree._Element) -> None:
    """Take off the spaces at the ends of a block and around blocks in it, and a line that ends where the block does."""
    while len(element) and element[-1].tag == "br" and not (element[-1].tail or "").strip():
        leap2a_html.drop(element[-1])
    element.text = (element.text or "").lstrip(" ")
    if len(element):
        element[-1].tail = (element[-1].tail or "").rstrip(" ")
    else:
        element.text = element.text.rstrip(" ")
    for child in element:
        if child.tag in _BLOCKS:
            child.tail = (child.tail or "").lstrip(" ")
            before = child.getprevious()
            if before is not None:
                before.tail = (before.tail or "").rstrip(" ")
            else:
                element.text = (element.text or "").rstrip(" ")
