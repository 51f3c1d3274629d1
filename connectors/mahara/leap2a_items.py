"""What an entry of a Leap2A file says, as values, whichever namespaces it is written in."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree

from archive.entry import Json, JsonValue
from connectors.mahara import leap2a_html
from connectors.mahara.leap2a_html import Tree

_HTML_THOUGH_UNTYPED = frozenset({"html", "internal"})
_PLAIN = frozenset({"plan", "task", "folder", "occupation", "industry"})


@dataclass(frozen=True)
class Link:
    """``rel`` without ``leap2:``, ``to`` without ``portfolio:``; ``order`` is a row's place in its section."""

    rel: str
    to: str
    type: str = ""
    order: int = 0


@dataclass(frozen=True)
class Category:
    """``scheme`` is ``selection_type``, ``readiness``, ``audience`` ...; a tag has none."""

    term: str
    scheme: str = ""
    label: str = ""


@dataclass(frozen=True)
class Date:
    """``point`` is ``start``, ``end`` or ``target``; ``text`` is a day, ``label`` what a person wrote."""

    point: str
    text: str
    label: str = ""


@dataclass(frozen=True)
class Field:
    """One field of a person: Mahara's name for it, its label, and its value as HTML."""

    type: str
    label: str
    value: str
    service: str = ""


@dataclass(frozen=True)
class Block:
    """
    One block of a page. Places are in Mahara's grid of twelve; -1 where the export says none (19.10 and older).

    ``number`` is its place in the file.
    """

    type: str
    title: str
    x: int = -1
    y: int = -1
    width: int = 0
    height: int = 0
    row: int = 0
    column: int = 0
    number: int = 0
    settings: Json = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """How a page is laid out: ``type`` is ``portfolio``, ``profile``, ``dashboard``; ``blocks`` in layout order."""

    type: str
    layout: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Item:
    """
    One entry.

    Attributes:
        id: Without ``portfolio:``, such as ``artefact84``.

        plugin: Mahara's plugin and type (``blog``, ``blogpost``), ``""`` for pages, collections and other systems.

        leap: The type in Leap2A, such as ``selection``.

        author: Who wrote it where the entry says so.

        cover: Id of a picture; ``instructions`` are a page's own.

        raw: The entry's bytes as they stand in the file, from ``line`` on.

        repaired: Characters that XML does not allow were left out of it.
    """

    id: str
    leap: str
    title: str
    content: Tree
    summary: Tree
    raw: bytes
    plugin: str = ""
    type: str = ""
    author: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    instructions: Tree | None = None
    cover: str = ""
    progress: bool = False
    categories: tuple[Category, ...] = ()
    links: tuple[Link, ...] = ()
    dates: tuple[Date, ...] = ()
    stage: str = ""
    role: str = ""
    person: tuple[Field, ...] = ()
    view: View | None = None
    line: int = 0
    repaired: bool = False

    def to(self, *rels: str) -> list[str]:
        """Return the ids that links of these kinds lead to, in order, each once."""
        return list(dict.fromkeys(link.to for link in self.links if link.rel in rels))

    def categorised(self, scheme: str) -> str:
        """Return the term of the first category of a scheme."""
        return next((c.term for c in self.categories if c.scheme == scheme), "")


@dataclass(frozen=True)
class Names:
    """How a feed shortens addresses: prefixes and what they stand for."""

    prefixes: Mapping[str, str]

    def short(self, text: str) -> str:
        """Return a name without its prefix, or without the address that the prefix stands for."""
        text = text.strip()
        prefix, colon, rest = text.partition(":")
        if colon and prefix in self.prefixes:
            return rest
        for uri in self.prefixes.values():
            if uri and text.startswith(uri) and len(text) > len(uri):
                return text[len(uri) :]
        return text

    def thing(self, text: str) -> str:
        """Return the id of a thing; of a file of a résumé Mahara gives only the number (``portfolio:42``)."""
        name = self.short(text)
        return f"artefact{name}" if name.isdecimal() else name


def item(element: etree._Element, names: Names, raw: bytes, line: int, *, repaired: bool = False) -> Item:
    """Return what an ``entry`` element says. Its tree is used up."""
    parts = _Parts(element)
    hint = parts.first("artefactplugin")
    kind = _attribute(hint, "type")
    content = parts.first("content")
    links = [_link(part, names) for part in parts.all("link")]
    if content is not None and content.get("src"):  # files of the first versions of Leap2A
        links.append(Link("enclosure", content.get("src", ""), content.get("type", "")))
    leap = _attribute(parts.first("type"), "resource")
    return Item(
        id=names.thing(parts.text("id")),
        leap=names.short(leap).rpartition("#")[2].rpartition("/")[2],
        title=_one_line(parts.text("title")),
        plugin=_attribute(hint, "plugin"),
        type=kind,
        author=parts.inside("author", "name"),
        published=moment(parts.text("published")),
        updated=moment(parts.text("updated")),
        content=_text(content, kind),
        summary=_text(parts.first("summary"), kind),
        instructions=_text(parts.first("subtitle", "instructions"), kind),
        cover=names.thing(parts.text("coverimage")),
        progress=parts.text("progresscompletion") == "true",
        categories=tuple(_category(part, names) for part in parts.all("category")),
        links=tuple(links),
        dates=tuple(
            Date(_attribute(d, "point"), (d.text or "").strip(), _attribute(d, "label")) for d in parts.all("date")
        ),
        stage=_attribute(parts.first("status"), "stage"),
        role=parts.text("myrole"),
        person=tuple(_fields(parts)),
        view=_view(parts.first("view"), names),
        raw=raw,
        line=line,
        repaired=repaired,
    )


