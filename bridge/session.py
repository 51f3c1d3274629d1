"""One command's view of a workspace: configuration and archive, opened when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from archive.errors import KeepfolioError, UsageError
from bridge.workspace import Workspace, state_root

if TYPE_CHECKING:
    from archive.store import Archive
    from bridge.config import Config
    from connectors.contract import Context
    from connectors.http import Http


@dataclass
class Session:
    """What a command needs of a workspace. Opening the archive mends what a crash left."""

    workspace: Workspace

    @cached_property
    def config(self) -> Config:
        """The configuration; every mistake is reported at once."""
        from bridge.config import load

        return load(self.workspace.config)

    @cached_property
    def http(self) -> Http:
        """The one polite session; its counters are read with ``http.sent``."""
        from bridge.registry import http_for

        return http_for(self.config)

    def context(self, name: str, stop: Callable[[], bool]) -> Context:
        """Return what the connector of that name gets from outside."""
        from bridge.registry import context_for

        return context_for(self.config, name, self.workspace, self.http, stop)

    def has_archive(self) -> bool:
        """Tell whether there is an archive yet."""
        return (self.workspace.archive / "archive.json").is_file()

    @cached_property
    def archive(self) -> Archive:
        """The archive; made when there is none yet."""
        from archive.store import Archive

        if self.has_archive():
            return Archive.open(self.workspace.archive, state_root() / "archives")
        return Archive.create(self.workspace.archive, state_root() / "archives")

    def existing_archive(self) -> Archive:
        """
        Return the archive, if there is one.

        Raises:
            KeepfolioError: Nothing was harvested yet.
        """
        if not self.has_archive():
            raise KeepfolioError("Nothing is held yet.", code="no-archive", mend="Run: keepfolio harvest")
        return self.archive

    def source_names(self, chosen: tuple[str, ...] = ()) -> list[str]:
        """Return the names of the sources, or the chosen ones if they are all configured."""
        return _named(chosen, list(self.config.sources), "source")

    @property
    def today(self) -> date:
        """The day in the owner's time zone."""
        return now().astimezone(self.config.zone).date()

    def target_names(self, chosen: tuple[str, ...] = ()) -> list[str]:
        """Return the names of the targets, or the chosen ones if they are all configured."""
        return _named(chosen, list(self.config.targets), "target")


def now() -> datetime:
    """Return the time; aware, UTC."""
    return datetime.now(UTC)


def _named(chosen: tuple[str, ...], configured: list[str], what: str) -> list[str]:
    unknown = [name for name in chosen if name not in configured]
    if unknown:
        have = ", ".join(configured) or "none"
        raise UsageError(
            f"There is no {what} called {', '.join(unknown)} in config.yaml; it has: {have}.",
            code=f"unknown-{what}",
            mend=f"Name one of those, or add it under {what}s: in config.yaml.",
        )
    return list(chosen) or configured
