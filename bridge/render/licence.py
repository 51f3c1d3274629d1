"""Licences that have an address where they can be read: a page that names one links it. Pure."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_NAMED = re.compile(
    r"\bCC[ -]?(?:(?P<zero>0|Zero)(?:[ -]1\.0)?|(?P<terms>BY(?:-NC)?(?:-SA|-ND)?)[ -](?P<version>[1-4]\.[05]))"
    r"(?![\w.]*\d)",
    re.IGNORECASE,
)


def linked(words: str) -> Markup:
    """Return words as safe HTML in which the names of Creative Commons licences lead to their texts."""
    made = Markup()
    done = 0
    for found in _NAMED.finditer(words):
        made += escape(words[done : found.start()]) + Markup('<a href="{}">{}</a>').format(_address(found), found[0])
        done = found.end()
    return made + escape(words[done:])


def _address(found: re.Match[str]) -> str:
    if found["zero"]:
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    return f"https://creativecommons.org/licenses/{found['terms'].lower()}/{found['version']}/"
