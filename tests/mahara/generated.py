"""
An export as Mahara 22.10 writes one, of any size: what is generated here was seen in real ones, name by name.

Mahara calls a file ``<number>-<title>``, with ``_`` for ``/``, and cuts that at 245 bytes: where it cuts inside of a
letter, the name in the zip is no UTF-8 and the enclosure stays empty. Control characters stay in the name and are lost
in the XML. The files lie there twice: flat, and in folders for the web pages; those in no folder flat twice, the second
time cut at 255 bytes and between letters.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

WWWROOT = "https://mahara.example.org"
USER = 7
NAMES = (
    "with\ttab.txt",
    "..\\..\\evil.txt",
    "party 🎉.txt",
    'what: is * this? "quoted" <and> & so.txt',
    ".hidden",
    "ends with dot.",
    "half/whole.txt",
    "100%41 sure %2F plus+ # & amp.txt",
    "学" * 100 + ".txt",
    "maxwidth-24-of-a-boat.txt",
    "new\nline.txt",
    "bell\x07.txt",
    ".",
    "..",
    " leading and trailing spaces ",
    "long " + "a" * 300 + ".txt",
    "cut inside of a cap " + "🎓" * 60,
)
"""Titles of files of which real exports showed that they make trouble."""

_HEAD = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"
    xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:leap2="http://terms.leapspecs.org/"
    xmlns:categories="http://wiki.leapspecs.org/2A/categories/"
    xmlns:portfolio="{wwwroot}/export/leap/{user}/{made}/"
    xmlns:mahara="https://wiki.mahara.org/wiki/Developer_Area/Import//Export/LEAP_Extensions"
>
    <leap2:version>http://www.leapspecs.org/2010-07/2A/</leap2:version>
    <id>{wwwroot}/export/{user}/{made}</id>
    <title>Mahara Leap2A Export for {person}</title>
    <updated>{when}</updated>
    <generator uri="https://mahara.org/" version="2008122400">Mahara</generator>
    <author>
        <name>{person}</name>
        <email>jo@example.org</email>
        <uri>portfolio:artefactinternal</uri>
    </author>
"""
_ENTRY = """
    <entry>
        <title>{title}</title>
        <id>portfolio:{id}</id>
{author}
        <updated>{when}</updated>
        <published>{when}</published>
{summary}
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><div>{content}</div></div></content>
        <rdf:type rdf:resource="leap2:{leap}"/>
{hint}{links}
{categories}

{view}
    </entry>
"""
_NOBODY = """        <author>
            <name>Imported feedback</name>
        </author>
"""
_PERSON = """
    <entry>
        <title>{person}</title>
        <id>portfolio:artefactinternal</id>

        <updated>2026-01-01T09:00:00+00:00</updated>

        <content></content>
        <rdf:type rdf:resource="leap2:person"/>
        <mahara:artefactplugin mahara:type="internal" mahara:plugin="internal"/>

        <category term="Self" scheme="categories:person_type#"/>

    </entry>
"""


@dataclass(frozen=True)
class File:
    """A file of the export: ``blocks`` yields its bytes; ``folder`` is 0 for none."""

    number: int
    title: str
    folder: int
    size: int
    blocks: Callable[[], Iterator[bytes]]

    @property
    def stored(self) -> bytes:
        """Its name in the zip."""
        return f"{self.number}-{self.title}".replace("/", "_").encode()[:245]

    @property
    def enclosure(self) -> str:
        """Its address in the XML, before escaping; empty where Mahara fails to write it."""
        try:
            return f"export_info/files/{self.stored.decode()}"
        except UnicodeDecodeError:
            return ""

    @property
    def again(self) -> bytes:
        """Its name in the zip for the web pages, below the name of its folder."""
        whole = f"{self.number}-{self.title}".replace("/", "_").encode()
        return whole[:255].decode(errors="ignore").encode()


