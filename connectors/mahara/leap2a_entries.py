"""
Entries of a Leap2A file -> what the archive keeps. Pure, but for reading the package.

An unchanged thing gives an equal fingerprint in every export: whatever Mahara writes in another order, or with a number
of the export, is put in order or left out here. Words of others (comments, feedback, assessments) are others', and
their names are kept where Mahara writes them: of comments only up to 20.04.

**Whose feedback is.** In all versions Mahara names who made a thing only where it was not the owner, whatever the names
are (export/leap/lib.php, ``get_entry_author``; the database demands an author or a name of one). So feedback that names
nobody is the owner's own answer, and feedback by her very name is somebody else's: names can be shared. From 20.10 all
comments have the same words in that place (artefact/comment/export/leap/lib.php): nobody knows whose they are, and they
are taken as others'. Read in 19.10, 20.04, 21.10, 22.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace

from lxml import etree

from archive.entry import Authorship, Entry, Fidelity, Json, JsonValue, Key, MediaFile, format_time
from connectors.contract import Failed, Found
from connectors.mahara import identity, leap2a_html, leap2a_plans, leap2a_resume, leap2a_views
from connectors.mahara.leap2a_addresses import Addresses, Shown, number_of
from connectors.mahara.leap2a_html import Tree
from connectors.mahara.leap2a_items import Item
from connectors.mahara.leap2a_package import EXPORT_AGAIN, Package
from connectors.mahara.leap2a_read import Broken, items
from connectors.mahara.leap2a_survey import FEEDBACK, Survey, kind_of

_WITHIN = {
    "journal-entry": frozenset({"journal"}),
    "file": frozenset({"folder"}),
    "folder": frozenset({"folder"}),
    "task": frozenset({"plan"}),
    "page": frozenset({"collection"}),
}
_NO_HOLDER = frozenset({"page", "collection", "file", "profile"})
_PARTS = {"journal": "entries", "folder": "parts", "collection": "pages"}
_NOBODY = frozenset({"Imported feedback", "Imported peer assessment"})  # in English; else a name says as little
_SECTIONS = frozenset({"educationhistory", "employmenthistory", "certification", "book", "membership"})


def feedback_scope(scope: str) -> str:
    """Return the scope of what others wrote: no export shows that something of it is gone."""
    return f"{scope.removesuffix('/things')}/feedback"


def things(package: Package, survey: Survey) -> Iterator[Found | Failed]:
    """
    Yield all that an export holds, with what its survey knows; an entry that cannot be read as failed.

    Raises:
        SourceUnavailable: The package is damaged.
    """
    making = _Making(survey)
    with closing(package.feed()) as feed:
        for item in items(feed):
            if isinstance(item, Broken):
                yield _unreadable(package, item, survey)
            elif isinstance(item, Item):
                try:
                    found = list(making.found(item))
                except (etree.LxmlError, ValueError, TypeError, RecursionError) as error:
                    broken = Broken(item.line, f"It cannot be read: {error}.", item.id)
                    yield _unreadable(package, broken, survey)
                else:
                    yield from found


class _Making:
    """Makes entries of one export."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._addresses = Addresses(survey.head.wwwroot, survey.kinds, survey.head.user)

    def found(self, item: Item) -> Iterator[Found]:
        """Yield a thing and its bytes; nothing for what is folded into another thing."""
        parts = self._survey.parts.get(item.id, [])
        kind = kind_of(item)
        if kind == "resume-part" and any(row in self._survey.rows for row in item.to("supports", "supported_by")):
            return
        yield Found(self._entry(item, kind, parts), item.raw + b"".join(part.raw for part in parts), "xml")

    def _entry(self, item: Item, kind: str, parts: list[Item]) -> Entry:
        survey = self._survey
        text, extra = self._content(item, kind, parts)
        shown = self._addresses.settle(text)
        files = self._files(item, kind, shown)
        extra |= self._extra(item, kind, shown)
        return Entry(
            keys=(survey.key(item.id),),
            kind=kind,
            native_id=item.id,
            title=item.title,
            url=self._addresses.of(item.id),
            creator=self._creator(item, kind),
            status=_status(item, kind),
            author=self._authorship(item, kind),
            published=item.published,
            updated=item.updated,
            content_html=leap2a_html.written(text),
            files=files,
            parent=self._parent(item, kind),
            tags=_tags(item),
            fidelity=Fidelity.EXPORT,
            scope=feedback_scope(survey.scope) if kind in FEEDBACK else survey.scope,
            stamp=format_time(item.updated) if item.updated else "",
            extra=extra,
        )

    def _content(self, item: Item, kind: str, parts: list[Item]) -> tuple[Tree, Json]:
        if kind == "page":
            return leap2a_views.page(item, self._survey.media, self._addresses)
        if kind == "collection":
            return leap2a_views.collection(item, self._survey.titles, self._addresses)
        if kind == "resume-row":
            return leap2a_resume.row(item, parts)
        if kind in _SECTIONS:
            return leap2a_resume.section(item, self._survey.rows, self._survey.parts)
        if kind == "profile":
            return leap2a_resume.profile(item)
        text = item.content
        if leap2a_html.words(item.summary) not in leap2a_html.words(text):
            text = item.summary
            leap2a_html.append(text, item.content)
        if kind == "plan":
            return leap2a_plans.plan(text, item, self._survey.rows)
        return leap2a_plans.dated(text, item)

    def _files(self, item: Item, kind: str, shown: Iterable[Shown]) -> tuple[MediaFile, ...]:
        """Return its own file, what is attached to it by number, and what its text shows in the text's order."""
        media = self._survey.media
        found: dict[str, MediaFile] = {}
        if kind == "file" and item.id in media:
            found[item.id] = replace(media[item.id], role="original")
        alts = {file.id: file.alt for file in shown}
        for name in _attached(item, media):
            found.setdefault(name, replace(media[name], alt=alts.get(name, "")))
        for file in shown:
            if file.id in media:
                found.setdefault(file.id, replace(media[file.id], alt=file.alt))
            elif not file.linked:  # a picture that the export does not hold
                url = identity.file_address(self._survey.head.wwwroot, number_of(file.id))
                name = file.alt or f"file {number_of(file.id)}"
                found.setdefault(file.id, MediaFile(name=name, url=url, alt=file.alt))
        return tuple(found.values())

    def _parent(self, item: Item, kind: str) -> Key | None:
        kinds, found = self._survey.kinds, self._survey
        nothing = None if found.full and found.whole else ""  # an export of some pages leaves out what stands around
        if kind in FEEDBACK or (item.to("reflects_on") and kind not in _WITHIN):
            return next((found.key(to) for to in item.to("reflects_on") if to in kinds), nothing)
        wanted = _WITHIN.get(kind)
        within = [
            to
            for to in (*item.to("is_part_of"), *found.holders.get(item.id, ()))
            if to in kinds and (kinds[to] in wanted if wanted else kinds[to] not in _NO_HOLDER)
        ]
        if kind == "page" and len(set(within)) > 1:
            return None
        return found.key(within[0]) if within else nothing

    def _authorship(self, item: Item, kind: str) -> Authorship:
        head = self._survey.head
        if kind in FEEDBACK:
            return "own" if not item.author and head.generator == "Mahara" else "others"
        return "own" if item.author in {"", head.person} else "others"

    def _creator(self, item: Item, kind: str) -> str:
        if kind in FEEDBACK and item.author in _NOBODY:
            return ""
        return item.author or (self._survey.head.person if self._authorship(item, kind) == "own" else "")

    def _extra(self, item: Item, kind: str, shown: Iterable[Shown]) -> Json:
        survey = self._survey
        links: dict[str, JsonValue] = {}
        for link in item.links:
            if link.rel != "enclosure":
                links[link.rel] = list(item.to(link.rel))
        dates = [{"point": d.point, "text": d.text, "label": d.label} for d in item.dates if d.point != "target"]
        extra: Json = {
            "mahara": _mahara(item, kind),
            _PARTS.get(kind, ""): list(item.to("has_part")) if kind in _PARTS else [],
            "attachments": list(_attached(item, survey.media)),
            "embedded": [file.id for file in shown if not file.linked],
            "linked": [file.id for file in shown if file.linked],
            "audience": item.categorised("audience").lower(),
            "target": leap2a_plans.due_on(item),
            "dates": [{k: v for k, v in date.items() if v} for date in dates],
            "role": item.role,
            "cover": survey.covers.get(item.id, ""),
            "links": links,
            "repaired": "characters that XML does not allow were left out" if item.repaired else "",
        }
        return {name: value for name, value in extra.items() if name and value}


