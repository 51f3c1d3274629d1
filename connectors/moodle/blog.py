"""
Blog entries: the owner's own, drafts too, with tags, files and comments.

All are listed each time: the newest come first by their day of writing, so that an old entry that was edited stands
anywhere. The owner is always part of the question: without, Moodle gives everybody's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from archive.entry import Entry, Fidelity, Json, Key, Visibility
from connectors.contract import Promised, Yield
from connectors.moodle import comments, files, identity, text
from connectors.moodle.api import Api, Call
from connectors.moodle.faults import Refusal
from connectors.moodle.reading import Account, Reading, found

FUNCTION = "core_blog_get_entries"
FAMILY = "blog"
COPIES = "blog-copies"
"""A scope of its own that is never listed: what Moodle drops of a copy says nothing of the original."""
PAGE = 100
_COPY = "blog_external"
_UNHEARD_OF = "nosuchentry"


def first(who: Account, page: int = 0, size: int | None = None) -> Call:
    """Return the question for a page of the owner's entries."""
    mine = [{"name": "userid", "value": who.number}]
    return Call(FUNCTION, {"filters": mine, "page": page, "perpage": size or PAGE})


def read(reading: Reading) -> Iterator[Yield]:
    """Yield all entries, what exists, and their comments."""
    page = reading.opening.get(FUNCTION)
    if page is None:
        return
    rows, total = list(page.get("entries") or ()), int(page.get("totalentries") or 0)
    whole = True
    pages = -(-total // max(len(rows), 1)) if len(rows) < total else 1  # a site may give fewer than were asked for
    for more in reading.each([first(reading.who, n) for n in range(1, pages)], "Blog entries"):
        rows += more.get("entries") or () if more else ()
        whole = whole and more is not None
    if len({one["id"] for one in rows}) < total:
        # entries of one second, as an import makes them, have no order: one may be on two pages, and another on none
        for more in reading.each([first(reading.who, 0, total)], "Blog entries"):
            rows += more.get("entries") or () if more else ()
    mine = {one["id"]: one for one in rows if reading.mine(one)}
    yield Promised("post", total)
    entries = [entry_of(one, reading) for one in mine.values()]
    for entry, one in zip(entries, mine.values(), strict=True):
        yield found(entry, one)
    if whole and len(mine) == total:
        yield reading.listed(FAMILY, {entry.keys[0] for entry in entries if entry.scope == reading.scope(FAMILY)})
    yield from comments.comments(reading, [_place(entry, reading) for entry in entries], "Comments on the blog")


def entry_of(one: Any, reading: Reading) -> Entry:
    """Return a blog entry."""
    who = reading.who
    inline = files.media(one.get("summaryfiles"))
    content, lost = text.placed(text.as_html(one.get("summary"), one.get("summaryformat")), inline)
    permalink = str(one.get("uniquehash") or "") if one.get("module") == _COPY else ""
    course = reading.course(one.get("courseid")) if one.get("courseid") else None
    extra: Json = {
        **(course.extra if course and course.name else {}),
        **({"copy_of": permalink} if permalink else {}),
        **({"lost_links": list(lost)} if lost else {}),
    }
    status = str(one.get("publishstate") or "")
    return Entry(
        keys=_keys(who, one["id"], permalink),
        kind="post",
        native_id=str(one["id"]),
        title=str(one.get("subject") or ""),
        url=permalink or f"{who.root}/blog/index.php?entryid={one['id']}",
        creator=who.name,
        status=status,
        visibility=Visibility.PUBLIC if status == "public" else Visibility.PRIVATE,
        published=text.moment(one.get("created")),
        updated=text.moment(one.get("lastmodified")),
        content_html=content,
        files=files.unique((*inline, *files.media(one.get("attachmentfiles")))),
        tags=tuple(str(tag.get("rawname") or tag.get("name")) for tag in one.get("tags") or ()),
        fidelity=Fidelity.FEED if permalink else Fidelity.FULL,
        scope=reading.scope(COPIES if permalink else FAMILY),
        stamp=str(one.get("lastmodified") or ""),
        extra=extra,
    )


def exists(api: Api, who: Account, number: str) -> Literal["unlisted", "gone", "unknown"]:
    """Look straight at one entry: gone where Moodle knows none of its number, or lists none of the owner's under it."""
    reply = api.call(FUNCTION, filters=[{"name": "entryid", "value": number}], page=0, perpage=1)
    if isinstance(reply, Refusal):
        return "gone" if reply.code == _UNHEARD_OF else "unknown"
    if not isinstance(reply, dict) or "entries" not in reply:
        return "unknown"
    there = [one for one in reply["entries"] if str(one.get("id")) == number and one.get("userid") == who.number]
    return "unlisted" if there else "gone"


def _keys(who: Account, number: int, permalink: str) -> tuple[Key, ...]:
    own = identity.blog(who.site, number)
    return (own, identity.external_copy(permalink)) if permalink else (own,)


def _place(entry: Entry, reading: Reading) -> comments.Place:
    who = reading.who
    return comments.Place(
        "user", who.number, "blog", int(entry.native_id), "format_blog", entry.keys[0], entry.title,
        f"{who.root}/blog/index.php?entryid={entry.native_id}", entry.keys[0],
    )  # fmt: skip
