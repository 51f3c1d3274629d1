"""
A JSON item of WordPress's REST API -> an entry. Pure: values in, values out.

``*_FIELDS`` say what is asked for. What must never be kept (post passwords; commenters' e-mail, address and agent) is
not among them, so that it never leaves the site.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from archive.entry import Authorship, Entry, Fidelity, Json, Key, MediaFile, Visibility, canonical
from connectors.wordpress import identity
from connectors.wordpress.account import Route

Item = Mapping[str, Any]

POST_FIELDS = (
    "id", "date", "date_gmt", "guid", "modified", "modified_gmt", "slug", "status", "type", "link", "title", "content",
    "excerpt", "author", "featured_media", "comment_status", "sticky", "template", "format", "meta", "parent",
    "menu_order", "acf",
)  # fmt: skip
MEDIA_FIELDS = (
    "id", "date", "date_gmt", "guid", "modified", "modified_gmt", "slug", "status", "type", "link", "title", "author",
    "template", "meta", "description", "caption", "alt_text", "media_type", "mime_type", "media_details", "post",
    "source_url",
)  # fmt: skip
COMMENT_FIELDS = ("id", "post", "parent", "author", "author_name", "author_url", "date", "date_gmt", "content", "link",
                  "status", "type")  # fmt: skip
TERM_FIELDS = ("id", "name", "slug", "description", "taxonomy", "parent", "link", "meta")
USER_FIELDS = ("id", "name", "slug")
SETTINGS_FIELDS = ("title", "description", "url", "timezone", "language")
STAMP_FIELDS = ("id", "modified_gmt", "status", "guid", "content.protected")

_NEVER = frozenset({"password", "author_email", "author_ip", "author_user_agent", "email"})
_SETTLED = timedelta(seconds=2)
_TITLE_PREFIX = re.compile(r"^(?:Private|Protected): ")


@dataclass
class Site(identity.Seen):
    """What an item needs and does not say itself: names of people and terms, and which posts strangers may read."""

    me: int = 0
    people: dict[int, str] = field(default_factory=dict)
    terms: dict[int, str] = field(default_factory=dict)

    def saw(self, item: Item, route: Route) -> None:
        """Remember of a post, page or the like what its files and comments depend on."""
        seen = identity.visibility(str(item.get("status", "publish")), _protected(item), route.viewable)
        self.note(int(item["id"]), route.kind, seen)


def safe(item: Item, raw: bytes) -> bytes:
    """Return the item's bytes as they came; without what must not be kept, if a server sent that unasked."""
    if _NEVER.isdisjoint(item):
        return raw
    return json.dumps({name: value for name, value in item.items() if name not in _NEVER}).encode()


def stamp(item: Item, at: datetime | None, *, edit: bool = True) -> str:
    """
    Return what changes when the item does.

    WordPress's times have whole seconds: what changed a moment before it was read (``at``, the server's clock) may
    change again in the same second, and gets a stamp that the next harvest does not find equal. What was seen as a
    stranger sees it (not ``edit``) has another stamp than the whole item: a log-in reads it anew.
    """
    changed = moment(item.get("modified_gmt"))
    settled = changed is None or at is None or at - changed > _SETTLED
    return f"{item.get('modified_gmt', '')}|{item.get('status', '')}{'' if edit else '|view'}{'' if settled else '?'}"


def keys(item: Item, site: Site, kind: str) -> tuple[Key, ...]:
    """Return the keys of a post, page, file or the like."""
    return identity.keys(_text(item.get("guid")), site.key, kind, int(item["id"]))