def _attached(item: Item, media: dict[str, MediaFile]) -> list[str]:
    """Return the ids of the files that are attached, by number: Mahara gives them in no order."""
    names = [name for name in item.to("related") if name in media]
    return sorted(names, key=lambda name: (number_of(name).zfill(20), name))


def _status(item: Item, kind: str) -> str:
    if kind == "task":
        return item.stage or "planned"
    # Mahara says Unready of annotations and assessments too, and means there that nobody may answer
    unready = item.categorised("readiness") == "Unready" and (kind == "journal-entry" or not item.type)
    return "draft" if unready else "publish"


def _tags(item: Item) -> tuple[str, ...]:
    return tuple(sorted({c.label or c.term for c in item.categories if not c.scheme} - {""}))


def _mahara(item: Item, kind: str) -> str:
    if item.type:
        return f"{item.plugin}/{item.type}"
    if kind == "page" and item.view is not None:
        return f"view/{item.view.type or 'portfolio'}"
    return "collection" if kind == "collection" and item.id.startswith("collection") else ""


def _unreadable(package: Package, broken: Broken, survey: Survey) -> Failed:
    return Failed(
        what=f"the entry at line {broken.line} of {package.name}",
        why=broken.why,
        mend=EXPORT_AGAIN,
        key=survey.key(broken.id or f"unreadable-{broken.mark}"),
        transient=False,
    )
