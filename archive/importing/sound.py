"""
Whether a line from elsewhere is one that an archive could have written.

Nothing that comes in is trusted: types, sizes, times, digests and ids are looked at here, once, so that what follows
may rely on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, get_args

from archive.entry import Authorship, Fidelity, FileRole, Visibility, parse_time
from archive.identity import entry_id

Test: TypeAlias = Callable[[Any], bool]

SPOKEN = frozenset({"failure", "failure-cleared", "file", "redacted", "redaction", "readmission", "joining"})
"""Events of lines that hold no entry."""

_LONGEST_NAME = 1 << 16
_MOST = 1 << 40
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AWARE = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]{5,15}(Z|[+-]\d\d:\d\d)")
_EVENT = re.compile(r"[a-z][a-z-]{0,40}")


def fault(line: Mapping[str, Any]) -> str:
    """Return what is wrong with a line, in a word or two; ``""`` if nothing is."""
    if "entry" not in line:
        return _missing(line, _SPOKEN_FIELDS.get(str(line["event"]), {}))
    wrong = _missing(line, _FIELDS) or _missing(line["entry"], _ENTRY)
    if wrong:
        return wrong
    if line["entry"]["kind"] == "term" and not is_name(line["entry"].get("title", "")):
        return "title"
    if line["id"] != entry_id(line["entry"]["keys"][0]):
        return "id"
    held = {f["sha256"] for f in line.get("files", ())}
    if not held.issuperset(f["sha256"] for f in line["entry"].get("files", ()) if f.get("sha256")):
        return "files"
    return ""


def is_known(line: Mapping[str, Any]) -> bool:
    """Say whether this program knows what such a line means; a later one may write others."""
    return "entry" in line or line["event"] in SPOKEN


def _missing(value: Mapping[str, Any], fields: Mapping[str, Test]) -> str:
    """Return the first field that is not as it should be; a name that ends in ``?`` need not be there."""
    for name, test in fields.items():
        bare = name.rstrip("?")
        if (bare in value or bare == name) and not test(value.get(bare)):
            return bare
    return ""


def _text(value: Any) -> bool:
    return isinstance(value, str)


def is_name(value: Any) -> bool:
    """A text that is looked up: whole characters, and not a book."""
    if not isinstance(value, str) or len(value) > _LONGEST_NAME or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_time(value: Any) -> bool:
    """A time that says from where it counts."""
    if not isinstance(value, str) or not _AWARE.fullmatch(value):
        return False
    try:
        parse_time(value)
    except (ValueError, OverflowError):
        return False
    return True


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST


def _number(value: Any) -> bool:
    return _count(value) and 0 < value < 1 << 31


def _matching(pattern: re.Pattern[str]) -> Test:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _one_of(*words: str) -> Test:
    return lambda value: isinstance(value, str) and value in words


def _list(test: Test) -> Test:
    return lambda value: isinstance(value, list) and all(map(test, value))


def _some(test: Test) -> Test:
    return lambda value: bool(value) and _list(test)(value)


def _object(fields: Mapping[str, Test]) -> Test:
    return lambda value: isinstance(value, dict) and not _missing(value, fields)


def _by_name(test: Test) -> Test:
    return lambda value: isinstance(value, dict) and all(is_name(k) and test(v) for k, v in value.items())


_digest, _id = _matching(_DIGEST), _matching(_ID)
_fidelity = _one_of(*(f.name.lower() for f in Fidelity))
_flag: Test = lambda value: isinstance(value, bool)  # noqa: E731 - one of the tests above and below
_place = {"path": is_name, "segment?": is_name}
_file_place = {**_place, "sha256": _digest, "size": _count, "mediaType?": is_name, "originalName?": _text}
_sight = {"fidelity?": _fidelity, "scope?": is_name, "stamp?": is_name, "fingerprint?": _digest}

_FIELDS: Mapping[str, Test] = {
    "event": _matching(_EVENT),
    "eventTime": is_time,
    "id": _id,
    "version": _number,
    "origin": is_name,
    "madeBy": is_name,
    "firstSeen": is_time,
    "changed": is_time,
    "fingerprint": _digest,
    "seenBy": _by_name(_object(_sight)),
    "raw?": _object({**_place, "sha256": _digest, "size": _count, "offset?": _count}),
    "readable?": _object({**_place, "whole?": _flag}),
    "files?": _list(_object(_file_place)),
    "joins?": _list(_id),
    "deletedBy?": is_name,
    "why?": _text,
    "entry": lambda value: isinstance(value, dict),
}

_MEDIA_FILE: Mapping[str, Test] = {
    "name": _text,
    "url": _text,
    **{f"{name}?": _text for name in ("media_type", "stamp", "alt", "caption", "licence", "credit")},
    "size?": _count,
    "role?": _one_of(*get_args(FileRole)),
    "sha256?": _digest,
}

_ENTRY: Mapping[str, Test] = {
    "keys": _some(is_name),
    "kind": is_name,
    "native_id": is_name,
    **{f"{name}?": _text for name in ("title", "url", "creator", "language", "status", "content_html")},
    "visibility?": _one_of(*Visibility),
    "author?": _one_of(*get_args(Authorship)),
    "published?": is_time,
    "updated?": is_time,
    "files?": _list(_object(_MEDIA_FILE)),
    "parent?": is_name,
    "terms?": _list(is_name),
    "tags?": _list(_text),
    "fidelity?": _fidelity,
    "scope?": is_name,
    "stamp?": is_name,
    "extra?": lambda value: isinstance(value, dict),
}

_said = {"why?": is_name, "kind?": is_name}
_SPOKEN_FIELDS: Mapping[str, Mapping[str, Test]] = {
    "failure": {
        "eventTime": is_time,
        **dict.fromkeys(("origin", "what", "key"), is_name),
        **dict.fromkeys(("why", "mend"), is_name),
        "transient": _flag,
        "since": is_time,
    },
    "failure-cleared": {"eventTime": is_time, "origin": is_name, "what": is_name},
    "file": {"eventTime": is_time, "files": _list(_object(_file_place))},
    "redacted": {"files": _list(_object(_file_place))},
    "redaction": {"eventTime": is_time, "id": _id, "ids": _some(_id), "forGood?": _flag, **_said},
    "readmission": {"eventTime": is_time, "ids": _some(_id)},
    "joining": {"eventTime": is_time, "branches": _list(_digest)},
}
