"""kill -9 at random moments: a bare writer, and the real command while it harvests a real site."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from archive.care.fixity import verify
from archive.store import Archive
from tests.journey.owner import Owner, kill
from tests.servers.site import Site

ROOT = Path(__file__).parents[2]


class BrokenOwner(Owner):
    """Has a program that works among the sealed parts."""

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tests.crash.broken", *words]


def of_the_writer(base: Path, kills: int) -> Iterator[str]:
    """Kill a writer again and again; yield after each kill what is wrong, ``""`` for nothing."""
    chance = random.Random(7)
    root, state = base / "archive", base / "state"
    Archive.create(root, state).close()
    promised: set[int] = set()
    for _ in range(kills):
        promised.update(_killed(root, state, (chance.randrange(4), chance.uniform(0, 0.05))))
        with Archive.open(root, state) as archive:
            yield next(_wrong(archive, promised), "")
    if not promised:
        yield "nothing was ever acknowledged"


def of_a_broken_writer(base: Path, kills: int) -> Iterator[str]:
    """Kill a writer that works without staging; yield after each kill what ``verify`` found."""
    chance = random.Random(7)
    root, state = base / "archive", base / "state"
    Archive.create(root, state).close()
    for _ in range(kills):
        _killed(root, state, (chance.randrange(2), chance.uniform(0, 0.05)), "--without-staging")
        yield next((f"visible and wrong: {finding}" for finding in verify(root).findings), "")


def of_the_command(owner: Owner, seconds: float, kills: int) -> Iterator[str]:
    """
    Kill ``keepfolio harvest`` at random moments of its ``seconds``; yield after each kill what ``verify`` found.

    A run that gets through counts for nothing, and the archive is begun anew: only real kills count.
    """
    chance = random.Random(8)
    archive = owner.folder / "archive"
    while kills:
        process = owner.start("harvest")
        try:
            code = process.wait(chance.uniform(0.1, seconds))
        except subprocess.TimeoutExpired:
            kill(process)
            code = -signal.SIGKILL
        if code == 0:
            shutil.rmtree(archive)
            continue
        kills -= 1
        answer = owner.run("verify") if (archive / "archive.json").exists() else None
        if answer and answer.code:
            yield answer.out + answer.err
        else:
            yield "" if code < 0 else f"the harvest ended with {code}"


def owner_of(site: Site, folder: Path, *, broken: bool = False) -> Owner:
    """Return an owner who harvests all of a site."""
    owner = (BrokenOwner if broken else Owner)(folder / "jane", folder / "state")
    owner.folder.mkdir(parents=True)
    owner.state.mkdir()
    owner.secrets["KEEPFOLIO_BLOG_PASSWORD"] = site.password("admin")
    owner.configure(sources={"blog": {"type": "wordpress", "url": site.url, "author": "all", "user": "admin"}})
    return owner


def _killed(root: Path, state: Path, after: tuple[int, float], *flags: str) -> list[int]:
    """Run the writer, kill it after some promises and seconds, and return the numbers that it had acknowledged."""
    promises, seconds = after
    command = [sys.executable, "-m", "tests.crash.endless_writer", str(root), str(state), *flags]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()  # it has begun
        heard = "".join(process.stdout.readline() for _ in range(promises))
        time.sleep(seconds)  # the random moment is the point of this
        process.kill()
        heard += process.stdout.read()
    return [int(n) for n in heard.split("\n")[:-1]]  # a torn last line is none


def _wrong(archive: Archive, promised: set[int]) -> Iterator[str]:
    yield from (f"visible and wrong: {finding}" for finding in verify(archive).findings)
    lost = promised - {int(s.entry.native_id) for s in archive.entries()}
    yield from (f"acknowledged and lost: {number}" for number in lost)
    if any((archive.root / "staging").iterdir()):
        yield "left over in staging"
    kept = archive.index.dump()
    archive.reindex()
    if archive.index.dump() != kept:
        yield "the kept index is not the rebuilt one"
