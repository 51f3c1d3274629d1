"""Items of a WordPress export -> entries, with the identity and the fingerprint that REST gives them. Pure."""

from __future__ import annotations

import html
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urljoin, urlsplit

from archive.entry import Authorship, Entry, Fidelity, Json, JsonValue, Key, MediaFile, Visibility
from connectors.cutting import Piece
from connectors.wordpress import identity, php
from connectors.wordpress.wxr_parse import Item, Parser, moment

NO_EVIDENCE = frozenset({"revision", "customize_changeset", "oembed_cache", "user_request"})
"""Post types that WordPress leaves out of exports itself, and some plugins do not."""

_COMMENT_STATUS = {"1": "approved", "0": "hold", "post-trashed": "trash"}
FORMAT = "post_format"
"""A taxonomy that is none to a person: an aside, a gallery. It goes to ``extra``."""
_TYPES = mimetypes.MimeTypes(())  # the built-in names: those of this machine's /etc/mime.types would differ
_WORDPRESS_TYPES = {  # where WordPress (wp_get_mime_types) uses a name of its own
    "avi": "video/avi",
    "flac": "audio/flac",
    "gz": "application/x-gzip",
    "heic": "image/heic",
    "ico": "image/x-icon",
    "ics": "text/calendar",
    "key": "application/vnd.apple.keynote",
    "m4a": "audio/mpeg",
    "m4v": "video/mp4",
    "numbers": "application/vnd.apple.numbers",
    "ogg": "audio/ogg",
    "pages": "application/vnd.apple.pages",
    "rar": "application/rar",
    "vtt": "text/vtt",
    "wav": "audio/wav",
    "webp": "image/webp",
}


@dataclass
class Site(identity.Seen):
    """What the whole export says, and an item of it needs: whose it is, names of terms and people, who shows what."""

    title: str = ""
    language: str = ""
    url: str = ""
    me: str = ""  # login of the owner, where several people write; "" for whoever wrote it
    my_number: int = 0
    people: dict[str, str] = field(default_factory=dict)  # login -> display name
    terms: dict[tuple[str, str], int] = field(default_factory=dict)  # (taxonomy, slug) -> number

    def meet(self, author: Item) -> None:
        """Remember somebody who writes here."""
        login = author["wp:author_login"]
        self.people[login] = author["wp:author_display_name"] or login
        if login == self.me:
            self.my_number = author.number("wp:author_id")

    def authorship(self, login: str) -> Authorship:
        """On a blog that several people write, what others wrote is others'."""
        return "others" if self.me and login not in ("", self.me) else "own"


def post(item: Item, site: Site) -> Entry:
    """Return a post, page, or thing of any other type but an attachment."""
    number, kind = item.number("wp:post_id"), identity.kind_of(item["wp:post_type"] or "post")
    content = item["content:encoded"]
    return Entry(
        keys=identity.keys(item["guid"], site.key, kind, number),
        kind="release" if identity.is_ours(content) else kind,
        native_id=str(number),
        title=item["title"],
        url=item["link"],
        creator=site.people.get(item["dc:creator"], item["dc:creator"]),
        status=item["wp:status"],
        visibility=identity.visibility(item["wp:status"], bool(item["wp:post_password"]), identity.viewable(kind)),
        author=site.authorship(item["dc:creator"]),
        published=moment(item["wp:post_date_gmt"]),
        updated=moment(item["wp:post_modified_gmt"]) or moment(item["wp:post_date_gmt"]),
        content_html=identity.readable(content),
        parent=site.parent(item.number("wp:post_parent")),
        terms=_term_keys(item, site),
        tags=tuple(html.unescape(name) for domain, _, name in item.categories if domain != FORMAT),
        fidelity=Fidelity.EXPORT,
        scope=identity.scope(site.key, kind),
        stamp=item["wp:post_modified_gmt"],
        extra=_extra(item),
    )


