"""
What the bytes of a WordPress thing tell beyond its entry, by whichever route they came. Pure: bytes in, values out.

An entry holds text that reads well; an export wants the text as WordPress has it, local times, and custom fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from connectors import safe_xml
from connectors.wordpress.wxr_parse import Item, NotWellFormedError, Parser

_RPC_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d:\d\d:\d\d)")


@dataclass(frozen=True, kw_only=True)
class Said:
    """
    Facts in WordPress's own words; ``""`` or None where the route does not tell them.

    ``content`` is None where the bytes hold no original text. Times are local ones of the site. ``author`` is a number
    or a login. ``hidden`` are custom fields that only an export shows.
    """

    content: str | None = None
    type: str = ""
    date: str = ""
    modified: str = ""
    author: str = ""
    comments_open: str = ""
    pings_open: str = ""
    hidden: tuple[tuple[str, str], ...] = ()


NOTHING = Said()


def said(raw: bytes) -> Said:
    """Return what the bytes tell: REST's JSON, an item or comment of an export, or a struct of XML-RPC."""
    start = raw.lstrip()[:32]
    if start.startswith(b"{"):
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            return NOTHING
        return (_rest if "id" in value else _rpc)(value)
    try:
        if start.startswith((b"<item", b"<wp:")):
            return _export(Parser(b"").item(raw))
        if start.startswith((b"<struct", b"<value")):
            return _rpc(_struct(raw))
    except (NotWellFormedError, etree.XMLSyntaxError):
        pass  # bytes that cannot be read tell nothing more than their entry
    return NOTHING


def _rest(item: Mapping[str, Any]) -> Said:
    text = item.get("content", item.get("description"))
    return Said(
        content=str(text["raw"]) if isinstance(text, dict) and "raw" in text else None,
        type=_text(item, "type"),
        date=_text(item, "date").replace("T", " "),
        modified=_text(item, "modified").replace("T", " "),
        author=_text(item, "author"),
        comments_open=_text(item, "comment_status"),
    )


def _rpc(struct: Mapping[str, Any]) -> Said:
    known = next((n for n in ("post_content", "description", "content") if n in struct), "")
    return Said(
        content=_text(struct, known) if known else None,
        type="attachment" if "attachment_id" in struct else _text(struct, "post_type") or _text(struct, "type"),
        date=_RPC_TIME.sub(r"\1-\2-\3 \4", _text(struct, "post_date")),
        modified=_RPC_TIME.sub(r"\1-\2-\3 \4", _text(struct, "post_modified")),
        author=_text(struct, "post_author") or _text(struct, "user_id"),
        comments_open=_text(struct, "comment_status"),
        pings_open=_text(struct, "ping_status"),
    )


def _export(item: Item) -> Said:
    return Said(
        content=item["content:encoded"] or item["wp:comment_content"],
        type=item["wp:post_type"] or item["wp:comment_type"],
        date=item["wp:post_date"] or item["wp:comment_date"],
        modified=item["wp:post_modified"],
        author=item["dc:creator"] or item["wp:comment_user_id"],
        comments_open=item["wp:comment_status"],
        pings_open=item["wp:ping_status"],
        hidden=tuple((key, value) for key, value in item.meta if key.startswith("_")),
    )


def _struct(raw: bytes) -> dict[str, str]:
    """Return the plain members of a struct: what is nested in it is in the entry."""
    root = etree.fromstring(raw, safe_xml.parser())
    struct = root if root.tag == "struct" else root.find("struct")
    members = struct.findall("member") if struct is not None else []
    return {
        str(member.findtext("name")): "".join(str(part) for part in value.itertext())
        for member in members
        if (value := member.find("value")) is not None and value.find(".//member") is None
    }


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return "" if found is None or isinstance(found, (dict, list)) else str(found)
