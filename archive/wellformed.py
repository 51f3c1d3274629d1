"""
Whether what stands in a sealed file has the shape that this program writes.

Digests say that bytes are those that were sealed, not who sealed them: nothing is trusted further than its shape.
Events and fields that are not known pass.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from archive.entry import Fidelity, Json, Visibility, parse_time

DEEPEST = 64
"""Levels of nesting in a record: what is deeper could be read here and written nowhere."""

_READING = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
_LARGEST = 1 << 63
_NO_MORE_THAN = 1 << 20  # bytes of archive.json
_Check: TypeAlias = Callable[[Any], bool]


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    """
    Open a file of an archive for reading.

    Raises:
        OSError: It is not there, or it is a link (it may lead anywhere), a pipe (it may wait for ever) or a device.
    """
    return os.fdopen(descriptor_of(path), "rb")


def descriptor_of(path: str | os.PathLike[str]) -> int:
    """Return what ``opened`` reads from; the caller closes it."""
    descriptor = os.open(path, _READING)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a file", os.fspath(path))
    return descriptor


def data_of(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a file of an archive; raises as ``opened`` does."""
    with opened(path) as file:
        return file.read()


def about(path: Path) -> Json:
    """
    Return ``archive.json``.

    Raises:
        OSError: It is not there, or cannot be read.

        ValueError: It is not what this program writes.
    """
    with opened(path) as file:
        value = _object(file.read(_NO_MORE_THAN))
    _insist(value, {"format": _text, "id": _archive_id, "version": is_count}, {"created": _text, "digest": _text})
    return value


def run(data: bytes) -> Json:
    """Return what ``run.json`` says; raises ``ValueError`` if it has another shape."""
    value = _object(data)
    _insist(value, {}, {"origin": _mapping, "ended": _time, "cursor": _mapping, "promised": _counts})
    _insist(value.get("origin", {}), {}, {"name": _name})
    return value


def record(data: bytes) -> Json:
    """Return a line of ``records.jsonl``; raises ``ValueError`` if it has another shape."""
    value = _object(data)
    _insist(value, {"event": _name}, {})
    _insist(value, _EVENTS.get(str(value["event"]), {}), {})
    if "entry" not in value:
        _insist(value, {}, _FILES)
    else:
        _insist(value, _LINE, _MORE_OF_LINE)
        _insist(value["entry"], _ENTRY, _MORE_OF_ENTRY)
    return value


def _object(data: bytes) -> Json:
    try:
        value = _decoder.decode(data.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if type(value) is not dict:
        raise ValueError("no object")
    if data.count(b"[") + data.count(b"{") > DEEPEST:
        _insist_shallow(value)
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)


def _insist_shallow(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        inner = [v for v in level if isinstance(v, (dict, list))]
        level = [w for v in inner for w in (v.values() if isinstance(v, dict) else v)]
        if not level:
            return
    raise ValueError("nested too deeply")


def _insist(value: Any, needed: Mapping[str, _Check], more: Mapping[str, _Check]) -> None:
    if type(value) is not dict:
        raise ValueError("no object")
    for name, fits in needed.items():
        if name not in value or not fits(value[name]):
            raise ValueError(f"{name} is not what it should be")
    for name in more.keys() & value.keys() if more else ():
        if not more[name](value[name]):
            raise ValueError(f"{name} is not what it should be")


# --- what a value may be ------------------------------------------------------------------------------------------


def _text(value: Any) -> bool:
    return type(value) is str


def _name(value: Any) -> bool:
    """Say whether it is a text that a database can keep: half a character it cannot."""
    if type(value) is not str or value.isascii():
        return type(value) is str
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_count(value: Any) -> bool:
    """Say whether it is a number of things or bytes that a database can keep."""
    return type(value) is int and 0 <= value < _LARGEST


def _time(value: Any) -> bool:
    try:
        parse_time(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _archive_id(value: Any) -> bool:
    """Say whether it is an id and could be nothing else: its end names a folder in the state folder."""
    return type(value) is str and re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) is not None


def _boolean(value: Any) -> bool:
    return type(value) is bool


def _mapping(value: Any) -> bool:
    return type(value) is dict


def _names(value: Any) -> bool:
    return type(value) is list and all(map(_name, value))


def _some_names(value: Any) -> bool:
    return _names(value) and bool(value)


def _texts(value: Any) -> bool:
    return type(value) is list and all(type(v) is str for v in value)


def _counts(value: Any) -> bool:
    return type(value) is dict and all(map(is_count, value.values()))


def _fidelity(value: Any) -> bool:
    return type(value) is str and value.upper() in _FIDELITIES


def _visibility(value: Any) -> bool:
    return type(value) is str and value in _VISIBILITIES


def _seen_by(value: Any) -> bool:
    return type(value) is dict and all(
        type(sight) is dict and all(map(_name, sight.values())) and _fidelity(sight.get("fidelity", "full"))
        for sight in value.values()
    )


def _fitting(value: Any, needed: Mapping[str, _Check], more: Mapping[str, _Check]) -> bool:
    if type(value) is not dict:
        return False
    try:
        _insist(value, needed, more)
    except ValueError:
        return False
    return True


def _raw(value: Any) -> bool:
    return _fitting(value, {"path": _name, "size": is_count, "sha256": _name}, {"segment": _name, "offset": is_count})


def _readable(value: Any) -> bool:
    return _fitting(value, {"path": _name}, {"segment": _name, "whole": _boolean})


def _file_places(value: Any) -> bool:
    return type(value) is list and all(map(_raw, value))


def _media_files(value: Any) -> bool:
    return type(value) is list and all(_fitting(v, {}, _MEDIA_FILE) for v in value)


_FIDELITIES = frozenset(Fidelity.__members__)
_VISIBILITIES = frozenset(v.value for v in Visibility)
_MEDIA_FILE: dict[str, _Check] = {
    "name": _text, "url": _text, "media_type": _text, "size": is_count, "stamp": _text, "role": _text, "alt": _text,
    "caption": _text, "licence": _text, "credit": _text, "sha256": _name,
}  # fmt: skip
_ENTRY: dict[str, _Check] = {"keys": _some_names, "kind": _name}
_MORE_OF_ENTRY: dict[str, _Check] = {
    "native_id": _text, "title": _text, "url": _text, "creator": _text, "language": _text, "status": _text,
    "visibility": _visibility, "author": _text, "published": _time, "updated": _time, "content_html": _text,
    "files": _media_files, "parent": _name, "terms": _names, "tags": _texts, "fidelity": _fidelity, "scope": _name,
    "stamp": _name, "extra": _mapping,
}  # fmt: skip
_LINE: dict[str, _Check] = {
    "id": _name, "version": is_count, "origin": _name, "madeBy": _name, "firstSeen": _time, "changed": _time,
    "eventTime": _time, "fingerprint": _name, "seenBy": _seen_by, "entry": _mapping,
}  # fmt: skip
_FILES: dict[str, _Check] = {"files": _file_places}
_MORE_OF_LINE: dict[str, _Check] = {
    **_FILES, "raw": _raw, "readable": _readable, "joins": _names, "deletedBy": _name, "why": _text,
}  # fmt: skip
_EVENTS: dict[str, dict[str, _Check]] = {
    "failure": {
        "origin": _name, "what": _name, "why": _name, "mend": _name, "key": _name, "transient": _boolean,
        "since": _time,
    },
    "failure-cleared": {"origin": _name, "what": _name},
    "redaction": {"ids": _names},
    "readmission": {"ids": _names},
}  # fmt: skip
