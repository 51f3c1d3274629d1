"""
Harvesting Mahara exports: time and memory must not grow faster than the account, nor memory with its files.

The bytes are compared with a program that only reads the zip to its end and checks it; ours hashes them and writes them
into an archive as well.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measure import Bench, Ran, Row, alternately, inside, keepfolio, median, peak, run
from tests.mahara import generated

ENTRIES = 5_000
BYTES = 2 * 2**30
FILES = 40
_LEAST = 0.0001
_CONFIG = """owner: Jo Example
sources:
  portfolio: {type: mahara-export, path: export.zip}
"""


def measure(bench: Bench) -> Iterator[Row]:
    yield _entries(bench)
    yield _bytes(bench)


def _entries(bench: Bench) -> Row:
    many = bench.size(ENTRIES)
    few, none = max(many // 4, 20), 10
    sides = (_harvest(bench, _export(bench, f"entries-{n}", generated.Plan(entries=n))) for n in (none, few, many))
    empty, small, large = alternately(bench.repeat, *sides)
    each, other = ((median(runs) - median(empty)) / (count - none) for runs, count in ((large, many), (small, few)))
    return Row(
        f"harvest a Mahara export of {many:,} entries",
        f"{median(large):.1f} s, {each * 1000:.1f} ms each",
        f"of {few:,} entries {other * 1000:.1f} ms each",
        each / max(other, _LEAST),  # on a busy machine a few entries may seem to cost nothing
        1.5,
        memory=peak(large),
    )


def _bytes(bench: Bench) -> Row:
    plan = generated.Plan(entries=FILES, again=False)
    size = bench.size(BYTES) // FILES
    plan.files = [_large(plan.FILES + n, plan.FOLDERS + n % plan.depth, size) for n in range(FILES)]
    plan.attached = {number: [file.number] for number, file in zip(plan.numbers, plan.files, strict=True)}
    export = _export(bench, "bytes", plan)
    ours, peer = alternately(bench.repeat, _harvest(bench, export), lambda: _checked(export))
    return Row(
        f"harvest a Mahara export of {size * FILES / 2**20:,.0f} MB",
        f"{median(ours):.1f} s",
        f"reading the zip {median(peer):.1f} s",
        median(ours) / median(peer),
        3.0,
        memory=peak(ours),
    )


def _export(bench: Bench, name: str, plan: generated.Plan) -> Path:
    path = bench.new_folder(name) / "export.zip"
    generated.write(path, plan)
    return path


def _harvest(bench: Bench, export: Path) -> Callable[[], Ran]:
    """Return a first harvest of an export, into a new archive each time."""

    def harvested() -> Ran:
        workspace = bench.new_folder("mahara")
        (workspace / "config.yaml").write_text(_CONFIG)
        os.link(export, workspace / "export.zip")
        ran = keepfolio(workspace, "harvest")
        shutil.rmtree(workspace)  # some GB each
        return ran

    return harvested


def _checked(export: Path) -> Ran:
    if shutil.which("unzip"):
        return run(["unzip", "-tq", export])
    return inside(read_to_its_end, export)


def read_to_its_end(path: str) -> str:
    """Check a zip without unpacking it, where there is no unzip."""
    import zipfile

    with zipfile.ZipFile(path) as packed:
        return packed.testzip() or ""


def _large(number: int, folder: int, size: int) -> generated.File:
    """Return a file that packs badly, as pictures and films do, and is no other file's."""
    block = os.urandom(2**20)

    def blocks() -> Iterator[bytes]:
        for at in range(0, size, len(block)):
            yield at.to_bytes(8, "big") + block[8 : min(len(block), size - at)]

    return generated.File(number, f"film {number}.mp4", folder, size, blocks)
