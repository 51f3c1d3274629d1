"""
Packages that the owner downloaded from Blackboard as a source: type ``blackboard-export``.

A package of a Content Collection, a zip of a Basic portfolio, any zip of folders, a folder of such zips, or an unpacked
one. A package does not say whether it holds everything, so that nothing is ever taken for deleted because it is not in
one: a folder that was left out when it was made looks the same.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from archive.entry import Entry, Fidelity, Json, Key, MediaFile, canonical, format_time
from archive.errors import UsageError
from connectors.blackboard import contents, identity, pages
from connectors.blackboard.advice import by_hand, counted
from connectors.blackboard.contents import Contents, Node
from connectors.contract import (
    Checkpoint,
    Context,
    FileGone,
    Finding,
    Found,
    Known,
    Note,
    Promised,
    SourceUnavailable,
    Yield,
)

KINDS = ("file", "page", "folder")
_AT_ONCE = 100
"""Entries between two checkpoints: their files are fetched there."""


def source(name: str, options: Mapping[str, Any], context: Context) -> PackageSource:
    """
    Return the source of downloaded packages.

    Args:
        name: Its name in the configuration; it is part of what the entries are known by.

        options: ``path``: a zip, a folder of zips, or an unpacked folder; ``user``: the owner's Blackboard user name
            and ``url``: its address (both optional: with them, files of ``users/USER/`` are the same entries as by
            WebDAV, and the owner's files are found in archives of courses); ``timezone``: the zone of the dates in a
            zip (default UTC); ``full``: read an unchanged package again.

        context: Whether to stop.
    """
    return PackageSource(
        name,
        Path(options["path"]).expanduser(),
        context,
        url=str(options.get("url") or ""),
        user=str(options.get("user") or ""),
        zone=ZoneInfo(str(options.get("timezone") or "UTC")),
        full=bool(options.get("full")),
    )


class PackageSource:
    """The packages at one path. See ``connectors.contract.Source``."""

    def __init__(
        self, name: str, path: Path, context: Context, *, url: str, user: str, zone: ZoneInfo, full: bool
    ) -> None:
        self._name = name
        self._path = path
        self._url = url
        self._user = user
        self._zone = zone
        self._full = full
        self._stop = context.stop
        self._read: Contents | None = None
        self._by_address: dict[str, Node] = {}

    # --- the contract -------------------------------------------------------------------------------------------------

    def check(self) -> Iterable[Finding]:
        """Tell what the packages hold, what of them is not taken, and what else only a person can take out."""
        try:
            held = self._contents()
        except (UsageError, SourceUnavailable) as error:
            yield Finding(error.code, "error", error.message, error.mend)
        else:
            things = ", ".join(counted(held.counts[kind], kind) for kind in KINDS)
            packages = counted(len(held.packages), "downloaded package")
            yield Finding("packages", "ok", f"{packages}: {things}.")
            for one in held.said:
                if isinstance(one, Note):
                    yield Finding("package-note", "note", one.text)
                else:
                    yield Finding("left-out", "warning", f"{one.what}: {one.why}", one.mend)
        yield from by_hand(self._url, self._user)

    def harvest(self, known: Known) -> Iterator[Yield]:
        """
        Yield what the packages hold; nothing but what they promise when none of them changed.

        Raises:
            UsageError: There is nothing at the path.

            SourceUnavailable: The zip is damaged, or ends in the middle. What was yielded before is good.
        """
        held = self._contents()
        cursor: Json = {"digest": self._digest(held)}
        yield from held.said
        for kind in KINDS:
            yield Promised(kind, held.counts[kind])
        unchanged = not self._full and known.cursor.get("digest") == cursor["digest"]
        if unchanged and not known.retry:
            return
        for number, node in enumerate(held.nodes.values(), 1):
            if not unchanged or not known.retry.isdisjoint(self._keys(node)):
                yield self._found(node)
            if not number % _AT_ONCE:
                yield Checkpoint(known.cursor)
                if self._stop():
                    return
        yield Checkpoint(cursor)

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream a file out of its package."""
        self._contents()
        node = self._by_address.get(file.url)
        if node is None or node.member is None:
            raise FileGone(f"{file.name} is in none of your packages.", mend=f"keepfolio check {self._name}")
        return node.member.open()

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:  # noqa: ARG002 - no key makes a difference
        """Return ``unknown``: what is in no package may well be there."""
        return "unknown"

    def close(self) -> None:
        """Let go of the packages."""
        if self._read is not None:
            self._read.close()
        self._read = None

    # --- making entries -----------------------------------------------------------------------------------------------

    def _contents(self) -> Contents:
        if self._read is None:
            self._read = contents.read(self._path, self._zone, self._user)
            self._by_address = {self._address(node): node for node in self._read.nodes.values()}
        return self._read

    def _found(self, node: Node) -> Found:
        make = {"folder": self._folder, "file": self._file, "page": self._page}[node.kind]
        return Found(make(node), canonical(self._raw(node)), "json")

    def _folder(self, node: Node) -> Entry:
        return Entry(kind="folder", title=node.place.rpartition("/")[2], **self._common(node))

    def _file(self, node: Node) -> Entry:
        assert node.member is not None
        file = self._media(node, "original")
        return Entry(kind="file", title=node.member.name, files=(file,), stamp=node.member.stamp, **self._common(node))

    def _page(self, node: Node) -> Entry:
        """Return a web page with its text and the files that it shows; without them where it cannot be read."""
        assert node.member is not None
        try:
            with node.member.open() as stream:
                page = pages.read(stream.read(), node.place, self._address_of_place)
        except SourceUnavailable:  # said when its bytes are fetched
            page = None
        held = self._contents().nodes
        shown = [held[place] for place in page.shows if held[place].kind == "file"] if page else []
        return Entry(
            kind="page",
            title=(page.title if page else "") or node.member.name,
            content_html=page.content if page else "",
            files=(self._media(node, "original"), *(self._media(one, "attachment") for one in shown)),
            stamp=node.member.stamp,
            **self._common(node),
        )

    def _common(self, node: Node) -> dict[str, Any]:
        """Return what every entry has."""
        when = node.member.modified if node.member else None
        above = self._contents().nodes.get(node.above)
        return {
            "keys": self._keys(node),
            "native_id": node.place,
            "url": self._address(node) if node.tree and self._url else "",
            "published": when,
            "updated": when,
            "parent": self._keys(above)[0] if above else None,
            "fidelity": Fidelity.EXPORT,
            "scope": f"blackboard-export:{self._name}/content",
        }

    def _keys(self, node: Node) -> tuple[Key, ...]:
        own = f"blackboard-export:{self._name}/{_written(node.place)}"
        return (identity.key(self._url, _written(node.tree)), own) if node.tree and self._url else (own,)

    def _media(self, node: Node, role: Literal["original", "attachment"]) -> MediaFile:
        assert node.member is not None
        name = node.member.name
        return MediaFile(
            name=name,
            url=self._address(node),
            media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
            size=node.member.size,
            stamp=node.member.stamp,
            role=role,
        )

    def _address(self, node: Node) -> str:
        """Return where the bytes are: on the site where that is known, else the place among the packages."""
        if node.tree and self._url:
            return identity.address(self._url, _written(node.tree))
        return _written(node.place)

    def _address_of_place(self, place: str) -> str | None:
        node = self._contents().nodes.get(place)
        return self._address(node) if node and node.member else None

    def _raw(self, node: Node) -> Json:
        """Return what the package says of a file: a zip has no record of it that could be cut out."""
        member = node.member
        said: Json = {"place": node.place, "kind": node.kind}
        if member is None:
            return said
        return said | {
            "size": member.size,
            "stamp": member.stamp,
            "modified": format_time(member.modified) if member.modified else None,
        }

    def _digest(self, held: Contents) -> str:
        """Return one digest over the names and stamps of everything: no file is read for it."""
        whole = hashlib.sha256(f"{self._url} {self._user} {self._zone}".encode())
        for place, node in sorted(held.nodes.items()):
            whole.update(f"{place}\0{node.member.stamp if node.member else ''}\n".encode("utf-8", "replace"))
        return whole.hexdigest()


def _written(path: str) -> str:
    """Return a path in one way of writing; names on a disk need not be UTF-8."""
    return "/".join(quote(part, safe="", errors="surrogateescape") for part in path.split("/"))
