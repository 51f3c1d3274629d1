"""Sealing 10,000 posts and 1,000 files of media, against writing and syncing the very same files and nothing else."""

from __future__ import annotations

import io
import os
import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks import samples
from benchmarks.measure import Bench, Ran, Row, Watch, inside, peak

POSTS, MEDIA = 10_000, 1_000


def measure(bench: Bench) -> Iterator[Row]:
    posts, media = bench.size(POSTS), bench.size(MEDIA)
    ours: list[Ran] = []
    plain: list[Ran] = []
    for _ in range(bench.repeat):
        folder = bench.new_folder("seal")
        ours.append(inside(seal, folder, posts, media))
        plain.append(inside(write, folder / "archive" / "segments", folder / "plain"))
    mine, other = (statistics.median(ran.value for ran in runs) for runs in (ours, plain))
    work = f"seal {posts:,} posts and {media:,} files, every fsync"
    yield Row(work, f"{mine:.2f} s", f"a plain loop {other:.2f} s", mine / other, 1.5, memory=peak(ours))


def seal(folder: str, posts: int, media: int) -> float:
    """Keep them all as a harvest does; return the seconds. Inventing them does not count."""
    from archive.entry import MediaFile, with_digests
    from archive.store import Archive, Origin

    watch = Watch()
    archive = Archive.create(Path(folder, "archive"), Path(folder, "state"))
    with archive, archive.append(Origin("blog", "wordpress")) as writer:
        for number in range(1, posts + media + 1):
            if number <= posts:
                entry, raw = samples.post(number)
                with watch:
                    writer.put(entry, raw)
            else:
                name = f"picture-{number}.jpg"
                file = MediaFile(name=name, url=f"https://blog.example.org/{name}", media_type="image/jpeg")
                entry, raw = samples.post(number, "media", content_html="", files=(file,))
                stream = io.BytesIO(samples.picture(number))
                with watch:
                    digest = writer.add_file(stream, name=name, media_type=file.media_type)
                    writer.put(with_digests(entry, {file.url: digest}), raw)
            with watch:
                if writer.full:
                    writer.seal({"number": number})
        with watch:
            writer.seal({})
    return watch.seconds


def write(source: str, target: str) -> float:
    """Write every file below ``source`` anew, each synced; return the seconds. Reading is not counted."""
    watch = Watch()
    for below, _, names in sorted(os.walk(source)):
        there = Path(target) / Path(below).relative_to(source)
        there.mkdir(parents=True)
        for name in names:
            data = Path(below, name).read_bytes()
            path = f"{there}/{name}"
            with watch:
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                os.write(file, data)
                os.fsync(file)
                os.close(file)
    return watch.seconds