def post(item: Item, site: Site, route: Route, at: datetime | None) -> Entry:
    """Return a post, page, or thing of any other type but a file."""
    content = item.get("content") or {}
    raw = content.get("raw")
    status = str(item.get("status", ""))
    numbers = sorted(int(n) for name in route.taxonomies for n in item.get(name) or ())
    return Entry(
        keys=keys(item, site, route.kind),
        kind="release" if identity.is_ours(str(raw or content.get("rendered", ""))) else route.kind,
        native_id=str(item["id"]),
        title=_title(item),
        url=str(item.get("link", "")),
        creator=_creator(item, site),
        status=status,
        visibility=identity.visibility(status, _protected(item), route.viewable),
        author=_author(item, site),
        published=identity.published(status, moment(item.get("date_gmt")), moment(item.get("modified_gmt"))),
        updated=moment(item.get("modified_gmt")),
        content_html=identity.readable(raw) if raw is not None else str(content.get("rendered", "")),
        parent=site.parent(int(item.get("parent") or 0)),
        terms=tuple(identity.key(site.key, "term", number) for number in numbers),
        tags=tuple(site.terms[number] for number in numbers if number in site.terms),
        fidelity=Fidelity.FULL if raw is not None else Fidelity.VIEW,
        scope=identity.scope(site.key, route.kind),
        stamp=stamp(item, at, edit=route.edit),
        extra=_extra(item),
    )


def media(item: Item, site: Site, route: Route, at: datetime | None) -> Entry:
    """Return an uploaded file: the original, where WordPress made a smaller copy of it."""
    parent = int(item.get("post") or 0)
    details = item.get("media_details")
    details = details if isinstance(details, dict) else {}
    url = str(item.get("source_url", ""))
    original = details.get("original_image")
    scaled = isinstance(original, str) and bool(original) and "/" not in original
    if scaled:
        url = urljoin(url, str(original))
    size = details.get("filesize")
    caption = item.get("caption") or {}
    description = item.get("description") or {}
    edit = "raw" in caption
    file = MediaFile(
        name=unquote(urlsplit(url).path.rpartition("/")[2]),
        url=url,
        media_type=str(item.get("mime_type", "")),
        size=None if scaled or not isinstance(size, int) else size,  # of a -scaled picture it is the copy's
        stamp=f"{size or ''}|{item.get('modified_gmt', '')}",
        role="original",
        alt=str(item.get("alt_text", "")),
        caption=_text(caption),
    )
    status = str(item.get("status", "inherit"))
    return Entry(
        keys=keys(item, site, "media"),
        kind="release" if identity.is_ours(file_name=url) else "media",
        native_id=str(item["id"]),
        title=_title(item),
        url=str(item.get("link", "")),
        creator=_creator(item, site),
        status=status,
        visibility=identity.visibility(status, password=False, parent_public=site.shown.get(parent, False)),
        author=_author(item, site),
        published=identity.published(status, moment(item.get("date_gmt")), moment(item.get("modified_gmt"))),
        updated=moment(item.get("modified_gmt")),
        content_html=identity.readable(str(description["raw"])) if "raw" in description else "",
        files=(file,) if url else (),
        parent=site.parent(parent),
        fidelity=Fidelity.FULL if edit else Fidelity.VIEW,
        scope=identity.scope(site.key, route.kind),
        stamp=stamp(item, at, edit=route.edit),
        extra=_extra(item),
    )


def comment(item: Item, site: Site) -> Entry:
    """Return a comment or pingback, without its writer's e-mail, address and agent."""
    status = str(item.get("status", ""))
    content = item.get("content") or {}
    raw = content.get("raw")
    kind, number = identity.kind_of(str(item.get("type", ""))), int(item["id"])
    extra: Json = {"author_url": str(item["author_url"])} if item.get("author_url") else {}
    if item.get("parent"):
        extra["in_reply_to"] = identity.key(site.key, "comment", int(item["parent"]))
    post_number = int(item.get("post") or 0)
    return Entry(
        keys=identity.keys("", site.key, kind, number),
        kind=kind,
        native_id=str(number),
        url=str(item.get("link", "")),
        creator=html.unescape(str(item.get("author_name", ""))),
        status=status,
        visibility=identity.visibility(status, password=False, parent_public=site.shown.get(post_number, False)),
        author="own" if site.me and item.get("author") == site.me else "others",
        published=moment(item.get("date_gmt")),
        content_html=identity.readable(raw) if raw is not None else str(content.get("rendered", "")),
        parent=site.parent(post_number),
        fidelity=Fidelity.FULL if raw is not None else Fidelity.VIEW,
        scope=identity.scope(site.key, kind),
        stamp=comment_stamp(item),
        extra=extra,
    )


