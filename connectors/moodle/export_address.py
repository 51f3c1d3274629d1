"""
Where a file of an export is found at the site, and what the links in its texts mean.

The zip writes links as paths inside itself, and some are wrong: numbers stand without the ``_`` that their folders
have, and names still have the characters that Moodle took away. What leads to one file for certain is put right.
"""

from __future__ import annotations

import html
import mimetypes
import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from archive.entry import FileRole, MediaFile
from connectors.moodle.export_tree import Stored, Tree

_COMPONENTS = {
    "submission_files": "assignsubmission_file",
    "submissions_onlinetext": "assignsubmission_onlinetext",
    "feedback_files": "assignfeedback_file",
    "feedback": "assignfeedback_comments",
    "content": "mod_data",
    "submission_content": "mod_workshop",
    "submission_attachment": "mod_workshop",
    "attachments": "mod_wiki",
    "entry": "mod_glossary",
    "attachment": "mod_glossary",
    "post": "mod_forum",
}
_OF_A_PERSON = {"private": "user", "userbadge": "badges", "userevidence": "core_competency"}
_OF_THE_SITE = {"attachment": "blog", "post": "blog"}
_INSIDE = "/_files/"
_LINK = re.compile(r"""(?<=["'])([^"'<>]*)(?=["'])""")
_TAKEN_AWAY = re.compile(r"[\x00-\x1f\x7f&<>\"`|':\\]")
_NUMBER = re.compile(r"_(\d+)")


class Addresses:
    """The files of one export by their addresses. ``root`` is the site's own address."""

    def __init__(self, tree: Tree, root: str) -> None:
        self._tree = tree
        self._root = root
        self._exact = {one.member: one for one in tree.files}
        self._alike: dict[str, list[Stored]] = {}
        for one in tree.files:
            self._alike.setdefault(_plain(one.member), []).append(one)

    def url(self, one: Stored) -> str:
        """Return the address at which a person who is logged in finds the file, in the form that a token gives."""
        # a badge's picture has no ending at the site
        path = one.path.removesuffix(".png") if one.area == "userbadge" else one.path
        item = "" if one.item is None else f"/{one.item}"
        place, component = self._component(one)
        return (
            f"{self._root}/pluginfile.php/{place}/{component}/{one.area}{item}{quote(path, errors='surrogateescape')}"
        )

    def media(self, one: Stored, role: FileRole = "attachment", alt: str = "") -> MediaFile:
        """Return the file as a part of an entry."""
        return MediaFile(
            name=one.name, url=self.url(one), media_type=mimetypes.guess_type(one.name)[0] or "", size=one.size,
            stamp=one.stamp, role=role, alt=alt,
        )  # fmt: skip

    def linked(self, text: str) -> tuple[str, list[str]]:
        """Return a text with the addresses of files in place of paths, and the names to which no file belongs."""
        lost: list[str] = []
        return _LINK.sub(self._replacing(lost), text), lost

    def find(self, path: str) -> Stored | None:
        """Return the one file that a path of the zip means, None where that is not certain."""
        if found := self._exact.get(path):
            return found
        alike = self._alike.get(_plain(path), [])
        return alike[0] if len(alike) == 1 else None

    def _replacing(self, lost: list[str]) -> Callable[[re.Match[str]], str]:
        def replace(found: re.Match[str]) -> str:
            if _INSIDE not in found[1]:
                return found[0]
            path = unquote(html.unescape(found[1]))
            if one := self.find(path):
                return html.escape(self.url(one))
            lost.append(path.rpartition("/")[2])
            return found[0]

        return replace

    def _component(self, one: Stored) -> tuple[int, str]:
        if one.place == self._tree.person:
            if one.area in _OF_THE_SITE:  # Moodle keeps blogs in the context of the whole site
                return next(iter(reversed(list(one.place.around())))).number, _OF_THE_SITE[one.area]
            return one.place.number, _OF_A_PERSON.get(one.area, "user")
        return one.place.number, _COMPONENTS.get(one.area, "unknown")


def _plain(path: str) -> str:
    """Return a path as it is in links and on the disk alike."""
    parts = [_NUMBER.sub(r"\1", part) if _NUMBER.fullmatch(part) else part for part in path.split("/")]
    return _TAKEN_AWAY.sub("", "/".join(parts))
