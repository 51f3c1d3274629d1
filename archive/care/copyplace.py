"""The folder that a copy lies in: whether one may lie there, and what stands around its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from archive import layout, segment, wellformed
from archive.care.places import FOLDER, Copy, Form, at, form_of
from archive.errors import KeepfolioError, NeedsOwner, UsageError
from archive.filesystem import FileSystem
from archive.store import Archive

KEY = "key.age"
"""The key of an encrypted copy, locked with a passphrase; it may lie beside the parts."""

_HOW_TO_OPEN = "HOW-TO-OPEN.txt"


def insist_apart(archive: Archive, place: Path) -> None:
    here, root = place.resolve(), archive.root.resolve()
    if here == root or root in here.parents:
        raise UsageError(
            f"{place} lies inside your archive, so it would be no copy.",
            code="inside-archive",
            unchanged="Nothing was written.",
            mend="Name a folder on another disk.",
        )


def insist_ours(archive: Archive, place: Path, form: Form | None) -> Form:
    """Return the form to write; refuse what is no copy of this archive, or one of another form."""
    if not place.parent.is_dir():
        raise KeepfolioError(
            f"{place.parent} is not there.",
            code="not-there",
            unchanged="Nothing was written.",
            mend="Connect the disk, or make that folder first.",
        )
    if place.exists() and not (place.is_dir() and (_is_copy(place) or _is_unfinished(place))):
        raise UsageError(
            f"There is something in {place} that is no copy of an archive.",
            code="exists",
            unchanged="Nothing was written.",
            mend=f"Name a new folder in it: keepfolio replicate {place / 'keepfolio'}",
        )
    if not _is_copy(place):
        return form or "folder"
    theirs = str(layout.about_of(place)["id"])
    if theirs != archive.id:
        raise NeedsOwner(
            f"{place} holds a copy of another archive.",
            code="other-archive",
            unchanged="Nothing was written.",
            mend="Name another folder.",
        )
    has = form_of(place)
    if form and has and form != has:
        raise UsageError(
            f"The copy in {place} has another form: {_FORMS[has]}.",
            code="other-form",
            unchanged="Nothing was written.",
            mend="Leave the form out to bring it up to date as it is, or name another folder.",
        )
    return has or form or "folder"


_FORMS: dict[Form, str] = {"folder": "plain folders", "zip": "ZIP files", "age": "encrypted files"}


def _is_copy(place: Path) -> bool:
    return (place / "archive.json").is_file()


def _is_unfinished(place: Path) -> bool:
    """Tell whether a folder is empty, or holds only what this module left when it was cut off."""
    names = {re.sub(r"\.\d+\.new$", "", path.name) for path in place.iterdir()}
    folders = {*FOLDER.values(), "staging"}
    empty = not any(any((place / name).iterdir()) for name in folders if (place / name).is_dir())
    return empty and names <= {*folders, *layout.FRAME.values(), _HOW_TO_OPEN, KEY}


@contextmanager
def begun(archive: Archive, place: Path, form: Form, beside: Mapping[str, bytes], disk: FileSystem) -> Iterator[Copy]:
    """Make the frame of a copy, or tidy up what an interrupted run left in it; then open it."""
    if not place.exists():
        disk.mkdir(place)
        disk.sync_folder(place.parent)
    for name in (FOLDER[form], "staging"):
        if not (place / name).is_dir():
            disk.mkdir(place / name)
    for left in list((place / "staging").iterdir()):
        if segment.is_name(left.name.removeprefix("replaced-")):
            disk.remove_tree(left)
        elif _is_half_a_file(left.name):
            disk.remove(left)
    frame = {**beside, **{name: wellformed.data_of(archive.root / name) for name in layout.FRAME.values()}}
    if form != "folder":
        frame = {_HOW_TO_OPEN: _HOW[form].encode(), **frame}
    for name, data in frame.items():  # archive.json last: it makes a copy of the folder
        if not (place / name).is_file():
            disk.write_over(place / name, data)
    disk.sync_folder(place)
    with at(place, archive.id, form) as copy:
        yield copy


def _is_half_a_file(name: str) -> bool:
    return name.startswith("incoming-") or segment.is_name(name.removesuffix(".age").removesuffix(".zip"))


_PLAIN_HOW = """\
This is a copy of someone's archive of professional evidence, made by keepfolio: one ZIP for each time something was
added. Unpack all of them into one folder called segments; README.txt says how to check and read what comes out.
"""
_HOW: dict[Form, str] = {
    "zip": _PLAIN_HOW,
    "age": _PLAIN_HOW
    + """
The ZIPs are encrypted with age (https://age-encryption.org). With the key, in a file, each is opened by:

  age --decrypt --identity KEYFILE --output NAME.zip NAME.zip.age

If there is a file key.age here, it is the key, locked with a passphrase: give it as KEYFILE, and age asks for that.
""",
}
