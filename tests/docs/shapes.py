"""The notation of docs/reference/json.md: read, and compared with what a command gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "json.md"
_TOKEN = re.compile(r'"[^"]*"|\.\.\.|[\w-]+|[{}\[\]:,|]')


@dataclass(frozen=True)
class Shape:
    """
    What a value is like.

    ``names``: an object's fields; ``free``: what its other fields hold, whose names vary. ``item``: what a list holds.
    None for anything.
    """

    names: dict[str, Shape | None] = field(default_factory=dict)
    free: Shape | None = None
    is_open: bool = False
    item: Shape | None = None
    is_list: bool = False
    may_be_null: bool = False


def shapes(heading: str) -> list[Shape]:
    """Return the shapes of objects below a heading of the page, in its order."""
    (section,) = [s for s in PAGE.read_text("utf-8").split("\n## ") if s.startswith(f"{heading}\n")]
    written = re.findall(r"```\n(\{.*?)```|`(\{[^`\n]*\})`", section, re.DOTALL)
    return [read(block or inline) for block, inline in written]


def read(text: str) -> Shape:
    """Return a shape as it is written on the page."""
    tokens = _TOKEN.findall(text)
    found = _value(tokens)
    assert isinstance(found, Shape), text
    assert not tokens, f"not understood: {tokens} of {text}"
    return found


def _value(tokens: list[str]) -> Shape | None:
    first = tokens.pop(0)
    found = _object(tokens) if first == "{" else _list(tokens) if first == "[" else None
    if tokens[:2] == ["|", "null"]:
        del tokens[:2]
        assert found is not None
        return Shape(found.names, found.free, found.is_open, found.item, found.is_list, may_be_null=True)
    return found


def _object(tokens: list[str]) -> Shape:
    names: dict[str, Shape | None] = {}
    free, is_open = None, False
    while (token := tokens.pop(0)) != "}":
        if token == ",":
            continue
        inner = None
        if tokens[0] == ":":
            tokens.pop(0)
            inner = _value(tokens)
        if token.startswith('"'):
            names[token.strip('"')] = inner
        else:
            free, is_open = inner, True
    return Shape(names, free, is_open)


def _list(tokens: list[str]) -> Shape:
    item = None
    while tokens[0] != "]":
        if tokens[0] == ",":
            tokens.pop(0)
        else:
            item = _value(tokens)
    tokens.pop(0)
    return Shape(item=item, is_list=True)


def differences(shape: Shape | None, value: Any, where: str = "") -> Iterator[str]:
    """Yield where a value is not as the page says: fields that it lacks, and fields that the page does not name."""
    if shape is None or (value is None and (shape.may_be_null or where)):
        return
    if shape.is_list:
        assert isinstance(value, list), where
        for one in value:
            yield from differences(shape.item, one, f"{where}[]")
        return
    if not isinstance(value, dict):
        yield f"{where} is no object"
        return
    yield from (f"{where}.{name} is not there" for name in shape.names if name not in value)
    for name, inner in value.items():
        if name in shape.names:
            yield from differences(shape.names[name], inner, f"{where}.{name}")
        elif shape.is_open:
            yield from differences(shape.free, inner, f"{where}.*")
        else:
            yield f"{where}.{name} is not on the page"
