"""What a person may call ITEM: a number of the last list, an id, an address, or words of the title."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archive.errors import UsageError
from archive.store import Archive, Stored
from bridge.copies_of import originals
from bridge.statefile import read_json, write_json
from bridge.workspace import Workspace

HIDDEN_KINDS = frozenset({"term", "user", "settings", "workspace", "receipt", "release"})
"""Kinds that a person does not mean by words of a title, unless no other matches."""


def remember_list(workspace: Workspace, ids: Sequence[str]) -> None:
    """Remember the order of a printed list, so that its numbers can be used as ITEM."""
    write_json(_place(workspace), {"ids": list(ids)})


def find(archive: Archive, workspace: Workspace, item: str) -> Stored:
    """
    Return the one entry that ``item`` means.

    Raises:
        UsageError: Nothing matches, or several do; the message names them.
    """
    words = item.strip()
    if words.isdigit():
        return _numbered(archive, workspace, int(words))
    if words.startswith("urn:uuid:"):
        stored = archive.entry(words)
        if stored is None:
            raise UsageError(f"Nothing held has the id {words}.", code="no-such-item", mend="Run: keepfolio list")
        return stored
    own = archive.by_key(f"workspace:{words}")
    if own is not None:
        return _one([own], archive, words)
    if "://" in words:
        matches = [s for s in archive.entries() if _same_address(s.entry.url, words)]
    else:
        matches = _by_title(archive, words)
    copies = originals(lambda: matches)  # of a post and its copy elsewhere, the post is meant
    return _one([s for s in matches if s.id not in copies], archive, words)


def version(archive: Archive, stored: Stored, number: int | None) -> Stored:
    """
    Return an entry as it was in a version; with None as it is.

    Raises:
        UsageError: It has no version of that number; the message says which it has.
    """
    if number is None:
        return stored
    try:
        return archive.version(stored.id, number)
    except KeyError as error:
        last = max((v.number for v in archive.versions(stored.id)), default=1)
        raise UsageError(
            f"“{stored.entry.title or stored.entry.native_id}” has no version {number}; "
            + (f"it has 1 to {last}." if last > 1 else "it has only one, number 1."),
            code="no-such-version",
            mend="Leave out --version to see the newest.",
        ) from error


def _numbered(archive: Archive, workspace: Workspace, number: int) -> Stored:
    ids = read_json(_place(workspace)).get("ids", [])
    if not 1 <= number <= len(ids):
        raise UsageError(
            f"The last list has no number {number}." if ids else "There is no list yet that the number could refer to.",
            code="no-such-item",
            mend="Run keepfolio list and use a number of what it prints, or words of the title.",
        )
    stored = archive.entry(ids[number - 1])
    if stored is None:
        raise UsageError("The last list was of another archive.", code="no-such-item", mend="Run keepfolio list again.")
    return stored


def _by_title(archive: Archive, words: str) -> list[Stored]:
    wanted = words.casefold().split()
    matches: list[Stored] = []
    hidden: list[Stored] = []
    for stored in archive.entries():
        title = stored.entry.title.casefold()
        if title == words.casefold() and stored.entry.kind not in HIDDEN_KINDS:
            matches.insert(0, stored)
        elif all(word in title for word in wanted):
            (hidden if stored.entry.kind in HIDDEN_KINDS else matches).append(stored)
    exact = [s for s in matches if s.entry.title.casefold() == words.casefold()]
    return exact or matches or hidden


def _one(matches: list[Stored], archive: Archive, item: str) -> Stored:
    if len(matches) == 1:
        whole = archive.entry(matches[0].id)
        assert whole is not None, "an entry never leaves the archive"
        return whole
    if not matches:
        raise UsageError(f"Nothing held matches “{item}”.", code="no-such-item", mend="Run: keepfolio list")
    named = "\n".join(f"  {s.entry.kind}: {s.entry.title or s.entry.native_id}  {s.entry.url}" for s in matches[:8])
    more = f"\n  and {len(matches) - 8} more" if len(matches) > 8 else ""
    raise UsageError(
        f"“{item}” matches {len(matches)} things:\n{named}{more}",
        code="ambiguous-item",
        mend="Use more words of the title, its address, or its number in keepfolio list.",
    )


def _same_address(one: str, other: str) -> bool:
    return bool(one) and _bare(one) == _bare(other)


def _bare(address: str) -> str:
    return address.partition("#")[0].rstrip("/").partition("://")[2].removeprefix("www.")


def _place(workspace: Workspace) -> Path:
    return workspace.state / "last-list.json"
