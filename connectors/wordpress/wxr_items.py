"""
Pieces of a WordPress export -> entries. Pure: bytes in, values out.

Secrets and others' addresses are cut out of the bytes before anything else sees them: what is kept of an item is what
WordPress wrote, with the post's password and the commenters' e-mail, address and agent emptied.
"""

from __future__ import annotations

import html
import io
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urljoin, urlsplit

from lxml import etree

from archive.entry import Authorship, Entry, Fidelity, Json, JsonValue, Key, MediaFile, Visibility
from connectors.wordpress import identity, php
from connectors.wordpress.wxr_file import MAX_ITEM, Piece, cut

NO_EVIDENCE = frozenset({"revision", "customize_changeset", "oembed_cache", "user_request"})
"""Post types that WordPress leaves out of exports itself, and some plugins do not."""

_NAMESPACES = {
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "wp": "http://wordpress.org/export/1.2/",
}
_NOT_IN_XML = bytes(set(range(32)) - {9, 10, 13})
_CDATA = rb"<!\[CDATA\[.*?\]\]>"
_SECRET = re.compile(
    _CDATA
    + rb"|<!--.*?-->|<(wp:(?:post_password|comment_author_email|comment_author_IP|comment_agent|author_email))\s*>"
    + rb"(?:"
    + _CDATA
    + rb"|[^<])*</\1\s*>",
    re.DOTALL,
)
_COMMENT_META = ("wp:commentmeta",)  # spam filters keep whole requests there, with address and e-mail
_COMMENT_STATUS = {"1": "approved", "0": "hold", "post-trashed": "trash"}
FORMAT = "post_format"
"""A taxonomy that is none to a person: an aside, a gallery. It goes to ``extra``."""
_NO_TIME = "0000-00-00 00:00:00"
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


class NotWellFormedError(ValueError):
    """A piece of the export is not XML; the message says where, from the piece's own first line."""


@dataclass(frozen=True)
class Item:
    """One parsed piece: fields by name (``wp:post_id``), custom fields, terms as (taxonomy, slug, name)."""

    fields: Mapping[str, str]
    meta: tuple[tuple[str, str], ...]
    categories: tuple[tuple[str, str, str], ...]
    repaired: bool = False

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def number(self, name: str) -> int:
        text = self[name].strip()
        return int(text) if text.isdecimal() else 0

    def hidden(self, name: str) -> str:
        """Return the last custom field of that name, such as ``_thumbnail_id``."""
        return next((value for key, value in reversed(self.meta) if key == name), "")


@dataclass
class Site:
    """What the whole export says, and an item of it needs: whose it is, names of terms and people, who shows what."""

    key: str = ""
    title: str = ""
    language: str = ""
    url: str = ""
    me: str = ""  # login of the owner, where several people write; "" for whoever wrote it
    my_number: int = 0
    people: dict[str, str] = field(default_factory=dict)  # login -> display name
    terms: dict[tuple[str, str], int] = field(default_factory=dict)  # (taxonomy, slug) -> number
    shown: dict[int, bool] = field(default_factory=dict)  # post number -> strangers may read it
    kinds: dict[int, str] = field(default_factory=dict)  # post number -> kind

    def meet(self, author: Item) -> None:
        """Remember somebody who writes here."""
        login = author["wp:author_login"]
        self.people[login] = author["wp:author_display_name"] or login
        if login == self.me:
            self.my_number = author.number("wp:author_id")

    def authorship(self, login: str) -> Authorship:
        """On a blog that several people write, what others wrote is others'."""
        return "others" if self.me and login not in ("", self.me) else "own"


def clean(data: bytes) -> bytes:
    """Return the bytes of a piece without post passwords and without commenters' e-mail, address and agent."""
    return _SECRET.sub(lambda m: b"<%b></%b>" % (m[1], m[1]) if m[1] else m[0], data)


def split(data: bytes) -> tuple[bytes, list[bytes]]:
    """Return an item without its comments, and its comments: each is an entry of its own."""
    rest: list[bytes] = []
    comments: list[bytes] = []
    for piece in cut(io.BytesIO(data), ("wp:comment",)):
        (comments if piece.name else rest).append(piece.data)
    without_meta = [
        b"".join(p.data for p in cut(io.BytesIO(comment), _COMMENT_META) if not p.name) for comment in comments
    ]
    return b"".join(rest), without_meta


