"""
A feed (RSS 2, Atom) as a source: type ``feed``, and what is left of a WordPress that has closed everything else.

A feed shows what is published, as strangers see it: no drafts, no media library, no deletions, often no older posts.
WordPress gives the older ones by ``?paged=N``; other systems give one page. Entries carry the guid, which REST and
the export know too, so that a post seen here and there is one entry.
"""

from __future__ import annotations

import calendar
import hashlib
import io
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Literal
from urllib.parse import unquote, urljoin, urlsplit

import feedparser

from archive.entry import Entry, Fidelity, Json, Key, MediaFile
from connectors.contract import Checkpoint, Context, Finding, Found, Known, SourceUnavailable, Yield
from connectors.cutting import cut
from connectors.http import Http
from connectors.http_answer import Answer
from connectors.wordpress import identity

MAX_PAGES = 2000
_PAGE_CAP = 32 * 2**20
_ROUNDS = 4
"""How often the pages are read at most, while each reading shows posts that the one before did not."""

_NOT_IN_XML = bytes(set(range(32)) - {9, 10, 13})
_PASSWORD_FORM = re.compile(r"<form\b[^>]*\bpost-password-form\b", re.IGNORECASE)
_FEED_LINK = re.compile(r"<link\b[^>]*\btype\s*=\s*[\"']application/(?:rss|atom)\+xml[\"'][^>]*>", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)


def source(name: str, options: Mapping[str, Any], context: Context) -> FeedSource:  # noqa: ARG001 - the factories' one form
    """
    Return the source of a feed.

    Args:
        name: Its name in the configuration.

        options: ``url``: the feed's own address; ``full``: read it even if it says that nothing is new.

        context: The network.
    """
    context.http.configure(str(options["url"]))
    return FeedSource(str(options["url"]), context, full=bool(options.get("full")))


@dataclass(frozen=True)
class _Page:
    """One answer, parsed. ``raws`` are the bytes of its entries in their order."""

    feed: Any
    entries: tuple[Any, ...]
    raws: tuple[bytes, ...]
    modified: str
    address: str

    @property
    def by_wordpress(self) -> bool:
        detail = self.feed.get("generator_detail", {})
        named = " ".join(str(v) for v in (self.feed.get("generator"), detail.get("href"), detail.get("name")) if v)
        return "wordpress" in named.lower()

    @property
    def site(self) -> str:
        return identity.site_key(self.feed.get("link") or self.address)


class FeedSource:
    """
    One feed, whose address the owner or a site named. See ``connectors.contract.Source``.

    What an account could see more is not here.
    """

    def __init__(self, url: str, context: Context, *, full: bool = False) -> None:
        self._url = url
        self._full = full
        self._http: Http = context.http
        self._stop = context.stop

    def check(self) -> Iterable[Finding]:
        """Tell what the feed shows, and all that a feed cannot."""
        try:
            page = self._page(1)
        except SourceUnavailable as error:
            yield Finding(error.code, "error", error.message, error.mend)
            return
        title = page.feed.get("title") or page.site
        yield Finding("feed", "ok", f"The feed of “{title}” answers; its first page has {len(page.entries)} posts.")
        if page.entries and not any(one.get("content") for one in page.entries):
            yield Finding(
                "summaries-only",
                "warning",
                "The feed gives only the beginning of each post.",
                "On the site: Settings > Reading > For each post in a feed, include: Full text. Or bring an export.",
            )
        if not page.by_wordpress:
            yield Finding("one-page", "note", "Older posts than those on the feed's one page are not reached.")
        yield Finding(
            "feed-only",
            "warning",
            "A feed has published posts only: no drafts, private posts, pages, media library, comments or deletions.",
            "Give a user name and an application password, or bring the export (Tools > Export).",
        )

    def harvest(self, known: Known) -> Iterator[Yield]:
        """
        Yield the posts that are new or changed; nothing when the site says that nothing is.

        Raises:
            SourceUnavailable: There is no feed at the address, or it stopped answering.
        """
        # the date of another feed says nothing of this one
        same = known.cursor.get("url") == self._url and not self._full
        first = self._first(str(known.cursor.get("modified") or "") if same and not known.retry else "")
        if first is None:
            return
        seen: set[Key] = set()
        for _ in range(_ROUNDS):
            before = len(seen)
            pages = yield from self._round(first, seen, known)
            if self._stop():
                return
            # a post deleted meanwhile moves the next ones to pages already read, and no date tells: look once more
            if pages == 1 or len(seen) == before:
                break
        yield Checkpoint({"url": self._url, "modified": first.modified} if first.modified else {})

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream an enclosure."""
        return self._http.open(file.url, discovered=True)

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:  # noqa: ARG002 - a feed proves nothing of any key
        """Return ``unknown``: what left a feed may well be there."""
        return "unknown"

    def close(self) -> None:
        """Nothing is kept open: the session is the caller's."""

    # --- reading ------------------------------------------------------------------------------------------------------

    def _round(self, first: _Page, seen: set[Key], known: Known) -> Generator[Yield, None, int]:
        """Read all pages, yield what was not seen yet, and return how many pages there are."""
        now: set[Key] = set()
        for number in range(1, MAX_PAGES + 1):
            page = (first if not seen else self._page(1)) if number == 1 else self._page_or_end(number)
            if page is None:
                return number - 1
            keys = set()
            for one, raw in zip(page.entries, page.raws, strict=True):
                entry = _entry(one, raw, first)
                key = entry.keys[0]
                keys.add(key)
                if key in seen:
                    continue
                seen.add(key)
                if self._full or known.stamp(key) != entry.stamp or not known.retry.isdisjoint(entry.keys):
                    yield Found(entry, raw, "xml")
            if keys <= now or not first.by_wordpress:
                return number  # a cache that gives the same page for ever, or a system that has but one
            now |= keys
            yield Checkpoint(known.cursor)
            if self._stop():
                return number
        return MAX_PAGES

    def _first(self, modified: str) -> _Page | None:
        """Return the first page; None when nothing changed since ``modified`` (a ``Last-Modified`` as it was given)."""
        # never the ETag beside it: both would have to match, and servers spoil it when they compress
        answer = self._get(1, {"If-Modified-Since": modified} if modified else {})
        return None if answer.status == 304 else self._parsed(answer)

    def _page(self, number: int) -> _Page:
        return self._parsed(self._get(number, {}))

    def _page_or_end(self, number: int) -> _Page | None:
        answer = self._get(number, {})
        return None if answer.status in (404, 410) else self._parsed(answer)

    def _get(self, number: int, headers: dict[str, str]) -> Answer:
        params: dict[str, str | int] = {"paged": number} if number > 1 else {}
        return self._http.get(self._url, params=params, headers=headers, cap=_PAGE_CAP, discovered=True)

    def _parsed(self, answer: Answer) -> _Page:
        if not answer.ok:
            raise SourceUnavailable(
                f"{urlsplit(self._url).netloc} answered {answer.status} where its feed should be.",
                code="no-feed",
                unchanged="What is held stays.",
                mend="Open the feed's address in a browser; correct url: in config.yaml if it is another one.",
            )
        parsed = feedparser.parse(
            io.BytesIO(answer.body.translate(None, _NOT_IN_XML)),
            response_headers={"content-type": answer.headers.get("Content-Type", ""), "content-location": answer.url},
            sanitize_html=False,  # what is kept is what was said; it is cleaned when it is shown
            resolve_relative_uris=False,
        )
        if not parsed.get("version"):
            raise _no_feed(answer)
        return _Page(
            parsed.feed,
            tuple(parsed.entries),
            _raws(answer.body, len(parsed.entries)),
            answer.headers.get("Last-Modified", ""),
            answer.url,
        )


