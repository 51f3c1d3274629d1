"""
What the owner decided about single items: who may see them. The file is ``portfolio/visibility.yaml``.

    urn:uuid:6f0c...: public    # Certificate, accessible documents

Only the owner makes an item visible to assessors, or more visible than its source does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import RootModel

from archive.entry import Visibility
from archive.errors import KeepfolioError
from bridge.portfolio import ownerfile
from bridge.portfolio.model import Entries, Held

FILE_NAME = "visibility.yaml"
_HEAD = "# Who may see single items: private, assessor or public. Written by `keepfolio mark`.\n"

Marks = Mapping[str, Visibility]


class _File(RootModel[dict[str, Visibility]]):
    pass


def read(path: Path) -> dict[str, Visibility]:
    """
    Return the owner's marks by entry id; none when there is no file.

    Raises:
        ConfigError: The file has a mistake; file and line are in the message.
    """
    if not path.is_file():
        return {}
    return ownerfile.parse(ownerfile.read_text(path), _File, path.name).root


def mark(path: Path, entry_id: str, visibility: Visibility, title: str) -> None:
    """
    Set the mark of one entry and leave every other line as it is. ``title`` stands behind it, for the reader.

    Raises:
        ConfigError: The file has a mistake; it was not changed.

        KeepfolioError: The item does not stand on a line of its own; the file was not changed.
    """
    already = entry_id in read(path)
    lines = ownerfile.read_text(path).splitlines() if path.is_file() else _HEAD.splitlines()
    line = f"{entry_id}: {visibility.value}    # {ownerfile.comment(title)}"
    at = next((n for n, old in enumerate(lines) if old.split(": ")[0].strip(" '\"") == entry_id), None)
    if at is not None:
        lines[at] = line
    elif already:
        raise KeepfolioError(
            f"{path.name} has this item in a way that cannot be changed line by line.",
            code="marks-list",
            unchanged="The file is as it was.",
            mend=f"Edit {path} by hand: one line `id: visibility` for each item.",
        )
    else:
        lines.append(line)
    ownerfile.put(path, "\n".join(lines) + "\n", _File)


def settled(marks: Marks, entries: Entries) -> dict[str, Visibility]:
    """
    Return the marks by the ids that entries have now.

    Two entries that turned out to be one have one id: a mark on the other still counts, and the stricter of two wins.
    """
    found: dict[str, Visibility] = {}
    for entry_id, visibility in marks.items():
        held = entries.get(entry_id)
        now = held.id if held is not None else entry_id
        found[now] = min(visibility, found.get(now, visibility), key=lambda v: v.openness)
    return found


def effective(held: Held, marks: Marks) -> Visibility:
    """
    Return who may see an entry: the owner's mark, else what its source says.

    What the source deleted, and what lies in its bin, is private whatever was marked before.
    """
    if held.deleted or held.entry.status == "trash":
        return Visibility.PRIVATE
    return marks.get(held.id, held.entry.visibility)