def media(item: Item, site: Site) -> Entry:
    """Return an uploaded file: the original, where WordPress made a smaller copy of it."""
    number, parent = item.number("wp:post_id"), item.number("wp:post_parent")
    details = _details(item)
    address = item["wp:attachment_url"] or item["guid"]
    original = details.get("original_image")
    url = urljoin(address, quote(original)) if isinstance(original, str) and "/" not in original else address
    caption = item["excerpt:encoded"]
    file = MediaFile(
        name=unquote(urlsplit(url).path.rpartition("/")[2]),
        url=url,
        media_type=_media_type(url, details),
        role="original",
        alt=item.hidden("_wp_attachment_image_alt"),
        caption=caption,
    )
    return Entry(
        keys=identity.keys(item["guid"], site.key, "media", number),
        kind="release" if identity.is_ours(file_name=url) else "media",
        native_id=str(number),
        title=item["title"],
        url=item["link"],
        creator=site.people.get(item["dc:creator"], item["dc:creator"]),
        status=item["wp:status"],
        visibility=identity.visibility(
            item["wp:status"], bool(item["wp:post_password"]), site.shown.get(parent, False)
        ),
        author=site.authorship(item["dc:creator"]),
        published=moment(item["wp:post_date_gmt"]),
        updated=moment(item["wp:post_modified_gmt"]) or moment(item["wp:post_date_gmt"]),
        content_html=identity.readable(item["content:encoded"]),
        files=(file,) if url else (),
        parent=site.parent(parent),
        terms=_term_keys(item, site),
        fidelity=Fidelity.EXPORT,
        scope=identity.scope(site.key, "media"),
        stamp=item["wp:post_modified_gmt"],
        extra=_extra(item),
    )


def comment(item: Item, owner: Item, site: Site) -> Entry | None:
    """Return a comment or pingback of a post; None for spam."""
    status = _COMMENT_STATUS.get(item["wp:comment_approved"], item["wp:comment_approved"])
    if status == "spam":
        return None
    number, post_number = item.number("wp:comment_id"), owner.number("wp:post_id")
    kind = identity.kind_of(item["wp:comment_type"])
    reply = item.number("wp:comment_parent")
    extra: Json = {"author_url": item["wp:comment_author_url"]} if item["wp:comment_author_url"] else {}
    if reply:
        extra["in_reply_to"] = identity.key(site.key, "comment", reply)
    return Entry(
        keys=identity.keys("", site.key, kind, number),
        kind=kind,
        native_id=str(number),
        url=f"{owner['link']}#comment-{number}",
        creator=html.unescape(item["wp:comment_author"]),
        status=status,
        visibility=identity.visibility(status, password=False, parent_public=site.shown.get(post_number, False)),
        author="own" if site.my_number and item.number("wp:comment_user_id") == site.my_number else "others",
        published=moment(item["wp:comment_date_gmt"]),
        content_html=identity.readable(item["wp:comment_content"]),
        parent=site.parent(post_number),
        fidelity=Fidelity.EXPORT,
        scope=identity.scope(site.key, kind),
        stamp=item["wp:comment_date_gmt"],
        extra=extra,
    )


def term(piece: Piece, item: Item, site: Site) -> Entry:
    """Return a category, tag or other term."""
    taxonomy, slug, name, description, above = _term_fields(piece.name, item)
    number = item.number("wp:term_id")
    extra: Json = {"taxonomy": taxonomy, "slug": unquote(slug)}
    parent = site.terms.get((taxonomy, above))
    return Entry(
        keys=identity.keys("", site.key, "term", number or f"{taxonomy}:{slug}"),
        kind="term",
        native_id=str(number or f"{taxonomy}:{slug}"),
        title=html.unescape(name),
        status="publish",
        visibility=Visibility.PUBLIC,
        content_html=description,
        parent=identity.key(site.key, "term", parent) if parent else None,
        fidelity=Fidelity.EXPORT,
        scope=identity.scope(site.key, "term"),
        extra=extra,
    )