def _no_feed(answer: Answer) -> SourceUnavailable:
    """Return the error for a page of HTML in the feed's place: a login, a challenge, or the blog itself."""
    where = urlsplit(answer.url).netloc
    link = next((_HREF.search(tag) for tag in _FEED_LINK.findall(answer.text)), None)
    if link:
        mend = f"Its feed is at {urljoin(answer.url, link[1])}: write that as url: in config.yaml."
    else:
        mend = "Open the address in a browser: a login page or a security check may stand in the way."
    return SourceUnavailable(
        f"{where} gave a web page, or nothing, where its feed should be.",
        code="no-feed",
        unchanged="What is held stays.",
        mend=mend,
    )


def _raws(body: bytes, count: int) -> tuple[bytes, ...]:
    """Return the bytes of each entry; the whole page for each where its elements have other names."""
    for name in ("item", "entry"):
        found = tuple(piece.data for piece in cut(io.BytesIO(body), (name,)) if piece.name)
        if len(found) == count:
            return found
    return (body,) * count


def _entry(one: Any, raw: bytes, page: _Page) -> Entry:
    content, whole = _content(one)
    protected = bool(_PASSWORD_FORM.search(content))
    title = str(one.get("title") or "")
    link = str(one.get("link") or "")
    guid = str(one.get("id") or link) or f"feed:{page.site}#{hashlib.sha256(raw).hexdigest()[:16]}"
    extra: Json = {}
    if not whole and content:
        extra["partial"] = "summary"
    if protected:
        extra["protected"] = True
        title = title.removeprefix("Protected: ")
    return Entry(
        keys=identity.keys(guid, page.site, "post", ""),
        kind="release" if identity.is_ours(content) else "post",
        native_id=guid,
        title=title,
        url=link,
        creator=str(one.get("author") or ""),
        status="publish",
        visibility=identity.visibility("publish", protected, parent_public=True),
        published=_time(one.get("published_parsed")),
        # feedparser gives the published time for an updated one that is not there; a plain dict does not
        updated=_time(dict.get(one, "updated_parsed")),
        content_html="" if protected else content,
        files=tuple(_files(one)),
        tags=tuple(dict.fromkeys(str(tag["term"]) for tag in one.get("tags", ()) if tag.get("term"))),
        fidelity=Fidelity.FEED,
        scope=f"feed:{page.site}",
        stamp=hashlib.sha256(raw).hexdigest()[:16],
        extra=extra,
    )


def _content(one: Any) -> tuple[str, bool]:
    """Return the fullest text that the entry has, and whether it is the content and not a summary."""
    whole = [str(part.get("value") or "") for part in one.get("content", ())]
    text = max(whole, key=len) if whole else str(one.get("summary") or "")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(), bool(whole)


def _files(one: Any) -> Iterator[MediaFile]:
    for enclosure in one.get("enclosures", ()):
        url = str(enclosure.get("href") or "")
        if urlsplit(url).scheme not in ("http", "https"):
            continue
        length = str(enclosure.get("length") or "")
        yield MediaFile(
            name=unquote(urlsplit(url).path.rpartition("/")[2]) or "enclosure",
            url=url,
            media_type=str(enclosure.get("type") or ""),
            size=int(length) if length.isdecimal() and int(length) else None,
        )


def _time(parsed: Any) -> datetime | None:
    """Return feedparser's UTC tuple, for which it has read the offset of the text, as an aware time."""
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
