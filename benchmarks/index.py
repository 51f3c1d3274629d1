"""Making the index anew, and adding ten entries to archives of three sizes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import samples
from benchmarks.measure import Bench, Row, Watch, inside

RECORDS = 50_000
STEPS = (1_000, 10_000, 50_000)


def measure(bench: Bench) -> Iterator[Row]:
    sizes = [bench.size(step) for step in STEPS]
    ran = inside(grow, bench.folder / "index", sizes)
    added = ran.value
    first, last = added[0], added[-1]
    work = "add 10 entries to " + " / ".join(f"{size:,}" for size in sizes)
    times = " / ".join(f"{seconds * 1000:.0f}" for seconds in added)
    yield Row(work, f"{times} ms", "the smallest", last / first, memory=ran.memory)
    rebuilt = [inside(rebuild, bench.folder / "index") for _ in range(bench.repeat)]
    seconds = statistics.median(one.value for one in rebuilt)
    yield Row(f"make the index of {sizes[-1]:,} records anew", f"{seconds:.2f} s", "", seconds, 1.5, " s",
              max(one.memory for one in rebuilt))  # fmt: skip


def grow(folder: str, sizes: list[int]) -> list[float]:
    """Fill an archive to each size, without syncing; there add ten entries, synced, some times. Median seconds."""
    from archive.filesystem import FileSystem
    from archive.store import Archive, Origin

    class Careless(FileSystem):
        def sync(self, descriptor: int) -> None:
            """Filling is not what is measured."""

    Archive.create(Path(folder, "archive"), Path(folder, "state"), disk=Careless()).close()
    origin, number, medians = Origin("blog", "wordpress"), 0, []
    for size in sizes:
        archive = Archive.open(Path(folder, "archive"), Path(folder, "state"), disk=Careless())
        with archive, archive.append(origin) as writer:
            while number < size:
                number += 1
                writer.put(*samples.post(number))
                if writer.full:
                    writer.seal()
            writer.seal()
        with Archive.open(Path(folder, "archive"), Path(folder, "state")) as archive:
            times = []
            for _ in range(7):
                ten = [samples.post(number + n) for n in range(1, 11)]
                number += 10
                watch = Watch()
                with watch, archive.append(origin) as writer:
                    for entry, raw in ten:
                        writer.put(entry, raw)
                    writer.seal()
                times.append(watch.seconds)
            medians.append(statistics.median(times))
    return medians


def rebuild(folder: str) -> float:
    """Make the index anew; return the seconds."""
    from archive.store import Archive

    with Archive.open(Path(folder, "archive"), Path(folder, "state")) as archive:
        begun = time.perf_counter()
        archive.reindex()
        return time.perf_counter() - begun
