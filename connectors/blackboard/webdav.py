"""
One folder at a time by WebDAV: PROPFIND with Depth 1, and what may come in place of its answer.

Institutions put a login page in front of everything. A redirect, a web page, or an answer that does not name the folder
that was asked for is never an empty folder: it is an error that says which of them it was.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias
from urllib.parse import urljoin, urlsplit

from lxml import etree

from connectors import safe_xml
from connectors.blackboard.identity import origin, written
from connectors.contract import SourceRefused, SourceUnavailable
from connectors.cutting import cut
from connectors.http import Auth, Http
from connectors.http_answer import Answer
from connectors.http_errors import NOTHING_LOST, page_title

BODY = (
    b'<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:creationdate/>'
    b"<D:getlastmodified/><D:getcontentlength/><D:getetag/></D:prop></D:propfind>"
)
"""Five standard properties; asked for all of them (``allprop``), servers compute more than they need to."""

TAKE_THE_ZIP = (
    "Download your files in Blackboard (Content Collection: select all, download as a package), and name the zip with "
    "`type: blackboard-export` in config.yaml."
)
_MOVED = frozenset({301, 302, 303, 307, 308})
_HREF = re.compile(r"(?:https?://[^/]*)?(/.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Thing:
    """
    A file or folder in a listing.

    Attributes:
        name: Its last part, in the one way of writing (``identity.written``).

        size: Bytes, None where the server does not say.

        created, modified: Aware, UTC; None where the server does not say.

        etag: Without its quotation marks.

        raw: Its part of the answer.

        denied: The status with which the server refuses to tell of it, or 0.
    """

    name: str
    folder: bool
    size: int | None
    created: datetime | None
    modified: datetime | None
    etag: str
    raw: bytes
    denied: int = 0

    @property
    def stamp(self) -> str:
        """What changes when its bytes do."""
        when = f"{self.modified:%Y%m%dT%H%M%S}/{self.size}" if self.modified else ""
        return self.etag or when


@dataclass(frozen=True)
class NotThere:
    """The server says that there is no such folder (404, 410)."""

    status: int


@dataclass(frozen=True)
class Denied:
    """The server does not let this account look into the folder (403), though the login was good."""

    status: int


Listing: TypeAlias = tuple[Thing, ...] | NotThere | Denied


def listing(http: Http, url: str, auth: Auth) -> Listing:
    """
    Return what lies in a folder, without the folder itself. ``url`` ends with a slash.

    Raises:
        SourceRefused: The name or password was refused (401).

        SourceUnavailable: Anything but a listing of this folder came; ``code`` is one of sso, moved, no-webdav,
            no-listing, or one of ``Http.get``.
    """
    answer = _propfind(http, url, auth, depth="1")
    if answer.status in {404, 410}:
        return NotThere(answer.status)
    if answer.status == 403:
        return Denied(answer.status)
    return _things(url, answer)


def is_there(http: Http, url: str, auth: Auth) -> bool | None:
    """Tell whether there is a file or folder at an address; None where the answer does not say."""
    try:
        answer = _propfind(http, url, auth, depth="0")
    except (SourceUnavailable, SourceRefused):
        return None
    if answer.status in {404, 410}:
        return False
    return True if answer.status == 207 else None


def _propfind(http: Http, url: str, auth: Auth, depth: str) -> Answer:
    headers = {"Depth": depth, "Content-Type": "application/xml; charset=utf-8"}
    answer = http.ask("PROPFIND", url, headers, auth, data=BODY)
    if answer.status == 401:
        raise refused(url, answer.headers.get("WWW-Authenticate", ""))
    if answer.status in _MOVED:
        raise _sent_on(url, answer.headers.get("Location", ""))
    if answer.status in {405, 501}:
        raise SourceUnavailable(
            f"{urlsplit(url).netloc} does not offer WebDAV ({answer.status}).",
            code="no-webdav",
            unchanged=NOTHING_LOST,
            mend=TAKE_THE_ZIP,
        )
    if answer.status not in {207, 403, 404, 410}:
        raise _not_a_listing(answer)
    return answer


def refused(url: str, offered: str = "") -> SourceRefused:
    """Return the error for a refused login; ``offered`` is the server's ``WWW-Authenticate``."""
    host = urlsplit(url).netloc
    only_digest = "digest" in offered.lower() and "basic" not in offered.lower()
    why = (
        f"{host} wants a kind of login (Digest) that keepfolio does not speak."
        if only_digest
        else f"{host} refused the user name or password for WebDAV. "
        "Where you log in through your institution's page, that password is not one for WebDAV."
    )
    mend = TAKE_THE_ZIP if only_digest else f"If you have one for WebDAV: keepfolio login. Else: {TAKE_THE_ZIP}"
    return SourceRefused(why, code="refused", unchanged=NOTHING_LOST, mend=mend)


