"""JSON as servers really send it: with a warning printed in front, and cut into items without re-encoding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.entry import JsonValue

_DECODER = json.JSONDecoder(strict=False)  # control characters in strings: real posts have them
_OPENS = re.compile(r"[\[{]")
_GAP = re.compile(r"[\s,]*")
_CANDIDATES = 50


@dataclass(frozen=True)
class JsonText:
    """A JSON value, the text that it was read from, where in it it begins, and what stood in front of it."""

    value: JsonValue
    text: str
    start: int

    @property
    def junk(self) -> str:
        return self.text[: self.start].strip("\ufeff \r\n\t")


def find_json(body: bytes) -> JsonText | None:
    """
    Return the JSON of an answer, or None where it has none that is complete.

    PHP prints warnings in front of an otherwise good answer; a warning may hold brackets of its own, so that each
    bracket is tried until the text from there to its end is one value.
    """
    text = body.decode("utf-8", "replace")
    for count, bracket in enumerate(_OPENS.finditer(text)):
        if count == _CANDIDATES:
            return None
        try:
            value, end = _DECODER.raw_decode(text, bracket.start())
        except ValueError:
            continue
        if not text[end:].strip():
            return JsonText(value, text, bracket.start())
    return None


def cut_items(body: bytes) -> Iterator[tuple[JsonValue, bytes]] | None:
    """Return each item of a JSON list with its own bytes as they came, or None where there is no complete list."""
    text = body.decode("utf-8", "replace")
    for count, bracket in enumerate(_OPENS.finditer(text)):
        if count == _CANDIDATES:
            return None
        items = _items(text, bracket.start()) if text[bracket.start()] == "[" else None
        if items is not None:
            return iter(items)
    return None


def _items(text: str, start: int) -> list[tuple[JsonValue, bytes]] | None:
    items: list[tuple[JsonValue, bytes]] = []
    at = _after_gap(text, start + 1)
    try:
        while text[at] != "]":
            value, end = _DECODER.raw_decode(text, at)
            items.append((value, text[at:end].encode("utf-8", "surrogatepass")))
            at = _after_gap(text, end)
    except (ValueError, IndexError):
        return None
    return items if not text[at + 1 :].strip() else None


def _after_gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    assert found is not None  # the pattern matches the empty text
    return found.end()
