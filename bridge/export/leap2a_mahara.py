"""What was harvested from a Mahara, on its way back: pages with their blocks, collections, profile and résumé."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, Tag

from archive.entry import Entry, JsonValue
from bridge.export.leap2a_blocks import Blocks
from bridge.export.leap2a_content import Content, in_order
from bridge.export.leap2a_kinds import about
from bridge.render import sanitise
from connectors.mahara import leap2a_parts as parts
from connectors.mahara import leap2a_parts_resume as resume
from connectors.mahara.leap2a_parts import About, Fact, Part

if TYPE_CHECKING:
    from archive.values import Stored

_FIELDS = {
    "blogaddress": "website",
    "officialwebsite": "website",
    "personalwebsite": "website",
    "businessnumber": "workphone",
    "homenumber": "homephone",
    "mobilenumber": "mobile",
    "faxnumber": "fax",
    "studentid": "other",
}
_ADDRESS = frozenset({"address", "town", "city"})


def back(stored: Stored, content: Content) -> Iterator[Part]:
    """Yield what an entry of a Mahara becomes in another; nothing for what is made elsewhere."""
    kind = content.kinds.get(stored.id)
    if kind == "blocks":
        yield _page(stored, content)
    elif kind == "collection":
        yield _collection(stored, content)
    elif kind == "about":
        yield parts.profile_text(content.ids[stored.id], about(stored), stored.entry.kind, _words(stored.entry))
    elif kind == "text":
        yield _resume_text(stored, content)
    elif kind == "section":
        yield from _section(stored, content)


def person(profiles: list[str], content: Content, owner: About) -> Part:
    """
    Return the owner, with what the first of some profiles says; there can be one owner only.

    Names and e-mail addresses are left to the account: Mahara would put those of the old one in their place. A country
    is known there by a code, which no harvest holds.
    """
    held = [stored for one in profiles if (stored := content.archive.entry(one))]
    for stored in held[1:]:
        del content.kinds[stored.id]
        content.leave(stored.id, stored.entry, "another profile goes already, and Mahara has one for each account")
    if not held:
        return parts.person(owner)
    stored = held[0]
    content.leave(stored.id, stored.entry, "names, e-mail addresses, country, and personal details such as a birthday")
    soup = BeautifulSoup(stored.entry.content_html, "html.parser")
    told = stored.entry.extra.get("persondata")
    fields = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    if fields and (listed := soup.find_all("ul", recursive=False)):
        listed[-1].extract()  # the same fields, for a reader
    html = content.words(stored.id, stored.entry, str(soup), links=True).html
    facts = [fact for one in fields if (fact := _fact(one))]
    address = [(str(one["type"]), str(one.get("value") or "")) for one in fields if one.get("type") in _ADDRESS]
    return parts.person(owner, html if sanitise.text(html) else "", facts, address)


def _fact(one: dict[str, JsonValue]) -> Fact | None:
    kind, value, label = (str(one.get(name) or "") for name in ("type", "value", "label"))
    if not value:
        return None
    if kind == "socialprofile":
        service = str(one.get("service") or "")
        if service and not value.startswith("http"):
            return Fact("id", kind, value, service, label)  # without a service, Mahara stops the whole import
        return Fact("website", kind, value, service or "website", label)
    return Fact(_FIELDS[kind], kind, value, label=label) if kind in _FIELDS else None


def _page(stored: Stored, content: Content) -> Part:
    entry, id_ = stored.entry, content.ids[stored.id]
    blocks = Blocks(content, stored.id, entry)
    made = list(blocks.made())
    below = [one for one in blocks.linked if one not in blocks.shown]
    if below:
        made.append(parts.files_block("Files", below))
        content.leave(stored.id, entry, "its links to files keep their old address; the files stand in a block below")
    for changed in blocks.changed:
        content.leave(stored.id, entry, changed)
    collection = content.entry_at(entry.parent or "")
    within = content.ids.get(collection, "") if content.kinds.get(collection) == "collection" else ""
    cover = content.named(entry, entry.extra.get("cover"))
    said, told = (str(entry.extra.get(name) or "") for name in ("description", "instructions"))
    return parts.page(id_, about(stored), made, within, description=said, instructions=told, cover=cover)


def _collection(stored: Stored, content: Content) -> Part:
    entry = stored.entry
    listed = entry.extra.get("pages")
    pages = [id_ for one in (listed if isinstance(listed, list) else []) if (id_ := content.named(entry, one))]
    said = str(entry.extra.get("description") or "")
    cover = content.named(entry, entry.extra.get("cover"))
    return parts.collection(content.ids[stored.id], about(stored), said, pages, cover)


def _words(entry: Entry) -> str:
    return sanitise.text(entry.content_html)


def _resume_text(stored: Stored, content: Content) -> Part:
    entry = stored.entry
    made = content.words(stored.id, entry, entry.content_html, links=True)
    return resume.text(content.ids[stored.id], about(stored), entry.kind, made.html)


def _section(stored: Stored, content: Content) -> Iterator[Part]:
    """Yield a section with its rows, each with those that it names; named as Mahara names them."""
    entry, section = stored.entry, content.ids[stored.id]
    if entry.files:
        content.leave(stored.id, entry, "Mahara's importer attaches no files to a résumé; the files themselves go")
    number = section.removeprefix("artefact")
    held = in_order(entry, "rows", content.inside.get(stored.id, ()), content)
    for place, entry_id in enumerate(held, 1):
        content.ids[entry_id] = f"resumecomposite-{number}-child-{place}"
    yield resume.section(section, about(stored), entry.kind, [content.ids[one] for one in held])
    for place, entry_id in enumerate(held, 1):
        row = content.archive.entry(entry_id)
        if row is not None:
            yield from _row(row, content, entry.kind, (section, place), f"resumesibling-{number}-sibling-{place}-rel")


def _row(row: Stored, content: Content, kind: str, within: tuple[str, int], sibling: str) -> Iterator[Part]:
    entry, id_, of = row.entry, content.ids[row.id], about(row)
    organisation, qualification, role = (
        str(entry.extra.get(name) or "") for name in ("organisation", "qualification", "role")
    )
    dates = entry.extra.get("dates")
    said = [
        (str(one.get("point") or ""), str(one.get("label") or one.get("text") or ""))
        for one in (dates if isinstance(dates, list) else [])
        if isinstance(one, dict) and one.get("point") in {"start", "end"}
    ]
    own = _own_words(entry.content_html, {organisation, qualification, role, of.title, *(words for _, words in said)})
    html = content.words(row.id, entry, own, links=True).html
    supports, supported = f"{sibling}-supports", f"{sibling}-supported_by"
    yield resume.row(
        id_, of, kind, html, within, dates=said, role=role,
        organisation=supports if organisation else "", qualification=supported if qualification else "",
    )  # fmt: skip
    if organisation:
        yield resume.named(supports, _called(of, organisation), "organization", id_, kind)
    if qualification:
        yield resume.named(supported, _called(of, qualification), "achievement", id_, kind, of.title)


def _called(of: About, title: str) -> About:
    return About(title, of.published, of.updated)


def _own_words(html: str, told: set[str]) -> str:
    """Return what the owner wrote of a row, without the lines above it that say the same as its fields."""
    soup = BeautifulSoup(html, "html.parser")
    first = next((part for part in soup.children if isinstance(part, Tag)), None)
    if first is None or first.name != "p":
        return html
    shown = {line.strip() for line in first.get_text("\n").split("\n")} - {""}
    known = told | {f"{one} – {two}" for one in told for two in told}
    if shown and shown <= known:
        first.extract()
    return str(soup)
