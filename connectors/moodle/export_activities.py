"""Entries of databases and glossaries, and pages of wikis, in a data-request zip: the owner's own for certain."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from archive.entry import Json, MediaFile
from connectors.contract import Found
from connectors.moodle import export_keys, identity, text
from connectors.moodle.export_making import Maker, last_number, plain
from connectors.moodle.export_tree import Document, Place

_ITEM = re.compile(r"_(\d+)")
_PAGE = re.compile(r"(\d+) ")
_CONTENTS = re.compile(r'<div class="wiki-toc">.*?</div>', re.DOTALL)
_EDIT = re.compile(r'\s*<a [^>]*class="wiki_edit_section"[^>]*>.*?</a>', re.DOTALL)


def read(maker: Maker) -> Iterator[Found]:
    """Yield all of it."""
    for one in maker.tree.documents:
        if one.place == maker.tree.person or not isinstance(one.value, dict):
            continue
        if isinstance(one.value.get("page"), dict) and one.has("revisions"):
            yield from maker.guarded(one, _page(maker, one))
        elif isinstance(one.value.get("entries"), list) and one.below == ("data.json",):
            yield from maker.guarded(one, _terms(maker, one))
    yield from _records(maker)


def _records(maker: Maker) -> Iterator[Found]:
    """
    Yield own entries of databases.

    Moodle writes what is known of an entry (whose, when) into the folder of the database that it exports next; so it is
    looked for by the entry's number in all of them.
    """
    about = {
        one.folder[0]: one.value
        for one in maker.tree.documents
        if len(one.folder) == 1 and one.has("userid", "approved", "timecreated")
    }
    found: dict[tuple[Place, str], list[Document]] = {}
    for one in maker.tree.documents:
        if len(one.folder) == 2 and one.has("field") and _ITEM.fullmatch(one.folder[0]):
            found.setdefault((one.place, one.folder[0]), []).append(one)
    for (place, folder), fields in found.items():
        known = about.get(folder)
        if known is None or not maker.tree.number or known["userid"] != maker.tree.number:
            maker.leave_out("database entry")
            continue
        made = _record(maker, place, folder.removeprefix("_"), known, sorted(fields, key=_place_in_form))
        yield from maker.guarded(fields[0], made)


def _place_in_form(one: Document) -> int:
    found = _ITEM.fullmatch(one.folder[1])
    return int(found[1]) if found else 0


def _record(maker: Maker, place: Place, number: str, about: Json, fields: list[Document]) -> Iterator[Found]:
    name = maker.activity(place)
    first = next((_value(one) for one in fields if _type(one) == "text" and _value(one)), name)
    yield maker.found(
        {**about, "fields": [one.value for one in fields]},
        keys=(identity.database_entry(maker.site, number),),
        kind="database-entry",
        family="database-entries",
        native_id=number,
        title=first,
        url=f"{maker.root}/mod/data/view.php?rid={number}",
        status="approved" if maker.tree.yes(about["approved"]) else "",
        created=about["timecreated"],
        modified=about.get("timemodified"),
        content=text.definitions([_field(maker, one) for one in fields]),
        files=[file for one in fields for file in _of_field(maker, one)],
        extra={**maker.course(place), "database": name},
    )


def _type(one: Document) -> str:
    about = one.value["field"]
    return str(about.get("type")) if isinstance(about, dict) else ""


def _field(maker: Maker, one: Document) -> tuple[str, str]:
    about = one.value["field"] if isinstance(one.value["field"], dict) else {}
    name, value = plain(about.get("name")), one.value
    if value.get("url"):
        return name, text.link(str(value["url"]), str(value.get("text") or ""))
    if value.get("file"):
        held = maker.addresses.find(str(value["file"]))
        if held and _type(one) == "picture":
            alt = html.escape(str(value.get("alttext") or ""))
            return name, f'<img src="{html.escape(maker.addresses.url(held))}" alt="{alt}">'
        return name, text.link(maker.addresses.url(held), held.name) if held else html.escape(str(value["file"]))
    content = _value(one)
    if _type(one) == "textarea":
        return name, content
    if _type(one) == "date":
        content = maker.clock.day(content) or content
    return name, html.escape(content).replace("\n", "<br>")


def _value(one: Document) -> str:
    content = one.value.get("content")
    return ", ".join(map(str, content)) if isinstance(content, list) else str(content if content is not None else "")


def _of_field(maker: Maker, one: Document) -> list[MediaFile]:
    alt = str(one.value.get("alttext") or "")
    return [maker.addresses.media(file, alt=alt) for file in maker.tree.below(one.place, one.folder)]


def _terms(maker: Maker, one: Document) -> Iterator[Found]:
    """
    Yield own entries of a glossary.

    The zip also has others', on which the owner commented or which she rated, without saying whose they are. Own for
    certain is one that has a tag or a file, which are given for own ones only, and one without comments and ratings.
    """
    folders = _term_folders(maker, one)
    concepts = [plain(row.get("concept")) if isinstance(row, dict) else "" for row in one.value["entries"]]
    count = Counter(map(_letters, concepts))
    for row, concept in zip(one.value["entries"], concepts, strict=True):
        alike = [folder for folder in folders if _same(folder[-1], concept)]
        folder = alike[0] if len(alike) == 1 else ()
        if len(alike) > 1 or count[_letters(concept)] != 1 or (folder and not _is_own(maker, one, folder)):
            maker.leave_out("glossary entry")
            continue
        number = last_number(folder[-1]) if folder else ""
        by_words = export_keys.term(maker.site, one.place.number, concept)
        beside = Document(one.member, one.place, (*folder, "data.json"), row)
        yield maker.found(
            row,
            keys=(identity.glossary_entry(maker.site, number), by_words) if number else (by_words,),
            kind="glossary-entry",
            family="glossary-entries",
            native_id=number or by_words.rpartition("/")[2],
            title=concept,
            url=f"{maker.root}/mod/glossary/showentry.php?eid={number}" if number else "",
            created=row.get("timecreated"),
            modified=row.get("timemodified"),
            content=str(row.get("definition") or ""),
            files=maker.files(beside) if folder else (),
            tags=maker.tags(beside) if folder else (),
            extra={**maker.course(one.place), "glossary": maker.activity(one.place)},
        )


def _term_folders(maker: Maker, one: Document) -> list[tuple[str, ...]]:
    """Return the folders of single entries: those with tags, comments, ratings or files."""
    found = {each.folder[:2] for each in maker.tree.documents if each.place == one.place and len(each.folder) >= 2}
    found |= {file.folder[:2] for file in maker.tree.below(one.place, ()) if len(file.folder) >= 2}
    return sorted(folder for folder in found if last_number(folder[-1]))


def _is_own(maker: Maker, one: Document, folder: tuple[str, ...]) -> bool:
    return bool(maker.tree.at(one.place, folder, "tags.json") or maker.tree.below(one.place, folder))


def _same(folder: str, concept: str) -> bool:
    """Compare by letters and digits: a folder's name lost others, and its end."""
    name = folder.rpartition(" (")[0]
    left, right = _letters(name), _letters(concept)
    return right.startswith(left) if name.endswith("…") else left == right


