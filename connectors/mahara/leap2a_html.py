"""
Texts of a Leap2A file, in whatever shape they were written, as trees; and trees as HTML.

The HTML is written here and not by lxml: a text must come out the same with every version of it, for a changed letter
would be a new version of an entry that nobody changed.
"""

from __future__ import annotations

import html
import re
from typing import TypeAlias

from lxml import etree

Tree: TypeAlias = etree._Element  # noqa: SLF001 - the only name that lxml has for its type
"""An element ``div`` around a text; its elements have plain HTML names."""

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_VERBATIM = frozenset({"script", "style"})
_NAME = re.compile(r"[A-Za-z_][\w:.-]*\Z")  # of an element or attribute; the HTML of others has stranger ones
_LOOKS_LIKE_HTML = re.compile(
    r"</(?:p|div|span|h[1-6]|ul|ol|li|table|a|strong|em|b|i|u|blockquote|pre|code)\s*>|<(?:br|hr|img)\b[^<]*>",
    re.IGNORECASE,
)


def empty() -> Tree:
    """Return a text without words."""
    return etree.Element("div")


def from_xhtml(element: etree._Element) -> Tree:
    """
    Return what stands in an Atom text of type ``xhtml``, without the ``div`` that Atom asks for.

    Mahara puts a second one inside it, which is no part of the text either.
    """
    holder = next(iter(element), None)
    if holder is None:
        tree = empty()
        tree.text = element.text
        return tree
    inner = next(iter(holder), None)
    alone = (
        inner is not None and len(holder) == 1 and not (holder.text or "").strip() and not (inner.tail or "").strip()
    )
    if alone and inner is not None and _local(inner) == "div" and not inner.attrib:
        holder = inner
    holder.tail = None
    for part in holder.iter(etree.Element):
        _plain_names(part)
    return holder


def from_html(text: str) -> Tree:
    """Return HTML that stood in the file as text."""
    if not text.strip():
        return empty()
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    whole = etree.fromstring(f"<html><body>{text}</body></html>".encode("utf-8", "replace"), parser)
    tree = empty()
    add_text(tree, whole.text)
    for part in list(whole):
        if part.tag in {"head", "body"}:
            append(tree, part)
            add_text(tree, part.tail)  # an end of the body in the middle is none to a person
        else:
            tree.append(part)
    return tree


def from_plain(text: str) -> Tree:
    """Return words without markup: a paragraph where a line is empty, a new line where there is one."""
    tree = empty()
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n").strip()):
        lines = [line.strip() for line in paragraph.strip().split("\n")]
        if any(lines):
            made = etree.SubElement(tree, "p")
            made.text = lines[0]
            for line in lines[1:]:
                etree.SubElement(made, "br").tail = line
    return tree


def from_untyped(text: str) -> Tree:
    """Return what may be either: HTML where it has elements of it, words otherwise."""
    return from_html(text) if _LOOKS_LIKE_HTML.search(text) else from_plain(html.unescape(text))


def add_text(element: etree._Element, text: str | None) -> None:
    """Put words at the end of an element."""
    if not text:
        return
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def append(tree: Tree, text: etree._Element) -> None:
    """Put what is in a text at the end of another. Uses it up."""
    add_text(tree, text.text)
    tree.extend(list(text))


def words(tree: etree._Element) -> str:
    """Return the words of a text, on one line."""
    return " ".join(inner(tree).split())


def inner(element: etree._Element) -> str:
    """Return all text in an element as it stands."""
    return "".join(map(str, element.itertext()))


def attributes(element: etree._Element) -> list[tuple[str, str]]:
    """Return the attributes of an element in their order."""
    return [(str(name), str(value)) for name, value in element.attrib.items()]


def drop(element: etree._Element) -> None:
    """Take an element out of its tree, and leave the words after it."""
    parent = element.getparent()
    if parent is None:
        return
    _add_before(parent, element.getprevious(), element.tail)
    parent.remove(element)


def unwrap(element: etree._Element) -> None:
    """Take an element away and leave what is in it."""
    parent = element.getparent()
    if parent is None:
        return
    _add_before(parent, element.getprevious(), element.text)
    for child in list(element):
        element.addprevious(child)
    _add_before(parent, element.getprevious(), element.tail)
    element.tail = None
    parent.remove(element)


def _add_before(parent: etree._Element, before: etree._Element | None, text: str | None) -> None:
    """Put words after an element, or at the beginning of what it would stand in."""
    if text and before is not None:
        before.tail = (before.tail or "") + text
    elif text:
        parent.text = (parent.text or "") + text


def written(tree: Tree) -> str:
    """Return what is in a tree as HTML."""
    out: list[str] = []
    _write_text(tree, out)
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        name = str(element.tag)
        if element is tree:
            continue
        if event == "start":
            out.append(f"<{name}{_attributes(element)}>" if _NAME.match(name) else "")
            _write_text(element, out)
        else:
            out.append(f"</{name}>" if _NAME.match(name) and name not in _VOID else "")
            out.append(_escaped(element.tail))
    return "".join(out).strip()


def _write_text(element: etree._Element, out: list[str]) -> None:
    text = element.text or ""
    out.append(text if element.tag in _VERBATIM and "</" not in text else _escaped(text))


def _escaped(text: str | None) -> str:
    return html.escape(text or "", quote=False).replace("\xa0", "&nbsp;")


def _attributes(element: etree._Element) -> str:
    return "".join(f' {name}="{html.escape(value)}"' for name, value in attributes(element) if _NAME.match(name))


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _plain_names(element: etree._Element) -> None:
    """Take the namespaces off an element and its attributes; ``xml:lang`` is ``lang``."""
    element.tag = _local(element)
    for name, value in attributes(element):
        if name.startswith("{"):
            del element.attrib[name]
            local = etree.QName(name).localname
            if local == "lang" and "lang" not in element.attrib:
                element.set("lang", value)
