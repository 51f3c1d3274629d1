"""Entries -> items of a WordPress export, with what their own bytes tell and the numbers of a plan. Pure."""

from __future__ import annotations

import html
import re
from datetime import datetime

from archive.entry import Entry, JsonValue, MediaFile, Visibility
from connectors.wordpress import identity
from connectors.wordpress.wxr_write import NO_TIME, Author, Comment, Item, Term, Times, well_formed
from connectors.wordpress.wxr_write_plan import Place, Plan, from_wordpress, places
from connectors.wordpress.wxr_write_said import Said

_TYPES = {"media": "attachment", "block": "wp_block"}
_APPROVED = {"approved": "1", "approve": "1", "hold": "0", "": "1"}
_OWN_TYPES = frozenset({"post", "page", "attachment", "wp_block", "nav_menu_item", "custom_css"})
_MADE_ANEW = frozenset(
    {
        "_edit_last",
        "_edit_lock",
        "_encloseme",
        "_pingme",
        "_thumbnail_id",
        "_wp_attached_file",
        "_wp_attachment_image_alt",
        "_wp_attachment_metadata",
        "_wp_page_template",
    }
)
"""Custom fields that the new site makes itself, or that are written from what the entry says."""
_OBJECT = re.compile(r'(?:^|[;{])[OC]:\+?\d+:"')
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\Z")
FORMAT = "post_format"


def post_type(entry: Entry, said: Said) -> str:
    """Return WordPress's own word for what it is; a journal or a note of another system is a post."""
    if not from_wordpress(entry):
        return "post"
    if said.type and identity.kind_of(said.type) == entry.kind:
        return said.type
    return _TYPES.get(entry.kind, entry.kind)


def is_own_type(name: str) -> bool:
    """Tell whether every WordPress knows the type, without a plugin."""
    return name in _OWN_TYPES or name.startswith("wp_")


def post(entry: Entry, said: Said, plan: Plan, *, guid: str, seen: Visibility, comments: tuple[Comment, ...]) -> Item:
    """
    Return a post, page or thing of any other type but a file.

    Args:
        entry: With its content.

        said: What its bytes tell.

        plan: Settled.

        guid: For a thing that no WordPress gave one.

        seen: Who may see it, by the owner's marks: decides for what has no status of a blog.

        comments: What stands below it.
    """
    kind = post_type(entry, said)
    extra = entry.extra
    format_name = str(extra.get("format") or "")
    terms = plan.terms_of(entry.terms, entry.tags)
    if format_name:
        terms = (*terms, Term(0, FORMAT, f"post-format-{format_name}", format_name.capitalize()))
    thumbnail = _featured(entry, plan)
    hidden = [("_thumbnail_id", str(thumbnail))] if thumbnail else []
    if extra.get("template"):
        hidden.append(("_wp_page_template", str(extra["template"])))
    return Item(
        number=plan.posts.of(entry.keys),
        type=kind,
        title=entry.title,
        link=entry.url,
        guid=guid_of(entry) or guid,
        creator=_login(plan.author(entry, said.author)),
        published=entry.published,
        content=entry.content_html if said.content is None else said.content,
        excerpt=str(extra.get("excerpt") or ""),
        times=_times(entry, said, plan),
        comments_open=said.comments_open,
        pings_open=said.pings_open,
        slug=str(extra.get("slug") or ""),
        status=_status(entry, seen),
        parent=_parent(entry, plan),
        menu_order=_number(extra.get("menu_order")),
        sticky=bool(extra.get("sticky")),
        terms=terms,
        meta=(*hidden, *_custom_fields(entry, said)),
        comments=comments,
    )


def media(entry: Entry, said: Said, plan: Plan, *, guid: str, address: str, path: str) -> Item:
    """
    Return an uploaded file.

    Args:
        entry: A file of a media library; or any that is nothing but a file.

        said: What its bytes tell.

        plan: Settled.

        guid: For a thing that no WordPress gave one.

        address: Where the importing site finds the bytes.

        path: Where they lay below the uploads, ``2026/03/name.png``: the new site puts them there again.
    """
    file = entry.files[0]
    return Item(
        number=plan.posts.of(entry.keys),
        type="attachment",
        title=entry.title or file.name,
        link=entry.url,
        guid=guid_of(entry) or guid,
        creator=_login(plan.author(entry, said.author)),
        published=entry.published,
        content=entry.content_html if said.content is None else said.content,
        excerpt=file.caption,
        times=_times(entry, said, plan),
        comments_open=said.comments_open,
        pings_open=said.pings_open,
        slug=str(entry.extra.get("slug") or ""),
        status=entry.status if from_wordpress(entry) and entry.status else "inherit",
        parent=_parent(entry, plan),
        attachment_url=address,
        terms=plan.terms_of(entry.terms, ()),
        meta=(*_file_fields(file, path), *_custom_fields(entry, said)),
    )


def attached(file: MediaFile, below: Item, *, number: int, guid: str, address: str, path: str) -> Item:
    """Return a file that another system keeps inside its thing, as an upload of the post that this became."""
    return Item(
        number=number,
        type="attachment",
        title=file.name,
        guid=guid,
        creator=below.creator,
        published=below.published,
        excerpt=file.caption,
        times=below.times,
        status="inherit",
        parent=below.number,
        attachment_url=address,
        meta=tuple(_file_fields(file, path)),
    )


