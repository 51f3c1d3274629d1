"""Where a folder lies: on the owner's own disk, or on one that an employer can close."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "afpfs", "webdav", "fuse.sshfs", "fuse.davfs", "9p"}
)

_EMPLOYERS_ONEDRIVE = re.compile(r"^OneDrive( - |-)(?!Personal$).+")  # "OneDrive - Northshire University"
_CLOUDS = {
    "OneDrive": re.compile(r"^OneDrive(-Personal)?$"),
    "Google Drive": re.compile(r"^(Google ?Drive|My Drive|GoogleDrive-.+)$"),
    "Dropbox": re.compile(r"^Dropbox( \(.+\))?$"),
    "iCloud Drive": re.compile(r"^(iCloud ?Drive|com~apple~CloudDocs)$"),
}
_ONEDRIVE_VARIABLES = {"OneDriveCommercial": True, "OneDriveConsumer": False, "OneDrive": False}


def place_warnings(
    folder: Path, *, environment: Mapping[str, str] | None = None, mounts: str | None = None
) -> list[str]:
    """
    Return what speaks against keeping the only copy in this folder, in words; nothing for the owner's own disk.

    Args:
        environment: The environment's variables; Windows names its OneDrive folders there.

        mounts: The text of ``/proc/mounts``.
    """
    here = folder.expanduser().resolve()
    cloud = next(_clouds(here, os.environ if environment is None else environment), None)
    network = _network(here, _mounts() if mounts is None else mounts)
    return [text for text in (cloud, network) if text]


def _clouds(here: Path, environment: Mapping[str, str]) -> Iterator[str]:
    for variable, employers in _ONEDRIVE_VARIABLES.items():
        place = environment.get(variable)
        if place and here.is_relative_to(Path(place).resolve()):
            business = employers or bool(_EMPLOYERS_ONEDRIVE.match(Path(place).name))
            yield _words("your employer's OneDrive" if business else "OneDrive", employers=business)
    for part in here.parts:
        if _EMPLOYERS_ONEDRIVE.match(part):
            yield _words(f"your employer's OneDrive ({part})", employers=True)
        for name, pattern in _CLOUDS.items():
            if pattern.match(part):
                yield _words(name, employers=False)


def _words(name: str, *, employers: bool) -> str:
    if employers:
        return (
            f"This folder lies in {name}: when your account there closes, it is gone. "
            "Choose a folder on a disk of your own, or keep a second copy elsewhere."
        )
    return (
        f"This folder lies in {name}. If that account belongs to your employer, the folder goes when the account does; "
        "and a program that synchronises may lock files while keepfolio writes. A plain folder of your own is safer."
    )


def _network(here: Path, mounts: str) -> str:
    if str(here).startswith(r"\\"):
        return _far("a network drive")
    for line in _longest_first(mounts):
        place, kind = line
        if here.is_relative_to(place):
            return _far(f"a network drive ({kind})") if kind in NETWORK else ""
    return ""


def _far(what: str) -> str:
    return (
        f"This folder lies on {what}. If it is your employer's, it goes when your account does; and a network drive "
        "may lose what was just written. Choose a folder on a disk of your own, or keep a second copy elsewhere."
    )


def _longest_first(mounts: str) -> list[tuple[Path, str]]:
    rows = [line.split() for line in mounts.splitlines()]
    # a space in a path stands there as \040 (proc(5))
    places = [
        (Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), row[1])), row[2]) for row in rows if len(row) > 2
    ]
    return sorted(places, key=lambda place: len(place[0].parts), reverse=True)


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text("utf-8", "replace")
    except OSError:
        return ""  # not Linux
