"""The mistake that the design avoids, to show that the kills would find it."""

from __future__ import annotations

import sys

from archive import segment


def work_among_the_sealed() -> None:
    """Let the writer work where readers look."""
    begin = segment.Staging.begin

    def among_the_sealed(self: segment.Staging) -> None:
        self.folder = self.folder.parents[1] / "segments" / self.name
        begin(self)

    segment.Staging.begin = among_the_sealed  # type: ignore[method-assign]
    segment.publish = lambda disk, root, name: segment.read(root / "segments" / name)


if __name__ == "__main__":  # the whole program with this mistake: python -m tests.crash.broken COMMAND ...
    work_among_the_sealed()
    from bridge.cli import main

    sys.exit(main())
