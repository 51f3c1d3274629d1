"""The proofs: what the tests try a few times, tried many times."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.archive import test_machine
from tests.archive.damage import repaired_of_three
from tests.crash import harm, kills, power, refusals
from tests.journey.owner import content_of
from tests.prove.figures import Figure, Size, Unavailable, right, wrong
from tests.servers import site as servers

CHUNK = 500
PROCESSES = 2
MOST_KILLS = 60


def power_cuts(size: Size) -> Iterator[Figure]:
    for name, story in power.STORIES.items():
        yield right(
            f"states after a power cut, {story.during}: valid, nothing lost", _explored(name, size.of(story.states))
        )
    for kind, (name, _) in power.LEFT_OUT.items():
        yield wrong(f"states found wrong without the syncs of {kind}", _explored(name, size.of(1000), kind))


def kills_of_the_writer(size: Size) -> Iterator[Figure]:
    yield right("`kill -9` of the writer: survived", kills.of_the_writer(size.new("killed"), size.of(150)))
    broken = kills.of_a_broken_writer(size.new("broken"), MOST_KILLS)
    yield _caught("`kill -9` of a writer that works where readers look: caught", broken)


def kills_of_the_command(size: Size) -> Iterator[Figure]:
    """The whole program, while it harvests a real WordPress."""
    if why := servers.unavailable():
        raise Unavailable(why)
    site = servers.start()
    try:
        site.seed(120, 20)
        calm = kills.owner_of(site, size.new("calm"))
        begun = time.monotonic()
        calm.harvest()
        seconds = time.monotonic() - begun
        killed = kills.owner_of(site, size.new("jane"))
        yield right("`kill -9` of `keepfolio harvest`: survived", kills.of_the_command(killed, seconds, size.of(50)))
        killed.harvest()
        same = content_of(killed) == content_of(calm)
        yield Figure("the harvest after the last kill: as if there had been none", int(same), 1)
        broken = kills.owner_of(site, size.new("broken-command"), broken=True)
        yield _caught(
            "`kill -9` of a `keepfolio` whose writer works where readers look: caught",
            kills.of_the_command(broken, seconds, MOST_KILLS),
        )
    finally:
        servers.remove(site)


def full_disks(size: Size) -> Iterator[Figure]:
    for code, name in refusals.CODES.items():
        what = f"calls that the disk refused ({name}), one after the other: clear error, nothing lost"
        yield right(what, refusals.at_every_call(size.new(name), code))
    try:
        results: list[str] = []
        for megabytes in (2, 3, 5, 8):
            base = size.new(f"small-{megabytes}")
            with refusals.small_disk(base, megabytes) as small:
                results += refusals.fill(small / "archive", base / "state")
        yield right("a real ext4 of 2, 3, 5 and 8 MB filled up: clear error, nothing lost, goes on", results)
    except refusals.NoDisk as why:
        raise Unavailable(f"the real small disks: {why}") from why


def silent_damage(size: Size) -> Iterator[Figure]:
    for name in harm.HARMS:
        results = harm.harmed(size.new(name.replace(" ", "-")), name, size.of(1000))
        yield right(f"{name}: found by `verify`, and the file named", results)


def any_order(size: Size) -> Iterator[Figure]:
    """The state machine, longer than in the tests."""
    test_machine.Machine.steps = 0
    problem = ""
    try:
        run_state_machine_as_test(
            test_machine.Machine,
            settings=settings(test_machine.TestMachine.settings, max_examples=size.of(80), stateful_step_count=40),
        )
    except BaseException as error:  # noqa: BLE001 - whatever went wrong is what is counted
        problem = "".join(traceback.format_exception(error))
    steps = test_machine.Machine.steps
    what = "steps in any order (harvest, delete, purge, crash, fork, damage, repair ...): equal to a plain dict"
    yield Figure(what, steps - bool(problem), steps, example=problem)
    yield Figure("the same: the kept index equals the one built anew", steps - bool(problem), steps, example=problem)


def repairs(size: Size) -> Iterator[Figure]:
    """Three copies of one archive, every file hurt in at most two of them."""
    hurt, mended, problem = 0, 0, ""
    for seed in range(3):
        hurt += size.of(100)
        try:
            mended += repaired_of_three(size.new(f"three-{seed}"), seed, size.of(100))
        except AssertionError as error:
            problem = str(error)
    yield Figure("damages in three copies, mended from each other to the last byte", mended, hurt, example=problem)


PROOFS: dict[str, Callable[[Size], Iterator[Figure]]] = {
    "power": power_cuts,
    "kill": kills_of_the_writer,
    "harvest": kills_of_the_command,
    "disk": full_disks,
    "damage": silent_damage,
    "repair": repairs,
    "machine": any_order,
}


def _explored(story: str, states: int, left_out: str = "") -> Iterator[str]:
    """Draw states in several processes, each part with a seed of its own."""
    sizes = [CHUNK] * (states // CHUNK) + [states % CHUNK]
    with ProcessPoolExecutor(PROCESSES) as pool:
        parts = [pool.submit(_part, story, n, left_out, seed) for seed, n in enumerate(sizes) if n]
        yield from chain.from_iterable(part.result() for part in parts)


def _part(story: str, states: int, left_out: str, seed: int) -> list[str]:
    return list(power.explored(story, states, left_out, seed))


def _caught(what: str, results: Iterator[str]) -> Figure:
    """Kill until the damage shows."""
    kill = next((number for number, found in enumerate(results, 1) if found), 0)
    return Figure(f"{what} at kill {kill}" if kill else what, min(kill, 1), 1)
