"""
Where everybody may look at a badge: the page at which its issuer says to strangers that it was given. Pure.

What lies in a picture is anybody's claim. A link says no more than where that claim can be checked, and leads only to
places that anybody can reach: none that asks for a login, and nothing inside of a private network.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from archive.entry import Entry, Key

_PROOF = "badge-proof"
_BADGE = "badge:"
_MOODLE = "moodle:"
_NOT_PUBLIC = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa", ".test", ".invalid")


def answers(entries: Iterable[Entry]) -> dict[Key, str]:
    """Return where issuers confirmed badges, "" for one that was taken back, by the first key of what holds it."""
    proofs = (one for one in entries if one.kind == _PROOF and one.parent)
    return {str(one.parent): "" if one.status == "revoked" else one.url for one in proofs}


def address(entry: Entry, answer: str | None = None) -> str:
    """
    Return the public page of a badge, or "": a picture into which nothing is baked has none.

    Args:
        entry: A badge, or a picture in which one lies.

        answer: Where its issuer confirmed it, asked as a stranger asks; "" if it took the badge back, None if nobody
            asked.
    """
    if answer == "" or "revoked_or_unknown" in entry.extra:
        return ""
    key = entry.keys[0]
    if key.startswith(_MOODLE) and entry.kind == "badge":
        found = entry.url if answer or entry.extra.get("seen_valid") else ""
    elif key.startswith(_BADGE):
        found = key.removeprefix(_BADGE)
    else:
        found = answer or ""
    return found if _is_public(found) else ""


def _is_public(url: str) -> bool:
    """Tell whether strangers can reach an address at all, as far as that can be told from its words."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme != "https" or parts.username is not None or "." not in host or host.endswith(_NOT_PUBLIC):
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False
