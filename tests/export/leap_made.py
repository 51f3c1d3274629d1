"""Things as a harvest of a Mahara makes them, an archive of them, and its Leap2A file."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.entry import Entry, Fidelity, MediaFile, with_digests
from archive.store import Origin
from bridge.export import Exported, Wanted, export
from bridge.session import Session
from bridge.workspace import Workspace
from connectors.mahara import identity
from tests.archive.make import raw_of
from tests.export.leap import Leap

Do = Callable[..., tuple[Exported, Leap]]
SITE = "m.example.org"
MAHARA = Origin("mahara", "mahara", f"https://{SITE}")
START = datetime(2023, 1, 2, 9, tzinfo=UTC)
PICTURE = identity.file_address(f"https://{SITE}", "40")


def written(folder: Path, *things: Entry | tuple[Entry, bytes], **wanted: Any) -> tuple[Exported, Leap]:
    """Return what ``export leap2a`` makes of some things, and says of it."""
    own = folder / "jane"
    own.mkdir()
    (own / "config.yaml").write_text("owner: Jane Example\n")
    session = Session(Workspace(own))
    keep_all(session, *things)
    done = export("leap2a", session, folder / "out", Wanted(**wanted))
    leap = Leap.of(done.path)
    assert leap.dangling() == []
    return done, leap


def of_mahara(kind: str, mahara: str, number: int, native: str = "", **given: object) -> Entry:
    """Return an entry as the harvest of a Mahara makes it."""
    name = native or f"artefact{number}"
    extra = {"mahara": mahara, **given.pop("extra", {})}  # type: ignore[dict-item]
    values: dict[str, object] = {
        "keys": (identity.key(SITE, name),),
        "kind": kind,
        "native_id": name,
        "title": f"{kind} {number}",
        "status": "publish",
        "published": START + timedelta(hours=number),
        "updated": START + timedelta(hours=number, minutes=5),
        "fidelity": Fidelity.EXPORT,
        "scope": identity.scope(SITE, "2"),
        **given,
        "extra": extra,
    }
    return Entry(**values)  # type: ignore[arg-type]


def key(name: str) -> str:
    return identity.key(SITE, name)


def file_entry(number: int, name: str, data: bytes, **given: object) -> tuple[Entry, bytes]:
    address = identity.file_address(f"https://{SITE}", str(number))
    files = (MediaFile(name=name, url=address, media_type="text/plain", size=len(data), role="original"),)
    return of_mahara("file", "file/file", number, title=name, files=files, **given), data


def keep_all(session: Session, *things: Entry | tuple[Entry, bytes]) -> None:
    """Put entries, with their bytes where they have some, as one harvest."""
    with session.archive.append(MAHARA) as writer:
        held: dict[str, str] = {}
        for thing in things:
            entry, data = thing if isinstance(thing, tuple) else (thing, None)
            if data is not None:
                held[entry.files[0].url] = writer.add_file(io.BytesIO(data), name=entry.files[0].name)
            writer.put(with_digests(entry, held), raw_of(entry).replace(b"\x00", b"").replace(b"\x07", b""))
        writer.seal()


def page(*blocks: dict[str, Any], **given: Any) -> Entry:
    extra = {"blocks": list(blocks), **given.pop("extra", {})}
    return of_mahara("page", "view/portfolio", 9, "view9", title="Page", extra=extra, **given)


def block(kind: str, title: str = "", y: int = 0, **settings: Any) -> dict[str, Any]:
    return {"type": kind, "title": title, "x": 0, "y": y, "width": 12, "height": 3, "settings": settings}


def photo(number: int = 40) -> tuple[Entry, bytes]:
    return file_entry(number, "photo.png", b"png")


def said(done: Exported) -> str:
    return "\n".join(f"{item.title}: {item.why}" for item in done.left_out)
