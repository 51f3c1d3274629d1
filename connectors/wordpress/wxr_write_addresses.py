"""
Addresses of files in texts: told by their stem, because a text shows a picture in a size that has a name of its own.

    https://b.org/wp-content/uploads/2026/03/photo-300x200.jpg   is a size of
    https://b.org/wp-content/uploads/2026/03/photo.jpg
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

_ADDRESS = re.compile(r"https?://[^\s\"'<>()\\]+")
_ENDING = re.compile(r"\.\w+\Z")
_SIZE = re.compile(r"(?:-\d+x\d+|-scaled)?\.\w+\Z")


def stem(address: str) -> str:
    """Return the address of a file without its ending, by which texts are compared: nothing is escaped in it."""
    return without_ending(_plain(address))


def without_ending(address: str) -> str:
    """Return an address without ``.jpg``, written as it was."""
    return _ENDING.sub("", address)


def stems_in(text: str) -> Iterator[str]:
    """Yield the stems of all that a text may show: as it is named, and as what it is a size of."""
    for address in _ADDRESS.findall(text):
        plain = _plain(address)
        yield _ENDING.sub("", plain)
        yield _SIZE.sub("", plain)


def with_files_at(text: str, moved: Mapping[str, str]) -> str:
    """
    Return the text with files under other addresses, in whatever size it shows them.

    Args:
        text: HTML of a WordPress.

        moved: Old stem -> new stem, both of the file as it was uploaded.
    """

    def new(found: re.Match[str]) -> str:
        address = found[0]
        path, query = _parted(address)
        for ending in (_ENDING.search(path), _SIZE.search(path)):
            if ending and unquote(path[: ending.start()]) in moved:
                return moved[unquote(path[: ending.start()])] + ending[0] + query
        return address

    return _ADDRESS.sub(new, text) if moved else text


def with_exact(text: str, moved: Mapping[str, str]) -> str:
    """Return the text with other addresses, of another system, that are always written whole (``file.php?id=7``)."""
    forms = {form: html.escape(new) for old, new in moved.items() for form in (old, html.escape(old), unquote(old))}
    if not forms:
        return text
    longest_first = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    return re.sub(rf"(?:{longest_first})(?=[\"'\s<>)#]|$)", lambda found: forms[found[0]], text)


def _plain(address: str) -> str:
    return unquote(_parted(address)[0])


def _parted(address: str) -> tuple[str, str]:
    """Return the address up to its query or fragment, and the rest."""
    end = min((at for at in (address.find("?"), address.find("#")) if at >= 0), default=len(address))
    return address[:end], address[end:]
