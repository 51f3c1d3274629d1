"""
Private files, folder by folder, checked against what Moodle counts.

The listing of somebody else's area, or of a folder that is not there, is empty and no error; a listing is believed
only where it names the folders above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from archive.entry import Entry, Key
from connectors.contract import Promised, Yield
from connectors.moodle import export_keys, files, identity, text
from connectors.moodle.api import Api, Call
from connectors.moodle.faults import Refusal
from connectors.moodle.reading import Account, Reading, found

LIST = "core_files_get_files"
COUNT = "core_user_get_private_files_info"
FAMILY = "private-files"


def folder(who: Account, path: str = "/") -> Call:
    """Return the question for what lies in a folder; ``path`` begins and ends with a slash."""
    return Call(
        LIST,
        {
            "contextid": -1,
            "component": "user",
            "filearea": "private",
            "itemid": 0,
            "filepath": path,
            "filename": "",
            "contextlevel": "user",
            "instanceid": who.number,
        },
    )


def counted(who: Account) -> Call:
    """Return the question for how many there are."""
    return Call(COUNT, {"userid": who.number})


def context(root: Any) -> int:
    """Return the person's context id from the listing of the outermost folder; 0 where it does not name it."""
    parents = root.get("parents") if isinstance(root, dict) else None
    return int(parents[1].get("contextid") or 0) if parents and len(parents) > 1 else 0


def read(reading: Reading) -> Iterator[Yield]:
    """Yield folders and files, and what exists if it is as many as Moodle counts."""
    root = reading.opening.get(LIST)
    if root is None:
        return
    rows, whole = _walk(root, reading)
    counts = reading.opening.get(COUNT) or {}
    there = [one for one in rows if not one.get("isdir")]
    said = counts.get("filecount")
    yield Promised("file", int(said if said is not None else len(there)))
    entries = [_folder(one, reading) if one.get("isdir") else _file(one, reading) for one in rows]
    for entry, one in zip(entries, rows, strict=True):
        yield found(entry, one)
    if said is not None and int(said) != len(there):
        whole = False
        reading.note(f"Private files: Moodle counts {said}, and {len(there)} can be listed.")
    if whole and context(root):
        yield reading.listed(FAMILY, {entry.keys[0] for entry in entries})


def paths(api: Api, who: Account) -> set[str] | None:
    """Walk all folders anew and return the path of everything; None where that cannot be believed."""
    rows: set[str] = set()
    waiting = ["/"]
    while waiting:
        replies = api.many([folder(who, path) for path in waiting])
        waiting = []
        for reply in replies:
            if isinstance(reply, Refusal) or not context(reply):
                return None
            rows |= {_path(one) for one in reply["files"]}
            waiting += [str(one["filepath"]) for one in reply["files"] if one.get("isdir")]
    count = api.call(COUNT, userid=who.number)
    right = not isinstance(count, Refusal) and count.get("filecount") == sum(not row.endswith("/") for row in rows)
    return rows if right else None


def exists(known: set[str] | None, who: Account, key: Key) -> Literal["unlisted", "gone", "unknown"]:
    """Say of a key whether a second look through all folders (``paths``) still finds it."""
    if known is None:
        return "unknown"
    make = identity.private_folder if "/private-folder/" in key else identity.private_file
    return "unlisted" if key in {make(who.site, who.context, path) for path in known} else "gone"


def _walk(root: Any, reading: Reading) -> tuple[list[Any], bool]:
    """Return everything below, level by level, and whether each folder answered."""
    rows: list[Any] = []
    level, whole = [root], True
    while level:
        below = [one for answer in level for one in answer.get("files") or ()]
        rows += below
        asked = [folder(reading.who, str(one["filepath"])) for one in below if one.get("isdir")]
        replies = reading.each(asked, "A folder of private files") if asked else []
        whole = whole and None not in replies
        level = [answer for answer in replies if answer]
    return rows, whole


def _path(one: Any) -> str:
    return str(one["filepath"]) if one.get("isdir") else f"{one['filepath']}{one['filename']}"


def _parent(path: str, reading: Reading) -> Key | None:
    above = path.rstrip("/").rpartition("/")[0] + "/"
    return identity.private_folder(reading.who.site, reading.person, above) if above != "/" else None


def _file(one: Any, reading: Reading) -> Entry:
    path = _path(one)
    (media,) = files.media([one], "original")
    named = (path, *export_keys.cut_names(path))
    return Entry(
        keys=tuple(identity.private_file(reading.who.site, reading.person, one) for one in named),
        kind="file",
        native_id=path,
        title=str(one["filename"]),
        url=media.url,
        creator=str(one.get("author") or reading.who.name),
        published=text.moment(one.get("timecreated")),
        updated=text.moment(one.get("timemodified")),
        files=(replace(media, credit=str(one.get("author") or "")),),
        parent=_parent(path, reading),
        scope=reading.scope(FAMILY),
        stamp=files.stamp(one),
    )


def _folder(one: Any, reading: Reading) -> Entry:
    path = _path(one)
    return Entry(
        keys=(identity.private_folder(reading.who.site, reading.person, path),),
        kind="folder",
        native_id=path,
        title=str(one["filename"]),
        url=f"{reading.who.root}/user/files.php",
        creator=reading.who.name,
        published=text.moment(one.get("timecreated")),
        parent=_parent(path, reading),
        scope=reading.scope(FAMILY),
        stamp=path,
    )