@dataclass
class Plan:
    """
    What to generate.

    ``comments``: how many others said something of the first page, one of them privately. ``again``: the files a second
    time in folders, as for the web pages.
    """

    entries: int = 300
    journals: int = 13
    depth: int = 7
    files: list[File] = field(default_factory=list)
    attached: dict[int, list[int]] = field(default_factory=dict)
    without: frozenset[int] = frozenset()
    retitled: dict[int, str] = field(default_factory=dict)
    comments: int = 2
    pages: tuple[str, ...] = ("profile", "dashboard", "portfolio")
    again: bool = True
    user: int = USER
    person: str = "Jo Example"
    wwwroot: str = WWWROOT
    made: int = 1767261600
    when: str = "2026-01-01T10:00:00+00:00"

    JOURNALS, FOLDERS, ENTRIES, FILES = 100, 200, 1_000, 100_000

    @property
    def numbers(self) -> range:
        return range(self.ENTRIES, self.ENTRIES + self.entries)

    @property
    def folders(self) -> range:
        return range(self.FOLDERS, self.FOLDERS + self.depth)

    def journal_of(self, number: int) -> int:
        return self.JOURNALS + number % self.journals

    def feed(self) -> Iterator[str]:
        """Yield the XML."""
        person = escape(self.person)
        yield _HEAD.format(wwwroot=self.wwwroot, user=self.user, made=self.made, when=self.when, person=person)
        for place, kind in enumerate(self.pages):
            yield self._page(place + 1, kind)
        for journal in range(self.JOURNALS, self.JOURNALS + self.journals):
            yield self._journal(journal)
        yield from (self._entry(number) for number in self.numbers if number not in self.without)
        yield from (self._folder(folder) for folder in self.folders)
        yield from (self._file(file) for file in self.files if file.number not in self.without)
        for number in range(50, 50 + self.comments):
            private = '        <category term="Private" scheme="categories:audience#"/>' if number == 50 else ""
            yield _made(number, "Comment", "comment/comment", "entry", content="<p>Well said.</p>", author=_NOBODY,
                        links=_link("leap2:reflects_on", "view3"), categories=private)  # fmt: skip
        yield _PERSON.format(person=person)
        yield "\n</feed>\n"

    def _page(self, number: int, kind: str) -> str:
        block = (
            '            <mahara:blockinstance mahara:blocktype="text" mahara:blocktitle="Words" mahara:positionx="0" '
            'mahara:positiony="0" mahara:height="3" mahara:width="12">\n'
            "                    <mahara:text>[&quot;&lt;p&gt;Hello&lt;\\/p&gt;&quot;]</mahara:text>\n"
            "            </mahara:blockinstance>"
        )
        view = (
            f'        <mahara:view mahara:newlayout="1" mahara:type="{kind}" mahara:ownerformat="6">\n{block}\n'
            "        </mahara:view>"
        )
        category = '        <category term="Webpage" scheme="categories:selection_type#"/>'
        return _made(f"view{number}", f"A {kind} page", "", "selection", content="<div><p>Hello</p></div>",
                     categories=category, view=view)  # fmt: skip

    def _journal(self, number: int) -> str:
        # two have one title, of which the web pages show only one
        title = "Journal 1" if number == self.JOURNALS + 2 else f"Journal {number - self.JOURNALS}"
        parts = [n for n in self.numbers if self.journal_of(n) == number and n not in self.without]
        links = "\n".join(_link("leap2:has_part", f"artefact{n}") for n in parts)
        category = '        <category term="Blog" scheme="categories:selection_type#"/>'
        return _made(
            number, title, "blog/blog", "selection", content="<p>A journal.</p>", links=links, categories=category
        )

    def _entry(self, number: int) -> str:
        links = [_link("leap2:is_part_of", f"artefact{self.journal_of(number)}")]
        links += [_link("related", f"artefact{file}") for file in self.attached.get(number, ())]
        tag = '        <category term="Communication-teamwork" label="Communication &amp; teamwork"/>'
        words = "<p>What I did, and what I learnt from it.</p>" * 5
        retitled = number in self.retitled
        when = f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:30:00+00:00"
        title = self.retitled.get(number, f"Entry {number}")
        return _made(number, title, "blog/blogpost", "entry", content=f"<p>Number {number}.</p>{words}",
                     links="\n".join(links), categories=tag, when=self.when if retitled else when)  # fmt: skip

    def _folder(self, number: int) -> str:
        parts = [file.number for file in self.files if file.folder == number]
        parts += [number + 1] if number + 1 in self.folders else []
        links = [_link("leap2:has_part", f"artefact{part}") for part in parts]
        if number - 1 in self.folders:
            links.append(_link("leap2:is_part_of", f"artefact{number - 1}"))
        category = '        <category term="Folder" scheme="categories:selection_type#"/>'
        return _made(number, f"Folder {number - self.FOLDERS}", "file/folder", "selection", links="\n".join(links),
                     categories=category)  # fmt: skip

    def _file(self, file: File) -> str:
        links = [f'        <link rel="enclosure" type="text/plain" href="{_escaped(file.enclosure)}"/>']
        if file.folder:
            links.append(_link("leap2:is_part_of", f"artefact{file.folder}"))
        category = '        <category term="Offline" scheme="categories:resource_type#" label="File"/>'
        return _made(file.number, file.title, "file/file", "resource", links="\n".join(links), categories=category,
                     summary='        <summary type=""></summary>')  # fmt: skip

    def path_of(self, folder: int) -> str:
        """Return the folders in which a file lies for the web pages."""
        return "/".join(f"Folder {number - self.FOLDERS}" for number in self.folders if number <= folder)