def comment(entry: Entry, said: Said, plan: Plan, *, below: str) -> Comment:
    """Return a comment or pingback; ``below`` is the status of the post that it belongs to."""
    author = plan.author(entry, said.author) if entry.author == "own" and said.author not in {"", "0"} else None
    approved = _APPROVED.get(entry.status, entry.status)
    return Comment(
        number=plan.comments.of(entry.keys),
        author=html.escape(entry.creator, quote=False),
        author_url=str(entry.extra.get("author_url") or ""),
        times=_times(entry, said, plan),
        content=entry.content_html if said.content is None else said.content,
        approved="post-trashed" if approved == below == "trash" else approved,
        type=said.type if identity.kind_of(said.type) == entry.kind and said.type else entry.kind,
        parent=plan.comments.of((str(entry.extra.get("in_reply_to") or ""),)),
        user=author.number if author else 0,
    )


def guid_of(entry: Entry) -> str:
    """Return the guid that WordPress gave, ``""`` for none: it is what lets two sights of a post be one."""
    return next((key.removeprefix("guid:") for key in entry.keys if key.startswith("guid:")), "")


def has_objects(entry: Entry, said: Said) -> bool:
    """Tell whether custom fields hold objects of PHP: a reader that takes them would run what they bring."""
    return any(_OBJECT.search(value) for _, value in _all_fields(entry, said))


def _status(entry: Entry, seen: Visibility) -> str:
    if not from_wordpress(entry):
        return "draft" if entry.status == "draft" else "publish" if seen is Visibility.PUBLIC else "private"
    if entry.extra.get("protected") and entry.status in {"publish", "future", ""}:
        return "private"
    return entry.status or ("publish" if seen is Visibility.PUBLIC else "private")


def _times(entry: Entry, said: Said, plan: Plan) -> Times:
    """Return the four times; the local ones as the site itself gave them, where it did."""
    local = _valid(said.date)
    if entry.published is not None:
        date = local or _local(entry.published, plan)
    else:  # a draft that nobody dated has a local time and none in UTC
        date = local or (_local(entry.updated, plan) if entry.updated else NO_TIME)
    changed = entry.updated or entry.published
    modified = _valid(said.modified) or (_local(changed, plan) if changed else date)
    return Times(date, _utc(entry.published), modified, _utc(changed))


def _utc(moment: datetime | None) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "seconds") if moment else NO_TIME


def _valid(told: str) -> str:
    """Return a time if it is one: the bytes of a site may say anything."""
    try:
        return told if _TIME.match(told) and datetime.fromisoformat(told) else ""
    except ValueError:
        return ""


def _local(moment: datetime, plan: Plan) -> str:
    try:
        local = moment.astimezone(plan.zone)
    except OverflowError:
        return _utc(moment)
    return local.replace(tzinfo=None).isoformat(" ", "seconds")


def _login(author: Author | None) -> str:
    return author.login if author else ""


def _parent(entry: Entry, plan: Plan) -> int:
    return plan.posts.of((entry.parent,)) if entry.parent else 0


def _featured(entry: Entry, plan: Plan) -> int:
    number = _number(entry.extra.get("featured_media"))
    sites = [place.site for place in places(entry.keys)]
    return plan.posts.of(f"wordpress:{site}/media/{number}" for site in sites) if number else 0


def featured_place(entry: Entry) -> Place | None:
    """Return where its featured image is counted."""
    number = _number(entry.extra.get("featured_media"))
    site = next((place.site for place in places(entry.keys)), "")
    return Place(site, "post", number) if number and site else None


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0


def _file_fields(file: MediaFile, path: str) -> list[tuple[str, str]]:
    fields = [("_wp_attached_file", path)]
    if file.alt:
        fields.append(("_wp_attachment_image_alt", file.alt))
    return fields


def _custom_fields(entry: Entry, said: Said) -> list[tuple[str, str]]:
    return [(key, value) for key, value in _all_fields(entry, said) if not _OBJECT.search(value)]


def _all_fields(entry: Entry, said: Said) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    for part in ("meta", "acf"):
        known = entry.extra.get(part)
        for key, value in known.items() if isinstance(known, dict) else ():
            # a list is how several fields of one name are held
            values = value if isinstance(value, list) else [value]
            fields += [(key, _field(one)) for one in values if one not in ("", None)]
    fields += [(key, value) for key, value in said.hidden if key not in _MADE_ANEW]
    return fields


def _field(value: JsonValue) -> str:
    """Return a value as WordPress keeps it in a custom field."""
    if isinstance(value, (dict, list)):
        return _serialised(value)
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value)


def _serialised(value: JsonValue) -> str:
    """Return a value as PHP's ``serialize`` writes it (lengths are bytes)."""
    if value is None:
        return "N;"
    if isinstance(value, bool):
        return f"b:{int(value)};"
    if isinstance(value, int):
        return f"i:{value};"
    if isinstance(value, float):
        return f"d:{value!r};"
    if isinstance(value, str):
        value = well_formed(value)
        return f's:{len(value.encode("utf-8", "surrogatepass"))}:"{value}";'
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    inside = "".join(_serialised(key) + _serialised(one) for key, one in pairs)
    return f"a:{len(value)}:{{{inside}}}"
