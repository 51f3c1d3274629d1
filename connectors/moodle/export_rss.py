"""A saved feed of a Moodle blog: words and tags; no drafts, no files, and only the day of the last change."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lxml import etree

from archive.entry import Entry, Fidelity
from connectors import safe_xml
from connectors.contract import Found, SourceUnavailable
from connectors.moodle import export_keys, identity
from connectors.packs import Pack

MAX_FEED = 64 * 2**20
_ENTRY = re.compile(r"(https?://.+?)/blog/index\.php\?(?:.*&)?entryid=(\d+)\b")
_BYLINE = re.compile(r"\A(?:\S+\s+)?(?P<name>[^<&]{1,200}?)\.\s*&nbsp;")
_ROUND = re.compile(r"\A<p>(<p>.*</p>|<p></p>|)</p>\Z", re.DOTALL)


@dataclass(frozen=True)
class Post:
    """One entry of a feed; ``name`` is who wrote it, as its first words say."""

    root: str
    number: str
    name: str
    title: str
    content: str
    changed: datetime | None
    tags: tuple[str, ...]
    raw: bytes


def posts(pack: Pack) -> Iterator[Post]:
    """
    Yield the entries of a feed.

    Raises:
        SourceUnavailable: It is no whole feed.
    """
    (name,) = pack.names()
    with pack.text(name) as stream:
        data = stream.read(MAX_FEED + 1)
    try:
        root = etree.fromstring(data[:MAX_FEED], safe_xml.parser())
    except etree.XMLSyntaxError as error:
        raise SourceUnavailable(
            f"{pack.name} is no whole feed: {error.msg}.",
            code="export-damaged",
            mend="Open the feed of your blog in Moodle again, and save it in place of this file.",
        ) from error
    for item in root.iter("item"):
        if found := _ENTRY.match(_text(item, "guid") or _text(item, "link")):
            yield _post(item, found)


def found(post: Post, person: int) -> Found:
    """Return a post as an entry."""
    site = identity.site_key(post.root)
    entry = Entry(
        keys=(identity.blog(site, post.number),),
        kind="post",
        native_id=post.number,
        title=post.title,
        url=f"{post.root}/blog/index.php?entryid={post.number}",
        creator=post.name,
        updated=post.changed,
        content_html=post.content,
        tags=post.tags,
        fidelity=Fidelity.FEED,
        scope=export_keys.scope(site, person, "blog"),
    )
    return Found(entry, post.raw, "xml")


def _post(item: etree._Element, found: re.Match[str]) -> Post:
    described = _text(item, "description")
    byline = _BYLINE.match(described)
    content = described[byline.end() :] if byline else described
    if inner := _ROUND.match(content):
        content = inner[1]
    return Post(
        root=found[1],
        number=found[2],
        name=html.unescape(byline["name"]).strip() if byline else "",
        title=html.unescape(_text(item, "title")),
        content=content,
        changed=_time(_text(item, "pubDate")),
        tags=tuple(html.unescape(str(node.text or "")) for node in item.iter("category")),
        raw=etree.tostring(item, encoding="utf-8", with_tail=False),
    )


def _text(item: etree._Element, name: str) -> str:
    node = item.find(name)
    return str(node.text or "").strip() if node is not None else ""


def _time(words: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(words)
    except (ValueError, TypeError):
        return None
    return when.astimezone(UTC) if when.tzinfo else None
