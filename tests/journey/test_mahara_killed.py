"""kill -9 in the middle of a Mahara harvest: nothing is lost, and nothing that was deleted there is forgotten."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.kills import of_the_command
from tests.journey.owner import Owner, content_of, kill

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mahara"
FIRST, LATER = FIXTURES / "sam-all-2210.zip", FIXTURES / "sam-all-later-newns.zip"
KILLS = 8


def leaver(new_owner: Callable[[str], Owner], name: str) -> Owner:
    owner = new_owner(name)
    (owner.folder / "exports").mkdir()
    owner.configure(sources={"mahara": {"type": "mahara-export", "path": str(owner.folder / "exports")}})
    drop(owner, FIRST)
    return owner


def drop(owner: Owner, export: Path) -> None:
    shutil.copy(export, owner.folder / "exports")


def gone(owner: Owner) -> set[str]:
    return {entry["native_id"] for entry in owner.entries("--deleted")}


@pytest.mark.slow
def test_kills_lose_nothing_and_forget_no_deletion(new_owner: Callable[[str], Owner]) -> None:
    """`verify` passes after each kill; the first export, and then a later one, end as without any."""
    calm, killed = leaver(new_owner, "calm"), leaver(new_owner, "killed")
    begun = time.monotonic()
    calm.harvest()
    whole = time.monotonic() - begun
    drop(calm, LATER)
    calm.harvest()

    assert [wrong for wrong in of_the_command(killed, whole, KILLS) if wrong] == []
    killed.harvest()
    drop(killed, LATER)
    chance = random.Random(9)
    for _ in range(KILLS):
        process = killed.start("harvest")
        try:
            process.wait(chance.uniform(0.1, whole))
        except subprocess.TimeoutExpired:
            kill(process)
        killed.verify()
    killed.harvest()

    assert gone(killed) == gone(calm) == {"artefact91", "artefact50"}
    assert content_of(killed) == content_of(calm)
