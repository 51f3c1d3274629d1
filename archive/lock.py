"""One writer per archive and machine, by a lock of the operating system that a killed program lets go."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from archive.entry import format_time
from archive.errors import Locked


@contextmanager
def writing(state: Path) -> Iterator[None]:
    """
    Hold the lock of the archive whose state folder this is.

    Raises:
        Locked: Another run holds it; the message names its process, host and start.
    """
    lock = FileLock(state / "lock", timeout=0, thread_local=False)
    holder = state / "holder.json"
    try:
        lock.acquire()
    except Timeout:
        raise Locked(
            f"Another run is writing to this archive{_described(holder)}.",
            unchanged="Nothing was changed by this command.",
            mend="Wait until it has ended, then run the same command again.",
        ) from None
    try:
        _introduce(holder)
        yield
    finally:
        lock.release()


def _introduce(holder: Path) -> None:
    me = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "started": format_time(datetime.now(UTC).replace(microsecond=0)),
    }
    beside = holder.with_name("holder.new")
    beside.write_text(json.dumps(me), "utf-8")
    beside.replace(holder)


def _described(holder: Path) -> str:
    try:
        who = json.loads(holder.read_text("utf-8"))
        return f" (process {who['pid']} on {who['host']}, since {who['started']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