class Parser:
    """Parses pieces in the namespaces that the head of the export declares."""

    def __init__(self, head: bytes) -> None:
        declaration = re.match(rb"\s*(?:\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)", head)
        self._start = declaration[1] if declaration else b'<?xml version="1.0" encoding="UTF-8"?>'
        rss = re.search(rb"<rss\b([^>]*)>", head)
        given = dict(re.findall(rb"""xmlns:([\w.-]+)\s*=\s*["']([^"'<>&]*)["']""", rss[1] if rss else b""))
        wanted = {k.encode(): v.encode() for k, v in _NAMESPACES.items()} | given
        self._start += b"<rss" + b"".join(b' xmlns:%b="%b"' % pair for pair in wanted.items()) + b">"

    def channel(self, head: bytes) -> Item:
        """Return the channel's own fields from the head of the file."""
        start = re.search(rb"<channel\b[^>]*>", head)
        return self.item(b"<channel>" + (head[start.end() :] if start else b"") + b"</channel>")

    def item(self, data: bytes) -> Item:
        """
        Return the fields of a piece.

        Raises:
            NotWellFormedError: It is no XML, even without the control characters that XML forbids.
        """
        allowed = self._as_declared(data.translate(None, _NOT_IN_XML))
        whole = self._start + allowed + b"</rss>"
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            huge_tree=len(whole) <= 2 * MAX_ITEM,
        )
        try:
            root = etree.fromstring(whole, parser)
        except etree.XMLSyntaxError as error:
            raise NotWellFormedError(error.msg) from error
        return _item(root[0], repaired=allowed != data)

    def _as_declared(self, data: bytes) -> bytes:
        """Return the bytes with U+FFFD for what is no UTF-8, where the file says that it is UTF-8."""
        if b"utf-8" not in self._start[:80].lower():
            return data
        return data.decode("utf-8", "replace").replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd").encode()


def _item(element: etree._Element, *, repaired: bool) -> Item:
    fields: dict[str, str] = {}
    meta: list[tuple[str, str]] = []
    categories: list[tuple[str, str, str]] = []
    for child in element:
        name = _name(child)
        if name in ("wp:postmeta", "wp:termmeta"):
            pair = {_name(part): part.text or "" for part in child}
            meta.append((pair.get("wp:meta_key", ""), pair.get("wp:meta_value", "")))
        elif name == "category":
            categories.append((child.get("domain") or "category", child.get("nicename") or "", child.text or ""))
        else:
            fields.setdefault(name, child.text or "")
    return Item(fields, tuple(meta), tuple(categories), repaired)


def _name(element: etree._Element) -> str:
    """Return ``wp:post_id`` whatever the version in the namespace (1.0, 1.1, 1.2)."""
    found = etree.QName(element)
    space = found.namespace or ""
    if space.startswith("http://wordpress.org/export/"):
        return f"{'excerpt' if space.rstrip('/').endswith('excerpt') else 'wp'}:{found.localname}"
    prefix = next((p for p, uri in _NAMESPACES.items() if uri == space), "")
    return f"{prefix}:{found.localname}" if prefix else found.localname


# --- entries --------------------------------------------------------------------------------------------------------


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
        visibility=identity.visibility(item["wp:status"], bool(item["wp:post_password"]), parent_public=True),
        author=site.authorship(item["dc:creator"]),
        published=published(item),
        updated=_time(item["wp:post_modified_gmt"]) or _time(item["wp:post_date_gmt"]),
        content_html=identity.readable(content),
        parent=parent_key(item.number("wp:post_parent"), site),
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
        published=published(item),
        updated=_time(item["wp:post_modified_gmt"]) or _time(item["wp:post_date_gmt"]),
        content_html=identity.readable(item["content:encoded"]),
        files=(file,) if url else (),
        parent=parent_key(parent, site),
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
        published=_time(item["wp:comment_date_gmt"]),
        content_html=identity.readable(item["wp:comment_content"]),
        parent=parent_key(post_number, site),
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


def parent_key(number: int, site: Site) -> Key | None:
    """Return the key of the post with that number, of whatever kind; None for none."""
    return identity.key(site.key, site.kinds.get(number, "post"), number) if number else None


def published(item: Item) -> datetime | None:
    """Return when it was, or will be, published; None for a draft that has no date yet."""
    return _time(item["wp:post_date_gmt"])


def _time(text: str) -> datetime | None:
    """Read one of WordPress's ``*_gmt`` times."""
    if not text or text == _NO_TIME:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def exported(text: str) -> datetime | None:
    """Read the channel's ``pubDate``."""
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None


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
