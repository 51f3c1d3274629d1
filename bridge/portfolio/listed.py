"""A list in one of the owner's YAML files: one of its items is written anew, and every other line stays."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.errors import KeepfolioError
from bridge.portfolio import ownerfile
from bridge.yamlfile import load_yaml


def put(text: str, name: str, key: str, at: int | None, item: Sequence[tuple[str, str]]) -> str:
    """
    Return the text of a file with one item of a list written anew, or a further one at its end.

    Args:
        text: The file; a YAML mapping that was read before, and has no mistake.

        name: What the person calls the file.

        key: The list's key at the top of the file.

        at: Which item is replaced; None for a new one.

        item: Keys and values as YAML; those with an empty value are not written.

    Raises:
        KeepfolioError: The items do not stand on lines of their own: the file has a layout that only a person may edit.
    """
    marks = load_yaml(text, name)[1]
    lines = text.rstrip("\n").split("\n") if text.strip() else []
    if at is None:
        begins = [marks[key, n][0] - 1 for n in range(10_000) if (key, n) in marks]
        if (key,) not in marks:
            return _text([*lines, f"{key}:", *_block(item, "  ")])
        if not begins:
            head = marks[key,][0] - 1
            return _text([*lines[:head], f"{key}:", *_block(item, "  "), *lines[head + 1 :]])
        last = _end(lines, begins[-1], _indent(lines, begins[-1], name))
        return _text([*lines[:last], *_block(item, _indent(lines, begins[0], name)), *lines[last:]])
    first = marks[key, at][0] - 1
    indent = _indent(lines, first, name)
    return _text([*lines[:first], *_block(item, indent), *lines[_end(lines, first, indent) :]])


def _indent(lines: list[str], at: int, name: str) -> str:
    dash = re.match(r"(\s*)-\s+\w+:", lines[at])
    if dash is None:
        raise KeepfolioError(
            f"{name} has a list that cannot be changed line by line.",
            code="own-layout",
            unchanged="The file is as it was.",
            mend=f"Edit {name} by hand: each item begins on a line of its own, with a dash.",
        )
    return dash[1]


def _end(lines: list[str], first: int, indent: str) -> int:
    """Return the line behind an item: the next that is not set in further; blank lines and comments stay outside."""
    end = first + 1
    for n in range(first + 1, len(lines)):
        bare = lines[n].strip()
        inner = len(lines[n]) - len(lines[n].lstrip()) > len(indent)
        if bare and not inner:
            break
        if bare and not bare.startswith("#"):
            end = n + 1
    return end


def _block(item: Sequence[tuple[str, str]], indent: str) -> list[str]:
    written = [f"{key}: {value}" for key, value in item if value]
    return [f"{indent}{'- ' if n == 0 else '  '}{line}" for n, line in enumerate(written)]


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return a value for ``put``: ``""`` stays, and is not written."""
    return ownerfile.quoted(text) if text else ""