def comment_stamp(item: Item) -> str:
    """Return what changes when a comment does: WordPress gives it no time of change."""
    names = ("status", "type", "author_name", "author_url", "date_gmt", "parent")
    return _digest([*(item.get(name) for name in names), _text(item.get("content"))])


def term(item: Item, site: Site) -> Entry:
    """Return a category, tag or other term; its name as a person reads it."""
    number, parent = int(item["id"]), int(item.get("parent") or 0)
    return Entry(
        keys=identity.keys("", site.key, "term", number),
        kind="term",
        native_id=str(number),
        title=html.unescape(str(item.get("name", ""))),
        status="publish",
        visibility=Visibility.PUBLIC,
        content_html=str(item.get("description", "")),
        parent=identity.key(site.key, "term", parent) if parent else None,
        scope=identity.scope(site.key, "term"),
        stamp=_digest([item.get(name) for name in TERM_FIELDS]),
        extra={"taxonomy": str(item.get("taxonomy", "")), "slug": unquote(str(item.get("slug", "")))},
    )


def user(item: Item, site: Site) -> Entry:
    """Return somebody who writes here: display name and public short name, nothing else."""
    number = int(item["id"])
    return Entry(
        keys=identity.keys("", site.key, "user", number),
        kind="user",
        native_id=str(number),
        title=str(item.get("name", "")),
        scope=identity.scope(site.key, "user"),
        stamp=_digest([item.get(name) for name in USER_FIELDS]),
        extra={"slug": str(item.get("slug", ""))},
    )


def settings(item: Item, site: Site) -> Entry:
    """Return the site's own description."""
    kept = {name: item[name] for name in SETTINGS_FIELDS if isinstance(item.get(name), str)}
    return Entry(
        keys=identity.keys("", site.key, "settings", "site"),
        kind="settings",
        native_id="site",
        title=kept.get("title", ""),
        url=kept.get("url", ""),
        language=kept.get("language", "").replace("_", "-"),
        content_html=html.escape(kept.get("description", ""), quote=False),
        scope=identity.scope(site.key, "settings"),
        stamp=_digest(kept),
        extra=dict(kept),
    )


def moment(text: object) -> datetime | None:
    """Read one of REST's ``*_gmt`` times, which carry no zone."""
    if not isinstance(text, str) or not text or text.startswith("0000"):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def _protected(item: Item) -> bool:
    content = item.get("content")
    return isinstance(content, dict) and bool(content.get("protected"))


def _title(item: Item) -> str:
    title = item.get("title") or {}
    if "raw" in title:
        return str(title["raw"])
    return _TITLE_PREFIX.sub("", html.unescape(str(title.get("rendered", ""))))


def _text(part: object) -> str:
    """Return a text that REST gives as raw and rendered, or as rendered alone."""
    if isinstance(part, dict):
        return str(part["raw"] if "raw" in part else part.get("rendered", ""))
    return str(part or "")


def _creator(item: Item, site: Site) -> str:
    return site.people.get(int(item.get("author") or 0), "")


def _author(item: Item, site: Site) -> Authorship:
    """On a blog that several people write, what others wrote is others'."""
    return "others" if site.me and int(item.get("author") or 0) not in {0, site.me} else "own"


def _extra(item: Item) -> Json:
    extra: Json = {}
    for name, value in (
        ("slug", item.get("slug")),
        ("excerpt", (item.get("excerpt") or {}).get("raw")),
        ("template", item.get("template")),
        ("format", item.get("format") if item.get("format") != "standard" else ""),
        ("protected", _protected(item)),
        ("sticky", item.get("sticky")),
        ("featured_media", item.get("featured_media")),
        ("menu_order", item.get("menu_order")),
        ("meta", item.get("meta") if isinstance(item.get("meta"), dict) else None),
        ("acf", item.get("acf")),
    ):
        if value:
            extra[name] = value
    return extra


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()[:20]
