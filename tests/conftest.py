"""What all tests share: a home of their own, and real servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bridge.cli import common
from tests.archive.readers import assert_valid_for_others
from tests.servers import site as wordpress_site

IN_CI = bool(os.environ.get("CI"))

# No test asserts a time: a busy machine is no failure.
settings.register_profile("keepfolio", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("keepfolio")


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """One address, by number: a name may lead to two (::1 is tried first), and the other one may be somebody else's."""
    return "127.0.0.1", 0


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the developer's own state, secrets or configuration."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("KEEPFOLIO_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    for name in list(os.environ):
        if name.startswith("KEEPFOLIO_") and name != "KEEPFOLIO_STATE":
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_command_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The options of a command that another test ran (``--json``) are over with it."""
    monkeypatch.setattr(common, "_running", common.Settings())


@pytest.fixture(autouse=True)
def others_can_read(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Every archive that any test leaves behind is valid for two readers that are not ours."""
    yield
    if request.node.get_closest_marker("damages") is None:
        for about in tmp_path.rglob("archive.json"):
            if (about.parent / "segments").is_dir():
                assert_valid_for_others(about.parent)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Skip server tests where no server can be had, and say why; never in CI.

    Files with slow tests go first: two workers share the files, and none should wait for the longest at the end.
    """
    slow = {item.path for item in items if "slow" in item.keywords}
    items.sort(key=lambda item: item.path not in slow)
    reason = wordpress_site.unavailable()
    if not reason or IN_CI:
        return
    for item in items:
        if "server" in item.keywords:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def wordpress() -> Iterator[wordpress_site.Site]:
    """One seeded WordPress (45 corner cases, 60 posts, 12 media) for tests that only read."""
    site = wordpress_site.start()
    try:
        site.seed(60, 12)
        yield site
    finally:
        wordpress_site.remove(site)


@pytest.fixture(scope="session")
def empty_wordpress() -> Iterator[wordpress_site.Site]:
    """One WordPress for tests that write pages and media; each cleans up after itself or uses slugs of its own."""
    site = wordpress_site.start()
    try:
        yield site
    finally:
        wordpress_site.remove(site)
