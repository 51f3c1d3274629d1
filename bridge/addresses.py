"""What can be told of an address by its letters: which file it names, and whether it is one of the web at all."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SIZE = re.compile(r"-(?:\d+x\d+|scaled)(?=\.\w+$)")
_ENDING = re.compile(r"\.(\w+)$")
_PROGRAMS = frozenset({"php", "asp", "aspx", "jsp", "cgi"})


def of_file(address: str) -> str:
    """
    Return what of an address names the file, for comparing.

    Where a site serves files under their names, ``a-300x200.png?w=640`` is a form of ``a.png`` (WordPress). Where a
    program serves them, what stands behind the ``?`` says which one it is: ``download.php?file=34`` (Mahara).
    """
    whole = address.partition("#")[0]
    path, _, question = whole.partition("?")
    ending = _ENDING.search(path.rpartition("/")[2])
    if question and (ending is None or ending[1].lower() in _PROGRAMS):
        return whole
    return _SIZE.sub("", path)


def on_the_web(address: str) -> str:
    """Return an address of the web that can be taken apart; ``""`` for any other: sources send what they like."""
    try:
        parts = urlsplit(address)
        readable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # such as http://[ or a port of six digits
        return ""
    return address if readable else ""
