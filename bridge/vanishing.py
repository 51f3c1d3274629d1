"""
Evidence that will vanish: links from what is held to what a VLE holds, and keepfolio does not.

A post that says "my plan is here" and links into Blackboard, Moodle, Mahara or Canvas says nothing any more on the day
on which that account or course closes. Addresses are recognised by their shape, whichever institution's they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

from archive.entry import site_of
from archive.store import Stored
from connectors.contract import Finding

System: TypeAlias = Literal["Blackboard", "Moodle", "Mahara", "Canvas"]
What: TypeAlias = Literal["file", "page"]

_Shape: TypeAlias = tuple[System, What, str]
_NAMED: tuple[_Shape, ...] = (
    ("Blackboard", "page", r"/bbcswebdav/(?:[^?]*/)?(?:\?|$)"),
    ("Blackboard", "file", r"/bbcswebdav/"),
    ("Blackboard", "page", r"/ultra/(?:courses|organizations|stream)\b|/webapps/(?:blackboard|bb-|portfolio|cmsmain)"),
    ("Moodle", "file", r"/(?:webservice/|token)?pluginfile\.php/|/draftfile\.php/"),
    ("Moodle", "page", r"/mod/\w+/\w+\.php\b|/blog/index\.php\b|/course/view\.php\b|/badges/badge\.php\b"),
    ("Mahara", "file", r"/artefact/file/download\.php\b"),
    ("Mahara", "page", r"/view/(?:view|artefact)\.php\b|/artefact/artefact\.php\b|/interaction/forum/\w+\.php\b"),
    ("Canvas", "file", r"/(?:courses|users|groups)/\d+/files/\d+"),
    ("Canvas", "page", r"/courses/\d+/(?:assignments|discussion_topics|pages)/|/eportfolios/\d+"),
)
_SHAPES = tuple((system, what, re.compile(pattern)) for system, what, pattern in _NAMED)
_HINTS = ("/bbcswebdav/", "/ultra/", "/webapps/", ".php", "/files/", "/courses/", "/eportfolios/")
_LINKED = re.compile(
    r"\b(?:href|src|data|poster)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')|(https?://[^\s\"'<>\\]+)", re.IGNORECASE
)
_TOKEN_IN_PATH = re.compile(r"/(?:webservice/pluginfile|tokenpluginfile)\.php/(?:[0-9a-f]{32}/)?")
_NOISE = frozenset({"token", "wstoken", "sesskey", "access_token", "verifier", "forcedownload", "preview", "download",
                    "embedded", "wrap", "view"})  # fmt: skip
_LONGEST = 4096
"""Letters of an address: servers take no longer ones, and one that never ends would be looked at for ever."""
_NOT_SEARCHED = frozenset({"release", "receipt", "workspace"})


@dataclass(frozen=True)
class Link:
    """
    One address that will not answer for ever, and what links to it.

    ``url`` is without token, and without fragment where it names a file. ``linked_from`` are ids of entries, ``titles``
    what they are called.
    """

    url: str
    system: System
    what: What
    linked_from: tuple[str, ...]
    titles: tuple[str, ...]

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


@dataclass
class _Seen:
    links: dict[str, tuple[str, System, What, dict[str, str]]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)


def vanishing(entries: Iterable[Stored]) -> tuple[Link, ...]:
    """
    Return the links to a VLE whose file or page is not held, in the order in which they are first met.

    ``entries``: all live ones, with their content; read once. Pure.
    """
    seen = _Seen()
    for stored in entries:
        entry = stored.entry
        seen.held.update(same_as(file.url) for file in entry.files if file.sha256)
        if entry.url:
            seen.held |= {same_as(entry.url), same_as(entry.url.partition("#")[0])}
        if entry.kind in _NOT_SEARCHED:
            continue
        for url in addresses(entry.content_html, entry.url):
            found = shape(url)
            if found:
                plain = cleaned(url, found[1])
                of = seen.links.setdefault(same_as(plain), (plain, *found, {}))
                of[3][stored.id] = entry.title or entry.native_id
    return tuple(
        Link(url, system, what, tuple(from_), tuple(from_.values()))
        for same, (url, system, what, from_) in seen.links.items()
        if same not in seen.held
    )


def findings(links: Iterable[Link], mend: str = "") -> tuple[Finding, ...]:
    """Return a warning for each file, and one note for each site whose pages are linked; ``mend`` is a command."""
    found: list[Finding] = []
    pages: dict[tuple[str, str], int] = {}
    for link in links:
        if link.what == "page":
            pages[link.host, link.system] = pages.get((link.host, link.system), 0) + 1
            continue
        also = f" and {len(link.titles) - 1} more" if len(link.titles) > 1 else ""
        message = (
            f"“{link.titles[0]}”{also} links to a file in {link.system} that is not held, and goes when your account "
            f"or its course goes: {link.url}"
        )
        found.append(Finding("will-vanish", "warning", message, mend))
    for (host, system), count in pages.items():
        many = "1 page" if count == 1 else f"{count} pages"
        message = f"What you hold links to {many} of {host} ({system}), which nobody can open once it closes."
        found.append(Finding("pages-will-vanish", "note", message, "Save them from the browser, if they matter."))
    return tuple(found)


def addresses(html: str, base: str = "") -> Iterator[str]:
    """Yield the web addresses in some HTML that may be a VLE's: of links and pictures, and those in its words."""
    if not any(hint in html for hint in _HINTS):
        return
    for found in _LINKED.finditer(html):
        if found.end() - found.start() > _LONGEST:
            continue
        address = unescape(found[1] or found[2] or "").strip() or unescape(found[3] or "").rstrip(".,;:!?)]")
        try:
            whole = urljoin(base, address)
            parts = urlsplit(whole)
        except ValueError:
            continue
        if parts.scheme in {"http", "https"} and parts.hostname:
            yield whole


def shape(url: str) -> tuple[System, What] | None:
    """Return which system an address belongs to, and whether it names a file; None for any other address."""
    parts = urlsplit(url)
    tail = parts.path + (f"?{parts.query}" if parts.query else "")
    return next(((system, what) for system, what, pattern in _SHAPES if pattern.search(tail)), None)


def cleaned(url: str, what: What) -> str:
    """Return an address as anybody may ask for it: without tokens and session keys, and not by the way of programs."""
    parts = urlsplit(url)
    path = _TOKEN_IN_PATH.sub("/pluginfile.php/", parts.path)
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in _NOISE])
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, path, query, parts.fragment if what == "page" else ""))


def same_as(url: str) -> str:
    """Return what is equal for all ways of writing one address of a VLE."""
    try:
        parts = urlsplit(cleaned(url, "page"))
        site = site_of(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        return url
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{site}{unquote(parts.path)}{query}{fragment}"
