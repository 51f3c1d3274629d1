"""
Fetching what will vanish while it still answers: files that anybody may download, without any login.

The addresses stand in harvested texts: they are asked as discovered ones (never inside of a private network), each file
up to a cap, and a login page in the place of a file is not kept.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import BinaryIO, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from archive.entry import Entry, Fidelity, Json, Key, MediaFile, canonical, format_time
from archive.store import Archive, Origin
from archive.writer import Writer
from bridge.vanishing import Link, same_as
from connectors.blackboard import identity
from connectors.contract import FileGone, SourceUnavailable
from connectors.http import Http

CAP = 512 * 2**20
"""Bytes of one file."""
SOURCE = "linked-files"
_ORIGIN = Origin(name=SOURCE, type=SOURCE)
_PAGE_CAP = 8 * 2**20
_ASKS_FOR_PASSWORD = re.compile(rb"type\s*=\s*[\"']?password", re.IGNORECASE)

State: TypeAlias = Literal["kept", "needs-login", "gone", "too-large", "not-asked", "unreachable"]
_STATES: dict[str, State] = {
    "not-the-file": "needs-login",
    "status-401": "needs-login",
    "status-403": "needs-login",
    "too-large": "too-large",
    "private-address": "not-asked",
    "bad-address": "not-asked",
}


@dataclass(frozen=True)
class Fetched:
    """What became of one link; ``why`` in words where it was not kept, ``entry`` is the id of what was."""

    link: Link
    state: State
    why: str = ""
    entry: str = ""


def fetch(
    archive: Archive,
    http: Http,
    links: Iterable[Link],
    now: datetime,
    *,
    cap: int = CAP,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Fetched, ...]:
    """
    Take the files behind links into the archive, those that answer without a login; pages are left alone.

    Each failure is told in its place and ends nothing. Kept files are private entries of kind ``file``. ``now`` is
    aware; ``cap`` is in bytes for each file.
    """
    wanted = [link for link in links if link.what == "file"]
    if not wanted:
        return ()
    done: list[Fetched] = []
    with archive.append(_ORIGIN) as writer:
        for link in wanted:
            if stop():
                break
            try:
                _keep(writer, http, link, now, cap)
                done.append(Fetched(link, "kept"))
            except FileGone as error:
                done.append(Fetched(link, "gone", error.message))
            except SourceUnavailable as error:
                done.append(Fetched(link, _STATES.get(error.code, "unreachable"), error.message))
            if writer.full:
                writer.seal()
        writer.seal()
    return tuple(_with_entry(archive, one) for one in done)


def key(link: Link) -> Key:
    """Return the key of what lies behind a link; a Content Collection's file is the same by WebDAV."""
    path = identity.path_of(link.url)
    return identity.key(link.url, path) if path else f"link:{same_as(link.url)}"


def _keep(writer: Writer, http: Http, link: Link, now: datetime, cap: int) -> None:
    name = unquote(urlsplit(link.url).path.rpartition("/")[2]) or "file"
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    with _opened(http, link.url, media_type, cap) as stream:
        digest = writer.add_file(stream, name=name, media_type=media_type)
    said: Json = {
        "format": "keepfolio-link/1",
        "url": link.url,
        "linked_from": list(link.linked_from),
        "fetched": format_time(now),
    }
    entry = Entry(
        keys=(key(link),),
        kind="file",
        native_id=link.url,
        title=name,
        url=link.url,
        files=(MediaFile(name=name, url=link.url, media_type=media_type, role="original", sha256=digest),),
        fidelity=Fidelity.VIEW,
        scope=SOURCE,
        stamp=digest,
        extra=said,
    )
    writer.put(entry, canonical(said), "json")


def _opened(http: Http, url: str, media_type: str, cap: int) -> BinaryIO:
    """Open a file; of a web page it is looked at first whether it asks for a password."""
    if media_type not in {"text/html", "application/xhtml+xml"}:
        return http.open(url, cap=cap, discovered=True, expect=media_type)
    answer = http.get(url, cap=min(cap, _PAGE_CAP), discovered=True)
    if answer.status in {404, 410}:
        raise FileGone(f"{url} does not exist any more ({answer.status}).")
    elsewhere = urlsplit(answer.url).path.rpartition("/")[2] != urlsplit(url).path.rpartition("/")[2]
    if not answer.ok or elsewhere or _ASKS_FOR_PASSWORD.search(answer.body):
        raise SourceUnavailable(f"{url} asks for a login.", code="not-the-file")
    return BytesIO(answer.body)


def _with_entry(archive: Archive, done: Fetched) -> Fetched:
    stored = archive.by_key(key(done.link)) if done.state == "kept" else None
    return Fetched(done.link, done.state, done.why, stored.id if stored else "")
