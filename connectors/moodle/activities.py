"""Entries that the owner made in databases and glossaries, and pages of the owner's own wikis."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from archive.entry import Entry, Json, MediaFile
from connectors.contract import Yield
from connectors.moodle import export_keys, files, identity, text
from connectors.moodle.api import Call
from connectors.moodle.reading import Reading, found, named

DATABASES = "mod_data_get_databases_by_courses"
FIELDS, RECORDS = "mod_data_get_fields", "mod_data_get_entries"
GLOSSARIES = "mod_glossary_get_glossaries_by_courses"
TERMS = "mod_glossary_get_entries_by_letter"
WIKIS = "mod_wiki_get_wikis_by_courses"
SUBWIKIS, PAGES = "mod_wiki_get_subwikis", "mod_wiki_get_subwiki_pages"
PAGE = 100

_CONTENTS = re.compile(r'<div class="wiki-toc">.*?</div>', re.DOTALL)
_EDIT = re.compile(r'\s*<a [^>]*class="wiki_edit_section"[^>]*>.*?</a>', re.DOTALL)
_SEVERAL = frozenset({"multimenu", "checkbox"})


def databases(reading: Reading) -> Iterator[Yield]:
    """Yield the owner's entries of databases: logs of professional development are often kept there."""
    answer = reading.activities.get(DATABASES)
    if answer is None or not reading.offers("Database entries", FIELDS, RECORDS):
        return
    rows = list(answer.get("databases") or ())
    asked = [Call(FIELDS, {"databaseid": one["id"]}) for one in rows]
    asked += [_page_of(one, 0) for one in rows]
    replies = reading.each(asked, [named("Database", one) for one in rows] * 2)
    fields, pages = replies[: len(rows)], replies[len(rows) :]
    for database, about, page in zip(rows, fields, pages, strict=True):
        names = {one["id"]: one for one in (about or {}).get("fields") or ()}
        for one in _records(database, page, reading) if about is not None else ():
            yield found(_record(one, names, database, reading), one)


def glossaries(reading: Reading) -> Iterator[Yield]:
    """Yield the owner's entries of glossaries."""
    answer = reading.activities.get(GLOSSARIES)
    if answer is None or not reading.offers("Glossary entries", TERMS):
        return
    rows = list(answer.get("glossaries") or ())
    pages: list[list[Any]] = [[] for _ in rows]
    waiting = [(at, 0) for at in range(len(rows))]
    while waiting:
        asked = [Call(TERMS, {"id": rows[at]["id"], "letter": "ALL", "from": n, "limit": PAGE}) for at, n in waiting]
        more = []
        names = [named("Glossary", rows[at]) for at, _ in waiting]
        for (at, begin), page in zip(waiting, reading.each(asked, names), strict=True):
            entries = (page or {}).get("entries") or ()
            pages[at] += [one for one in entries if reading.mine(one)]
            if entries and begin + len(entries) < int(page.get("count") or 0):
                more.append((at, begin + len(entries)))
        waiting = more
    for glossary, terms in zip(rows, pages, strict=True):
        twice = Counter(" ".join(str(one.get("concept")).split()) for one in terms)
        for one in terms:
            only = twice[" ".join(str(one.get("concept")).split())] == 1
            yield found(_term(one, glossary, reading, by_words=only), one)


def wikis(reading: Reading) -> Iterator[Yield]:
    """Yield the pages of wikis that are the owner's alone. Of a shared page Moodle tells only who edited it last."""
    answer = reading.activities.get(WIKIS)
    if answer is None or not reading.offers("Wiki pages", SUBWIKIS, PAGES):
        return
    rows = {one["id"]: one for one in answer.get("wikis") or () if one.get("wikimode") == "individual"}
    parts = reading.each(
        [Call(SUBWIKIS, {"wikiid": number}) for number in rows], [named("Wiki", one) for one in rows.values()]
    )
    own = [
        (rows[part["wikiid"]], part)
        for answer in parts
        for part in (answer or {}).get("subwikis") or ()
        if reading.mine(part) and int(part.get("id") or 0) > 0
    ]
    asked = [
        Call(
            PAGES,
            {
                "wikiid": wiki["id"],
                "groupid": int(part.get("groupid") or 0),
                "userid": reading.who.number,
                "options": {"sortby": "title", "sortdirection": "ASC", "includecontent": 1},
            },
        )
        for wiki, part in own
    ]
    for (wiki, _), pages in zip(own, reading.each(asked, [named("Wiki", one) for one, _ in own]), strict=True):
        for one in (pages or {}).get("pages") or ():
            yield found(_page(one, wiki, reading), one)


def _page_of(database: Any, page: int) -> Call:
    """Return the question for a page of everybody's entries."""
    return Call(
        RECORDS,
        {
            "databaseid": database["id"],
            "groupid": 0,
            "returncontents": 1,
            "sort": 0,
            "order": "ASC",
            "page": page,
            "perpage": PAGE,
        },
    )


