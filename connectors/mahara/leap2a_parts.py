"""
What a Leap2A file for Mahara holds, as values: each function returns one Atom entry of the feed.

Ids are ``artefact12``, ``view3``, ``collection1``: Mahara looks for exactly these in the pictures of a page. Texts are
HTML in ASCII (``ascii_html``): where an entry shows a picture, Mahara reads its text as Latin-1 and would break every
other letter, and it drops words that stand in no element.

Sources: Mahara's own importer (import/leap/lib.php and the artefact plugins, 19.10 to 22.10), and what a server did.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Literal, TypeAlias

from lxml import etree

Id: TypeAlias = str
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PERSON: Id = "artefactinternal"
"""The owner of the file."""

LONGEST_TITLE = 255  # of a block and a tag: Mahara's columns are that wide, and a longer one stops the whole import
LONGEST_TEXT = 9_500_000  # letters: libxml2 reads ten million in one place, and Mahara then refuses the whole file
WIDTH, HEIGHT = 12, 3  # of a block, in Mahara's grid

Kind: TypeAlias = Literal[
    "selection", "entry", "resource", "plan", "person", "ability", "activity", "achievement", "affiliation",
    "publication", "organization",
]  # fmt: skip


@dataclass(frozen=True)
class About:
    """What every entry has. Times are aware."""

    title: str
    published: datetime
    updated: datetime
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a block stands in Mahara's grid of twelve columns."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Block:
    """
    One block of a page. ``settings`` are values that JSON can hold.

    ``tags`` are those that a block of tagged entries shows (with ``-`` before it, one that it does not show), which
    Mahara reads as words beside the settings. Without a ``place`` a block stands below everything before it.
    """

    type: str
    title: str
    settings: tuple[tuple[str, object], ...]
    place: Place | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """One thing that is said of the owner: its field in Leap2A, its own name in Mahara, the words, and more of it."""

    field: str
    type: str
    value: str
    service: str = ""
    label: str = ""


@dataclass(frozen=True)
class Part:
    """
    One entry of the feed.

    Attributes:
        hint: Plugin and type in Mahara, or ``None``.

        category: Scheme, term and label, such as ``("selection_type", "Blog", "")``.

        html: Whether ``content`` is HTML; plans must have plain text.

        links: Relation and id; those that Mahara knows have the prefix ``leap2:``, those of a collection have none.

        enclosure: Media type and zip member of a file.

        blocks: Those of a page; ``None`` for what is no page.

        stage: ``completed`` or ``planned``, of a task.

        dates: Point (``start``, ``end``, ``target``), day or ``""``, and words for a day that is none.

        orders: The places in a section of what ``links`` names.

        cover: The picture of a page or a collection; ``instructions``: what a page's owner is told to do with it.

        facts: What is said of the owner; ``address`` the lines of where they live.
    """

    id: Id
    kind: Kind
    about: About
    hint: tuple[str, str] | None = None
    category: tuple[str, str, str] | None = None
    content: str = ""
    html: bool = False
    summary: str = ""
    links: tuple[tuple[str, Id], ...] = ()
    enclosure: tuple[str, str] | None = None
    blocks: tuple[Block, ...] | None = None
    stage: str = ""
    dates: tuple[tuple[str, str, str], ...] = ()
    orders: tuple[tuple[Id, int], ...] = ()
    role: str = ""
    cover: Id = ""
    instructions: str = ""
    facts: tuple[Fact, ...] = ()
    address: tuple[tuple[str, str], ...] = ()


def person(about: About, html: str = "", facts: Iterable[Fact] = (), address: Iterable[tuple[str, str]] = ()) -> Part:
    """Return the owner; Mahara asks fewer questions where there is one. ``html`` introduces them."""
    category = ("person_type", "Self", "")
    text = ascii_html(html)
    return Part(
        PERSON,
        "person",
        about,
        ("internal", "internal"),
        category,
        text,
        html=True,
        facts=tuple(facts),
        address=tuple(address),
    )


def journal(id_: Id, about: About, html: str, entries: Iterable[Id]) -> Part:
    """Return a journal with its entries, which Mahara takes from here and not from what the entries say."""
    links = tuple(("leap2:has_part", entry) for entry in entries)
    category = ("selection_type", "Blog", "")
    return Part(id_, "selection", about, ("blog", "blog"), category, ascii_html(html), html=True, links=links)


def journal_entry(id_: Id, about: About, html: str, within: Id, files: Iterable[Id], *, draft: bool) -> Part:
    """Return an entry of a journal. ``files`` are attached to it; a link of any other kind would make it a file."""
    links = (("leap2:is_part_of", within), *(("related", file) for file in files))
    category = ("readiness", "Unready", "") if draft else None
    return Part(id_, "entry", about, ("blog", "blogpost"), category, ascii_html(html), html=True, links=links)


def note(id_: Id, about: About, html: str, files: Iterable[Id]) -> Part:
    """Return a note; one without words is none to Mahara."""
    links = tuple(("related", file) for file in files)
    return Part(id_, "entry", about, ("internal", "html"), None, ascii_html(html), html=True, links=links)


def plan(id_: Id, about: About, text: str, tasks: Iterable[Id]) -> Part:
    """Return a plan; plain text, for Mahara takes no other for a plan."""
    return Part(
        id_, "plan", about, ("plans", "plan"), content=text, links=tuple(("leap2:has_part", task) for task in tasks)
    )


def task(id_: Id, about: About, text: str, within: Id, *, done: bool, due: str) -> Part:
    """Return a task of a plan. ``due`` is a day, ``2026-05-31``; without one, Mahara takes the day of ``updated``."""
    stage = "completed" if done else "planned"
    dates = (("target", due, ""),) if due else ()
    links = (("leap2:is_part_of", within),)
    return Part(id_, "plan", about, ("plans", "task"), content=text, links=links, stage=stage, dates=dates)


def folder(id_: Id, about: About, text: str, within: Id, parts: Iterable[Id]) -> Part:
    """Return a folder of files and folders; ``within`` is ``""`` for one that lies in none."""
    links = (
        *((("leap2:is_part_of", within),) if within else ()),
        *(("leap2:has_part", part) for part in parts),
    )
    return Part(id_, "selection", about, ("file", "folder"), ("selection_type", "Folder", ""), text, links=links)


def file(id_: Id, about: About, text: str, within: Id, media_type: str, member: str, *, called: str = "") -> Part:
    """
    Return a file. Its title is its name with the ending, by which Mahara knows what may be uploaded.

    ``called`` is what Mahara called it: ``image``, ``audio``, ``video``, ``archive``, ``file``. A profile picture is an
    image: Mahara's importer drops those that say they are one.
    """
    links = (("leap2:is_part_of", within),) if within else ()
    type_ = called if called in _FILES else "image" if media_type.startswith("image/") else "file"
    category = ("resource_type", "Offline", "File")
    return Part(
        id_, "resource", about, ("file", type_), category, summary=text, links=links, enclosure=(media_type, member)
    )


_FILES = frozenset({"archive", "audio", "file", "image", "video"})


def page(
    id_: Id,
    about: About,
    blocks: Iterable[Block],
    within: Id,
    *,
    description: str = "",
    instructions: str = "",
    cover: Id = "",
) -> Part:
    """
    Return a page; ``within`` is its collection or ``""``.

    ``description`` and ``instructions`` are plain words; of a description longer than a line, Mahara makes a block.
    """
    links = (("is_part_of", within),) if within else ()
    category = ("selection_type", "Webpage", "")
    said, told = (escape(words, quote=False) if "<" in words else words for words in (description, instructions))
    return Part(
        id_, "selection", about, None, category, summary=said, links=links, blocks=tuple(blocks), cover=cover,
        instructions=told,
    )  # fmt: skip


def collection(id_: Id, about: About, text: str, pages: Iterable[Id], cover: Id = "") -> Part:
    """Return a collection of pages, in order."""
    links = tuple(("has_part", one) for one in pages)
    category = ("selection_type", "Website", "")
    return Part(id_, "selection", about, None, category, text, summary=text, links=links, cover=cover)


def profile_text(id_: Id, about: About, type_: str, text: str) -> Part:
    """Return a field of the profile that Mahara keeps beside the person: ``occupation`` or ``industry``."""
    return Part(id_, "entry", about, ("internal", type_), content=text)


def text_block(title: str, html: str) -> Block:
    """Return a block of words."""
    return Block("text", title, (("text", ascii_html(html)),))


def entry_block(title: str, entry: Id) -> Block:
    """Return a block that shows a journal entry."""
    return Block("blogpost", title, (("artefactid", curie(entry)), ("copytype", "nocopy")))


def note_block(title: str, one: Id) -> Block:
    """Return a block that shows a note."""
    return Block("textbox", title, (("artefactid", curie(one)),))


def picture_block(title: str, one: Id) -> Block:
    """Return a block that shows a picture, with what is said of it."""
    return Block("image", title, (("artefactid", curie(one)), ("showdescription", 1)))


def files_block(title: str, files: Iterable[Id]) -> Block:
    """Return a block that offers files."""
    return Block("filedownload", title, (("artefactids", [curie(one) for one in files]),))


def plans_block(title: str, plans: Iterable[Id]) -> Block:
    """Return a block that shows plans."""
    return Block("plans", title, (("artefactids", [curie(one) for one in plans]), ("count", 10)))


def curie(id_: Id) -> str:
    """Return an id as other entries name it."""
    return f"portfolio:{id_}"


def setting(value: object) -> str:
    """
    Return a block's setting as Mahara reads it: JSON in a list of one.

    JSON can hold what no XML and no database can: a NUL in one title stops Mahara's whole import.
    """
    return json.dumps([_clean(value)])


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _NOT_XML.sub("", value)
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {_NOT_XML.sub("", str(name)): _clean(one) for name, one in value.items()}
    return value


def exact(text: str) -> str:
    """Return words as they are, but for what XML cannot hold; a name keeps its tabs and spaces."""
    return _NOT_XML.sub("", text).replace("\r", "\n")


def ascii_html(html: str) -> str:
    """Return HTML in ASCII, other letters by their number, every word in an element; ``""`` stays that."""
    words = _NOT_XML.sub("", html).strip()
    if not words:
        return ""
    inside = words.encode("ascii", "xmlcharrefreplace").decode()
    return inside if _held(inside) else f"<div>{inside}</div>"


def _held(html: str) -> bool:
    """Say whether HTML is blocks and nothing beside them, not even a space: Mahara drops what stands there."""
    body = etree.HTML(f"<html><body>{html}</body></html>").find("body")
    loose = (body.text, *(part.tail for part in body)) if body is not None else (html,)
    blocks = body is not None and all(part.tag in _BLOCKS for part in body)
    return blocks and not any(loose)


_BLOCKS = frozenset(
    {"blockquote", "div", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul"}
)


def plain(text: str, longest: int = 0) -> str:
    """Return words that XML can hold, on one line, cut to a length."""
    words = " ".join(_NOT_XML.sub("", text).split())
    return f"{words[: longest - 1]}…" if longest and len(words) > longest else words
