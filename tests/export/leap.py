"""Reads a Leap2A file as Mahara's importer does, by lxml: what each rule of it asks for, and nothing of our code."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus
from zipfile import ZipFile

from lxml import etree

FIXTURES = Path(__file__).parent.parent / "fixtures" / "mahara"
ATOM = "{http://www.w3.org/2005/Atom}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SAFE = etree.XMLParser(resolve_entities=False, no_network=True)


@dataclass
class Leap:
    """A feed; ``members`` are the names in its zip with their sizes."""

    root: Any
    members: dict[str, int]

    @classmethod
    def of(cls, path: Path) -> Leap:
        with ZipFile(path) as packed:
            assert packed.testzip() is None
            sizes = {info.filename: info.file_size for info in packed.infolist()}
            return cls(etree.fromstring(packed.read("leap2a.xml"), SAFE), sizes)

    @property
    def entries(self) -> list[Any]:
        return self.root.findall(f"{ATOM}entry")

    @cached_property
    def by_id(self) -> dict[str, Any]:
        found = {entry.findtext(f"{ATOM}id"): entry for entry in self.entries}
        assert len(found) == len(self.entries)
        return found

    def ids(self, kind: str) -> list[str]:
        return [name for name, entry in self.by_id.items() if self.kind(entry) == kind]

    def titled(self, title: str, kind: str = "") -> Any:
        """Return the one entry of that title, and kind where two share it."""
        (found,) = [
            e for e in self.entries if e.findtext(f"{ATOM}title") == title and (not kind or self.kind(e) == kind)
        ]
        return found

    def kind(self, entry: Any) -> str:
        """Return what Mahara makes of an entry, as its plugins decide it: by type, category and enclosures."""
        kind = entry.find(f"{RDF}type").get(f"{RDF}resource")
        terms = {c.get("scheme"): c.get("term") for c in entry.findall(f"{ATOM}category") if c.get("scheme")}
        if kind == "leap2:person":
            return "person"
        if len([link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "enclosure"]) == 1:
            return "file"
        hint = entry.find(f"{{{self.root.nsmap['mahara']}}}artefactplugin")
        plugin = hint.get(f"{{{self.root.nsmap['mahara']}}}plugin") if hint is not None else ""
        if plugin == "resume":  # its plugin asks for nothing else, but for rows, which it knows by type and category
            rows = ("activity", "achievement", "affiliation", "publication")
            if kind in {f"leap2:{one}" for one in rows}:
                named = kind == "leap2:achievement" and self.links(entry, "leap2:supported_by")
                return "qualification" if named else "resume-row"
            return {"leap2:selection": "resume-section", "leap2:organization": "organisation"}.get(kind, "resume-text")
        if kind == "leap2:selection":
            return {"Blog": "journal", "Folder": "folder", "Webpage": "page", "Website": "collection"}[
                terms["categories:selection_type#"]
            ]
        if kind == "leap2:plan" and entry.find(f"{ATOM}content").get("type", "text") == "text":
            above = [link.get("href") for link in entry.findall(f"{ATOM}link") if link.get("rel") == "leap2:is_part_of"]
            return "task" if any(self.kind(self.by_id[one]) == "plan" for one in above if one in self.by_id) else "plan"
        type_ = hint.get(f"{{{self.root.nsmap['mahara']}}}type") if hint is not None else ""
        if plugin == "internal":
            return "about" if type_ in {"occupation", "industry"} else "note"
        return "journal-entry"

    def links(self, entry: Any, relation: str) -> list[str]:
        return [link.get("href") for link in entry.findall(f"{ATOM}link") if link.get("rel") == relation]

    def tags(self, entry: Any) -> list[str]:
        """Return the tags as Mahara takes them: categories without a scheme, label before term."""
        return [c.get("label") or c.get("term") for c in entry.findall(f"{ATOM}category") if c.get("scheme") is None]

    def text(self, entry: Any) -> str:
        return entry.findtext(f"{ATOM}content") or ""

    def blocks(self, entry: Any) -> list[tuple[str, str, dict[str, Any]]]:
        """Return type, title and settings of a page's blocks; a setting is JSON in a list of one."""
        mahara = f"{{{self.root.nsmap['mahara']}}}"
        view = entry.find(f"{mahara}view")
        assert view.get(f"{mahara}newlayout") == "1"
        return [
            (
                block.get(f"{mahara}blocktype"),
                block.get(f"{mahara}blocktitle"),
                {
                    etree.QName(s).localname: json.loads(s.text)[0]
                    for s in block
                    if etree.QName(s).localname not in {"tagsin", "tagsout"}  # words, not JSON
                },
            )
            for block in view
        ]

    def places(self, entry: Any) -> list[tuple[int, ...]]:
        """Return x, y, width and height of a page's blocks."""
        mahara = f"{{{self.root.nsmap['mahara']}}}"
        names = ("positionx", "positiony", "width", "height")
        return [tuple(int(block.get(mahara + name)) for name in names) for block in entry.find(f"{mahara}view")]

    def dangling(self) -> list[str]:
        """Return everything that names something which is not there: links, pictures, blocks, members."""
        lost = []
        for name, entry in self.by_id.items():
            named = [link.get("href") for link in entry.findall(f"{ATOM}link") if link.get("rel") != "enclosure"]
            named += re.findall(r'"(portfolio:[^"\\]*)', etree.tostring(entry).decode().replace("&quot;", '"'))
            lost += [f"{name} -> {one}" for one in named if one not in self.by_id and one != name]
            for link in self.links(entry, "enclosure"):
                if unquote_plus(link) not in self.members:
                    lost.append(f"{name} -> {link}")
        named = {unquote_plus(link) for entry in self.entries for link in self.links(entry, "enclosure")}
        return lost + [f"nothing names {member}" for member in set(self.members) - named - {"leap2a.xml"}]


def shape(leap: Leap, entry: Any) -> set[str]:
    """Return how an entry is built: its elements, attributes, relations and schemes, without any value of its own."""
    prefixes = {uri: prefix or "atom" for prefix, uri in leap.root.nsmap.items()}

    def named(tag: str) -> str:
        name = etree.QName(tag)
        return f"{prefixes[name.namespace]}:{name.localname}" if name.namespace else name.localname

    found = set()
    for part in entry.iterdescendants():
        if etree.QName(part).namespace not in prefixes:  # XHTML inside a text
            continue
        name = named(part.tag)
        found |= {name} | {f"{name}@{named(attribute)}" for attribute in part.attrib}
        for attribute in ("rel", "scheme", f"{RDF}resource"):
            if part.get(attribute):
                found.add(f"{name}={part.get(attribute)}")
    return found
