"""``keepfolio --help`` against Python that only imports click."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Bench, Row, against, alternately, run

TIMES = 31


def measure(bench: Bench) -> Iterator[Row]:
    program = Path(sys.executable).with_name("keepfolio")
    sides = (lambda: run([program, "--help"]), lambda: run([sys.executable, "-c", "import click"]))
    alternately(2, *sides)
    ours, peer = alternately(max(5, round(TIMES * min(1.0, bench.scale))), *sides)
    yield against("keepfolio --help", ours, peer, "import click", 1.4)