@lru_cache(maxsize=10_000)
def _letters(words: str) -> str:
    return re.sub(r"\W|amp;", "", words)


def _page(maker: Maker, one: Document) -> Iterator[Found]:
    """Yield a page of the owner's own wiki. A version of a shared page is everybody's text, whoever saved it."""
    value, number = one.value["page"], _PAGE.match(one.below[-1])
    about = maker.tree.at(one.place, one.folder)
    owner = about.get("userid") if isinstance(about, dict) else 0
    if number is None or not owner or owner != maker.tree.number:
        maker.leave_out("page of a shared wiki")
        return
    tags = value.get("tags")
    yield maker.found(
        {"page": value},
        keys=(identity.wiki_page(maker.site, number[1]),),
        kind="wiki-page",
        family="wiki-pages",
        native_id=number[1],
        title=plain(value.get("title")),
        url=f"{maker.root}/mod/wiki/view.php?pageid={number[1]}",
        created=value.get("timecreated"),
        modified=value.get("timemodified"),
        content=_EDIT.sub("", _CONTENTS.sub("", str(value.get("cachedcontent") or ""))),
        files=_shown(maker, one, str(value.get("cachedcontent") or "")),
        tags=[plain(tag) for tag in tags] if isinstance(tags, list) else (),
        extra={**maker.course(one.place), "wiki": maker.activity(one.place)},
    )


def _shown(maker: Maker, one: Document, content: str) -> list[MediaFile]:
    """Return the files of a wiki that a page shows: they lie together for all of its pages."""
    linked, _ = maker.addresses.linked(content)
    media = [maker.addresses.media(file) for file in maker.tree.below(one.place, one.folder)]
    return [file for file in media if html.escape(file.url) in linked]