def _made(
    id_: int | str,
    title: str,
    hint: str,
    leap: str,
    *,
    content: str = "",
    links: str = "",
    categories: str = "",
    author: str = "",
    summary: str = "",
    view: str = "",
    when: str = "2025-06-01T12:00:00+00:00",
) -> str:
    plugin, _, kind = hint.partition("/")
    return _ENTRY.format(
        id=f"artefact{id_}" if isinstance(id_, int) else id_,
        title=_escaped(title),
        author=author,
        leap=leap,
        hint=f'        <mahara:artefactplugin mahara:type="{kind}" mahara:plugin="{plugin}"/>\n' if hint else "",
        content=content,
        links=links,
        categories=categories,
        summary=summary,
        view=view,
        when=when,
    )


def _escaped(text: str) -> str:
    return escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text))


def _link(rel: str, to: str) -> str:
    return f'        <link rel="{rel}" href="portfolio:{to}"/>'


def small(number: int, title: str, folder: int) -> File:
    """Return a file of a few bytes, which are no other file's."""
    data = f"This is file {number}, {title}.\n".encode()
    return File(number, title, folder, len(data), lambda: iter([data]))


def odd() -> Plan:
    """Return the account of the issue: 300 entries, folders seven deep, and names that make trouble."""
    plan = Plan()
    places = [*plan.folders, 0]
    plan.files = [small(plan.FILES + n, title, places[n % len(places)]) for n, title in enumerate(NAMES)]
    plan.attached = {plan.ENTRIES + n: [file.number] for n, file in enumerate(plan.files)}
    return plan


def write(path: Path, plan: Plan, *, xml: str = "leap2a.xml") -> dict[int, str]:
    """Write the zip and return the digest of each file, by number."""
    digests: dict[int, str] = {}
    raw: dict[bytes, bytes] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name in ("HTML/index.html", "HTML/static/theme/style.css"):
            packed.writestr(name, "")
        with packed.open(xml, "w", force_zip64=True) as feed:
            for text in plan.feed():
                feed.write(text.encode())
        for file in plan.files:
            whole = hashlib.sha256()
            folder = f"{plan.path_of(file.folder)}/" if file.folder else ""
            copies = dict.fromkeys([("", file.stored), *([(folder, file.again)] if plan.again else [])])
            for number, (where, stored) in enumerate(copies):
                with packed.open(_member(f"export_info/files/{where}", stored, raw), "w") as out:
                    for block in file.blocks():
                        out.write(block)
                        if not number:
                            whole.update(block)
            thumbnail = f"export_info/files/{file.number}-maxwidth-24-small.png".encode()
            with packed.open(_member("", thumbnail, raw), "w") as out:
                out.write(b"a thumbnail")
            digests[file.number] = whole.hexdigest()
    if raw:
        data = path.read_bytes()
        for stand_in, stored in raw.items():
            data = data.replace(stand_in, stored)
        path.write_bytes(data)
    return digests


def _member(folder: str, name: bytes, raw: dict[bytes, bytes]) -> str:
    """Return a name for a member; what is no UTF-8 is put in afterwards, as no writer of zips would."""
    try:
        return folder + name.decode()
    except UnicodeDecodeError:
        stand_in = f"{len(raw):05}".encode() + b"#" * (len(name) - 5)
        raw[stand_in] = name
        return folder + stand_in.decode()
