"""When an archive was verified and what came out: a line for each time, in ``fixity/<year>.jsonl`` beside the parts."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive.care.fixity import Level, Report
from archive.entry import Json, format_time, parse_time
from archive.filesystem import FileSystem


@dataclass(frozen=True)
class Noted:
    """One verification; ``findings`` is how many there were, harmless ones included."""

    time: datetime
    level: str
    ok: bool
    findings: int
    segments: int
    files: int
    bytes: int
    head: str = ""


def note(root: Path, report: Report, level: Level | str, head: str = "", *, disk: FileSystem | None = None) -> None:
    """Add a line about a verification; on a disk that cannot be written nothing is noted, and that is no error."""
    disk = disk or FileSystem()
    now = datetime.now(UTC).replace(microsecond=0)
    line: Json = {
        "time": format_time(now),
        "level": level,
        "head": head,
        **report.checked,
        "ok": report.ok,
        "findings": len(report.findings),
    }
    path = root / "fixity" / f"{now.year}.jsonl"
    if path.parent.is_symlink() or path.is_symlink():
        return  # what is written there would be written elsewhere
    with contextlib.suppress(OSError):
        if not path.parent.is_dir():
            disk.mkdir(path.parent)
            disk.sync_folder(root)
        before = path.read_bytes() if path.is_file() else b""
        disk.write_over(path, before + json.dumps(line).encode() + b"\n")


def history(root: Path) -> tuple[Noted, ...]:
    """Return the verifications that were noted, oldest first; a line that cannot be read is left out."""
    found: list[Noted] = []
    for path in sorted((root / "fixity").glob("[0-9][0-9][0-9][0-9].jsonl")):
        with contextlib.suppress(OSError):
            lines = path.read_bytes().splitlines() if path.is_file() else []
            found += [noted for line in lines if (noted := _read(line))]
    return tuple(found)


def last(root: Path) -> Noted | None:
    """Return the newest verification that was noted."""
    return max(history(root), key=lambda noted: noted.time, default=None)


def _read(line: bytes) -> Noted | None:
    try:
        value = json.loads(line)
        return Noted(
            time=parse_time(value["time"]),
            level=str(value["level"]),
            ok=bool(value["ok"]),
            findings=int(value["findings"]),
            segments=int(value["segments"]),
            files=int(value["files"]),
            bytes=int(value["bytes"]),
            head=str(value.get("head", "")),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
