"""One Mahara export: its XML, and its files by what the XML says of them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import IO, BinaryIO
from urllib.parse import unquote

from connectors.packs import FolderPack, Member, Pack

FILES = ("export_info/files/", "files/")
"""Where the files lie beside the feed: since 20.04, and before.

There their names began with a count of the files, from 0 on in the order of the XML, and not with the number of the
file (export/leap/lib.php, ``add_attachment``: ``(count($this->attachments) - 1) . '-' . $newname``, up to 19.10).
"""

EXPORT_AGAIN = (
    "Download it again, or export again in Mahara (main menu > Manage > Export > All my data), and put the new file in "
    "place of this one."
)
HEAD = 64 * 2**10
"""Bytes at the start of an XML file in which its head is looked for."""
_ID = re.compile(rb"<(?:[\w.-]+:)?id\b[^<>]*>([^<]+)<")
_THUMBNAIL = re.compile(r"\d+-max(?:width|height)-\d+-")


class Package:
    """
    One ``leap2a.xml`` and the files that belong to it.

    ``name`` is for a person: ``all.zip > users/sam.zip``; ``username`` the account's, where an administrator's zip says
    it.
    """

    def __init__(self, name: str, pack: Pack, feed: str) -> None:
        self.name = name
        self.username = ""
        self.unpacked = isinstance(pack, FolderPack)
        self._pack = pack
        self._feed = feed
        self._base = feed[: len(feed) - len(PurePosixPath(feed).name)]
        self._numbered: dict[str, str] | None = None

    def feed(self) -> IO[bytes]:
        """
        Open the XML, from its start each time.

        Raises:
            SourceUnavailable: It is damaged, locked or a bomb; while reading, too.
        """
        return self._pack.text(self._feed)

    def file(self, number: str, href: str) -> Member | None:
        """
        Return a file by what its enclosure says, or by the number with which its name begins: see ``counts``.

        Mahara names it ``<number>-<title>`` and loses some names on the way: a TAB becomes a space, a long name is cut
        inside of a letter and its enclosure is empty.
        """
        for name in (href, unquote(href)) if href else ():
            if found := self._pack.get(self._base + name):
                return found
        numbered = self._by_number().get(number)
        return self._pack.get(numbered) if numbered else None

    def counts(self) -> bool:
        """Tell whether names of files begin with a count of the files, and not with the number of the file itself."""
        since, before = (any(n.startswith(self._base + folder) for n in self._pack.names()) for folder in FILES)
        return before and not since

    def open(self, member: Member) -> BinaryIO:
        """
        Open a file as a stream; may be called from two threads.

        Raises:
            FileGone: Its bytes are not there as they were put in; while reading, too.
        """
        return self._pack.open(member.name)

    def count(self) -> int:
        """Return how many files there are in it."""
        return sum(1 for _ in self._pack.names())

    def digest(self) -> str:
        """Return what differs when the export does; cheap for one of many GB."""
        return self._pack.digest()

    def id(self) -> str:
        """Return the id of the feed, which names the site, the person and the second of the export."""
        found = _ID.search(self.start())
        return found[1].decode("utf-8", "replace").strip() if found else ""

    def start(self) -> bytes:
        """Return the first bytes of the XML."""
        with self.feed() as feed:
            return feed.read(HEAD)

    def close(self) -> None:
        """Let go of it; it is opened again when it is asked again."""
        self._pack.close()
        self._numbered = None

    def _by_number(self) -> dict[str, str]:
        if self._numbered is None:
            found: dict[str, str] = {}
            # the HTML has the files again in folders: the flat ones come first
            for name in sorted(self._pack.names(), key=lambda name: (name.count("/"), name)):
                number, dash, _ = PurePosixPath(name).name.partition("-")
                if dash and number.isdecimal() and self._holds_files(name):
                    found.setdefault(number, name)
            self._numbered = found  # whole at once: another thread may ask meanwhile
        return self._numbered

    def _holds_files(self, name: str) -> bool:
        if not name.startswith(tuple(self._base + folder for folder in FILES)):
            return False
        return not _THUMBNAIL.match(PurePosixPath(name).name)