def term_name(piece: Piece, item: Item) -> tuple[str, str]:
    """Return (taxonomy, slug) of a term: how items of an export name it."""
    return _term_fields(piece.name, item)[:2]


def _term_fields(element: str, item: Item) -> tuple[str, str, str, str, str]:
    """Return taxonomy, slug, name, description and the parent's slug; each element names them in its own way."""
    if element == "wp:category":
        return (
            "category",
            item["wp:category_nicename"],
            item["wp:cat_name"],
            item["wp:category_description"],
            item["wp:category_parent"],
        )
    if element == "wp:tag":
        return "post_tag", item["wp:tag_slug"], item["wp:tag_name"], item["wp:tag_description"], ""
    return (
        item["wp:term_taxonomy"],
        item["wp:term_slug"],
        item["wp:term_name"],
        item["wp:term_description"],
        item["wp:term_parent"],
    )


def person(item: Item, site: Site) -> Entry:
    """Return an author: login and display name, no e-mail."""
    number, login = item.number("wp:author_id"), item["wp:author_login"]
    return Entry(
        keys=identity.keys("", site.key, "user", number or login),
        kind="user",
        native_id=str(number or login),
        title=item["wp:author_display_name"] or login,
        author=site.authorship(login),
        fidelity=Fidelity.EXPORT,
        scope=f"{identity.scope(site.key, 'user')}/export",  # an export names only who wrote: never a full list
        extra={"login": login},
    )


def _term_keys(item: Item, site: Site) -> tuple[Key, ...]:
    numbers = (site.terms.get((domain, slug)) for domain, slug, _ in item.categories if domain != FORMAT)
    return tuple(identity.key(site.key, "term", number) for number in sorted(n for n in numbers if n))


def _details(item: Item) -> Mapping[str, php.Value]:
    try:
        found = php.read(item.hidden("_wp_attachment_metadata"))
    except php.NotSerialisedError:
        return {}
    return found if isinstance(found, dict) else {}


def _media_type(url: str, details: Mapping[str, php.Value]) -> str:
    known = details.get("mime_type")
    if isinstance(known, str) and "/" in known:
        return known
    name = unquote(urlsplit(url).path).lower()
    return _WORDPRESS_TYPES.get(name.rpartition(".")[2]) or _TYPES.guess_type(name)[0] or ""


def _extra(item: Item) -> Json:
    extra: Json = {}
    for name, value in (
        ("slug", item["wp:post_name"]),
        ("excerpt", item["excerpt:encoded"] if item["wp:post_type"] != "attachment" else ""),
        ("template", item.hidden("_wp_page_template").replace("default", "")),
        ("format", next((s.removeprefix("post-format-") for d, s, _ in item.categories if d == FORMAT), "")),
    ):
        if value:
            extra[name] = value
    if item["wp:post_password"]:
        extra["protected"] = True
    if item["wp:is_sticky"] == "1":
        extra["sticky"] = True
    if item.hidden("_thumbnail_id").isdecimal():
        extra["featured_media"] = int(item.hidden("_thumbnail_id"))
    if item.number("wp:menu_order"):
        extra["menu_order"] = item.number("wp:menu_order")
    public: dict[str, JsonValue] = {}
    for key, value in item.meta:
        if key and not key.startswith("_"):
            before = public.get(key)
            public[key] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    if public:
        extra["meta"] = public
    if item.repaired:
        extra["repaired"] = "characters that XML does not allow were left out"
    return extra


def comments(pieces: list[bytes], owner: Item, site: Site, parser: Parser) -> Iterator[tuple[Entry, bytes]]:
    """Yield the comments of an item with their bytes; spam is left out."""
    for data in pieces:
        entry = comment(parser.item(data), owner, site)
        if entry is not None:
            yield entry, data
