"""The portfolio as one HTML file: it asks for nothing, whoever opens it, wherever."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bridge.render.outputs.names import readable
from connectors.contract import Upload
from connectors.wanted import uploads_in, with_addresses

MOST = 25_000_000
"""Bytes of attached files that one file carries; what is above lies beside it. Browsers open such a page at once."""

_SHOWN = re.compile(r'src="keepfolio:(kf-[0-9a-f]{8}-[A-Za-z0-9._-]+)"')
_LINKED = re.compile(r'href="keepfolio:(kf-[0-9a-f]{8}-[A-Za-z0-9._-]+)"')


@dataclass(frozen=True)
class Single:
    """One file, and what did not go into it, by its name in the folder beside."""

    html: str
    beside: dict[str, Path]


def single(
    document: str, uploads: Mapping[str, Upload], path: Callable[[Upload], Path], folder: str, most: int = MOST
) -> Single:
    """
    Return a document as one file.

    Args:
        document: The page; it names its files as ``keepfolio:NAME``.

        uploads: Its files by that name.

        path: Where the bytes of one are.

        folder: The name of the folder beside the file, for attached files that it has no room for.

        most: How many bytes of attached files it takes. Pictures that it shows are always in it.
    """
    shown = {name for name in _SHOWN.findall(document) if name in uploads}
    linked = sorted((uploads_in(document) & set(uploads)) - shown, key=lambda name: (uploads[name].size, name))
    inside: set[str] = set(shown)
    names = readable(uploads.values())
    room = most
    for name in linked:  # the small ones first: most links then work wherever the file goes
        room -= uploads[name].size
        if room >= 0:
            inside.add(name)

    def data(name: str) -> str:
        coded = base64.b64encode(path(uploads[name]).read_bytes()).decode()
        return f"data:{uploads[name].media_type};base64,{coded}"

    def link(found: re.Match[str]) -> str:
        name = found[1]
        if name not in inside:
            return found[0]
        return f'download="{names[name]}" href="{data(name)}"'  # browsers open no data: address, but save one

    html = _SHOWN.sub(lambda found: f'src="{data(found[1])}"' if found[1] in inside else found[0], document)
    html = _LINKED.sub(link, html)
    html = with_addresses(html, lambda name: f"{folder}/{names[name]}")
    return Single(html, {names[name]: path(uploads[name]) for name in linked if name not in inside})
