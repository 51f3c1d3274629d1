"""
Power cuts: the real writers at work on a recording disk, and every state that may be left of them looked at.

Everything here yields ``""`` for a state that is as it must be, and else what is wrong with it.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from archive.errors import KeepfolioError
from tests.crash.model import IN_MEMORY, Call, Disk, Promise, Recorder, lay_out
from tests.crash.stories import STORIES, Look, Told

LEFT_OUT: dict[str, tuple[str, Callable[[Call], bool]]] = {
    "files": ("harvest", lambda call: call.do == "sync" and "/staging/" in call.path),
    "the folders of a part": ("harvest", lambda call: call.do == "sync_folder" and "/staging/" in call.path),
    "the folder of all parts": ("harvest", lambda call: call.do == "sync_folder" and call.path.endswith("/segments")),
    "the new archive's folder": ("harvest", lambda call: call.do == "sync_folder" and call.path in {"archive", "."}),
    "the files of a copy": ("replicate", lambda call: call.do == "sync" and call.path.startswith("copy/staging/")),
    "the folders of a copy": ("replicate", lambda call: call.do == "sync_folder" and call.path.startswith("copy/")),
    "the folders of mended files": ("repair", lambda call: call.do == "sync_folder" and "/segments/" in call.path),
}
"""Kinds of syncs, each with a story; whichever is left out, some states must be found wrong."""


@cache
def recorded(story: str) -> list[Call]:
    """Return what the real writers ask of a disk in a story."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        told = Told(Path(folder), Recorder(Path(folder)))
        STORIES[story].tell(told)
        told.archive.close()
        return told.disk.calls


def explored(story: str, states: int, left_out: str = "", seed: int = 20260301) -> Iterator[str]:
    """Draw that many states, at moments all along a story."""
    calls = recorded(story)
    chance = random.Random(seed)
    disk = Disk(LEFT_OUT[left_out][1] if left_out else lambda call: False)
    shift, each = chance.random(), states / len(calls)
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        for number, call in enumerate(calls):
            disk.run(call)
            for _ in range(int((number + 1) * each + shift) - int(number * each + shift)):
                problem = _seen(STORIES[story].look, disk, Path(folder) / "drawn", chance)
                yield f"after call {number} ({call.do} {call.path}): {problem}" if problem else ""


def _seen(look: Look, disk: Disk, where: Path, chance: random.Random) -> str:
    """Lay out a drawn state, do there what the next run would, and say what is wrong."""
    lay_out(disk.state(chance), where, chance)
    _keep_an_index(disk, where, chance)
    try:
        return next(look(where, disk.promises[-1] if disk.promises else Promise()), "")
    except KeepfolioError as problem:
        return f"{type(problem).__name__}: {problem}"
    finally:
        shutil.rmtree(where)


def _keep_an_index(disk: Disk, where: Path, chance: random.Random) -> None:
    """The index was lost, or one of any earlier moment survived: it may be behind, never ahead."""
    kept = chance.choice([Promise(), *disk.promises]).index
    for state in (where / "state").glob("*") if kept else ():
        (state / "index.sqlite").write_bytes(kept)
