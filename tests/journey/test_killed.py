"""Nothing is lost by a kill, a stop, a full disk, a folder that may not be written, or a second process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.kills import of_the_command
from tests.journey.owner import Owner, content_of, wait_for
from tests.journey.trouble import faulty
from tests.servers.site import Site

KILLS = 50

pytestmark = pytest.mark.server


@pytest.mark.slow
def test_fifty_kills_lose_nothing(site: Site, blogger: Callable[..., Owner], calm: dict[str, tuple]) -> None:
    """After kill -9 at 50 random moments `verify` passes each time, and the end is that of an uninterrupted harvest."""
    timed = blogger(site, name="timed")
    begun = time.monotonic()
    timed.harvest()
    whole = time.monotonic() - begun
    killed = blogger(site, name="killed")

    assert [wrong for wrong in of_the_command(killed, whole, KILLS) if wrong] == []
    report = killed.harvest()

    assert report["failed"] == []
    assert content_of(killed) == calm
    killed.verify()


def test_a_server_that_stops_half_way_and_comes_back(site: Site, blogger: Callable[..., Owner]) -> None:
    """The server goes away during a harvest: a clear error, nothing deleted, and the next run completes it."""
    owner = blogger(site)
    process = owner.start("harvest")
    wait_for((owner.folder / "archive" / "archive.json").exists)
    site.stop()
    process.wait(300)
    try:
        gone = owner.ask("harvest", code=1)["sources"][0]
    finally:
        site.start()

    assert gone["error"]["code"]
    assert "Nothing" in gone["error"]["unchanged"] or gone["error"]["mend"]
    assert owner.ask("harvest")["ok"]
    assert owner.entries("--deleted") == []
    owner.verify()


def test_ctrl_c_keeps_what_is_complete(site: Site, blogger: Callable[..., Owner]) -> None:
    """A harvest that is asked to stop ends with 130, keeps what it had, and goes on the next time."""
    owner = blogger(site)
    process = owner.start("harvest")
    wait_for((owner.folder / "archive" / "archive.json").exists)
    process.send_signal(signal.SIGINT)
    code = process.wait(60)

    assert code in (130, 0)
    assert owner.ask("harvest")["ok"]
    owner.verify()


def holder(owner: Owner) -> int:
    """The process that wrote to the archive last, or writes to it now."""
    [told] = (owner.state / "archives").glob("*/holder.json")
    return int(json.loads(told.read_text())["pid"])


def test_a_second_process_waits_its_turn(site: Site, blogger: Callable[..., Owner]) -> None:
    """Two harvests of one archive: the second says who holds it and ends with 6."""
    owner = blogger(site)
    owner.harvest()
    with faulty(site, "slow=4", 0, left=1):
        first = owner.start("harvest")
        wait_for(lambda: holder(owner) == first.pid)
        second = owner.run("harvest", "--json")
        first.wait(120)

    assert second.code == 6, second.out + second.err
    assert "error" in second.json["sources"][0]


@pytest.mark.skipif(not shutil.which("mkfs.ext4"), reason="no mkfs.ext4")
def test_a_full_disk(site: Site, blogger: Callable[..., Owner], tmp_path: Path) -> None:
    """On a real small file system that fills up: a clear error, a valid archive, and completion once there is room."""
    small = tmp_path / "small"
    image = tmp_path / "disk.img"
    small.mkdir()
    with image.open("wb") as disk:
        disk.truncate(3 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
    mounted = subprocess.run(["mount", "-o", "loop", str(image), str(small)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no loop device here: {mounted.stderr.strip()}")
    owner = blogger(site)
    try:
        inside = Owner(small / "jane", owner.state, owner.secrets)
        shutil.copytree(owner.folder, inside.folder)
        full = inside.run("harvest", "--json")
        assert full.code == 1, full.out + full.err
        assert full.json["sources"][0]["error"]["code"] == "disk-full"
        assert inside.ask("verify")["ok"]
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user's eyes")
def test_a_folder_that_may_not_be_written(site: Site, blogger: Callable[..., Owner], tmp_path: Path) -> None:
    """A read-only workspace gives a clear error and no traceback."""
    owner = blogger(site)
    image = tmp_path / "ro"
    image.mkdir()
    bound = subprocess.run(["mount", "--bind", "-o", "ro", str(owner.folder), str(image)], capture_output=True)
    remounted = subprocess.run(["mount", "-o", "remount,ro,bind", str(image)], capture_output=True)
    if bound.returncode or remounted.returncode:
        pytest.skip("no bind mounts here")
    try:
        answer = Owner(image, owner.state, owner.secrets).run("harvest", "--json")
    finally:
        subprocess.run(["umount", str(image)], check=True)

    assert answer.code == 1
    assert answer.json["error"]["code"] in ("not-writable", "read-only")
    assert "Traceback" not in answer.err
