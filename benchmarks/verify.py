"""``keepfolio verify --deep`` against ``sha256sum -c`` on the same files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Bench, Row, Unavailable, against, alternately, inside, keepfolio, run
from benchmarks.seal import MEDIA, POSTS, seal


def measure(bench: Bench) -> Iterator[Row]:
    if not shutil.which("sha256sum"):
        raise Unavailable("there is no sha256sum")
    workspace = bench.folder / "verify"
    posts, media = bench.size(POSTS), bench.size(MEDIA)
    inside(seal, workspace, posts, media)
    (workspace / "config.yaml").write_text("{}\n")
    segments = workspace / "archive" / "segments"
    check = (
        f"for bag in {segments}/*; do cd $bag && sha256sum -c --quiet manifest-sha256.txt tagmanifest-sha256.txt; done"
    )
    sides = (lambda: keepfolio(workspace, "verify", "--deep"), lambda: run(["sh", "-ec", check]))
    alternately(1, *sides)  # both read from memory: the disk is not what is compared
    ours, peer = alternately(max(bench.repeat, 5), *sides)
    yield against(f"verify --deep, {_files(segments):,} files", ours, peer, "sha256sum -c", 0.6)


def _files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))
