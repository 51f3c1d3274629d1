"""What all targets share: how a text names its uploads, and the digest of what was asked for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from archive.entry import Digest, Json, canonical
from connectors.contract import Resource

PREFIX = "keepfolio:"
REFUSED = "refused"  # in a receipt's ``extra``: why the system took the file in no form; nothing links to it
_NAMED = re.compile(r"keepfolio:(kf-[0-9a-f]{8}-[A-Za-z0-9._-]+)")


def with_addresses(text: str, address: Callable[[str], str]) -> str:
    """Return the text with each ``keepfolio:NAME`` replaced by ``address(NAME)``."""
    return _NAMED.sub(lambda found: address(found[1]), text)


def uploads_in(text: str) -> frozenset[str]:
    """Return the names of the uploads that a text shows."""
    return frozenset(_NAMED.findall(text))


def asked(resource: Resource) -> Digest:
    """Return a receipt's ``sent``: the digest of what the target was asked to hold, before names became addresses."""
    value: Json = {"body": resource.body, "sha256": resource.sha256, "title": resource.title, "alt": resource.alt}
    return hashlib.sha256(canonical(value)).hexdigest()
