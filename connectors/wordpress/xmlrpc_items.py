"""Structs of WordPress's XML-RPC -> entries. Pure. Times come naive and in UTC, and are made aware here."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote, unquote, urljoin, urlsplit

from archive.entry import Entry, Fidelity, Json, JsonValue, Key, MediaFile, Visibility
from connectors.wordpress import identity

Struct = Mapping[str, Any]

_KEY = re.compile(r"wordpress:.*/([^/]+)/(\d+)\Z")
_COMMENT_STATUS = {"approve": "approved", "post-trashed": "trash"}


@dataclass
class Site(identity.Seen):
    """Whose things they are: the site's key, people by number, and of the posts seen so far, who may read them."""

    people: Mapping[str, str] = field(default_factory=dict)
    me: str = ""


def number_and_kind(key: Key) -> tuple[int, str]:
    """Return what a key by number names; (0, "") for another kind of key."""
    found = _KEY.match(key)
    return (int(found[2]), found[1]) if found else (0, "")


def post(one: Struct, site: Site, *, scheduled: bool) -> Entry:
    """Return a post or page. ``scheduled``: it is given out as published, and is not yet."""
    number, content = str(one.get("post_id")), _text(one, "post_content")
    kind = identity.kind_of(_text(one, "post_type"))
    status = "future" if scheduled else _text(one, "post_status")
    terms = [term for term in one.get("terms", ()) if term.get("taxonomy") != "post_format"]
    return Entry(
        keys=identity.keys(_text(one, "guid"), site.key, kind, number),
        kind="release" if identity.is_ours(content) else kind,
        native_id=number,
        title=_text(one, "post_title"),
        url=_text(one, "link"),
        creator=site.people.get(_text(one, "post_author"), ""),
        status=status,
        visibility=identity.visibility(status, bool(_text(one, "post_password")), identity.viewable(kind)),
        author=_author(one, site),
        published=identity.published(status, _time(one.get("post_date_gmt")), _time(one.get("post_modified_gmt"))),
        updated=_time(one.get("post_modified_gmt")),
        content_html=identity.readable(content),
        parent=site.parent(_number(one.get("post_parent")), kind),
        terms=tuple(
            identity.key(site.key, "term", n) for n in sorted(int(t["term_id"]) for t in terms if t.get("term_id"))
        ),
        tags=tuple(html.unescape(_text(term, "name")) for term in terms),
        fidelity=Fidelity.XMLRPC,
        scope=identity.scope(site.key, kind),
        stamp=str(one.get("post_modified_gmt") or ""),
        extra=_extra(one),
    )


def media(one: Struct, twin: Struct, site: Site) -> Entry:
    """Return a file of the library; ``twin`` is the same attachment as a post, where the account may see it as one."""
    number = str(one.get("attachment_id"))
    details = one.get("metadata")
    original = details.get("original_image") if isinstance(details, dict) else None
    address = _text(one, "link")
    url = urljoin(address, quote(original)) if isinstance(original, str) and "/" not in original else address
    parent = _number(one.get("parent"))
    file = MediaFile(
        name=unquote(urlsplit(url).path.rpartition("/")[2]),
        url=url,
        media_type=_text(one, "type") or _text(twin, "post_mime_type"),
        role="original",
        caption=_text(one, "caption"),
    )
    status = _text(twin, "post_status") or "inherit"
    return Entry(
        keys=identity.keys(_text(twin, "guid"), site.key, "media", number),
        kind="release" if identity.is_ours(file_name=url) else "media",
        native_id=number,
        title=_text(one, "title"),
        url=_text(twin, "link") or address,
        creator=site.people.get(_text(twin, "post_author"), ""),
        status=status,
        visibility=identity.visibility(status, password=False, parent_public=site.shown.get(parent, False)),
        author=_author(twin, site),
        published=_time(one.get("date_created_gmt")),
        updated=_time(twin.get("post_modified_gmt")),
        content_html=identity.readable(_text(one, "description")),
        files=(file,) if url else (),
        parent=site.parent(parent),
        fidelity=Fidelity.XMLRPC,
        scope=identity.scope(site.key, "media"),
        stamp=str(twin.get("post_modified_gmt") or one.get("date_created_gmt") or ""),
        extra={"slug": _text(twin, "post_name")} if twin.get("post_name") else {},
    )