def moment(text: str) -> datetime | None:
    """Read a time of Atom, aware and in UTC; None for none or nonsense."""
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _one_line(text: str) -> str:
    """Return a title on one line, with the spaces that a file's name may have."""
    return " ".join(line.strip() for line in text.strip().split("\n")).replace("\t", " ")


class _Parts:
    """Children of an entry by local name: Mahara has written its elements in several namespaces, and in wrong ones."""

    def __init__(self, element: etree._Element) -> None:
        self._parts: dict[str, list[etree._Element]] = {}
        for child in element.iterchildren(etree.Element):
            self._parts.setdefault(_local(child), []).append(child)

    def all(self, name: str) -> list[etree._Element]:
        return self._parts.get(name, [])

    def first(self, *names: str) -> etree._Element | None:
        return next((found[0] for name in names if (found := self._parts.get(name))), None)

    def text(self, name: str) -> str:
        found = self.first(name)
        return "" if found is None else leap2a_html.inner(found).strip()

    def inside(self, name: str, below: str) -> str:
        found = self.first(name)
        return "" if found is None else _Parts(found).text(below)


def _text(element: etree._Element | None, kind: str) -> Tree:
    """Return a text by its type; one without a type is HTML for some kinds of things and words for others."""
    if element is None:
        return leap2a_html.empty()
    written_as = element.get("type")
    if written_as in {"xhtml", "application/xhtml+xml"}:
        return leap2a_html.from_xhtml(element)
    text = leap2a_html.inner(element)
    if written_as in {"html", "text/html"} or kind in _HTML_THOUGH_UNTYPED or kind.startswith("pseudo:"):
        return leap2a_html.from_html(text)
    if written_as in {"", "text", "text/plain"}:  # "" is of a file's description, as a person typed it
        return leap2a_html.from_plain(text)
    if kind in _PLAIN:  # words that Mahara cleaned as if they were HTML: an & is &amp; in them
        return leap2a_html.from_plain(html.unescape(text))
    return leap2a_html.from_untyped(text)


def _link(element: etree._Element, names: Names) -> Link:
    rel = element.get("rel") or "alternate"
    href = element.get("href") or ""
    to = href if rel in {"enclosure", "alternate", "self", "via"} else names.thing(href)
    return Link(names.short(rel), to, element.get("type") or "", _number(_attribute(element, "display_order")))


def _category(element: etree._Element, names: Names) -> Category:
    scheme = names.short(element.get("scheme") or "").strip("#/").rpartition("/")[2]
    return Category((element.get("term") or "").strip(), scheme, (element.get("label") or "").strip())


def _fields(parts: _Parts) -> Iterator[Field]:
    for part in parts.all("persondata"):
        label = _attribute(part, "label") or _attribute(part, "field")
        value = leap2a_html.inner(part).strip()
        kind = _attribute(part, "artefacttype") or _attribute(part, "field")
        yield Field(kind, label, value, _attribute(part, "service"))
    for place in parts.all("spatial"):
        for part in place.iterchildren(etree.Element):
            kind = _attribute(part, "artefacttype") or _local(part)
            yield Field(kind, kind.capitalize(), leap2a_html.inner(part).strip())


def _view(element: etree._Element | None, names: Names) -> View | None:
    if element is None:
        return None
    blocks: list[Block] = []
    for row, held in enumerate(_named(element, "row") or [element]):
        for column, within in enumerate(_named(held, "column") or [held]):
            for part in _named(within, "blockinstance"):
                blocks.append(_block(part, names, row, column, len(blocks)))
    blocks.sort(key=lambda b: (b.row, b.y, b.x, b.column))
    return View(_attribute(element, "type"), _attribute(element, "layout"), tuple(blocks))


def _block(element: etree._Element, names: Names, row: int, column: int, number: int) -> Block:
    settings: Json = {}
    for part in element.iterchildren(etree.Element):
        name, value = _local(part), _setting(leap2a_html.inner(part).strip(), names)
        if name in {"tagsin", "tagsout"}:  # one element each, and no JSON
            before = settings.get(name)
            settings[name] = [*(before if isinstance(before, list) else []), value]
        else:
            settings[name] = value
    return Block(
        type=_attribute(element, "blocktype"),
        title=_attribute(element, "blocktitle"),
        x=_number(_attribute(element, "positionx"), -1),
        y=_number(_attribute(element, "positiony"), -1),
        width=_number(_attribute(element, "width")),
        height=_number(_attribute(element, "height")),
        row=row,
        column=column,
        number=number,
        settings=settings,
    )


def _setting(text: str, names: Names) -> JsonValue:
    """Return a setting: Mahara writes JSON in a list of one, with things by their ids."""
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _named_things(value, names)


def _named_things(value: JsonValue, names: Names) -> JsonValue:
    if isinstance(value, str):
        prefix, colon, rest = value.partition(":")
        return names.thing(value) if colon and prefix == "portfolio" and rest and " " not in rest else value
    if isinstance(value, list):
        return [names.thing(v) if isinstance(v, str) and v.startswith("portfolio:") else v for v in value]
    return value


def _named(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element.iterchildren(etree.Element) if _local(child) == name]


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _attribute(element: etree._Element | None, name: str) -> str:
    """Return an attribute by its local name."""
    if element is None:
        return ""
    return next((v for k, v in leap2a_html.attributes(element) if etree.QName(k).localname == name), "").strip()


def _number(text: str, otherwise: int = 0) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else otherwise
