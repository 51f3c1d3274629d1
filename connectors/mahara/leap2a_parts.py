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
from typing import Literal, TypeAlias

Id: TypeAlias = str
PERSON: Id = "artefactinternal"
"""The owner of the file."""

LONGEST_TITLE = 255  # of a block and a tag: Mahara's columns are that wide, and a longer one stops the whole import
WIDTH, HEIGHT = 12, 3  # of a block, in Mahara's grid

Kind: TypeAlias = Literal["selection", "entry", "resource", "plan", "person"]


@dataclass(frozen=True)
class About:
    """What every entry has. Times are aware."""

    title: str
    published: datetime
    updated: datetime
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """One block of a page, below the one before it. ``settings`` are values that JSON can hold."""

    type: str
    title: str
    settings: tuple[tuple[str, object], ...]


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

        stage: ``completed`` or ``planned``, of a task; ``due``: its day, ``2026-05-31``.
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
    due: str = ""


def person(about: About) -> Part:
    """Return the owner; Mahara asks fewer questions where there is one."""
    return Part(PERSON, "person", about, category=("person_type", "Self", ""))


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
    """Return a task of a plan."""
    stage = "completed" if done else "planned"
    links = (("leap2:is_part_of", within),)
    return Part(id_, "plan", about, ("plans", "task"), content=text, links=links, stage=stage, due=due)


def folder(id_: Id, about: About, text: str, within: Id, parts: Iterable[Id]) -> Part:
    """Return a folder of files and folders; ``within`` is ``""`` for one that lies in none."""
    links = (
        *((("leap2:is_part_of", within),) if within else ()),
        *(("leap2:has_part", part) for part in parts),
    )
    return Part(id_, "selection", about, ("file", "folder"), ("selection_type", "Folder", ""), text, links=links)


def file(id_: Id, about: About, text: str, within: Id, media_type: str, member: str) -> Part:
    """Return a file. Its title is its name with the ending, by which Mahara knows what may be uploaded."""
    links = (("leap2:is_part_of", within),) if within else ()
    hint = ("file", "image" if media_type.startswith("image/") else "file")
    category = ("resource_type", "Offline", "File")
    return Part(id_, "resource", about, hint, category, summary=text, links=links, enclosure=(media_type, member))


def page(id_: Id, about: About, blocks: Iterable[Block], within: Id) -> Part:
    """Return a page; ``within`` is its collection or ``""``."""
    links = (("is_part_of", within),) if within else ()
    placed = tuple(blocks)
    shown = " ".join(str(value) for block in placed for name, value in block.settings if name == "text")
    category = ("selection_type", "Webpage", "")
    return Part(id_, "selection", about, None, category, shown, html=True, links=links, blocks=placed)


def collection(id_: Id, about: About, text: str, pages: Iterable[Id]) -> Part:
    """Return a collection of pages, in order."""
    links = tuple(("has_part", one) for one in pages)
    return Part(id_, "selection", about, None, ("selection_type", "Website", ""), text, summary=text, links=links)


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
    """Return a block's setting as Mahara reads it: JSON in a list of one."""
    return json.dumps([value])


def ascii_html(html: str) -> str:
    """Return HTML in one element and in ASCII, other letters by their number; ``""`` stays that."""
    words = _NOT_XML.sub("", html).strip()
    return f"<div>{words.encode('ascii', 'xmlcharrefreplace').decode()}</div>" if words else ""


def plain(text: str, longest: int = 0) -> str:
    """Return words that XML can hold, on one line, cut to a length."""
    words = " ".join(_NOT_XML.sub("", text).split())
    return f"{words[: longest - 1]}…" if longest and len(words) > longest else words


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
