"""
Run the proofs at full size and print their figures: ``python -m tests.prove [--scale 0.1] [NAME ...]``.

Ends with 1 if any figure is not what it must be. A proof that cannot run on this machine says so on stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.prove.figures import Figure, Size, Unavailable, table
from tests.prove.proofs import PROOFS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("proofs", nargs="*", metavar="NAME", help=f"one of: {', '.join(PROOFS)}")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full sizes (0.1: a tenth)")
    options = parser.parse_args()
    if unknown := set(options.proofs) - set(PROOFS):
        parser.error(f"no such name: {', '.join(sorted(unknown))}; there are {', '.join(PROOFS)}")
    figures: list[Figure] = []
    for name in options.proofs or PROOFS:
        begun = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="kf-prove-") as folder:
            os.environ["KEEPFOLIO_STATE"] = f"{folder}/state"
            size = Size(Path(folder), options.scale)
            try:
                for figure in PROOFS[name](size):
                    figures.append(figure)
                    print(f"  {figure.row}  {figure.example}", file=sys.stderr, flush=True)
            except Unavailable as why:
                print(f"  not proved here: {why}", file=sys.stderr)
        print(f"  {time.monotonic() - begun:.0f} s", file=sys.stderr)
    print(table(figures))
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