def comment(one: Struct, site: Site) -> Entry | None:
    """Return a comment or pingback without its writer's e-mail and address; None for spam."""
    status = _COMMENT_STATUS.get(_text(one, "status"), _text(one, "status"))
    if status == "spam":
        return None
    kind, post_number = identity.kind_of(_text(one, "type")), _number(one.get("post_id"))
    extra: Json = {"author_url": _text(one, "author_url")} if one.get("author_url") else {}
    if str(one.get("parent") or "0") != "0":
        extra["in_reply_to"] = identity.key(site.key, "comment", str(one["parent"]))
    return Entry(
        keys=identity.keys("", site.key, kind, str(one.get("comment_id"))),
        kind=kind,
        native_id=str(one.get("comment_id")),
        url=_text(one, "link"),
        creator=html.unescape(_text(one, "author")),
        status=status,
        visibility=identity.visibility(status, password=False, parent_public=site.shown.get(post_number, False)),
        author="own" if site.me and str(one.get("user_id")) == site.me else "others",
        published=_time(one.get("date_created_gmt")),
        content_html=identity.readable(_text(one, "content")),
        parent=site.parent(post_number),
        fidelity=Fidelity.XMLRPC,
        scope=identity.scope(site.key, kind),
        stamp=str(one.get("date_created_gmt") or ""),
        extra=extra,
    )


def term(one: Struct, site: Site) -> Entry:
    """Return a category, tag or other term."""
    number, above = str(one.get("term_id")), str(one.get("parent") or "0")
    return Entry(
        keys=identity.keys("", site.key, "term", number),
        kind="term",
        native_id=number,
        title=html.unescape(_text(one, "name")),
        status="publish",
        visibility=Visibility.PUBLIC,
        content_html=_text(one, "description"),
        parent=identity.key(site.key, "term", above) if above != "0" else None,
        fidelity=Fidelity.XMLRPC,
        scope=identity.scope(site.key, "term"),
        extra={"taxonomy": _text(one, "taxonomy"), "slug": unquote(_text(one, "slug"))},
    )


def as_bytes(one: Struct) -> bytes:
    """Return a struct as JSON, without secrets, where its own bytes cannot be told apart."""
    secret = {"post_password", "author_email", "author_ip", "author_agent"}
    kept = {k: v for k, v in one.items() if k not in secret}
    return json.dumps(kept, ensure_ascii=False, default=str, sort_keys=True).encode()


def _author(one: Struct, site: Site) -> Literal["own", "others"]:
    """On a blog that several people write, what others wrote is others'."""
    return "others" if site.me and _text(one, "post_author") not in ("", site.me) else "own"


def _number(value: Any) -> int:
    text = str(value or 0)
    return int(text) if text.isdecimal() else 0


def _text(one: Struct, name: str) -> str:
    value = one.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _time(value: Any) -> datetime | None:
    """Read ``20360229T12:00:00``; None for the zeros of a draft without a date."""
    try:
        return datetime.strptime(str(value)[:17], "%Y%m%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _extra(one: Struct) -> Json:
    extra: Json = {}
    for name, field_name in (("slug", "post_name"), ("excerpt", "post_excerpt")):
        if one.get(field_name):
            extra[name] = _text(one, field_name)
    if _text(one, "post_format") not in ("", "standard"):
        extra["format"] = _text(one, "post_format")
    if one.get("post_password"):
        extra["protected"] = True
    if one.get("sticky"):
        extra["sticky"] = True
    thumbnail = one.get("post_thumbnail")
    if isinstance(thumbnail, dict) and str(thumbnail.get("attachment_id", "")).isdecimal():
        extra["featured_media"] = int(thumbnail["attachment_id"])
    public: dict[str, JsonValue] = {}
    for custom in one.get("custom_fields", ()):
        key, value = _text(custom, "key"), _text(custom, "value")
        if key and not key.startswith("_"):
            before = public.get(key)
            public[key] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    if public:
        extra["meta"] = public
    return extra