def _records(database: Any, page: Any, reading: Reading) -> list[Any]:
    """Return the owner's entries of a database, of which the first page is here."""
    here, total = len((page or {}).get("entries") or ()), int((page or {}).get("totalcount") or 0)
    pages = -(-total // here) if here else 1  # a site may give fewer than were asked for
    more = reading.each([_page_of(database, n) for n in range(1, pages)], named("Database", database))
    rows = [one for answer in (page, *more) if answer for one in answer.get("entries") or () if reading.mine(one)]
    return list({one["id"]: one for one in rows}.values())


def _record(one: Any, names: dict[int, Any], database: Any, reading: Reading) -> Entry:
    who, course = reading.who, reading.course(database.get("course"))
    rows: list[tuple[str, str]] = []
    held: list[MediaFile] = []
    for part in one.get("contents") or ():
        about = names.get(part.get("fieldid")) or {}
        kind = str(about.get("type") or "text")
        held += files.media(part.get("files"), alt=str(part.get("content1") or "") if kind == "picture" else "")
        rows.append((str(about.get("name") or ""), _value(kind, part)))
    words = [text.plain(value) for _, value in rows]
    fields: Json = {name: value for (name, _), value in zip(rows, words, strict=True) if name}
    return Entry(
        keys=(identity.database_entry(who.site, one["id"]),),
        kind="database-entry",
        native_id=str(one["id"]),
        title=next((word for word in words if word), "")[:120] or str(database.get("name") or ""),
        url=f"{who.root}/mod/data/view.php?d={database['id']}&rid={one['id']}",
        creator=who.name,
        published=text.moment(one.get("timecreated")),
        updated=text.moment(one.get("timemodified")),
        content_html=text.definitions(rows),
        files=files.unique(held),
        tags=tuple(str(tag.get("rawname") or tag.get("name")) for tag in one.get("tags") or ()),
        scope=reading.scope("database-entries"),
        stamp=str(one.get("timemodified") or ""),
        extra={**course.extra, "database": str(database.get("name") or ""), "fields": fields},
    )


def _value(kind: str, part: Any) -> str:
    """Return the value of one field as HTML; what ``content1`` to ``content4`` hold depends on the kind of field."""
    content, second = str(part.get("content") or ""), str(part.get("content1") or "")
    if kind == "date":
        return text.day(text.moment(content))
    if kind == "textarea":
        return text.as_html(content, second or 1)
    if kind == "url":
        return text.link(content, second)
    if kind in _SEVERAL:
        return html.escape(", ".join(filter(None, content.split("##"))))
    if kind == "latlong":
        return html.escape(", ".join(filter(None, (content, second))))
    return html.escape(content).replace("\n", "<br>")


def _term(one: Any, glossary: Any, reading: Reading, *, by_words: bool) -> Entry:
    """Return a glossary entry; ``by_words``: no other one of the owner there is called the same."""
    who, course = reading.who, reading.course(glossary.get("course"))
    inline = files.media(one.get("definitioninlinefiles"))
    content, _ = text.placed(text.as_html(one.get("definition"), one.get("definitionformat")), inline)
    place = reading.contexts.get(("glossary", int(glossary["id"])), 0)
    # a data request tells the number only of entries with tags or files
    worded = (export_keys.term(who.site, place, str(one.get("concept") or "")),) if place and by_words else ()
    return Entry(
        keys=(identity.glossary_entry(who.site, one["id"]), *worded),
        kind="glossary-entry",
        native_id=str(one["id"]),
        title=str(one.get("concept") or ""),
        url=f"{who.root}/mod/glossary/showentry.php?eid={one['id']}",
        creator=who.name,
        status="approved" if one.get("approved", True) else "waiting",
        published=text.moment(one.get("timecreated")),
        updated=text.moment(one.get("timemodified")),
        content_html=content,
        files=files.unique((*inline, *files.media(one.get("attachments")))),
        tags=tuple(str(tag.get("rawname") or tag.get("name")) for tag in one.get("tags") or ()),
        scope=reading.scope("glossary-entries"),
        stamp=str(one.get("timemodified") or ""),
        extra={**course.extra, "glossary": str(glossary.get("name") or "")},
    )


def _page(one: Any, wiki: Any, reading: Reading) -> Entry:
    who, course = reading.who, reading.course(wiki.get("course"))
    content = _EDIT.sub("", _CONTENTS.sub("", text.as_html(one.get("cachedcontent"))))
    return Entry(
        keys=(identity.wiki_page(who.site, one["id"]),),
        kind="wiki-page",
        native_id=str(one["id"]),
        title=str(one.get("title") or ""),
        url=f"{who.root}/mod/wiki/view.php?pageid={one['id']}",
        creator=who.name,
        published=text.moment(one.get("timecreated")),
        updated=text.moment(one.get("timemodified")),
        content_html=content,
        tags=tuple(str(tag.get("rawname") or tag.get("name")) for tag in one.get("tags") or ()),
        scope=reading.scope("wiki-pages"),
        stamp=str(one.get("timemodified") or ""),
        extra={**course.extra, "wiki": str(wiki.get("name") or "")},
    )
