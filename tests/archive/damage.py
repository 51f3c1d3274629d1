"""
Damage as disks do it, and three copies that are mended from each other.

``repaired_of_three`` is one round: each file of an archive is hurt in at most two of three places, one part is gone
as a whole from one of them, and afterwards all three are what they were.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from archive.care import copies, repair
from archive.care.fixity import verify
from archive.store import Archive
from tests.archive.make import keep, keep_with_file, picture, post

KINDS = ("flip", "truncate", "zero", "delete")
PLACES = 3


@dataclass(frozen=True)
class Damage:
    """What was done to which file (or ``part``, gone as a whole); the path is relative to the archive."""

    kind: str
    path: str


def damage(root: Path, chance: random.Random, path: str = "") -> Damage:
    """Hurt one sealed file, a given one or any, in one of the four ways; it is never left as it was."""
    file = root / (path or chance.choice(sealed_files(root)))
    data = file.read_bytes()
    kind = chance.choice(KINDS if data.strip(b"\0") else ("delete",))
    if kind == "flip":
        at = chance.randrange(len(data))
        file.write_bytes(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :])
    elif kind == "truncate":
        file.write_bytes(data[: chance.randrange(len(data))])
    elif kind == "zero":
        file.write_bytes(bytes(len(data)))
    else:
        file.unlink()
    return Damage(kind, file.relative_to(root).as_posix())


def sealed_files(root: Path) -> list[str]:
    """Every file that was sealed, by its path in the archive."""
    found = (path for path in (root / "segments").rglob("*") if path.is_file())
    return sorted(path.relative_to(root).as_posix() for path in found)


def bytes_of(root: Path) -> dict[str, bytes]:
    return {path: (root / path).read_bytes() for path in sealed_files(root)}


def filled(root: Path, state: Path, parts: int = 8, posts: int = 12) -> Archive:
    """Return an archive of some parts, each with posts and a picture."""
    archive = Archive.create(root, state)
    for part in range(parts):
        first = part * posts
        keep_with_file(archive, post(first, files=(picture(f"{part}.jpg"),)), b"picture %d " % part * 50)
        keep(archive, *(post(n) for n in range(first + 1, first + posts)))
    return archive


def repaired_of_three(base: Path, seed: int, count: int) -> int:
    """
    Hurt three copies of one archive ``count`` times, mend each from the two others, and return how many were mended.

    Raises AssertionError when any place is not byte for byte what it was.
    """
    chance = random.Random(seed)
    places = _three(base, parts=max(4, count // 30))
    wanted = bytes_of(places[0])
    done = _hurt_all(places, count, chance)
    for place in places:
        _mended(base, place, [other for other in places if other != place])
    for place in places:
        assert verify(place).ok, verify(place).findings[:5]
        assert bytes_of(place) == wanted
    return len(done)


def _three(base: Path, parts: int) -> list[Path]:
    places = [base / f"copy-{n}" for n in range(PLACES)]
    with filled(places[0], base / "state-0", parts) as archive:
        for place in places[1:]:
            assert copies.replicate(archive, place).whole
    shutil.rmtree(base / "state-0")  # no memory helps: only the copies do
    return places


def _hurt_all(places: list[Path], count: int, chance: random.Random) -> list[tuple[int, Damage]]:
    """Each file is hurt in at most two of the three places; one part is gone from the first."""
    files = sealed_files(places[0])
    gone = chance.choice(sorted({path.split("/")[1] for path in files}))
    shutil.rmtree(places[0] / "segments" / gone)
    done = [(0, Damage("part", f"segments/{gone}"))]
    sound = {path: [0, 1, 2] for path in files}
    for path in files:
        if path.startswith(f"segments/{gone}/"):
            sound[path].remove(0)
    while len(done) < count:
        path = chance.choice([p for p, where in sound.items() if len(where) > 1])
        where = chance.choice(sound[path])
        sound[path].remove(where)
        done.append((where, damage(places[where], chance, path)))
    return done


def _mended(base: Path, place: Path, others: list[Path]) -> None:
    report = repair.repair(place, base / f"state-{place.name}", [copies.opened(other) for other in others])
    assert report.ok, report
