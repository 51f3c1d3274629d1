"""A process that adds to an archive until it is killed, and says each number once it is safe."""

from __future__ import annotations

import io
import random
import sys
from pathlib import Path

from archive.entry import with_digests
from archive.store import Archive
from tests.archive.make import BLOG, picture, post
from tests.crash.broken import work_among_the_sealed


def main() -> None:
    root, state = Path(sys.argv[1]), Path(sys.argv[2])
    if "--without-staging" in sys.argv:
        work_among_the_sealed()
    print("begun", flush=True)
    with Archive.open(root, state) as archive, archive.append(BLOG) as writer:
        while True:
            numbers = [random.randrange(1_000_000_000) for _ in range(random.randrange(1, 6))]
            for number in numbers:
                file = picture(f"{number}.jpg")
                digest = writer.add_file(io.BytesIO(random.randbytes(20_000)), name=file.name)
                writer.put(with_digests(post(number, files=(file,)), {file.url: digest}), b'{"id": %d}' % number)
            writer.seal({"last": numbers[-1]})
            for number in numbers:
                print(number, flush=True)


if __name__ == "__main__":
    main()
