"""Whatever a server answers for a while, nothing is lost, nothing is invented, and the next run completes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journey.owner import Owner, content_of
from tests.journey.trouble import Cutter, faulty
from tests.servers.site import Site

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.mark.parametrize("fault", ["warning", "html503", "429", "empty", "truncate", "challenge", "slow=1"])
@pytest.mark.parametrize("skipped", [0, 7])
def test_a_fault_at_any_request_loses_and_invents_nothing(
    site: Site, blogger: Callable[..., Owner], calm: dict[str, tuple], fault: str, skipped: int
) -> None:
    """Whatever the server answers for a while, the archive stays valid and the next run completes it."""
    owner = blogger(site)
    with faulty(site, fault, skipped, left=3):
        owner.run("harvest", "--json")
    if (owner.folder / "archive" / "archive.json").exists():
        assert owner.ask("verify")["ok"]
        assert owner.entries("--deleted") == []

    last = owner.ask("harvest")

    assert last["ok"]
    assert content_of(owner) == calm


@pytest.mark.parametrize("after", [100, 5_000, 60_000, 150_000])
def test_a_cut_connection_loses_nothing(site: Site, blogger: Callable[..., Owner], after: int) -> None:
    """A connection that is cut in the middle of a body leaves a valid archive, and the next run completes it."""
    cutter = Cutter(site.port, after)
    owner = blogger(site)
    owner.configure(sources={"blog": {"type": "wordpress", "url": cutter.address, "author": "all", "user": "admin"}})
    site.php(f"update_option('home', '{cutter.address}'); update_option('siteurl', '{cutter.address}');")
    try:
        cut = owner.run("harvest", "--json")
        if (owner.folder / "archive" / "archive.json").exists():
            assert owner.ask("verify")["ok"]
        cutter.after = 0
        assert cut.code != 0
        assert owner.ask("harvest")["ok"]
        again = owner.harvest()
    finally:
        site.php(f"update_option('home', '{site.url}'); update_option('siteurl', '{site.url}');")
        cutter.listener.close()

    assert [again["created"], again["updated"], again["deleted"], again["failed"]] == [0, 0, 0, []]
