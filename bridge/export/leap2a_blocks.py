"""Blocks of a Mahara page on their way back: what they show is named by its new number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup

from archive.entry import Entry, JsonValue
from bridge.export.leap2a_text import Words, elsewhere, words
from connectors.mahara import leap2a_parts as parts
from connectors.mahara.leap2a_parts import Block, Id, Place

if TYPE_CHECKING:
    from bridge.export.leap2a_content import Content

REBUILT = frozenset({
    "blog", "blogpost", "comment", "creativecommons", "entireresume", "externalfeed", "externalvideo", "filedownload",
    "folder", "gallery", "googleapps", "html", "image", "inbox", "internalmedia", "myfriends", "mygroups", "myviews",
    "navigation", "newviews", "openbadgedisplayer", "pdf", "peerassessment", "placeholder", "plans", "profileinfo",
    "recentposts", "resumefield", "signoff", "socialprofile", "taggedposts", "text", "textbox", "wall", "watchlist",
})  # fmt: skip
"""
Types that Mahara's importer makes again from what an export says of them. Those of a group name it by a number, which
on another site is another group; an annotation is dropped; plugins of one site are no other's.
"""

_NAMES = {"artefactid", "artefactids", "collection", "blogid"}
_TEXTS = {"text", "instructions", "introtext"}
_NOT_OURS = {
    "user", "tagsin", "tagsout", "license", "licensor", "licensorurl", "tags", "groupid", "institution", "feedid",
}  # fmt: skip
_NEEDS_ONE = {
    "blog", "blogpost", "filedownload", "folder", "html", "image", "internalmedia", "pdf", "plans", "recentposts",
    "textbox",
}  # fmt: skip
_SETTING = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}")
_MAX_COLUMN = parts.WIDTH - 1


@dataclass
class Blocks:
    """The blocks of one page, and what was changed about them, in words."""

    content: Content
    entry_id: str
    entry: Entry

    def __post_init__(self) -> None:
        self.changed: list[str] = []
        self.shown: set[Id] = set()
        self.linked: dict[Id, None] = {}

    def made(self) -> Iterator[Block]:
        """Yield every block; one that cannot be made again as a text with its words."""
        given = self.entry.extra.get("blocks")
        for block in given if isinstance(given, list) else []:
            if isinstance(block, dict) and (made := self._block(block)):
                yield made

    def _block(self, given: dict[str, JsonValue]) -> Block | None:
        kind, title = str(given.get("type") or ""), str(given.get("title") or "")
        raw = given.get("settings")
        settings = (
            {name: value for name, value in raw.items() if _SETTING.fullmatch(name)} if isinstance(raw, dict) else {}
        )
        place = _place(given)
        called = f"“{title}” ({kind})" if title else f"({kind})"
        if kind in REBUILT:
            kept = dict(self._settings(kind, settings))
            if kept.keys() & {"artefactid", "artefactids", "text"} or kind not in _NEEDS_ONE:
                return Block(kind, title, tuple(kept.items()), place, tuple(_tags(settings)))
            why = "what it shows does not come along"
        else:
            why = "Mahara's importer cannot make it again"
        html = str(given.get("html") or settings.get("text") or settings.get("instructions") or "")
        text = self._words(html).html
        self.changed.append(f"its block {called} {'goes as a text' if text else 'is left out'}: {why}")
        return Block("text", title, (("text", parts.ascii_html(text)),), place) if text else None

    def _settings(self, kind: str, settings: dict[str, JsonValue]) -> Iterator[tuple[str, object]]:
        """Yield the settings that mean something elsewhere."""
        for name, value in settings.items():
            if name in _NAMES:
                if (kind, name) == ("profileinfo", "artefactid"):
                    continue  # the profile picture goes as an ordinary one, which this block cannot show
                if (name != "artefactids" or not settings.get("artefactid")) and (found := self._named(value)):
                    yield name, found
            elif name in _TEXTS and isinstance(value, str):
                if kind != "textbox" or not self._named(settings.get("artefactid")):
                    yield name, parts.ascii_html(self._words(value, pictures=kind == "text").html)
            elif name == "html" and isinstance(value, str):
                yield name, _frame(value)
            elif name not in _NOT_OURS and value is not None:
                yield name, value

    def _named(self, value: JsonValue) -> object:
        """Return what a setting names, by new numbers; nothing of what does not come along."""
        if isinstance(value, list):
            return [found for one in value if (found := self._named(one))]
        name = f"artefact{value}" if isinstance(value, int) else value
        id_ = self.content.named(self.entry, name) if isinstance(name, str) else ""
        if id_:
            self.shown.add(id_)
        return parts.curie(id_) if id_ else ""

    def _words(self, html: str, *, pictures: bool = True) -> Words:
        """Return a text; only in blocks of text does Mahara turn pictures into those that it imported."""
        if not pictures:
            return words(
                html, lambda _: "", lambda address: elsewhere(address, self.entry.url), links=False, of_mahara=True
            )
        made = self.content.words(self.entry_id, self.entry, html, links=False)
        self.linked |= dict.fromkeys(made.linked)
        return made


def _place(given: dict[str, JsonValue]) -> Place | None:
    """Return where a block stands, within Mahara's grid; ``None`` where the export did not say."""
    x, y, width, height = (_number(given.get(name)) for name in ("x", "y", "width", "height"))
    if x is None or y is None or x < 0 or y < 0:
        return None
    x = min(x, _MAX_COLUMN)
    wide, high = (
        size if size and size > 0 else usual for size, usual in ((width, parts.WIDTH), (height, parts.HEIGHT))
    )
    return Place(x, min(y, 9999), min(wide, parts.WIDTH - x), min(high, 999))


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _tags(settings: dict[str, JsonValue]) -> Iterator[str]:
    for name, before in (("tagsin", ""), ("tagsout", "-")):
        value = settings.get(name)
        for tag in value if isinstance(value, list) else [value] if isinstance(value, str) else []:
            if isinstance(tag, str) and tag:
                yield before + tag.removeprefix("-") if before else tag


def _frame(html: str) -> str:
    """Return a frame that shows a film of elsewhere, and nothing else: Mahara shows this setting as it stands."""
    found = BeautifulSoup(html, "html.parser").find(["iframe", "embed"])
    address = str(found.get("src") or "") if found else ""
    address = f"https:{address}" if address.startswith("//") else address
    return f'<iframe src="{escape(address)}"></iframe>' if address.startswith("https://") else ""
