"""
What makes one thing of a Content Collection the same by every route: its site and its path.

A path is written in one way only: each part percent-encoded, all but letters, digits and ``-._~``. WebDAV shows no
number of a file, so that a file that was moved or renamed is another one.
"""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes, urlsplit

from archive.entry import Key, site_of

DAV = "/bbcswebdav/"


def origin(url: str) -> str:
    """Return ``https://host[:port]`` of any address of a Blackboard; the rest of it is of no use here."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def written(segment: str | bytes) -> str:
    """Return one part of a path in the one way of writing; bytes and text, encoded or not, give the same."""
    return quote(unquote_to_bytes(segment), safe="")


def plain(path: str) -> str:
    """Return a path as a person reads it. Names that are not UTF-8 are read as Latin-1: old servers have them."""
    data = unquote_to_bytes(path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def path_of(url: str) -> str:
    """Return what of an address stands behind ``/bbcswebdav/``, in the one way of writing, or ``""``."""
    path = urlsplit(url).path
    if DAV not in path:
        return ""
    return "/".join(written(part) for part in path.partition(DAV)[2].split("/"))


def address(url: str, path: str) -> str:
    """Return the address of a path (in the one way of writing) at the Blackboard to which ``url`` belongs."""
    return f"{origin(url)}{DAV}{path}"


def key(url: str, path: str) -> Key:
    """Return the key of a path at the Blackboard to which ``url`` belongs; a folder's has no slash at its end."""
    return f"blackboard:{site_of(origin(url))}{DAV}{path.rstrip('/')}"
