"""What the tests of schedule and messages share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.config import Config, parse
from bridge.messages import Outcome
from bridge.schedule import Jobs
from bridge.workspace import Workspace

LONDON = ZoneInfo("Europe/London")


def configured(schedule: str, more: str = "") -> Config:
    return parse(f"timezone: Europe/London\nschedule: {schedule}\n{more}", "config.yaml", Path("/w"))


class Work:
    """Jobs that note when they ran and do as they are told."""

    def __init__(self, **does: Callable[[], Outcome]) -> None:
        self.done: list[str] = []
        self.does = does
        self.told: list[tuple[str, Outcome]] = []

    def jobs(self) -> Jobs:
        return Jobs(*(self._job(name) for name in ("harvest", "publish", "verify")))

    def tell(self, job: str, outcome: Outcome) -> None:
        self.told.append((job, outcome))

    def _job(self, name: str) -> Callable[[], Outcome]:
        def job() -> Outcome:
            self.done.append(name)
            return self.does.get(name, Outcome)()

        return job


def workspace(folder: Path) -> Workspace:
    folder.mkdir(exist_ok=True)
    return Workspace(folder)
