"""Who added a part of the archive, when and from where: ``run.json`` and ``bag-info.txt``."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache

from archive.entry import Digest, Json, format_time
from archive.values import Origin


class Run:
    """One run of one source; each part that it seals says so."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._id = f"urn:uuid:{uuid.uuid4()}"

    def closed(
        self, *, started: datetime, counts: Mapping[str, int], cursor: Json | None, promised: Json, synced: bool
    ) -> Json:
        """Return what ``run.json`` says of a part that ends now."""
        origin = self._origin
        about: Json = {
            "run": self._id,
            "agent": {"name": origin.agent, "version": _version()},
            "origin": {"name": origin.name, "type": origin.type, "address": origin.address, "account": origin.account},
            "started": format_time(started),
            "ended": format_time(datetime.now(UTC)),
            "counts": dict(counts),
        }
        if cursor is not None:
            about["cursor"] = cursor
        if promised:
            about["promised"] = promised
        if not synced:
            about["note"] = "This disk cannot confirm that bytes have reached it."
        return about

    def bag_info(
        self, archive_id: str, frame: Mapping[str, Digest], parents: Iterable[Digest]
    ) -> list[tuple[str, str]]:
        """Return the labels of ``bag-info.txt``; ``frame`` as in ``layout.FRAME``; two parents join a fork."""
        return [
            ("Bagging-Date", f"{datetime.now(UTC):%Y-%m-%d}"),
            ("Bag-Software-Agent", f"{self._origin.agent} {_version()}"),
            ("Source-Organization", self._origin.address or self._origin.name),
            ("External-Identifier", self._id),
            ("Bag-Group-Identifier", archive_id),
            *frame.items(),
            *(("Previous-Segment", parent) for parent in parents),
        ]


@cache
def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("keepfolio")
    except PackageNotFoundError:
        return "unknown"
