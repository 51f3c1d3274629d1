"""
Measure everything in one run and print a table: ``python -m benchmarks [--scale 0.1] [--repeat 3] [NAME ...]``.

NAME is one of the themes (``seal``, ``verify``, ...); without one, all are measured. A theme that cannot run here (a
real WordPress needs root on Debian) says so.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import build, export, harvest, index, mahara, seal, start, verify
from benchmarks.measure import Bench, Row, Unavailable, table

THEMES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "harvest": harvest.measure,
    "seal": seal.measure,
    "verify": verify.measure,
    "index": index.measure,
    "help": start.measure,
    "build": build.measure,
    "export": export.measure,
    "mahara": mahara.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("themes", nargs="*", metavar="NAME", help=f"one of: {', '.join(THEMES)}")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full sizes (0.1: a tenth)")
    parser.add_argument("--repeat", type=int, default=3, help="how often each side runs; the median counts")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"), help="a folder on the disk to be measured")
    options = parser.parse_args()
    unknown = set(options.themes) - set(THEMES)
    if unknown:
        parser.error(f"no such name: {', '.join(sorted(unknown))}; there are {', '.join(THEMES)}")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="kf-bench-", dir=options.folder) as folder:
        os.environ["KEEPFOLIO_STATE"] = f"{folder}/state"
        bench = Bench(Path(folder), options.scale, options.repeat)
        for name in options.themes or THEMES:
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                rows += THEMES[name](bench)
            except Unavailable as why:
                print(f"{name}: not measured: {why}", file=sys.stderr)
    print(table(rows))


if __name__ == "__main__":
    main()
