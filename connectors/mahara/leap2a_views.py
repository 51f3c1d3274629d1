"""Pages and collections of a Leap2A file, as texts and with what is needed to build them again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from archive.entry import Json, JsonValue, MediaFile
from connectors.mahara import leap2a_html, leap2a_page
from connectors.mahara.leap2a_addresses import Addresses
from connectors.mahara.leap2a_html import Tree
from connectors.mahara.leap2a_items import Block, Item, View
from connectors.mahara.leap2a_page import LIVE, Drawn
from connectors.mahara.leap2a_tidy import tidy

_BY_SETTINGS = frozenset({"peerassessment"})  # drawn with its instructions for the owner, and without for others
_ENTRIES_SHOWN = 5  # of a journal, where its block does not say it (artefact/blog/blocktype/blog/lib.php)
_TEXTS = ("text", "introtext", "instructions")  # settings that the page shows as they are


def page(item: Item, media: Mapping[str, MediaFile], addresses: Addresses) -> tuple[Tree, Json]:
    """
    Return what a page shows, block after block in the order of its layout, and its blocks.

    The words come from the page as Mahara drew it for the export: a block of tagged entries or of a whole résumé says
    only there what it shows. A block that Mahara leaves empty there (a video, a PDF) shows what its settings name.
    What the site lists at that moment is kept with its block, and is no text of the page.
    """
    tree = leap2a_html.empty()
    described, instructed = leap2a_html.words(item.summary), ""
    leap2a_html.append(tree, item.summary)
    if item.instructions is not None and (instructed := leap2a_html.words(item.instructions)):
        leap2a_html.append(tree, item.instructions)
    view = item.view or View("", "", ())
    huge = leap2a_page.is_huge(item.content)
    drawn = [] if huge else leap2a_page.blocks(item.content, _shown_of_journals(view))
    if not drawn:
        leap2a_html.append(tree, item.content if huge else leap2a_page.clean(item.content))
    said = leap2a_html.words(tree)
    kept: list[JsonValue] = []
    for block, shown in _in_order(view, drawn):
        title, body = _shown(block, shown, media)
        if block is not None:
            kept.append(_as_json(block, title, body, addresses))
        if (shown.type in LIVE) if shown else _is_said(body, said):
            continue
        if title:
            etree.SubElement(tree, "h2").text = title
        leap2a_html.append(tree, body)
    extra: Json = {
        "description": described,
        "instructions": instructed,
        "layout": view.layout,
        "blocks": kept,
        "feedback": [said for shown in drawn for said in shown.feedback],
    }
    return (tree if huge else tidy(tree)), {name: value for name, value in extra.items() if value}


def collection(item: Item, titles: Mapping[str, str], addresses: Addresses) -> tuple[Tree, Json]:
    """Return a collection's description and its pages, as links in their order."""
    text = item.summary if leap2a_html.words(item.summary) else item.content
    described = leap2a_html.words(text)
    pages = [name for name in item.to("has_part") if name in titles]
    if pages:
        listed = etree.SubElement(text, "ol")
        for name in pages:
            line = etree.SubElement(listed, "li")
            link = etree.SubElement(line, "a") if addresses.of(name) else line
            if link is not line:
                link.set("href", addresses.of(name))
            link.text = titles[name]
    extra: Json = {"description": described, "progress": item.progress}
    return text, {name: value for name, value in extra.items() if value}


def _in_order(view: View, drawn: list[Drawn]) -> list[tuple[Block | None, Drawn | None]]:
    """Match drawn blocks with those of the layout: both stand in the same order in the file, and each says its type."""
    waiting = list(drawn)
    matched: dict[int, Drawn] = {}
    for block in sorted(view.blocks, key=lambda b: b.number):
        found = next((one for one in waiting if one.type == block.type), None)
        if found is not None:
            matched[block.number] = found
            waiting.remove(found)
    placed: list[tuple[Block | None, Drawn | None]] = [(block, matched.get(block.number)) for block in view.blocks]
    return placed + [(None, shown) for shown in waiting]


