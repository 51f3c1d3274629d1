"""
What this computer remembers of the copies of an archive.

It lies beside the archive's index and may be lost: a copy itself says the rest.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archive import layout
from archive.care.places import Form
from archive.entry import Digest, format_time, parse_time
from archive.errors import KeepfolioError
from bridge.session import Session
from bridge.statefile import read_json, write_json
from bridge.workspace import state_root


@dataclass(frozen=True)
class Copy:
    """
    One copy as this computer remembers it. Times are aware, UTC.

    ``parts``: how many of the archive's parts it held at ``at``; ``sound``: what its last verification said, if any.
    ``to``: the public keys that it is sealed for. ``digests``: by part, of the files of a ZIP copy.
    """

    place: Path
    form: Form
    at: datetime
    head: tuple[Digest, str] = ("", "")
    parts: int = 0
    to: tuple[str, ...] = ()
    verified: datetime | None = None
    sound: bool | None = None
    digests: dict[str, Digest] = field(default_factory=dict)


def known_beside(root: Path) -> list[Copy]:
    """Return the copies of an archive, by place, without opening it: it may be too damaged for that."""
    try:
        archive_id = str(layout.about_of(root)["id"])
    except KeepfolioError:
        return []
    return sorted(_read(_file(archive_id)).values(), key=lambda copy: copy.place)


def _file(archive_id: str) -> Path:
    return state_root() / "archives" / archive_id.rpartition(":")[2] / "copies.json"


def remembered(session: Session) -> dict[str, Copy]:
    return _read(_file(session.archive.id))


def _read(path: Path) -> dict[str, Copy]:
    value = read_json(path).get("copies", {})
    found = {}
    for place, about in value.items() if isinstance(value, dict) else ():
        with contextlib.suppress(KeyError, TypeError, ValueError):
            found[place] = Copy(
                place=Path(place),
                form=about["form"],
                at=parse_time(about["at"]),
                head=(about["head"], about["name"]),
                parts=int(about["parts"]),
                to=tuple(about["to"]),
                verified=parse_time(about["verified"]) if about["verified"] else None,
                sound=about["sound"],
                digests=dict(about["digests"]),
            )
    return found


def remember(session: Session, copy: Copy) -> None:
    _write(session, {**remembered(session), str(copy.place): copy})


def forget(session: Session, copy: Copy) -> None:
    _write(session, {place: one for place, one in remembered(session).items() if place != str(copy.place)})


def _write(session: Session, all_of_them: dict[str, Copy]) -> None:
    value = {
        place: {
            "form": one.form,
            "at": format_time(one.at),
            "head": one.head[0],
            "name": one.head[1],
            "parts": one.parts,
            "to": list(one.to),
            "verified": format_time(one.verified) if one.verified else None,
            "sound": one.sound,
            "digests": one.digests,
        }
        for place, one in all_of_them.items()
    }
    write_json(_file(session.archive.id), {"copies": value})
