"""kill -9 at random moments: what was acknowledged is there, and everything visible is valid."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from archive.fixity import verify
from archive.store import Archive
from tests.archive.readers import assert_valid_for_others

ROOT = Path(__file__).parents[2]
KILLS = 20


def killed(root: Path, state: Path, after: tuple[int, float], *flags: str) -> list[int]:
    """Run the writer, kill it after some promises and seconds, and return the numbers that it had acknowledged."""
    promises, seconds = after
    command = [sys.executable, "-m", "tests.crash.endless_writer", str(root), str(state), *flags]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()  # it has begun
        heard = "".join(process.stdout.readline() for _ in range(promises))
        time.sleep(seconds)  # the random moment is the point of this test
        process.kill()
        heard += process.stdout.read()
    return [int(n) for n in heard.split("\n")[:-1]]  # a torn last line is none


def test_a_killed_writer_loses_nothing(tmp_path: Path):
    chance = random.Random(7)
    root, state = tmp_path / "archive", tmp_path / "state"
    Archive.create(root, state).close()
    promised: set[int] = set()
    for _ in range(KILLS):
        promised.update(killed(root, state, (chance.randrange(4), chance.uniform(0, 0.05))))
        with Archive.open(root, state) as archive:
            assert verify(archive).findings == ()
            held = {int(s.entry.native_id) for s in archive.entries()}
            assert promised <= held
            assert list((root / "staging").iterdir()) == []
    with Archive.open(root, state) as archive:
        kept = archive.index.dump()
        archive.reindex()
        assert archive.index.dump() == kept
    assert promised
    assert_valid_for_others(root)


def test_a_writer_that_works_among_the_sealed_is_caught(tmp_path: Path):
    """The same loop over a writer without staging finds damage: the test can fail."""
    chance = random.Random(7)
    root, state = tmp_path / "archive", tmp_path / "state"
    Archive.create(root, state).close()
    for _ in range(KILLS * 2):
        killed(root, state, (chance.randrange(2), chance.uniform(0, 0.05)), "--without-staging")
        if not verify(root).ok:
            return
        for left in (root / "segments").iterdir():
            assert (left / "tagmanifest-sha256.txt").is_file()
    raise AssertionError("the broken writer was not caught")