def _shown_of_journals(view: View) -> list[int]:
    """Return how many entries each block of a journal shows, in the order of the file."""
    journals = [block for block in sorted(view.blocks, key=lambda b: b.number) if block.type == "blog"]
    counts = [str(block.settings.get("count", "")) for block in journals]
    return [int(count) if re.match(r"\d{1,9}\Z", count) else _ENTRIES_SHOWN for count in counts]


def _shown(block: Block | None, drawn: Drawn | None, media: Mapping[str, MediaFile]) -> tuple[str, Tree]:
    """Return the title and the body of a block, which Mahara drew, or says only the settings of, or both."""
    title = drawn.title if drawn else block.title if block else ""
    body = drawn.body if drawn else leap2a_html.empty()
    if block is not None and (block.type in _BY_SETTINGS or not leap2a_page.shows(body)):
        body = _by_settings(block, media)
    return title, body


def _is_said(body: Tree, said: str) -> bool:
    """Whether the page of another system, which has a text of its own, says already what a block would."""
    words = leap2a_html.words(body)
    return words in said if words else not leap2a_page.shows(body)


def _by_settings(block: Block, media: Mapping[str, MediaFile]) -> Tree:
    """Return what a block's settings show: its words, the files that it names, the address of its video."""
    tree = leap2a_html.empty()
    for name in _TEXTS:
        value = block.settings.get(name)
        if isinstance(value, str) and value:
            leap2a_html.append(tree, leap2a_html.from_html(value))
    ids = block.settings.get("artefactids") or [block.settings.get("artefactid")]
    for one in ids if isinstance(ids, list) else []:
        if isinstance(one, str) and one in media:
            _link(tree, media[one].url, media[one].name)
    address = block.settings.get("videoid")
    if isinstance(address, str) and re.match(r"https?://\S+\Z", address):
        _link(tree, address, address)
    if block.type == "creativecommons" and block.settings.keys() & {"license", "noncommercial"}:
        name, version = _licence(block.settings)
        _link(
            tree,
            f"https://creativecommons.org/licenses/{name}/{version}/",
            f"Creative Commons {name.upper()} {version}",
        )
    return tree


def _licence(settings: Json) -> tuple[str, str]:
    """Return a licence as Mahara chooses it: by name, or by what the owner answered when it was made without one."""
    asked = [str(settings.get(name, "")) for name in ("noncommercial", "noderivatives")]
    chosen = "by" + ("-nc" if asked[0] == "1" else "") + {"1": "-sa", "2": "-nd"}.get(asked[1], "")
    name = str(settings.get("license", ""))
    version = "4.0" if str(settings.get("version", "")) == "40" else "3.0"
    return name if re.match(r"by(-nc)?(-sa|-nd)?\Z", name) else chosen, version


def _link(tree: Tree, address: str, words: str) -> None:
    link = etree.SubElement(etree.SubElement(tree, "p"), "a", href=address)
    link.text = words


def _as_json(block: Block, shown: str, body: Tree, addresses: Addresses) -> JsonValue:
    """Return a block with all that building it again needs; ``html`` is what it showed, ``heading`` its title there."""
    addresses.settle(body)
    value: Json = {"type": block.type, "title": block.title, "heading": shown, "html": leap2a_html.written(body)}
    if block.y >= 0:
        value |= {"x": block.x, "y": block.y, "width": block.width, "height": block.height}
    else:
        value |= {"row": block.row, "column": block.column}
    value["settings"] = {name: _settled(setting, addresses) for name, setting in block.settings.items()}
    return value


def _settled(setting: JsonValue, addresses: Addresses) -> JsonValue:
    """Return a setting with the addresses in its text as they are written here."""
    if not isinstance(setting, str) or not re.search(r"<[^<>]*(?:src|href)=", setting):
        return setting
    tree = leap2a_html.from_html(setting)
    addresses.settle(tree)
    return leap2a_html.written(tree)
