"""Leap2A files for tests: the real ones, and small ones written by hand."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from archive.entry import Entry
from connectors.contract import Failed, Found
from connectors.mahara.leap2a_entries import things
from connectors.mahara.leap2a_file import packages
from connectors.mahara.leap2a_items import Item
from connectors.mahara.leap2a_package import Package
from connectors.mahara.leap2a_read import Broken, Ended, items
from connectors.mahara.leap2a_survey import Survey, survey

FIXTURES = Path(__file__).parent.parent / "fixtures" / "mahara"
TRUTH = json.loads((FIXTURES / "truth-sam.json").read_text(encoding="utf-8"))
BASELINE = TRUTH["baseline (sam-all-2210, sam-leap-only-*)"]
LATER = TRUTH["later (sam-all-later-newns)"]
FULL = {
    "sam-all-2210.zip": BASELINE,
    "sam-leap-only-2210.zip": BASELINE,
    "sam-leap-only-derived-2204-ns.zip": BASELINE,
    "sam-all-later-newns.zip": LATER,
}
SITE = "https://mahara.example"
HEAD = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:leap2="http://terms.leapspecs.org/" xmlns:categories="http://wiki.leapspecs.org/2A/categories/"
 xmlns:portfolio="{SITE}/export/leap/2/1700000000/"
 xmlns:mahara="https://wiki.mahara.org/wiki/Developer_Area/Import//Export/LEAP_Extensions">
<id>{SITE}/export/2/1700000000</id><title>Export</title><updated>2024-01-02T03:04:05+00:00</updated>
<generator>Mahara</generator><author><name>Sam Morgan</name></author>
"""
END = "</feed>\n"


@dataclass
class Read:
    """What was read of one export."""

    package: Package
    survey: Survey
    found: dict[str, Found]
    failed: list[Failed]

    @property
    def entries(self) -> dict[str, Entry]:
        return {name: found.entry for name, found in self.found.items()}

    def of_kind(self, kind: str) -> dict[str, Entry]:
        return {name: entry for name, entry in self.entries.items() if entry.kind == kind}


def read(path: Path, spool: Path) -> Read:
    (package,) = packages(path, spool)
    known = survey(package)
    all_things = list(things(package, known))
    found = {thing.entry.native_id: thing for thing in all_things if isinstance(thing, Found)}
    return Read(package, known, found, [thing for thing in all_things if isinstance(thing, Failed)])


def real(name: str, spool: Path) -> Read:
    return read(FIXTURES / name, spool)


def made(entries: str | bytes, folder: Path, *, files: dict[str, bytes] | None = None, whole: bool = True) -> Read:
    """Read an export with these entries between a head of Mahara's and its end."""
    data = (
        HEAD.encode() + (entries.encode() if isinstance(entries, str) else entries) + (END.encode() if whole else b"")
    )
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "made.zip", "w") as pack:
        pack.writestr("leap2a.xml", data)
        for name, content in (files or {}).items():
            pack.writestr(f"export_info/files/{name}", content)
    return read(folder / "made.zip", folder)


def items_of(entries: str | bytes, head: str = HEAD, end: str = END) -> list[Item | Broken | Ended]:
    data = head.encode() + (entries.encode() if isinstance(entries, str) else entries) + end.encode()
    return list(items(io.BytesIO(data)))


def entry(
    id_: str,
    plugin: str = "blog",
    type_: str = "blogpost",
    *,
    title: str = "A title",
    content: str = "<content>words</content>",
    more: str = "",
    leap: str = "entry",
) -> str:
    """Return an entry as Mahara writes it; without a ``type_`` as it writes pages and collections."""
    hint = f'<mahara:artefactplugin mahara:type="{type_}" mahara:plugin="{plugin}"/>' if type_ else ""
    return f"""<entry><title>{title}</title><id>portfolio:{id_}</id>
<updated>2024-02-03T04:05:06+00:00</updated><published>2024-01-01T00:00:00+00:00</published>
{content}<rdf:type rdf:resource="leap2:{leap}"/>{hint}{more}</entry>
"""


def xhtml(text: str, tag: str = "content") -> str:
    return f'<{tag} type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><div>{text}</div></div></{tag}>'


def file_entry(number: int, name: str, *, href: str | None = None, type_: str = "image") -> str:
    enclosure = f"export_info/files/{number}-{name}" if href is None else href
    link = f'<link rel="enclosure" type="image/png" href="{enclosure}"/>'
    return entry(f"artefact{number}", "file", type_, title=name, content=xhtml(""), more=link, leap="resource")