def _sent_on(url: str, location: str) -> SourceUnavailable:
    """Return the error for a redirect: to the same folder at another address, or to a login page."""
    try:
        to = urljoin(url, location)
    except ValueError:
        to = ""
    if to and _segments(to, urlsplit(to).path) == _segments(url, urlsplit(url).path):
        return SourceUnavailable(
            f"{urlsplit(url).netloc} says that its WebDAV is at {origin(to)}.",
            code="moved",
            unchanged=NOTHING_LOST,
            mend=f"Write url: {origin(to)} in config.yaml, if that is your institution's.",
        )
    return _sso(url, f"sends WebDAV on to {urlsplit(to).netloc or 'another page'}")


def _sso(url: str, what: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"{urlsplit(url).netloc} {what}, which is a login page for people: its single sign-on lets no program in.",
        code="sso",
        unchanged=NOTHING_LOST,
        mend=TAKE_THE_ZIP,
    )


def _not_a_listing(answer: Answer) -> SourceUnavailable:
    """Return the error for what came in the place of a listing."""
    if answer.media_type == "text/html" and answer.ok:
        return _sso(answer.url, f"gave a web page called “{page_title(answer.body) or 'without a name'}”")
    return SourceUnavailable(
        f"{urlsplit(answer.url).netloc} answered {answer.status} with something that is no list of files.",
        code="no-listing",
        unchanged=NOTHING_LOST,
        mend="Try again later; if it stays so, " + TAKE_THE_ZIP[0].lower() + TAKE_THE_ZIP[1:],
    )


# --- reading the answer ---------------------------------------------------------------------------------------------


def _things(url: str, answer: Answer) -> tuple[Thing, ...]:
    try:
        root = etree.fromstring(answer.body, safe_xml.parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _not_a_listing(answer) from error
    if root.tag != "{DAV:}multistatus":
        raise _not_a_listing(answer)
    responses = root.findall("{DAV:}response")
    parts = [_segments(url, response.findtext("{DAV:}href") or "") for response in responses]
    raws = _raws(answer.body, responses)
    folder = _folder_among(_segments(url, url), parts)
    if folder is None:
        raise _not_a_listing(answer)
    found = {
        path[-1]: _thing(path[-1], response, raw)
        for path, response, raw in zip(parts, responses, raws, strict=True)
        if len(path) == len(folder) + 1 and path[-1] not in {".", ".."}
    }
    return tuple(found.values())


def _segments(url: str, href: str) -> tuple[str, ...]:
    """Return the parts of a path in the one way of writing; of a href, which may be whole, absolute or relative."""
    if not href.strip():
        return ()
    found = _HREF.fullmatch(href.strip())
    # neither ? nor # ends a href: where they stand unescaped, they are part of a name
    path = found[1] if found else f"{urlsplit(url).path}{href.strip()}"
    return tuple(written(part) for part in path.split("/") if part)


def _folder_among(asked: tuple[str, ...], paths: list[tuple[str, ...]]) -> tuple[str, ...] | None:
    """
    Return the path of the folder itself among the paths of its answer; None if this is no listing of one folder.

    Behind a proxy a server may know the folder by another path than the one asked for: then it is the one that all
    others lie in.
    """
    if not paths:
        return None
    folder = asked if asked in paths else min(paths, key=len)
    if [part.lower() for part in folder[-1:]] != [part.lower() for part in asked[-1:]]:
        return None
    return folder if all(path[: len(folder)] == folder for path in paths) else None


def _thing(name: str, response: etree._Element, raw: bytes) -> Thing:
    found: dict[str, str] = {}
    folder = False
    denied = _status(response.findtext("{DAV:}status"))
    for propstat in response.iterfind("{DAV:}propstat"):
        status = _status(propstat.findtext("{DAV:}status"))
        prop = propstat.find("{DAV:}prop")
        if status // 100 not in {0, 2} or prop is None:
            continue
        folder = folder or prop.find("{DAV:}resourcetype/{DAV:}collection") is not None
        for child in prop.iterchildren("{DAV:}*"):
            found[etree.QName(child).localname] = (child.text or "").strip()
    size = found.get("getcontentlength", "")
    return Thing(
        name=name,
        folder=folder,
        size=int(size) if size.isdecimal() and not folder else None,
        created=_time(found.get("creationdate", "")),
        modified=_time(found.get("getlastmodified", "")),
        etag=found.get("getetag", "").removeprefix("W/").strip('"'),
        raw=raw,
        denied=denied if denied // 100 not in {0, 2} else 0,
    )


def _status(line: str | None) -> int:
    found = re.search(r"\b([1-5]\d\d)\b", line or "")
    return int(found[1]) if found else 0


def _time(text: str) -> datetime | None:
    """Return a time as WebDAV writes it: RFC 1123 for changes, ISO 8601 for the creation."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None


def _raws(body: bytes, responses: list[etree._Element]) -> Iterator[bytes]:
    """Yield the bytes of each response as they came, whatever the server calls the namespace; else the whole answer."""
    prefix = responses[0].prefix if responses else None
    name = f"{prefix}:response" if prefix else "response"
    pieces = [piece.data for piece in cut(io.BytesIO(body), (name,)) if piece.name]
    return iter(pieces if len(pieces) == len(responses) else [body] * len(responses))
