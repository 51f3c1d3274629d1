"""
Running two sides alternately, each in a process of its own, and telling what came out.

The measuring process stays small: what a child uses at most (``ru_maxrss``) is never less than what its parent used
when it was born.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MEMORY_LIMIT = 200  # MB


class Unavailable(Exception):
    """What a theme needs is not on this machine."""


@dataclass(frozen=True)
class Bench:
    """The sizes and the place of this run."""

    folder: Path
    scale: float
    repeat: int

    def size(self, full: int) -> int:
        return max(10, round(full * self.scale))

    def new_folder(self, name: str) -> Path:
        """Make a folder. It stays to the end: a disk that has just deleted thousands of files makes new ones slowly."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))


@dataclass(frozen=True)
class Ran:
    """One finished process: how long, how many MB at most, what it printed."""

    seconds: float
    memory: float
    out: str

    @property
    def value(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Row:
    """One line of the table. ``measured`` is compared with ``limit``; None where there is none."""

    work: str
    ours: str
    peer: str = ""
    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    memory: float | None = None


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, codes: Sequence[int] = (0,)) -> Ran:
    """Run a program to its end and measure all of it."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        begun = time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=errors, env={**os.environ, **(env or {})}, cwd=ROOT)
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if child.returncode not in codes:
            said = (errors.read() or out.read()).decode(errors="replace")[-2000:]
            raise RuntimeError(f"{command[0]} ended with {child.returncode}: {said}")
        per_mb = 1024 * 1024 if sys.platform == "darwin" else 1024
        return Ran(seconds, used.ru_maxrss / per_mb, out.read().decode(errors="replace"))


def keepfolio(workspace: Path, *arguments: str) -> Ran:
    """Run one of our commands as the owner does."""
    return run([Path(sys.executable).with_name("keepfolio"), "--workspace", workspace, *arguments])


def inside(function: Callable[..., Any], *arguments: object) -> Ran:
    """Run a function of a benchmark in a new process; what it returns (``value``) is what it measured itself."""
    code = (
        f"import json, sys; from {function.__module__} import {function.__name__} as work;"
        " print(json.dumps(work(*map(json.loads, sys.argv[1:]))))"
    )
    return run([sys.executable, "-c", code, *(json.dumps(a, default=str) for a in arguments)])


def alternately(repeat: int, *sides: Callable[[], Ran]) -> list[list[Ran]]:
    """Run all sides by turns, so that what else the machine does hits them alike; returns the runs of each side."""
    runs: list[list[Ran]] = [[] for _ in sides]
    for _ in range(repeat):
        for side, ran in zip(sides, runs, strict=True):
            ran.append(side())
    return runs


def median(runs: Sequence[Ran]) -> float:
    return statistics.median(ran.seconds for ran in runs)


def peak(runs: Sequence[Ran]) -> float:
    return max(ran.memory for ran in runs)


class Watch:
    """Adds up the time spent inside of it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._begun = time.perf_counter()

    def __exit__(self, *problem: object) -> None:
        self.seconds += time.perf_counter() - self._begun


def against(work: str, ours: Sequence[Ran], peer: Sequence[Ran], name: str, limit: float) -> Row:
    """Return the row of two sides of which each was measured as a whole process."""
    mine, other = median(ours), median(peer)
    return Row(work, f"{mine:.2f} s", f"{name} {other:.2f} s", mine / other, limit, memory=peak(ours))


def table(rows: Sequence[Row]) -> str:
    """Return the rows for a person to read; what is above its limit is marked."""
    cells = [("work", "keepfolio", "against", "measured", "at most", "memory")]
    for row in rows:
        measured = "" if row.measured is None else f"{row.measured:.2f}{row.unit}"
        limit = "" if row.limit is None else f"{row.limit:g}{row.unit}"
        over = row.measured is not None and row.limit is not None and row.measured > row.limit
        memory = "" if row.memory is None else f"{row.memory:.0f} MB{' OVER' if row.memory > MEMORY_LIMIT else ''}"
        cells.append((row.work, row.ours, row.peer, measured + (" OVER" if over else ""), limit, memory))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
