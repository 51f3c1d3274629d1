"""
What makes one Mahara thing the same by every route and in every export: its keys, its scope, its kind, its address.

Numbers are ids of the site's database and stay from export to export (facts measured on 22.10); an identity is the
site and the name that Leap2A gives the thing, such as ``artefact84``, ``view9``, ``collection1``.
"""

from __future__ import annotations

from archive.entry import Key, site_of

KINDS = {
    "blog": "journal",
    "blogpost": "journal-entry",
    "html": "note",
    "image": "file",
    "audio": "file",
    "video": "file",
    "archive": "file",
    "profileicon": "file",
}
"""Our kinds for Mahara's types; another type, a plugin's too, keeps its own name."""


def site_key(wwwroot: str) -> str:
    """Return ``host[:port][/path]`` of a Mahara's own address."""
    return site_of(wwwroot)


def kind_of(mahara_type: str) -> str:
    """Return our kind for a type of artefact."""
    return KINDS.get(mahara_type, mahara_type)


def key(site: str, name: str) -> Key:
    """Return the key of a thing, such as ``mahara:mahara.example.org/artefact84``; ``site`` is from ``site_key``."""
    return f"mahara:{site}/{name}"


def scope(site: str, user: str) -> str:
    """Return the name of the listing that a whole export is: all things of one person there."""
    return f"mahara:{site}/user{user}/things"


def file_address(wwwroot: str, number: str) -> str:
    """Return where the owner finds a file by its number: the ``url`` of its bytes wherever they came from."""
    return f"{wwwroot.rstrip('/')}/artefact/file/download.php?file={number}"
