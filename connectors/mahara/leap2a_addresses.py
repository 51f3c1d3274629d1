"""Addresses in texts: what the export calls its own things, and every shape of an address at the same site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from connectors.mahara import identity
from connectors.mahara.leap2a_html import Tree

_ADDRESSES = ("href", "src", "poster", "data")
_SHOWING = frozenset({"img", "audio", "video", "source", "embed", "object"})
_OF_MAHARA = re.compile(
    r"(?:\.{0,2}/)*((?:artefact|view|collection|user|group|blocktype|module|interaction)/[\w/.-]*\.php|thumb\.php)\Z"
)
_ARTEFACT = re.compile(r"artefact(\d+)\Z")
_PLACES = {
    "view": "view/view.php?id=",
    "collection": "collection/views.php?id=",
    "folder": "artefact/file/index.php?folder=",
    "journal": "artefact/blog/view/index.php?id=",
}
_SHOWN_AT = {"artefact/artefact.php": "artefact", "view/artefact.php": "artefact", "artefact/blog/view/index.php": "id"}


@dataclass(frozen=True)
class Shown:
    """A file that a text shows or links to; ``alt`` are the words in its place."""

    id: str
    alt: str
    linked: bool


@dataclass(frozen=True)
class Addresses:
    """``kinds`` are those of the things in the export, by their ids."""

    wwwroot: str
    kinds: Mapping[str, str]
    user: str = ""

    def of(self, name: str) -> str:
        """Return where the owner finds a thing; ``""`` where Mahara has no place for it."""
        kind, number = self.kinds.get(name, ""), number_of(name)
        if kind == "file":
            return identity.file_address(self.wwwroot, number)
        if not self.wwwroot:
            return ""
        if name == "artefactinternal":
            return f"{self.wwwroot}/user/view.php?id={self.user}" if self.user else ""
        for start in ("view", "collection"):
            if name.startswith(start) and name.removeprefix(start).isdecimal():
                return f"{self.wwwroot}/{_PLACES[start]}{name.removeprefix(start)}"
        if not _ARTEFACT.match(name):
            return ""
        return f"{self.wwwroot}/{_PLACES.get(kind, 'artefact/artefact.php?artefact=')}{number}"

    def settle(self, tree: Tree) -> tuple[Shown, ...]:
        """Give the elements of a text their addresses at the site, and return the files that it shows, each once."""
        shown: dict[str, Shown] = {}
        for element in tree.iter(etree.Element):
            for file in self._settled(element):
                before = shown.get(file.id)
                if before is None or (before.linked and not file.linked):
                    shown[file.id] = file
        return tuple(shown.values())

    def _settled(self, element: etree._Element) -> Iterator[Shown]:
        shown = element.tag in _SHOWING
        for name in _ADDRESSES:
            value = element.get(name)
            if value is None:
                continue
            address, file = self.settled(value, shown=shown)
            if name == "href" and element.tag == "img":  # Mahara writes the pictures of an export so
                del element.attrib[name]
                element.set("src", address)
            elif address != value:
                element.set(name, address)
            if file:
                yield Shown(file, (element.get("alt") or "").strip() if shown else "", not shown)
        if "has_part" in element.get("rel", ""):
            del element.attrib["rel"]

    def settled(self, address: str, *, shown: bool = False) -> tuple[str, str]:
        """
        Return an address as it is written here, and the id of the file that it leads to or ``""``.

        ``shown``: it is that of a picture or a recording, so that it leads to a file though the export forgot it.
        """
        address = address.strip()
        if address.startswith("portfolio:"):
            name = address.removeprefix("portfolio:")
            name = f"artefact{name}" if name.isdecimal() else name
            if self.kinds.get(name, "file" if shown else "") == "file":
                return identity.file_address(self.wwwroot, number_of(name)), name
            return self.of(name) or address, ""
        try:
            parts = urlsplit(address)
            path = self._here(parts.scheme, parts.netloc, parts.path)
        except ValueError:
            return address, ""
        if path is None:
            return address, ""
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        number = asked.get("file", "")
        if path == "thumb.php" and asked.get("type", "").startswith("profileicon"):
            number = asked.get("id", "") if "byid" in asked["type"] else ""
        if path in _SHOWN_AT and self.kinds.get(f"artefact{asked.get(_SHOWN_AT[path], '')}") == "file":
            number = asked[_SHOWN_AT[path]]
        if number.isdecimal():
            return identity.file_address(self.wwwroot, number), f"artefact{number}"
        end = f"#{parts.fragment}" if parts.fragment else ""
        if path == "view/view.php" and asked.get("id", "").isdecimal():
            return f"{self.wwwroot}/{_PLACES['view']}{asked['id']}{end}", ""
        if path in _SHOWN_AT and asked.get(_SHOWN_AT[path], "").isdecimal():
            name = f"artefact{asked[_SHOWN_AT[path]]}"
            return (
                self.of(name) if name in self.kinds else f"{self.wwwroot}/{path}?{_SHOWN_AT[path]}={name[8:]}"
            ) + end, ""
        return f"{self.wwwroot}/{path}{'?' + parts.query if parts.query else ''}{end}", ""

    def _here(self, scheme: str, host: str, path: str) -> str | None:
        """Return the path below the site's own address; None for an address elsewhere."""
        if not self.wwwroot:
            return None
        if not scheme and not host:
            root = urlsplit(self.wwwroot).path
            within = path.removeprefix(root) if root and path.startswith(f"{root}/") else path
            found = _OF_MAHARA.match(within)
            return found[1] if found else None
        if scheme not in {"", "http", "https"}:
            return None
        site = identity.site_key(self.wwwroot)
        whole = identity.site_key(f"//{host}{path}")
        return whole.removeprefix(f"{site}/") if whole.startswith(f"{site}/") else None


def number_of(name: str) -> str:
    """Return the number by which the site knows a thing; the whole id where it is another system's."""
    found = _ARTEFACT.match(name)
    return found[1] if found else name
