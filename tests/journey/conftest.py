"""Owners for the journeys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journey.owner import Owner
from tests.journey.trouble import undisturbed
from tests.servers import site as servers
from tests.servers.site import Site


@pytest.fixture
def new_owner(tmp_path: Path) -> Callable[[str], Owner]:
    """Make owners by name, each with a folder and a state of her own."""

    def make(name: str = "jane") -> Owner:
        owner = Owner(tmp_path / name, tmp_path / f"{name}-state")
        owner.folder.mkdir()
        owner.state.mkdir()
        return owner

    return make


@pytest.fixture
def blogger(new_owner: Callable[[str], Owner]) -> Callable[..., Owner]:
    """Make an owner whose one source is a site, with the password of a role ("" for none)."""

    def make(site: Site, role: str = "admin", name: str = "jane", **more: object) -> Owner:
        owner = new_owner(name)
        user = {"user": role} if role else {}
        owner.configure(
            owner="Jane Example",
            timezone="Europe/London",
            sources={"blog": {"type": "wordpress", "url": site.url, "author": "all", **user, **more}},
        )
        if role:
            owner.secrets["KEEPFOLIO_BLOG_PASSWORD"] = site.password(role)
        return owner

    return make


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    running = servers.start()
    try:
        running.seed(120, 20)
        yield running
    finally:
        servers.remove(running)


@pytest.fixture(scope="module")
def calm(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple]:
    """What an uninterrupted harvest of the site ends with."""
    folder = tmp_path_factory.mktemp("calm")
    return undisturbed(site, Owner(folder / "jane", folder / "state"))
